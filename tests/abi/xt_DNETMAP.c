// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_DNETMAP.h"

_Static_assert(offsetof(struct xt_dnetmap_tginfo, net) == 0, "net");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, len) == 4, "len");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, flags) == 5, "flags");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, pad) == 6, "pad");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, ttl) == 8, "ttl");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, pad2) == 12, "pad2");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, space) == 16, "space");
_Static_assert(offsetof(struct xt_dnetmap_tginfo, prefix) == 24, "prefix");
_Static_assert(sizeof(struct xt_dnetmap_tginfo) == 32, "size");
