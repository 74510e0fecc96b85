/* SPDX-License-Identifier: GPL-2.0-only */
/* iptaccount: the busiest hosts of a table, every second */
#ifndef _IPTACCOUNT_WATCH_H
#define _IPTACCOUNT_WATCH_H

#include "table.h"
#include "top.h"

int watch(struct ipt_ACCOUNT_context *ctx, const char *table, unsigned int top,
	  enum top_order order, const char **why);

#endif /* _IPTACCOUNT_WATCH_H */
