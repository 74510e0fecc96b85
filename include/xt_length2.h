/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_LENGTH2_H
#define _XT_LENGTH2_H

#include <linux/types.h>

enum {
	XT_LENGTH_INVERT	= 1 << 0,
	/* exactly one of: */
	XT_LENGTH_LAYER3	= 1 << 1,
	XT_LENGTH_LAYER4	= 1 << 2,
	XT_LENGTH_LAYER5	= 1 << 3,
	XT_LENGTH_LAYER7	= 1 << 4,

	XT_LENGTH_LAYERS	= XT_LENGTH_LAYER3 | XT_LENGTH_LAYER4 |
				  XT_LENGTH_LAYER5 | XT_LENGTH_LAYER7,
	XT_LENGTH_ALL		= XT_LENGTH_INVERT | XT_LENGTH_LAYERS,
};

/**
 * struct xt_length2_mtinfo - rule data of the length2 match, revision 2
 * @min:   smallest length that matches, bytes
 * @max:   largest length that matches, not below @min
 * @flags: one of %XT_LENGTH_LAYERS, and perhaps %XT_LENGTH_INVERT
 * @pad:   zero
 */
struct xt_length2_mtinfo {
	__u32 min;
	__u32 max;
	__u16 flags;
	__u16 pad;
};

#endif /* _XT_LENGTH2_H */
