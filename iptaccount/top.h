/* SPDX-License-Identifier: GPL-2.0-only */
/* iptaccount: the records with the most traffic */
#ifndef _IPTACCOUNT_TOP_H
#define _IPTACCOUNT_TOP_H

#include "table.h"

enum top_order {
	TOP_BYTES,
	TOP_PACKETS,
};

/**
 * struct top - the largest of the records that were added
 * @record: heap with the smallest of them first; after top_sort(): descending
 * @count:  how many
 * @room:   how many at most
 * @order:  what is large; source and destination counters together
 */
struct top {
	struct record *record;
	size_t count;
	size_t room;
	enum top_order order;
};

int top_init(struct top *top, size_t room, enum top_order order);
void top_exit(struct top *top);
void top_add(struct top *top, const struct record *r);
void top_sort(struct top *top);

#endif /* _IPTACCOUNT_TOP_H */
