/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_DNETMAP_H
#define _XT_DNETMAP_H

#include <linux/types.h>

/* Lengths that a prefix may have. */
#define XT_DNETMAP_LEN_MIN	8
#define XT_DNETMAP_LEN_MAX	32

enum {
	XT_DNETMAP_PREFIX	= 1 << 0,	/* @net and @len are given */
	XT_DNETMAP_TTL		= 1 << 1,	/* @ttl is given */
	XT_DNETMAP_REUSE	= 1 << 2,	/* bindings of other prefixes, timed out */
	XT_DNETMAP_STATIC	= 1 << 3,	/* static bindings only */
	XT_DNETMAP_PERSISTENT	= 1 << 4,	/* a new prefix stays without rules */
	XT_DNETMAP_FLAGS	= (1 << 5) - 1,
};

/**
 * struct xt_dnetmap_tginfo - rule data of the DNETMAP target, revision 1
 * @net:   first address of the prefix
 * @len:   its length
 * @flags: XT_DNETMAP_*
 * @pad:   zero
 * @ttl:   seconds that a hit makes a binding last; negative: as it is
 * @pad2:  zero
 */
struct xt_dnetmap_tginfo {
	__be32 net;
	__u8 len;
	__u8 flags;
	__u8 pad[2];
	__s32 ttl;
	__u8 pad2[4];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct dnetmap_space *space __attribute__((aligned(8)));
	struct dnetmap_prefix *prefix __attribute__((aligned(8)));
};

#endif /* _XT_DNETMAP_H */
