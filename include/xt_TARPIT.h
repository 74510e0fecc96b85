/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_TARPIT_H
#define _XT_TARPIT_H

#include <linux/types.h>

enum {
	XT_TARPIT_TARPIT	= 0,
	XT_TARPIT_HONEYPOT	= 1,
	XT_TARPIT_RESET		= 2,
	XT_TARPIT_MAX		= XT_TARPIT_RESET,
};

/* Bits of flags */
enum {
	XT_TARPIT_SAME_IF	= 1 << 0,
	XT_TARPIT_FLAGS		= XT_TARPIT_SAME_IF,
};

/**
 * struct xt_tarpit_tginfo - rule data of the TARPIT target, revision 0
 * @variant: one of XT_TARPIT_*
 * @flags:   XT_TARPIT_SAME_IF or 0
 * @pad:     zero
 */
struct xt_tarpit_tginfo {
	__u8 variant;
	__u8 flags;
	__u8 pad[6];
};

#endif /* _XT_TARPIT_H */
