#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lscan: real scanners, real sessions, and single packets; lscan-walk.sh has whole connections made by hand
. "${0%/*}/../lib.sh"

parameters=/sys/module/xt_lscan/parameters

# The rules whose counters tell: stealth synscan cnscan grscan mirai
# rules NS CHAIN [MATCH...]
rules()
{
	xa_where=$1 xa_chain=$2
	shift 2
	for xa_f in 4 6; do
		for xa_o in stealth synscan cnscan grscan mirai; do
			ipt $xa_f "$xa_where" -A "$xa_chain" -p tcp "$@" -m lscan --$xa_o
		done
	done
}

# hits 4|6 NS CHAIN: the five counters, and 0 again
hits()
{
	ipt "$1" "$2" -nvxL "$3" -Z | awk '$0 ~ /lscan/ { printf "%s%s", n++ ? " " : "", $1 }'
}

# expect_hits WHAT STEALTH SYNSCAN CNSCAN GRSCAN MIRAI: $f, $at and $chain say where
at=s chain=INPUT
expect_hits()
{
	xa_what=$1
	shift
	expect "IPv$f: $xa_what" "$*" "$(hits "$f" "$at" "$chain")"
}

# settled: no connection of c is alive any more
settled()
{
	for xa_i in c s; do
		[ -z "$(in_ns $xa_i ss -Htn state established state fin-wait-1 state last-ack \
			state closing state syn-sent state syn-recv)" ] || return 1
	done
}

# done_with: all packets of what went before have come
done_with()
{
	wait_for 20 settled || not_ok "connections end"
}

# server 4|6: its address
server()
{
	[ "$1" = 4 ] && echo 10.0.0.2 || echo fd00::2
}

# scan 4|6 ARGS...: one probe for each port. Patient where an answer is to come (-sS, -sT):
# who has given up connects in another way.
scan()
{
	xa_six='' xa_to=$(server "$1") xa_wait=10s
	[ "$1" = 4 ] || xa_six=-6
	shift
	case $1 in
	-s[FXNM]) xa_wait=200ms ;;
	esac
	in_ns c nmap $xa_six -n -Pn --max-retries 0 --initial-rtt-timeout $xa_wait --max-rtt-timeout $xa_wait \
		"$@" "$xa_to" >"$XA_TMP/nmap" 2>&1 || not_ok "nmap runs" "$(cat "$XA_TMP/nmap")"
	done_with
}

# 7001 listens, 7002 has a banner, 7009 is closed
listeners()
{
	listen s tcp 7001 --sink
	listen s tcp 7002 --reply 'SSH-2.0-server'
}

scanners()
{
	ns_pair
	rules s INPUT
	listeners
	for f in 4 6; do
		scan $f -sS -p 7001,7002,7009
		expect_hits "nmap -sS: two open ports of three" 0 2 0 0 0
		scan $f -sT -p 7001,7009
		expect_hits "nmap -sT: one open port of two" 0 0 1 0 0
		for how in F X N M; do
			scan $f -s$how -p 7001,7009
			expect_hits "nmap -s$how: both ports" 2 0 0 0 0
		done
		scan $f -sA -p 7001,7009
		expect_hits "nmap -sA: ACKs are taken for connections" 0 0 0 0 0
		in_ns c pkt connect --expect SSH-2.0-server "$(server $f)" 7002 >/dev/null
		done_with
		expect_hits "a banner grabber" 0 0 0 1 0
	done
	f=4
	scan 4 -sF -f -p 7001,7009
	expect_hits "nmap -sF -f: fragments" 2 0 0 0 0
	scan 4 -sS --data-length 20 -p 7001
	expect_hits "nmap -sS --data-length: data in the SYN" 0 1 0 0 0
	ns_sysctl s net.netfilter.nf_conntrack_tcp_loose=0
	scan 4 -sA -p 7001,7009
	expect_hits "nmap -sA with nf_conntrack_tcp_loose=0" 2 0 0 0 0
}

# source NS PORT BYTES|endless: a server that sends so much and closes
source_of()
{
	xa_bytes=,readbytes=$3
	[ "$3" != endless ] || xa_bytes=
	bg "$1" socat -u "OPEN:/dev/zero$xa_bytes" "TCP6-LISTEN:$2,reuseaddr,ipv6only=0"
	wait_for 20 in_ns "$1" sh -c "ss -Htln sport = :$2 | grep -q ." || xa_die "no source on $2"
}

sessions()
{
	ns_pair
	rules s INPUT
	listen s tcp 7001 --sink
	listen s tcp 7002 --reply 'SSH-2.0-server'
	listen s tcp 7080 --reply "$(printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')"
	for f in 4 6; do
		to=$(server $f)
		host=$to
		[ $f = 4 ] || host="[$to]"
		expect "IPv$f: curl" ok "$(in_ns c curl -s -m 20 "http://$host:7080/")"
		done_with
		expect_hits "curl scans nothing" 0 0 0 0 0
		expect_ok "IPv$f: banners" in_ns c pkt connect --text SSH-2.0-client --expect SSH-2.0-server "$to" 7002
		done_with
		expect_hits "an exchange of banners scans nothing" 0 0 0 0 0
		expect_ok "IPv$f: upload" in_ns c pkt connect --bytes 2000000 --hold 0.1 "$to" 7001
		done_with
		expect_hits "an upload scans nothing" 0 0 0 0 0
		source_of s 7003 3000000
		expect_ok "IPv$f: download" in_ns c socat -u "TCP:$host:7003" OPEN:/dev/null
		done_with
		expect_hits "a download scans nothing" 0 0 0 0 0
		source_of s 7004 endless
		expect_ok "IPv$f: download" in_ns c socat -u "TCP:$host:7004,readbytes=3000000" OPEN:/dev/null
		done_with
		expect_hits "a download that the client breaks off scans nothing" 0 0 0 0 0
		source_of s 7005 20
		expect_ok "IPv$f: 20 bytes" in_ns c socat -u "TCP:$host:7005" OPEN:/dev/null
		done_with
		expect_hits "a short text whose server closes scans nothing" 0 0 0 0 0
		ipt $f s -I INPUT 1 -p tcp --dport 7006 -j DROP
		in_ns c pkt connect --timeout 0.3 "$to" 7006 2>/dev/null
		ipt $f s -D INPUT 1
		in_ns c pkt connect --timeout 3 "$to" 7009 2>/dev/null
		done_with
		expect_hits "closed and filtered ports scan nothing" 0 0 0 0 0
	done
}

# All combinations of flags out of the blue, and what lscan should say of them
# with nf_conntrack_tcp_loose=1: PORT FLAGS COUNT
combinations()
{
	awk 'BEGIN { for (n = 0; n < 64; n++) {
		fl = ""
		for (i = 0; i < 6; i++) {
			has[i] = int(n / 2 ^ i) % 2
			if (has[i]) fl = fl substr("FSRPAU", i + 1, 1)
		}
		syn = has[1] && !has[0] && !has[2] && !has[4]
		rst = has[2] && !has[0] && !has[1]
		ack = has[4] && !has[0] && !has[1] && !has[2]
		print 2000 + n, fl == "" ? "-" : fl, !syn && !rst && !ack
	} }'
}

stealth()
{
	ns_pair
	for f in 4 6; do
		ip=ip
		[ $f = 4 ] || ip=ip6
		{
			echo '*filter'
			combinations | while read -r port _ _; do
				echo "-A INPUT -p tcp -m tcp --sport $port --dport 7009 -m lscan --stealth"
			done
			echo COMMIT
		} | ipt_restore $f s
		combinations | while read -r port flags _; do
			echo "$ip / tcp sport=$port dport=7009 flags=$flags"
		done >"$XA_TMP/packets"
		in_ns c pkt send -d c0 -f "$XA_TMP/packets" >/dev/null
		ipt $f s -nvxL INPUT | awk 'NR > 2 { print $1 }' >"$XA_TMP/counts"
		combinations | cut -d' ' -f3 >"$XA_TMP/wanted"
		expect "IPv$f: --stealth of 64 combinations of flags" "$(tr '\n' ' ' <"$XA_TMP/wanted")" \
			"$(tr '\n' ' ' <"$XA_TMP/counts")"
		ipt $f s -F INPUT
	done
	rules s INPUT
	in_ns c pkt send -d c0 'ip proto=6 / data zero=19' 'ip / tcp doff=4 flags=F' \
		'ip proto=6 off=3 / data zero=64' 'ip mf=1 id=7 / tcp flags=F' \
		'ip6 next=6 / data zero=19' >/dev/null
	f=4
	expect_hits "a header that is cut off, or a lone fragment" 1 0 0 0 0
	in_ns c pkt send -d c0 'ip6 / dstopt opt=010400000000 / tcp flags=F' >/dev/null
	in_ns c pkt send -d c0 -P 'ip6 / tcp sport=3 flags=FPU' >/dev/null
	f=6
	expect_hits "behind an extension header, and not linear" 2 0 0 0 0
}

# connected: a connection of c, from port 5555 to 7001
connected()
{
	listen s tcp 7001
	bg c pkt connect --sport 5555 --text hello --hold 60 10.0.0.2 7001 >/dev/null
	wait_for 20 in_ns c sh -c 'ss -Htn state established dport = :7001 | grep -q .' ||
		not_ok "a connection"
}

# What connection tracking has forgotten belongs to no connection, unless it may be
# picked up; nor does what is invalid in another zone.
forgotten()
{
	f=4
	ns_pair
	rules s INPUT
	connected
	ack='ip / tcp sport=5555 dport=7001 flags=A seq=5 ack=6'
	ns_sysctl s net.netfilter.nf_conntrack_tcp_loose=0
	ct_flush s
	in_ns c pkt send -d c0 "$ack" "$ack" >/dev/null
	expect_hits "after conntrack -F, each packet" 2 0 0 0 0
	ns_sysctl s net.netfilter.nf_conntrack_tcp_loose=1
	in_ns c pkt send -d c0 "$ack" "$ack" >/dev/null
	expect_hits "none, if connections are picked up" 0 0 0 0 0
	ns_del_all
	ns_pair
	rules s INPUT
	ipt 4 s -t raw -A PREROUTING -j CT --zone 5
	ipt 4 s -t raw -A OUTPUT -j CT --zone 5
	connected
	in_ns c pkt send -d c0 'ip / tcp sport=5555 dport=7001 flags=FPU' >/dev/null
	expect_hits "what is invalid in a connection of another zone" 1 0 0 0 0
}

# A known connection has strange packets too: these are none of --stealth
known()
{
	ns_pair
	rules s INPUT
	connected
	in_ns c pkt send -d c0 'ip / tcp sport=5555 dport=7001 flags=FPU' 'ip / tcp sport=5555 dport=7001 flags=-' \
		'ip / tcp sport=5555 dport=7001 flags=A seq=5 ack=6' \
		'ip / tcp sport=5555 dport=7001 flags=A sum=bad' >/dev/null
	f=4
	expect_hits "packets that connection tracking refuses in a connection" 0 0 0 0 0
	in_ns c pkt send -d c0 'ip / tcp sport=5556 dport=7001 flags=FPU' >/dev/null
	expect_hits "and outside" 1 0 0 0 0
}

mirai()
{
	ns_pair
	rules s INPUT
	for seq in 167772161 167772162 167772163; do
		in_ns c pkt send -d c0 "ip / tcp sport=1000..1001 dport=23 flags=S seq=$seq" >/dev/null
	done
	in_ns c pkt send -d c0 'ip / tcp sport=1002 dport=23 flags=SEC seq=167772162' >/dev/null
	f=4
	expect_hits "a SYN with the address as number, not one less or more" 0 0 0 0 2
	in_ns c pkt send -d c0 'ip / tcp sport=1003 flags=A seq=167772162' >/dev/null
	expect_hits "an ACK with that number has no initial one" 0 0 0 0 0
	for seq in 1 2 3; do
		in_ns c pkt send -d c0 "ip6 / tcp sport=1000 dport=23 flags=S seq=$seq" >/dev/null
	done
	f=6
	expect_hits "the last 32 bits" 0 0 0 0 1
	# the manual's example
	ipt 4 s -t raw -A PREROUTING -p tcp --syn -m lscan --mirai -j DROP
	in_ns c pkt send -d c0 'ip / tcp sport=1010 dport=23 flags=S seq=167772162' \
		'ip / tcp sport=1011 dport=23 flags=S seq=1' >/dev/null
	f=4
	expect_hits "the manual's example: dropped before" 0 0 0 0 0
	expect_count "the manual's example: one" 1 4 s raw PREROUTING 1
	# behind the target CT the packet has a template, which has no address; the rule is the second one
	ipt 4 s -t raw -I PREROUTING -j CT --zone 5
	in_ns c pkt send -d c0 'ip / tcp sport=1012 dport=23 flags=S seq=167772162' >/dev/null
	expect_count "in a zone, too" 2 4 s raw PREROUTING 2
}

nat()
{
	ns_triple
	rules r FORWARD
	listen s tcp 23 --sink
	for f in 4 6; do
		to=10.0.1.2 real=10.0.2.2:23
		[ $f = 4 ] || to=fd01::2 real='[fd02::2]:23'
		ipt $f r -t nat -A PREROUTING -p tcp --dport 2323 -j DNAT --to-destination $real
		ipt $f r -t nat -A POSTROUTING -o r1 -j MASQUERADE
	done
	at=r chain=FORWARD
	f=4
	in_ns c pkt send -d c0 'ip src=10.0.1.1 dst=10.0.1.2 / tcp sport=1000 dport=2323 flags=S seq=167772418' \
		'ip src=10.0.1.1 dst=10.0.1.2 / tcp sport=1001 dport=2323 flags=S seq=167772674' >/dev/null
	done_with
	expect_hits "NAT: SYNs, one with the number of the address before it" 0 2 0 0 1
	f=6
	in_ns c pkt send -d c0 'ip6 src=fd01::1 dst=fd01::2 / tcp sport=1000 dport=2323 flags=S seq=2' >/dev/null
	done_with
	expect_hits "NAT: the same, half open" 0 1 0 0 1
	for f in 4 6; do
		to=10.0.1.2
		[ $f = 4 ] || to=fd01::2
		expect_ok "IPv$f: NAT: a session" in_ns c pkt connect --text hello --hold 0.1 $to 2323
		done_with
		expect_hits "NAT: a session scans nothing" 0 0 0 0 0
	done
	at=s chain=INPUT
}

local_scans()
{
	ns_new s
	rules s INPUT
	listen s tcp 7001
	xa_none() { wait_for 20 sh -c "! ip netns exec $(ns_name s) ss -Htn state established | grep -q ."; }
	for f in 4 6; do
		to=127.0.0.1 six=
		[ $f = 4 ] || to=::1 six=-6
		in_ns s nmap $six -n -Pn --max-retries 0 --initial-rtt-timeout 8s --max-rtt-timeout 10s -sT \
			-p 7001,7009 $to >"$XA_TMP/nmap" 2>&1
		xa_none
		expect_hits "loopback: nmap -sT" 0 0 1 0 0
		expect_ok "IPv$f: loopback: a session" in_ns s pkt connect --text hi --expect hi $to 7001
		xa_none
		expect_hits "loopback: a session scans nothing" 0 0 0 0 0
	done
}

untracked()
{
	ns_pair
	rules s INPUT
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -p tcp -j CT --notrack
		ipt $f s -t raw -A OUTPUT -p tcp -j CT --notrack
	done
	listeners
	for f in 4 6; do
		scan $f -sF -p 7009
		scan $f -sT -p 7001
		expect_hits "NOTRACK: nothing is known, nothing matches" 0 0 0 0 0
	done
	in_ns c pkt send -d c0 'ip / tcp flags=S seq=167772162' >/dev/null
	f=4
	expect_hits "NOTRACK: but --mirai" 0 0 0 0 1
}

# tracked: does s track what comes?
tracked()
{
	ct_flush s
	in_ns c pkt send -d c0 'ip / udp dport=9' 'ip6 / udp dport=9' >/dev/null
	ct_count s
}

asks()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp -m lscan --mirai
	ipt 6 s -A INPUT -p tcp -m lscan --mirai
	expect "--mirai needs no connection tracking" 0 "$(tracked)"
	for opt in stealth synscan cnscan grscan; do
		ipt 4 s -A INPUT -p tcp -m lscan --$opt
		expect "--$opt asks for it, for IPv4" 1 "$(tracked)"
		ipt 6 s -A INPUT -p tcp -m lscan --$opt
		expect "--$opt asks for it, for both" 2 "$(tracked)"
		ipt 4 s -D INPUT 2
		ipt 6 s -D INPUT 2
		expect "and gives it back" 0 "$(tracked)"
	done
}

# What others keep in the marks stays, and ours can be read
marks()
{
	ns_pair
	listen s tcp 7001
	for f in 4 6; do
		ipt $f s -t mangle -A PREROUTING -p tcp -j MARK --set-xmark 0xabcdef00/0xffffffff
		ipt $f s -t mangle -A PREROUTING -p tcp --syn -j CONNMARK --set-xmark 0x12345670/0xffffffff
		ipt $f s -A INPUT -p tcp -m lscan --stealth --mirai
		ipt $f s -A INPUT -p tcp -m mark ! --mark 0xabcdef00
		ipt $f s -A INPUT -p tcp -m connmark ! --mark 0x12345670
		ipt $f s -A INPUT -p tcp -m lscan --cnscan
		ipt $f s -A INPUT -p tcp -m mark ! --mark 0xabcdef00/0xfffffff0
		ipt $f s -A INPUT -p tcp -m mark --mark 0xabcdef09
		ipt $f s -A INPUT -p tcp -m mark --mark 9/0xf
		ipt $f s -A INPUT -p tcp -m connmark ! --mark 0x12345670/0xfffffff0
		ipt $f s -A INPUT -p tcp -m connmark --mark 0x12345678
		to=$(server $f)
		expect_ok "IPv$f: a session" in_ns c pkt connect --text hi --expect hi "$to" 7001
		done_with
		expect_count "IPv$f: --stealth and --mirai mark no packet" 0 $f s filter INPUT 2
		expect_count "IPv$f: nor another bit of packet marks" 0 $f s filter INPUT 5
		expect_count "IPv$f: no packet is marked" 0 $f s filter INPUT 6
		expect_count "IPv$f: none" 0 $f s filter INPUT 7
		expect_count "IPv$f: no other bit of connection marks" 0 $f s filter INPUT 8
		# shellcheck disable=SC2046 # packets, bytes
		set -- $(rule_count $f s filter INPUT 9)
		expect_range "IPv$f: the connection is a session" 1 9 "$1"
	done
	expect_match "conntrack shows it" "*mark=305419896 *" "$(ct_list s -p tcp)"
}

# param NAME [VALUE]
param()
{
	[ $# = 1 ] || echo "$2" 2>/dev/null >$parameters/"$1" || return
	cat $parameters/"$1"
}

names='synrcv closed synscan estab1 estab2 cnscan grscan valid'

# The field moves to the next 4 bits, and back
moved()
{
	ns_pair
	rules s INPUT
	listeners
	for bad in 'mark_synrcv 0' 'mark_synrcv 2' 'mark_valid 16' 'mark_seen 0' 'mark_seen 16' \
		'connmark_mask 7' 'connmark_mask 0' 'packet_mask 8' 'mark_valid x' 'mark_valid -1' \
		'mark_valid 4294967296'; do
		# shellcheck disable=SC2086 # words
		expect_fail "parameter $bad" param $bad
	done
	expect "and nothing has changed" "15 15 9 1 8" \
		"$(for p in connmark_mask packet_mask mark_seen mark_synrcv mark_valid; do
			param $p; done | tr '\n' ' ' | sed 's/ $//')"
	for p in connmark_mask packet_mask; do
		param $p 0xff >/dev/null || not_ok "$p"
	done
	i=1
	for p in $names; do
		param mark_$p $((i * 16)) >/dev/null || not_ok "mark_$p"
		i=$((i + 1))
	done
	param mark_seen 0x90 >/dev/null
	expect "the masks are narrow again" "240 240" "$(param connmark_mask 0xf0) $(param packet_mask 0xf0)"
	for f in 4 6; do
		scan $f -sT -p 7001,7009
		expect_hits "moved: nmap -sT" 0 0 1 0 0
	done
	expect_match "the mark is where it should be" "*mark=96 *" "$(ct_list s -p tcp)"
}

loading()
{
	wait_for 20 mod_gone xt_lscan || not_ok "xt_lscan is unloaded"
	for bad in mark_valid=16 mark_valid=1 mark_closed=0 connmark_mask=0 packet_mask=0 \
		mark_seen=0x10 mark_valid=many; do
		expect_fail "modprobe xt_lscan $bad" modprobe xt_lscan $bad
	done
	# the manual's line
	expect_ok "modprobe xt_lscan with all at the top" modprobe xt_lscan connmark_mask=0xf0000000 \
		packet_mask=0xf0000000 mark_seen=0x90000000 mark_synrcv=0x10000000 mark_closed=0x20000000 \
		mark_synscan=0x30000000 mark_estab1=0x40000000 mark_estab2=0x50000000 mark_cnscan=0x60000000 \
		mark_grscan=0x70000000 mark_valid=0x80000000
	ns_pair
	rules s INPUT
	listeners
	f=4
	scan 4 -sT -p 7001,7009
	expect_hits "at the top: nmap -sT" 0 0 1 0 0
	expect_match "the mark is at the top" "*mark=1610612736 *" "$(ct_list s -p tcp)"
	ns_del_all
	wait_for 20 mod_gone xt_lscan || not_ok "xt_lscan is unloaded"
	modprobe xt_lscan
}

# data_over: no connection to port 7007 is alive any more
data_over()
{
	wait_for 20 in_ns c sh -c '! ss -Htn state all dport = :7007 | grep -vE "TIME-WAIT|CLOSED" | grep -q .' ||
		not_ok "the data connection ends"
}

# A connection that a helper expects: its server speaks, its client leaves
helped()
{
	ns_pair
	rules s INPUT
	ipt 4 s -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp ||
		{ skip_part "no ftp helper"; return; }
	listen s tcp 7007 --reply 'a line of a file'
	# the helper wants the second line in a packet of its own
	cat >"$XA_TMP/ftpd" <<-END
		printf '220 hi\r\n'
		while [ ! -e "$XA_TMP/pasv" ]; do sleep 0.05; done
		printf '227 Entering Passive Mode (10,0,0,2,27,95)\r\n'
		read -r x && read -r x
	END
	bg s socat TCP4-LISTEN:21,reuseaddr "EXEC:sh $XA_TMP/ftpd"
	wait_for 20 in_ns s sh -c 'ss -Htln sport = :21 | grep -q .'
	bg c pkt connect --text "PASV$xa_newline" --hold 60 10.0.0.2 21 >/dev/null
	wait_for 5 in_ns c sh -c 'ss -Htn dport = :21 | grep -q "^ESTAB *8 "' || not_ok "220"
	touch "$XA_TMP/pasv"
	wait_for 5 in_ns s sh -c 'conntrack -L expect 2>/dev/null | grep -q dport=7007' ||
		not_ok "a connection is expected" "$(ct_list s)"
	in_ns c pkt connect --expect 'a line of a file' 10.0.0.2 7007 >/dev/null
	f=4
	data_over
	expect_hits "the data of FTP scan nothing" 0 0 0 0 0
	in_ns c pkt connect --expect 'a line of a file' 10.0.0.2 7007 >/dev/null
	data_over
	expect_hits "but the same unexpected" 0 0 0 1 0
}

# Packets of an offloaded connection do not come by
offloaded()
{
	ns_triple
	at=r chain=FORWARD
	rules r FORWARD
	if ! in_ns r nft -f - 2>"$XA_TMP/nft" <<-'END'
		table inet lscan {
			flowtable ft { hook ingress priority 0; devices = { r0, r1 }; }
			chain forward { type filter hook forward priority 10;
				ct state established flow add @ft; }
		}
	END
	then
		skip_part "this kernel has no flow tables"
		at=s chain=INPUT
		return
	fi
	listen s tcp 7001
	expect_ok "flow table: a session" in_ns c pkt connect --bytes 100000 --echo 10.0.2.2 7001
	expect_ok "flow table: a session" in_ns c pkt connect --bytes 100000 --echo fd02::2 7001
	done_with
	for f in 4 6; do
		expect_hits "flow table: a session scans nothing" 0 0 0 0 0
	done
	at=s chain=INPUT
}

grabbed()
{
	[ "$(rule_count 4 s filter INPUT 3)" != '0 0' ]
}

manual()
{
	ns_pair
	ipt 4 s -A INPUT -m recent --name scanners --rcheck --seconds 3600 -j DROP
	ipt 4 s -A INPUT -p tcp -m lscan --cnscan -m recent --name scanners --set
	ipt 4 s -A INPUT -p tcp --dport 22 -m lscan --grscan -m recent --name scanners --set
	ipt 4 s -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
	listen s tcp 22 --reply SSH-2.0-server
	xa_ssh="in_ns c pkt connect --expect SSH-2.0-server"
	for i in 1 2; do
		expect_ok "the manual's example: session $i" $xa_ssh --text SSH-2.0-client 10.0.0.2 22
		done_with
	done
	$xa_ssh 10.0.0.2 22 >/dev/null
	wait_for 10 grabbed
	expect_count "the manual's example: a banner grabber" 1 4 s filter INPUT 3
	expect_fail "and its address is refused" $xa_ssh --timeout 1 10.0.0.2 22
	# the end of a namespace with such rules is a case for lockdep: recent's own
	ipt 4 s -F INPUT
}

doomed()
{
	ns_pair
	rules s INPUT
}

# What depends on the packets alone is tried on one back end.
XA_BACKENDS=nft each_backend scanners
XA_BACKENDS=nft each_backend sessions
XA_BACKENDS=nft each_backend known
XA_BACKENDS=nft each_backend forgotten
XA_BACKENDS=nft each_backend nat
XA_BACKENDS=nft each_backend local_scans
XA_BACKENDS=nft each_backend untracked
XA_BACKENDS=nft each_backend helped
XA_BACKENDS=nft each_backend offloaded
each_backend stealth
each_backend mirai
each_backend asks
each_backend marks
each_backend manual
XA_BACKENDS=nft each_backend moved
XA_BACKENDS=nft each_backend loading
each_backend doomed
expect_unload xt_lscan
finish
