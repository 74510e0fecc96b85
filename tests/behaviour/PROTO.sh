#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# PROTO: the protocol number is written, and nothing else changes
. "${0%/*}/../lib.sh"

# UDP checksums are given: they are for another protocol number afterwards
udp='udp sum=0xabcd / data zero=8'
pad='opt=010400000000'
icv='opt=000102030405060708090a0b'
# the number that is written: GRE, which a capture shows as such
u=47

# A table has lines OPTIONS|WHAT|PACKET|EXPECTED, both from the IP header on; an
# expected "dropped" is no packet. A line is run by the router between c and s.
cases4()
{
	cat <<-END
		--proto-set $u|UDP|ip / $udp|ip proto=$u / $udp
		--proto-set 17|the number it has|ip / $udp|ip / $udp
		--proto-set 17|back to UDP|ip proto=$u / $udp|ip / $udp
		--proto-set $u|IP options|ip opt=nop,nop,nop,eol / $udp|ip opt=nop,nop,nop,eol proto=$u / $udp
		--proto-set $u|no payload|ip proto=17|ip proto=$u
		--proto-set $u|first fragment|ip mf=1 / $udp|ip mf=1 proto=$u / $udp
		--proto-set $u|an echo request|ip / icmp / data zero=8|ip proto=$u / icmp / data zero=8
		--proto-set $u|an ICMP error|ip / icmp type=3 code=2 / data zero=28|ip / icmp type=3 code=2 / data zero=28
		$(for type in 4 5 11 12; do
			echo "--proto-set $u|an ICMP error, $type|ip / icmp type=$type / data zero=28|ip / icmp type=$type / data zero=28"
		done)
		--proto-set $u|a timestamp request is none|ip / icmp type=13 / data zero=12|ip proto=$u / icmp type=13 / data zero=12
		--proto-set $u|authentication|ip / ah $icv / $udp|ip proto=$u / ah $icv next=17 / $udp
		--proto-set $u|an ICMP error behind it|ip / ah $icv / icmp type=11 / data zero=28|ip / ah $icv / icmp type=11 / data zero=28
		--proto-set $u|an echo request behind it|ip / ah $icv / icmp / data zero=8|ip proto=$u / ah $icv next=1 / icmp / data zero=8
		--proto-set $u|a header of it cut off|ip proto=51 / data zero=1|ip proto=$u / data zero=1
		--proto-set $u|second fragment|ip off=2 mf=1 proto=17 / data zero=16|ip off=2 mf=1 proto=17 / data zero=16
		--proto-set $u|last fragment|ip off=8191 proto=17 / data zero=4|ip off=8191 proto=17 / data zero=4
	END
}

# chain N: the bytes of N destination options headers, the last before NEXT
chain()
{
	i=1
	while [ $i -lt "$1" ]; do
		printf '3c00010400000000'
		i=$((i + 1))
	done
	printf '%s00010400000000' "$2"
}

cases6()
{
	cat <<-END
		--proto-set $u|UDP|ip6 / $udp|ip6 next=$u / $udp
		--proto-set 17|the number it has|ip6 / $udp|ip6 / $udp
		--proto-set $u|an echo request|ip6 / icmp6 type=128 / data zero=8|ip6 next=$u / icmp6 type=128 / data zero=8
		--proto-set $u|an ICMP error|ip6 / dstopt $pad / icmp6 type=1 code=4 / data zero=48|ip6 / dstopt $pad / icmp6 type=1 code=4 / data zero=48
		$(for type in 2 3 4; do
			echo "--proto-set $u|an ICMP error, $type|ip6 / icmp6 type=$type / data zero=48|ip6 / icmp6 type=$type / data zero=48"
		done)
		--proto-set $u|an ICMP error behind authentication|ip6 / ah $icv / icmp6 type=3 / data zero=48|ip6 / ah $icv / icmp6 type=3 / data zero=48
		--proto-set $u|no next header|ip6 next=59|ip6 next=$u
		--proto-set $u|ESP is no extension header|ip6 / esp / data zero=16|ip6 next=$u / esp / data zero=16
		--proto-set $u|hop-by-hop|ip6 / hbh $pad / $udp|ip6 / hbh next=$u $pad / $udp
		--proto-set $u|routing|ip6 / rt opt=00000000 / $udp|ip6 / rt next=$u opt=00000000 / $udp
		--proto-set $u|destination options|ip6 / dstopt $pad / $udp|ip6 / dstopt next=$u $pad / $udp
		--proto-set $u|authentication|ip6 / ah $icv / $udp|ip6 / ah next=$u $icv / $udp
		--proto-set $u|all of them|ip6 / hbh $pad / dstopt $pad / rt opt=00000000 / frag mf=1 / ah $icv / dstopt $pad / $udp|ip6 / hbh $pad / dstopt $pad / rt opt=00000000 / frag mf=1 / ah $icv / dstopt next=$u $pad / $udp
		--proto-set $u|first fragment|ip6 / frag mf=1 / $udp|ip6 / frag mf=1 next=$u / $udp
		--proto-set $u|fragment of its own|ip6 / frag / $udp|ip6 / frag next=$u / $udp
		--proto-set $u|second fragment|ip6 / frag off=1 next=17 / data zero=8|ip6 / frag off=1 next=17 / data zero=8
		--proto-set $u|second fragment of a longer chain|ip6 / hbh $pad / frag off=1 mf=1 next=60 / data zero=8|ip6 / hbh $pad / frag off=1 mf=1 next=60 / data zero=8
		--proto-set $u --stop-at-frag|no fragment header|ip6 / dstopt $pad / $udp|ip6 / dstopt next=$u $pad / $udp
		--proto-set $u --stop-at-frag|first fragment|ip6 / frag mf=1 next=17 / $udp|ip6 next=$u / frag mf=1 next=17 / $udp
		--proto-set $u --stop-at-frag|first fragment of a chain|ip6 / hbh $pad / frag mf=1 next=17 / $udp|ip6 / hbh next=$u $pad / frag mf=1 next=17 / $udp
		--proto-set $u --stop-at-frag|an ICMP error|ip6 / icmp6 type=1 code=4 / data zero=48|ip6 / icmp6 type=1 code=4 / data zero=48
		--proto-set $u --stop-at-frag|one in the first fragment|ip6 / frag mf=1 next=58 / icmp6 type=3 / data zero=48|ip6 / frag mf=1 next=58 / icmp6 type=3 / data zero=48
		--proto-set $u --stop-at-frag|an echo request in one|ip6 / frag mf=1 next=58 / icmp6 type=128 / data zero=8|ip6 next=$u / frag mf=1 next=58 / icmp6 type=128 / data zero=8
		--proto-set $u --stop-at-frag|second fragment|ip6 / frag off=1 next=17 / data zero=8|ip6 / frag off=1 next=17 / data zero=8
		--proto-set $u --stop-at-frag|goes through authentication|ip6 / ah $icv / $udp|ip6 / ah next=$u $icv / $udp
		--proto-set $u --stop-at-auth|authentication|ip6 / ah $icv next=17 / $udp|ip6 next=$u / ah $icv next=17 / $udp
		--proto-set $u --stop-at-auth|authentication in a chain|ip6 / dstopt $pad / ah $icv next=17 / $udp|ip6 / dstopt next=$u $pad / ah $icv next=17 / $udp
		--proto-set $u --stop-at-auth|an ICMP error behind it|ip6 / dstopt $pad / ah $icv / dstopt $pad / icmp6 type=4 / data zero=48|ip6 / dstopt $pad / ah $icv / dstopt $pad / icmp6 type=4 / data zero=48
		--proto-set $u --stop-at-auth|an echo request behind it|ip6 / ah $icv next=58 / icmp6 type=128 / data zero=8|ip6 next=$u / ah $icv next=58 / icmp6 type=128 / data zero=8
		--proto-set $u --stop-at-auth|goes through a fragment header|ip6 / frag mf=1 / ah $icv next=17 / $udp|ip6 / frag mf=1 next=$u / ah $icv next=17 / $udp
		--proto-set $u --stop-at-auth|second fragment|ip6 / frag off=1 next=51 / data zero=8|ip6 / frag off=1 next=51 / data zero=8
		--proto-set $u --stop-at-frag --stop-at-auth|both|ip6 / frag mf=1 next=51 / ah $icv next=17 / $udp|ip6 next=$u / frag mf=1 next=51 / ah $icv next=17 / $udp
		--proto-set $u|31 headers|ip6 next=60 / data hex=$(chain 31 11)|ip6 next=60 / data hex=$(chain 31 2f)
		--proto-set $u|32 headers|ip6 next=60 / data hex=$(chain 32 11)|dropped
		--proto-set $u|a header past the end|ip6 / dstopt len=1 next=60 $pad / data zero=7|dropped
		--proto-set $u|a fragment header cut off|ip6 next=44 / data zero=7|dropped
	END
}

# addressed SRC DST HOPS: puts addresses and hop limit into what comes in
addressed()
{
	sed -e "s/^ip /ip src=$1 dst=$2 ttl=$3 /" -e "s/^ip6 /ip6 src=$1 dst=$2 hlim=$3 /"
}

# canonical PACKET: as a capture would print it
canonical()
{
	pkt build "eth / $1" | pkt print eth | sed 's,^eth [^/]*/ ,,'
}

# wanted 4|6 EXPECTED: line of a capture
wanted()
{
	[ "$2" != dropped ] || return
	case $1 in
	4)	canonical "$(echo "$2" | addressed 10.0.1.1 10.0.2.2 63)" ;;
	6)	canonical "$(echo "$2" | addressed fd01::1 fd02::2 63)" ;;
	esac
}

# mute NS...: hosts that say nothing of protocols they do not have, since the
# router would write a number into that, too
mute()
{
	for host; do
		ipt 4 "$host" -t raw -A PREROUTING -j DROP
		ipt 6 "$host" -t raw -A PREROUTING -j DROP
	done
}

# rewrite 4|6 [SEND-OPTIONS]
rewrite()
{
	ns_triple
	mute c s
	f=$1
	shift
	case $f in
	4)	src=10.0.1.1 dst=10.0.2.2 ;;
	6)	src=fd01::1 dst=fd02::2 ;;
	esac
	last=
	"cases$f" >"$XA_TMP/cases"
	while IFS='|' read -r options what packet result; do
		if [ "$options" != "$last" ]; then
			printf '*mangle\n-A FORWARD -j PROTO %s\n-A FORWARD\nCOMMIT\n' "$options" |
				ipt_restore "$f" r
			last=$options
		fi
		capture s s0 got --quiet --in
		in_ns c pkt send -d c0 "$@" "$(echo "$packet" | addressed $src $dst 64)" >/dev/null
		[ "$result" = dropped ] || wait_for 3 test -s "$XA_TMP/capture.got"
		expect "IPv$f, $options: $what" "$(wanted "$f" "$result")" "$(captured got)"
	done <"$XA_TMP/cases"
}

# The header checksum, whatever it was before
checksums()
{
	ns_triple
	mute c s
	ipt 4 r -t mangle -A FORWARD -j PROTO --proto-set $u
	ipt 4 r -t mangle -A FORWARD
	capture s s0 got --quiet --in --count 400
	in_ns c pkt send -d c0 -n 400 \
		"ip src=10.0.1.1 dst=10.0.2.2 id=rand tos=rand / udp sum=0 / data zero=2" >/dev/null
	wait_for 5 test ! -e "$XA_TMP/capture.got.on"
	captured got >"$XA_TMP/got"
	expect "400 packets with other headers" 400 "$(grep -c '^ip .* / gre ' "$XA_TMP/got")"
	expect "none with a wrong header checksum" 0 "$(grep -c '^ip [^/]*sum=' "$XA_TMP/got")"
	expect_count "the chain goes on" 400 4 r mangle FORWARD 2
}

# The ends of the range of numbers
ends()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A OUTPUT -j DROP
	done
	for number in 0 1 254 255; do
		for f in 4 6; do
			printf '*mangle\n-A PREROUTING -j PROTO --proto-set %s\nCOMMIT\n' $number |
				ipt_restore $f s
		done
		capture s s0 got --quiet --in
		in_ns s nft -f - <<-END
			table inet t {
				chain c {
					type filter hook prerouting priority 0
					ip saddr 10.0.0.1 ip protocol $number counter
					ip6 saddr fd00::1 ip6 nexthdr $number counter
				}
			}
		END
		in_ns c pkt send -d c0 "ip dst=10.0.0.2 / $udp" "ip6 src=fd00::1 dst=fd00::2 / $udp" >/dev/null
		wait_for 3 sh -c "[ \$(grep -c ip \"$XA_TMP/capture.got\") -eq 2 ]"
		captured got >/dev/null
		expect "number $number in both families" "1 1" \
			"$(in_ns s nft list table inet t | sed -n 's/.*packets \([0-9]*\).*/\1/p' | xargs)"
		in_ns s nft delete table inet t
	done
}

# The manual's example: there and back, in two namespaces
roundtrip()
{
	ns_pair
	listen s udp 7000
	ipt 4 c -t mangle -A POSTROUTING -p udp -d 10.0.0.2 -j PROTO --proto-set 253
	ipt 4 s -t mangle -A PREROUTING -p 253 -s 10.0.0.1 -j PROTO --proto-set 17
	ipt 4 s -t raw -A PREROUTING -p 253
	expect_ok "the manual's example: UDP works through number 253" \
		in_ns c pkt connect --text hello --expect hello udp 10.0.0.2 7000
	expect_count "and is 253 on the wire" 1 4 s raw PREROUTING 1
	ipt 6 c -t mangle -A POSTROUTING -p udp -d fd00::2 -j PROTO --proto-set 253
	ipt 6 s -t mangle -A PREROUTING -p 253 -s fd00::1 -j PROTO --proto-set 17
	expect_ok "the same with IPv6" \
		in_ns c pkt connect --text hello --expect hello udp fd00::2 7000
}

# Errors stay errors, so that none of them is answered: by a host that talks to
# itself this would go on without end, in softirq.
errors()
{
	ns_pair
	# on lo only: reports of multicast groups leave s0 when they will
	printf '*mangle\n-A OUTPUT -o lo -j PROTO --proto-set 253\n-A OUTPUT -o lo\nCOMMIT\n' >"$XA_TMP/rules"
	for f in 4 6; do
		ipt_restore $f s <"$XA_TMP/rules"
	done
	in_ns s pkt send -l "ip src=10.0.0.2 dst=10.0.0.2 / udp" "ip6 src=fd00::2 dst=fd00::2 / udp" >/dev/null
	for f in 4 6; do
		wait_for 3 counted 2 $f
	done
	sleep 0.5
	for f in 4 6; do
		expect_count "IPv$f: the answer to an unknown protocol is not answered" 2 $f s mangle OUTPUT 2
	done
}

# counted N FAMILY: so many packets have been through the second rule, or more
counted()
{
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(rule_count "$2" s mangle OUTPUT 2)
	[ "$2" -ge "$1" ]
}

# in_user_ns FAMILY RULE...: a rule of an ordinary user in a namespace of his own
in_user_ns()
{
	xa_cmd=iptables-nft
	[ "$1" = 4 ] || xa_cmd=ip6tables-nft
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare -Urn "$xa_cmd" -t mangle -A PREROUTING "$@"
}

# Whoever has a network namespace is not whom the rest of the kernel trusts.
users()
{
	modprobe xt_PROTO
	for f in 4 6; do
		expect_ok "IPv$f: a user can make rules" in_user_ns $f -j RETURN
		expect_fail "IPv$f: but no PROTO" in_user_ns $f -j PROTO --proto-set 17
	done
}

doomed()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -j PROTO --proto-set 17
	ipt 6 s -t mangle -A PREROUTING -j PROTO --proto-set 17 --stop-at-frag
}

each_backend rewrite 4
each_backend rewrite 6
XA_BACKENDS=nft each_backend rewrite 6 --paged
each_backend checksums
each_backend ends
each_backend roundtrip
each_backend errors
users
each_backend doomed
expect_unload xt_PROTO
finish
