#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What NAT of a new flow costs: each packet is a flow, which is forgotten
# behind POSTROUTING. The base does the same without an address to change.
# Wanted: new flows a second, 1 / (base + cost), at least 0.9 of those of SNAT.
. "${0%/*}/lib.sh"

flow='hook=routed ct=forget dst=192.0.2.1'
hosts="$flow src=10.0.0.0/16 warm=200000"
crowd="$flow src=10.0.0.0/8 warm=200000"

# conntrack in both
nat()
{
	xb_side=$1
	shift
	ipt 4 "$xb_side" -t mangle -A POSTROUTING -m conntrack --ctstate INVALID || return
	[ "$xb_side" = rules ] || set --
	ipt 4 "$xb_side" -t nat -A POSTROUTING "$@"
}

each()
{
	"$1" 'SNAT to one address' "$hosts" nat -j SNAT --to-source 20.0.0.1
	"$1" 'SNAT to a /16' "$hosts" nat -j SNAT --to-source 20.0.0.0-20.0.255.255
	"$1" 'NETMAP' "$hosts" nat -j NETMAP --to 20.0.0.0/16
	"$1" 'DNETMAP, 65536 bindings' "$hosts" nat -j DNETMAP --prefix 20.0.0.0/16
	"$1" 'DNETMAP, a new binding each' "$crowd" nat -j DNETMAP --prefix 20.0.0.0/16 --ttl 0
}

each cost_by
cpus=2
each scale_by
finish
