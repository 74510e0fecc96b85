// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_asn.h"

_Static_assert(offsetof(struct xt_asn_mtinfo, labels.flags) == 0, "flags");
_Static_assert(offsetof(struct xt_asn_mtinfo, labels.count) == 2, "count");
_Static_assert(offsetof(struct xt_asn_mtinfo, asn) == 4, "asn");
_Static_assert(offsetof(struct xt_asn_mtinfo, set) == 2048, "set");
_Static_assert(sizeof(struct xt_asn_mtinfo) == 2056, "size");
_Static_assert(XA_LABELS_SRC == 1 && XA_LABELS_DST == 2, "flags");
_Static_assert(XA_LABELS_INV == 4 && XA_LABELS_ORIG == 8, "flags");
