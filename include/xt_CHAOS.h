/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_CHAOS_H
#define _XT_CHAOS_H

#include <linux/types.h>

enum {
	XT_CHAOS_NORMAL	= 0,
	XT_CHAOS_TARPIT	= 1,
	XT_CHAOS_DELUDE	= 2,
	XT_CHAOS_MAX	= XT_CHAOS_DELUDE,
};

/**
 * struct xt_chaos_tginfo - rule data of the CHAOS target, revision 0
 * @variant: one of XT_CHAOS_*
 * @pad:     zero
 */
struct xt_chaos_tginfo {
	__u8 variant;
	__u8 pad[7];
};

#endif /* _XT_CHAOS_H */
