/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_LSCAN_H
#define _XT_LSCAN_H

#include <linux/types.h>

enum {
	XT_LSCAN_STEALTH = 1 << 0,
	XT_LSCAN_SYNSCAN = 1 << 1,
	XT_LSCAN_CNSCAN	 = 1 << 2,
	XT_LSCAN_GRSCAN	 = 1 << 3,
	XT_LSCAN_MIRAI	 = 1 << 4,
	XT_LSCAN_ALL	 = (1 << 5) - 1,
};

/**
 * struct xt_lscan_mtinfo - rule data of the lscan match, revision 1
 * @flags: XT_LSCAN_*: one of these is enough; none never matches
 * @pad:   zero
 */
struct xt_lscan_mtinfo {
	__u8 flags;
	__u8 pad[7];
};

#endif /* _XT_LSCAN_H */
