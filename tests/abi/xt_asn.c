// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_asn.h"

_Static_assert(offsetof(struct xt_asn_mtinfo, flags) == 0, "flags");
_Static_assert(offsetof(struct xt_asn_mtinfo, count) == 2, "count");
_Static_assert(offsetof(struct xt_asn_mtinfo, asn) == 4, "asn");
_Static_assert(offsetof(struct xt_asn_mtinfo, set) == 2048, "set");
_Static_assert(sizeof(struct xt_asn_mtinfo) == 2056, "size");
_Static_assert(XT_ASN_SRC == 1 && XT_ASN_DST == 2 && XT_ASN_INV == 4 && XT_ASN_ORIG == 8, "flags");
