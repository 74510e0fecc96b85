/* SPDX-License-Identifier: GPL-2.0-only */
/* iptaccount: how a table is written: text, CSV or JSON */
#ifndef _IPTACCOUNT_OUTPUT_H
#define _IPTACCOUNT_OUTPUT_H

#include <arpa/inet.h>

#include "table.h"

/* Bytes of an address or prefix as text, with its end */
#define ADDR_LEN	(INET6_ADDRSTRLEN + sizeof("/128"))

enum quoted {
	QUOTED_JSON,	/* RFC 8259 */
	QUOTED_LABEL,	/* Prometheus' text format 0.0.4 */
};

/**
 * struct output - a way to write tables to stdout
 * @open:   before the first pass
 * @begin:  before the records of a pass; @run counts from 1
 * @record: a record
 * @end:    after the records of a pass
 *
 * What a format has nothing to say at is NULL.
 */
struct output {
	void (*open)(const struct table *t);
	void (*begin)(const struct table *t, unsigned int run, bool flush);
	void (*record)(const struct table *t, const struct record *r, bool first);
	void (*end)(const struct table *t);
};

extern const struct output output_text;
extern const struct output output_csv;
extern const struct output output_json;

const char *record_name(const struct xt_account_table_info *info,
			const struct record *r, char *buf);
void quoted(const char *text, enum quoted how);
void json_usage(int handles);
void json_freed(void);
void json_tables(struct ipt_ACCOUNT_context *ctx);

#endif /* _IPTACCOUNT_OUTPUT_H */
