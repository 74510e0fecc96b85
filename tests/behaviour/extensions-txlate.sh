#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The translations of all extensions, proved by packets: each rule of a .txlate file
# that becomes one of nft sees the same packets as that one. Both must count the
# same, pass the same packets on with the same marks, and be answered the same.
. "${0%/*}/../lib.sh"
XA_BACKEND=nft

mac=aabbccddeeff

# message ADDRESS BYTES: of DHCP, cut off after so many bytes (44 hold the address)
message()
{
	printf 'data hex=%.*s' $(($2 * 2)) \
		"01010600123456780000000000000000000000000000000000000000${1}0000000000000000000063825363"
}

# lengths around those of the .txlate files, layers, flags, options, fragments
packets4()
{
	for src in 10.0.0.1 10.0.1.255 192.168.255.3 255.255.255.254 128.0.0.1 1.2.3.4; do
		for dst in 10.0.0.2 10.0.0.3 192.0.2.255; do
			echo "ip src=$src dst=$dst / udp dport=9 / data zero=8"
		done
	done
	to='ip src=10.0.0.1 dst=10.0.0.2'
	payloads "$to" 20
	echo "$to opt=nop,nop,nop,nop / udp sport=68 dport=67 / $(message $mac 48)"
	echo "$to proto=17 off=1 / data hex=0044004300400000$(message $mac 48 | cut -d= -f2)"
	echo "$to off=0 mf=1 / udp sport=68 dport=67 / $(message $mac 48)"
	echo "$to opt=20:0000 / udp dport=9"
	echo "$to opt=148:0000 / udp dport=9"
	echo "$to opt=nop,nop,nop,nop / tcp sport=1024 dport=80 flags=S"
	echo "$to proto=6 off=8 / data zero=40"
}

packets6()
{
	for src in fd00::1 fd00::ffff:1 2001:db8:ffff:1234:5678:9abc:def0:1234 fe80::8000:0; do
		for dst in fd00::2 fd00:1:2:3:4:5:6:7; do
			echo "ip6 src=$src dst=$dst / udp dport=9 / data zero=8"
		done
	done
	payloads 'ip6 src=fd00::1 dst=fd00::2' 40
	echo 'ip6 src=fd00::1 dst=fd00::2 / dstopt / tcp sport=1024 dport=80 flags=S'
}

# payloads HEADER LENGTH: behind an IP header of that length
payloads()
{
	for len in 63 64 65 99 100 101 1499 1500; do
		echo "$1 / udp dport=9 / data zero=$((len - $2 - 8))"
	done
	for len in 0 28 43 44 45 48; do
		echo "$1 / udp sport=68 dport=67 / $(message $mac $len)"
	done
	for other in aabbccddeefe aabbcd000000 aabbcc112233 2abbccddeeff; do
		echo "$1 / udp sport=68 dport=67 / $(message $other 44)"
	done
	for len in 0 51 52 60 100; do
		echo "$1 / udp len=$len / $(message $mac 44)"
	done
	for port in 80 81; do
		for flags in S A PA FA R RA SA F "" SR; do
			echo "$1 / tcp sport=1024 dport=$port flags=$flags seq=7 ack=9"
		done
		echo "$1 / tcp sport=1024 dport=$port flags=S sum=bad"
		echo "$1 / tcp sport=1024 dport=$port flags=PA seq=7 ack=9 / data zero=100"
	done
}

# watch: what gets past the rule in s, and what comes back to c
watch()
{
	in_ns s nft -f - <<-END
		table inet seen
		delete table inet seen
		table inet seen {
			set marks { type mark; flags dynamic; size 4096; }
			counter in { }
			chain pre { type filter hook prerouting priority -140; update @marks { meta mark counter }; }
			chain in { type filter hook input priority 10; counter name in; }
		}
	END
	in_ns c nft -f - <<-END
		table inet seen
		delete table inet seen
		table inet seen {
			set answers { type tcp_flag; flags dynamic; size 256; }
			chain in { type filter hook prerouting priority 0; meta l4proto tcp update @answers { tcp flags counter }; }
		}
	END
}

# sent FAMILY: the corpus; prints what watch saw of it
sent()
{
	in_ns c pkt send -d c0 -f "$XA_TMP/packets$1" >"$XA_TMP/sent" 2>&1
	# answers are on their way
	in_ns c pkt send -d c0 "ip src=10.0.0.1 dst=10.0.0.2 / icmp" >/dev/null
	# the elements of a set have no order
	for ns in s c; do
		in_ns $ns nft list table inet seen | tr '{,}' '\n\n\n' | sed 's/^ *//; s/ *$//' | sort
	done
}

# same FILE COMMAND: one line of a .txlate file
same()
{
	what="${1##*/}: $2"
	tool=${2%% *} rule=${2#* }
	new=$(xa-argv "$tool" "$rule" | sed -n "s/^nft '\{0,1\}\(add rule .*[^' ]\)'\{0,1\} *\$/\1/p")
	[ -n "$new" ] || return 0
	family=4
	[ "$tool" = iptables-translate ] || family=6
	# shellcheck disable=SC2086 # words
	set -- $new
	kind=$3 table=$4 chain=$5

	watch
	in_ns s xa-argv "${tool%-translate}-nft" "$rule"
	sent $family >"$XA_TMP/old"
	counted=$(ipt $family s -t "$table" -nvxL "$chain" 1 | awk '{ print $1, $2 }')
	in_ns s nft delete table "$kind" "$table"

	watch
	priority=0
	[ "$table" = filter ] || priority=-150
	hook=$(echo "$chain" | tr '[:upper:]' '[:lower:]')
	in_ns s nft -f - <<-END
		add table $kind $table
		add chain $kind $table $chain { type filter hook $hook priority $priority; }
		$new
	END
	sent $family >"$XA_TMP/new"
	recount=$(in_ns s nft list chain "$kind" "$table" "$chain" |
		sed -n 's/.*counter packets \([0-9]*\) bytes \([0-9]*\).*/\1 \2/p')
	in_ns s nft list table "$kind" "$table" >"$XA_TMP/ruleset"
	in_ns s nft delete table "$kind" "$table"
	expect_ok "$what: nft reads what it lists" in_ns s nft -f "$XA_TMP/ruleset"
	expect "$what: and lists the same" "$(cat "$XA_TMP/ruleset")" "$(in_ns s nft list table "$kind" "$table")"
	in_ns s nft delete table "$kind" "$table"
	expect "$what: counts" "$counted" "$recount"
	expect_ok "$what: the same packets go on and come back" diff "$XA_TMP/old" "$XA_TMP/new"
	expect_fail "$what: and some have matched" test "${counted%% *}" = 0
}

packets4 >"$XA_TMP/packets4"
packets6 >"$XA_TMP/packets6"
ns_pair
for file in "$XA_EXTENSIONS"/libxt_*.txlate; do
	grep -E '^ip6?tables-translate ' "$file" >"$XA_TMP/commands"
	while IFS= read -r command <&3; do
		same "$file" "$command"
	done 3<"$XA_TMP/commands"
done
finish
