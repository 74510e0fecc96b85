/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_PROTO_H
#define _XT_PROTO_H

#include <linux/types.h>

enum {
	XT_PROTO_SET		= 1 << 0,	/* always */
	/* IPv6 only: */
	XT_PROTO_STOP_AT_FRAG	= 1 << 1,
	XT_PROTO_STOP_AT_AUTH	= 1 << 2,

	XT_PROTO_ALL		= XT_PROTO_SET | XT_PROTO_STOP_AT_FRAG |
				  XT_PROTO_STOP_AT_AUTH,
};

/**
 * struct xt_proto_tginfo - rule data of the PROTO target, revision 0
 * @mode:  %XT_PROTO_SET and, in IPv6 rules, the headers to stop at
 * @proto: protocol number to write
 */
struct xt_proto_tginfo {
	__u8 mode;
	__u8 proto;
};

#endif /* _XT_PROTO_H */
