// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount: tables of either family, read record by record
 *
 * IPv4 tables are read with the library. IPv6 tables have options of their own
 * and are read here, through the library's socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "table.h"

static int get(const struct ipt_ACCOUNT_context *ctx, int option,
	       void *data, socklen_t size)
{
	return getsockopt(ctx->sockfd, IPPROTO_IP, option, data, &size);
}

/**
 * table_info - ask the kernel what a table is
 * @ctx:  context of the library
 * @name: table
 * @info: the answer; or, if there is none, an IPv4 table without particulars
 *
 * Return: whether there is an answer. There is none for a table that does not
 * exist, and from a module that does not know the question.
 */
bool table_info(const struct ipt_ACCOUNT_context *ctx, const char *name,
		struct xt_account_table_info *info)
{
	size_t len = strlen(name);

	memset(info, 0, sizeof(*info));
	if (len < sizeof(info->name)) {
		memcpy(info->name, name, len);
		if (get(ctx, IPT_SO_GET_ACCOUNT_TABLE_INFO, info, sizeof(*info)) == 0)
			return true;
	}
	memset(info, 0, sizeof(*info));
	info->family = AF_INET;
	info->host_len = 32;
	return false;
}

/**
 * table_init - begin to read a table
 * @t:    memory of the caller
 * @ctx:  context of the library, must stay
 * @name: table, must stay; need not exist
 */
void table_init(struct table *t, struct ipt_ACCOUNT_context *ctx,
		const char *name)
{
	memset(t, 0, sizeof(*t));
	t->ctx = ctx;
	t->name = name;
}

/**
 * table_exit - end it
 * @t: table
 */
void table_exit(struct table *t)
{
	free(t->data6);
	t->data6 = NULL;
	t->room6 = 0;
	t->count = 0;
}

static int fail(struct table *t, const char *why)
{
	t->error = why;
	return -1;
}

static int read4(struct table *t, bool flush)
{
	if (ipt_ACCOUNT_read_entries(t->ctx, t->name, !flush))
		return fail(t, t->ctx->error_str);
	t->count = t->ctx->handle.itemcount;
	return 0;
}

static int want_room(struct table *t, unsigned int count)
{
	if (count >= INT_MAX / sizeof(*t->data6))
		return fail(t, "More records than can be read at once");
	/* a record more than announced: is it empty then? */
	if (t->data6 && t->room6 >= count) {
		memset(t->data6, 0, (t->room6 + 1) * sizeof(*t->data6));
		return 0;
	}
	free(t->data6);
	t->data6 = calloc(count + 1, sizeof(*t->data6));
	t->room6 = t->data6 ? count : 0;
	return t->data6 ? 0 : fail(t, "Out of memory for the data of the kernel");
}

static bool is_record6(const struct xt_account_record6 *e)
{
	return e->src_packets || e->dst_packets;
}

/* Whether the records are as many as announced: see libxt_ACCOUNT_cl.c. */
static bool are_complete6(const struct table *t, const struct ipt_acc_handle_sockopt *handle)
{
	unsigned int i;

	if (memcmp(t->data6, handle, sizeof(*handle)) == 0)
		return false;
	for (i = 0; i < handle->itemcount && is_record6(&t->data6[i]); ++i)
		;
	return i == handle->itemcount && !is_record6(&t->data6[i]);
}

/* With the handle taken: fetches the records. */
static int fetch6(struct table *t, const struct ipt_acc_handle_sockopt *handle)
{
	socklen_t size = (handle->itemcount + 1) * sizeof(*t->data6);

	if (want_room(t, handle->itemcount))
		return -1;
	if (handle->itemcount == 0)
		return 0;
	memcpy(t->data6, handle, sizeof(*handle));
	if (get(t->ctx, IPT_SO_GET_ACCOUNT_GET_DATA6, t->data6, size))
		return fail(t, errno == EPERM || errno == EINVAL || errno == ENOMEM ?
			       "Another program has freed the handle meanwhile" :
			       "The kernel does not give the records");
	if (!are_complete6(t, handle))
		return fail(t, "Another program has freed the handle meanwhile");
	t->count = handle->itemcount;
	return 0;
}

static int fail_prepare6(struct table *t, int err)
{
	if (err == ENOSPC)
		return fail(t, "Reads that are not finished take the memory there is for them");
	if (ipt_ACCOUNT_get_handle_usage(t->ctx) >= ACCOUNT_MAX_HANDLES)
		return fail(t, "All handles are in use");
	return fail(t, "No such table, or the kernel is out of memory");
}

static int read6(struct table *t, bool flush)
{
	struct ipt_acc_handle_sockopt handle;
	int rc;

	memset(&handle, 0, sizeof(handle));
	memcpy(handle.name, t->info.name, sizeof(handle.name));
	if (get(t->ctx, flush ? IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6 :
				IPT_SO_GET_ACCOUNT_PREPARE_READ,
		&handle, sizeof(handle)))
		return fail_prepare6(t, errno);
	rc = fetch6(t, &handle);
	/* modules that have IPv6 tables see whether it is ours still */
	setsockopt(t->ctx->sockfd, IPPROTO_IP, IPT_SO_SET_ACCOUNT_HANDLE_FREE,
		   &handle, sizeof(handle));
	return rc;
}

/**
 * table_read - read a table
 * @t:     table; @count and @info are brought up to date
 * @flush: reset it in the same step
 *
 * Return: 0; or -1, then @t->error says why.
 */
int table_read(struct table *t, bool flush)
{
	t->count = 0;
	t->pos = 0;
	t->known = table_info(t->ctx, t->name, &t->info);
	return t->info.family == AF_INET6 ? read6(t, flush) : read4(t, flush);
}

static bool next4(struct table *t, struct record *r)
{
	const struct ipt_acc_handle_ip *e = ipt_ACCOUNT_get_next_entry(t->ctx);
	uint32_t ip;

	if (!e)
		return false;
	memset(r->addr, 0, sizeof(r->addr));
	ip = htonl(e->ip);
	memcpy(r->addr, &ip, sizeof(ip));
	r->src_packets = e->src_packets;
	r->src_bytes = e->src_bytes;
	r->dst_packets = e->dst_packets;
	r->dst_bytes = e->dst_bytes;
	return true;
}

static bool next6(struct table *t, struct record *r)
{
	const struct xt_account_record6 *e;

	if (t->pos >= t->count)
		return false;
	e = &t->data6[t->pos++];
	memcpy(r->addr, e->addr, sizeof(r->addr));
	r->src_packets = e->src_packets;
	r->src_bytes = e->src_bytes;
	r->dst_packets = e->dst_packets;
	r->dst_bytes = e->dst_bytes;
	return true;
}

/**
 * table_next - the next record, ascending by address
 * @t: table that was read
 * @r: record
 *
 * Return: false after the last one.
 */
bool table_next(struct table *t, struct record *r)
{
	return t->info.family == AF_INET6 ? next6(t, r) : next4(t, r);
}
