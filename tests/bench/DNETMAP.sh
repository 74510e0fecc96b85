#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What NAT of a new flow costs: each packet is a flow, which is forgotten
# behind POSTROUTING. The base does the same without an address to change.
# Wanted: new flows a second, 1 / (base + cost), at least 0.9 of those of SNAT.
# SNAT keeps nothing of a host. A binding is in two places, which with 65536 hosts
# that are equally busy are rarely in a cache: those rows tell what memory costs.
. "${0%/*}/lib.sh"

flow='hook=routed ct=forget dst=192.0.2.1'
hosts="$flow src=10.0.0.0/16 warm=200000"
busy="$flow src=10.0.0.0/16,zipf=65536 warm=3000000"
few="$flow src=10.0.0.0/24 warm=20000"
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
cost_by 'SNAT to a /16, Zipf hosts' "$busy" nat -j SNAT --to-source 20.0.0.0-20.0.255.255
cost_by 'DNETMAP, 65536 bindings, Zipf hosts' "$busy" nat -j DNETMAP --prefix 20.0.0.0/16
cost_by 'DNETMAP, 256 bindings' "$few" nat -j DNETMAP --prefix 20.0.0.0/16
cpus=2
each scale_by
finish
