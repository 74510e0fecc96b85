// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_geoip.h"

_Static_assert(offsetof(struct xt_geoip_mtinfo, labels.flags) == 0, "flags");
_Static_assert(offsetof(struct xt_geoip_mtinfo, labels.count) == 2, "count");
_Static_assert(offsetof(struct xt_geoip_mtinfo, cc) == 4, "cc");
_Static_assert(offsetof(struct xt_geoip_mtinfo, set) == 768, "set");
_Static_assert(sizeof(struct xt_geoip_mtinfo) == 776, "size");
_Static_assert(XA_LABELS_SRC == 1 && XA_LABELS_DST == 2, "flags");
_Static_assert(XA_LABELS_INV == 4 && XA_LABELS_ORIG == 8, "flags");
