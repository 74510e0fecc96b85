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

void metrics_init(struct metrics *m);
void metrics_exit(struct metrics *m);
int metrics_add(struct metrics *m, struct table *t, unsigned int top,
		enum top_order order);
void metrics_print(const struct metrics *m);

#endif /* _IPTACCOUNT_METRICS_H */
