/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_IPP2P_H
#define _XT_IPP2P_H

#include <linux/types.h>

/* Protocols, in the order in which a rule lists them. */
enum {
	XT_IPP2P_EDK	= 1 << 0,
	XT_IPP2P_DC	= 1 << 1,
	XT_IPP2P_GNU	= 1 << 2,
	XT_IPP2P_KAZAA	= 1 << 3,
	XT_IPP2P_BIT	= 1 << 4,
	XT_IPP2P_APPLE	= 1 << 5,
	XT_IPP2P_SOUL	= 1 << 6,
	XT_IPP2P_WINMX	= 1 << 7,
	XT_IPP2P_ARES	= 1 << 8,
	XT_IPP2P_MUTE	= 1 << 9,
	XT_IPP2P_WASTE	= 1 << 10,
	XT_IPP2P_XDCC	= 1 << 11,
	XT_IPP2P_ALL	= (1 << 12) - 1,
};

enum {
	XT_IPP2P_DEBUG	   = 1 << 0,
	XT_IPP2P_FLAGS_ALL = XT_IPP2P_DEBUG,

	/* of revision 3 on */
	XT_IPP2P_LEARN	    = 1 << 1,
	XT_IPP2P_FLAGS_ALL3 = XT_IPP2P_FLAGS_ALL | XT_IPP2P_LEARN,
};

/**
 * struct xt_ipp2p_mtinfo - rule data of the ipp2p match, revision 2
 * @protocols: XT_IPP2P_EDK and the like, at least one
 * @flags:     %XT_IPP2P_DEBUG: log what matches
 */
struct xt_ipp2p_mtinfo {
	__u32 protocols;
	__u32 flags;
};

/**
 * struct xt_ipp2p_mtinfo3 - rule data of the ipp2p match, revision 3
 * @protocols: as in revision 2
 * @flags:     as in revision 2, and %XT_IPP2P_LEARN, with %XT_IPP2P_BIT: learn who is
 *             a peer, and match what peers send each other
 */
struct xt_ipp2p_mtinfo3 {
	__u32 protocols;
	__u32 flags;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct ipp2p_peers *peers __attribute__((aligned(8)));
};

#endif /* _XT_IPP2P_H */
