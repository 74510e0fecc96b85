/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_GEOIP_H
#define _XT_GEOIP_H

#include <linux/types.h>

#include "xa_labels_rule.h"

/* Revisions 0 to 2 are other layouts, of other builds of this extension. */
#define XT_GEOIP_REVISION	10

/* Countries of a rule; ISO 3166 has 249, and there are a dozen others. */
#define XT_GEOIP_MAX		382

/**
 * struct xt_geoip_mtinfo - rule data of the geoip match, revision 10
 * @labels: how many there are, at most %XT_GEOIP_MAX, and of which address
 * @cc:     countries: two letters or digits, first << 8 | second; zero behind
 *          the last one
 */
struct xt_geoip_mtinfo {
	struct xa_labels labels;
	__u16 cc[XT_GEOIP_MAX];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct xa_addrdb_set *set __attribute__((aligned(8)));
};

#endif /* _XT_GEOIP_H */
