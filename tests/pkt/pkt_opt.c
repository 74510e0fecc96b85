// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_opt - options of IPv4 and TCP, and other bytes behind a header
 *
 * Options are a list with commas: NAME, NAME:NUMBER (of the option's size),
 * NUMBER:HEX (any type with any bytes, its length is counted) or raw:HEX. The
 * list is filled up with zeros (end of list).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

/**
 * struct option - one that has a name
 * @name:   in the text
 * @type:   first byte
 * @len:    all bytes; 1 means there is no length byte
 * @number: bytes of each number behind it
 * @count:  how many numbers
 */
struct option {
	const char *name;
	uint8_t type, len, number, count;
};

static const struct option ip_options[] = {
	{ "eol", 0, 1, 0, 0 }, { "nop", 1, 1, 0, 0 }, { "ra", 148, 4, 2, 1 }, { NULL, 0, 0, 0, 0 },
};

static const struct option tcp_options[] = {
	{ "eol", 0, 1, 0, 0 }, { "nop", 1, 1, 0, 0 }, { "mss", 2, 4, 2, 1 },
	{ "wscale", 3, 3, 1, 1 }, { "sackok", 4, 2, 0, 0 }, { "ts", 8, 10, 4, 2 },
	{ NULL, 0, 0, 0, 0 },
};

static const struct option *options_of(enum pkt_tail kind)
{
	return kind == PKT_TAIL_IPOPT ? ip_options : tcp_options;
}

/* NAME[:NUMBER[:NUMBER]]; @args is what is behind the name, or NULL. */
static ssize_t named_parse(uint8_t *out, const struct option *o, char *args)
{
	out[0] = o->type;
	if (o->len > 1)
		out[1] = o->len;
	for (unsigned int i = 0; i < o->count; i++) {
		uint64_t value;
		char *end;

		if (args == NULL || !isdigit((unsigned char)*args))
			return -1;
		value = strtoull(args, &end, 0);
		if (value >> (8 * o->number) != 0 || (*end != '\0' && *end != ':'))
			return -1;
		pkt_put(out + 2, 8u * o->number * i, 8u * o->number, value);
		args = *end == ':' ? end + 1 : NULL;
	}
	return args == NULL ? o->len : -1;
}

/* NUMBER or NUMBER:HEX or raw:HEX */
static ssize_t other_parse(uint8_t *out, size_t size, const char *name, const char *args)
{
	ssize_t n = 0;
	char *end;
	unsigned long type;

	if (strcmp(name, "raw") == 0)
		return args != NULL ? pkt_hex_parse(out, size, args) : -1;
	type = strtoul(name, &end, 0);
	if (!isdigit((unsigned char)*name) || *end != '\0' || type > 255)
		return -1;
	if (args != NULL)
		n = pkt_hex_parse(out + 2, size - 2, args);
	if (n < 0)
		return -1;
	out[0] = (uint8_t)type;
	out[1] = (uint8_t)(n + 2);
	return n + 2;
}

static ssize_t option_parse(uint8_t *out, size_t size, enum pkt_tail kind, char *word)
{
	char *args = strchr(word, ':');
	const struct option *o;

	if (size < 12)
		return -1;
	if (args != NULL)
		*args++ = '\0';
	for (o = options_of(kind); o->name != NULL; o++)
		if (strcmp(o->name, word) == 0)
			return named_parse(out, o, args);
	return other_parse(out, size, word, args);
}

static ssize_t options_parse(uint8_t *out, size_t size, enum pkt_tail kind, const char *text)
{
	char list[1024], *save = NULL;
	size_t n = 0;

	if (strlen(text) >= sizeof(list))
		return -1;
	strcpy(list, text);
	for (char *w = strtok_r(list, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		ssize_t len = option_parse(out + n, size - n, kind, w);

		if (len < 0)
			return -1;
		n += (size_t)len;
	}
	return (ssize_t)n;
}

/**
 * pkt_tail_parse - bytes behind the fixed fields of a header
 * @out:  for the bytes
 * @size: of @out
 * @kind: how they are written
 * @text: the text
 *
 * Return: bytes, or -1.
 */
ssize_t pkt_tail_parse(uint8_t *out, size_t size, enum pkt_tail kind, const char *text)
{
	if (kind == PKT_TAIL_IPOPT || kind == PKT_TAIL_TCPOPT)
		return options_parse(out, size, kind, text);
	return pkt_hex_parse(out, size, text);
}

struct text {
	char *out;
	size_t size, len;
};

static void put(struct text *t, const char *string)
{
	size_t n = strlen(string);

	if (t->len + n < t->size)
		memcpy(t->out + t->len, string, n + 1);
	t->len += n;
}

static void put_hex(struct text *t, const uint8_t *p, size_t len)
{
	char digits[3];

	for (size_t i = 0; i < len; i++) {
		snprintf(digits, sizeof(digits), "%02x", p[i]);
		put(t, digits);
	}
}

/* One option at @p. Return: its bytes, or 0 if it is none. */
static size_t option_print(struct text *t, enum pkt_tail kind, const uint8_t *p, size_t left)
{
	const struct option *o = options_of(kind);
	char number[32];
	size_t len;

	while (o->name != NULL && o->type != p[0])
		o++;
	if (o->name != NULL && o->len == 1) {
		put(t, o->name);
		return 1;
	}
	if (left < 2 || p[1] < 2 || p[1] > left)
		return 0;
	len = p[1];
	if (o->name != NULL && o->len == len) {
		put(t, o->name);
		for (unsigned int i = 0; i < o->count; i++) {
			snprintf(number, sizeof(number), ":%llu", (unsigned long long)
				 pkt_get(p + 2, 8u * o->number * i, 8u * o->number));
			put(t, number);
		}
		return len;
	}
	snprintf(number, sizeof(number), len > 2 ? "%u:" : "%u", p[0]);
	put(t, number);
	put_hex(t, p + 2, len - 2);
	return len;
}

static void options_print(struct text *t, enum pkt_tail kind, const uint8_t *p, size_t len)
{
	while (len > 0) {
		size_t n = option_print(t, kind, p, len);

		if (n == 0) {
			put(t, "raw:");
			put_hex(t, p, len);
			return;
		}
		p += n;
		len -= n;
		if (len > 0)
			put(t, ",");
	}
}

/* Bytes of @p that are left when the zeros are gone that filling up brings back. */
static size_t trimmed(const uint8_t *p, size_t len, size_t align)
{
	size_t end = len;

	while (end > 0 && p[end - 1] == 0 && len - end + 1 < align)
		end--;
	return end;
}

/**
 * pkt_tail_print - bytes behind the fixed fields as text
 * @out:   for the text
 * @size:  of @out
 * @kind:  how they are written
 * @p:     the bytes
 * @len:   how many
 * @align: the layer's
 *
 * Return: as snprintf().
 */
int pkt_tail_print(char *out, size_t size, enum pkt_tail kind, const uint8_t *p, size_t len,
		   size_t align)
{
	struct text t = { out, size, 0 };

	if (size > 0)
		*out = '\0';
	len = trimmed(p, len, align);
	if (kind == PKT_TAIL_IPOPT || kind == PKT_TAIL_TCPOPT)
		options_print(&t, kind, p, len);
	else
		put_hex(&t, p, len);
	return (int)t.len;
}
