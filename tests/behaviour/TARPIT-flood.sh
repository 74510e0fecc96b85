#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TARPIT, DELUDE, ECHO and CHAOS on a bridge of many ports: a frame for an Ethernet address
# that no port is known for leaves by all of them, and has one answer
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"
. "${0%/*}/../reply.sh"

unknown='eth src=02:00:00:00:00:01 dst=02:00:00:00:00:77'
known='eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02'

# flood_bridge: c and s at br0 of b, and three more ports
flood_bridge()
{
	modprobe br_netfilter 2>/dev/null
	ns_bridge
	in_ns b test -e /proc/sys/net/bridge/bridge-nf-call-iptables ||
		{ skip_part "this kernel has no br_netfilter"; return 1; }
	ns_sysctl b net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	for i in 3 4 5; do
		xa_veth b "b$i" "02:00:00:00:03:0$i" s "s$i" "02:00:00:00:04:0$i"
		printf '%s\n' "link set b$i master br0" | ns_ip b
	done
	dev_runs b b3 b4 b5
}

# rules TARGET...: in FORWARD, in both families
rules()
{
	for f in 4 6; do
		ipt $f b -F
		ipt $f b -A FORWARD "$@"
	done
}

# seen WHAT WANTED SEND-ARGS...: that many answers reach c
seen()
{
	what=$1 wanted=$2
	shift 2
	# copies between which a guest stands still for a hundredth of a second are frames of their own
	for try in 1 2 3; do
		watch seen
		send "$@"
		answers seen "$wanted" >"$XA_TMP/got"
		got=$(grep -c . "$XA_TMP/got")
		[ "$got" -gt "$wanted" ] || break
	done
	expect "$what (try $try)" "$wanted" "$got"
}

# each_family WHAT WANTED LAYERS [SEND-ARGS...]: to a frame for the unknown address
each_family()
{
	each=$1 number=$2 layers=$3
	shift 3
	seen "IPv4, $each" "$number" "$@" "$unknown / ip / $layers"
	seen "IPv6, $each" "$number" "$@" "$unknown / ip6 / $layers"
}

syn='tcp sport=999 dport=80 flags=S'
ack='tcp sport=999 dport=80 flags=A seq=1 ack=1'
datagram='udp sport=999 dport=80 / data text=x'

copies()
{
	flood_bridge || return
	rules -p tcp
	send "$unknown / ip / $syn"
	expect_count "the frame passes FORWARD once for each port" 4 4 b filter FORWARD 1
	rules -p tcp -j TARPIT
	each_family "TARPIT: one answer to a SYN" 1 "$syn"
	each_family "TARPIT: one answer to an ACK" 1 "$ack"
	each_family "TARPIT: the same frame three times has three answers" 3 "$syn" -n 3
	each_family "TARPIT: one answer to each of twenty frames" 20 \
		'tcp sport=1000..1019 dport=80 flags=S' -n 20
	rules -p tcp -j TARPIT --same-if
	each_family "TARPIT --same-if: one answer" 1 "$syn"
	rules -p tcp -j DELUDE
	each_family "DELUDE: one answer to a SYN" 1 "$syn"
	each_family "DELUDE: one answer to an ACK" 1 "$ack"
	rules -p udp -j ECHO
	each_family "ECHO: one answer" 1 "$datagram"
	each_family "ECHO: the same datagram three times has three answers" 3 "$datagram" -n 3
}

# A port is known by its number, and each namespace numbers its devices from the beginning.
equals()
{
	flood_bridge || return
	ns_new d
	xa_veth c c1 02:00:00:00:05:01 d dc 02:00:00:00:05:02
	xa_veth d ds 02:00:00:00:05:03 s s6 02:00:00:00:05:04
	ns_ip d <<-END
		link add br0 address 02:00:00:00:05:05 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
		link set dc master br0
		link set ds master br0
		link set br0 up
	END
	# c sends the frame to both bridges at once, whatever has been answered
	ns_ip c <<-END
		link add both type bridge stp_state 0 forward_delay 0 mcast_snooping 0
		link set c0 master both
		link set c1 master both
		link set c0 type bridge_slave learning off
		link set c1 type bridge_slave learning off
		link set both up
	END
	ns_sysctl c net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
	ns_sysctl d net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	dev_runs d dc ds br0
	dev_runs c c0 c1 both
	expect "the ports of two namespaces have one number" "$(ip netns exec "$(ns_name b)" cat /sys/class/net/bc/ifindex)" \
		"$(ip netns exec "$(ns_name d)" cat /sys/class/net/dc/ifindex)"
	rules -p tcp -j TARPIT
	ipt 4 d -A FORWARD -p tcp -j TARPIT
	for i in c0 c1; do
		capture c $i $i --in -m tcp
	done
	in_ns c pkt send -d both -n 3 "$unknown / ip / $syn" >/dev/null
	expect "the bridge of one answers" 3 "$(answers c0 3 | grep -c .)"
	expect "and that of the other the same frames" 3 "$(answers c1 3 | grep -c .)"
}

# What the bridge knows a port for
known()
{
	flood_bridge || return
	in_ns b bridge fdb replace 02:00:00:00:00:02 dev bs master static
	rules -p tcp -j TARPIT
	seen "a known address: each frame is answered" 3 -n 3 "$known / ip / $syn"
	in_ns b bridge fdb replace 02:00:00:00:00:02 dev b3 master static
	seen "and each, when it has moved to another port" 3 -n 3 "$known / ip / $syn"
}

# The copies need not be the same piece of memory, nor meet the same rules.
unlike()
{
	flood_bridge || return
	rules -p tcp -j TARPIT
	for f in 4 6; do
		ipt $f b -t mangle -A FORWARD -p tcp -j DSCP --set-dscp 1
	done
	each_family "changed on their way: one answer" 1 "$syn"
	rules -p tcp -m physdev --physdev-out b4 -j TARPIT
	each_family "a rule for one port: one answer" 1 "$syn"
	each_family "a rule for one port: the same frame three times has three" 3 "$syn" -n 3
}

shapes()
{
	flood_bridge || return
	ns_offload c on c0
	rules -p udp -j ECHO
	large='udp sport=999 dport=80 / data zero=4000'
	# each of them has 1000 bytes
	if in_ns c pkt send -d c0 --gso 1000 "$unknown / ip / $large" >/dev/null 2>&1; then
		sleep 0.1
		each_family "GSO: each datagram has one answer" 4 "$large" --gso 1000
	else
		skip_part "GSO: this kernel takes datagrams only one by one"
	fi
	rules -p tcp -j TARPIT --honeypot
	each_family "GSO: segments that come as one have one answer" 1 \
		"$ack / data zero=4000" --gso 1000
}

# chaos REJECT DELUDE: the shares; 4294967295 is always
chaos()
{
	echo "$1" >/sys/module/xt_CHAOS/parameters/reject_percentage &&
		echo "$2" >/sys/module/xt_CHAOS/parameters/delude_percentage
}

errors()
{
	flood_bridge || return
	ns_sysctl b net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0
	rules -j CHAOS --tarpit
	chaos 0 4294967295
	each_family "CHAOS: one answer by TCP" 1 "$syn"
	chaos 4294967295 0
	each_family "CHAOS: one ICMP error" 1 "$syn"
	each_family "CHAOS: one ICMP error to a datagram" 1 "$datagram"
	chaos 42949672 43379169
}

for part in copies equals known unlike shapes errors; do
	$part
	ns_del_all
done
expect_unload xt_TARPIT xt_DELUDE xt_ECHO xt_CHAOS xa_reply
finish
