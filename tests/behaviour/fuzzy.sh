#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fuzzy: the part of packets that match, against their rate
. "${0%/*}/../lib.sh"

# Low enough for a busy machine with sanitizers to send them evenly.
lower=100 upper=400

# sends RATE SECONDS: IPv4 and IPv6 at the same time, in the background
sends()
{
	bg c pkt send -d c0 -r "$1" -s "$2" "ip dst=10.0.0.2 / udp" >"$XA_TMP/sent.4"
	sender4=$bg_pid
	bg c pkt send -d c0 -r "$1" -s "$2" "ip6 src=fd00::1 dst=fd00::2 / udp" >"$XA_TMP/sent.6"
	sender6=$bg_pid
}

# sent FIELD FILE: a number that the sender has printed
sent()
{
	sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$XA_TMP/$2"
}

# share 4|6: of 10000 packets, how many matched
share()
{
	ipt "$1" s -nvxL INPUT | awk 'NR == 3 { all = $1 } NR == 4 { hit = $1 }
		END { printf "%d", all ? hit * 10000 / all : -1 }'
}

# what the manual promises at a rate, of 10000
promised()
{
	awk -v r="$1" -v l=$lower -v u=$upper 'BEGIN {
		m = 10000 * (r - l) / (u - l)
		m = m < 0 ? 0 : (m > 9900 ? 9900 : m)
		printf "%d", m }'
}

# point RATE: between the limits and beyond. Counters are put to 0 when the
# controller has seen the rate. The bounds are wide (20 % less, 12 % more): what
# follows a gap passes until it has been measured. A busy machine sends in bursts,
# which are another rate: then it is sent again, and at last the point is left out.
# tests/unit/fuzzy.c has the curve itself, exactly.
point()
{
	left="4 6"
	for try in 1 2 3 4 5; do
		measure "$1"
		again=
		for f in $left; do
			if [ $try -eq 5 ] || settled $f "$1"; then
				verdict $f "$1"
			else
				again="$again $f"
			fi
		done
		left=$again
		[ -n "$left" ] || break
	done
}

# measure RATE: the shares, and what was sent
measure()
{
	sends "$1" 4
	sleep 0.7
	ipt 4 s -Z INPUT
	ipt 6 s -Z INPUT
	sleep 2
	# shellcheck disable=SC2034 # used by eval
	share4=$(share 4) share6=$(share 6)
	wait "$sender4" "$sender6"
}

# limits 4|6: $reached, the rate, $got, the share, and its bounds $low and $high
limits()
{
	reached=$(sent packets "sent.$1")
	reached=$((reached / 4))
	part=$(promised "$reached")
	low=$((part - 2000)) high=$((part + 1200))
	[ "$part" -gt 0 ] || high=0
	[ "$part" -lt 9900 ] || low=8500 high=9990
	[ $low -ge 0 ] || low=0
	got=
	eval "got=\$share$1"
}

# within: the share is what the manual promises
within()
{
	[ "$got" -ge $low ] && [ "$got" -le $high ]
}

# steady 4|6 RATE: it was sent, nearly, without gaps that the controller measures
# (it looks every 100 ms), and some of it was counted
steady()
{
	[ $((reached * 100)) -ge $(($2 * 85)) ] && [ "$got" -ge 0 ] &&
		[ "$(sent late "sent.$1")" -lt 40 ]
}

# settled 4|6 RATE: measuring again would not change the verdict
settled()
{
	limits "$1"
	within
}

# verdict 4|6 RATE
verdict()
{
	limits "$1"
	if within || steady "$1" "$2"; then
		expect_range "IPv$1: of 10000 packets at $2 a second ($reached)" $low $high "$got"
	else
		skip_part "IPv$1: this machine cannot send $2 a second evenly ($reached)"
	fi
}

rules()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p udp
		ipt $f s -A INPUT -p udp -m fuzzy --lower-limit $lower --upper-limit $upper
		ipt $f s -A INPUT -p udp -m fuzzy --lower-limit 9999998 --upper-limit 9999999
	done
}

curve()
{
	rules
	for rate in 50 140 175 250 325 450 700; do
		point $rate
	done
	expect "a rule has its own limits and state" "0 0" \
		"$(ipt 4 s -nvxL INPUT | awk 'NR == 5 { print $1 }') $(ipt 6 s -nvxL INPUT | awk 'NR == 5 { print $1 }')"
}

# rested: after a rest, and a packet by which the flood's end is measured, 40 packets a
# second, which is less than the limit; a sender that was late catches up in a burst
rested()
{
	for try in 1 2 3 4 5; do
		sleep 1
		in_ns c pkt send -d c0 "ip dst=10.0.0.2 / udp" >/dev/null
		sleep 0.2
		ipt 4 s -Z INPUT
		in_ns c pkt send -d c0 -n 20 -r 40 "ip dst=10.0.0.2 / udp" >"$XA_TMP/calm"
		set -- "$(rule_count 4 s filter INPUT 2)"
		[ "${1% *}" -ne 0 ] && [ "$(sent late calm)" -ge 100 ] || break
	done
	if [ "${1% *}" -eq 0 ] || [ "$(sent late calm)" -lt 100 ]; then
		expect "a flood is forgotten after a rest" 0 "${1% *}"
	else
		skip_part "this machine cannot send 40 a second evenly"
	fi
}

# A flood is cut down, and then forgotten; the rate of one rule is not another's
state()
{
	rules
	ipt 4 s -I INPUT 3 -s 10.0.0.9 -m fuzzy --lower-limit $lower --upper-limit $upper
	in_ns c pkt send -d c0 -r 20000 -s 0.5 "ip dst=10.0.0.2 / udp" >/dev/null
	ipt 4 s -Z INPUT
	in_ns c pkt send -d c0 "ip src=10.0.0.9 dst=10.0.0.2 / udp" >/dev/null
	expect_count "a rule that saw no flood" 0 4 s filter INPUT 3
	rested
	expect_ok "-C finds a rule after traffic" ipt 4 s -C INPUT -s 10.0.0.9 -m fuzzy \
		--lower-limit $lower --upper-limit $upper
	expect_ok "-D deletes it" ipt 4 s -D INPUT -s 10.0.0.9 -m fuzzy \
		--lower-limit $lower --upper-limit $upper
}

# The manual says how often a rule measures: a flood of a third of a second does not pass
# whole. Only a machine that stops in the middle of it may take it for a burst.
interval()
{
	ns_pair
	ipt 4 s -A INPUT -p udp -m fuzzy --lower-limit $lower --upper-limit $upper
	for try in 1 2 3; do
		sleep 0.7
		in_ns c pkt send -d c0 -r 5000 -s 0.35 "ip dst=10.0.0.2 / udp" >/dev/null
		set -- $(rule_count 4 s filter INPUT 1)
		[ "$1" -eq 0 ] || break
	done
	expect_range "a flood of a third of a second is measured" 1 5000 "$1"
}

manual()
{
	ns_pair
	ipt 4 s -A INPUT -p icmp --icmp-type echo-request -m fuzzy --lower-limit 100 --upper-limit 200 -j DROP
	expect_ok "the manual's example: few pings pass" in_ns c ping -c 3 -i 0.1 -W 10 10.0.0.2
	in_ns c pkt send -d c0 -r 2000 -s 1 "ip dst=10.0.0.2 / icmp" >"$XA_TMP/flood"
	flood=$(sent packets flood)
	if [ "$flood" -lt 400 ]; then
		skip_part "this machine sent only $flood in a second"
		return
	fi
	set -- $(rule_count 4 s filter INPUT 1)
	expect_range "the manual's example: most of a flood is dropped" $((flood * 2 / 5)) $((flood - 1)) "$1"
}

# Rules come and go while packets are measured
races()
{
	ns_pair
	bg c pkt send -d c0 -s 20 -T 2 "ip dst=10.0.0.2 / udp" >/dev/null
	flood=$bg_pid
	n=0
	while [ $n -lt 15 ]; do
		ipt 4 s -A INPUT -m fuzzy --lower-limit 10 --upper-limit 20
		ipt 4 s -Z INPUT
		[ $((n % 3)) -ne 2 ] || ipt 4 s -F INPUT
		n=$((n + 1))
	done
	bg_stop "$flood"
	ok "rules came and went in a flood"
}

doomed()
{
	ns_pair
	ipt 4 s -A INPUT -m fuzzy
	ipt 6 s -A INPUT -m fuzzy
}

XA_BACKENDS=nft each_backend curve
each_backend state
XA_BACKENDS=nft each_backend interval
each_backend manual
racing each_backend races
each_backend doomed
expect_unload xt_fuzzy
finish
