#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# psd: ports that were answered do not count where connection tracking is on
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/psd.inc
. "${0%/*}/psd.inc"

# answer FIRST LAST [N]: s answers from these ports, to c or to the address N
answer()
{
	case $f in
	4)	from="ip src=10.0.0.2 dst=$(host "${3:-1}")" ;;
	6)	from="ip6 src=fd00::2 dst=$(host "${3:-1}")" ;;
	esac
	in_ns s pkt send --local -n $(($2 - $1 + 1)) "$from / udp sport=$1..$2 dport=4000" >/dev/null ||
		not_ok "IPv$f: s answers"
}

# questions FIRST LAST: to ports of s, which are answered then
questions()
{
	send $(($2 - $1 + 1)) "IP / udp sport=4000 dport=$1..$2"
	answer "$1" "$2"
}

# question PORT N: asked by the address N, and answered
question()
{
	send 1 "IP src=$(host "$2") / udp sport=4000 dport=$1"
	answer "$1" "$1" "$2"
}

# answered_rules: the manual's, and psd without connection tracking before them
answered_rules()
{
	ns_pair
	ns_sysctl s net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	for f in 4 6; do
		ipt $f s -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		ipt $f s -A INPUT -m psd $slow
		ipt $f s -t raw -A PREROUTING -m psd $slow
	done
}

# answered_after WHAT: no scan so far; then seven ports that are closed
answered_after()
{
	expect_count "IPv$f: $1: no scan" 0 $f s filter INPUT 2
	send 6 "IP / udp sport=4000 dport=101..106"
	expect_count "IPv$f: $1, then six ports that are closed" 0 $f s filter INPUT 2
	send 1 "IP / udp sport=4000 dport=107"
	expect_count "IPv$f: $1, then the seventh" 1 $f s filter INPUT 2
}

answered()
{
	answered_rules
	for f in 4 6; do
		for first in 1 7 13 19; do
			questions $first $((first + 5))
		done
		expect_count "IPv$f: without connection tracking 24 ports are a scan" 18 $f s raw PREROUTING 1
		answered_after "24 UDP ports that answer"
	done
}

# Real connections; resets are no answers, nor is what a rule drops.
answered_tcp()
{
	answered_rules
	ports='11 12 13 14 15 16 17 18'
	for port in $ports; do listen s tcp "$port"; done
	for f in 4 6; do
		for port in $ports; do
			in_ns c pkt connect --bytes 200 "$(host 2)" "$port" >/dev/null || not_ok "IPv$f: connects to $port"
		done
		answered_after "eight TCP ports that are open"
		ipt $f s -R INPUT 2 -m psd $slow
		send 8 "IP / tcp sport=5000 dport=21..28"
		expect_count "IPv$f: eight TCP ports that answer with a reset" 2 $f s filter INPUT 2
		ipt $f s -R INPUT 2 -m psd $slow
		send 8 "IP / udp sport=5000 dport=21..28"
		expect_count "IPv$f: eight UDP ports that are unreachable" 2 $f s filter INPUT 2
		ipt $f s -R INPUT 2 -m psd $slow
		ipt $f s -A INPUT -p udp --dport 30:50 -j DROP
		for port in 31 32 33 34 35 36 37; do questions $port $port; done
		expect_count "IPv$f: what is dropped is not answered" 1 $f s filter INPUT 2
	done
}

# A zone of connection tracking, and a packet that has its template
answered_zone()
{
	answered_rules
	for f in 4 6; do
		ipt $f s -t raw -I PREROUTING -j CT --zone 5
		ipt $f s -t raw -I OUTPUT -j CT --zone 5
		for first in 1 7 13; do
			questions $first $((first + 5))
		done
		expect_count "IPv$f: behind a template 18 ports are a scan" 12 $f s raw PREROUTING 2
		answered_after "18 ports in a zone"
		ipt $f s -t raw -R PREROUTING 1 -j CT --zone 6
		send 6 "IP / udp sport=4000 dport=201..206"
		expect_count "IPv$f: in another zone it is another host" 1 $f s filter INPUT 2
		send 1 "IP / udp sport=4000 dport=207"
		expect_count "IPv$f: which scans by itself" 2 $f s filter INPUT 2
	done
}

# Several hosts that are one for a rule: the connections of each are looked up.
answered_network()
{
	answered_rules
	for f in 4 6; do
		ipt $f s -R INPUT 2 -m psd $slow --psd-srcmask $([ $f = 4 ] && echo 28 || echo 124)
		for port in 1 4 7 10 13; do
			question $port 1
			question $((port + 1)) 3
			question $((port + 2)) 4
		done
		answered_after "15 ports that three hosts of a network asked"
	done
}

# unload MODULE: and before it whatever uses it
unload()
{
	for user in "/sys/module/$1/holders"/*; do
		[ ! -e "$user" ] || unload "${user##*/}"
	done
	rmmod "$1" 2>/dev/null
}

# At boot the first rules are often older than connection tracking.
answered_late()
{
	[ ! -e /sys/module/nf_conntrack/initstate ] || unload nf_conntrack
	if [ -e /sys/module/nf_conntrack ]; then
		skip_part "connection tracking is there, and cannot be unloaded"
		return
	fi
	ns_pair
	ns_sysctl s net.ipv4.icmp_ratelimit=0
	f=4
	ipt 4 s -A INPUT -m psd $slow
	expect "a rule does not load connection tracking" no \
		"$([ -e /sys/module/nf_conntrack ] && echo yes || echo no)"
	# in front of it, by nft, which leaves the other rule as it is
	ipt 4 s -I INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
	for first in 1 7 13 19; do
		questions $first $((first + 5))
	done
	answered_after "a rule older than connection tracking, and 24 ports that answer"
}

# The port that the packet has is not that of the connection.
answered_nat()
{
	answered_rules
	for f in 4 6; do
		for port in 1 2 3 4 5 6 7 8; do
			ipt $f s -t nat -A PREROUTING -p udp --dport 20$port -j REDIRECT --to-ports $port
		done
		for port in 1 2 3 4 5 6 7 8; do
			send 1 "IP / udp sport=4000 dport=20$port"
			answer $port $port
		done
		answered_after "eight ports behind NAT"
	done
}

XA_BACKENDS=nft each_backend answered_late
each_backend answered
XA_BACKENDS=nft
each_backend answered_tcp
each_backend answered_zone
each_backend answered_network
each_backend answered_nat
expect_unload xt_psd
finish
