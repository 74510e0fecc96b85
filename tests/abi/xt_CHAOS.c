// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_CHAOS.h"

_Static_assert(offsetof(struct xt_chaos_tginfo, variant) == 0, "variant");
_Static_assert(offsetof(struct xt_chaos_tginfo, pad) == 1, "pad");
_Static_assert(sizeof(struct xt_chaos_tginfo) == 8, "size");
_Static_assert(XT_CHAOS_NORMAL == 0, "none");
_Static_assert(XT_CHAOS_TARPIT == 1, "tarpit");
_Static_assert(XT_CHAOS_DELUDE == 2, "delude");
