#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ipv4options: which options a header has
. "${0%/*}/../lib.sh"

# rules: one of each kind, in mangle PREROUTING of s, before IP looks at options
rules()
{
	ns_pair
	{
		echo '*mangle'
		while read -r match; do
			echo "-A PREROUTING -m ipv4options $match"
		done <<-END

			--flags nop,timestamp
			--flags nop,timestamp --any
			--flags !nop,timestamp
			--flags !nop,timestamp --any
			--flags 0
			--flags !0
			--flags 31
			--flags lsrr
			--flags !lsrr,!nop
			--flags !lsrr,!nop --any
		END
		echo COMMIT
	} | ipt_restore 4 s
}

# seen WHAT OPTIONS "COUNTS": one packet with the options; which rules it matches
seen()
{
	ipt 4 s -t mangle -Z PREROUTING
	in_ns c pkt send -d c0 "ip src=10.0.0.1 dst=10.0.0.2 ${2:+opt=$2} / udp / data zero=8" >/dev/null
	expect "$1" "$3" "$(ipt 4 s -t mangle -nvxL PREROUTING | awk 'NR > 2 { print $1 }' | xargs)"
}

# A timestamp option of 8 bytes, a record route of 7, loose and strict source routes
ts=68:0500000000000000 rr=7:0400000000 lsrr=131:040a000002 ssrr=137:040a000002

options()
{
	rules
	#                          all A&B A|B !A&B !A|B 0 !0 31 l !l!n |
	seen "no options" ''                    "1 0 0 0 1 0 1 0 0 1 1"
	seen "nop" nop,nop,nop,nop              "1 0 1 0 0 0 1 0 0 0 1"
	seen "end of list" eol                  "1 0 0 0 1 1 0 0 0 1 1"
	seen "timestamp, then padding" $ts,eol,eol "1 0 1 1 1 1 0 0 0 1 1"
	seen "timestamp up to the end" 68:05000000000000000000 "1 0 1 1 1 0 1 0 0 1 1"
	seen "nop and timestamp" nop,nop,$ts    "1 1 1 0 1 0 1 0 0 0 1"
	seen "timestamp, then nop" $ts,nop,nop  "1 1 1 0 1 0 1 0 0 0 1"
	seen "nop behind the end is none" eol,nop,nop,nop "1 0 0 0 1 1 0 0 0 1 1"
	seen "loose source route, nop" $lsrr,nop "1 0 1 0 0 0 1 0 1 0 0"
	seen "loose source route alone" $lsrr,eol "1 0 0 0 1 1 0 0 1 0 1"
	seen "a type with other high bits is the same option" 3:040a000002,eol \
		"1 0 0 0 1 1 0 0 1 0 1"
	seen "number 31" 95:0000                "1 0 0 0 1 0 1 1 0 1 1"
	seen "all of 40 bytes" "$rr,$ssrr,$lsrr,$rr,$rr,nop,nop,nop,nop,nop" \
		"1 0 1 0 0 0 1 0 1 0 0"
}

# Lists that lie: nothing behind what cannot be is seen
malformed()
{
	rules
	seen "length 0" raw:44000101            "1 0 0 0 1 0 1 0 0 1 1"
	seen "length 1" raw:44010101            "1 0 0 0 1 0 1 0 0 1 1"
	seen "length 2, then nop" raw:44020101  "1 1 1 0 1 0 1 0 0 0 1"
	seen "length past the end" raw:44050101 "1 0 0 0 1 0 1 0 0 1 1"
	seen "length up to the end" raw:44040101 "1 0 1 1 1 0 1 0 0 1 1"
	seen "a type without room for its length" raw:01010144 "1 0 1 0 0 0 1 0 0 0 1"
	seen "what was before counts" raw:014400ff "1 0 1 0 0 0 1 0 0 0 1"
}

# All fragments have the copied options, and none has ports
fragments()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -m ipv4options --flags router-alert
	in_ns c pkt send -d c0 "ip opt=ra:0 proto=17 off=10 / data zero=64" \
		"ip opt=ra:0 proto=17 mf=1 / data zero=64" "ip proto=17 mf=1 / data zero=64" >/dev/null
	expect_count "fragments with the option" 2 4 s mangle PREROUTING 1
}

# What hosts themselves send: ping -R and -T go out and come in
sockets()
{
	ns_pair
	ipt 4 c -A OUTPUT -p icmp -m ipv4options --flags record-route
	ipt 4 s -A INPUT -p icmp -m ipv4options --flags record-route
	ipt 4 s -A INPUT -p icmp -m ipv4options --flags timestamp
	in_ns c ping -c 1 -W 1 -R 10.0.0.2 >/dev/null 2>&1
	in_ns c ping -c 2 -i 0.1 -W 1 -T tsonly 10.0.0.2 >/dev/null 2>&1
	expect_count "record route in OUTPUT" 1 4 c filter OUTPUT 1
	expect_count "record route in INPUT" 1 4 s filter INPUT 1
	expect_count "timestamp in INPUT" 2 4 s filter INPUT 2
}

doomed()
{
	ns_pair
	ipt 4 s -A INPUT -m ipv4options --flags nop
}

each_backend options
each_backend malformed
each_backend fragments
each_backend sockets
each_backend doomed
expect_unload xt_ipv4options
finish
