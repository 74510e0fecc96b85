/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel with the socket options of ACCOUNT, for tests without one
 *
 * Include this after the system's headers and before the code under test: its
 * calls of socket(), getsockopt() and so on then end here. The answers are
 * those that doc and interface promise, nothing more: the length word is not
 * updated, and only as many bytes are written as there is data.
 */
#ifndef _FAKE_ACCOUNT_H
#define _FAKE_ACCOUNT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

#include "xt_ACCOUNT.h"

#define FAKE_FD		1000
#define FAKE_TABLES	400
#define FAKE_OPTIONS	128

struct fake_table {
	struct xt_account_table_info info;
	struct xt_account_record6 *record;
	unsigned int count;
	bool growing; /* every read finds what the first one found */
	bool shrinking; /* every read finds one record fewer than the one before */
	bool climbing; /* every read finds that much more than the one before */
	unsigned int reads;
	bool remade; /* after the first read, under the old name, with what was lost since */
	unsigned long long remade_lost[2];
};

struct fake_handle {
	bool used;
	unsigned char family;
	unsigned int count;
	struct xt_account_record6 *record;
};

static struct {
	bool theirs;      /* knows only the options 71 to 78 */
	bool no_raw;      /* no CAP_NET_RAW */
	int sockets;      /* open */
	int error[FAKE_OPTIONS]; /* an option that always fails */
	unsigned int reads;
	unsigned int biggest_len;
	struct fake_table *other; /* whose records come instead: the handle was used again */
	unsigned int tables;
	struct fake_table table[FAKE_TABLES];
	struct fake_handle handle[ACCOUNT_MAX_HANDLES];
} fake;

static struct fake_table *fake_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < fake.tables; ++i)
		if (strcmp(fake.table[i].info.name, name) == 0)
			return &fake.table[i];
	return NULL;
}

static struct fake_table *fake_add_table(const char *name, int family,
					 const char *net, int prefix, int per)
{
	struct fake_table *t = &fake.table[fake.tables++];

	memset(t, 0, sizeof(*t));
	strncpy(t->info.name, name, sizeof(t->info.name) - 1);
	t->info.family = family;
	t->info.prefix_len = prefix;
	t->info.host_len = per;
	t->info.rules = 1;
	t->info.memory = 4096;
	if (inet_pton(family, net, &t->info.net) != 1)
		abort();
	return t;
}

static void fake_add_record(struct fake_table *t, const char *addr,
			    unsigned long long sp, unsigned long long sb,
			    unsigned long long dp, unsigned long long db)
{
	struct xt_account_record6 *r;

	/* room for a power of two: the sanitizers copy on each realloc() */
	if ((t->count & (t->count - 1)) == 0) {
		t->record = realloc(t->record, (t->count ? 2 * t->count : 1) *
				    sizeof(*t->record));
		if (!t->record)
			abort();
	}
	r = &t->record[t->count++];
	memset(r, 0, sizeof(*r));
	if (inet_pton(t->info.family, addr, r->addr) != 1)
		abort();
	r->src_packets = sp;
	r->src_bytes = sb;
	r->dst_packets = dp;
	r->dst_bytes = db;
}

static unsigned int fake_usage(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		n += fake.handle[i].used;
	return n;
}

static void fake_free_handle(unsigned int nr)
{
	free(fake.handle[nr].record);
	memset(&fake.handle[nr], 0, sizeof(fake.handle[nr]));
}

static void fake_reset(void)
{
	unsigned int i;

	for (i = 0; i < fake.tables; ++i)
		free(fake.table[i].record);
	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		fake_free_handle(i);
	memset(&fake, 0, sizeof(fake));
}

static int fake_fail(int err)
{
	errno = err;
	return -1;
}

/* @flush: the family of the table, or 0 */
static int fake_prepare(struct ipt_acc_handle_sockopt *h, unsigned int len, int flush)
{
	struct fake_table *t;
	unsigned int i;

	if (len < sizeof(*h) || strnlen(h->name, sizeof(h->name)) == sizeof(h->name))
		return fake_fail(EINVAL);
	t = fake_find(h->name);
	for (i = 0; i < ACCOUNT_MAX_HANDLES && fake.handle[i].used; ++i)
		;
	if (!t || i == ACCOUNT_MAX_HANDLES || (flush && flush != t->info.family))
		return fake_fail(EINVAL);
	++fake.reads;
	fake.handle[i].used = true;
	fake.handle[i].family = t->info.family;
	fake.handle[i].count = t->count;
	fake.handle[i].record = calloc(t->count + 1, sizeof(*t->record));
	if (t->count)
		memcpy(fake.handle[i].record, t->record, t->count * sizeof(*t->record));
	++t->reads;
	if (t->shrinking && t->count > 1)
		--t->count;
	if (t->remade) {
		t->info.lost_packets = t->remade_lost[0];
		t->info.lost_bytes = t->remade_lost[1];
	}
	for (unsigned int k = 0; t->climbing && k < t->count; ++k) {
		struct xt_account_record6 *r = &fake.handle[i].record[k];

		r->src_packets *= t->reads;
		r->src_bytes *= t->reads;
		r->dst_packets *= t->reads;
		r->dst_bytes *= t->reads;
	}
	if (flush && !t->growing)
		t->count = 0;
	h->handle_nr = i;
	h->itemcount = fake.handle[i].count;
	return 0;
}

static void fake_copy4(struct ipt_acc_handle_ip *out, const struct fake_handle *h)
{
	unsigned int i;
	__be32 ip;

	for (i = 0; i < h->count; ++i) {
		memset(&out[i], 0, sizeof(out[i]));
		memcpy(&ip, h->record[i].addr, sizeof(ip));
		out[i].ip = ntohl(ip);
		out[i].src_packets = h->record[i].src_packets;
		out[i].src_bytes = h->record[i].src_bytes;
		out[i].dst_packets = h->record[i].dst_packets;
		out[i].dst_bytes = h->record[i].dst_bytes;
	}
}

static int fake_get_data(void *data, unsigned int len, int family)
{
	const struct ipt_acc_handle_sockopt *req = data;
	const struct fake_handle *h;
	struct fake_handle stolen;
	size_t size = family == AF_INET ? sizeof(struct ipt_acc_handle_ip) :
					  sizeof(struct xt_account_record6);

	if (len < sizeof(*req) || req->handle_nr >= ACCOUNT_MAX_HANDLES)
		return fake_fail(EINVAL);
	h = &fake.handle[req->handle_nr];
	if (!h->used)
		return fake_fail(EPERM);
	if (fake.other) {
		stolen = *h;
		stolen.count = fake.other->count;
		stolen.record = fake.other->record;
		h = &stolen;
	}
	if (h->family != family)
		return fake_fail(EINVAL);
	if (len < h->count * size)
		return fake_fail(ENOMEM);
	if (len > fake.biggest_len)
		fake.biggest_len = len;
	if (family == AF_INET)
		fake_copy4(data, h);
	else if (h->count)
		memcpy(data, h->record, h->count * size);
	return 0;
}

static int fake_get_names(char *out, unsigned int len)
{
	unsigned int i, size = 1;

	for (i = 0; i < fake.tables; ++i)
		size += strlen(fake.table[i].info.name) + 1;
	if (len < size || (fake.theirs && size > 4096))
		return fake_fail(ENOMEM);
	for (i = 0; i < fake.tables; ++i) {
		strcpy(out, fake.table[i].info.name);
		out += strlen(out) + 1;
	}
	*out = '\0';
	return 0;
}

static int fake_get_info(struct xt_account_table_info *info, unsigned int len)
{
	const struct fake_table *t;

	if (len != sizeof(*info) || strnlen(info->name, sizeof(info->name)) == sizeof(info->name))
		return fake_fail(EINVAL);
	t = fake_find(info->name);
	if (!t)
		return fake_fail(ENOENT);
	*info = t->info;
	return 0;
}

static int fake_refuses(int fd, int level, int option)
{
	if (fd != FAKE_FD || level != IPPROTO_IP || option < 71 || option >= FAKE_OPTIONS)
		return fake_fail(fd == FAKE_FD ? ENOPROTOOPT : EBADF);
	if (fake.error[option])
		return fake_fail(fake.error[option]);
	if (fake.theirs && option > 78)
		return fake_fail(ENOPROTOOPT);
	return 0;
}

static int fake_getsockopt(int fd, int level, int option, void *data, socklen_t *len)
{
	struct ipt_acc_handle_sockopt *h = data;

	if (fake_refuses(fd, level, option))
		return -1;
	switch (option) {
	case IPT_SO_GET_ACCOUNT_PREPARE_READ:
		return fake_prepare(h, *len, 0);
	case IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH:
		return fake_prepare(h, *len, AF_INET);
	case IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6:
		return fake_prepare(h, *len, AF_INET6);
	case IPT_SO_GET_ACCOUNT_GET_DATA:
		return fake_get_data(data, *len, AF_INET);
	case IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE:
		h->itemcount = fake_usage();
		h->handle_nr = 0xdeadbeef; /* undefined for the caller */
		return 0;
	case IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES:
		return fake_get_names(data, *len);
	case IPT_SO_GET_ACCOUNT_TABLE_INFO:
		return fake_get_info(data, *len);
	case IPT_SO_GET_ACCOUNT_GET_DATA6:
		return fake_get_data(data, *len, AF_INET6);
	}
	return fake_fail(ENOPROTOOPT);
}

/* Whether the handle is another table's by now. Their module does not ask. */
static bool fake_is_other(const struct ipt_acc_handle_sockopt *h)
{
	return fake.other && !fake.theirs && h->name[0] &&
	       strcmp(h->name, fake.other->info.name) != 0;
}

static int fake_setsockopt(int fd, int level, int option, const void *data, socklen_t len)
{
	const struct ipt_acc_handle_sockopt *h = data;
	unsigned int i;

	if (fake_refuses(fd, level, option))
		return -1;
	if (option == IPT_SO_SET_ACCOUNT_HANDLE_FREE) {
		if (len != sizeof(*h) || h->handle_nr >= ACCOUNT_MAX_HANDLES)
			return fake_fail(EINVAL);
		if (!fake_is_other(h))
			fake_free_handle(h->handle_nr);
		return 0;
	}
	if (option != IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL)
		return fake_fail(ENOPROTOOPT);
	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		fake_free_handle(i);
	return 0;
}

static int fake_socket(int domain, int type, int protocol)
{
	(void)protocol;
	if (domain != AF_INET)
		return fake_fail(EAFNOSUPPORT);
	if (fake.no_raw && (type & 0xf) == SOCK_RAW)
		return fake_fail(EPERM);
	++fake.sockets;
	return FAKE_FD;
}

static int fake_close(int fd)
{
	if (fd != FAKE_FD)
		return fake_fail(EBADF);
	--fake.sockets;
	return 0;
}

#define socket		fake_socket
#define close		fake_close
#define getsockopt	fake_getsockopt
#define setsockopt	fake_setsockopt

#endif /* _FAKE_ACCOUNT_H */
