// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_TARPIT.h"

_Static_assert(offsetof(struct xt_tarpit_tginfo, variant) == 0, "variant");
_Static_assert(offsetof(struct xt_tarpit_tginfo, flags) == 1, "flags");
_Static_assert(offsetof(struct xt_tarpit_tginfo, pad) == 2, "pad");
_Static_assert(sizeof(struct xt_tarpit_tginfo) == 8, "size");
_Static_assert(XT_TARPIT_SAME_IF == 1, "same-if");
_Static_assert(XT_TARPIT_TARPIT == 0, "tarpit");
_Static_assert(XT_TARPIT_HONEYPOT == 1, "honeypot");
_Static_assert(XT_TARPIT_RESET == 2, "reset");
