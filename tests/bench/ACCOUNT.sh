#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each packet finds its host's cell and adds to it. Wanted: 20 ns at most for
# a /24, and two CPUs carry 1.8 times the packets of one, for /24 and /8.
. "${0%/*}/lib.sh"
modprobe xa_budget

# a /8 with all of its hosts takes more than the share of this guest's memory
echo 2048 >/sys/module/xa_budget/parameters/max_memory
echo 2048 >/sys/module/xa_budget/parameters/max_netns

p24='src=10.0.0.0/24 dst=192.0.2.1'
p16='src=10.1.0.0/16 dst=192.0.2.1 warm=200000'
p8='src=10.0.0.0/8 dst=192.0.2.1 warm=2000000'
z8='src=10.0.0.0/8,zipf=10000 dst=192.0.2.1'
other='src=172.16.0.0/12 dst=192.0.2.1'
one='src=10.0.0.7 dst=192.0.2.1'
v6='src=fd00::/64,zipf=1000 dst=fd01::1'

account()
{
	xb_what=$1 xb_label=$2 xb_packets=$3 xb_addr=$4
	"$xb_what" "$xb_label" "$xb_packets" -j ACCOUNT --addr "$xb_addr" --tname bench
}

each()
{
	account "$1" '/24' "$p24" 10.0.0.0/24
	account "$1" '/24, one host' "$one" 10.0.0.0/24
	account "$1" '/16' "$p16" 10.1.0.0/16
	account "$1" '/8' "$p8" 10.0.0.0/8
	account "$1" '/8, 10000 hosts (Zipf)' "$z8" 10.0.0.0/8
}

# peers KIND: the kernel's own that counts by host, senders only
peers()
{
	xb_sets='set hosts { type ipv4_addr; size 65536; flags dynamic; counter; }'
	"$1_nft" 'nft set with counters, /24' "$p24" 'update @hosts { ip saddr }'
	"$1_nft" 'nft set with counters, /16' "$p16" 'update @hosts { ip saddr }'
	xb_sets=
}

each cost
peers cost
account cost '/24, both hosts in it' 'src=10.0.0.0/24 dst=10.0.0.0/24' 10.0.0.0/24
account cost '/24, packets of others' "$other" 10.0.0.0/24
account cost '0/0 (one cell)' "$p8" 0.0.0.0/0
family=6
account cost 'IPv6 /64, 1000 hosts (Zipf)' "$v6" fd00::/64
family=4

cpus=2
each cost
each scale
peers scale
finish
