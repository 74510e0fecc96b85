#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TARPIT --same-if: answers by the way the packet came, and the cases that are routed
. "${0%/*}/../lib.sh"
. "${0%/*}/../reply.sh"

flags_golden()
{
	ns_pair
	for mode in tarpit honeypot reset; do
		both -p tcp -j TARPIT --$mode --same-if
		golden 4 $mode
		golden 6 $mode
		ipt 4 s -F
		ipt 6 s -F
	done
}

answer='s,^eth \(src=[^ ]* dst=[^ ]*\) .* dport=\([0-9]*\) flags=\([A-Z]*\) .*,\1 \2 \3,'

# seen WHAT WANTED PACKET...: the answers that reach c: Ethernet addresses, port, flags
seen()
{
	xa_what=$1 xa_want=$2
	shift 2
	capture c c0 seen --in --link -m tcp
	send "$@"
	answers seen "$(printf %s "$xa_want" | tr + "\n" | grep -c .)" >"$XA_TMP/got"
	expect "$xa_what" "$xa_want" "$(sed "$answer" "$XA_TMP/got" | paste -sd+)"
}

asked='eth src=02:00:00:00:00:55 dst=02:00:00:00:00:02'
back='src=02:00:00:00:00:02 dst=02:00:00:00:00:55'
routed='src=02:00:00:00:00:02 dst=02:00:00:00:00:01'

# four WHAT WANTED: SYNs in both families to port 80, with the option, and 81, without,
# from a neighbour that no table knows
four()
{
	seen "$1" "$2" "$asked / ip / tcp sport=991 dport=80 flags=S" "$asked / ip6 / tcp sport=992 dport=80 flags=S" \
		"$asked / ip / tcp sport=993 dport=81 flags=S" "$asked / ip6 / tcp sport=994 dport=81 flags=S"
}

by_the_link()
{
	ns_pair
	both -p tcp --dport 80 -j TARPIT --same-if
	both -p tcp --dport 81 -j TARPIT
	four 'to the Ethernet address that asked; without the option by the route' \
		"$back 991 SA+$back 992 SA+$routed 993 SA+$routed 994 SA"
	ns_sysctl s net.ipv4.ip_default_ttl=44 net.ipv6.conf.all.hop_limit=55
	watch ttl -m tcp
	send 'ip / tcp dport=80' 'ip6 / tcp dport=80'
	expect "the TTL and the hop limit are those of the host" "ttl=44 hlim=55" \
		"$(answers ttl 2 | sed 's/.* \(ttl\|hlim\)=\([0-9]*\) .*/\1=\2/' | xargs)"
	ip -n "$(ns_name s)" rule add ipproto tcp dport 993 blackhole
	ipt 6 s -A OUTPUT -p tcp -j DROP
	four 'neither policy routing nor OUTPUT sees it' "$back 991 SA+$back 992 SA"
	ip -n "$(ns_name s)" rule add ipproto tcp blackhole
	seen 'a source that is no host on the link: by the route, and there is none' '' \
		'eth src=03:00:00:00:00:55 dst=02:00:00:00:00:02 / ip / tcp sport=999 dport=80 flags=S'
	good='tcp dport=80 flags=S'
	silence 4 segments "$good" 'tcp dport=80 flags=S sum=bad' 'tcp dport=80 flags=R'
	silence 6 segments "$good" 'tcp dport=80 flags=S sum=bad' 'tcp dport=80 flags=R'
}

loopback()
{
	ns_pair
	both -p tcp --dport 80 -j TARPIT --same-if
	ipt 4 s -A OUTPUT -o lo -p tcp --sport 80
	in_ns s pkt send -l 'ip src=10.0.0.2 dst=10.0.0.2 / tcp sport=999 dport=80 flags=S' >/dev/null
	expect_count "what came by the loopback is answered by it, through OUTPUT" 1 \
		4 s filter OUTPUT 1
}

# A client is held; nothing of it stays in connection tracking.
held()
{
	ns_pair
	ipt 4 s -A INPUT -m conntrack --ctstate INVALID -j DROP
	both -p tcp --dport 80 -j TARPIT --same-if
	ct_flush s
	for to in 10.0.0.2 '[fd00::2]'; do
		bg c sh -c "(echo hello; sleep 30) | socat - TCP:$to:80" 2>/dev/null
		expect_ok "$to: a connection is held" wait_for 5 in_ns c sh -c \
			'ss -tnH state established dport = :80 | grep -q .'
		bg_stop "$bg_pid"
		in_ns c pkill socat
	done
	expect "no conntrack entry stays" 0 "$(ct_count s)"
}

pingpong()
{
	ns_pair
	for a in tarpit honeypot reset; do
		ipt 4 c -F
		ipt 4 s -F
		ipt 4 c -A INPUT -p tcp -j TARPIT --$a --same-if
		ipt 4 s -A INPUT -p tcp -j TARPIT --honeypot --same-if
		bounded "$a against honeypot: an ACK" 'ip / tcp flags=A ack=1 win=65535' tcp
	done
}

forwarded()
{
	ns_triple
	ipt 4 r -A FORWARD -p tcp --dport 80 -j TARPIT --same-if
	ipt 4 r -A OUTPUT -p tcp -j DROP
	ipt 4 r -t nat -A PREROUTING -p tcp -d 10.0.1.2 --dport 8080 -j DNAT --to 10.0.2.2:80
	capture c c0 forwarded --in --link -m tcp
	in_ns c pkt send -l 'ip src=10.0.1.1 dst=10.0.2.2 / tcp sport=999 dport=80 flags=S' >/dev/null
	expect_match "what is forwarded is answered in the name of the host behind" \
		'eth src=02:00:00:00:01:02 dst=02:00:00:00:01:01 / ip src=10.0.2.2 dst=10.0.1.1 * flags=SA *' \
		"$(answers forwarded 1)"
	ipt 4 r -F OUTPUT
	capture c c0 nat --in -m tcp
	in_ns c pkt send -l 'ip src=10.0.1.1 dst=10.0.1.2 / tcp sport=998 dport=8080 flags=S' >/dev/null
	expect_match "what DNAT has changed is answered from the address that was asked" \
		'ip src=10.0.1.2 dst=10.0.1.1 * / tcp sport=8080 dport=998 flags=SA *' "$(answers nat 1)"
}

vlan()
{
	ns_pair
	for i in c s; do
		ip -n "$(ns_name $i)" link add link ${i}0 name v5 type vlan id 5 2>/dev/null ||
			{ skip_part "this kernel has no VLAN devices"; return; }
		ip -n "$(ns_name $i)" link set v5 up
	done
	printf 'addr add %s dev v5\n' 10.0.5.2/24 | ns_ip s
	both -p tcp -j TARPIT --same-if
	capture c v5 vlan --in --link -m tcp
	in_ns c pkt send -d v5 "$asked / ip src=10.0.5.1 dst=10.0.5.2 / tcp sport=999 dport=80 flags=S" >/dev/null
	expect_match "a VLAN device: the answer has the tag" \
		"eth $back / ip src=10.0.5.2 dst=10.0.5.1 * flags=SA *" "$(answers vlan 1)"
}

vrf()
{
	ns_pair
	into_vrf || { skip_part "this kernel has no VRF"; return; }
	ip -n "$(ns_name s)" route replace 10.0.0.1/32 dev s0 hoplimit 33 table 77
	both -p tcp -j TARPIT --same-if
	seen "a VRF: by its route" "$routed 991 SA+$routed 992 SA" \
		"$asked / ip / tcp sport=991 dport=80 flags=S" "$asked / ip6 / tcp sport=992 dport=80 flags=S"
	expect_match "with the TTL of that route" '* ttl=33 *' "$(sed -n 1p "$XA_TMP/got")"
}

tunnel()
{
	ns_pair
	for i in '1 c 2' '2 s 1'; do
		# shellcheck disable=SC2086 # words
		set -- $i
		ip -n "$(ns_name $2)" link add t0 type ipip local 10.0.0.$1 remote 10.0.0.$3 2>/dev/null ||
			{ skip_part "this kernel has no tunnels"; return; }
		printf '%s\n' 'link set t0 up' "addr add 10.7.0.$1/24 dev t0" | ns_ip $2
	done
	ipt 4 s -A INPUT -p tcp -j TARPIT --same-if
	ipt 4 s -A OUTPUT -o t0 -p tcp --sport 80
	ipt 4 c -A INPUT -i t0 -p tcp --sport 80
	in_ns c pkt send -l 'ip src=10.7.0.1 dst=10.7.0.2 / tcp sport=999 dport=80 flags=S' >/dev/null
	wait_for 10 counted 4 c filter INPUT 1
	expect_count "what came by a tunnel is routed" 1 4 s filter OUTPUT 1
	expect_count "and goes back by it" 1 4 c filter INPUT 1
}

# esp FROM TO IN: what goes from FROM to TO has to be encrypted, both ways
esp()
{
	key=0x000102030405060708090a0b0c0d0e0f
	for i in c s; do
		ip -n "$(ns_name $i)" xfrm state add src "$1" dst "$2" proto esp spi "$3" \
			mode transport enc 'cbc(aes)' $key auth 'hmac(sha1)' ${key}10111213 || return
		dir=out
		[ "$4" = $i ] || dir=in
		ip -n "$(ns_name $i)" xfrm policy add src "$1" dst "$2" proto tcp dir $dir \
			tmpl src "$1" dst "$2" proto esp mode transport || return
	done
}

ipsec()
{
	ns_pair
	{ esp 10.0.0.1 10.0.0.2 0x101 c && esp 10.0.0.2 10.0.0.1 0x102 s; } 2>/dev/null ||
		{ skip_part "this kernel has no IPsec"; return; }
	to4=10.0.0.2 to6='[fd00::2]'
	{ esp fd00::1 fd00::2 0x103 c && esp fd00::2 fd00::1 0x104 s; } 2>/dev/null ||
		{ skip_part "this kernel has no ESP for IPv6" && to6=; }
	both -p tcp --dport 80 -j TARPIT --same-if
	both -p tcp --dport 81 -j TARPIT
	for to in $to4 $to6; do
		for port in 80 81; do
			capture c c0 clear --in -m tcp
			bg c socat -u "TCP:$to:$port" - 2>/dev/null
			expect_ok "IPsec, $to:$port: a connection is held" wait_for 5 in_ns c sh -c \
				"ss -tnH state established dport = :$port dst $to | grep -q ."
			expect "IPsec, $to:$port: no answer went in the clear" 0 "$(answers clear | wc -l)"
		done
	done
}

# A policy that lets nothing out
ipsec_block()
{
	ns_pair
	both -p tcp -j TARPIT
	seen 'IPsec: without a policy, answers' "$routed 991 SA+$routed 992 SA" \
		'ip / tcp sport=991 dport=80 flags=S' 'ip6 / tcp sport=992 dport=80 flags=S'
	for to in 10.0.0.2/10.0.0.1 fd00::2/fd00::1; do
		in_ns s ip xfrm policy add src "${to%/*}" dst "${to#*/}" proto tcp dir out \
			action block 2>/dev/null ||
			{ skip_part "this kernel has no IPsec"; return; }
	done
	seen 'IPsec: a policy that blocks answers, in both families' '' \
		'ip / tcp sport=991 dport=80 flags=S' 'ip6 / tcp sport=992 dport=80 flags=S'
}

each_backend flags_golden
closed_by CLOSE -j TARPIT --reset --same-if
for part in by_the_link loopback held pingpong forwarded vlan vrf tunnel ipsec ipsec_block; do
	$part
	ns_del_all
done
ns_pair
both -p tcp -j TARPIT --same-if
expect_unload xt_TARPIT xa_reply
finish
