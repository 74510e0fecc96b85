// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_gradm.h"

_Static_assert(offsetof(struct xt_gradm_mtinfo, disabled) == 0, "disabled");
_Static_assert(offsetof(struct xt_gradm_mtinfo, enabled) == 8, "enabled");
_Static_assert(sizeof(struct xt_gradm_mtinfo) == 16, "size");
