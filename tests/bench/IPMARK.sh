#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A shift, an AND, an OR. Wanted: 10 ns at most.
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
cost_by 'MARK (the kernel'"'"'s own)' "$packets" mangle -j MARK --set-mark 1
cost_by 'IPv4' "$packets" mangle -j IPMARK --addr src --and-mask 0xffff --or-mask 0x10000
family=6
cost_by 'IPv6' 'src=fd00::/64 dst=fd01::1' mangle -j IPMARK --addr src --shift 16 --and-mask 0xffff
finish
