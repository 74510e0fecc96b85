/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_IPMARK_H
#define _XT_IPMARK_H

#include <linux/types.h>

enum {
	XT_IPMARK_SRC	= 0,
	XT_IPMARK_DST	= 1,
};

/* From this shift on nothing is left of an IPv6 address. */
#define XT_IPMARK_SHIFT_MAX	128

/**
 * struct xt_ipmark_tginfo - rule data of the IPMARK target, revision 1
 * @andmask:  what is kept of the shifted address
 * @ormask:   what is set in the mark after that
 * @selector: %XT_IPMARK_SRC or %XT_IPMARK_DST
 * @shift:    bits to shift the address to the right first, 0 to 128
 * @pad:      zero
 */
struct xt_ipmark_tginfo {
	__u32 andmask;
	__u32 ormask;
	__u8 selector;
	__u8 shift;
	__u8 pad[2];
};

#endif /* _XT_IPMARK_H */
