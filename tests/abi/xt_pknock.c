// SPDX-License-Identifier: GPL-2.0-only
/* Layout of the rule data and of the message, the same for 32-bit and 64-bit user space. */
#include <stddef.h>
#include "xt_pknock.h"

_Static_assert(offsetof(struct xt_pknock_mtinfo, name) == 0, "name");
_Static_assert(offsetof(struct xt_pknock_mtinfo, open_secret) == 32, "open_secret");
_Static_assert(offsetof(struct xt_pknock_mtinfo, close_secret) == 64, "close_secret");
_Static_assert(offsetof(struct xt_pknock_mtinfo, ports) == 96, "ports");
_Static_assert(offsetof(struct xt_pknock_mtinfo, ports_count) == 126, "ports_count");
_Static_assert(offsetof(struct xt_pknock_mtinfo, flags) == 127, "flags");
_Static_assert(offsetof(struct xt_pknock_mtinfo, time) == 128, "time");
_Static_assert(offsetof(struct xt_pknock_mtinfo, autoclose) == 132, "autoclose");
_Static_assert(offsetof(struct xt_pknock_mtinfo, rule) == 136, "rule");
_Static_assert(sizeof(struct xt_pknock_mtinfo) == 144, "size");
_Static_assert(offsetof(struct xt_pknock_key, id) == 32, "id");
_Static_assert(offsetof(struct xt_pknock_key, pad) == 33, "pad");
_Static_assert(sizeof(struct xt_pknock_key) == 36, "size");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, name) == 0, "name");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, open_secret) == 32, "open_secret");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, close_secret) == 64, "close_secret");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, ports) == 96, "ports");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, ports_count) == 126, "ports_count");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, flags) == 127, "flags");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, time) == 128, "time");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, autoclose) == 132, "autoclose");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, key_count) == 136, "key_count");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, keys) == 140, "keys");
_Static_assert(offsetof(struct xt_pknock_mtinfo3, rule) == 720, "rule");
_Static_assert(sizeof(struct xt_pknock_mtinfo3) == 728, "size");
_Static_assert(offsetof(struct xt_pknock_msg, rule_name) == 0, "rule_name");
_Static_assert(offsetof(struct xt_pknock_msg, peer_ip) == 32, "peer_ip");
_Static_assert(offsetof(struct xt_pknock_msg, peer_ip6) == 36, "peer_ip6");
_Static_assert(sizeof(struct xt_pknock_msg) == 48, "size");
_Static_assert(XT_PKNOCK_ALL == 127, "flags");
_Static_assert(XT_PKNOCK_ALL3 == 255, "flags");
