// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_DELUDE.h"

_Static_assert(offsetof(struct xt_delude_tginfo, flags) == 0, "flags");
_Static_assert(offsetof(struct xt_delude_tginfo, pad) == 1, "pad");
_Static_assert(sizeof(struct xt_delude_tginfo) == 8, "size");
_Static_assert(XT_DELUDE_SAME_IF == 1, "same-if");
