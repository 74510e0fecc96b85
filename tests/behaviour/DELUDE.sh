#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DELUDE: open for whoever only looks, closed for whoever connects
. "${0%/*}/../lib.sh"
. "${0%/*}/../reply.sh"

flags_golden()
{
	ns_pair
	both -p tcp -j DELUDE
	golden 4 delude
	golden 6 delude
	ipt 4 s -R INPUT 1 -p tcp -j DELUDE --same-if
	ipt 6 s -R INPUT 1 -p tcp -j DELUDE --same-if
	ipt 4 s -A OUTPUT -p tcp -j DROP
	ipt 6 s -A OUTPUT -p tcp -j DROP
	golden 4 delude
	golden 6 delude
}

unanswered()
{
	ns_pair
	both -p tcp -j DELUDE
	good='tcp dport=80 flags=S'
	set -- 'tcp dport=80 flags=S sum=bad' 'tcp dport=80 flags=S doff=4' \
		'tcp dport=80 flags=S doff=15' 'tcp dport=80 flags=R' 'tcp dport=80 flags=RA'
	silence 4 segments "$good" "$@"
	silence 6 segments "$good" "$@"
	watch options -m tcp
	send 'ip opt=nop,nop,nop,nop / tcp dport=80 flags=S' 'ip6 / dstopt / tcp dport=80 flags=S'
	expect "IPv4 options and IPv6 extension headers do not matter" 2 "$(answers options 2 | wc -l)"
}

# state NMAP-OPTION ADDRESS...: what nmap says of port 80
state()
{
	xa_f=
	case $2 in
	*:*)	xa_f=-6 ;;
	esac
	in_ns c nmap $xa_f -n -Pn --max-retries 1 "$1" -p 80 "$2" | awk '$1 == "80/tcp" { print $2 }'
}

scanners()
{
	ns_pair
	both -p tcp --dport 80 -j DELUDE
	for to in 10.0.0.2 fd00::2; do
		expect "nmap -sS $to: open" open "$(state -sS $to)"
		for scan in -sF -sX -sN; do
			expect "nmap $scan $to: closed" closed "$(state $scan $to)"
		done
		expect "nmap -sA $to: not filtered" unfiltered "$(state -sA $to)"
	done
	in_ns c curl -s -m 5 http://10.0.0.2/
	rc=$?
	expect_match "curl is reset (56), before or after it could write (7, 55)" '[57]*' "$rc"
	expect "hping3 sees SYN+ACK" 1 \
		"$(in_ns c hping3 -c 1 -S -p 80 10.0.0.2 2>/dev/null | grep -c 'flags=SA')"
	expect "connections do not stay" 0 "$(in_ns c ss -tnH state established | wc -l)"
}

# ISNs and windows: no two alike, none 0
numbers()
{
	ns_pair
	both -p tcp -j DELUDE
	watch isn -m 'tcp flags=SA'
	send 'ip / tcp sport=2000..2019 dport=80 flags=S' -n 20
	answers isn 20 | sed -n 's/.* seq=\([0-9]*\).*/\1/p' | sort -u >"$XA_TMP/isn"
	expect "20 answers have 20 sequence numbers" 20 "$(wc -l <"$XA_TMP/isn")"
}

pingpong()
{
	ns_pair
	for f in 4 6; do
		ipt $f c -A INPUT -p tcp -j DELUDE
		ipt $f s -A INPUT -p tcp -j DELUDE
	done
	for flags in S A SA F -; do
		bounded "IPv4: DELUDE against DELUDE, $flags" "ip / tcp flags=$flags" tcp
		bounded "IPv6: DELUDE against DELUDE, $flags" "ip6 / tcp flags=$flags" tcp
	done
}

tracking()
{
	ns_pair
	ipt 4 s -A OUTPUT -m conntrack --ctstate INVALID -j DROP
	ipt 4 s -A INPUT -p tcp -j DELUDE
	watch tracking -m tcp
	send 'ip / tcp dport=80 flags=S' 'ip / tcp dport=80 flags=A'
	expect "tracked: answered" 2 "$(answers tracking 2 | wc -l)"
	expect "and no entry stays" 0 "$(ct_count s)"
}

forwarded()
{
	ns_triple
	ipt 4 r -A FORWARD -p tcp -j DELUDE
	ipt 6 r -A FORWARD -p tcp -j DELUDE
	capture c c0 forwarded --in -m tcp
	in_ns c pkt send -l 'ip src=10.0.1.1 dst=10.0.2.2 / tcp sport=999 dport=80 flags=S' \
		'ip6 src=fd01::1 dst=fd02::2 / tcp sport=999 dport=80 flags=S' >/dev/null
	expect "FORWARD: answered in both families" 2 "$(answers forwarded 2 | grep -c flags=SA)"
}

each_backend flags_golden
closed_by CLOSE -j DELUDE
closed_by CLOSE -j DELUDE --same-if
for part in unanswered scanners numbers pingpong tracking forwarded; do
	$part
	ns_del_all
done
ns_pair
both -p tcp -j DELUDE
expect_unload xt_DELUDE xa_reply
finish
