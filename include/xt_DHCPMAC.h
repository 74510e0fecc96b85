/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_DHCPMAC_H
#define _XT_DHCPMAC_H

#include <linux/types.h>

#define XT_DHCPMAC_ADDR_LEN	6	/* bytes */
#define XT_DHCPMAC_MASK_MAX	48	/* bits */

/**
 * struct xt_dhcpmac_info - rule data of the DHCPMAC target and the dhcpmac
 *                          match, revision 1
 * @addr:   hardware address, bits behind the first @mask zero
 * @mask:   number of leading bits that count, 0 to 48
 * @invert: 1: match if they differ; 0 in the target
 */
struct xt_dhcpmac_info {
	__u8 addr[XT_DHCPMAC_ADDR_LEN];
	__u8 mask;
	__u8 invert;
};

#endif /* _XT_DHCPMAC_H */
