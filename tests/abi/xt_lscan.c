// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_lscan.h"

_Static_assert(XT_LSCAN_STEALTH == 1, "stealth");
_Static_assert(XT_LSCAN_SYNSCAN == 2, "synscan");
_Static_assert(XT_LSCAN_CNSCAN == 4, "cnscan");
_Static_assert(XT_LSCAN_GRSCAN == 8, "grscan");
_Static_assert(XT_LSCAN_MIRAI == 16, "mirai");
_Static_assert(offsetof(struct xt_lscan_mtinfo, flags) == 0, "flags");
_Static_assert(offsetof(struct xt_lscan_mtinfo, pad) == 1, "pad");
_Static_assert(sizeof(struct xt_lscan_mtinfo) == 8, "size");
