/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _LIBXT_ACCOUNT_CL_H
#define _LIBXT_ACCOUNT_CL_H

/**
 * DOC: libxt_ACCOUNT_cl - read the tables of the ACCOUNT target
 *
 * A context is set up with ipt_ACCOUNT_init(), read with, and taken down with
 * ipt_ACCOUNT_deinit():
 *
 *	struct ipt_ACCOUNT_context ctx;
 *	struct ipt_acc_handle_ip *entry;
 *
 *	if (ipt_ACCOUNT_init(&ctx) ||
 *	    ipt_ACCOUNT_read_entries(&ctx, "sales", 0))
 *		errx(1, "%s", ctx.error_str);
 *	while ((entry = ipt_ACCOUNT_get_next_entry(&ctx)))
 *		use(entry);
 *	ipt_ACCOUNT_deinit(&ctx);
 *
 * The caller needs CAP_NET_ADMIN and sees the tables of the
 * network namespace it was in when it called ipt_ACCOUNT_init(). A context must
 * not be used by two threads at once; different contexts are independent.
 * The library reads tables of IPv4 hosts.
 *
 * Functions that return int return 0 (or a count) if all went well, and -1
 * otherwise; @error_str of the context is then a constant English sentence.
 * It never needs to be freed.
 */

#include <stdint.h>
/* Before xt_ACCOUNT.h, whose <linux/in.h> gives way to it. */
#include <netinet/in.h>

#include <xt_ACCOUNT.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct ipt_ACCOUNT_context - state of a client; read only for the caller
 * @sockfd:    socket that the options go through, -1: none
 * @handle:    @handle.itemcount is the number of records that were read
 * @data_size: size of @data in bytes
 * @pos:       of the next record (counted in records) or name (in bytes)
 * @data:      records or names, owned by the library
 * @error_str: why the last call failed
 */
struct ipt_ACCOUNT_context {
	int sockfd;
	struct ipt_acc_handle_sockopt handle;

	unsigned int data_size;
	unsigned int pos;
	void *data;

	char *error_str;
};

int ipt_ACCOUNT_init(struct ipt_ACCOUNT_context *ctx);
void ipt_ACCOUNT_deinit(struct ipt_ACCOUNT_context *ctx);

void ipt_ACCOUNT_free_entries(struct ipt_ACCOUNT_context *ctx);
int ipt_ACCOUNT_read_entries(struct ipt_ACCOUNT_context *ctx,
			     const char *table, char dont_flush);
struct ipt_acc_handle_ip *
ipt_ACCOUNT_get_next_entry(struct ipt_ACCOUNT_context *ctx);

int ipt_ACCOUNT_get_handle_usage(struct ipt_ACCOUNT_context *ctx);
int ipt_ACCOUNT_free_all_handles(struct ipt_ACCOUNT_context *ctx);
int ipt_ACCOUNT_get_table_names(struct ipt_ACCOUNT_context *ctx);
const char *ipt_ACCOUNT_get_next_name(struct ipt_ACCOUNT_context *ctx);

#ifdef __cplusplus
}
#endif

#endif /* _LIBXT_ACCOUNT_CL_H */
