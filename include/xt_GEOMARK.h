/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_GEOMARK_H
#define _XT_GEOMARK_H

#include <linux/types.h>

/* Whose number it is. */
enum {
	XT_GEOMARK_SRC	= 0,
	XT_GEOMARK_DST	= 1,
	XT_GEOMARK_ORIG	= 2,	/* the host that opened the connection */
	XT_GEOMARK_ADDR_MAX = XT_GEOMARK_ORIG,
};

enum {
	XT_GEOMARK_ASN	= 1 << 0,	/* AS number, not country */
	XT_GEOMARK_ALL	= XT_GEOMARK_ASN,
};

/* The least fields, in bits. */
#define XT_GEOMARK_BITS_COUNTRY	10
#define XT_GEOMARK_BITS_ASN	16

/**
 * struct xt_geomark_tginfo - rule data of the GEOMARK target, revision 0
 * @mask:   field of the packet mark: bits side by side; 0: the mark is left alone
 * @ctmask: the same of the connection mark; not both are 0
 * @addr:   %XT_GEOMARK_SRC, %XT_GEOMARK_DST or %XT_GEOMARK_ORIG
 * @flags:  bits of %XT_GEOMARK_ALL
 * @pad:    zero
 */
struct xt_geomark_tginfo {
	__u32 mask;
	__u32 ctmask;
	__u8 addr;
	__u8 flags;
	__u8 pad[6];
};

#endif /* _XT_GEOMARK_H */
