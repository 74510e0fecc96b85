// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_quota2.h"

_Static_assert(offsetof(struct xt_quota2_mtinfo, name) == 0, "name");
_Static_assert(offsetof(struct xt_quota2_mtinfo, flags) == 32, "flags");
_Static_assert(offsetof(struct xt_quota2_mtinfo, pad) == 33, "pad");
_Static_assert(offsetof(struct xt_quota2_mtinfo, quota) == 40, "quota");
_Static_assert(offsetof(struct xt_quota2_mtinfo, counter) == 48, "counter");
_Static_assert(sizeof(struct xt_quota2_mtinfo) == 56, "size");
_Static_assert(XT_QUOTA2_INVERT == 1, "invert");
_Static_assert(XT_QUOTA2_GROW == 2, "grow");
_Static_assert(XT_QUOTA2_PACKETS == 4, "packets");
_Static_assert(XT_QUOTA2_NO_CHANGE == 8, "no-change");
_Static_assert(XT_QUOTA2_CMD_USED_UP == 1, "used up");
_Static_assert(XT_QUOTA2_ATTR_NAME == 1, "name of the counter");
