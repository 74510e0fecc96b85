#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# LOGMARK: a line of the kernel log for a packet, right in all its words
. "${0%/*}/../lib.sh"

all=/proc/sys/net/netfilter/nf_log_all_netns
allowed=$(cat $all)
hex='0x[0-9a-f]+'
head="iif=[0-9]+ hook=[A-Z]+ nfmark=$hex secmark=$hex classify=$hex ctdir=(ORIGINAL|REPLY)"
state='(NEW|ESTABLISHED|RELATED)(,SNAT)?(,DNAT)?'
status='(NONE|(EXPECTED|SEEN_REPLY|ASSURED|CONFIRMED)(,(SEEN_REPLY|ASSURED|CONFIRMED))*)'
line="^($head ct=$hex ctmark=$hex ctstate=$state ctstatus=$status lifetime=[0-9]+s"
none="$(echo "$head" | sed 's/(ORIGINAL|REPLY)/ORIGINAL/')"
line="$line|$none ct=NULL ctmark=NULL ctstate=(INVALID|UNTRACKED) ctstatus=NONE)\$"

# logged PREFIX: the lines since the mark, without time and prefix
logged()
{
	kmsg_since_mark | sed -n "s/^\[[ 0-9.]*\] $1//p"
}

# words NAME... <LINES: only these words of them
words()
{
	tr ' ' '\n' | grep -E "^($(echo "$*" | tr ' ' '|'))=" | xargs
}

# well_formed WHAT COUNT <LINES
well_formed()
{
	cat >"$XA_TMP/lines"
	expect "$1: $2 lines" "$2" "$(wc -l <"$XA_TMP/lines")"
	expect "$1: each of the form in the manual" "" "$(grep -vE "$line" "$XA_TMP/lines")"
}

# ping_c ADDR [COUNT]
ping_c()
{
	in_ns c ping -q -c "${2:-1}" -i 0.1 -W 10 "$1" >/dev/null 2>&1
}

# Each hook says its name; a new connection is NEW and then ESTABLISHED
hooks()
{
	ns_triple
	for f in 4 6; do
		to=$([ $f = 4 ] && echo 10.0.2.2 || echo fd02::2)
		for hook in PREROUTING FORWARD POSTROUTING; do
			ipt $f r -t mangle -A $hook -d $to -j LOGMARK --log-prefix "t$f: "
			ipt $f r -t mangle -A $hook -s $to -j LOGMARK --log-prefix "t$f: "
		done
		ipt $f c -A OUTPUT -d $to -j LOGMARK --log-prefix "o$f: "
		ipt $f c -A INPUT -s $to -j LOGMARK --log-prefix "i$f: "
	done
	for f in 4 6; do
		kmsg_mark
		ping_c $([ $f = 4 ] && echo 10.0.2.2 || echo fd02::2)
		logged "t$f: " | well_formed "IPv$f router" 6
		expect "IPv$f: hooks, directions and states" \
			"hook=PREROUTING ctdir=ORIGINAL ctstate=NEW hook=FORWARD ctdir=ORIGINAL ctstate=NEW hook=POSTROUTING ctdir=ORIGINAL ctstate=NEW hook=PREROUTING ctdir=REPLY ctstate=ESTABLISHED hook=FORWARD ctdir=REPLY ctstate=ESTABLISHED hook=POSTROUTING ctdir=REPLY ctstate=ESTABLISHED" \
			"$(logged "t$f: " | words hook ctdir ctstate)"
		expect "IPv$f: a packet goes out" \
			"iif=0 hook=OUTPUT ctdir=ORIGINAL ctstate=NEW ctstatus=NONE" \
			"$(logged "o$f: " | words iif hook ctdir ctstate ctstatus)"
		expect "IPv$f: its answer comes in" \
			"iif=$(ip netns exec "$(ns_name c)" cat /sys/class/net/c0/ifindex) hook=INPUT ctdir=REPLY ctstate=ESTABLISHED ctstatus=SEEN_REPLY,CONFIRMED" \
			"$(logged "i$f: " | words iif hook ctdir ctstate ctstatus)"
		expect_match "IPv$f: the lifetime of a new connection is that of ICMP" "lifetime=[23][0-9]s" "$(logged "o$f: " | words lifetime)"
		expect_match "IPv$f: and that of one in the table" "lifetime=[23][0-9]s" "$(logged "i$f: " | words lifetime)"
	done
	kmsg_mark
	ping_c 10.0.2.2
	id=$(logged 'i4: ' | words ct)
	expect "the id is the one conntrack shows" "id=$((${id#ct=}))" \
		"$(in_ns c conntrack -L -p icmp -o id 2>/dev/null | tr ' ' '\n' | grep "^id=$((${id#ct=}))\$")"
}

related()
{
	ns_pair
	for f in 4 6; do
		ipt $f c -A INPUT -m conntrack --ctstate RELATED -j LOGMARK --log-prefix "r$f: "
		ipt $f c -A OUTPUT -p udp -j LOGMARK --log-prefix "u$f: "
	done
	kmsg_mark
	in_ns c pkt connect --text x --timeout 1 udp 10.0.0.2 4444 >/dev/null 2>&1
	in_ns c pkt connect --text x --timeout 1 udp fd00::2 4444 >/dev/null 2>&1
	for f in 4 6; do
		logged "r$f: " | well_formed "IPv$f error" 1
		expect "IPv$f: an ICMP error is RELATED" "ctdir=REPLY ctstate=RELATED" \
			"$(logged "r$f: " | words ctdir ctstate)"
	done
	listen s tcp 7000
	ipt 4 c -A INPUT -p tcp -m conntrack --ctstatus ASSURED -j LOGMARK --log-prefix "a: "
	kmsg_mark
	in_ns c pkt connect --text hello --expect hello 10.0.0.2 7000 >/dev/null
	expect_match "ASSURED" "*ctstatus=SEEN_REPLY,ASSURED,CONFIRMED*" "$(logged 'a: ')"
}

# A connection that another one has named
expected()
{
	ns_pair
	modprobe nf_conntrack_ftp 2>/dev/null
	ipt 4 s -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp ||
		{ skip_part "this kernel has no FTP helper"; return; }
	ipt 4 s -A OUTPUT -p tcp --dport 7007 -j LOGMARK --log-prefix "e: "
	listen s tcp 21
	listen c tcp 7007
	# the helper looks at what begins behind a line that it has seen
	bg c sh -c '(printf "USER me\r\n"; sleep 0.3; printf "PORT 10,0,0,1,27,95\r\n"; sleep 20) | socat - TCP:10.0.0.2:21' >/dev/null
	wait_for 10 in_ns s sh -c 'conntrack -L expect 2>/dev/null | grep -q dport=7007'
	kmsg_mark
	in_ns s pkt connect --text hello --expect hello 10.0.0.1 7007 >/dev/null
	expect "EXPECTED" "ctstate=RELATED ctstatus=EXPECTED" "$(logged 'e: ' | head -n 1 | words ctstate ctstatus)"
	expect_match "and then SEEN_REPLY" "ctstatus=EXPECTED,SEEN_REPLY,*" "$(logged 'e: ' | sed -n 2p | words ctstatus)"
	in_ns c pkill socat
}

nat()
{
	ns_triple
	ipt 4 r -t nat -A PREROUTING -d 10.0.1.2 -j DNAT --to-destination 10.0.2.2
	ipt 4 r -t nat -A POSTROUTING -o r1 -j SNAT --to-source 10.0.2.1
	ipt 6 r -t nat -A POSTROUTING -o r1 -j SNAT --to-source fd02::1
	for f in 4 6; do
		ipt $f r -t mangle -A FORWARD -i r1 -j LOGMARK --log-prefix "n$f: "
	done
	kmsg_mark
	ping_c 10.0.1.2
	ping_c fd02::2
	expect "SNAT and DNAT" "ctdir=REPLY ctstate=ESTABLISHED,SNAT,DNAT" \
		"$(logged 'n4: ' | words ctdir ctstate)"
	expect "SNAT in IPv6" "ctdir=REPLY ctstate=ESTABLISHED,SNAT" \
		"$(logged 'n6: ' | words ctdir ctstate)"
	logged 'n4: ' | well_formed "NAT" 1
}

# Packets without a connection, by decision and for want of sense
outside()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -p udp -j CT --notrack
		ipt $f s -t raw -A PREROUTING -p tcp -j LOGMARK --log-prefix "b$f: "
		ipt $f s -A INPUT -p udp -j LOGMARK --log-prefix "u$f: "
		ipt $f s -A INPUT -p tcp -j LOGMARK --log-prefix "v$f: "
	done
	kmsg_mark
	in_ns c pkt send -d c0 "ip dst=10.0.0.2 / udp" "ip dst=10.0.0.2 / tcp flags=SR" \
		"ip6 src=fd00::1 dst=fd00::2 / udp" "ip6 src=fd00::1 dst=fd00::2 / tcp flags=SR" >/dev/null
	for f in 4 6; do
		none="ct=NULL ctmark=NULL"
		expect "IPv$f: untracked" "$none ctstate=UNTRACKED ctstatus=NONE" \
			"$(logged "u$f: " | words ct ctmark ctstate ctstatus)"
		expect "IPv$f: invalid" "$none ctstate=INVALID ctstatus=NONE" \
			"$(logged "v$f: " | words ct ctmark ctstate ctstatus)"
		expect "IPv$f: before connection tracking" "$none ctstate=INVALID ctstatus=NONE" \
			"$(logged "b$f: " | words ct ctmark ctstate ctstatus)"
		logged "[uvb]$f: " | well_formed "IPv$f without a connection" 3
	done
}

# What CT has chosen in the table raw is there before the connection is
template()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -p udp -j CT --zone 5
		ipt $f s -t raw -A PREROUTING -p udp -j LOGMARK --log-prefix "t$f: "
		ipt $f s -A INPUT -p udp -j LOGMARK --log-prefix "i$f: "
	done
	kmsg_mark
	in_ns c pkt send -d c0 "ip dst=10.0.0.2 / udp" "ip6 src=fd00::1 dst=fd00::2 / udp" >/dev/null
	for f in 4 6; do
		expect "IPv$f: a template is no connection" "ctdir=ORIGINAL ct=NULL ctmark=NULL ctstate=INVALID ctstatus=NONE" \
			"$(logged "t$f: " | words ctdir ct ctmark ctstate ctstatus)"
		expect "IPv$f: behind it there is one" "ctdir=ORIGINAL ctstate=NEW" "$(logged "i$f: " | words ctdir ctstate)"
		logged "[ti]$f: " | well_formed "IPv$f with a zone" 2
	done
}

marks()
{
	ns_pair
	for f in 4 6; do
		ipt $f c -t mangle -A POSTROUTING -j MARK --set-mark 0x1234abcd
		ipt $f c -t mangle -A POSTROUTING -j CONNMARK --set-mark 0xfffffff0
		ipt $f c -t mangle -A POSTROUTING -j CLASSIFY --set-class 1:2
		to=$([ $f = 4 ] && echo 10.0.0.2 || echo fd00::2)
		ipt $f c -t mangle -A POSTROUTING -d $to -j LOGMARK --log-prefix "m$f: "
		ipt $f c -t mangle -A POSTROUTING -d $to
	done
	kmsg_mark
	ping_c 10.0.0.2
	ping_c fd00::2
	for f in 4 6; do
		expect "IPv$f: all marks" "nfmark=0x1234abcd secmark=0x0 classify=0x10002 ctmark=0xfffffff0" \
			"$(logged "m$f: " | words nfmark secmark classify ctmark)"
		expect_count "IPv$f: the chain goes on" 1 $f c mangle POSTROUTING 5
	done
}

# Levels and prefixes as they come out
text()
{
	ns_new a
	for level in 0 4 7; do
		ipt 4 a -F
		ipt 4 a -A OUTPUT -d 127.0.0.1 -p udp -j LOGMARK --log-level $level --log-prefix "level: "
		kmsg_mark
		in_ns a pkt send --local "ip src=127.0.0.1 dst=127.0.0.1 / udp" >/dev/null
		expect "--log-level $level" "$level" "$(dmesg -r | sed -n 's/^<\([0-9]*\)>.*level: iif=.*/\1/p' | tail -n 1)"
	done
	for prefix in 12345678901234567890123456789 '%s%n%x "two words": ' ''; do
		ipt 4 a -F
		ipt 4 a -A OUTPUT -d 127.0.0.1 -p udp -j LOGMARK --log-prefix "$prefix"
		kmsg_mark
		in_ns a pkt send --local "ip src=127.0.0.1 dst=127.0.0.1 / udp" >/dev/null
		logged "$prefix" | well_formed "prefix '$prefix'" 1
	done
}

# Not more than 256 lines a second for a rule; what is over is told. 4000 lines are less than
# the log of a test bed holds.
limits()
{
	ns_pair
	ipt 4 s -A INPUT -p udp -j LOGMARK --log-prefix "flood: "
	ipt 4 s -A INPUT -p tcp -j LOGMARK --log-prefix "calm: "
	kmsg_mark
	in_ns c pkt send -d c0 -n 256 "ip dst=10.0.0.2 / udp" >/dev/null
	expect "256 packets" 256 "$(logged 'flood: ' | wc -l)"
	kmsg_mark
	began=$(date +%s)
	in_ns c pkt send -d c0 -n 4000 "ip dst=10.0.0.2 / udp" >/dev/null
	most=$((256 * ($(date +%s) - began + 2)))
	in_ns c pkt send -d c0 "ip dst=10.0.0.2 / tcp" >/dev/null
	if [ $most -lt 4000 ]; then
		expect_range "4000 packets" 0 $most "$(logged 'flood: ' | wc -l)"
	else
		skip_part "this machine is too slow for the limit"
	fi
	expect "another rule has a limit of its own" 1 "$(logged 'calm: ' | wc -l)"
	sleep 1.1
	in_ns c pkt send -d c0 "ip dst=10.0.0.2 / udp" >/dev/null
	expect_match "what was suppressed is told" "*callbacks suppressed*" "$(kmsg_since_mark)"
}

# Other namespaces are silent unless the administrator wants to hear them
silent()
{
	ns_new a
	ipt 4 a -A OUTPUT -p udp -j LOGMARK --log-prefix "quiet: "
	kmsg_mark
	echo 0 >$all
	in_ns a pkt send --local "ip src=127.0.0.1 dst=127.0.0.1 / udp" >/dev/null
	expect "nf_log_all_netns is 0" 0 "$(logged 'quiet: ' | wc -l)"
	echo 1 >$all
	in_ns a pkt send --local "ip src=127.0.0.1 dst=127.0.0.1 / udp" >/dev/null
	expect "nf_log_all_netns is 1" 1 "$(logged 'quiet: ' | wc -l)"
}

manual()
{
	ns_triple
	ipt 4 r -t mangle -A FORWARD -j LOGMARK --log-level 6 --log-prefix "forward: "
	kmsg_mark
	ping_c 10.0.2.2
	logged 'forward: ' | well_formed "the manual's example" 2
}

doomed()
{
	ns_pair
	ipt 4 s -A INPUT -j LOGMARK
	ipt 6 s -A INPUT -j LOGMARK
}

echo 1 >$all
each_backend hooks
each_backend related
each_backend expected
each_backend nat
each_backend outside
each_backend template
each_backend marks
each_backend text
each_backend limits
each_backend silent
each_backend manual
each_backend doomed
echo "$allowed" >$all
expect_unload xt_LOGMARK
finish
