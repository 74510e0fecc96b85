// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_length2.h"

_Static_assert(offsetof(struct xt_length2_mtinfo, min) == 0, "min");
_Static_assert(offsetof(struct xt_length2_mtinfo, max) == 4, "max");
_Static_assert(offsetof(struct xt_length2_mtinfo, flags) == 8, "flags");
_Static_assert(sizeof(struct xt_length2_mtinfo) == 12, "size");
