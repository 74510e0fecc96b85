// SPDX-License-Identifier: GPL-2.0-only
/* Layout of what rules are described by, and the numbers of its language. */
#include <stddef.h>
#include "xa_hook_nl.h"

_Static_assert(sizeof(struct xa_hook_base) == 136, "base");
_Static_assert(offsetof(struct xa_hook_base, src_mask) == 16, "source mask");
_Static_assert(offsetof(struct xa_hook_base, dst) == 32, "destination");
_Static_assert(offsetof(struct xa_hook_base, dst_mask) == 48, "destination mask");
_Static_assert(offsetof(struct xa_hook_base, in) == 64, "in");
_Static_assert(offsetof(struct xa_hook_base, in_mask) == 80, "in mask");
_Static_assert(offsetof(struct xa_hook_base, out) == 96, "out");
_Static_assert(offsetof(struct xa_hook_base, out_mask) == 112, "out mask");
_Static_assert(offsetof(struct xa_hook_base, protocol) == 128, "protocol");
_Static_assert(offsetof(struct xa_hook_base, flags) == 130, "flags");
_Static_assert(offsetof(struct xa_hook_base, invert) == 131, "invert");
_Static_assert(sizeof(struct xa_hook_counters) == 16, "counters");
_Static_assert(_Alignof(struct xa_hook_counters) == 8, "counters are aligned");
_Static_assert(XA_HOOK_INGRESS == 5, "ingress");
_Static_assert(XA_HOOK_INV_FRAGMENT == 32, "last inversion");
_Static_assert(XA_HOOK_CMD_MAX == 6, "last command");
_Static_assert(XA_HOOK_ATTR_TOKEN == 2, "token");
_Static_assert(XA_HOOK_ATTR_MAX == 11, "last attribute");
_Static_assert(XA_HOOK_CHAIN_MAX == 5, "last attribute of a chain");
_Static_assert(XA_HOOK_RULE_MAX == 8, "last attribute of a rule");
_Static_assert(XA_HOOK_EXT_MAX == 5, "last attribute of an extension");
