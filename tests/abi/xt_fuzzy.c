// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_fuzzy.h"

_Static_assert(offsetof(struct xt_fuzzy_mtinfo, lower) == 0, "lower");
_Static_assert(offsetof(struct xt_fuzzy_mtinfo, upper) == 4, "upper");
_Static_assert(offsetof(struct xt_fuzzy_mtinfo, state) == 8, "state");
_Static_assert(sizeof(struct xt_fuzzy_mtinfo) == 16, "size");
