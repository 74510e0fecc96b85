// SPDX-License-Identifier: GPL-2.0-only
/* addr - arithmetic and text of addresses */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "addrdb.h"

int xa_addr_cmp(struct xa_addr a, struct xa_addr b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

struct xa_addr xa_addr_next(struct xa_addr a)
{
	if (!++a.lo)
		a.hi++;
	return a;
}

struct xa_addr xa_addr_prev(struct xa_addr a)
{
	if (!a.lo--)
		a.hi--;
	return a;
}

struct xa_addr xa_addr_max(int family)
{
	if (family == XA_IPV4)
		return (struct xa_addr){ 0, UINT32_MAX };
	return (struct xa_addr){ UINT64_MAX, UINT64_MAX };
}

/* The last address of the network a/prefix. */
struct xa_addr xa_addr_end(int family, struct xa_addr a, unsigned int prefix)
{
	if (family == XA_IPV4)
		a.lo |= prefix < 32 ? UINT32_MAX >> prefix : 0;
	else if (prefix >= 64)
		a.lo |= prefix < 128 ? UINT64_MAX >> (prefix - 64) : 0;
	else
		a = (struct xa_addr){ a.hi | UINT64_MAX >> prefix, UINT64_MAX };
	return a;
}

struct xa_addr xa_addr_load(int family, const uint8_t *bytes)
{
	struct xa_addr a = { 0, 0 };
	int i;

	for (i = 0; family == XA_IPV6 && i < 8; i++)
		a.hi = a.hi << 8 | *bytes++;
	for (i = 0; i < (family == XA_IPV6 ? 8 : 4); i++)
		a.lo = a.lo << 8 | *bytes++;
	return a;
}

void xa_addr_store(int family, struct xa_addr a, uint8_t *bytes)
{
	int i;

	for (i = 0; family == XA_IPV6 && i < 8; i++)
		*bytes++ = a.hi >> (56 - 8 * i);
	for (i = family == XA_IPV6 ? 7 : 3; i >= 0; i--)
		*bytes++ = a.lo >> (8 * i);
}

/* "10.1.2.3", "2001:db8::1", or the number of an IPv4 address. */
bool xa_addr_parse(const char *text, int *family, struct xa_addr *a)
{
	uint8_t bytes[16];
	unsigned long long n;
	char *end;

	if (strchr(text, ':')) {
		*family = XA_IPV6;
		if (inet_pton(AF_INET6, text, bytes) != 1)
			return false;
		*a = xa_addr_load(XA_IPV6, bytes);
		return true;
	}
	*family = XA_IPV4;
	if (strchr(text, '.')) {
		if (inet_pton(AF_INET, text, bytes) != 1)
			return false;
		*a = xa_addr_load(XA_IPV4, bytes);
		return true;
	}
	if (!isdigit((unsigned char)*text))
		return false;
	n = strtoull(text, &end, 10);
	*a = (struct xa_addr){ 0, n };
	return !*end && n <= UINT32_MAX && end - text <= 10;
}

const char *xa_addr_text(int family, struct xa_addr a, char *buf, size_t len)
{
	uint8_t bytes[16];

	xa_addr_store(family, a, bytes);
	if (!inet_ntop(family == XA_IPV4 ? AF_INET : AF_INET6, bytes, buf, len))
		*buf = '\0';
	return buf;
}
