#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SYSRQ: keys are pressed for who knows the password, once, and for nobody else
. "${0%/*}/../lib.sh"
. "${0%/*}/../sysrq.sh"

requests()
{
	ns_pair
	set_password cookies
	rules -p udp --dport 9
	for f in 4 6; do
		request_for $f
		done_for "a request" $f "$(to $f) / $(udp "$request")"
		expect_match "IPv$f: and the kernel does what it says" '*HELP :*' "$(kmsg_since_mark)"
		expect "IPv$f: seqno is its SEQ" "$seq" "$(cat $parameters/seqno)"
		dropped "the same once more" $f "$(to $f) / $(udp "$request")"
		request_for $f hh%h '+/='
		judged "several keys" $f 'hh%h 1' 1 "$(to $f) / $(udp "$request")"
		request_for $f h ''
		done_for "no salt, and something behind it" $f "$(to $f) / $(udp "$request, and more\\n")"
	done
}

# The sysctl of the kernel rules over what is done, not over what is asked for.
mask()
{
	ns_pair
	set_password cookies
	rules -p udp
	for try in '1 6 6' '2 5 5' '8 6 5' '0 6 5' '1 4 4'; do
		# shellcheck disable=SC2086 # words
		set -- $try
		echo "$1" >$sysctl
		request_for 4 "$2"
		judged "sysrq is $1, key $2" 4 "$2 1" 1 "$(to 4) / $(udp "$request")"
		expect "sysrq is $1, key $2: the log level" "$3" "$(cut -f1 /proc/sys/kernel/printk)"
	done
	echo "$sysrq_loglevel" >/proc/sys/kernel/printk
	echo 1 >$sysctl
}

# Wrong in one thing each
wrong()
{
	ns_pair
	set_password cookies
	rules -p udp
	for f in 4 6; do
		request_for $f
		body=${request%,*} good=$request
		flipped=$(echo "$digest" | sed 'y/0123456789abcdef/123456789abcdef0/')
		set --
		for text in "$body,$flipped" "$body,${flipped%"${flipped#?}"}${digest#?}" \
			"$body,${digest%?}${flipped##*"${flipped%?}"}" "$body,${digest%?}" "$body," \
			"$body" "$body,$(echo "$digest" | tr a-f A-F)" "$body, $digest" "h$good" \
			"i${good#h}" "h,1$seq,salt,$digest" "h,$seq,Salt,$digest" "h,$seq,salt,,$digest" \
			"h,-1,salt,$digest" "h,x,salt,$digest" "h,$seq" h x "$digest"; do
			set -- "$@" "$(to $f) / $(udp "$text")"
		done
		dropped "wrong texts and digests" $f "$@"
		done_for "the right one" $f "$(to $f) / $(udp "$good")"
		set --
		for address in 10.0.0.1 10.0.0.02 fd00::2 fd00:0:0:0:0:0:0:2 "$full6%s0" \
			$([ $f = 4 ] && echo $full6 || echo $full4) ''; do
			fresh
			request h "$seq" "$address"
			set -- "$@" "$(to $f) / $(udp "$request")"
		done
		dropped "digests for other addresses" $f "$@"
		set --
		for password in cookie cookiess Cookies 'cookies ' ''; do
			request_for $f
			set -- "$@" "$(to $f) / $(udp "$request")"
		done
		dropped "wrong passwords" $f "$@"
		password=cookies hash=sha1
		request_for $f
		dropped "a digest of another kind" $f "$(to $f) / $(udp "$request")"
		hash=sha256
	done
}

# The limits of what a request says; key 8 is a log level, and says less than h
limits()
{
	ns_pair
	set_password cookies
	rules -p udp
	for f in 4 6; do
		request_for $f 88888888888888888888888888888888
		judged "32 keys" $f '88888888888888888888888888888888 1' 1 "$(to $f) / $(udp "$request")"
		set --
		for keys in 888888888888888888888888888888888 '' 'h h'; do
			request_for $f "$keys"
			set -- "$@" "$(to $f) / $(udp "$request")"
		done
		dropped "33 keys, none, a blank" $f "$@"
		request_for $f h ''
		salt=$(printf "%0$((512 - ${#request}))d" 0)
		request_for $f h "$salt"
		expect "IPv$f: a request of 512 bytes" 512 ${#request}
		done_for "512 bytes" $f "$(to $f) / $(udp "$request")"
		request_for $f h "0$salt"
		dropped "513 bytes" $f "$(to $f) / $(udp "$request")"
		request_for $f h "$salt"
		done_for "behind 512 bytes anything" $f "$(to $f) / $(udp "$request$salt")"
	done
	echo "$sysrq_loglevel" >/proc/sys/kernel/printk
}

# Lengths that lie, in the UDP header and in what is there at all
lengths()
{
	ns_pair
	set_password cookies
	rules -p udp
	for f in 4 6; do
		request_for $f
		n=$((8 + ${#request}))
		set -- "$(to $f) / udp dport=9"
		for len in 0 1 2 3 4 5 6 7 8 9 $((n - 1)) $((n + 1)) $((n + 8)) 32768 65535; do
			set -- "$@" "$(to $f) / $(udp "len=$len" "$request")"
		done
		for bytes in 00 00090009 000900090008; do
			set -- "$@" "$(to $f) $([ $f = 4 ] && echo proto || echo next)=17 / data hex=$bytes"
		done
		dropped "lengths that lie, headers that are cut, no data" $f "$@"
		done_for "$n bytes that say $n" $f "$(to $f) / $(udp "len=$n" "$request")"
		request_for $f
		done_for "$((n + 9)) bytes that say $n" $f "$(to $f) / $(udp "len=$n" "${request}trailing!")"
	done
}

udplite()
{
	ns_pair
	set_password cookies
	rules -p udplite
	for f in 4 6; do
		request_for $f
		n=$((8 + ${#request}))
		set --
		for cov in 1 2 3 4 5 6 7 $((n + 1)) 65535; do
			set -- "$@" "$(to $f) / udplite dport=9 cov=$cov / data text=\"$request\""
		done
		dropped "coverages that cannot be" $f "$@"
		for cov in 0 8 $n; do
			request_for $f
			done_for "coverage $cov of $n" $f \
				"$(to $f) / udplite dport=9 cov=$cov / data text=\"$request\""
		done
	done
}

shapes()
{
	ns_pair
	set_password cookies
	rules -p udp
	for f in 4 6; do
		request_for $f
		done_for "not linear" $f --paged "$(to $f) / $(udp "$request")"
		request_for $f
		done_for "checksum left to the device" $f --partial "$(to $f) / $(udp "$request")"
	done
	request_for 4
	done_for "options" 4 "$(to 4) opt=nop,nop,nop,nop / $(udp "$request")"
	request_for 4
	done_for "fragments, put together before INPUT" 4 --fragment 64 "$(to 4) id=5 / $(udp "$request")"
	request_for 4
	done_for "the last one first" 4 --fragment 24 --reverse "$(to 4) id=6 / $(udp "$request")"
	for ext in hbh dstopt 'hbh / dstopt'; do
		request_for 6
		done_for "behind $ext" 6 "$(to 6) / $ext / $(udp "$request")"
	done
	request_for 6
	dropped "a fragment that is the whole" 6 "$(to 6) / frag off=0 mf=0 / $(udp "$request")"
	judged "fragments that nobody puts together" 6 ' 0' 2 \
		--fragment 64 "$(to 6) / $(udp "$request")"
	ipt 6 s -t mangle -A PREROUTING -m conntrack --ctstate NEW
	done_for "fragments that connection tracking puts together" 6 \
		--fragment 64 "$(to 6) / $(udp "$request")"
}

# has_passed 4|6: a packet has come to s
has_passed()
{
	xa_count=$(rule_count "$1" s raw PREROUTING 1)
	[ "${xa_count% *}" -gt 0 ]
}

# Other places than INPUT: fragments in PREROUTING, a sender of this machine, a router
places()
{
	ns_triple
	set_password cookies
	ipt 4 r -t raw -A PREROUTING -p udp --dport 9 -j SYSRQ
	ipt 6 r -A FORWARD -p udp --dport 9 -j SYSRQ
	ipt 4 s -t raw -A PREROUTING -p udp --dport 9
	ipt 6 s -t raw -A PREROUTING -p udp --dport 9
	ipt 4 c -A OUTPUT -p udp --dport 10 -j SYSRQ
	to4='ip src=10.0.1.1 dst=10.0.2.2' to6='ip6 src=fd01::1 dst=fd02::2'
	kmsg_mark
	fresh
	request h "$seq" 10.0.2.2
	in_ns c pkt send --local --fragment 64 "$to4 / $(udp "$request")" >/dev/null
	expect "IPv4: fragments in PREROUTING are no request" '' "$(pressed)"
	in_ns c pkt send --local "$to4 / $(udp "$request")" >/dev/null
	wait_for 10 has_passed 4
	expect "IPv4: the whole one is, and goes on" "h 1" "$(pressed) ${xa_count% *}"
	kmsg_mark
	fresh
	request h "$seq" fd02:0000:0000:0000:0000:0000:0000:0002
	in_ns c pkt send --local "$to6 / $(udp "$request")" >/dev/null
	wait_for 10 has_passed 6
	expect "IPv6: in FORWARD" "h 1" "$(pressed) ${xa_count% *}"
	kmsg_mark
	fresh
	request h "$seq" 10.0.2.2
	echo "$request" | in_ns c socat -u - UDP-SENDTO:10.0.2.2:10
	expect "in OUTPUT, of a program" h "$(pressed)"
	want=ermitted expect_fail "the program learns that its request was dropped" \
		in_ns c sh -c 'echo x | socat -u - UDP-SENDTO:10.0.2.2:10'
}

# is_quiet: all that was sent has been seen
is_quiet()
{
	xa_quiet_before=$counted_4
	counted_4=$(counts 4)
	[ "$xa_quiet_before" = "$counted_4" ]
}

# claimed: a request was accepted since seqno was set back
claimed()
{
	read -r xa_seqno <$parameters/seqno && [ "$xa_seqno" = "$seq" ]
}

# Copies from two senders, in both families, while seqno is set back under their feet; each
# interleaving of two and three is tried by unit/sysrq_claim.
copies()
{
	ns_pair
	set_password cookies
	rules -p udp
	request_for 4 8
	four="$(to 4) / $(udp "$request")"
	request 8 "$seq" $full6
	echo "$seq" >$parameters/seqno
	kmsg_mark
	bg c pkt send -d c0 --threads 2 --count 100000000 "$four" "$(to 6) / $(udp "$request")" >/dev/null
	wait_for 20 have_come 4 100 0
	expect "copies of an old request" ' 0' "$(pressed) $accepted"
	i=0
	while [ $i -lt 50 ] && echo $((seq - 1)) >$parameters/seqno && wait_for 20 claimed; do
		i=$((i + 1))
	done
	bg_stop "$bg_pid"
	wait_for 20 is_quiet
	counted_4='0 0' && have_come 4 0 0
	four=$accepted
	have_come 6 0 0
	expect "50 times new, of many copies 50 are accepted" 50 $((four + accepted))
	expect "and carried out" 50 "$(kmsg_since_mark | grep -c 'xt_SYSRQ: SysRq 8$')"
	echo "$sysrq_loglevel" >/proc/sys/kernel/printk
}

# The password goes while others compute with it.
race()
{
	ns_pair
	set_password cookies
	rules -p udp
	fresh
	request h $((seq + 1000)) 10.9.9.9
	bg c pkt send -d c0 --threads 2 --count 1000000 "$(to 4) / $(udp "$request")" >/dev/null
	flood=$bg_pid
	kmsg_mark
	for i in 1 2 3 4 5 6 7 8 9 10; do
		set_password "password$i"
		echo >$parameters/password
		set_password "$i$i$i"
	done
	bg_stop "$flood"
	wait_for 20 is_quiet
	request_for 4
	done_for "the last password is the one" 4 "$(to 4) / $(udp "$request")"
}

loaded
sysrq_allowed
each_backend requests
for part in mask wrong limits lengths udplite shapes places copies race; do
	case $part in
	copies | race)	racing $part ;;
	*)		$part ;;
	esac
	ns_del_all
done

# Rules are in place when the namespace goes.
doomed()
{
	ns_pair
	rules -p udp
}
each_backend doomed
expect_unload xt_SYSRQ xa_digest
finish
