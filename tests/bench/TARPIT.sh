#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A SYN flood from anywhere to a host that answers. A packet is received, routed,
# dropped and answered; the answer is routed and leaves by a dummy device. The
# base does all but the answer. Wanted: 1.3 times the packets that REJECT answers,
# and answers that cost the same to packets of 60 bytes and of 64 KiB (1.2 times).
# A routed answer can not be that fast: more than half of what REJECT costs is the
# kernel's route, memory and transmission, which ours needs as well. --same-if is.
. "${0%/*}/lib.sh"

flood='way=receive skb=fresh dev=d0 proto=tcp flags=0x02 len=0 src=10.0.0.0/8 dport=80'
ack='way=receive skb=fresh dev=d0 proto=tcp flags=0x10 src=10.0.0.0/8 dport=80'

# host SIDE RULE...: answers by RULE, or drops
host()
{
	xb_side=$1
	shift
	[ "$xb_side" = rules ] || set -- -j DROP
	ns_ip "$xb_side" <<-END || return
		link add d0 type dummy
		link set d0 up arp on
		addr add 192.0.2.1/24 dev d0
		addr add fd01::1/64 dev d0 nodad
		neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev d0 nud permanent
		neigh replace fd01::2 lladdr 02:00:00:00:00:02 dev d0 nud permanent
		route add default via 192.0.2.2
		route add ::/0 via fd01::2
	END
	ns_sysctl "$xb_side" net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.d0.rp_filter=0
	ipt "$family" "$xb_side" -t raw -A PREROUTING -p tcp -j CT --notrack &&
	ipt "$family" "$xb_side" -A INPUT -p tcp "$@"
}

# answered LABEL: the device sent as many answers as it received packets, half of
# those that were accepted; the other half went to the side without answers.
# Besides it sends a few multicast reports.
answered()
{
	sent=$(in_ns rules cat /proc/net/dev | awk '$1 == "d0:" { print $11 }')
	asked=$(awk '{ n += $1 } END { print n / 2 }' "$XA_TMP/accepted")
	[ "$sent" -ge "$asked" ] && [ "$sent" -le $((asked + 20)) ] && return
	not_ok "$1: each packet is answered" "expected $asked, got $sent"
	return 1
}
after=answered

# answers LABEL PACKETS RULE...
answers()
{
	xb_label=$1 xb_packets=$2
	shift 2
	cost_by "$xb_label" "$xb_packets" host "$@"
}

answers_all()
{
	to=192.0.2.1 src=
	[ "$family" = 4 ] || to=fd01::1 src=src=2a00::/12
	answers 'TARPIT' "$flood $src dst=$to" -j TARPIT
	answers 'TARPIT --same-if' "$flood $src dst=$to" -j TARPIT --same-if
	answers 'DELUDE' "$flood $src dst=$to" -j DELUDE
	answers 'DELUDE --same-if' "$flood $src dst=$to" -j DELUDE --same-if
	answers 'REJECT, tcp-reset' "$flood $src dst=$to" -j REJECT --reject-with tcp-reset
	answers 'SYNPROXY' "$flood $src dst=$to" -j SYNPROXY --mss 1460
	answers 'TARPIT, ACK of 60 bytes' "$ack $src len=20 dst=$to" -j TARPIT
	answers 'TARPIT, ACK of 64 KiB' "$ack $src len=64000 gso=1400 dst=$to" -j TARPIT
}

backends=${XA_BACKENDS:-nft}
answers_all
family=6
answers_all
finish
