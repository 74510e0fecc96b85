/* SPDX-License-Identifier: GPL-2.0-only */
/* iptaccount: tables as metrics, for Prometheus' node_exporter and its like */
#ifndef _IPTACCOUNT_METRICS_H
#define _IPTACCOUNT_METRICS_H

#include "table.h"
#include "top.h"

/**
 * struct metrics - what was read of several tables
 * @item:  a table each
 * @count: how many
 * @room:  how many there is room for
 */
struct metrics {
	struct metrics_table *item;
	size_t count;
	size_t room;
};

enum metrics_result {
	METRICS_DONE,
	METRICS_NO_NAMES,	/* the tables' names cannot be read */
	METRICS_NO_TABLE,	/* a table cannot be read */
};

void metrics_init(struct metrics *m);
void metrics_exit(struct metrics *m);
int metrics_add(struct metrics *m, struct table *t, unsigned int top,
		enum top_order order);
int metrics_read(struct metrics *m, struct ipt_ACCOUNT_context *ctx, const char *name,
		 unsigned int top, enum top_order order, const char **why);
enum metrics_result metrics_read_all(struct metrics *m, struct ipt_ACCOUNT_context *ctx,
				     unsigned int top, enum top_order order, const char **why);
void metrics_print(const struct metrics *m);

#endif /* _IPTACCOUNT_METRICS_H */
