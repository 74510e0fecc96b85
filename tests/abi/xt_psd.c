// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_psd.h"

_Static_assert(offsetof(struct xt_psd_mtinfo, weight_threshold) == 0, "weight_threshold");
_Static_assert(offsetof(struct xt_psd_mtinfo, delay_threshold) == 4, "delay_threshold");
_Static_assert(offsetof(struct xt_psd_mtinfo, lo_ports_weight) == 8, "lo_ports_weight");
_Static_assert(offsetof(struct xt_psd_mtinfo, hi_ports_weight) == 10, "hi_ports_weight");
_Static_assert(offsetof(struct xt_psd_mtinfo, srcmask) == 12, "srcmask");
_Static_assert(offsetof(struct xt_psd_mtinfo, dstmask) == 13, "dstmask");
_Static_assert(offsetof(struct xt_psd_mtinfo, pad) == 14, "pad");
_Static_assert(offsetof(struct xt_psd_mtinfo, table) == 16, "table");
_Static_assert(sizeof(struct xt_psd_mtinfo) == 24, "size");
