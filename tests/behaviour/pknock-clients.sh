#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# pknock: messages about who was let in, the clients, the examples of the manual
. "${0%/*}/../lib.sh"
. "${0%/*}/../knock.sh"

# ---- messages

# watch_knocks -A|-D: rules of the initial namespace
watch_knocks()
{
	iptables-nft -t raw "$1" PREROUTING -p udp -m pknock --knockports 7 --name told --time 5
	ip6tables-nft -t raw "$1" PREROUTING -p udp -m pknock --knockports 7 --name told --time 5
}

# listeners GROUPS: sockets of the connector with just these groups
listeners()
{
	awk -v groups="$1" '$2 == 11 && $4 == groups { n++ } END { print n + 0 }' /proc/net/netlink
}

heard()
{
	[ "$(listeners "$1")" -ge "$2" ]
}

messages()
{
	load nl_multicast_group=5
	expect_fail "pknlusr wants a group" pknlusr 0
	expect "and says so" "Group ID invalid." "$(pknlusr 33 2>&1)"
	pknlusr 5 >"$XA_TMP/told" &
	xa_pids="$xa_pids $!"
	pknlusr >"$XA_TMP/group1" &
	xa_pids="$xa_pids $!"
	socat -u SOCKET-RECV:16:3:11:x00000000000010000000 "CREATE:$XA_TMP/raw" &
	xa_pids="$xa_pids $!"
	wait_for 20 heard 00000010 2
	wait_for 20 heard 00000001 1
	watch_knocks -A
	ns_new s
	ipt 4 s -t raw -A PREROUTING -p udp -m pknock --knockports 7 --name told --time 5
	tun s "ip src=192.0.2.99 / udp dport=7"
	pkt send --tun told "ip src=192.0.2.7 / udp dport=7" "ip src=192.0.2.7 / udp dport=7" \
		"ip6 src=2001:db8::7 / udp dport=7" >/dev/null
	wait_for 20 grep -q 2001:db8 "$XA_TMP/told"
	# shellcheck disable=SC2016 # that shell expands it
	wait_for 20 sh -c '[ "$(wc -c <"$1")" -ge 156 ]' sh "$XA_TMP/raw"
	expect "who was let in, once" "rule_name: told - ip 192.0.2.7 | rule_name: told - ip 2001:db8::7" \
		"$(oneline "$(cat "$XA_TMP/told")")"
	expect "in another namespace too, but not told" "ALLOWED 1" \
		"$(in_ns s sed -n 's/^src=192.0.2.99 .*status=\(.*\)=\(1\) $/\1 \2/; s/ accepted_knock_count//p' $dir/told)"
	expect "other groups hear nothing" "" "$(cat "$XA_TMP/group1")"
	header=48000000030000000000000000000000		# 72 bytes, NLMSG_DONE
	data=24000000746f6c64$(printf '%056d' 0)	# 36 bytes, no flags, the name
	expect "the bytes of the message" \
		"${header}00000000000000000000000000000000${data}c0000207" \
		"$(od -An -v -tx1 -N72 "$XA_TMP/raw" | tr -d ' \n')"
	header=54000000030000000000000000000000		# 84 bytes
	data=30000000746f6c64$(printf '%056d' 0)	# 48 bytes, no flags, the name
	expect "those of an IPv6 host" \
		"${header}00000000000000000000000000000000${data}20010db8000000000000000000000007" \
		"$(od -An -v -tx1 -j72 -N84 "$XA_TMP/raw" | tr -d ' \n')"
	watch_knocks -D
	ns_del s
}

# ---- clients

clients()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --strict --name SSH --time 600 --dport 22 -j ACCEPT
		ipt $f s -A INPUT -p udp -m pknock --knockports 5,6 --name udp --time 600
		ftp $f
		expect_ok "IPv$f: knocks" in_ns c xt_pknock_knock "$(addr $f 2)" 4002,4001,4004
		becomes "IPv$f: let in" "ALLOWED 3" SSH $f 1
		expect_ok "IPv$f: datagrams" in_ns c xt_pknock_knock --udp --wait 0 "$(addr $f 2)" 5,6
		becomes "IPv$f: by datagrams" "ALLOWED 2" udp $f 1
		calm
		expect "IPv$f: --print" "$(digits foo $f 77 $min)" \
			"$(in_ns c xt_pknock_knock -p -s foo --as "$(addr $f 77)" "$(addr $f 2)" 4000)"
		expect_ok "IPv$f: an authenticated knock" in_ns c xt_pknock_knock --secret foo "$(addr $f 2)" 4000
		becomes "IPv$f: by it" "ALLOWED 1" FTP $f 1
		expect_ok "IPv$f: knock.sh" in_ns c knock.sh "$(addr $f 1)" "$(addr $f 2)" 4000 bar
		expect "IPv$f: out" "" "$(state FTP $f 1)"
	done
	want=ports
	expect_fail "16 ports" in_ns c xt_pknock_knock 10.0.0.2 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
	want='1 to 31'
	expect_fail "a long secret" in_ns c xt_pknock_knock -s 12345678901234567890123456789012 10.0.0.2 1
	want='number from 1'
	expect_fail "port 0" in_ns c xt_pknock_knock 10.0.0.2 0
	expect_fail "knock.sh with one argument less" in_ns c knock.sh 10.0.0.1 10.0.0.2 4000
}

# What the options of the client do: the pause, the address, a file with the secret
options()
{
	ns_pair
	printf 'addr add %s dev c0\naddr add %s dev c0 nodad preferred_lft 0\n' 10.0.0.3/24 fd00::3/64 | ns_ip c
	printf 'foo\nbar\n' >"$XA_TMP/secret"
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 4002,4001 --strict --name slow --time 600
		ipt $f s -A INPUT -p tcp -m pknock --knockports 4002,4001 --name quick --time 1
		ftp $f
		ipt $f s -A INPUT -p tcp --dport 4001:4002 -j DROP
		expect_ok "IPv$f: knocks with long pauses" in_ns c xt_pknock_knock --wait 1200 "$(addr $f 2)" 4002,4001
		becomes "IPv$f: are in a strict order" "ALLOWED 2" slow $f 1
		expect "IPv$f: and too late for a rule with less time" "" "$(state quick $f 1)"
		expect_ok "IPv$f: knocks from another address" \
			in_ns c xt_pknock_knock --bind "$(addr $f 3)" --wait 0 "$(addr $f 2)" 4002,4001
		expect "IPv$f: let in" "ALLOWED 2 ALLOWED 2" "$(state slow $f 3) $(state quick $f 3)"
		calm
		expect_ok "IPv$f: the secret in a file" \
			in_ns c xt_pknock_knock --bind "$(addr $f 3)" --secret-file "$XA_TMP/secret" "$(addr $f 2)" 4000
		expect "IPv$f: lets that address in, and no other" "ALLOWED 1, " "$(state FTP $f 3), $(state FTP $f 1)"
		want="No such file"
		expect_fail "IPv$f: no such file" in_ns c xt_pknock_knock --secret-file "$XA_TMP/none" "$(addr $f 2)" 4000
	done
}

# The examples, word for word but for names of machines
manual()
{
	ns_pair
	ipt 4 s -P INPUT DROP
	ipt 4 s -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --strict --name SSH --time 10 --autoclose 60 --dport 22 -j ACCEPT
	listen s tcp 22
	expect_fail "closed" in_ns c pkt connect --timeout 1 10.0.0.2 22
	n=0
	until in_ns c pkt connect --text hi --echo 10.0.0.2 22 >/dev/null 2>&1 || [ $((n += 1)) -gt 10 ]; do
		syn 4 1 4002 4001 4004
	done
	expect_ok "open" in_ns c pkt connect --text hi --echo 10.0.0.2 22
	ipt 4 s -A INPUT -p udp -m pknock --knockports 4000 --name FTP --opensecret foo --closesecret bar --autoclose 240 --dport 4000 -j DROP
	ipt 4 s -A INPUT -p tcp -m pknock --checkip --name FTP --dport 21 -j ACCEPT
	listen s tcp 21
	expect_fail "closed" in_ns c pkt connect --timeout 1 10.0.0.2 21
	calm
	min=$(($(date +%s) / 60))
	{ printf '\012\000\000\001'; for s in 0 8 16 24; do printf "\\$(printf %03o $((min >> s & 255)))"; done; } |
		openssl dgst -sha256 -hmac foo |
		sed 's/.*= //' | in_ns c socat - UDP4:10.0.0.2:4000
	expect_ok "opened without a client of ours" in_ns c pkt connect --text hi --echo 10.0.0.2 21
	# as the rule is in older manuals
	ipt 4 s -R INPUT 2 -p udp -m pknock --knockports 4000 --name FTP --opensecret foo --closesecret bar --autoclose 240 -j DROP
	expect_ok "still open" in_ns c pkt connect --text hi --echo 10.0.0.2 21
	knock bar 4 1 $min
	expect_fail "closed again" in_ns c pkt connect --timeout 1 10.0.0.2 21
}

load
if xt_pknock_knock --help >/dev/null 2>&1; then
	once clients
	once options
else
	skip_part "there is no xt_pknock_knock (Debian: nettle-dev)"
fi
each_backend manual
messages
expect_unload xt_pknock
finish
