// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the records of an upload, and the numbers of its language. */
#include <stddef.h>
#include "xa_addrdb_nl.h"

_Static_assert(sizeof(struct xa_addrdb_bound4) == 8, "bound4");
_Static_assert(offsetof(struct xa_addrdb_bound4, class) == 4, "bound4 class");
_Static_assert(sizeof(struct xa_addrdb_bound6) == 20, "bound6");
_Static_assert(offsetof(struct xa_addrdb_bound6, class) == 16, "bound6 class");
_Static_assert(XA_ADDRDB_CMD_CHECK == 8, "last command");
_Static_assert(XA_ADDRDB_ATTR_LABELS == 10, "labels");
_Static_assert(XA_ADDRDB_ATTR_SETS == 22, "sets");
_Static_assert(XA_ADDRDB_ATTR_MAX == 23, "last attribute");
