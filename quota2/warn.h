/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_quota2_listen: counters that fall below a value */
#ifndef _QUOTA2_WARN_H
#define _QUOTA2_WARN_H

#include <stdint.h>

int warn_for_ever(char *const *names, uint64_t below, unsigned long lines);

#endif /* _QUOTA2_WARN_H */
