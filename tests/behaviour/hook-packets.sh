#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: packets of more than 64 KiB, fragments of IPv6, protocols that change, routing by the
# TOS, and what a listing shows of an extension's data
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"

# raw NS WORD...: the words of hookctl; the answers in one line
raw()
{
	xa_n=$1
	shift
	oneline "$(in_ns "$xa_n" hookctl "$@" 2>&1)"
}

# counted NS: packets of all rules, in order
counted()
{
	in_ns "$1" hookctl get | sed -n 's/^rule [0-9]* \([0-9]*\) .*/\1/p' | xargs
}

# fragments WHAT HOOK COUNTS PACKET...: of rules for UDP, for all but UDP, and for all that is left
# (to s: the kernel has multicast reports of its own)
fragments()
{
	what=$1 place=$2 counts=$3
	shift 3
	raw s begin "chain=6:${place%%:*}:0${place#*:}" rule=proto=17 'rule=proto=17,!proto' add \
		"chain=6:${place%%:*}:5${place#*:}" rule=dst=fd00::2/128 add commit >"$XA_TMP/made"
	send "$@"
	expect "$what" "$counts" "$(counted s)"
}

# A fragment that is not the first may begin with any header.
of_ipv6()
{
	ns_pair
	for at in ingress:s0 prerouting:; do
		case $at in
		ingress:*)	hook=ingress::s0 cut=1 ;;
		*)		hook=prerouting: cut=0 ;;
		esac
		fragments "${at%:*}: a fragment of UDP" $hook "1 0 1" 'ip6 / frag off=1 next=17 / data zero=8'
		fragments "${at%:*}: of something else" $hook "0 1 1" 'ip6 / frag off=1 next=6 / data zero=8'
		for next in 43 51 60; do
			fragments "${at%:*}: that begins with the header $next" $hook "0 0 1" \
				"ip6 / frag off=1 mf=1 next=$next / data zero=8"
		done
		fragments "${at%:*}: behind another header" $hook "0 0 1" \
			'ip6 / dstopt opt=010400000000 / frag off=9 next=60 / data zero=8'
		fragments "${at%:*}: a header that is cut off" $hook "0 0 $cut" 'ip6 next=60 / data zero=1'
		fragments "${at%:*}: in the first fragment" $hook "0 0 $cut" 'ip6 / frag mf=1 next=60 / data zero=1'
		fragments "${at%:*}: of a fragment" $hook "0 0 $cut" 'ip6 next=44 / data zero=3'
	done
	ns_del_all
}

# A target may change the protocol: the rules behind it see the new one.
changed()
{
	ns_pair
	for f in 4 6; do
		case $f in
		4)	ip='ip src=10.0.0.1 dst=10.0.0.2' ;;
		6)	ip='ip6 src=fd00::1 dst=fd00::2' ;;
		esac
		expect "IPv$f: PROTO" "begin 0 found=1 | add 0 | commit 0" \
			"$(raw s ext=$f:PROTO:0 begin "chain=$f:prerouting:0" rule=proto=17,PROTO:0:01fd \
				rule=proto=17 rule=proto=253 add commit)"
		send "$ip / udp dport=7"
		expect "IPv$f: the new protocol is matched" "1 0 1" "$(counted s)"
	done
	ns_del_all
}

# Packets of more than 64 KiB, whose header cannot say it
large()
{
	ns_new s
	ip -n "$(ns_name s)" link set lo mtu 1500
	families=$(in_ns s pkt large 200000 lo)
	ns_sysctl s net.ipv4.tcp_wmem='4096 4000000 8000000' net.ipv4.tcp_rmem='4096 4000000 8000000'
	listen s tcp 9000 --sink
	for f in 4 6; do
		case $families in
		*$f*)	;;
		*)	skip_part "IPv$f: this kernel has no packets of more than 64 KiB"
			continue ;;
		esac
		[ $f = 4 ] && to=127.0.0.1 || to=::1
		hook s add ingress --dev lo -$f -p tcp --dport 9000 -m length2 --layer3 --length 65576:200000
		expect_ok "IPv$f: bytes go through ingress" in_ns s pkt connect --bytes 10000000 --timeout 30 $to 9000
		expect_range "IPv$f: in packets of more than 64 KiB" 1 1000 "$(packets s 1 ingress --dev lo -$f)"
	done
	ns_del_all
}

# reroutes PACKET: whether the table mangle routes it anew by its TOS; in IPv6, where that is
# the traffic class, old kernels do not
reroutes()
{
	ipt "$f" c -t mangle -A OUTPUT -p udp -j TOS --set-tos 0x10/0xff
	in_ns c pkt send --local "$1 / udp dport=7" >/dev/null 2>&1
	ipt "$f" c -t mangle -F OUTPUT
	[ "$(counted s)" = 0 ]
}

# A TOS that is set at output decides about the route.
tos()
{
	ns_pair
	case $(raw s ext=4:TOS:1 ext=6:TOS:1 begin) in
	*found=11)	;;
	*)		skip_part "this kernel has no TOS"
			ns_del_all
			return ;;
	esac
	for f in 4 6; do
		[ $f = 4 ] && packet='ip src=10.0.0.1 dst=10.0.0.2' || packet='ip6 src=fd00::1 dst=fd00::2'
		raw s begin chain=$f:prerouting:0 rule=proto=17 add commit >/dev/null
		ip -n "$(ns_name c)" -$f route add blackhole default table 100
		ip -n "$(ns_name c)" -$f rule add tos 0x10 table 100
		reroutes "$packet" || { skip_part "IPv$f: this kernel's table mangle does not do that either"; continue; }
		raw c ext=$f:TOS:1 begin chain=$f:output:-150 rule=proto=17,TOS:1:08ff add commit >/dev/null
		in_ns c pkt send --local "$packet / udp dport=7" >/dev/null 2>&1
		expect "IPv$f: a TOS that no rule is about" "1 1" "$(counted c) $(counted s)"
		raw c ext=$f:TOS:1 begin chain=$f:output:-150 rule=proto=17,TOS:1:10ff add commit >/dev/null
		in_ns c pkt send --local "$packet / udp dport=7" >/dev/null 2>&1
		expect "IPv$f: one that has another route" "1 1" "$(counted c) $(counted s)"
	done
	ns_del_all
}

# What an extension keeps for itself, addresses of the kernel, is not shown.
listed()
{
	ns_new s
	raw s ext=4:quota2:4 begin chain=4:input:0 rule=quota2:4:shown add commit >/dev/null
	data=$(in_ns s hookctl get | sed -n 's/.*quota2:4:\([0-9a-f]*\).*/\1/p')
	expect_match "the data of quota2: its name, flags, quota" "73686f776e00*" "$data"
	expect "and zeros where the kernel's own is" "$(printf '%016d' 0)" "${data#"${data%????????????????}"}"
	ns_del_all
}

# pktgen LINE...: written into its files in s, in front of each line the file
pktgen()
{
	for line; do
		in_ns s sh -c 'echo "$2" >"/proc/net/pktgen/$1"' sh "${line%%: *}" "${line#*: }" 2>/dev/null || return
	done
}

# One packet is handed over five times: what a rule writes at ingress only a copy of it has.
shared()
{
	modprobe pktgen 2>/dev/null
	ns_pair
	if ! pktgen 'kpktgend_0: add_device s0' 's0: xmit_mode netif_receive' 's0: burst 5' 's0: count 10'; then
		skip_part "this kernel has no pktgen that hands packets over"
	else
		expect "a rule that writes" "begin 0 found=11 | add 0 | commit 0" "$(raw s ext=4:ttl:0 ext=4:TTL:0 begin \
			chain=4:ingress:0:s0 rule=proto=17,ttl:0:0020 rule=proto=17,TTL:0:0201 add commit)"
		pktgen 'pgctrl: start'
		expect "each time the packet is as it was" "10 10" "$(counted s)"
	fi
	ns_del_all
	rmmod pktgen 2>/dev/null
}

of_ipv6
changed
large
shared
tos
listed
expect_unload xa_hook xt_quota2 xt_length2 xt_PROTO
finish
