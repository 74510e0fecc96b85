#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# length2: lengths at each layer, one byte less, exact, one more
. "${0%/*}/../lib.sh"

# A table has lines WHAT|PACKET|L3 L4 L5 L7, where - is a length that a packet
# does not have. Each packet gets a source address of its own (SRC in the
# line); so all rules are inserted, all packets sent, and all counters read once.
udp16='udp / data zero=16'
sack='chunk type=3 opt=000000010000ffff00000000'
data17='chunk type=0 len=17 opt=00000001000000010000000041'
data19='chunk type=0 len=19 opt=000000010000000100000000414243'
idata24='chunk type=64 len=24 opt=0000000100000001000000010000000041424344'
icv=opt=000102030405060708090a0b

# Behind the IP header both families are the same, so is this, with lengths for
# IPv4 without options: HEADER is what goes before.
transports()
{
	cat <<-END
		TCP|tcp / data zero=10|50 30 10 10
		TCP without data|tcp|40 20 0 0
		TCP with options|tcp opt=mss:1460,nop,wscale:7,ts:1:2 / data zero=5|65 45 5 5
		TCP, data offset too small|tcp doff=4 / data zero=10|50 30 - -
		TCP, data offset past the end|tcp doff=15 / data zero=10|50 30 - -
		UDP without data|udp|28 8 0 0
		UDP|udp / data zero=100|128 108 100 100
		UDP, its own length lies|udp len=9 / data zero=100|128 108 100 100
		UDP-Lite|udplite / data zero=7|35 15 7 7
		SCTP, one chunk and padding|sctp / $data17|52 32 20 17
		SCTP, the last chunk without padding|sctp / data hex=0003001100000001000000010000000041|49 29 17 17
		SCTP, several chunks|sctp / $sack / $data19 / $data17 / $idata24|112 92 80 60
		SCTP, no data|sctp / $sack|48 28 16 0
		SCTP, no chunk|sctp|32 12 0 0
		SCTP, chunk of length 0|sctp / $data17 / chunk type=0 len=0 opt=0000000000000000|64 44 32 -
		SCTP, chunk of length 3|sctp / chunk type=0 len=3 opt=0000000000000000|44 24 12 -
		SCTP, chunk of length 4|sctp / chunk type=0 len=4 / $data17|56 36 24 21
		SCTP, chunk past the end|sctp / chunk type=0 len=21 opt=00000001000000010000000041000000|52 32 20 -
		SCTP, bytes behind the last chunk|sctp / $data17 / data zero=3|55 35 23 -
		SCTP, chunk up to the end with padding|sctp / chunk type=0 len=20 opt=00000001000000010000000041000000|52 32 20 20
		DCCP|dccp / data zero=9|41 21 9 9
		DCCP, long header|dccp opt=00000000 / data zero=9|45 25 9 9
		DCCP, data offset too small|dccp doff=2 / data zero=9|41 21 - -
		AH|ah $icv / $udp16|68 48 36 36
		ESP|esp / data zero=32|60 40 32 32
		ESP, cut off|esp / data zero=0|28 8 0 0
		GRE, of which layer 5 is not known|gre / data zero=10|34 14 - -
	END
}

cut_off='data zero=7'

# chunks N: so many chunks with 3 bytes of data each
chunks()
{
	printf 'data hex='
	head -c "$1" /dev/zero | od -An -v -tx1 |
		sed 's/ 00/0003001300000001000000010000000041424300/g' | tr -d '\n'
}

table4()
{
	transports | sed 's/|/|ip src=SRC \/ /'
	cat <<-END
		ICMP|ip src=SRC / icmp / data zero=56|84 64 56 56
		ICMPv6 in IPv4|ip src=SRC / icmp6 / data zero=56|84 64 - -
		IP options|ip src=SRC opt=nop,nop,nop,nop / tcp / data zero=10|54 30 10 10
		40 bytes of IP options|ip src=SRC opt=7:$(printf '%076d' 0) / udp / data zero=1|69 9 1 1
		first fragment|ip src=SRC mf=1 / $udp16|44 24 16 16
		second fragment|ip src=SRC proto=17 off=3 / data zero=24|44 24 - -
		second fragment that looks like SCTP|ip src=SRC proto=132 off=3 / data zero=24|44 24 - -
		Ethernet padding|ip src=SRC len=28 / udp len=8 sum=0 / data zero=18|28 8 0 0
		UDP, cut off|ip src=SRC proto=17 / $cut_off|27 7 - -
		TCP, cut off before its data offset|ip src=SRC proto=6 / $cut_off|27 7 - -
		SCTP, cut off|ip src=SRC proto=132 / $cut_off|27 7 - -
		AH, cut off|ip src=SRC proto=51 / $cut_off|27 7 - -
		no payload|ip src=SRC proto=17|20 0 - -
		SCTP, as many chunks as there is room for|ip src=SRC / sctp / $(chunks 3275)|65532 65512 65500 62225
	END
}

pad='opt=010400000000'
# dstopts N: N destination options headers and a UDP header
dstopts()
{
	printf 'ip6 src=SRC next=60 / data hex='
	i=1
	while [ $i -lt "$1" ]; do
		printf '3c00010400000000'
		i=$((i + 1))
	done
	printf '1100010400000000''0400000900080000'
}

table6()
{
	transports | awk -F'|' -v OFS='|' '{
		split($3, l, " ")
		print $1, "ip6 src=SRC / " $2, (l[1] + 20) " " l[2] " " l[3] " " l[4]
		print $1 " behind two headers", "ip6 src=SRC / hbh '"$pad"' / dstopt '"$pad"' / " $2,
			(l[1] + 36) " " l[2] " " l[3] " " l[4]
	}'
	cat <<-END
		ICMPv6|ip6 src=SRC / icmp6 / data zero=56|104 64 56 56
		ICMP in IPv6|ip6 src=SRC / icmp / data zero=56|104 64 - -
		routing header|ip6 src=SRC / rt opt=00000000 / $udp16|72 24 16 16
		first fragment|ip6 src=SRC / frag off=0 mf=1 / $udp16|72 24 16 16
		fragment of its own|ip6 src=SRC / frag off=0 mf=0 / dstopt $pad / $udp16|80 24 16 16
		second fragment|ip6 src=SRC / frag off=3 mf=0 next=17 / data zero=24|72 24 - -
		second fragment, no header there|ip6 src=SRC / frag off=3 mf=0 next=60 / data hex=06ff00000000000000|57 9 - -
		no next header|ip6 src=SRC next=59 / data zero=8|48 - - -
		no next header behind another|ip6 src=SRC / dstopt next=59 $pad / data zero=8|56 - - -
		extension header past the end|ip6 src=SRC / dstopt len=9 $pad / $udp16|72 - - -
		extension header cut off|ip6 src=SRC next=60 / data hex=11|41 - - -
		31 extension headers|$(dstopts 31)|296 8 0 0
		32 extension headers|$(dstopts 32)|304 - - -
		IPv6 in IPv6|ip6 src=SRC next=41 / data zero=60|100 60 - -
		UDP, cut off|ip6 src=SRC next=17 / $cut_off|47 7 - -
		no payload|ip6 src=SRC next=17|40 0 - -
	END
}

# Adds a number to each line and puts the source address in
numbered()
{
	awk -F'|' -v OFS='|' -v f="$1" '{
		src = f == 4 ? "10.0.9." NR : sprintf("fd00::9:%x", NR)
		gsub(/SRC/, src, $2)
		print src, $1, $2, $3
	}'
}

# From lines of numbered: rules (how=rules), or for each rule what it is about
# and what it shall count (how=expected)
triples()
{
	awk -F'|' -v how="$1" '
	function rule(layer, text, want)
	{
		if (how == "rules")
			print "-A PREROUTING -s " $1 " -m length2 --layer" layer " " text
		else
			print want "|" $2 ", layer " layer ": " text
	}
	BEGIN { split("3 4 5 7", layers, " ") }
	{
		split($4, l, " ")
		for (i = 1; i <= 4; i++) {
			if (l[i] == "-") {
				rule(layers[i], "--length 0:4294967295", 0)
				rule(layers[i], "! --length 0", 0)
				continue
			}
			if (l[i] > 0)
				rule(layers[i], "--length " l[i] - 1, 0)
			rule(layers[i], "--length " l[i], 1)
			rule(layers[i], "--length " l[i] + 1, 0)
			rule(layers[i], "! --length " l[i], 0)
			rule(layers[i], "! --length " l[i] + 1 ":4000000000", 1)
		}
	}'
}

# lengths 4|6
lengths()
{
	ns_pair
	echo 'link set c0 mtu 65535' | ns_ip c
	echo 'link set s0 mtu 65535' | ns_ip s
	"table$1" | numbered "$1" >"$XA_TMP/cases"
	{ echo '*mangle'; triples rules <"$XA_TMP/cases"; echo COMMIT; } >"$XA_TMP/rules"
	triples expected <"$XA_TMP/cases" >"$XA_TMP/expected"
	expect_ok "IPv$1: rules are inserted" ipt_restore "$1" s <"$XA_TMP/rules"
	cut -d'|' -f3 "$XA_TMP/cases" >"$XA_TMP/packets"
	expect_ok "IPv$1: packets are sent" in_ns c pkt send -d c0 -f "$XA_TMP/packets"
	ipt "$1" s -t mangle -nvxL PREROUTING | awk 'NR > 2 { print $1 }' >"$XA_TMP/counted"
	paste -d'|' "$XA_TMP/counted" "$XA_TMP/expected" >"$XA_TMP/both"
	while IFS='|' read -r got wanted what; do
		expect "IPv$1: $what" "$wanted" "$got"
	done <"$XA_TMP/both"
}

# Packets that offloads keep together have the length of the whole
offloaded()
{
	ns_pair
	ns_offload c on c0
	ns_offload s on s0
	listen s tcp 7000
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp --dport 7000 -m length2 --layer3 --length 1501:66000
		ipt $f s -A INPUT -p tcp --dport 7000 -m length2 --layer5 --length 1461:66000
		ipt $f s -A INPUT -p tcp --dport 7000 -m length2 --layer4 ! --length 0:1480
	done
	in_ns c pkt connect --bytes 400000 10.0.0.2 7000 >/dev/null
	in_ns c pkt connect --bytes 400000 fd00::2 7000 >/dev/null
	for f in 4 6; do
		for n in 1 2 3; do
			set -- $(rule_count $f s filter INPUT $n)
			expect_range "IPv$f: rule $n sees large packets" 1 300 "$1"
		done
	done
}

# The manual's example: segments with 1 to 100 bytes
manual()
{
	ns_triple
	ipt 4 r -A FORWARD -p tcp -m length2 --layer5 --length 1:100
	in_ns c pkt send -d c0 "ip src=10.0.1.1 dst=10.0.2.2 / tcp flags=A" \
		"ip src=10.0.1.1 dst=10.0.2.2 / tcp flags=A / data zero=1" \
		"ip src=10.0.1.1 dst=10.0.2.2 / tcp flags=A / data zero=100" \
		"ip src=10.0.1.1 dst=10.0.2.2 / tcp flags=A / data zero=101" >/dev/null
	expect_count "the manual's example" 2 4 r filter FORWARD 1
}

doomed()
{
	ns_pair
	ipt 4 s -A INPUT -m length2 --length 1
	ipt 6 s -A INPUT -m length2 --layer7 --length 1
}

each_backend lengths 4
each_backend lengths 6
each_backend offloaded
each_backend manual
each_backend doomed
expect_unload xt_length2
finish
