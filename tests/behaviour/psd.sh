#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# psd: which packets are a port scan, and what real scanners look like
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/psd.inc
. "${0%/*}/psd.inc"

# rules [OPTION...]: a new rule with these options in INPUT, in both families
rules()
{
	for f in 4 6; do
		ipt $f s -F INPUT
		ipt $f s -A INPUT -m psd "$@"
	done
}

# matched WHAT PACKETS: of the rule
matched()
{
	expect_count "IPv$f: $1" "$2" $f s filter INPUT 1
}

# triple WHAT FIRST LAST: ports from FIRST on, LAST is the first that matches
triple()
{
	send $(($3 - $2)) "IP / tcp dport=$2..$(($3 - 1))"
	matched "$1: none up to port $(($3 - 1))" 0
	send 2 "IP / tcp dport=$3..$(($3 + 1))"
	matched "$1: port $3 and the next" 2
}

limits()
{
	ns_pair
	rules $slow
	for f in 4 6; do triple "low ports" 1 7; done
	rules $slow
	for f in 4 6; do triple "high ports" 2001 2021; done
	rules $slow
	for f in 4 6; do triple "1023 and 1024 are low, 1025 is high" 1023 1039; done
	rules $slow --psd-weight-threshold 256 --psd-lo-ports-weight 1
	for f in 4 6; do triple "threshold 256" 1 256; done
	rules $slow --psd-weight-threshold 10000 --psd-lo-ports-weight 1
	for f in 4 6; do triple "threshold 10000" 1 10000; done
	rules $slow --psd-weight-threshold 10000 --psd-hi-ports-weight 5000
	for f in 4 6; do triple "threshold 10000, weight 5000" 5000 5001; done
	rules $slow --psd-weight-threshold 10000 --psd-lo-ports-weight 10000
	for f in 4 6; do triple "never the first, whatever its weight" 1 2; done
	rules $slow --psd-weight-threshold 4 --psd-lo-ports-weight 0
	for f in 4 6; do
		send 100 "IP / tcp dport=1..100"
		triple "low ports do not count" 1021 1028
		send 100 "IP / tcp dport=1..100"
		matched "nor do they match" 2
	done
}

# A scan that is known: its ports keep their verdicts, others match.
verdicts()
{
	ns_pair
	rules $slow
	for f in 4 6; do
		send 8 "IP / tcp dport=1..8"
		matched "two of eight ports" 2
		send 6 "IP / tcp dport=1..6"
		matched "a port that was let in stays let in" 2
		send 1 "IP / tcp dport=7" "IP / tcp dport=8"
		matched "a retransmission of what matched matches" 4
		send 1 "IP / udp dport=1000"
		matched "UDP and TCP are counted together" 5
		send 1 "IP / tcp sport=80 dport=1001 flags=A" "IP / tcp sport=80 dport=1001 flags=SA"
		matched "connections of the scanner are left alone" 5
		send 1 "IP src=$(host 9) / tcp dport=1001"
		matched "so are other hosts" 5
	done
}

# eight_of WHAT EXPECTED PACKET...: eight low ports of each, which all arrive (the kernel's own
# multicast reports do not count); each is sent by a host of its own
eight_of()
{
	what=$1 expected=$2
	shift 2
	ipt $f s -t raw -F PREROUTING
	ipt $f s -t raw -A PREROUTING -m psd $slow
	# shellcheck disable=SC2046 # words
	ipt $f s -t raw -A PREROUTING -i s0 $([ $f = 4 ] || echo -d fd00::2)
	from=20
	for p; do
		shift
		case $p in
		*src=*)	set -- "$@" "$p" ;;
		*)	set -- "$@" "IP src=$(host $((from += 1)))${p#IP}" ;;
		esac
	done
	send 8 "$@"
	expect "IPv$f: $what" "$((expected * $#)) of $((8 * $#))" \
		"$(rule_count $f s raw PREROUTING 1 | cut -d' ' -f1) of $(
		rule_count $f s raw PREROUTING 2 | cut -d' ' -f1)"
}

packets()
{
	ns_pair
	tcp='IP / tcp dport=1..8'
	for f in 4 6; do
		eight_of "TCP without ACK and RST" 2 "$tcp flags=S" "$tcp flags=F" "$tcp flags=0" \
			"$tcp flags=FPU" "$tcp flags=SF" "$tcp flags=SFPU" "$tcp flags=SEC"
		eight_of "TCP with ACK or RST" 0 "$tcp flags=A" "$tcp flags=R" "$tcp flags=SA" "$tcp flags=FA" \
			"$tcp flags=RA" "$tcp flags=PA" "$tcp flags=FPUA" "$tcp flags=SFA" "$tcp flags=SR"
		eight_of "UDP, UDP-Lite" 2 "IP / udp dport=1..8" "IP / udplite dport=1..8"
		eight_of "SCTP" 0 "IP / sctp dport=1..8"
		send_as=--paged
		eight_of "paged" 2 "$tcp" "IP / udp dport=1..8"
		send_as=
	done
	f=4
	eight_of "half a header" 0 "IP proto=6 / data hex=04000001000000000000000050" \
		"IP proto=17 / data hex=040000"
	eight_of "IP options" 2 "IP opt=nop,nop,nop,nop / tcp dport=1..8"
	eight_of "0.0.0.0 is nobody" 0 "IP src=0.0.0.0 dst=255.255.255.255 / udp dport=1..8"
	f=6
	eight_of "half a header" 0 "IP next=6 / data hex=04000001000000000000000050" \
		"IP next=17 / data hex=040000" "IP / dstopt len=255 / tcp dport=1..8"
	eight_of "extension headers" 2 "IP / hbh / dstopt / rt / udp dport=1..8"
	eight_of "12 extension headers" 2 "IP / hbh$(printf ' / dstopt%.0s' 1 2 3 4 5 6 7 8 9 10 11) / udp dport=1..8"
	eight_of ":: is nobody" 0 "IP src=:: / udp dport=1..8"
}

# fragments_of WHAT EXPECTED SIZE FLAGS: eight low ports, before anything puts the
# fragments together (no connection tracking in raw PREROUTING)
fragments_of()
{
	ipt $f s -t raw -F PREROUTING
	ipt $f s -t raw -A PREROUTING -m psd $slow
	send_as="--fragment $3"
	send 8 "IP / tcp dport=1..8 flags=$4 / data zero=64"
	send_as=
	expect_count "IPv$f: $1" "$2" $f s raw PREROUTING 1
}

fragments()
{
	ns_pair
	for f in 4 6; do
		fragments_of "without flags: the first of each packet" 2 8 S
		fragments_of "with SYN: the first of each packet" 2 16 S
		fragments_of "with all of the header" 2 24 S
		fragments_of "ACK that cannot be seen" 2 8 A
		fragments_of "ACK" 0 16 A
	done
}

# The delay is that between new ports.
delays()
{
	ns_pair
	rules --psd-delay-threshold 10
	for f in 4 6; do
		send 6 "IP / tcp dport=1..6"
		sleep 0.3
		send 1 "IP / tcp dport=7"
		matched "a port after the delay" 0
		sleep 0.3
		send 1 "IP / tcp dport=8"
		matched "and so on" 0
	done
	rules --psd-delay-threshold 0
	for f in 4 6; do
		for port in 1 2 3 4 5 6 7 8 9 10; do
			send 1 "IP / tcp dport=$port"
			sleep 0.05
		done
		matched "delay 0: not at the same time" 0
	done
}

# Rules that see the same packets do not know of each other.
independence()
{
	ns_pair
	ns_new other
	for f in 4 6; do
		ipt $f s -A INPUT -m psd $slow
		ipt $f s -A INPUT -m psd $slow
		ipt $f s -A INPUT -m psd $slow --psd-weight-threshold 30
		ipt $f s -A INPUT -p udp -m psd $slow
		send 12 "IP / tcp dport=1..12"
		expect "IPv$f: each rule for itself" "6 6 3 0" \
			"$(for r in 1 2 3 4; do rule_count $f s filter INPUT $r; done | cut -d' ' -f1 | xargs)"
		ipt $f s -C INPUT -m psd $slow --psd-weight-threshold 30 || not_ok "-C finds a rule in use"
		ipt $f s -D INPUT -m psd $slow --psd-weight-threshold 30 || not_ok "-D deletes it"
		send 1 "IP / tcp dport=13"
		expect "IPv$f: a deletion does not concern the others" "$([ $XA_BACKEND = nft ] && echo 7 || echo 6)" \
			"$(rule_count $f s filter INPUT 1 | cut -d' ' -f1)"
		ipt $f other -A INPUT -m psd $slow
		expect_count "IPv$f: nothing in another namespace" 0 $f other filter INPUT 1
	done
}

srcmask()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -m psd $slow
		ipt $f s -A INPUT -m psd $slow --psd-srcmask $([ $f = 4 ] && echo 28 || echo 124)
		for port in 3 4 5 6 7 8 9 1; do
			send 1 "IP src=$(host $port) / tcp dport=$port"
		done
		expect_count "IPv$f: eight hosts with a port each" 0 $f s filter INPUT 1
		expect_count "IPv$f: that are one host" 2 $f s filter INPUT 2
		send 1 "IP src=$(host 20) / tcp dport=20"
		expect_count "IPv$f: and one that is not" 2 $f s filter INPUT 2
	done
}

# A program that talks to many hosts, each on a port of its own, is no scan if
# each destination is counted by itself; many ports of one of them are.
dstmask()
{
	ns_pair
	for f in 4 6; do
		net=$([ $f = 4 ] && echo 24 || echo 64) all=$([ $f = 4 ] && echo 32 || echo 128)
		for mask in 0 $net $all; do
			ipt $f s -A OUTPUT -p udp -m psd $slow --psd-dstmask "$mask"
		done
	done
	in_ns s pkt send --local -n 8 'ip src=10.0.0.2 dst=10.0.0.101..10.0.0.108 / udp dport=1..8' >/dev/null
	in_ns s pkt send --local -n 8 'ip6 src=fd00::2 dst=fd00::101..fd00::108 / udp dport=1..8' >/dev/null
	for f in 4 6; do
		expect_count "IPv$f: eight hosts, a port each: together" 2 $f s filter OUTPUT 1
		expect_count "IPv$f: as one network" 2 $f s filter OUTPUT 2
		expect_count "IPv$f: each by itself" 0 $f s filter OUTPUT 3
	done
	in_ns s pkt send --local -n 8 'ip src=10.0.0.2 dst=10.0.0.1 / udp dport=11..18' >/dev/null
	in_ns s pkt send --local -n 8 'ip6 src=fd00::2 dst=fd00::1 / udp dport=11..18' >/dev/null
	for f in 4 6; do
		expect_count "IPv$f: eight ports of one" 2 $f s filter OUTPUT 3
	done
}

# A rule in OUTPUT: with nft bottom halves are on.
output()
{
	ns_pair
	ipt 4 s -A OUTPUT -m psd $slow
	ipt 6 s -A OUTPUT -m psd $slow
	in_ns s pkt send --local -n 8 'ip src=10.0.0.2 dst=10.0.0.1 / udp dport=1..8' >/dev/null
	in_ns s pkt send --local -n 8 'ip6 src=fd00::2 dst=fd00::1 / udp dport=1..8' >/dev/null
	expect_count "IPv4: this host scans" 2 4 s filter OUTPUT 1
	expect_count "IPv6: this host scans" 2 6 s filter OUTPUT 1
}

# ---- what is no scan

# Answers of a name server come to as many ports as there were questions.
answers()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -m psd $slow
		ipt $f s -A INPUT -m psd $slow
		ipt $f s -A INPUT -m conntrack --ctstate ESTABLISHED
	done
	in_ns s pkt send --local -n 40 'ip src=10.0.0.2 dst=10.0.0.1 / udp sport=5001..5040 dport=53' >/dev/null
	in_ns s pkt send --local -n 40 'ip6 src=fd00::2 dst=fd00::1 / udp sport=5001..5040 dport=53' >/dev/null
	for f in 4 6; do
		send 40 "IP / udp sport=53 dport=5001..5040"
		expect_count "IPv$f: connection tracking knows the answers" 40 $f s filter INPUT 2
		expect_count "IPv$f: they are no scan" 0 $f s filter INPUT 1
		expect_count "IPv$f: before connection tracking they look like one" 20 $f s raw PREROUTING 1
		send 40 "IP / udp sport=53 dport=6001..6040"
		expect_count "IPv$f: answers that nobody asked for" 20 $f s filter INPUT 1
	done
}

# One port, with all the power that there is, and real connections.
busy_client()
{
	ns_pair
	rules
	listen s tcp 80
	for f in 4 6; do
		send 2000 "IP / tcp sport=1024..3023 dport=80"
		send 2000 "IP / udp sport=1024..3023 dport=443"
		i=0
		while [ $((i += 1)) -le 5 ]; do
			in_ns c pkt connect --bytes 2000 "$(host 2)" 80 >/dev/null || not_ok "IPv$f: connects"
		done
		matched "a busy client of two ports" 0
	done
}

# ---- floods

# The tables are as small as they can be, and so are the floods: 1024 places and 32000
# sources are in proportion what a million is to a rule of ordinary size, which
# tests/unit/psd.c has.
sources=16.0.0.0-16.0.124.255
flood()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -m psd $slow
	ipt 4 s -t raw -A PREROUTING -s 10.0.0.1
	f=4
	send 2 "IP / tcp dport=1..2"
	expect "32000 sources" "packets=32000" "$(in_ns s pkt flood --tun t0 --count 32000 --dport 80 \
		--src-range $sources --dst 10.0.0.2 | tr ' ' '\n' | grep ^packets)"
	expect_count "none of them scans" 0 4 s raw PREROUTING 1
	send 4 "IP / tcp dport=3..6"
	expect_count "the host with two ports before them has six" 0 4 s raw PREROUTING 1
	send 1 "IP / tcp dport=7"
	expect_count "its seventh is found" 1 4 s raw PREROUTING 1
	expect_count "of seven" 7 4 s raw PREROUTING 2
}

# hits NS: packets of c that psd matched
hits()
{
	rule_count 4 "$1" raw hit 1 | cut -d' ' -f1
}

# nmap, while the flood lasts
flooded_scan()
{
	ns_pair
	ipt 4 s -t raw -N hit
	ipt 4 s -t raw -A hit -s 10.0.0.1
	ipt 4 s -t raw -A PREROUTING -m psd -j hit
	ipt 4 s -t raw -A PREROUTING -i t0 -j DROP
	bg s pkt flood --tun t0 --seconds 300 --dport 80 --src-range $sources --dst 10.0.0.2 >/dev/null
	flooder=$bg_pid
	wait_for 60 seen_flood || not_ok "the flood is there"
	i=0
	while [ $((i += 1)) -le 5 ] && [ "$(hits s)" -eq 0 ]; do
		in_ns c nmap -n -Pn --max-retries 1 -sS -p 1-100 10.0.0.2 >/dev/null
	done
	expect "the flood still goes on" 0 "$(kill -0 "$flooder"; echo $?)"
	bg_stop "$flooder"
	expect_range "nmap is seen in a flood" 1 100000 "$(hits s)"
}

seen_flood()
{
	set -- $(rule_count 4 s raw PREROUTING 2)
	[ "$1" -gt 5000 ]
}

# ---- scanners

# The rows of the manual's table: SCANNER, IPv4, IPv6
table()
{
	sed -n '/^scanner/,/^\.TE/p' "$XA_EXTENSIONS/libxt_psd.man" | sed -e 1d -e '$d' -e 's/\\-/-/g'
}

# scan SCANNER...: from c to the host 2
scan()
{
	case $1 in
	nmap)	in_ns c "$@" $([ $f = 4 ] || echo -6) -n -Pn --max-retries 1 -p 1-12 "$(host 2)" ;;
	hping3)	in_ns c "$@" -q -c 12 -i u2000 "$(host 2)" ;;
	esac >"$XA_TMP/scan" 2>&1
}

# detected YES|NO SCANNER...: as the manual says. What must be seen has three
# tries, since a machine that stands still for the delay ends a scan.
detected()
{
	answer=$1 tries=1
	shift
	[ "$answer" = no ] || tries=3
	while [ $((tries -= 1)) -ge 0 ]; do
		ipt $f s -R INPUT 5 -m psd -j hit
		ipt $f s -Z INPUT 4
		ipt $f s -Z hit
		scan "$@"
		got=$(rule_count $f s filter hit 1)
		[ "${got%% *}" -eq 0 ] || break
	done
	sent=$(rule_count $f s filter INPUT 4)
	expect_range "IPv$f: $*: packets arrived" 12 100000 "${sent%% *}"
	expect "IPv$f: $*: detected" "$answer" "$([ "${got%% *}" -gt 0 ] && echo yes || echo no)"
}

# row IPV4 IPV6 SCANNER...
row()
{
	yes4=$1 yes6=$2
	shift 2
	case "$*" in
	"$patient")	return ;;
	esac
	f=4
	detected "$yes4" "$@"
	f=6
	[ "$yes6" = - ] || detected "$yes6" "$@"
}

# This one takes its time: two ports, and rules that two are enough for, in the
# background.
patient='nmap -sS -T1'

patient_begin()
{
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp --dport 901:902 -m psd --psd-weight-threshold 4
		ipt $f s -A INPUT -p tcp --dport 901:902 -m psd --psd-weight-threshold 4 $slow
		ipt $f s -A INPUT -p tcp --dport 901:902 -j ACCEPT
		# shellcheck disable=SC2086 # words
		bg c $patient $([ $f = 4 ] || echo -6) -n -Pn --max-retries 0 -p 901-902 "$(host 2)" >/dev/null
		eval patient$f=\$bg_pid
	done
}

patient_end()
{
	# shellcheck disable=SC2154 # patient_begin set them
	wait "$patient4" "$patient6"
	expect "the manual's row of $patient" "no no" \
		"$(table | awk -F '\t' -v s="$patient" '$1 == s { print $2, $3 }')"
	for f in 4 6; do
		expect_count "IPv$f: $patient: not seen with the default delay" 0 $f s filter INPUT 1
		expect_count "IPv$f: $patient: seen with a delay of 100 s" 1 $f s filter INPUT 2
		expect_count "IPv$f: $patient: two ports" 2 $f s filter INPUT 3
	done
}

scanners()
{
	ns_pair
	ns_sysctl s net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	patient_begin
	for f in 4 6; do
		# connection tracking is on: a scan is one with it as well
		ipt $f s -t mangle -A INPUT -m conntrack --ctstate ESTABLISHED
		ipt $f s -N hit
		ipt $f s -A hit -s "$(host 1)"
		ipt $f s -A INPUT -s "$(host 1)"
		ipt $f s -A INPUT -m psd -j hit
	done
	table >"$XA_TMP/table"
	expect_range "the manual has a table" 20 100 "$(wc -l <"$XA_TMP/table")"
	tab=$(printf '\t')
	while IFS=$tab read -r scanner yes4 yes6 <&3; do
		# shellcheck disable=SC2086 # its words
		row "$yes4" "$yes6" $scanner
	done 3<"$XA_TMP/table"
	patient_end
}

# ---- the manual's examples

manual()
{
	ns_pair
	ipt 4 s -A INPUT -i lo -j ACCEPT
	ipt 4 s -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
	ipt 4 s -A INPUT -m psd -m limit --limit 1/minute --limit-burst 1 -j LOG --log-prefix "port scan: "
	ipt 4 s -A INPUT -m psd -j DROP
	ipt 6 s -A INPUT -m psd --psd-weight-threshold 100 --psd-delay-threshold 50 --psd-srcmask 64 -j DROP
	ipt 4 s -A FORWARD -i s0 -m psd --psd-dstmask 32 -j DROP
	listen s tcp 80
	expect_ok "a client" in_ns c pkt connect --bytes 2000 10.0.0.2 80
	f=4
	send 20 "IP / tcp dport=1..20"
	expect_count "a scan is logged once" 1 4 s filter INPUT 3
	set -- $(rule_count 4 s filter INPUT 4)
	expect_range "and dropped" 10 15 "$1"
	before=$1
	in_ns s nmap -sT -n -Pn --max-retries 0 -p 1-30 127.0.0.1 >/dev/null
	set -- $(rule_count 4 s filter INPUT 1)
	expect_range "30 local connections are let in" 30 1000 "$1"
	expect_count "and none is dropped" "$before" 4 s filter INPUT 4
	expect_ok "the port that the client had before is still open" in_ns c pkt connect --bytes 2000 10.0.0.2 80
	f=6
	in_ns c pkt send --dev c0 -n 60 'ip6 src=fd00::100..fd00::13b / udp dport=1..60' >/dev/null
	set -- $(rule_count 6 s filter INPUT 1)
	expect_range "an IPv6 scanner with many addresses" 1 27 "$1"
}

# ---- life cycle

# Rules come and go in a flood.
races()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -m psd
	bg s pkt flood --tun t0 --seconds 300 --src-range 16.0.0.0-16.0.39.15 \
		--dst 10.0.0.2 --dport 1-50 >/dev/null
	flooder=$bg_pid
	bg s pkt flood --tun t1 --seconds 300 --src-range fd00::1-fd00::ffff --dst fd01::2 --dport 1-50 >/dev/null
	flooder6=$bg_pid
	i=0
	while [ $((i += 1)) -le 4 ]; do
		ipt 4 s -t raw -I PREROUTING -m psd --psd-weight-threshold $i
		ipt 6 s -t raw -I PREROUTING -m psd --psd-weight-threshold $((i * 500)) --psd-lo-ports-weight 1
		[ $((i % 3)) -ne 2 ] || { ipt 4 s -t raw -F; ipt 6 s -t raw -F; }
		ipt 4 s -t raw -Z
	done
	expect "the flood outlived that" 0 "$(kill -0 "$flooder"; echo $?)"
	bg_stop "$flooder"
	bg_stop "$flooder6"
}

doomed()
{
	ns_pair
	rules
	for f in 4 6; do
		send 8 "IP / tcp dport=1..8"
	done
}

# reload PARAMETER: the module anew
reload()
{
	wait_for 20 mod_gone xt_psd || not_ok "the module is unloaded"
	modprobe xt_psd "$@" 2>/dev/null
}

hosts()
{
	for n in 0 1023 1048577 -1; do
		if reload hosts=$n; then
			not_ok "hosts=$n is refused"
		else
			ok "hosts=$n is refused"
		fi
	done
	for n in 1025 1048576; do
		families="4 6"
		# 179 MB for a rule are more than such a kernel has addresses for
		[ $n -lt 1048576 ] || ! narrow || families=4
		if reload hosts=$n; then
			ok "hosts=$n"
		else
			not_ok "hosts=$n"
		fi
		ns_pair
		rules $slow
		for f in $families; do triple "hosts=$n" 1 7; done
		ns_del_all
	done
	reload hosts=1024 || not_ok "hosts=1024"
	each_backend flood
	each_backend flooded_scan
	reload || not_ok "the module is loaded again"
}

# where a back end makes a difference: contexts, and rules that are made anew
each_backend verdicts
each_backend independence
each_backend output
each_backend manual
racing each_backend races
each_backend doomed
backends=${XA_BACKENDS:-}
XA_BACKENDS=nft
each_backend limits
each_backend packets
each_backend fragments
each_backend delays
each_backend srcmask
each_backend dstmask
each_backend answers
each_backend busy_client
each_backend scanners
hosts
XA_BACKENDS=$backends
each_backend doomed
expect_unload xt_psd
finish
