/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_DELUDE_H
#define _XT_DELUDE_H

#include <linux/types.h>

/* Bits of flags */
enum {
	XT_DELUDE_SAME_IF	= 1 << 0,
	XT_DELUDE_FLAGS		= XT_DELUDE_SAME_IF,
};

/**
 * struct xt_delude_tginfo - rule data of the DELUDE target, revision 1
 * @flags: XT_DELUDE_SAME_IF or 0
 * @pad:   zero
 */
struct xt_delude_tginfo {
	__u8 flags;
	__u8 pad[7];
};

#endif /* _XT_DELUDE_H */
