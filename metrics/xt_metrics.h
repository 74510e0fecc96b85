/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_metrics - what the extensions know, as metrics for Prometheus and its like */
#ifndef _XT_METRICS_H
#define _XT_METRICS_H

#include <stdbool.h>

#define SELF	"xt_metrics"

void head(const char *metric, const char *type, const char *help);

/* proc.c */
bool proc_print(unsigned int max);

/* stat.c */
bool stat_print(void);

/* database.c */
bool database_print(void);

#endif /* _XT_METRICS_H */
