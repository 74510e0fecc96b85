#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# CHAOS: random answers, in the shares that the parameters say
. "${0%/*}/../lib.sh"
. "${0%/*}/../reply.sh"

probes=3000
always=4294967295
parameters=/sys/module/xt_CHAOS/parameters

# shares REJECT DELUDE: the parameters, fractions of 2^32
shares()
{
	echo "$1" >$parameters/reject_percentage && echo "$2" >$parameters/delude_percentage
}

# All ICMP errors, as many as there are.
unlimited()
{
	ns_sysctl s net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0
	in_ns s sh -c 'echo >/proc/sys/net/ipv6/icmp/ratemask' 2>/dev/null
}

# probe 4|6: prints how many probes were answered by ICMP, by SYN+ACK, and not
probe()
{
	case $1 in
	4)	xa_p='ip' xa_icmp='icmp type=3 code=1' ;;
	6)	xa_p='ip6' xa_icmp='icmp6 type=1 code=3' ;;
	esac
	capture c c0 icmp --in --totals -m "$xa_icmp"
	capture c c0 tcp --in --totals -m 'tcp flags=SA'
	in_ns c pkt send -d c0 -n $probes "$xa_p / tcp sport=1024..60000 dport=80 flags=S" >/dev/null
	sleep 0.5
	xa_n=$(captured icmp | sed -n 's/.*packets=\([0-9]*\).*/\1/p')
	xa_m=$(captured tcp | sed -n 's/.*packets=\([0-9]*\).*/\1/p')
	echo "$xa_n $xa_m $((probes - xa_n - xa_m))"
}

# chi2 REJECT DELUDE SEEN...: of the three counts, in thousandths; 20000 is passed by chance
# once in 22000 times
chi2()
{
	echo "$@" | awk '{ r = $1 / 4294967296; d = $2 / 4294967296; n = $3 + $4 + $5
		e[3] = n * r; e[4] = n * (1 - r) * d; e[5] = n * (1 - r) * (1 - d)
		for (i = 3; i <= 5; i++) x += ($i - e[i]) ^ 2 / e[i]
		printf "%d", 1000 * x }'
}

shared()
{
	ns_pair
	unlimited
	both -p tcp -j CHAOS --delude
	for f in 4 6; do
		for s in '1073741824 2147483648' '429496730 3865470566' '2147483648 429496730'; do
			# shellcheck disable=SC2086 # words
			shares $s
			xa_seen=$(probe $f)
			# shellcheck disable=SC2086 # words
			expect_range "IPv$f: shares $s of 2^32: $xa_seen of $probes fit (chi-square / 1000)" \
				0 20000 "$(chi2 $s $xa_seen)"
		done
	done
}

extremes()
{
	ns_pair
	unlimited
	both -p tcp -j CHAOS --delude
	for f in 4 6; do
		shares 0 0
		expect "IPv$f: never, never" "0 0 $probes" "$(probe $f)"
		shares 0 $always
		expect "IPv$f: never ICMP, always TCP" "0 $probes 0" "$(probe $f)"
		shares $always 0
		expect "IPv$f: always ICMP" "$probes 0 0" "$(probe $f)"
	done
}

# answer 4|6 PACKET [0]: flags and window of the only answer; 0: none is expected
answer()
{
	watch answer -m tcp
	send "$2"
	answers answer "${3:-1}" | sed -n 's/.* flags=\([A-Z]*\) .* win=\([0-9]*\).*/\1 \2/p'
}

variants()
{
	ns_pair
	shares 0 $always
	both -p tcp --dport 80 -j CHAOS --tarpit
	both -p tcp --dport 81 -j CHAOS --delude
	both -p tcp --dport 82 -j CHAOS
	for f in 4 6; do
		p=ip
		[ $f = 4 ] || p=ip6
		expect "IPv$f --tarpit: a SYN" "SA 5" "$(answer $f "$p / tcp dport=80 flags=S")"
		expect "IPv$f --tarpit: an ACK" "A 0" "$(answer $f "$p / tcp dport=80 flags=A")"
		expect "IPv$f --delude: a SYN" "SA 0" "$(answer $f "$p / tcp dport=81 flags=S")"
		expect "IPv$f --delude: an ACK" "R 0" "$(answer $f "$p / tcp dport=81 flags=A")"
		expect "IPv$f without: nothing" "" "$(answer $f "$p / tcp dport=82 flags=S" 0)"
	done
	expect "xt_TARPIT and xt_DELUDE are not needed" "" \
		"$(sed -n 's/^\(xt_TARPIT\|xt_DELUDE\) .*/\1/p' /proc/modules)"
	ipt 4 c -A OUTPUT -p tcp -j CHAOS --delude
	shares $always 0
	in_ns c curl -s -m 3 http://10.0.0.2/
	expect "OUTPUT: a program is told by ICMP that the host is unreachable" 7 $?
	ipt 4 s -A INPUT -p udp -j CHAOS --tarpit
	capture c c0 udp --in -m 'icmp type=3 code=1'
	send 'ip / udp dport=9 / data text=x'
	expect "other protocols have their ICMP errors too" 1 "$(answers udp 1 | wc -l)"
	shares 0 $always
	watch udp2
	send 'ip / udp dport=9 / data text=x'
	expect "and nothing else" 0 "$(answers udp2 | wc -l)"
}

# What the manual says, and nobody has changed yet.
defaults()
{
	expect "the manual has both defaults" '42949672 43379169' \
		"$(grep -o 'Default: [0-9]*' "$XA_EXTENSIONS/libxt_CHAOS.man" | grep -o '[0-9]*' | xargs)"
	expect "the parameters have them" '42949672 43379169' \
		"$(cat $parameters/reject_percentage $parameters/delude_percentage | xargs)"
}

# A write that is not a number changes nothing.
writes()
{
	shares 7 8
	for text in x '' -1 4294967296 '1 2'; do
		expect_fail "'$text' is no share" sh -c \
			'echo "$1" >/sys/module/xt_CHAOS/parameters/reject_percentage' sh "$text"
	done
	expect "and the old one stays" 7 "$(cat $parameters/reject_percentage)"
	shares 42949672 43379169
}

# What TARPIT and DELUDE never answer has no ICMP error, either.
never()
{
	ns_pair
	unlimited
	shares $always 0
	both -j CHAOS --delude
	watch never
	for f in 4 6; do
		p=ip
		[ $f = 4 ] || p=ip6
		send "$p / tcp dport=80 flags=R" "$p / tcp dport=80 flags=RA"
	done
	send 'ip mf=1 id=7 / udp dport=9 / data zero=16' 'ip6 / frag mf=1 id=7 / udp dport=9 / data zero=16'
	expect "RST and first fragments: no answer" "" "$(answers never)"
}

# The first SYN would be answered, and its connection reset.
output()
{
	ns_pair
	shares 0 $always
	for f in 4 6; do
		ipt $f c -A OUTPUT -p tcp -j CHAOS --delude
		in_ns c pkt connect --timeout 1 "$(ip_of $f s)" 80 >/dev/null 2>&1
		expect "IPv$f, OUTPUT: no TCP answer, the program waits" 3 $?
	done
}

# users MODULE: of the modules in memory; nothing if it is part of the kernel
users()
{
	awk -v m="$1" '$1 == m { print $4 }' /proc/modules
}

# The modules of the ICMP errors are there before xt_CHAOS, and free after it.
rejectors()
{
	for module in nf_reject_ipv4 nf_reject_ipv6; do
		mod_loaded $module || { skip_part "$module is part of the kernel"; continue; }
		case $1 in
		used)	expect_match "$module has come with xt_CHAOS" '*xt_CHAOS*' "$(users $module)" ;;
		free)	expect_match "$module is not held any more" '' \
				"$(users $module | grep -o 'xt_CHAOS')"
			expect "$module has no other users" "$(users $module | tr -cd , | wc -c)" \
				"$(awk -v m=$module '$1 == m { print $3 }' /proc/modules)" ;;
		esac
	done
}

modprobe xt_CHAOS
rejectors used
defaults
for part in shared extremes never output writes; do
	$part
	ns_del_all
done
each_backend variants
ns_pair
both -j CHAOS --tarpit
expect_unload xt_CHAOS xa_reply
rejectors free
finish
