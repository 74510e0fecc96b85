/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_IPV4OPTIONS_H
#define _XT_IPV4OPTIONS_H

#include <linux/types.h>

enum {
	XT_V4OPTS_ANY	= 1 << 0,
	XT_V4OPTS_ALL	= XT_V4OPTS_ANY,	/* all known flags */
};

/* Option numbers are the low five bits of an option's type byte. */
#define XT_V4OPTS_COUNT	32

/**
 * struct xt_ipv4options_mtinfo - rule data of the ipv4options match, revision 2
 * @present: bit n: option number n shall appear
 * @absent:  bit n: option number n shall not appear; no bit of @present
 * @flags:   %XT_V4OPTS_ANY: one of the conditions is enough
 * @pad:     zero
 */
struct xt_ipv4options_mtinfo {
	__u32 present;
	__u32 absent;
	__u8 flags;
	__u8 pad[3];
};

#endif /* _XT_IPV4OPTIONS_H */
