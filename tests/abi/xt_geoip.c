// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_geoip.h"

_Static_assert(offsetof(struct xt_geoip_mtinfo, flags) == 0, "flags");
_Static_assert(offsetof(struct xt_geoip_mtinfo, count) == 2, "count");
_Static_assert(offsetof(struct xt_geoip_mtinfo, cc) == 4, "cc");
_Static_assert(offsetof(struct xt_geoip_mtinfo, set) == 768, "set");
_Static_assert(sizeof(struct xt_geoip_mtinfo) == 776, "size");
_Static_assert(XT_GEOIP_SRC == 1 && XT_GEOIP_DST == 2 && XT_GEOIP_INV == 4 && XT_GEOIP_ORIG == 8, "flags");
