// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_iface.h"

_Static_assert(offsetof(struct xt_iface_mtinfo, ifname) == 0, "ifname");
_Static_assert(offsetof(struct xt_iface_mtinfo, flags) == 16, "flags");
_Static_assert(offsetof(struct xt_iface_mtinfo, invflags) == 18, "invflags");
_Static_assert(offsetof(struct xt_iface_mtinfo, watch) == 24, "watch");
_Static_assert(sizeof(struct xt_iface_mtinfo) == 40, "size");
