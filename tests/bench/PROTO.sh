#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A byte, and the header checksum of IPv4. Wanted: 10 ns at most for packets
# that have the number already, and for those that get it.
. "${0%/*}/lib.sh"

# in the mangle table, which is in both namespaces
mangle()
{
	xb_side=$1
	shift
	[ "$xb_side" = rules ] || set --
	ipt "$family" "$xb_side" -t mangle -A PREROUTING "$@"
}

packets='src=10.0.0.0/24 dst=192.0.2.1'
cost_by 'the number it has' "$packets" mangle -j PROTO --proto-set 17
cost_by 'another number' "$packets skb=fresh" mangle -j PROTO --proto-set 253
family=6
cost_by 'the number it has' 'src=fd00::/64 dst=fd01::1' mangle -j PROTO --proto-set 17
cost_by 'another number' 'src=fd00::/64 dst=fd01::1 skb=fresh' mangle -j PROTO --proto-set 253
finish
