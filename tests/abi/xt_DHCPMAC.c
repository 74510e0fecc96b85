// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_DHCPMAC.h"

_Static_assert(offsetof(struct xt_dhcpmac_info, addr) == 0, "addr");
_Static_assert(offsetof(struct xt_dhcpmac_info, mask) == 6, "mask");
_Static_assert(offsetof(struct xt_dhcpmac_info, invert) == 7, "invert");
_Static_assert(sizeof(struct xt_dhcpmac_info) == 8, "size");
