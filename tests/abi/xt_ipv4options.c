// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_ipv4options.h"

_Static_assert(offsetof(struct xt_ipv4options_mtinfo, present) == 0, "present");
_Static_assert(offsetof(struct xt_ipv4options_mtinfo, absent) == 4, "absent");
_Static_assert(offsetof(struct xt_ipv4options_mtinfo, flags) == 8, "flags");
_Static_assert(sizeof(struct xt_ipv4options_mtinfo) == 12, "size");
