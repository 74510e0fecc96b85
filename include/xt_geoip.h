/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_GEOIP_H
#define _XT_GEOIP_H

#include <linux/types.h>

/* Revisions 0 to 2 are other layouts, of other builds of this extension. */
#define XT_GEOIP_REVISION	10

/* Countries of a rule; ISO 3166 has 249, and there are a dozen others. */
#define XT_GEOIP_MAX		382

enum {
	XT_GEOIP_SRC	= 1 << 0,
	XT_GEOIP_DST	= 1 << 1,
	XT_GEOIP_INV	= 1 << 2,
	/* with SRC: the source of the packet that opened the connection */
	XT_GEOIP_ORIG	= 1 << 3,
	XT_GEOIP_ALL	= XT_GEOIP_SRC | XT_GEOIP_DST | XT_GEOIP_INV |
			  XT_GEOIP_ORIG,
};

/**
 * struct xt_geoip_mtinfo - rule data of the geoip match, revision 10
 * @flags: bits of %XT_GEOIP_ALL; one of SRC and DST; ORIG, which kernels before
 *         0.2.0 refuse, only with SRC
 * @pad:   zero
 * @count: length of @cc, 1 to %XT_GEOIP_MAX
 * @cc:    countries: two letters or digits, first << 8 | second; zero behind
 *         @count
 */
struct xt_geoip_mtinfo {
	__u8 flags;
	__u8 pad;
	__u16 count;
	__u16 cc[XT_GEOIP_MAX];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct xa_addrdb_set *set __attribute__((aligned(8)));
};

#endif /* _XT_GEOIP_H */
