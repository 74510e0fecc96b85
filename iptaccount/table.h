/* SPDX-License-Identifier: GPL-2.0-only */
/* iptaccount: tables of either family, read record by record */
#ifndef _IPTACCOUNT_TABLE_H
#define _IPTACCOUNT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libxt_ACCOUNT_cl.h"

/**
 * struct record - what was counted for an address or prefix
 * @addr:        network byte order; IPv4 in the first four bytes
 * @src_packets: from it
 * @src_bytes:   layer-3 bytes
 * @dst_packets: to it
 * @dst_bytes:   layer-3 bytes
 */
struct record {
	uint8_t addr[16];
	uint64_t src_packets;
	uint64_t src_bytes;
	uint64_t dst_packets;
	uint64_t dst_bytes;
};

/**
 * struct table - a table that is being read
 * @ctx:    of the library, set up
 * @name:   of the table
 * @known:  @info is what the kernel says; else the kernel's module is one that
 *          knows only tables of IPv4 hosts, and of @info only family and
 *          host_len are true
 * @info:   as of the last read
 * @count:  records of the last read
 * @error:  why the last read failed
 * @data6:  records of an IPv6 table
 * @room6:  records that @data6 has room for
 * @pos:    of the next record of @data6
 */
struct table {
	struct ipt_ACCOUNT_context *ctx;
	const char *name;
	bool known;
	struct xt_account_table_info info;
	unsigned int count;
	const char *error;

	struct xt_account_record6 *data6;
	unsigned int room6;
	unsigned int pos;
};

bool table_info(const struct ipt_ACCOUNT_context *ctx, const char *name,
		struct xt_account_table_info *info);
void table_init(struct table *t, struct ipt_ACCOUNT_context *ctx,
		const char *name);
void table_exit(struct table *t);
int table_read(struct table *t, bool flush);
bool table_next(struct table *t, struct record *r);

#endif /* _IPTACCOUNT_TABLE_H */
