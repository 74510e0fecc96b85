/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_FUZZY_H
#define _XT_FUZZY_H

#include <linux/types.h>

/* Packets per second. */
#define XT_FUZZY_LOWER_MIN	3
#define XT_FUZZY_UPPER_MAX	10000000

/**
 * struct xt_fuzzy_mtinfo - rule data of the fuzzy match, revision 2
 * @lower: rate up to which nothing matches, packets per second
 * @upper: rate from which nearly all match, more than @lower
 */
struct xt_fuzzy_mtinfo {
	__u32 lower;
	__u32 upper;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct fuzzy_state *state __attribute__((aligned(8)));
};

#endif /* _XT_FUZZY_H */
