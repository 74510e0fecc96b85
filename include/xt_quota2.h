/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_QUOTA2_H
#define _XT_QUOTA2_H

#include <linux/types.h>

/* Bytes of a counter's name with its terminator. */
#define XT_QUOTA2_NAME_LEN	32

enum {
	XT_QUOTA2_INVERT    = 1 << 0,	/* of no effect with GROW */
	XT_QUOTA2_GROW      = 1 << 1,	/* count up, always match */
	XT_QUOTA2_PACKETS   = 1 << 2,	/* units are packets, not bytes */
	XT_QUOTA2_NO_CHANGE = 1 << 3,	/* leave the counter as it is */
	XT_QUOTA2_MASK      = (1 << 4) - 1,
};

/**
 * struct xt_quota2_mtinfo - rule data of the quota2 match, revision 4
 * @name:  counter, terminated, zero behind the terminator; all zero: a
 *         counter of the rule's own
 * @flags: XT_QUOTA2_*
 * @pad:   zero
 * @quota: what the counter begins with if this rule makes it
 */
struct xt_quota2_mtinfo {
	char name[XT_QUOTA2_NAME_LEN];
	__u8 flags;
	__u8 pad[7];
	__aligned_u64 quota;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct quota2_counter *counter __attribute__((aligned(8)));
};

/*
 * Generic netlink family, without commands. Each time a named counter has
 * come to 0 by packets, its network namespace's members of the group get one
 * message XT_QUOTA2_CMD_USED_UP with the attribute XT_QUOTA2_ATTR_NAME; at
 * most one in a second for each counter.
 */
#define XT_QUOTA2_GENL_NAME	"xt_quota2"
#define XT_QUOTA2_GENL_VERSION	1
#define XT_QUOTA2_GENL_GROUP	"used-up"

enum xt_quota2_cmd {
	XT_QUOTA2_CMD_UNSPEC,
	XT_QUOTA2_CMD_USED_UP,
};

enum xt_quota2_attr {
	XT_QUOTA2_ATTR_UNSPEC,
	XT_QUOTA2_ATTR_NAME,	/* string, XT_QUOTA2_NAME_LEN at most */
};

#endif /* _XT_QUOTA2_H */
