#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ECHO: datagrams come back
. "${0%/*}/../lib.sh"
. "${0%/*}/../reply.sh"

fields()
{
	ns_pair
	both -p udp -j ECHO
	watch fields -m udp
	send 'ip tos=0x2e id=777 df=1 ttl=9 / udp sport=3000 dport=7 / data text="hello"' \
		'ip6 tc=0x2e flow=0x54321 hlim=9 / udp sport=3000 dport=7 / data text="hello"' \
		'ip ttl=9 / udp sport=3000 dport=8 / data text="hello"' \
		'ip6 hlim=9 / udp sport=3000 dport=8 / data text="hello"' \
		'ip ttl=200 / udp sport=3000 dport=8 / data text="hello"' \
		'ip / udp sport=3000 dport=7 sum=0 / data text="no sum"'
	answers fields 6 >"$XA_TMP/got"
	cat >"$XA_TMP/golden" <<-'END'
		ip src=10.0.0.2 dst=10.0.0.1 ttl=8 tos=0x2e id=777 / udp sport=7 dport=3000 / data text="hello"
		ip6 src=fd00::2 dst=fd00::1 hlim=8 tc=0x2e flow=0x54321 / udp sport=7 dport=3000 / data text="hello"
		ip src=10.0.0.2 dst=10.0.0.1 ttl=8 / udp sport=8 dport=3000 / data text="hello"
		ip6 src=fd00::2 dst=fd00::1 hlim=8 / udp sport=8 dport=3000 / data text="hello"
		ip src=10.0.0.2 dst=10.0.0.1 ttl=64 / udp sport=8 dport=3000 / data text="hello"
		ip src=10.0.0.2 dst=10.0.0.1 ttl=63 / udp sport=7 dport=3000 / data text="no sum"
	END
	expect_ok "every field of the answers" in_ns c pkt match "$XA_TMP/golden" "$XA_TMP/got"
}

# sizes 4|6 LAST: datagrams with 1 to LAST bytes of data, and the same comes back
sizes()
{
	xa_f=$1 xa_last=$2
	awk -v n="$xa_last" -v head="$(ip_head "$1" c s) / udp sport=3000 dport=7" 'BEGIN {
		while (length(text) < n) text = text "abcdefghijklmnopqrstuvwxyz"
		for (i = 1; i <= n; i++) printf "%s / data text=\"%s\"\n", head, substr(text, 1, i)
	}' >"$XA_TMP/sizes"
	watch sizes -m udp --full
	for xa_i in '1,1000p' '1001,$p'; do
		sed -n "$xa_i" "$XA_TMP/sizes" >"$XA_TMP/some"
		in_ns c pkt send -d c0 -f "$XA_TMP/some" >/dev/null
	done
	answers sizes "$xa_last" >"$XA_TMP/got"
	expect "IPv$1: all sizes up to the MTU are answered" "$xa_last" "$(wc -l <"$XA_TMP/got")"
	expect "IPv$1: with right checksums" 0 "$(grep -c 'sum=' "$XA_TMP/got")"
	sed "s,src=$(ip_of "$1" c) dst=$(ip_of "$1" s),src=$(ip_of "$1" s) dst=$(ip_of "$1" c),; s,sport=3000 dport=7,sport=7 dport=3000," \
		"$XA_TMP/sizes" >"$XA_TMP/golden"
	expect_ok "IPv$1: and the same data" in_ns c pkt match -l "$XA_TMP/golden" "$XA_TMP/got"
}

all_sizes()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	sizes 4 1472
	sizes 6 1452
}

# number EXPECTED [OPTIONS] PACKET: answers to it
number()
{
	xa_want=$1
	shift
	watch number -m udp
	in_ns c pkt send -d c0 "$@" >"$XA_TMP/sent" 2>&1
	answers number "$xa_want" | wc -l
}

fragments()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	expect "IPv4: fragments, once reassembled" 1 \
		"$(number 1 -F 400 'ip id=5 / udp sport=3000 dport=7 / data zero=1000')"
	expect "IPv4: the last one first" 1 \
		"$(number 1 -F 400 -R 'ip id=6 / udp sport=3000 dport=7 / data zero=1000')"
	expect "IPv4: one byte more than the MTU is not answered" 0 \
		"$(number 0 -F 1000 'ip id=7 / udp sport=3000 dport=7 / data zero=1473')"
	expect "IPv6: fragments that nobody reassembles" 0 \
		"$(number 0 -F 400 'ip6 / udp sport=3000 dport=7 / data zero=1000')"
	ipt 6 s -A INPUT -m conntrack --ctstate NEW
	expect "IPv6: fragments that conntrack reassembles" 1 \
		"$(number 1 -F 400 'ip6 / udp sport=3000 dport=7 / data zero=1001')"
	printf '%s\n' 'link set c0 mtu 9000' | ns_ip c
	printf '%s\n' 'link set s0 mtu 9000' | ns_ip s
	expect "IPv4: 8972 bytes on a link that carries 9000" 1 \
		"$(number 1 'ip / udp sport=3000 dport=7 / data zero=8972')"
	expect "IPv6: 8952 bytes on a link that carries 9000" 1 \
		"$(number 1 'ip6 / udp sport=3000 dport=7 / data zero=8952')"
}

unanswered()
{
	ns_pair
	both -p udp -j ECHO
	good='udp sport=3000 dport=7 / data text="x"'
	set -- 'udp sport=3000 dport=7' 'udp sport=3000 dport=7 len=0 / data text="x"' \
		'udp sport=3000 dport=7 len=7 / data text="x"' \
		'udp sport=3000 dport=7 len=8 / data text="x"' \
		'udp sport=3000 dport=7 len=10 / data text="x"' \
		'udp sport=3000 dport=7 sum=bad / data text="x"' \
		'udp sport=7 dport=99 / data text="x"' 'udp sport=19 dport=99 / data text="x"' \
		'udp sport=99 dport=99 / data text="x"' 'udp sport=0 dport=7 / data text="x"'
	silence 4 datagrams "$good" "$@"
	silence 6 datagrams "$good" "$@" 'udp sport=3000 dport=7 sum=0 / data text="x"'
	expect "IPv4: what follows a datagram is not sent back" 1 \
		"$(number 1 'ip / udp sport=3000 dport=7 len=9 sum=0 / data text="xyz"')"
	expect_match "but the datagram is" '* / data text="x"' "$(cat "$XA_TMP/capture.number")"
	for port in 7 8 19; do
		expect "port $port: a TTL that can not go down" 0 \
			"$(number 0 "ip ttl=1 / udp sport=3000 dport=$port / data text=x")"
	done
}

# zero_sum PACKET: the packet, whose data are two zero bytes, with data that make its
# checksum 0; so is that of the answer, which has the same words in another order
zero_sum()
{
	case $1 in
	ip6*)	xa_at=93 ;;
	*)	xa_at=53 ;;
	esac
	xa_sum=$(in_ns c pkt build "$1" | cut -c $xa_at-$((xa_at + 3)))
	echo "$1" | sed "s/hex=0000/hex=$xa_sum/"
}

# A sum of 0 says that there is none; so it is sent as ffff.
sum_of_0()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	watch zero -m udp
	send "$(zero_sum 'ip src=10.0.0.1 dst=10.0.0.2 / udp sport=3000 dport=7 / data hex=0000')" \
		"$(zero_sum 'ip6 src=fd00::1 dst=fd00::2 / udp sport=3000 dport=7 / data hex=0000')"
	answers zero 2 >"$XA_TMP/got"
	expect "the two are answered" 2 "$(wc -l <"$XA_TMP/got")"
	expect "and have checksums" 0 "$(grep -c 'sum=' "$XA_TMP/got")"
}

# routes: prints how many routes of IPv4 are in memory; what was freed is given back first
routes()
{
	[ ! -e /sys/kernel/slab/ip_dst_cache/shrink ] || echo 1 >/sys/kernel/slab/ip_dst_cache/shrink
	awk '$1 == "ip_dst_cache" { print $2 }' /proc/slabinfo 2>/dev/null
}

# What is routed and then not answered, because of its TTL or its size, keeps no route.
unsent()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	[ -n "$(routes)" ] || { skip_part "this kernel does not tell how many routes are in memory"; return; }
	before=$(routes)
	i=0
	while [ $i -lt 150 ]; do
		in_ns s sh -c 'echo 1 >/proc/sys/net/ipv4/route/flush'
		send 'ip ttl=1 / udp sport=3000 dport=7 / data text=x' \
			'ip ttl=1 / udp sport=3000 dport=7 / data text=x'
		i=$((i + 1))
	done
	wait_for 10 few_routes "$before"
	expect_range "routes that stay in memory" -200 75 $(($(routes) - before))
}

few_routes()
{
	[ $(($(routes) - $1)) -le 75 ]
}

shapes()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	expect "paged" 1 "$(number 1 --paged 'ip / udp sport=3000 dport=7 / data fill=1400')"
	expect "checksum left to the device" 1 \
		"$(number 1 --partial 'ip / udp sport=3000 dport=7 / data fill=1400')"
	expect "IPv6, paged" 1 "$(number 1 --paged 'ip6 / udp sport=3000 dport=7 / data fill=1400')"
	ns_offload c on c0
	ns_offload s on s0
	for to in 10.0.0.2 fd00::2; do
		watch joined -m udp
		expect_ok "$to: ten datagrams that travel as one skb come back" \
			in_ns c pkt connect --segment 1000 --bytes 10000 --echo udp $to 7
		expect "$to: as ten datagrams" 10 "$(answers joined 10 | wc -l)"
	done
}

pingpong()
{
	ns_pair
	for f in 4 6; do
		ipt $f c -A INPUT -p udp -j ECHO
		ipt $f s -A INPUT -p udp -j ECHO
	done
	for ports in 'sport=7 dport=7' 'sport=3000 dport=7' 'sport=3000 dport=3001' \
		'sport=19 dport=3001' 'sport=3000 dport=19'; do
		bounded "IPv4: $ports" "ip / udp $ports / data text=x" udp
		bounded "IPv6: $ports" "ip6 / udp $ports / data text=x" udp
	done
}

# A router hides that the answers come from port 7: one datagram had two hosts busy.
hidden_ports()
{
	ns_triple
	ipt 4 c -A INPUT -p udp -j ECHO
	ipt 4 s -A INPUT -p udp -j ECHO
	for port in 7 19; do
		ipt 4 r -t nat -A PREROUTING -i r0 -p udp --dport 50$port -j DNAT --to 10.0.2.2:$port
		bounded "port $port behind NAT" \
			"ip src=10.0.1.1 dst=10.0.2.2 / udp sport=3000 dport=50$port / data text=x" udp
	done
}

clients()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	expect "a program, IPv4" hello \
		"$(echo hello | in_ns c timeout 5 socat -t 1 - UDP:10.0.0.2:7)"
	expect "a program, IPv6" hello \
		"$(echo hello | in_ns c timeout 5 socat -t 1 - 'UDP:[fd00::2]:7')"
	expect_ok "nping has its answers" wait_for 20 sh -c "ip netns exec $(ns_name c) \
		nping --udp -c 3 --delay 10ms -p 7 --data-length 20 10.0.0.2 | grep -q 'Rcvd: 3'"
}

# heard RULE...: in OUTPUT of c; how many of its own datagrams c hears. The sender is told
# that they did not leave.
heard()
{
	ipt 4 c -F
	ipt 4 c -A OUTPUT "$@" -j ECHO
	ipt 4 c -A INPUT -p udp --sport 99
	expect_fail "OUTPUT $*: the sender is told" \
		in_ns c pkt send --local 'ip / udp sport=3000 dport=99 / data text=x'
	expect_count "OUTPUT $*: and hears itself" 1 4 c filter INPUT 1
}

# What has no socket, as the answer, goes on to the next rule.
output()
{
	ns_pair
	heard -p udp --dport 99
	heard -p udp
}

# Before connection tracking a packet may have the template of a connection, from the table
# raw. Its answer must not be tracked by that. A base chain that comes so early is nft's.
template()
{
	ns_pair
	ipt 4 c -t raw -A OUTPUT -p udp -j CT --zone 5
	ipt 4 c -N early
	ipt 4 c -A early -p udp --dport 99 -j ECHO
	ipt 4 c -A INPUT -p udp --sport 99 -m conntrack --ctstate UNTRACKED
	in_ns c nft 'add chain ip filter early_base { type filter hook output priority -290; }'
	in_ns c nft add rule ip filter early_base jump early
	expect_fail "behind raw: the sender is told" in_ns c pkt send --local 'ip / udp sport=3000 dport=99 / data text=x'
	expect_count "behind raw, with a zone: an untracked answer" 1 4 c filter INPUT 1
	expect "and no entry" 0 "$(ct_count c)"
}

tracking()
{
	ns_pair
	ipt 4 s -A OUTPUT -m conntrack --ctstate INVALID -j DROP
	ipt 4 s -A INPUT -p udp -j ECHO
	expect "tracked: answered" 1 "$(number 1 'ip / udp sport=3000 dport=7 / data text=x')"
	expect "and no entry stays" 0 "$(ct_count s)"
}

# A user without rights makes rules in a user namespace, as this script does with family
# and hook: a chain of iptables-nft is reached from a base chain that only nft can make.
# Prints whether the kernel refused that, and sends a datagram from a link-local source.
rules_of_a_user()
{
	cat >"$XA_TMP/user" <<-'END'
		case $1 in
		4)	ipt=iptables-nft table=ip to=10.9.0.2 ;;
		6)	ipt=ip6tables-nft table=ip6 to='[fe80::2%d0]' ;;
		esac
		ip link add d0 address 02:00:00:00:00:01 type dummy
		ip addr add 10.9.0.1/24 dev d0
		ip addr add fe80::1/64 dev d0 nodad
		ip link set d0 up
		ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev d0
		ip neigh replace fe80::2 lladdr 02:00:00:00:00:02 dev d0
		$ipt -N echo && $ipt -A echo -p udp -j ECHO &&
		nft "add chain $table filter base { type filter hook $2 priority 0; }" || exit
		if nft add rule $table filter base jump echo 2>/dev/null; then
			echo accepted
		else
			echo refused
		fi
		echo x | socat -u - UDP:$to:9 2>/dev/null
		$ipt -S >/dev/null && echo alive
	END
	chmod 755 "$XA_TMP"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare -Urn sh "$XA_TMP/user" "$1" "$2" 2>&1 | paste -sd' ' -
}

user_namespace()
{
	for f in 4 6; do
		for hook in prerouting postrouting; do
			expect "IPv$f: a user's jump from $hook" "refused alive" \
				"$(rules_of_a_user $f $hook)"
		done
		for hook in input forward output; do
			expect "IPv$f: a user's jump from $hook" "accepted alive" \
				"$(rules_of_a_user $f $hook)"
		done
	done
}

# engine_at HOOK 0|1 0|1: prints how many packets xa_test_reply has given to xa_reply, and how
# often that answered. 1: the answers of a rule, on their way out; 1: some should be answered
engine_at()
{
	ns_pair
	[ "$2" = 0 ] || both -p udp --dport 7 -j ECHO
	modprobe xa_reply && modprobe xa_test_reply ||
		{ echo "no module"; return; }
	in_ns s sh -c "echo $2 >/sys/module/xa_test_reply/parameters/answers
		echo $1 >/sys/module/xa_test_reply/parameters/hook"
	in_ns c pkt send -d c0 'ip / udp sport=3000 dport=7 / data text="x"' \
		'ip6 / udp sport=3000 dport=7 / data text="x"' >/dev/null
	echo x | in_ns s socat -u - UDP:10.0.0.1:9
	echo x | in_ns s socat -u - 'UDP:[fd00::1]:9'
	wait_for 10 grep -q '[1-9]' /sys/module/xa_test_reply/parameters/asked
	[ "$3" = 0 ] || wait_for 10 grep -q '[1-9]' /sys/module/xa_test_reply/parameters/answered
	sleep 0.3
	echo "$(cat /sys/module/xa_test_reply/parameters/asked)/$(
		cat /sys/module/xa_test_reply/parameters/answered)"
	echo -1 >/sys/module/xa_test_reply/parameters/hook
	rmmod xa_test_reply
	ns_del_all
}

# What no rule may do is refused by xa_reply as well: asked/answered.
engine()
{
	expect_match "PREROUTING: nothing is answered" '[1-9]*/0' "$(engine_at 0 0 0)"
	expect_match "POSTROUTING: nothing is answered" '[1-9]*/0' "$(engine_at 4 0 0)"
	expect_match "an answer is not answered" '[1-9]*/0' "$(engine_at 1 1 0)"
	expect_match "INPUT: answered" '[1-9]*/[1-9]*' "$(engine_at 1 0 1)"
	expect_match "OUTPUT: answered" '[1-9]*/[1-9]*' "$(engine_at 3 0 1)"
}

each_backend fields
for part in all_sizes fragments unanswered sum_of_0 unsent shapes pingpong hidden_ports clients output template tracking user_namespace engine; do
	$part
	ns_del_all
done
ns_pair
both -p udp -j ECHO
expect_unload xt_ECHO xa_reply
finish
