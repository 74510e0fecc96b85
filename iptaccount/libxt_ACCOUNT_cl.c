// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libxt_ACCOUNT_cl - read the tables of the ACCOUNT target
 *
 * The kernel answers a read in three steps: PREPARE_READ takes the records out
 * of the table (or copies them) and keeps them under a handle, GET_DATA hands
 * them over, HANDLE_FREE lets go of them. Other modules than ours know only
 * the options 71 to 78, never update the length word of getsockopt() and have
 * ten handles for all programs of a namespace: so nothing else is relied on,
 * and no function returns with a handle taken.
 *
 * Any program may free all handles, and another one then get the same handle. Only
 * newer modules notice; so the memory for the records is cleared before, with a
 * record more than announced, and what is there then is looked at: a record that
 * was given has counted something.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libxt_ACCOUNT_cl.h"

#define EXPORT __attribute__((visibility("default")))

#define BUF_MIN		4096U
/* More names than any kernel gives; ends the search for a buffer size. */
#define NAMES_MAX	(16U << 20)

static int fail(struct ipt_ACCOUNT_context *ctx, const char *why)
{
	ctx->error_str = (char *)why;
	return -1;
}

/* Sentences for what any of the options can answer. */
static int fail_errno(struct ipt_ACCOUNT_context *ctx, int err,
		      const char *otherwise)
{
	switch (err) {
	case EPERM:
		return fail(ctx, "Permission denied: CAP_NET_ADMIN is needed");
	case ENOPROTOOPT:
		return fail(ctx,
			    "The kernel module xt_ACCOUNT is not loaded: the first ACCOUNT rule loads it");
	case ENOMEM:
		return fail(ctx, "The kernel is out of memory");
	}
	return fail(ctx, otherwise);
}

static int get(const struct ipt_ACCOUNT_context *ctx, int option,
	       void *data, socklen_t size)
{
	return getsockopt(ctx->sockfd, IPPROTO_IP, option, data, &size);
}

static void drop_buffer(struct ipt_ACCOUNT_context *ctx)
{
	free(ctx->data);
	ctx->data = NULL;
	ctx->data_size = 0;
	ctx->pos = 0;
}

/* Keeps the buffer while it is large enough and not twice too large. */
static int want_buffer(struct ipt_ACCOUNT_context *ctx, unsigned int size)
{
	if (size < BUF_MIN)
		size = BUF_MIN;
	ctx->pos = 0;
	if (ctx->data && ctx->data_size >= size && ctx->data_size / 2 <= size)
		return 0;
	drop_buffer(ctx);
	ctx->data = malloc(size);
	if (!ctx->data)
		return fail(ctx, "Out of memory for the data of the kernel");
	ctx->data_size = size;
	return 0;
}

/*
 * A raw socket is what this library always had. Any AF_INET socket will do for
 * a program that has CAP_NET_ADMIN alone, but one that has neither shall hear
 * of it here and not at its first read.
 */
static int open_socket(void)
{
	struct ipt_acc_handle_sockopt usage = { .itemcount = 0 };
	socklen_t size = sizeof(usage);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd >= 0 || errno != EPERM)
		return fd;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd >= 0 && getsockopt(fd, IPPROTO_IP, IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE,
				  &usage, &size) != 0 && errno == EPERM) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

/**
 * ipt_ACCOUNT_init - set up a context
 * @ctx: memory of the caller, any content
 *
 * Return: 0; or -1 if there is no socket to be had, with @ctx->error_str set.
 * ipt_ACCOUNT_deinit() is allowed, but not needed, after -1.
 */
EXPORT int ipt_ACCOUNT_init(struct ipt_ACCOUNT_context *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->sockfd = open_socket();
	if (ctx->sockfd >= 0)
		return 0;
	return fail_errno(ctx, errno, "Can't open a socket to the kernel");
}

/**
 * ipt_ACCOUNT_deinit - take down a context
 * @ctx: context; can be set up again
 *
 * Frees what the functions of this library returned.
 */
EXPORT void ipt_ACCOUNT_deinit(struct ipt_ACCOUNT_context *ctx)
{
	ipt_ACCOUNT_free_entries(ctx);
	if (ctx->sockfd >= 0)
		close(ctx->sockfd);
	ctx->sockfd = -1;
}

/**
 * ipt_ACCOUNT_free_entries - let go of the records or names that were read
 * @ctx: context
 *
 * Reading again does this by itself and keeps the memory for the new records.
 */
EXPORT void ipt_ACCOUNT_free_entries(struct ipt_ACCOUNT_context *ctx)
{
	drop_buffer(ctx);
	memset(&ctx->handle, 0, sizeof(ctx->handle));
}

static bool is_record(const struct ipt_acc_handle_ip *e)
{
	return e->src_packets || e->dst_packets;
}

/**
 * ipt_ACCOUNT_get_next_entry - the next record of the table that was read
 * @ctx: context
 *
 * Records come ascending by address; @ip is in *host* byte order, the counters
 * are packets and layer-3 bytes.
 *
 * Return: the record, valid until @ctx is used to read again, freed or taken
 * down; NULL after the last one.
 */
EXPORT struct ipt_acc_handle_ip *
ipt_ACCOUNT_get_next_entry(struct ipt_ACCOUNT_context *ctx)
{
	struct ipt_acc_handle_ip *entries = ctx->data;

	/* not by the item count, which handle usage writes to; names have no table */
	if (!entries || !ctx->handle.name[0] ||
	    ctx->pos >= ctx->data_size / sizeof(*entries) ||
	    !is_record(&entries[ctx->pos]))
		return NULL;
	return &entries[ctx->pos++];
}

static int handle_usage(struct ipt_ACCOUNT_context *ctx)
{
	struct ipt_acc_handle_sockopt usage = { .itemcount = 0 };

	if (get(ctx, IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE, &usage, sizeof(usage)))
		return fail_errno(ctx, errno, "Can't get the handle usage from the kernel");
	return (int)usage.itemcount;
}

/**
 * ipt_ACCOUNT_get_handle_usage - how many handles are taken
 * @ctx: context
 *
 * Return: 0 to 10, all programs of the network namespace together, which is in
 * @ctx->handle.itemcount as well; or -1 with @ctx->error_str set. Records that were
 * read stay.
 */
EXPORT int ipt_ACCOUNT_get_handle_usage(struct ipt_ACCOUNT_context *ctx)
{
	int usage = handle_usage(ctx);

	if (usage >= 0)
		ctx->handle.itemcount = (unsigned int)usage;
	return usage;
}

/**
 * ipt_ACCOUNT_free_all_handles - free the handles of all programs
 * @ctx: context
 *
 * For handles that were left behind. A program that is reading at this moment
 * gets an error.
 *
 * Return: 0, or -1 with @ctx->error_str set.
 */
EXPORT int ipt_ACCOUNT_free_all_handles(struct ipt_ACCOUNT_context *ctx)
{
	struct ipt_acc_handle_sockopt handle;

	memset(&handle, 0, sizeof(handle));
	if (setsockopt(ctx->sockfd, IPPROTO_IP, IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL,
		       &handle, sizeof(handle)))
		return fail_errno(ctx, errno, "Can't free the handles of the kernel");
	return 0;
}

/**
 * ipt_ACCOUNT_get_table_names - read the names of all tables
 * @ctx: context
 *
 * Of the network namespace of the context's socket, IPv4 and IPv6. Records
 * that were read before are let go of.
 *
 * Return: 0, then ipt_ACCOUNT_get_next_name() gives the names; or -1 with
 * @ctx->error_str set.
 */
EXPORT int ipt_ACCOUNT_get_table_names(struct ipt_ACCOUNT_context *ctx)
{
	unsigned int size = BUF_MIN;
	int err;

	memset(&ctx->handle, 0, sizeof(ctx->handle));
	do {
		if (want_buffer(ctx, size))
			return -1;
		memset(ctx->data, 0, ctx->data_size);
		if (get(ctx, IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES, ctx->data, size) == 0)
			return 0;
		err = errno;
		size *= 2;
	} while (err == ENOMEM && size <= NAMES_MAX);
	ipt_ACCOUNT_free_entries(ctx);
	return fail_errno(ctx, err, "Can't get the table names from the kernel");
}

/**
 * ipt_ACCOUNT_get_next_name - the next name of those that were read
 * @ctx: context
 *
 * Return: the name, valid until @ctx is used to read again, freed or taken
 * down; NULL after the last one.
 */
EXPORT const char *ipt_ACCOUNT_get_next_name(struct ipt_ACCOUNT_context *ctx)
{
	const char *name;
	size_t len;

	if (!ctx->data || ctx->pos >= ctx->data_size)
		return NULL;
	name = (const char *)ctx->data + ctx->pos;
	len = strnlen(name, ctx->data_size - ctx->pos);
	if (len == 0 || len == ctx->data_size - ctx->pos)
		return NULL;
	ctx->pos += len + 1;
	return name;
}

static bool has_table(struct ipt_ACCOUNT_context *ctx, const char *table)
{
	const char *name;
	bool found = false;

	if (ipt_ACCOUNT_get_table_names(ctx) == 0)
		while (!found && (name = ipt_ACCOUNT_get_next_name(ctx)))
			found = strcmp(name, table) == 0;
	ipt_ACCOUNT_free_entries(ctx);
	return found;
}

/* EINVAL does not tell these apart, so more questions are asked. */
static int fail_prepare(struct ipt_ACCOUNT_context *ctx, const char *table, int err)
{
	if (err == ENOSPC)
		return fail(ctx, "Reads that are not finished take the memory there is for them");
	if (err != EINVAL)
		return fail_errno(ctx, err, "Can't read from the kernel");
	if (handle_usage(ctx) >= ACCOUNT_MAX_HANDLES)
		return fail(ctx, "All handles are in use");
	if (has_table(ctx, table))
		return fail_errno(ctx, ENOMEM, NULL);
	return fail(ctx, "No such table");
}

/*
 * Whether the table is one whose records the library cannot fetch: then it must
 * not be flushed either. A kernel that does not know the question has none.
 */
static bool is_ipv6(const struct ipt_ACCOUNT_context *ctx)
{
	struct xt_account_table_info info;

	memset(&info, 0, sizeof(info));
	memcpy(info.name, ctx->handle.name, sizeof(info.name));
	return get(ctx, IPT_SO_GET_ACCOUNT_TABLE_INFO, &info, sizeof(info)) == 0 &&
	       info.family == AF_INET6;
}

/* The handle is free, or another program's: not for us to free. */
#define GONE	(-2)

static int fail_gone(struct ipt_ACCOUNT_context *ctx)
{
	fail(ctx, "Another program has freed the handle meanwhile");
	return GONE;
}

/* Whether there are as many records as announced, and they were given now. */
static bool are_complete(const struct ipt_ACCOUNT_context *ctx)
{
	const struct ipt_acc_handle_ip *entries = ctx->data;
	unsigned int i, count = ctx->handle.itemcount;

	if (memcmp(ctx->data, &ctx->handle, sizeof(ctx->handle)) == 0)
		return false;
	for (i = 0; i < count && is_record(&entries[i]); ++i)
		;
	return i == count && !is_record(&entries[count]);
}

/* With the handle taken: fetches the records. GONE: it is no longer taken by us. */
static int fetch_entries(struct ipt_ACCOUNT_context *ctx)
{
	unsigned int count = ctx->handle.itemcount;
	const unsigned int size = sizeof(struct ipt_acc_handle_ip);

	if (count >= INT_MAX / size)
		return fail(ctx, "More records than can be read at once");
	if (want_buffer(ctx, (count + 1) * size))
		return -1;
	memset(ctx->data, 0, ctx->data_size);
	if (count == 0)
		return 0;
	memcpy(ctx->data, &ctx->handle, sizeof(ctx->handle));
	if (get(ctx, IPT_SO_GET_ACCOUNT_GET_DATA, ctx->data, (count + 1) * size) == 0)
		return are_complete(ctx) ? 0 : fail_gone(ctx);
	/* after prepare these mean an empty handle, or one of another table */
	if (errno == EPERM || errno == EINVAL || errno == ENOMEM)
		return fail_gone(ctx);
	return fail_errno(ctx, errno, "The kernel does not give the records");
}

static void free_handle(const struct ipt_ACCOUNT_context *ctx)
{
	struct ipt_acc_handle_sockopt handle = ctx->handle;

	setsockopt(ctx->sockfd, IPPROTO_IP, IPT_SO_SET_ACCOUNT_HANDLE_FREE,
		   &handle, sizeof(handle));
}

static int read_table(struct ipt_ACCOUNT_context *ctx, int option, const char *table)
{
	int rc;

	if (get(ctx, option, &ctx->handle, sizeof(ctx->handle)))
		return fail_prepare(ctx, table, errno);
	rc = fetch_entries(ctx);
	if (rc == GONE)
		return -1;
	free_handle(ctx);
	return rc;
}

/**
 * ipt_ACCOUNT_read_entries - read a table
 * @ctx:        context
 * @table:      name, at most 31 bytes
 * @dont_flush: not 0: leave the counters as they are;
 *              0: read and reset them in one step, without losing a packet
 *
 * Records that were read before are let go of. Ten programs of a network
 * namespace can read at the same time, further ones get an error.
 *
 * Return: 0, then @ctx->handle.itemcount is the number of records, to be had
 * by ipt_ACCOUNT_get_next_entry(); or -1 with @ctx->error_str set: no such
 * table, handles used up, no permission, module not loaded, out of memory, another
 * program freed the handle, or a table of IPv6 hosts, which is left as it is.
 */
EXPORT int ipt_ACCOUNT_read_entries(struct ipt_ACCOUNT_context *ctx,
				    const char *table, char dont_flush)
{
	int option = dont_flush ? IPT_SO_GET_ACCOUNT_PREPARE_READ :
				  IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH;
	size_t len = strlen(table);
	int rc;

	memset(&ctx->handle, 0, sizeof(ctx->handle));
	ctx->pos = 0;
	if (len >= sizeof(ctx->handle.name))
		return fail(ctx, "The table's name is longer than 31 bytes");
	memcpy(ctx->handle.name, table, len);
	rc = is_ipv6(ctx) ? fail(ctx, "A table of IPv6 hosts: iptaccount(8) reads it") :
			    read_table(ctx, option, table);
	if (rc)
		memset(&ctx->handle, 0, sizeof(ctx->handle));
	return rc;
}
