// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_GEOMARK.h"

_Static_assert(offsetof(struct xt_geomark_tginfo, mask) == 0, "mask");
_Static_assert(offsetof(struct xt_geomark_tginfo, ctmask) == 4, "ctmask");
_Static_assert(offsetof(struct xt_geomark_tginfo, addr) == 8, "addr");
_Static_assert(offsetof(struct xt_geomark_tginfo, flags) == 9, "flags");
_Static_assert(offsetof(struct xt_geomark_tginfo, pad) == 10, "pad");
_Static_assert(sizeof(struct xt_geomark_tginfo) == 16, "size");
_Static_assert(XT_GEOMARK_SRC == 0 && XT_GEOMARK_DST == 1 && XT_GEOMARK_ORIG == 2, "addr");
_Static_assert(XT_GEOMARK_ASN == 1, "flags");
