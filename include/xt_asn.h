/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_ASN_H
#define _XT_ASN_H

#include <linux/types.h>

/* Revision 1 is another layout, of other builds of this extension. */
#define XT_ASN_REVISION		10

/* AS numbers of a rule. */
#define XT_ASN_MAX		511

enum {
	XT_ASN_SRC	= 1 << 0,
	XT_ASN_DST	= 1 << 1,
	XT_ASN_INV	= 1 << 2,
	/* with SRC: the source of the packet that opened the connection */
	XT_ASN_ORIG	= 1 << 3,
	XT_ASN_ALL	= XT_ASN_SRC | XT_ASN_DST | XT_ASN_INV |
			  XT_ASN_ORIG,
};

/**
 * struct xt_asn_mtinfo - rule data of the asn match, revision 10
 * @flags: bits of %XT_ASN_ALL; one of SRC and DST; ORIG, which kernels before
 *         0.2.0 refuse, only with SRC
 * @pad:   zero
 * @count: length of @asn, 1 to %XT_ASN_MAX
 * @asn:   AS numbers, none 0; zero behind @count
 */
struct xt_asn_mtinfo {
	__u8 flags;
	__u8 pad;
	__u16 count;
	__u32 asn[XT_ASN_MAX];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct xa_addrdb_set *set __attribute__((aligned(8)));
};

#endif /* _XT_ASN_H */
