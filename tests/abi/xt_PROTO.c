// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_PROTO.h"

_Static_assert(offsetof(struct xt_proto_tginfo, mode) == 0, "mode");
_Static_assert(offsetof(struct xt_proto_tginfo, proto) == 1, "proto");
_Static_assert(sizeof(struct xt_proto_tginfo) == 2, "size");
