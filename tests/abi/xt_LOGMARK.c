// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_LOGMARK.h"

_Static_assert(offsetof(struct xt_logmark_tginfo, prefix) == 0, "prefix");
_Static_assert(offsetof(struct xt_logmark_tginfo, level) == 30, "level");
_Static_assert(offsetof(struct xt_logmark_tginfo, rule) == 32, "rule");
_Static_assert(sizeof(struct xt_logmark_tginfo) == 40, "size");
