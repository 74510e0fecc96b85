#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TARPIT: connections that are held, humoured or reset
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"
. "${0%/*}/../reply.sh"

flags_golden()
{
	ns_pair
	for mode in tarpit honeypot reset; do
		both -p tcp -j TARPIT --$mode
		golden 4 $mode
		golden 6 $mode
		ipt 4 s -F
		ipt 6 s -F
	done
}

unanswered()
{
	ns_pair
	both -p tcp -j TARPIT
	good='tcp dport=80 flags=S'
	set -- 'tcp dport=80 flags=S sum=bad' 'tcp dport=80 flags=S doff=4' \
		'tcp dport=80 flags=S doff=15' 'tcp dport=80 flags=R' \
		'tcp dport=80 flags=RA' 'tcp dport=80 flags=A win=0'
	silence 4 segments "$good" "$@"
	silence 6 segments "$good" "$@" 'dstopt / tcp dport=80 flags=S' 'hbh / tcp dport=80 flags=S'
	watch options -m tcp
	send 'ip opt=nop,nop,nop,nop / tcp dport=80 flags=S'
	expect "IPv4 options are not answered" 0 "$(answers options | wc -l)"
}

# conn PORT: state and unacknowledged bytes of c's connection to that port
conn()
{
	in_ns c ss -tnH "dport = :$1" | awk '{ print $1, $3; exit }'
}

established()
{
	conn "$1" | grep -q ^ESTAB
}

# is_conn PORT STATE BYTES
is_conn()
{
	[ "$(conn "$1")" = "$2 $3" ]
}

# client ADDRESS PORT BYTES: a program of c connects and writes
client()
{
	bg c sh -c "(head -c $3 /dev/zero; sleep 30) | socat - TCP:$1:$2" 2>/dev/null
}

# The connection lingers: each client needs a port of its own.
client_stop()
{
	bg_stop "$bg_pid"
	in_ns c pkill socat
}

# The kernel's own TCP, for as long as we watch.
held()
{
	ns_pair
	both -p tcp --dport 80:81 -j TARPIT
	port=80
	for to in 10.0.0.2 '[fd00::2]'; do
		watch held -m tcp
		client "$to" $port 5000
		wait_for 5 established $port
		sleep 4
		expect_match "$to: the connection is open, its data unsent" "ESTAB *[1-9]*" "$(conn $port)"
		client_stop
		port=81
		captured held >"$XA_TMP/held"
		expect "$to: one segment opened the window, by 5 bytes" 1 "$(grep -c 'win=5$' "$XA_TMP/held")"
		expect "$to: all others kept it shut" 0 "$(grep -v 'win=5$' "$XA_TMP/held" | grep -vc 'win=0$')"
		expect_range "$to: and there were some" 2 100 "$(wc -l <"$XA_TMP/held")"
		expect "$to: none had data" 0 "$(grep -c data "$XA_TMP/held")"
	done
}

humoured()
{
	ns_pair
	both -p tcp --dport 80:82 -j TARPIT --honeypot
	port=80
	for to in 10.0.0.2 '[fd00::2]'; do
		watch humoured -m tcp
		client "$to" $port 5000
		expect_ok "$to: 5000 bytes are taken and acknowledged" wait_for 20 is_conn $port ESTAB 0
		client_stop
		port=81
		captured humoured >"$XA_TMP/humoured"
		expect "$to: nothing is ever sent back" 0 "$(grep -c data "$XA_TMP/humoured")"
	done
	in_ns c curl -s -m 2 http://10.0.0.2:82/
	expect "curl sends its request and waits in vain" 28 $?
}

refused()
{
	ns_pair
	both -p tcp --dport 82 -j TARPIT --reset
	for to in 10.0.0.2 '[fd00::2]'; do
		in_ns c curl -s -m 5 "http://$to:82/"
		expect "$to: connect() fails at once" 7 $?
	done
	listen s tcp 83
	bg c sh -c "(echo one; sleep 2; echo two; sleep 9) | socat -t 9 - TCP:10.0.0.2:83" >/dev/null 2>&1
	expect_ok "a connection to a server" wait_for 5 established 83
	both -p tcp --dport 83 -j TARPIT --reset
	expect_ok "is reset with its next segment" wait_for 10 is_not established 83
}

# What is reset is over for connection tracking; what is held is not.
closing()
{
	closed_by CLOSE -j TARPIT --reset
	closed_by ESTABLISHED -j TARPIT
}

# Large and odd skbs: one small answer each, to all of the data.
shapes()
{
	ns_pair
	ns_offload c on c0
	ns_offload s on s0
	both -p tcp -j TARPIT --honeypot
	segment='tcp sport=3000 dport=81 flags=A seq=1000 ack=7'
	while read -r size how; do
		watch shape -m tcp
		# shellcheck disable=SC2086 # words
		in_ns c pkt send -d c0 $how "ip / $segment / data zero=$size" \
			"ip6 / $segment / data zero=$size" >"$XA_TMP/sent" 2>&1
		expect "$size bytes${how:+, $how}: one answer, in each family" \
			"$((1000 + size)) $((1000 + size))" \
			"$(answers shape 2 | sed -n 's/.* ack=\([0-9]*\).*/\1/p' | xargs)"
	done <<-END
		1400
		1400 --paged
		1400 --partial
		30000 --gso 1000
		60000 --gso 1400 --paged
	END
}

# Two hosts that answer each other.
pingpong()
{
	ns_pair
	for a in tarpit honeypot reset; do
		for b in tarpit honeypot; do
			for f in 4 6; do
				ipt $f c -F
				ipt $f s -F
				ipt $f c -A INPUT -p tcp -j TARPIT --$a
				ipt $f s -A INPUT -p tcp -j TARPIT --$b
			done
			bounded "IPv4 $a against $b: an ACK" 'ip / tcp flags=A ack=1 win=65535' tcp
			bounded "IPv6 $a against $b: an ACK" 'ip6 / tcp flags=A ack=1 win=65535' tcp
			bounded "IPv4 $a against $b: a SYN" 'ip / tcp flags=S win=65535' tcp
		done
	done
}

# The manual's last example, as printed.
tracking()
{
	ns_pair
	ipt 4 s -A OUTPUT -m conntrack --ctstate INVALID -j DROP
	example 4
	ipt 4 s -A INPUT -p tcp --dport 6668 -j TARPIT
	ct_flush s
	for port in 6667 6668; do
		client 10.0.0.2 $port 100
		expect_ok "port $port: a connection is held" wait_for 5 established $port
		expect "port $port: no conntrack entry" 0 "$(ct_count s)"
		client_stop
	done
}

# Answers to what DNAT has changed come from the address that was asked.
nat()
{
	ns_triple
	ipt 4 r -t nat -A PREROUTING -p tcp -d 10.0.1.2 --dport 8080 -j DNAT --to 10.0.2.2:80
	ipt 4 r -t nat -A POSTROUTING -o r1 -j MASQUERADE
	ipt 4 r -A FORWARD -p tcp --dport 80 -j TARPIT
	capture c c0 nat --in -m tcp
	in_ns c pkt send -l 'ip src=10.0.1.1 dst=10.0.1.2 / tcp sport=999 dport=8080 flags=S' >/dev/null
	expect_match "the answer comes from the address before DNAT" \
		'ip src=10.0.1.2 dst=10.0.1.1 * / tcp sport=8080 dport=999 flags=SA *' "$(answers nat 1)"
	expect "and the forwarding host has no entry" 0 "$(ct_count r)"
}

# manual NUMBER: the commands of that example, as printed
manual()
{
	awk -v want="$1" '/^\.IP$/ { n++; on = 1; next } /^\.PP/ { on = 0 }
		on && n == want && !/^\.br/ { gsub(/\\-/, "-"); print }' "$XA_EXTENSIONS/libxt_TARPIT.man"
}

# example NUMBER: is run in s
example()
{
	manual "$1" | sed "s/^iptables /iptables-$XA_BACKEND -w /" >"$XA_TMP/example"
	expect "example $1 of the manual: there are commands" yes "$([ -s "$XA_TMP/example" ] && echo yes)"
	expect_ok "example $1: they run" in_ns s sh -eux "$XA_TMP/example"
}

examples()
{
	ns_pair
	example 1
	expect "example 1 of the manual: the unused port answers" 1 "$(answered 1 'ip / tcp dport=23 flags=S')"
	{ in_ns s ipset create probe hash:ip && ipt 4 s -A OUTPUT -m set --match-set probe src; } 2>/dev/null ||
		{ skip_part "there is no ipset, or this kernel has none"; return; }
	example 2
	in_ns s ipset add attackers 10.0.0.9
	ip -n "$(ns_name s)" neigh replace 10.0.0.9 lladdr 02:00:00:00:00:01 dev s0 nud permanent
	listen s tcp 80
	expect "example 2 of the manual: an attacker is held" 1 \
		"$(answered 1 'ip src=10.0.0.9 / tcp sport=999 dport=80 flags=S')"
	expect_count "by this rule" 1 4 s filter INPUT 2
	expect "the others are served" ok \
		"$(echo ok | in_ns c timeout 5 socat -t 2 - TCP:10.0.0.2:80)"
}

# Unused addresses behind a router, another example of the manual.
unused()
{
	ns_triple
	printf '%s\n' 'route add 10.9.0.0/16 via 10.0.2.2' 'route add fd99::/16 via fd02::2' | ns_ip r
	expect "example 3 of the manual" 'iptables -A FORWARD -p tcp -j TARPIT + iptables -A FORWARD -j DROP' \
		"$(manual 3 | sed 1d | paste -sd+ | sed 's/+/ + /')"
	ipt 4 r -A FORWARD -p tcp -j TARPIT
	ipt 4 r -A FORWARD -j DROP
	ipt 6 r -A FORWARD -p tcp -j TARPIT
	capture c c0 unused --in -m tcp
	in_ns c pkt send -l 'ip src=10.0.1.1 dst=10.9.8.7 / tcp sport=999 dport=80 flags=S' \
		'ip6 src=fd01::1 dst=fd99::7 / tcp sport=999 dport=80 flags=S' >/dev/null
	answers unused 2 >"$XA_TMP/got"
	expect_match "IPv4: an address that nobody has answers" \
		'ip src=10.9.8.7 dst=10.0.1.1 * flags=SA *' "$(sed -n 1p "$XA_TMP/got")"
	expect_match "IPv6: an address that nobody has answers" \
		'ip6 src=fd99::7 dst=fd01::1 * flags=SA *' "$(sed -n 2p "$XA_TMP/got")"
}

bridged()
{
	modprobe br_netfilter 2>/dev/null
	ns_bridge
	in_ns b test -e /proc/sys/net/bridge/bridge-nf-call-iptables ||
		{ skip_part "this kernel has no br_netfilter"; return; }
	ns_sysctl b net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	ipt 4 b -A FORWARD -p tcp --dport 80 -j TARPIT
	ipt 6 b -A FORWARD -p tcp --dport 80 -j TARPIT
	ipt 4 b -A INPUT -p tcp --dport 81 -j TARPIT
	# the bridge has no address of that subnet, and no route to c
	ip -n "$(ns_name b)" addr flush dev br0
	capture c c0 bridged --in --link -m tcp
	send 'ip / tcp sport=999 dport=80 flags=S' 'ip6 / tcp sport=999 dport=80 flags=S'
	answers bridged 2 >"$XA_TMP/got"
	want='eth src=02:00:00:00:00:02 dst=02:00:00:00:00:01'
	expect_match "IPv4: answered in the name of the host behind the bridge" \
		"$want / ip src=10.0.0.2 dst=10.0.0.1 * flags=SA *" "$(sed -n 1p "$XA_TMP/got")"
	expect_match "IPv6: answered in the name of the host behind the bridge" \
		"$want / ip6 src=fd00::2 dst=fd00::1 * flags=SA *" "$(sed -n 2p "$XA_TMP/got")"
	printf '%s\n' 'addr add 10.0.0.3/24 dev br0' \
		'neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev br0 nud permanent' | ns_ip b
	capture c c0 routed --in --link -m tcp
	send 'eth src=02:00:00:00:00:01 dst=02:00:00:00:00:03 / ip dst=10.0.0.3 / tcp sport=999 dport=81 flags=S'
	expect_match "what the bridge hands to its host is routed" \
		"eth src=02:00:00:00:00:03 * / ip src=10.0.0.3 dst=10.0.0.1 * flags=SA *" "$(answers routed 1)"
	# what DNAT has changed is routed, back to the same bridge
	ns_sysctl b net.ipv4.ip_forward=1
	printf 'neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0 nud permanent\n' | ns_ip b
	ipt 4 b -t nat -A PREROUTING -p tcp -d 10.0.0.9 --dport 8080 -j DNAT --to 10.0.0.2:80
	ipt 4 b -I FORWARD -m physdev --physdev-out bs -d 10.0.0.2
	capture c c0 natted --in --link -m tcp
	send 'eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / ip dst=10.0.0.9 / tcp sport=998 dport=8080 flags=S'
	expect_match "what DNAT has changed on a bridge is answered from the address that was asked" \
		"eth src=02:00:00:00:00:03 * / ip src=10.0.0.9 dst=10.0.0.1 * / tcp sport=8080 dport=998 flags=SA *" \
		"$(answers natted 1)"
	expect_count "it was still on its way through the bridge" 1 4 b filter FORWARD 1
}

# The same network elsewhere, outside the VRF, tempts the answer away.
vrf()
{
	ns_pair
	into_vrf || { skip_part "this kernel has no VRF"; return; }
	printf '%s\n' 'link add other type dummy' 'link set other up' \
		'addr add 10.0.0.99/24 dev other' | ns_ip s
	both -p tcp -j TARPIT
	watch vrf -m tcp
	send 'ip / tcp sport=999 dport=80 flags=S' 'ip6 / tcp sport=999 dport=80 flags=S'
	expect "VRF: answers in both families" 2 "$(answers vrf 2 | grep -c flags=SA)"
}

# Addresses of the link, with another link in the way, then in a VRF
link_local()
{
	ns_pair
	printf '%s\n' 'addr add fe80::1/64 dev c0 nodad' | ns_ip c
	printf '%s\n' 'link add other type dummy' 'link set other up' \
		'addr add fe80::99/64 dev other nodad' 'addr add fe80::2/64 dev s0 nodad' \
		'neigh replace fe80::1 lladdr 02:00:00:00:00:01 dev s0 nud permanent' | ns_ip s
	ipt 6 s -A INPUT -p tcp -j TARPIT
	packet='eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / ip6 src=fe80::1 dst=fe80::2 / tcp sport=999 dport=80 flags=S'
	expect "link-local addresses are answered" 1 "$(answered 1 "$packet")"
	expect "and one of the other side alone" 1 \
		"$(answered 1 "$(echo "$packet" | sed 's/fe80::2/fd00::2/')")"
	into_vrf || { skip_part "this kernel has no VRF"; return; }
	printf '%s\n' 'addr replace fe80::2/64 dev s0 nodad' \
		'neigh replace fe80::1 lladdr 02:00:00:00:00:01 dev s0 nud permanent' | ns_ip s
	expect "VRF: link-local addresses are answered" 1 "$(answered 1 "$packet")"
	expect "VRF: and one of the other side alone" 1 \
		"$(answered 1 "$(echo "$packet" | sed 's/fe80::2/fd00::2/')")"
}

# answered EXPECTED PACKET: number of answers
answered()
{
	watch answered -m tcp
	send "$2"
	answers answered "$1" | wc -l
}

# The bits of the type of service that routing does not know are those of congestion: an answer
# with the lowest of them goes by way of a router, too.
congestion()
{
	ns_triple
	ipt 4 s -A INPUT -p tcp -j TARPIT
	for tos in 1 2 3; do
		watch congestion -m tcp
		in_ns c pkt send -d c0 "ip src=10.0.1.1 dst=10.0.2.2 tos=$tos / tcp dport=80 flags=S" >/dev/null
		expect "behind a router, ECN $tos" 1 "$(answers congestion | wc -l)"
	done
}

policy6()
{
	ip -n "$(ns_name s)" -6 rule add ipproto tcp sport 81 blackhole
	ip -n "$(ns_name s)" -6 rule add fwmark 5 blackhole
	ipt 6 s -t mangle -A PREROUTING -p tcp --dport 83 -j MARK --set-mark 5
	expect "IPv6, policy routing: no rule fits" 1 "$(answered 1 'ip6 / tcp dport=80')"
	expect "IPv6, policy routing: by port" 0 "$(answered 0 'ip6 / tcp dport=81')"
	expect "IPv6: the mark of a packet is not that of its answer" 1 \
		"$(answered 1 'ip6 / tcp dport=83')"
	ns_sysctl s net.ipv6.fwmark_reflect=1
	expect "IPv6: except with fwmark_reflect" 0 "$(answered 0 'ip6 / tcp dport=83')"
}

# reflected SEEN: answers that have the mark 6 in POSTROUTING, of one in each family
reflected()
{
	for f in 4 6; do
		ipt $f s -t mangle -Z
	done
	send 'ip / tcp dport=84' 'ip6 / tcp dport=84'
	for f in 4 6; do
		wait_for 10 counted $f s mangle POSTROUTING 2
	done
	for f in 4 6; do
		expect_count "IPv$f: answers with the mark of the packet, $2" "$1" \
			$f s mangle POSTROUTING 1
	done
}

# What answers have in the host's own chains, and for policy routing
own_chains()
{
	ns_pair
	both -p tcp -j TARPIT
	for f in 4 6; do
		ipt $f s -t mangle -A PREROUTING -p tcp --dport 84 -j MARK --set-mark 6
		ipt $f s -t mangle -A POSTROUTING -p tcp --sport 84 -m mark --mark 6
		ipt $f s -t mangle -A POSTROUTING -p tcp --sport 84
	done
	reflected 0 'without fwmark_reflect'
	ns_sysctl s net.ipv4.fwmark_reflect=1 net.ipv6.fwmark_reflect=1
	reflected 1 'with it'
	for f in -4 -6; do
		ip -n "$(ns_name s)" $f rule add uidrange 1-4294967294 blackhole
	done
	expect "policy routing by user: not another one" 1 "$(answered 1 'ip / tcp dport=80')"
	expect "IPv6, policy routing by user: not another one" 1 "$(answered 1 'ip6 / tcp dport=80')"
	for f in -4 -6; do
		ip -n "$(ns_name s)" $f rule add uidrange 0-0 blackhole
	done
	expect "policy routing by user: root of the namespace" 0 "$(answered 0 'ip / tcp dport=80')"
	expect "IPv6, policy routing by user: root of the namespace" 0 \
		"$(answered 0 'ip6 / tcp dport=80')"
}

# To a user that owns the namespace, as this script does with a family: answers have that
# user's root. Prints how many of two answers left, the second with a rule for that user.
answers_of_a_user()
{
	cat >"$XA_TMP/user" <<-'END'
		case $1 in
		4)	ipt=iptables-nft packet='ip src=127.0.0.1 dst=127.0.0.1' ;;
		6)	ipt=ip6tables-nft packet='ip6 src=::1 dst=::1' ;;
		esac
		ip link set lo up
		# routes to this host are asked for behind the rule below
		ip -$1 rule add pref 10 lookup local
		ip -$1 rule del pref 0
		count() { $ipt -nvxL OUTPUT 1 | awk '{ print $1 }'; }
		$ipt -A INPUT -p tcp --dport 80 -j TARPIT && $ipt -A OUTPUT -p tcp --sport 80 || exit
		for i in 1 2; do
			pkt send -l "$packet / tcp sport=999 dport=80 flags=S" >/dev/null
			[ $i = 2 ] && sleep 0.3 && break
			for try in $(seq 200); do
				[ "$(count)" = 0 ] || break
				sleep 0.05
			done
			ip -$1 rule add pref 5 uidrange 0-0 ipproto tcp sport 80 blackhole
		done
		count
	END
	chmod 755 "$XA_TMP"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare -Urn sh "$XA_TMP/user" "$1" 2>&1 | paste -sd' ' -
}

users()
{
	unshare -Urn true 2>/dev/null || { skip_part "no user namespaces"; return; }
	for f in 4 6; do
		expect "IPv$f, policy routing by user: root of a user's namespace" 1 \
			"$(answers_of_a_user $f)"
	done
}

policy()
{
	ns_pair
	both -p tcp -j TARPIT
	printf 'rule add %s blackhole\n' 'ipproto tcp sport 81' 'tos 0x08' 'fwmark 5' | ns_ip s
	ipt 4 s -t mangle -A PREROUTING -p tcp --dport 83 -j MARK --set-mark 5
	expect "policy routing: no rule fits" 1 "$(answered 1 'ip / tcp dport=80')"
	expect "policy routing: by port" 0 "$(answered 0 'ip / tcp dport=81')"
	expect "policy routing: by type of service" 0 "$(answered 0 'ip tos=0x08 / tcp dport=80')"
	expect "the mark of a packet is not that of its answer" 1 "$(answered 1 'ip / tcp dport=83')"
	ns_sysctl s net.ipv4.fwmark_reflect=1
	expect "except with fwmark_reflect" 0 "$(answered 0 'ip / tcp dport=83')"
	policy6
	ip -n "$(ns_name s)" route replace 10.0.0.1/32 dev s0 hoplimit 33
	watch ttl -m tcp
	send 'ip / tcp dport=80'
	expect_match "the TTL is that of the route" 'ip * ttl=33 *' "$(answers ttl 1)"
}

each_backend flags_golden
closing
for part in unanswered held humoured refused shapes pingpong tracking nat examples unused bridged \
	vrf link_local policy congestion own_chains users; do
	$part
	ns_del_all
done
ns_pair
both -p tcp -j TARPIT
expect_unload xt_TARPIT xa_reply
finish
