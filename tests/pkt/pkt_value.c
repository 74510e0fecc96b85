// SPDX-License-Identifier: GPL-2.0-only
/* pkt_value - values of fields and bytes behind them, from text and to text */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

/* From the lowest bit; - stands for none. */
static const char tcp_flags[] = "FSRPAUECN";

static int uint_parse(uint64_t *value, const char *text)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	*value = strtoull(text, &end, 0);
	return *end == '\0' ? 0 : -1;
}

static int mac_parse(uint64_t *value, const char *text)
{
	unsigned int b[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &end) != 6 || text[end] != '\0')
		return -1;
	*value = 0;
	for (int i = 0; i < 6; i++)
		*value = *value << 8 | b[i];
	return 0;
}

static int ip4_parse(uint64_t *value, const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return -1;
	*value = ntohl(a.s_addr);
	return 0;
}

static int ip6_parse(uint64_t *hi, uint64_t *lo, const char *text)
{
	uint8_t a[16];

	if (inet_pton(AF_INET6, text, a) != 1)
		return -1;
	*hi = pkt_get(a, 0, 64);
	*lo = pkt_get(a, 64, 64);
	return 0;
}

static int flags_parse(uint64_t *value, const char *text)
{
	if (isdigit((unsigned char)*text))
		return uint_parse(value, text);
	*value = 0;
	if (strcmp(text, "-") == 0)
		return 0;
	for (; *text != '\0'; text++) {
		const char *p = strchr(tcp_flags, *text);

		if (p == NULL)
			return -1;
		*value |= 1u << (p - tcp_flags);
	}
	return 0;
}

/* One value, no range. */
static int one_parse(struct pkt_value *v, const struct pkt_field *f, const char *text)
{
	int rc;

	v->hi = 0;
	switch (f->kind) {
	case PKT_MAC:
		rc = mac_parse(&v->lo, text);
		break;
	case PKT_IP4ADDR:
		rc = ip4_parse(&v->lo, text);
		break;
	case PKT_IP6ADDR:
		rc = ip6_parse(&v->hi, &v->lo, text);
		break;
	case PKT_TCPFLAGS:
		rc = flags_parse(&v->lo, text);
		break;
	default:
		rc = uint_parse(&v->lo, text);
	}
	if (rc == 0 && f->width < 64 && v->lo >> f->width != 0)
		return -1;
	return rc;
}

/**
 * pkt_value_parse - what is behind the = of a field
 * @v:    filled in
 * @f:    the field
 * @text: VALUE, FIRST..LAST, FIRST..LAST+STEP, rand, or (checksums) bad
 *
 * Return: 0, or -1 if it is not a value of that field.
 */
int pkt_value_parse(struct pkt_value *v, const struct pkt_field *f, const char *text)
{
	const char *dots = strstr(text, "..");
	struct pkt_value last;
	char first[64], end[64], *plus;

	v->mode = PKT_RANDOM;
	if (strcmp(text, "rand") == 0)
		return 0;
	v->mode = PKT_BAD;
	if (f->rule == PKT_SUM && strcmp(text, "bad") == 0)
		return 0;
	v->mode = PKT_FIXED;
	if (dots == NULL)
		return one_parse(v, f, text);
	v->mode = PKT_RANGE;
	if ((size_t)(dots - text) >= sizeof(first))
		return -1;
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = '\0';
	if (snprintf(end, sizeof(end), "%s", dots + 2) >= (int)sizeof(end))
		return -1;
	v->step = 1;
	plus = strchr(end, '+');
	if (plus != NULL) {
		*plus = '\0';
		if (uint_parse(&v->step, plus + 1) != 0 || v->step == 0)
			return -1;
	}
	if (one_parse(v, f, first) != 0 || one_parse(&last, f, end) != 0 ||
	    v->hi != last.hi || v->lo > last.lo)
		return -1;
	v->span = (last.lo - v->lo) / v->step + 1;
	return 0;
}

static int ip6_print(char *out, size_t size, uint64_t hi, uint64_t lo)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t a[16];

	pkt_put(a, 0, 64, hi);
	pkt_put(a, 64, 64, lo);
	inet_ntop(AF_INET6, a, text, sizeof(text));
	return snprintf(out, size, "%s", text);
}

static int flags_print(char *out, size_t size, uint64_t value)
{
	char text[sizeof(tcp_flags)] = "-";
	int n = 0;

	for (int i = 0; tcp_flags[i] != '\0'; i++)
		if (value >> i & 1)
			text[n++] = tcp_flags[i];
	return snprintf(out, size, "%s", text);
}

/**
 * pkt_value_print - a field's value as text
 * @out:  for the text
 * @size: of @out
 * @f:    the field
 * @hi:   upper 64 bits of a value of 128
 * @lo:   the value
 *
 * Return: as snprintf().
 */
int pkt_value_print(char *out, size_t size, const struct pkt_field *f, uint64_t hi, uint64_t lo)
{
	uint8_t b[8];

	switch (f->kind) {
	case PKT_MAC:
		pkt_put(b, 0, 48, lo);
		return snprintf(out, size, "%02x:%02x:%02x:%02x:%02x:%02x",
				b[0], b[1], b[2], b[3], b[4], b[5]);
	case PKT_IP4ADDR:
		pkt_put(b, 0, 32, lo);
		return snprintf(out, size, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	case PKT_IP6ADDR:
		return ip6_print(out, size, hi, lo);
	case PKT_TCPFLAGS:
		return flags_print(out, size, lo);
	case PKT_HEX:
		return snprintf(out, size, "0x%llx", (unsigned long long)lo);
	default:
		return snprintf(out, size, "%llu", (unsigned long long)lo);
	}
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/**
 * pkt_hex_parse - bytes from hexadecimal digits
 * @out:  for the bytes
 * @size: of @out
 * @text: an even number of digits
 *
 * Return: bytes, or -1.
 */
ssize_t pkt_hex_parse(uint8_t *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text[0] != '\0'; text += 2) {
		int hi = hex_digit(text[0]), lo = hi < 0 ? -1 : hex_digit(text[1]);

		if (lo < 0 || n == size)
			return -1;
		out[n++] = (uint8_t)(hi << 4 | lo);
	}
	return (ssize_t)n;
}

/**
 * pkt_text_parse - bytes from text with \n \r \t \\ \" \xHH
 * @out:  for the bytes
 * @size: of @out
 * @text: the text
 *
 * Return: bytes, or -1.
 */
ssize_t pkt_text_parse(uint8_t *out, size_t size, const char *text)
{
	static const char from[] = "nrt\\\"", to[] = "\n\r\t\\\"";
	size_t n = 0;

	for (; *text != '\0'; text++) {
		const char *p;

		if (n == size)
			return -1;
		if (*text != '\\') {
			out[n++] = (uint8_t)*text;
			continue;
		}
		text++;
		p = *text != '\0' ? strchr(from, *text) : NULL;
		if (p != NULL) {
			out[n++] = (uint8_t)to[p - from];
		} else if (*text == 'x' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
			out[n++] = (uint8_t)(hex_digit(text[1]) << 4 | hex_digit(text[2]));
			text += 2;
		} else {
			return -1;
		}
	}
	return (ssize_t)n;
}
