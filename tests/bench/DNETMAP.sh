#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What NAT of a new flow costs: each packet is a flow, which is forgotten
# behind POSTROUTING. The base does the same without an address to change.
# Wanted: new flows a second, 1 / (base + cost), at least 0.9 of those of SNAT.
# SNAT keeps nothing of a host. A binding is a line of memory, which with 65536 hosts
# that are equally busy is rarely in a cache: those rows tell what that costs.
#
# "..., forwarded" is the whole path of a router: a packet of one of 65536 hosts that
# are equally busy is received, makes an entry, is routed, gets an address and is
# sent by another device. The last 65536 flows (of each CPU) live; the end of the
# oldest is part of the row. The base does all of that with conntrack, but without an
# address to change: 1 / (base + cost) is what a CPU of a router can begin in a second.
. "${0%/*}/lib.sh"

flow='hook=routed ct=forget dst=192.0.2.1'
hosts="$flow src=10.0.0.0/16 warm=200000"
busy="$flow src=10.0.0.0/16,zipf=65536 warm=3000000"
few="$flow src=10.0.0.0/24 warm=20000"
crowd="$flow src=10.0.0.0/8 warm=200000"
live=65536
# 2^48 flows to draw from: a packet repeats one that lives once in 4 * 10^9 times
through="way=receive skb=fresh dev=d0 ct=forget live=$live src=10.0.0.0/16 dst=198.18.0.0/16 warm=400000"

# conntrack in both
nat()
{
	xb_side=$1
	shift
	ipt 4 "$xb_side" -t mangle -A POSTROUTING -m conntrack --ctstate INVALID || return
	[ "$xb_side" = rules ] || set --
	ipt 4 "$xb_side" -t nat -A POSTROUTING "$@"
}

# router SIDE RULE...: what comes from d0 leaves by d1; no address of the packets is
# its own, nor looks like a broadcast. Flows end when their place is taken, not before.
router()
{
	ns_ip "$1" <<-END || return
		link add d0 type dummy
		link add d1 type dummy
		link set d0 up arp on
		link set d1 up arp on
		addr add 192.0.2.1/24 dev d1
		neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev d1 nud permanent
		route add 10.0.0.0/16 dev d0
		route add 198.18.0.0/16 via 192.0.2.2
	END
	ns_sysctl "$1" net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.d0.rp_filter=0
	nat "$@" && ns_sysctl "$1" net.netfilter.nf_conntrack_udp_timeout=600
}

# table BUCKETS: of conntrack, for all namespaces; a namespace may have as many flows
table()
{
	echo "$1" >/proc/sys/net/netfilter/nf_conntrack_buckets &&
	echo "$1" >/proc/sys/net/netfilter/nf_conntrack_max
}

# left LABEL: each packet that was accepted left, but for some multicast reports, and as
# many flows live as should, in each of the two namespaces
left()
{
	asked=$(awk '{ n += $1 } END { print n / 2 }' "$XA_TMP/accepted")
	for side in rules base; do
		sent=$(in_ns "$side" cat /proc/net/dev | awk '$1 == "d1:" { print $11 }')
		[ "$sent" -ge "$asked" ] && [ "$sent" -le $((asked + 20)) ] && continue
		not_ok "$1: each packet is forwarded" "$side: expected $asked, got $sent"
		return 1
	done
	[ "$(xb_field alive)" -eq $((2 * live)) ] && return
	not_ok "$1: the flows live" "expected $((2 * live)), got $(xb_field alive)"
	return 1
}

# All addresses are bound, for ten minutes; half of the flows are of hosts without one, for
# which the prefix is searched. Wanted: the slowest 50 us above the median at most, on a CPU
# that is ours (the kernel's own work on the other one).
full='hook=routed ct=forget dst=192.0.2.1 src=10.0.0.0/13 warm=3000000 batch=2000'

each()
{
	"$1" 'SNAT to one address' "$hosts" nat -j SNAT --to-source 20.0.0.1
	"$1" 'SNAT to a /16' "$hosts" nat -j SNAT --to-source 20.0.0.0-20.0.255.255
	"$1" 'NETMAP' "$hosts" nat -j NETMAP --to 20.0.0.0/16
	"$1" 'DNETMAP, 65536 bindings' "$hosts" nat -j DNETMAP --prefix 20.0.0.0/16
	"$1" 'DNETMAP, a new binding each' "$crowd" nat -j DNETMAP --prefix 20.0.0.0/16 --ttl 0
}

forwarded()
{
	"$1" 'SNAT to one address, forwarded' "$through" router -j SNAT --to-source 20.0.0.1
	"$1" 'SNAT to a /16, forwarded' "$through" router -j SNAT --to-source 20.0.0.0-20.0.255.255
	"$1" 'NETMAP, forwarded' "$through" router -j NETMAP --to 20.0.0.0/16
	"$1" 'DNETMAP, 65536 bindings, forwarded' "$through" router -j DNETMAP --prefix 20.0.0.0/16
}

each cost_by
cost_by 'SNAT to a /16, Zipf hosts' "$busy" nat -j SNAT --to-source 20.0.0.0-20.0.255.255
cost_by 'DNETMAP, 65536 bindings, Zipf hosts' "$busy" nat -j DNETMAP --prefix 20.0.0.0/16
cost_by 'DNETMAP, 256 bindings' "$few" nat -j DNETMAP --prefix 20.0.0.0/16
worst_by 'DNETMAP, 262144 bindings' "$full" nat -j DNETMAP --prefix 20.0.0.0/14
worst_by 'DNETMAP, after 70 s of silence' "$full pause=70" nat -j DNETMAP --prefix 20.0.0.0/14
cpus=2
# two CPUs that choose the same port towards one address at the same time lose a packet
hosts="hook=routed ct=forget dst=198.18.0.0/16 src=10.0.0.0/16 warm=200000"
each scale_by

# as large as in any machine with more than 4 GiB; the rows above have what is usual here
usual=$(cat /proc/sys/net/netfilter/nf_conntrack_buckets)
table 262144
cpus=1 after=left
forwarded cost_by
cpus=2
forwarded scale_by
table "$usual"
finish
