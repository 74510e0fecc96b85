// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_ipp2p.h"

_Static_assert(offsetof(struct xt_ipp2p_mtinfo, protocols) == 0, "protocols");
_Static_assert(offsetof(struct xt_ipp2p_mtinfo, flags) == 4, "flags");
_Static_assert(sizeof(struct xt_ipp2p_mtinfo) == 8, "size");

_Static_assert(offsetof(struct xt_ipp2p_mtinfo3, protocols) == 0, "protocols");
_Static_assert(offsetof(struct xt_ipp2p_mtinfo3, flags) == 4, "flags");
_Static_assert(offsetof(struct xt_ipp2p_mtinfo3, peers) == 8, "peers");
_Static_assert(sizeof(struct xt_ipp2p_mtinfo3) == 16, "size");

_Static_assert(XT_IPP2P_EDK == 0x1, "edk");
_Static_assert(XT_IPP2P_DC == 0x2, "dc");
_Static_assert(XT_IPP2P_GNU == 0x4, "gnu");
_Static_assert(XT_IPP2P_KAZAA == 0x8, "kazaa");
_Static_assert(XT_IPP2P_BIT == 0x10, "bit");
_Static_assert(XT_IPP2P_APPLE == 0x20, "apple");
_Static_assert(XT_IPP2P_SOUL == 0x40, "soul");
_Static_assert(XT_IPP2P_WINMX == 0x80, "winmx");
_Static_assert(XT_IPP2P_ARES == 0x100, "ares");
_Static_assert(XT_IPP2P_MUTE == 0x200, "mute");
_Static_assert(XT_IPP2P_WASTE == 0x400, "waste");
_Static_assert(XT_IPP2P_XDCC == 0x800, "xdcc");
_Static_assert(XT_IPP2P_ALL == 0xfff, "all");
_Static_assert(XT_IPP2P_DEBUG == 1, "debug");
_Static_assert(XT_IPP2P_FLAGS_ALL == 1, "flags");
_Static_assert(XT_IPP2P_LEARN == 2, "learn");
_Static_assert(XT_IPP2P_FLAGS_ALL3 == 3, "flags");
