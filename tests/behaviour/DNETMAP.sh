#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: private hosts behind the router r get public addresses, and are
# reached through them; judged by what the far end sees and who answers it
. "${0%/*}/../lib.sh"

dir=/proc/net/xt_DNETMAP
p20=$dir/20.0.0.0_26

# The private hosts 10.0.0.1 to .7 are addresses of c, behind the router r; s is
# the world, for which all that is not its own is behind r.
private_hosts()
{
	ns_triple
	for a in 1 2 3 4 5 6 7; do
		echo "addr add 10.0.0.$a/24 dev c0"
	done | ns_ip c
	{
		echo "addr add 10.0.0.254/24 dev r0"
		for a in 1 2 3 4 5 6 7; do
			echo "neigh replace 10.0.0.$a lladdr 02:00:00:00:01:01 dev r0"
		done
	} | ns_ip r
	ns_sysctl r net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	# floods end there, unanswered
	ipt 4 s -t raw -A PREROUTING -p udp -j DROP
}

nat()
{
	ipt 4 r -t nat "$@"
}

# outside ADDR...: the address that s sees when ADDR pings it, if the answer comes back
outside()
{
	ct_flush r
	# shellcheck disable=SC2016 # that shell expands it
	in_ns c sh -c 'for a; do ping -q -c 1 -W 5 -I "$a" 10.0.2.2; done' sh "$@" >/dev/null 2>&1
	ct_list r -p icmp | grep -v UNREPLIED >"$XA_TMP/flows"
	for a; do
		sed -n "s/.* src=$a dst=10.0.2.2 .* dst=\\([0-9.]*\\) type=0.*/\\1/p" "$XA_TMP/flows" |
			grep . || echo "no answer"
	done | xargs
}

# inside ADDR...: who answers when s pings ADDR
inside()
{
	ct_flush r
	# shellcheck disable=SC2016 # that shell expands it
	in_ns s sh -c 'for a; do ping -q -c 1 -W 5 "$a"; done' sh "$@" >/dev/null 2>&1
	ct_list r -p icmp | grep -v UNREPLIED >"$XA_TMP/flows"
	for a; do
		sed -n "s/.* dst=$a .* src=\\([0-9.]*\\) dst=[0-9.]* type=0.*/\\1/p" "$XA_TMP/flows" |
			grep . || echo "no answer"
	done | xargs
}

# flood COUNT FIRST-LAST [DEV]: flows of these addresses, one after the other
flood()
{
	in_ns r pkt flood --tun "${3:-t0}" --count "$1" --src-range "$2" --dst 10.0.2.2 --dport 9 >/dev/null
}

# line FILE POST: what the file says of a public address, without the times
line()
{
	in_ns r cat "$1" | sed -n "s/\\(.* -> $2 --- \\)ttl: \\([^ ]*\\) lasthit: .*/\\1\\2/p" |
		sed 's/--- [0-9]*$/---/'
}

# ttl FILE POST
ttl()
{
	in_ns r cat "$1" | sed -n "s/.* -> $2 --- ttl: \\([^ ]*\\) .*/\\1/p"
}

# bound FILE: its lines of bound addresses, as "PRE>POST PRE>POST"
bound()
{
	in_ns r cat "$1" | awk '$1 != "0.0.0.0" { print $1 ">" $3 }' | xargs
}

# stat FILE: all but the mean time
stat_of()
{
	in_ns r cat "$1_stat" | cut -d' ' -f 1-3,5-
}

# has_ended FILE POST: for wait_for
has_ended()
{
	[ "$(ttl "$1" "$2")" = 0 ]
}

# tell FILE COMMAND: one write of that text
tell()
{
	# shellcheck disable=SC2016 # that shell expands it
	in_ns r sh -c 'printf %b "$2" | dd of="$1" bs=64 conv=notrunc' sh "$1" "$2"
}

# ---- the examples of the manual

snat_only()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A POSTROUTING -s 10.0.0.0/24
	expect "hosts get the first address and the next, whom the rule is not for keeps its own" \
		"20.0.0.0 20.0.0.1 10.0.1.1" "$(outside 10.0.0.1 10.0.0.2 10.0.1.1)"
	expect "the same host the same" 20.0.0.0 "$(outside 10.0.0.1)"
	expect "without a rule in PREROUTING nothing leads in" "no answer" "$(inside 20.0.0.0)"
	flood 61 10.0.0.100-10.0.0.160
	expect "63 of 64 are in use" "63 0 64 " "$(stat_of $p20)"
	expect "the last address" 20.0.0.63 "$(outside 10.0.0.3)"
	expect "all are in use" "64 0 64 " "$(stat_of $p20)"
	expect_count "nobody came to the next rule" 0 4 r nat POSTROUTING 2
	expect "one more goes on to the next rule" 10.0.0.4 "$(outside 10.0.0.4)"
	expect_count "which it reaches" 1 4 r nat POSTROUTING 2
	expect "who is bound stays so" 20.0.0.63 "$(outside 10.0.0.3)"
	expect "one line an address" 64 "$(in_ns r cat $p20 | wc -l)"
	expect "with both addresses" "10.0.0.1 -> 20.0.0.0 ---" "$(line $p20 20.0.0.0)"
	expect_range "and the default time" 300 600 "$(ttl $p20 20.0.0.63)"
	expect_range "the mean is told" 300 600 "$(in_ns r cut -d' ' -f4 ${p20}_stat)"
}

two_prefixes()
{
	p30=$dir/30.0.0.0_26
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --reuse --ttl 200
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 30.0.0.0/26
	flood 63 10.0.0.100-10.0.0.162
	expect "the last one of the first" 20.0.0.63 "$(outside 10.0.0.1)"
	expect_range "for the time of the rule" 100 200 "$(ttl $p20 20.0.0.63)"
	expect "the second prefix comes next" 30.0.0.0 "$(outside 10.0.0.2)"
	expect_range "for the default time" 300 600 "$(ttl $p30 30.0.0.0)"
	expect "its binding is used by the first rule" 30.0.0.0 "$(outside 10.0.0.2)"
	expect_range "with the time of that" 100 200 "$(ttl $p30 30.0.0.0)"
	flood 63 10.0.0.163-10.0.0.225
	expect "both are used up" "64 0 64 |64 0 64 " "$(stat_of $p20)|$(stat_of $p30)"
	expect "the flow goes on" 10.0.0.3 "$(outside 10.0.0.3)"
}

both_ways()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A PREROUTING -j DNETMAP
	expect "not bound, not reached" "no answer" "$(inside 20.0.0.0)"
	expect "a host sends" 20.0.0.0 "$(outside 10.0.0.5)"
	expect "and is reached, its neighbour is not" "10.0.0.5 no answer" "$(inside 20.0.0.0 20.0.0.1)"
	listen c tcp 80
	expect_ok "TCP from outside" in_ns s pkt connect --echo --text hello 20.0.0.0 80
	listen s tcp 80
	expect_ok "TCP from inside" in_ns c pkt connect --echo --text hello --from 10.0.0.5 10.0.2.2 80
	# an error message about a flow finds its way
	capture c c0 errors --match 'icmp type=3'
	ipt 4 s -A INPUT -p tcp --dport 81 -j REJECT
	in_ns c pkt connect --from 10.0.0.5 --timeout 1 10.0.2.2 81 >/dev/null 2>&1
	expect_match "an ICMP error reaches the private host" "*dst=10.0.0.5*" "$(captured errors)"
}

static_only()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --static
	nat -A PREROUTING -j DNETMAP --static
	in_ns r sh -c "echo '+10.0.0.5:20.0.0.5' >$p20"
	in_ns r sh -c "echo '+10.0.0.6:20.0.0.6' >$p20"
	expect "static bindings; who has none goes on" "20.0.0.5 20.0.0.6 10.0.0.7" \
		"$(outside 10.0.0.5 10.0.0.6 10.0.0.7)"
	expect "it leads in before its host has sent" 10.0.0.6 "$(inside 20.0.0.6)"
	expect "S for its times" "10.0.0.5 -> 20.0.0.5 --- S" "$(line $p20 20.0.0.5)"
	expect "counted as static" "0 2 64 " "$(stat_of $p20)"
	nat -I POSTROUTING -s 10.0.0.7 -j DNETMAP --prefix 20.0.0.0/26
	expect "another rule binds" 20.0.0.0 "$(outside 10.0.0.7)"
	expect "which is not for --static in PREROUTING" "no answer" "$(inside 20.0.0.0)"
	nat -D POSTROUTING 1
	expect "nor in POSTROUTING" 10.0.0.7 "$(outside 10.0.0.7)"
}

persistent()
{
	p30=$dir/30.0.0.0_26
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --persistent
	nat -A POSTROUTING -s 10.0.1.0/24 -j DNETMAP --prefix 30.0.0.0/26
	expect "the flag of the rule" "0 0 64 persistent" "$(stat_of $p20)"
	expect "not without it" "0 0 64 " "$(stat_of $p30)"
	in_ns r sh -c "echo '+persistent' >$p30"
	expect "the flag of the file" "0 0 64 0 persistent" "$(in_ns r cat ${p30}_stat)"
	expect "before the flush" 20.0.0.0 "$(outside 10.0.0.5)"
	nat -F
	expect "all files survive" "20.0.0.0_26 20.0.0.0_26_stat 30.0.0.0_26 30.0.0.0_26_stat" \
		"$(in_ns r ls $dir | xargs)"
	expect "so do the bindings" "1 0 64 persistent" "$(stat_of $p20)"
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "the flag is that of the first rule" "1 0 64 persistent" "$(stat_of $p20)"
	expect "after the flush" "20.0.0.1 20.0.0.0" "$(outside 10.0.0.6 10.0.0.5)"
	tell $p20 -persistent 2>/dev/null
	expect "the flag is gone" "2 0 64 " "$(stat_of $p20)"
	nat -F
	expect_ok "the prefix goes with its rule" wait_for 10 in_ns r test ! -e $p20
	tell $p30 '-persistent\n' 2>/dev/null
	expect_ok "the other when it is told so" wait_for 10 in_ns r test ! -e $p30
	expect "no file is left" "" "$(in_ns r ls $dir)"
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "it begins anew" "20.0.0.0 1 0 64 " "$(outside 10.0.0.6) $(stat_of $p20)"
}

# ---- times

# A UDP packet of a host ends its time soon, an ICMP one does not.
short_udp()
{
	nat -A POSTROUTING -s 10.0.0.0/24 -p udp -j DNETMAP --prefix "$1" --ttl 1
	nat -A POSTROUTING -s 10.0.0.0/24 -p icmp -j DNETMAP --prefix "$1"
}

expiry()
{
	one=$dir/20.0.0.1_32
	private_hosts
	short_udp 20.0.0.1
	nat -A PREROUTING -j DNETMAP
	expect "one address is bound, and not for others" "20.0.0.1 10.0.0.6" "$(outside 10.0.0.5 10.0.0.6)"
	expect "and leads in" 10.0.0.5 "$(inside 20.0.0.1)"
	flood 1 10.0.0.5
	expect_ok "a hit shortens the time" wait_for 60 has_ended "$one" 20.0.0.1
	expect "what has timed out is not shown" "0.0.0.0 -> 20.0.0.1 ---|0 0 1 " \
		"$(line "$one" 20.0.0.1)|$(stat_of "$one")"
	expect "and leads nowhere" "no answer" "$(inside 20.0.0.1)"
	expect "its host goes on with it" 20.0.0.1 "$(outside 10.0.0.5)"
	flood 1 10.0.0.5
	expect_ok "timed out again" wait_for 60 has_ended "$one" 20.0.0.1
	expect "another host takes it, the first one has nothing" "20.0.0.1 10.0.0.5" \
		"$(outside 10.0.0.6 10.0.0.5)"
	expect "it leads to the new one" 10.0.0.6 "$(inside 20.0.0.1)"
}

# The oldest first, also when all but one were hit again.
victims()
{
	four=$dir/20.0.0.0_30
	private_hosts
	short_udp 20.0.0.0/30
	flood 4 10.0.0.100-10.0.0.103
	expect_ok "all have timed out" wait_for 60 has_ended "$four" 20.0.0.3
	expect "all are taken" 4 "$(outside 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 |
		xargs -n 1 | grep -c '^20\.0\.0\.[0-3]$')"
	expect "all are in use" "4 0 4 " "$(stat_of "$four")"
	victim=$(outside 10.0.0.3)
	flood 1 10.0.0.3
	expect_ok "one times out" wait_for 60 has_ended "$four" "$victim"
	expect "that one is taken, no other" "$victim 10.0.0.6" "$(outside 10.0.0.5 10.0.0.6)"
}

ttl_option()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.1 -j DNETMAP --prefix 20.0.0.0/26 --ttl 100000
	outside 10.0.0.1 >/dev/null
	expect_range "the time of the rule" 99000 100000 "$(ttl $p20 20.0.0.0)"
	hit=$(in_ns r sed -n '1s/.*lasthit: //p' $p20)
	up=$(cut -d. -f1 /proc/uptime)
	expect_range "the hit in seconds since boot" $((up - 300)) "$up" "$hit"
	nat -R POSTROUTING 1 -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --ttl -1
	expect "a new binding" "20.0.0.0 20.0.0.1" "$(outside 10.0.0.1 10.0.0.2)"
	expect_range "a negative one leaves the time as it is" 99000 100000 "$(ttl $p20 20.0.0.0)"
	expect_range "a new one gets the default" 300 600 "$(ttl $p20 20.0.0.1)"
	nat -R POSTROUTING 1 -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	outside 10.0.0.1 >/dev/null
	expect_range "no option: the default" 300 600 "$(ttl $p20 20.0.0.0)"
	nat -A PREROUTING -j DNETMAP --ttl 5000
	expect "a flow from outside" 10.0.0.1 "$(inside 20.0.0.0)"
	expect_range "is a hit, too" 4000 5000 "$(ttl $p20 20.0.0.0)"
	nat -R POSTROUTING 1 -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --ttl 2147483647
	outside 10.0.0.1 >/dev/null
	expect_range "the longest" 2147483000 2147483647 "$(ttl $p20 20.0.0.0)"
	nat -R POSTROUTING 1 -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --ttl 0
	expect "none at all" 20.0.0.2 "$(outside 10.0.0.3)"
	expect "is over at once" 0 "$(ttl $p20 20.0.0.2)"
}

# What timed out in another prefix: a new address, or with --reuse the old one.
reuse()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -p udp -j DNETMAP --prefix 20.0.0.0/26 --ttl 0
	nat -A POSTROUTING -s 10.0.0.1 -p icmp -j DNETMAP --prefix 30.0.0.0/26 --reuse
	nat -A POSTROUTING -s 10.0.0.2 -p icmp -j DNETMAP --prefix 30.0.0.0/26
	flood 2 10.0.0.1-10.0.0.2
	expect "nothing is active" "0 0 64 " "$(stat_of $p20)"
	expect "--reuse goes on with it; without: a new one" "20.0.0.0 30.0.0.0" "$(outside 10.0.0.1 10.0.0.2)"
	expect "it is active again" "10.0.0.1>20.0.0.0" "$(bound $p20)"
	nat -A POSTROUTING -s 10.0.0.0/24 -p icmp -j DNETMAP --prefix 20.0.0.0/26
	expect "the old one is free" 20.0.0.1 "$(outside 10.0.0.3)"
	expect "an active one is used by any rule" 30.0.0.0 "$(
		nat -D POSTROUTING 3
		outside 10.0.0.2)"
}

# ---- prefixes

all_prefixes()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP
	expect "no prefix, no address" 10.0.0.1 "$(outside 10.0.0.1)"
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 30.0.0.0/31
	expect "all of the first prefix, then the second" "20.0.0.0 20.0.0.1 30.0.0.0" \
		"$(outside 10.0.0.1 10.0.0.2 10.0.0.3)"
	nat -A PREROUTING -j DNETMAP --prefix 30.0.0.0/31
	expect "one prefix leads in, the other does not" "10.0.0.3 no answer" "$(inside 30.0.0.0 20.0.0.0)"
	nat -R PREROUTING 1 -j DNETMAP
	expect "all do" 10.0.0.1 "$(inside 20.0.0.0)"
}

output()
{
	private_hosts
	nat -A OUTPUT -s 10.0.0.254 -j DNETMAP --prefix 20.0.0.0/26
	nat -A POSTROUTING -j SNAT --to-source 192.0.2.1
	ct_flush r
	expect_ok "the router's own flow" in_ns r ping -q -c 1 -W 5 -I 10.0.0.254 10.0.2.2
	expect_match "went out with its address" "*dst=20.0.0.0 type=0*" "$(ct_list r -p icmp)"
	expect "bound" "10.0.0.254>20.0.0.0" "$(bound $p20)"
}

# An address is bound once, whichever prefix it is reached through.
overlap()
{
	wide=$dir/20.0.0.0_30 narrow=$dir/20.0.0.0_31
	private_hosts
	nat -A POSTROUTING -s 10.0.0.1 -j DNETMAP --prefix 20.0.0.0/30
	nat -A POSTROUTING -s 10.0.0.2 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.0.0.3 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.0.0.4 -j DNETMAP --prefix 20.0.0.0/30
	nat -A PREROUTING -j DNETMAP
	expect "wide, narrow that passes it by and is used up then, wide" \
		"20.0.0.0 20.0.0.1 10.0.0.3 20.0.0.2" "$(outside 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4)"
	expect "each in its file" "10.0.0.1>20.0.0.0 10.0.0.4>20.0.0.2|10.0.0.2>20.0.0.1" \
		"$(bound "$wide")|$(bound "$narrow")"
	expect "each leads in" "10.0.0.1 10.0.0.2" "$(inside 20.0.0.0 20.0.0.1)"
	tell "$narrow" '+10.0.0.5:20.0.0.0' 2>/dev/null
	expect "a static one wins over the other prefix" "10.0.0.4>20.0.0.2|10.0.0.5>20.0.0.0 10.0.0.2>20.0.0.1" \
		"$(bound "$wide")|$(bound "$narrow")"
	nat -D POSTROUTING 2
	expect "a prefix of two rules stays" "10.0.0.5>20.0.0.0 10.0.0.2>20.0.0.1" "$(bound "$narrow")"
	nat -D POSTROUTING 2
	expect_ok "and goes with the last" wait_for 10 in_ns r test ! -e "$narrow"
	expect "its addresses are free for the other" 20.0.0.0 "$(outside 10.0.0.1)"
}

all_static()
{
	two=$dir/20.0.0.0_31
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/31
	tell "$two" '+10.0.0.1:20.0.0.0' 2>/dev/null
	tell "$two" '+10.0.0.2:20.0.0.1' 2>/dev/null
	expect "all static" "0 2 2 " "$(stat_of "$two")"
	expect "nothing is free" 10.0.0.3 "$(outside 10.0.0.3)"
	tell "$two" '-10.0.0.2' 2>/dev/null
	expect "an address that is given back is dynamic" 20.0.0.1 "$(outside 10.0.0.3)"
	expect "sums" "1 1 2 " "$(stat_of "$two")"
}

# ---- the file

# taken FILE COMMAND...: those that are not refused
taken()
{
	# shellcheck disable=SC2016 # that shell expands it
	in_ns r sh -c 'file=$1; shift; for t; do printf %b "$t" >"$file" && echo "$t"; done' sh "$@" 2>/dev/null
}

commands()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 30.0.0.0/26
	expect "dynamic" 20.0.0.0 "$(outside 10.0.0.1)"
	for text in '+10.0.0.2:20.0.0.2' '+10.0.0.3:20.0.0.3\n' '-20.0.0.3\n' '-10.0.0.2'; do
		tell $p20 "$text" 2>"$XA_TMP/wrote"
		n=$(printf %b "$text" | wc -c)
		expect_match "$n bytes are taken whole" "*$n bytes*copied*" "$(cat "$XA_TMP/wrote")"
	done
	expect "by public and by private address" "10.0.0.1>20.0.0.0" "$(bound $p20)"
	tell $p20 '+10.0.0.2:20.0.0.0' 2>/dev/null
	expect "what the public one had is gone" "10.0.0.2>20.0.0.0" "$(bound $p20)"
	tell $p20 '+10.0.0.2:20.0.0.9' 2>/dev/null
	expect "and what the private one had" "10.0.0.2>20.0.0.9" "$(bound $p20)"
	tell $p20 '+10.0.0.2:20.0.0.9' 2>/dev/null
	expect "twice is once" "0 1 64 " "$(stat_of $p20)"
	tell $dir/30.0.0.0_26 '+10.0.0.2:30.0.0.9' 2>/dev/null
	expect "also in another prefix" "|10.0.0.2>30.0.0.9" "$(bound $p20)|$(bound $dir/30.0.0.0_26)"
	expect "which alone can take it away" "" "$(taken $p20 -10.0.0.2)"
	tell $dir/30.0.0.0_26 '-10.0.0.2' 2>/dev/null
	in_ns r sh -c "{ echo +10.0.0.3:20.0.0.3; echo +10.0.0.4:20.0.0.4; echo -10.0.0.3; } >$p20"
	expect "three writes, one descriptor" "10.0.0.4>20.0.0.4" "$(bound $p20)"
	expect "dynamic beside static" 20.0.0.0 "$(outside 10.0.0.5)"
	before=$(bound $p20)
	want=Invalid
	expect_fail "what is not understood is refused" tell $p20 flash
	expect "whatever it is" "" "$(taken $p20 10.0.0.1 + - '\n' '+10.0.0.1' '+10.0.0.1:' '+:20.0.0.1' '+10.0.0.1:20.0.0.64' \
		'+10.0.0.1:19.255.255.255' '+0.0.0.0:20.0.0.1' '+10.0.0.1:20.0.0.1 ' '+10.0.0.1 :20.0.0.1' \
		'+10.0.0.256:20.0.0.1' '+10.0.0.01:20.0.0.1' '+10.0.0:20.0.0.1' '-10.0.0.7' '-20.0.0.7' \
		'-0.0.0.0' '-20.0.0.64' ' flush' 'flush ' FLUSH 'flush\n\n' '+persisten' '+persistentt' \
		persistent '+10.0.0.1:20.0.0.1\0000' '+255.255.255.255:255.255.255.255' \
		'+10.0.0.1:20.0.0.1\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n')"
	expect "none of them changes anything" "$before" "$(bound $p20)"
	want="Illegal seek"
	expect_fail "not at another position" in_ns r sh -c "echo flush | dd of=$p20 bs=64 seek=1 conv=notrunc"
	tell $p20 'flush\n' 2>/dev/null
	expect "flush takes all" "|0 0 64 " "$(bound $p20)|$(stat_of $p20)"
	expect "and the first address is free" 20.0.0.0 "$(outside 10.0.0.7)"
	expect "files as the manual says" "-rw-r--r-- 0 0" \
		"$(in_ns r ls -ln $p20 | awk '{ print substr($1, 1, 10), $3, $4 }')"
}

# ---- life

lifetime()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A PREROUTING -j DNETMAP --prefix 20.0.0.0/26
	ipt 4 s -t nat -A POSTROUTING -j DNETMAP --prefix 20.0.0.0/26
	outside 10.0.0.1 >/dev/null
	expect "another namespace has its own" "0 0 64 0 " "$(in_ns s cat ${p20}_stat)"
	expect_ok "-C finds the rule" nat -C POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect_ok "-D deletes it" nat -D POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "the other rule keeps the bindings" "10.0.0.1>20.0.0.0" "$(bound $p20)"
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	ipt_save 4 r -t nat >"$XA_TMP/saved"
	expect_ok "the rules are restored" ipt_restore 4 r <"$XA_TMP/saved"
	expect "a restore keeps them, too" "10.0.0.1>20.0.0.0" "$(bound $p20)"
	listen s tcp 80
	bg c pkt connect --from 10.0.0.1 --text x --expect x --hold 60 10.0.2.2 80 >/dev/null
	expect_ok "a flow lives" wait_for 10 sh -c \
		"ip netns exec $(ns_name r) conntrack -L -p tcp 2>/dev/null | grep -q 'ESTABLISHED.*dst=20.0.0.0'"
	rm -f "$XA_TMP/open"
	# shellcheck disable=SC2016 # that shell expands it
	bg r sh -c 'exec 3<"$1" 4<"$1_stat"; read -r x <&3; touch "$2"; sleep 60; cat <&3' sh $p20 "$XA_TMP/open"
	wait_for 10 test -e "$XA_TMP/open"
	nat -F
	expect_ok "open files do not keep the prefix" wait_for 10 in_ns r test ! -e $p20
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "nor its bindings" 20.0.0.0 "$(outside 10.0.0.2)"
	ipt 4 s -t nat -F
	ns_del s
	expect "a namespace that goes leaves others alone" "10.0.0.2>20.0.0.0" "$(bound $p20)"
}

log()
{
	sysctl=/proc/sys/net/netfilter/nf_log_all_netns
	private_hosts
	kmsg_mark
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/31
	outside 10.0.0.1 >/dev/null
	expect "a namespace does not write to the log" "" "$(kmsg_since_mark | grep DNETMAP)"
	echo 1 >$sysctl
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 30.0.0.0/31
	outside 10.0.0.2 >/dev/null
	tell $dir/20.0.0.0_31 '+10.0.0.3:20.0.0.0' 2>/dev/null
	tell $dir/20.0.0.0_31 '+persistent' 2>/dev/null
	tell $dir/20.0.0.0_31 '-persistent' 2>/dev/null
	tell $dir/20.0.0.0_31 '-10.0.0.3' 2>/dev/null
	flood 30 10.0.0.100-10.0.0.129
	tell $dir/20.0.0.0_31 'flush' 2>/dev/null
	echo 0 >$sysctl
	kmsg_since_mark >"$XA_TMP/log"
	for text in 'new prefix 30.0.0.0/31' 'add binding 10.0.0.2 -> 20.0.0.1' \
		'timeout binding 10.0.0.1 -> 20.0.0.0' 'adding static binding 10.0.0.3:20.0.0.0' \
		'prefix 20.0.0.0/31 is now persistent' 'prefix 20.0.0.0/31 is now non-persistent' \
		'remove binding 10.0.0.3 -> 20.0.0.0' 'ip 10.0.0.101 - no free adresses in prefix 20.0.0.0/31' \
		'flushing prefix 20.0.0.0/31'; do
		expect_ok "the log says: $text" grep -qF "xt_DNETMAP: $text" "$XA_TMP/log" ||
			grep -F DNETMAP "$XA_TMP/log"
	done
	expect "that a prefix is full, once" 1 "$(grep -c 'free adresses in prefix 20' "$XA_TMP/log")"
}

# Rules, bindings and files come and go while flows are made.
races()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/16 -j DNETMAP --prefix 20.0.0.0/26 --ttl 0
	nat -A POSTROUTING -s 10.0.0.0/16 -j DNETMAP --prefix 20.0.0.0/24 --ttl 1
	nat -A PREROUTING -j DNETMAP --ttl 0
	bg r pkt flood --tun t0 --threads 2 --src-range 10.0.3.0-10.0.7.255 --dst 10.0.2.2 --count 100000000 >/dev/null
	in_flow=$bg_pid
	bg r pkt flood --tun t1 --src-range 192.0.2.1-192.0.2.9 --dst 20.0.0.7 --count 100000000 >/dev/null
	back_flow=$bg_pid
	bg r sh -c "while :; do
		echo +10.0.3.7:20.0.0.7; echo +10.0.4.1:20.0.0.200; echo flush; echo -20.0.0.7; done >$p20 2>/dev/null"
	writer=$bg_pid
	bg r sh -c "while :; do cat $dir/*; done >/dev/null 2>&1"
	reader=$bg_pid
	i=0
	while [ $i -lt 10 ]; do
		nat -A POSTROUTING -s 10.0.0.0/16 -j DNETMAP --prefix "20.0.0.$((i * 16))/28"
		nat -D POSTROUTING 2
		nat -I POSTROUTING 2 -s 10.0.0.0/16 -j DNETMAP --prefix 20.0.0.0/24 --ttl 1
		tell $dir/20.0.0.0_24 "+10.0.3.$i:20.0.0.$i" 2>/dev/null
		tell $dir/20.0.0.0_24 "+10.0.4.$i:20.0.0.4$i" 2>/dev/null
		tell $dir/20.0.0.0_24 flush 2>/dev/null
		i=$((i + 1))
	done
	bg_stop "$writer"
	for p in $in_flow $back_flow; do
		bg_stop "$p"
	done
	bg_stop "$reader"
	expect "all prefixes are there" 24 "$(in_ns r ls $dir | wc -l)"
	# quiet: nobody is bound twice, in any prefix
	flood 100 10.0.3.0-10.0.3.99 t2
	# shellcheck disable=SC2016 # awk's
	in_ns r sh -c "cat $dir/*[0-9]" | awk '$1 != "0.0.0.0" && (pre[$1]++ || post[$3]++)' >"$XA_TMP/twice"
	expect "each address is bound once" "" "$(cat "$XA_TMP/twice")"
	nat -F
	expect_ok "all go" wait_for 20 sh -c \
		"[ -z \"\$(ip netns exec $(ns_name r) ls $dir)\" ]"
}

# What the back ends could do differently runs on both, the rest on the first one.
backends=${XA_BACKENDS:-nft legacy}
XA_BACKENDS=$backends
each_backend snat_only
each_backend both_ways
each_backend persistent
each_backend output
each_backend lifetime
each_backend races
XA_BACKENDS=${backends%% *}
each_backend two_prefixes
each_backend static_only
each_backend expiry
each_backend victims
each_backend ttl_option
each_backend reuse
each_backend all_prefixes
each_backend overlap
each_backend all_static
each_backend commands
each_backend log

# ---- many

# A prefix full of bindings, made by flows while the file is read. In an emulated
# machine a smaller one.
many()
{
	case $(uname -r) in
	*-uml)	len=16 bits=65536 last=10.3.255.255 ;;
	*)	len=21 bits=2048 last=10.3.7.255 ;;
	esac
	file=$dir/20.0.0.0_$len
	max=/proc/sys/net/netfilter/nf_conntrack_max
	old=$(cat $max)
	private_hosts
	# shellcheck disable=SC2016 # that shell expands it
	[ "$old" -ge $((4 * bits)) ] || echo $((4 * bits)) >$max
	nat -A POSTROUTING -s 10.0.0.0/8 -j DNETMAP --prefix 20.0.0.0/$len --ttl 100000
	bg r pkt flood --tun t0 --count $bits --src-range 10.3.0.0-$last --dst 10.0.2.2 --dport 9 >/dev/null
	flow=$bg_pid
	reads=0 torn=
	while kill -0 "$flow" 2>/dev/null; do
		in_ns r cat "$file" >"$XA_TMP/part"
		reads=$((reads + 1))
		torn=$torn$(check_table "$XA_TMP/part" $bits)
	done
	wait "$flow"
	expect "$bits lines, each address once, in $reads reads meanwhile" "" "$torn"
	in_ns r cat "$file" >"$XA_TMP/full"
	expect "the same when it is full" "" "$(check_table "$XA_TMP/full" $bits)"
	expect "all are bound" "$bits 0 $bits " "$(stat_of "$file")"
	expect "and none is left" "10.0.0.1" "$(outside 10.0.0.1)"
	tell "$file" '-20.0.7.7' 2>/dev/null
	expect "but the one given back" "20.0.7.7" "$(outside 10.0.0.1)"
	echo "$old" >$max
}

# check_table FILE LINES: says what is wrong with a file that was read
check_table()
{
	awk -v lines="$2" '
		$2 != "->" || $4 != "---" || $5 != "ttl:" || $7 != "lasthit:" || NF != 8 { print "line " NR ": " $0; exit }
		post[$3]++ || ($1 != "0.0.0.0" && pre[$1]++) { print "twice: " $0; exit }
		END { if (NR != lines) print NR " lines" }' "$1"
}

each_backend many

# ---- parameters, and the end

# Rules, flows and a persistent prefix are in place when the namespace goes.
doomed()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --persistent
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 30.0.0.0/8
	nat -A PREROUTING -j DNETMAP
	tell $p20 '+10.0.0.5:20.0.0.5' 2>/dev/null
	outside 10.0.0.1 >/dev/null
	nat -D POSTROUTING 1
	bg r pkt flood --tun t0 --src-range 10.0.0.0-10.0.0.255 --dst 10.0.2.2 --count 100000000 >/dev/null
	wait_for 10 in_ns r grep -q '^[1-9]' ${p20}_stat
}
XA_BACKENDS=$backends
each_backend doomed
expect_unload xt_DNETMAP

parameters()
{
	private_hosts
	expect "hash_size: a power of two" 256 "$(cat /sys/module/xt_DNETMAP/parameters/hash_size)"
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/30
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.1.0/31
	expect "whole_prefix=0: neither the first nor the last address" "20.0.0.1 20.0.0.2 10.0.0.3" \
		"$(outside 10.0.0.1 10.0.0.2 10.0.0.3)"
	expect "which are not in the file" "10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2|2" \
		"$(bound $dir/20.0.0.0_30)|$(in_ns r cat $dir/20.0.0.0_30 | wc -l)"
	expect "and cannot be static" "" "$(taken $dir/20.0.0.0_30 +10.0.0.5:20.0.0.0 +10.0.0.5:20.0.0.3)"
	expect "a /31 has no such addresses" "0 0 2 " "$(stat_of $dir/20.0.1.0_31)"
	expect_range "default_ttl" 7000 7777 "$(ttl $dir/20.0.0.0_30 20.0.0.1)"
}

if ! mod_loaded xt_DNETMAP &&
   modprobe xt_DNETMAP whole_prefix=0 default_ttl=7777 hash_size=100 disable_log=1 2>/dev/null; then
	XA_BACKENDS=${backends%% *}
	each_backend parameters
	expect_unload xt_DNETMAP
else
	skip_part "parameters: the module cannot be loaded again"
fi
finish
