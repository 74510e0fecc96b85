// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include "xt_SYSRQ.h"

_Static_assert(XT_SYSRQ_TGINFO_SIZE == 0, "size");
