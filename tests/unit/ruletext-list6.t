# SPDX-License-Identifier: GPL-2.0-only
# as ruletext-list.t, for IPv6
-j PROTO --proto-set 17 --stop-at-frag --stop-at-auth; PROTO set to 17 stop-at-frag stop-at-auth;LIST
-j ACCOUNT --addr fd00::/64 --tname sales --per 80; ACCOUNT addr fd00::/64 tname sales per 80;LIST
