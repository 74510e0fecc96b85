#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: payloads with a verdict as packets of each form, and ordinary programs
. "${0%/*}/../lib.sh"

protocols='edk dc gnu kazaa bit apple soul winmx ares mute waste xdcc'
all="--$(echo "$protocols" | sed 's/ / --/g')"
handshake='data hex=13 text="BitTorrent protocol" zero=48'
ping='data text="d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"'
hello=$(printf '\023BitTorrent protocol')	# what a peer begins with
all_netns=/proc/sys/net/netfilter/nf_log_all_netns
allowed=$(cat $all_netns)

# ip 4|6: the layer, with addresses
ip_layer()
{
	case $1 in
	4)	echo 'ip src=10.0.0.1 dst=10.0.0.2' ;;
	6)	echo 'ip6 src=fd00::1 dst=fd00::2' ;;
	esac
}

# sends 4|6 REST [OPTION...]: a packet from c to s
sends()
{
	sends_packet="$(ip_layer "$1") / $2"
	shift 2
	in_ns c pkt send -d c0 "$@" "$sends_packet" >/dev/null
}

# ---- payloads with a verdict

# Lines SRC|L4|VERDICT|WHAT|BYTES; each has an address of its own, so all rules
# are inserted, all packets sent, and all counters read once.
numbered()
{
	grep '^[tu]' "$XA_TESTS/data/ipp2p.golden" | awk -F'|' -v OFS='|' -v f="$1" '{
		print (f == 4 ? "10.0." 8 + int(NR / 250) "." NR % 250 + 1 : sprintf("fd00::9:%x", NR)), $0
	}'
}

golden_packets()
{
	awk -F'|' -v f="$1" '{
		l4 = $2 == "tcp" ? "tcp flags=PA" : "udp"
		src = $1
		sub(/([^|]*\|)([^|]*\|)([^|]*\|)([^|]*\|)/, "")
		print (f == 4 ? "ip" : "ip6") " src=" src " / " l4 " / data " $0
	}'
}

# For each line two rules: the verdict alone, and all else
golden_rules()
{
	awk -F'|' -v all="$all" '{
		alone = $3 == "-" ? all : "--" $3
		others = all " "
		sub(alone " ", "", others)
		print "-A PREROUTING -s " $1 " -m ipp2p " alone
		print "-A PREROUTING -s " $1 " -m ipp2p " ($3 == "-" ? "--bit" : others)
	}'
}

# What they count when each packet was sent $1 times
golden_expected()
{
	awk -F'|' -v n="$1" '{
		print ($3 == "-" ? 0 : n) "|" $4 " is " $3
		print 0 "|" $4 " is nothing else"
	}'
}

golden()
{
	ns_pair
	for n in c:c0 s:s0; do
		ip -n "$(ns_name "${n%:*}")" link set "${n#*:}" mtu 9000
	done
	numbered "$1" >"$XA_TMP/cases"
	{ echo '*mangle'; golden_rules <"$XA_TMP/cases"; echo COMMIT; } >"$XA_TMP/rules"
	golden_expected 2 <"$XA_TMP/cases" >"$XA_TMP/expected"
	expect_ok "IPv$1: rules are inserted" ipt_restore "$1" s <"$XA_TMP/rules"
	golden_packets "$1" <"$XA_TMP/cases" >"$XA_TMP/packets"
	expect_ok "IPv$1: packets are sent" in_ns c pkt send -d c0 -f "$XA_TMP/packets"
	expect_ok "IPv$1: and again, not linear in memory" \
		in_ns c pkt send -d c0 --paged -f "$XA_TMP/packets"
	ipt "$1" s -t mangle -nvxL PREROUTING | awk 'NR > 2 { print $1 }' >"$XA_TMP/counted"
	paste -d'|' "$XA_TMP/counted" "$XA_TMP/expected" |
		awk -F'|' '$1 != $2 { print $3 " (expected " $2 ", got " $1 ")" }' >"$XA_TMP/wrong"
	expect "IPv$1: verdicts" "$(wc -l <"$XA_TMP/rules")" "$(($(wc -l <"$XA_TMP/expected") + 2))"
	expect "IPv$1: all $(wc -l <"$XA_TMP/expected") verdicts are right" "" "$(cat "$XA_TMP/wrong")"
}

# ---- packets of other forms

# counts WHAT PACKETS 4|6 RULENR: since the last time
counts()
{
	expect_count "IPv$3: $1" "$2" "$3" s mangle PREROUTING "${4:-1}"
	ipt "$3" s -t mangle -Z PREROUTING
}

forms()
{
	f=$1
	ns_pair
	ipt "$f" s -t mangle -A PREROUTING -m ipp2p --bit --edk
	for flags in A PA UA ECA; do
		sends "$f" "tcp flags=$flags / $handshake"
	done
	counts "a TCP segment with data, whatever else it has" 4 "$f"
	for flags in S SA F FA R RA FSRPAU; do
		sends "$f" "tcp flags=$flags / $handshake"
	done
	counts "not with SYN, FIN or RST" 0 "$f"
	sends "$f" "tcp flags=PA opt=nop,nop,ts:1:2 / $handshake"
	counts "TCP options" 1 "$f"
	sends "$f" "tcp flags=PA doff=4 / $handshake"
	sends "$f" "tcp flags=PA doff=15 / data hex=13 text=\"BitTorrent protocol\""
	sends "$f" "tcp flags=A"
	sends "$f" "udp"
	counts "no header, no data" 0 "$f"
	sends "$f" "udp len=64 / $ping zero=1"
	counts "the length of the UDP header counts" 1 "$f"
	sends "$f" "udp len=8 / $ping"
	sends "$f" "udp len=7 / $ping"
	sends "$f" "udp len=39 / $ping"
	counts "and if it says less, there is less" 0 "$f"
	sends "$f" "udp len=40 / $ping"
	counts "32 bytes of it are enough" 1 "$f"
	sends "$f" "udp len=6000 / $ping"
	counts "a length that the packet does not have" 1 "$f"
	sends "$f" "udplite / $ping"
	sends "$f" "sctp / $ping"
	sends "$f" "icmp / $ping"
	sends "$f" "gre / $ping"
	sends "$f" "$ping"
	counts "neither TCP nor UDP" 0 "$f"
}

headers4()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -m ipp2p --bit
	in_ns c pkt send -d c0 "ip src=10.0.0.1 dst=10.0.0.2 opt=nop,nop,nop,nop / tcp flags=PA / $handshake" \
		"ip src=10.0.0.1 dst=10.0.0.2 opt=7:$(printf '%076d' 0) / udp / $ping" >/dev/null
	counts "IP options" 2 4
	in_ns c pkt send -d c0 "ip src=10.0.0.1 dst=10.0.0.2 proto=17 off=1 mf=1 / udp / $ping" \
		"ip src=10.0.0.1 dst=10.0.0.2 proto=6 off=8191 / tcp flags=PA / $handshake" >/dev/null
	counts "what looks like it in a later fragment" 0 4
	in_ns c pkt send -d c0 "ip src=10.0.0.1 dst=10.0.0.2 proto=6 / data zero=7" \
		"ip src=10.0.0.1 dst=10.0.0.2 proto=17" \
		"ip src=10.0.0.1 dst=10.0.0.2 proto=17 / data zero=7" >/dev/null
	counts "headers cut off" 0 4
}

# Rules without -p: the transport header is found behind the extension headers
headers6()
{
	pad='opt=010400000000'
	ns_pair
	ipt 6 s -t mangle -A PREROUTING -m ipp2p --bit
	to='ip6 src=fd00::1 dst=fd00::2'
	in_ns c pkt send -d c0 "$to / hbh $pad / tcp flags=PA / $handshake" \
		"$to / hbh $pad / dstopt $pad / udp / $ping" \
		"$to / frag off=0 mf=0 / dstopt $pad / udp / $ping" >/dev/null
	counts "extension headers" 3 6
	in_ns c pkt send -d c0 "$to / frag off=1 mf=0 / udp / $ping" \
		"$to / dstopt $pad / frag off=1 mf=1 / tcp flags=PA / $handshake" \
		"$to / dstopt len=9 $pad / udp / $ping" "$to next=59 / udp / $ping" \
		"$to next=60 / data hex=11" "$to next=17" "$to next=6 / data zero=7" >/dev/null
	counts "later fragments, and no header" 0 6
}

# A SYN of uTP is told by its length, too: not from a fragment, but from the whole
fragments()
{
	f=$1
	ns_pair
	utp='udp / data hex=4102 hex=1234 hex=11223344 hex=00000000 hex=00100000 hex=00010000 hex=0008 zero=8'
	ipt "$f" s -t raw -A PREROUTING -p tcp -m ipp2p --bit
	ipt "$f" s -t raw -A PREROUTING -p udp -m ipp2p --bit
	for order in '' --reverse; do
		# shellcheck disable=SC2086 # none or one
		sends "$f" "tcp flags=PA / $handshake" --fragment 48 $order
		# shellcheck disable=SC2086
		sends "$f" "$utp" --fragment 32 $order
	done
	expect_count "IPv$f: the first fragment has the handshake" 2 "$f" s raw PREROUTING 1
	expect_count "IPv$f: but not the length" 0 "$f" s raw PREROUTING 2
	ipt "$f" s -t mangle -A INPUT -m conntrack --ctstate INVALID
	ipt "$f" s -t mangle -A PREROUTING -p tcp -m ipp2p --bit
	ipt "$f" s -t mangle -A PREROUTING -p udp -m ipp2p --bit
	for order in '' --reverse; do
		# shellcheck disable=SC2086
		sends "$f" "tcp flags=PA / $handshake" --fragment 24 $order
		# shellcheck disable=SC2086
		sends "$f" "$utp" --fragment 24 $order
	done
	expect_count "IPv$f: with connection tracking, the whole" 2 "$f" s mangle PREROUTING 1
	expect_count "IPv$f: with connection tracking, its length" 2 "$f" s mangle PREROUTING 2
}

# Datagrams that travel as one, and segments that do
joined()
{
	ns_pair
	ns_offload c on c0
	ns_offload s on s0
	listen s udp 7000 --sink
	listen s tcp 7000 --sink
	text=$(printf 'BT-SEARCH * HTTP/1.1\r\nand something else')
	for f in 4 6; do
		to=10.0.0.2
		[ $f = 4 ] || to=fd00::2
		ipt $f c -t mangle -A OUTPUT -p udp -m ipp2p --bit
		ipt $f c -t mangle -A OUTPUT -p tcp -m ipp2p --bit
		in_ns c pkt connect --segment 21 --text "$text" udp "$to" 7000 >/dev/null
		expect_count "IPv$f: the first of several datagrams is too short" 0 $f c mangle OUTPUT 1
		in_ns c pkt connect --segment 22 --text "$text" udp "$to" 7000 >/dev/null
		expect_count "IPv$f: the first of several datagrams is it" 1 $f c mangle OUTPUT 1
		in_ns c pkt connect --text "$hello" --bytes 60000 tcp "$to" 7000 >/dev/null
		expect_count "IPv$f: the first of several segments is it" 1 $f c mangle OUTPUT 2
	done
}

# ---- the log

# logged: the lines since the mark, without time
logged()
{
	kmsg_since_mark | sed -n 's/^\[[ 0-9.]*\] xt_ipp2p: //p'
}

debug_lines()
{
	ns_pair
	echo 1 >$all_netns
	for f in 4 6; do
		ipt $f s -t mangle -A PREROUTING -m ipp2p --bit --edk --debug
		ipt $f s -t mangle -A PREROUTING -m ipp2p --bit
	done
	kmsg_mark
	sends 4 "tcp sport=51413 dport=6881 flags=PA / $handshake"
	sends 6 "udp sport=51413 dport=6881 / $ping"
	sends 4 'udp sport=4672 dport=4673 / data hex=e396 hex=3412aa55'
	sends 4 "tcp flags=S / $handshake"
	sends 4 "udp / data fill=100"
	full='fd00:0000:0000:0000:0000:0000:0000:000'
	expect "lines as in the manual" \
"IPP2P.debug:TCP-match: bit from: 10.0.0.1:51413 to: 10.0.0.2:6881 Length: 68 Family: IPv4
IPP2P.debug:UDP-match: bit from: ${full}1:51413 to: ${full}2:6881 Length: 56 Family: IPv6
IPP2P.debug:UDP-match: edk from: 10.0.0.1:4672 to: 10.0.0.2:4673 Length: 6 Family: IPv4" "$(logged)"
	echo 0 >$all_netns
	kmsg_mark
	sends 4 "udp / $ping"
	expect "silent if the administrator wants it" "" "$(logged)"
	expect_count "but it matches" 3 4 s mangle PREROUTING 1
	echo 1 >$all_netns
	began=$(date +%s)
	sends 4 "udp / $ping" -n 4000
	most=$((100 * ($(date +%s) - began + 2)))
	if [ $most -lt 4000 ]; then
		expect_range "a flood: at most 100 lines a second" 1 $most "$(logged | grep -c IPP2P)"
	else
		skip_part "this machine is too slow for the limit"
	fi
	sleep 1.1
	sends 4 "udp / $ping"
	expect_match "what was suppressed is told" "*ipp2p*callbacks suppressed*" "$(kmsg_since_mark)"
	sleep 1.1
	echo "$allowed" >$all_netns
}

# ---- the manual's examples

manual()
{
	ns_triple
	ipt 4 r -t mangle -A FORWARD -j CONNMARK --restore-mark
	ipt 4 r -t mangle -A FORWARD -m mark ! --mark 0 -j ACCEPT
	ipt 4 r -t mangle -A FORWARD -m connbytes --connbytes 0:30 --connbytes-dir both \
		--connbytes-mode packets -m ipp2p --bit -j MARK --set-mark 1
	ipt 4 r -t mangle -A FORWARD -m mark --mark 1 -j CONNMARK --save-mark
	ipt 4 r -A FORWARD -m mark --mark 1
	ipt 4 r -A FORWARD -m ipp2p --edk --debug
	listen s tcp 7000
	listen s udp 7000
	in_ns c pkt connect --echo --text "$hello" 10.0.2.2 7000 >/dev/null
	wait_for 10 sh -c "ip netns exec $(ns_name r) conntrack -L 2>/dev/null | grep -q 'TIME_WAIT.*mark=1'"
	expect_match "the connection has the mark" "*dport=7000*mark=1*" "$(ct_list r -p tcp)"
	set -- $(rule_count 4 r filter FORWARD 1)
	expect_range "all packets from the handshake on, in both directions" 5 20 "$1"
	ct_flush r
	ipt 4 r -Z FORWARD
	in_ns c pkt connect --echo --text 'd1:ad2:id20:abcdefghij0123456789' udp 10.0.2.2 7000 >/dev/null
	expect_count "a query over UDP, and what is sent back" 2 4 r filter FORWARD 1
	in_ns c pkt connect --echo --text 'something else' 10.0.2.2 7000 >/dev/null
	expect_count "nothing of another connection" 2 4 r filter FORWARD 1
	ct_flush r
	ipt 4 r -Z FORWARD
	in_ns c pkt send -d c0 -n 30 'ip src=10.0.1.1 dst=10.0.2.2 / udp sport=5000 dport=5000 / data fill=60' \
		>/dev/null
	in_ns c pkt send -d c0 "ip src=10.0.1.1 dst=10.0.2.2 / udp sport=5000 dport=5000 / $ping" >/dev/null
	expect_count "what looks like it after 30 packets of a connection" 0 4 r filter FORWARD 1
	ct_flush r
	in_ns c pkt send -d c0 -n 29 'ip src=10.0.1.1 dst=10.0.2.2 / udp sport=5000 dport=5000 / data fill=60' \
		>/dev/null
	in_ns c pkt send -d c0 "ip src=10.0.1.1 dst=10.0.2.2 / udp sport=5000 dport=5000 / $ping" >/dev/null
	expect_count "as the 30th packet" 1 4 r filter FORWARD 1
	ct_flush r
	ipt 4 r -I FORWARD -m mark --mark 1 -j DROP
	expect_fail "dropped instead" in_ns c pkt connect --echo --timeout 1 \
		--text "$hello" 10.0.2.2 7000
	expect_count "edk has seen nothing" 0 4 r filter FORWARD 3
}

# ---- ordinary programs

crlf=$(printf '\r\n.')
crlf=${crlf%.}
banner="SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2$crlf"
query='data hex=1a2b01200001000000000000 hex=03777777 hex=076578616d706c6500 hex=00010001'

# One server for each thing that is tried, in s; its answers pass the rule, too
ordinary_servers()
{
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n' >"$XA_TMP/http"
	bg s socat TCP6-LISTEN:80,ipv6only=0,reuseaddr,fork "SYSTEM:sed /^.\$/q >/dev/null; cat $XA_TMP/http"
	listen s tcp 25 --reply "220 s ESMTP Postfix$crlf"
	bg s dnsmasq -k -C /dev/null -u root -p 53 --no-resolv --no-hosts --pid-file= \
		--address=/example/10.0.0.9
	listen s tcp 22 --reply "$banner"
	listen s udp 443 --sink
	listen s tcp 7000 --sink
	for n in 53 80; do
		wait_for 20 sh -c "ip netns exec $(ns_name s) ss -Hltn 'sport = :$n' | grep -q ." ||
			xa_die "no server on port $n"
	done
}

ordinary_tls()
{
	if ! command -v openssl >/dev/null; then
		skip_part "TLS: there is no openssl here"
		return
	fi
	in_ns s openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
		-subj /CN=s -keyout "$XA_TMP/key" -out "$XA_TMP/cert" >/dev/null 2>&1
	bg s openssl s_server -quiet -accept 4433 -key "$XA_TMP/key" -cert "$XA_TMP/cert" -www \
		>/dev/null 2>&1
	wait_for 20 sh -c "ip netns exec $(ns_name s) ss -Hltn 'sport = :4433' | grep -q ." ||
		xa_die "no server on port 4433"
	expect_ok "HTTPS" in_ns c curl -ksS -m 30 "https://10.0.0.2:4433/"
}

# answered: by the DNS server
answered()
{
	[ "$(rule_count 4 s mangle OUTPUT 3)" != "0 0" ]
}

ordinary()
{
	ns_pair
	for f in 4 6; do
		for chain in INPUT OUTPUT; do
			# shellcheck disable=SC2086 # a list
			ipt $f s -t mangle -A $chain -m ipp2p $all
			ipt $f s -t mangle -A $chain
		done
	done
	ordinary_servers
	ordinary_tls
	expect_ok "HTTP" in_ns c curl -sS -m 30 -o /dev/null "http://10.0.0.2/get/1?passkey=2&announce=3"
	expect_ok "HTTP over IPv6" in_ns c curl -sS -m 30 -o /dev/null "http://[fd00::2]/uri-res/a.torrent"
	expect_ok "SMTP" in_ns c pkt connect --text "EHLO c$crlf" \
		--expect "220 s ESMTP Postfix$crlf" 10.0.0.2 25
	expect_ok "SSH" in_ns c pkt connect --text "$banner" --expect "$banner" 10.0.0.2 22
	ipt 4 s -t mangle -A OUTPUT -p udp --sport 53
	sends 4 "udp sport=4000 dport=53 / $query"
	expect_ok "DNS, answered" wait_for 20 answered
	expect_ok "a stream of zeros" in_ns c pkt connect --bytes 300000 10.0.0.2 7000
	ordinary_random
	for f in 4 6; do
		for chain in INPUT OUTPUT; do
			least=5700
			[ $chain = INPUT ] || least=3
			expect_count "IPv$f: nothing matches in $chain" 0 $f s mangle $chain 1
			set -- $(rule_count $f s mangle $chain 2)
			expect_range "IPv$f: among all packets of $chain" "$least" 10000000 "$1"
		done
	done
}

# Datagrams and segments of every length, as of TLS and QUIC, and of nothing
ordinary_random()
{
	for f in 4 6; do
		l3=$(ip_layer $f)
		i=0
		while [ $i -lt 1430 ]; do
			i=$((i + 1))
			echo "$l3 / udp sport=443 dport=1000 / data random=$i"
			echo "$l3 / tcp sport=1000 dport=443 flags=A / data random=$i"
			echo "$l3 / udp sport=443 dport=1000 / data hex=c300000001 random=$i"
			echo "$l3 / tcp sport=1000 dport=443 flags=A / data hex=170303 random=$i"
		done >"$XA_TMP/packets"
		# so many as pkt takes from one file
		split -l 1000 "$XA_TMP/packets" "$XA_TMP/random."
		for file in "$XA_TMP"/random.*; do
			in_ns c pkt send -d c0 -f "$file" >/dev/null || not_ok "IPv$f: random bytes are sent"
		done
		rm -f "$XA_TMP"/random.*
	done
}

each_backend golden 4
each_backend golden 6
each_backend forms 4
each_backend forms 6
each_backend headers4
each_backend headers6
each_backend fragments 4
each_backend fragments 6
each_backend joined
each_backend debug_lines
each_backend manual
XA_BACKENDS=nft each_backend ordinary

# Rules are in place when the namespace goes
doomed()
{
	ns_pair
	ipt 4 s -A INPUT -m ipp2p --bit --debug
	ipt 6 s -A INPUT -m ipp2p --edk
	sends 4 "udp / $ping"
}
each_backend doomed
expect_unload xt_ipp2p
finish
