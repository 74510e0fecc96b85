/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_ASN_H
#define _XT_ASN_H

#include <linux/types.h>

#include "xa_labels_rule.h"

/* Revision 1 is another layout, of other builds of this extension. */
#define XT_ASN_REVISION		10

/* AS numbers of a rule. */
#define XT_ASN_MAX		511

/**
 * struct xt_asn_mtinfo - rule data of the asn match, revision 10
 * @labels: how many there are, at most %XT_ASN_MAX, and of which address
 * @asn:    AS numbers, none 0; zero behind the last one
 */
struct xt_asn_mtinfo {
	struct xa_labels labels;
	__u32 asn[XT_ASN_MAX];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct xa_addrdb_set *set __attribute__((aligned(8)));
};

#endif /* _XT_ASN_H */
