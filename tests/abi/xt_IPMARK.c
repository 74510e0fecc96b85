// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_IPMARK.h"

_Static_assert(offsetof(struct xt_ipmark_tginfo, andmask) == 0, "andmask");
_Static_assert(offsetof(struct xt_ipmark_tginfo, ormask) == 4, "ormask");
_Static_assert(offsetof(struct xt_ipmark_tginfo, selector) == 8, "selector");
_Static_assert(offsetof(struct xt_ipmark_tginfo, shift) == 9, "shift");
_Static_assert(sizeof(struct xt_ipmark_tginfo) == 12, "size");
