// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_condition.h"

_Static_assert(offsetof(struct xt_condition_mtinfo, name) == 0, "name");
_Static_assert(offsetof(struct xt_condition_mtinfo, invert) == 31, "invert");
_Static_assert(offsetof(struct xt_condition_mtinfo, cond) == 32, "cond");
_Static_assert(sizeof(struct xt_condition_mtinfo) == 40, "size");
