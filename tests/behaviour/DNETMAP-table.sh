#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: who has which address, and how long. Nothing of this depends on how
# a rule came to the kernel, so it runs on one back end.
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/DNETMAP.inc
. "${0%/*}/DNETMAP.inc"

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

# gets HOST PUBLIC: for wait_for
gets()
{
	[ "$(outside "$1")" = "$2" ]
}

# A rule without a prefix passes those by that have no address, until they may have one
full_for_a_while()
{
	one=$dir/20.0.0.1_32
	private_hosts
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.0.1
	nat -A POSTROUTING -s 10.0.0.0/24 -p udp -j DNETMAP --ttl 10
	nat -A POSTROUTING -s 10.0.0.0/24 -p icmp -j DNETMAP
	flood 1 10.0.0.5
	expect "one address is bound, and not for others" "10.0.0.5>20.0.0.1 10.0.0.6" "$(bound "$one") $(outside 10.0.0.6)"
	expect_ok "it times out" wait_for 60 has_ended "$one" 20.0.0.1
	expect_ok "another host takes it" wait_for 20 gets 10.0.0.6 20.0.0.1
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
	nat -R POSTROUTING 1 -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --ttl -1
	expect "a negative one, and a binding that has timed out" 20.0.0.2 "$(outside 10.0.0.3)"
	expect_range "which gets the default" 300 600 "$(ttl $p20 20.0.0.2)"
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
	nat -D POSTROUTING 2
	expect_ok "the first one goes" wait_for 20 in_ns r test ! -e $dir/20.0.0.0_31
	ct_flush r	# or its bindings would be taken back
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.0.0/31
	expect "and, made again, is the last one" "30.0.0.1 20.0.0.0" "$(outside 10.0.0.4 10.0.0.5)"
}

# What has timed out in one prefix goes before what is free in the next one.
timed_out_first()
{
	private_hosts
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 30.0.0.0/31
	nat -A POSTROUTING -s 10.0.0.0/24 -p udp -j DNETMAP --ttl 0
	nat -A POSTROUTING -s 10.0.0.0/24 -p icmp -j DNETMAP
	flood 2 10.0.0.1-10.0.0.2
	expect "first what has timed out, then what is free in the second prefix" "2 20.0.0.0 20.0.0.1 30.0.0.0" \
		"$(ct_list r -p udp | grep -c ' dst=20\.0\.0\.[01] ') $(outside 10.0.0.3 10.0.0.4 10.0.0.5)"
}

# An address is bound once, whichever prefix it is reached through.
overlap()
{
	wide=$dir/20.0.0.0_30 narrow=$dir/20.0.0.0_31
	private_hosts
	nat -A POSTROUTING -s 10.0.0.1 -j DNETMAP --prefix 20.0.0.0/30
	nat -A POSTROUTING -s 10.0.0.2 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.0.0.3 -j DNETMAP --prefix 20.0.0.0/31
	nat -A POSTROUTING -s 10.0.0.4/31 -j DNETMAP --prefix 20.0.0.0/30
	nat -A PREROUTING -j DNETMAP
	expect "wide, narrow that passes it by and is used up then, wide" \
		"20.0.0.0 20.0.0.1 10.0.0.3 20.0.0.2" "$(outside 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4)"
	expect "each in its file" "10.0.0.1>20.0.0.0 10.0.0.4>20.0.0.2|10.0.0.2>20.0.0.1" \
		"$(bound "$wide")|$(bound "$narrow")"
	expect "each leads in" "10.0.0.1 10.0.0.2" "$(inside 20.0.0.0 20.0.0.1)"
	tell "$narrow" '+10.0.0.6:20.0.0.0' 2>/dev/null
	expect "a static one wins over the other prefix" "10.0.0.4>20.0.0.2|10.0.0.6>20.0.0.0 10.0.0.2>20.0.0.1" \
		"$(bound "$wide")|$(bound "$narrow")"
	nat -D POSTROUTING 2
	expect "a prefix of two rules stays" "10.0.0.6>20.0.0.0 10.0.0.2>20.0.0.1" "$(bound "$narrow")"
	nat -D POSTROUTING 2
	expect_ok "and goes with the last" wait_for 10 in_ns r test ! -e "$narrow"
	expect "its addresses are free for the other" "20.0.0.0 20.0.0.1" "$(outside 10.0.0.1 10.0.0.5)"
}

# A free address behind many that the other prefix has is found by the first flow.
overlap_many()
{
	private_hosts
	nat -A POSTROUTING -s 10.5.0.0/16 -j DNETMAP --prefix 20.8.0.0/22 --ttl 100000
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.8.0.0/21
	flood 1000 10.5.0.0-10.5.3.231
	expect "the other prefix is not quite full" "1000 0 1024 " "$(stat_of $dir/20.8.0.0_22)"
	expect "the first address behind what it has" "20.8.3.232 20.8.3.233" "$(outside 10.0.0.1 10.0.0.2)"
	flood 22 10.5.4.0-10.5.4.21
	expect "together they have all" "1022 0 1024 |2 0 2048 " \
		"$(stat_of $dir/20.8.0.0_22)|$(stat_of $dir/20.8.0.0_21)"
	expect "the first address behind it" 20.8.4.0 "$(outside 10.0.0.3)"
	tell $dir/20.8.0.0_22 -20.8.1.77 2>/dev/null
	tell $dir/20.8.0.0_22 -20.8.0.64 2>/dev/null
	expect "what it gives back is free" "20.8.0.64 20.8.1.77" "$(outside 10.0.0.4 10.0.0.5)"
}

# A prefix all of whose addresses a wider one has: who gives one back, and who timed
# out longest ago there, is known at once.
overlap_inside()
{
	wide=$dir/20.8.0.0_24 narrow=$dir/20.8.0.88_29
	private_hosts
	nat -A POSTROUTING -s 10.5.0.0/16 -p udp --dport 9 -j DNETMAP --prefix 20.8.0.0/24 --ttl 100000
	nat -A POSTROUTING -s 10.5.0.0/16 -p udp --dport 10 -j DNETMAP --prefix 20.8.0.0/24 --ttl 1
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.8.0.88/29
	nat -A PREROUTING -d 20.8.0.0/24 -j DNETMAP --prefix 20.8.0.88/29
	flood 256 10.5.0.0-10.5.0.255
	expect "the wide one has all" "256 0 256 |0 0 8 " "$(stat_of "$wide")|$(stat_of "$narrow")"
	expect "no address is left" "10.0.0.1" "$(outside 10.0.0.1)"
	tell "$wide" -20.8.0.91 2>/dev/null
	expect "one that is given back is found at once" "20.8.0.91 10.0.0.2" "$(outside 10.0.0.1 10.0.0.2)"
	for a in 95 4 89; do
		host=$(in_ns r sed -n "s/^\\(10[0-9.]*\\) -> 20.8.0.$a .*/\\1/p" "$wide")
		in_ns r pkt flood --tun t0 --count 1 --src-range "$host-$host" --dst 10.0.2.2 --dport 10 >/dev/null
		expect_ok ".$a times out" wait_for 60 has_ended "$wide" 20.8.0.$a
	done
	expect "of those in the prefix, the one that did so longest ago" "20.8.0.95 20.8.0.89 10.0.0.4" \
		"$(outside 10.0.0.2 10.0.0.3 10.0.0.4)"
	expect "each in its file" "10.0.0.3>20.8.0.89 10.0.0.1>20.8.0.91 10.0.0.2>20.8.0.95|252 0 256 " \
		"$(bound "$narrow")|$(stat_of "$wide")"
	expect "only its own lead in" "10.0.0.3 no answer" "$(inside 20.8.0.89 20.8.0.90)"
	tell "$narrow" flush 2>/dev/null
	expect "flush takes its own" "0 0 8 |252 0 256 " "$(stat_of "$narrow")|$(stat_of "$wide")"
	expect "which are free then" "20.8.0.89 20.8.0.91" "$(outside 10.0.0.3 10.0.0.4)"
}

# A rule without a prefix beside many that are full: one flow tries some of them
many_prefixes()
{
	private_hosts
	i=0
	while [ $i -lt 80 ]; do
		echo "-A POSTROUTING -s 10.6.0.$i -j DNETMAP --prefix 20.9.0.$i --ttl 100000"
		i=$((i + 1))
	done >"$XA_TMP/rules"
	{
		echo "*nat"
		cat "$XA_TMP/rules"
		echo "-A POSTROUTING -s 10.0.0.0/24 -j DNETMAP"
		echo "COMMIT"
	} | ipt_restore 4 r
	flood 80 10.6.0.0-10.6.0.79
	expect "all are in use" 80 "$(in_ns r sh -c "cat $dir/20.9.0.*_32_stat" | grep -c '^1 0 1 ')"
	ipt 4 s -t raw -A PREROUTING -s 10.0.0.1
	expect "the first flow gives up after 64 of them, another one looks at the rest" \
		"no answer 10.0.0.2" "$(outside 10.0.0.1 10.0.0.2)"
	expect_count "and is dropped, not sent on with its private source" 0 4 s raw PREROUTING 2
	expect "then the next rule is asked" 10.0.0.4 "$(outside 10.0.0.4)"
	nat -A POSTROUTING -s 10.6.1.0/24 -j DNETMAP --prefix 20.9.1.0/30
	expect "the one that has addresses is found, behind all others" 20.9.1.0 "$(outside 10.0.0.5)"
	tell $dir/20.9.0.77_32 -20.9.0.77 2>/dev/null
	expect "so is an address in the middle that is given back, at once" "20.9.0.77 20.9.1.1" \
		"$(outside 10.0.0.6 10.0.0.7)"
	expect "its owner has it also without a prefix" 20.9.0.77 "$(outside 10.0.0.6)"
}

# The number of prefixes is limited.
most_prefixes()
{
	private_hosts
	{
		echo "*nat"
		seq 0 1023 | awk '{ print "-A POSTROUTING -s 10.6.0.1 -j DNETMAP --prefix 20." int($1 / 256) "." $1 % 256 ".0/31" }'
		echo "COMMIT"
	} >"$XA_TMP/rules"
	expect_ok "1024 prefixes" ipt_restore 4 r <"$XA_TMP/rules"
	expect "are there" 1024 "$(in_ns r ls $dir | grep -c '_31$')"
	expect_fail "one more is not" nat -A POSTROUTING -j DNETMAP --prefix 30.0.0.0/31
	expect_ok "a further rule of one of them is" nat -A POSTROUTING -j DNETMAP --prefix 20.0.0.0/31
	nat -F POSTROUTING
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
	expect_fail "an address that is not bound" tell $p20 -10.0.0.7
	expect_fail "one that is not in the prefix" tell $p20 +10.0.0.1:20.0.0.64
	expect "whatever it is" "" "$(taken $p20 10.0.0.1 + - '\n' '+10.0.0.1' '+10.0.0.1:' '+:20.0.0.1' '+10.0.0.1:20.0.0.64' \
		'+10.0.0.1:19.255.255.255' '+0.0.0.0:20.0.0.1' '+10.0.0.1:20.0.0.1 ' '+10.0.0.1 :20.0.0.1' \
		'+10.0.0.256:20.0.0.1' '+10.0.0.01:20.0.0.1' '+10.0.0:20.0.0.1' '-10.0.0.7' '-20.0.0.7' \
		'-0.0.0.0' '-20.0.0.64' ' flush' 'flush ' FLUSH 'flush\n\n' 'flush\nflush' '+persistent\nflush' '+persisten' '+persistentt' \
		persistent '+10.0.0.1:20.0.0.1\0000' '+255.255.255.255:255.255.255.255' \
		'+10.0.0.1:20.0.0.1\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n')"
	expect "none of them changes anything" "$before" "$(bound $p20)"
	want="Illegal seek"
	expect_fail "not at another position" in_ns r sh -c "echo flush | dd of=$p20 bs=64 seek=1 conv=notrunc"
	tell $p20 'flush\n' 2>/dev/null
	expect "flush takes all" "|0 0 64 " "$(bound $p20)|$(stat_of $p20)"
	expect "and the first address is free" 20.0.0.0 "$(outside 10.0.0.7)"
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 200.100.100.0/24
	expect_ok "33 bytes, the longest command" tell $dir/200.100.100.0_24 '+100.100.100.100:200.100.100.100\n'
	expect "files as the manual says" "-rw-r--r-- 0 0" \
		"$(in_ns r ls -ln $p20 | awk '{ print substr($1, 1, 10), $3, $4 }')"
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
	flood 30 10.0.0.130-10.0.0.159
	nat -A POSTROUTING -s 10.4.0.0/16 -j DNETMAP --prefix 40.0.0.0/20
	flood 3000 10.4.0.0-10.4.11.183
	echo 0 >$sysctl
	kmsg_since_mark >"$XA_TMP/log"
	for text in 'new prefix 30.0.0.0/31' 'add binding 10.0.0.2 -> 20.0.0.1' \
		'timeout binding 10.0.0.1 -> 20.0.0.0' 'adding static binding 10.0.0.3:20.0.0.0' \
		'prefix 20.0.0.0/31 is now persistent' 'prefix 20.0.0.0/31 is now non-persistent' \
		'remove binding 10.0.0.3 -> 20.0.0.0' 'ip 10.0.0.101 - no free addresses in prefix 20.0.0.0/31' \
		'flushing prefix 20.0.0.0/31'; do
		expect_ok "the log says: $text" grep -qF "xt_DNETMAP: $text" "$XA_TMP/log" ||
			grep -F DNETMAP "$XA_TMP/log"
	done
	expect "3000 more bindings" "3000 0 4096 " "$(stat_of $dir/40.0.0.0_20)"
	expect_range "of which only some are logged" 0 1500 "$(grep -c 'add binding 10.4' "$XA_TMP/log")"
	expect "that a prefix is full, once each time" 2 "$(grep -c 'free addresses in prefix 20' "$XA_TMP/log")"
}

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

parameters()
{
	private_hosts
	expect "hash_size: a power of two" 256 "$(cat /sys/module/xt_DNETMAP/parameters/hash_size)"
	echo 1 >/proc/sys/net/netfilter/nf_log_all_netns
	kmsg_mark
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/30
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 20.0.1.0/31
	expect "whole_prefix=0: neither the first nor the last address" "20.0.0.1 20.0.0.2 10.0.0.3" \
		"$(outside 10.0.0.1 10.0.0.2 10.0.0.3)"
	expect "which are not in the file" "10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2|2" \
		"$(bound $dir/20.0.0.0_30)|$(in_ns r cat $dir/20.0.0.0_30 | wc -l)"
	expect "and cannot be static" "" "$(taken $dir/20.0.0.0_30 +10.0.0.5:20.0.0.0 +10.0.0.5:20.0.0.3)"
	tell $dir/20.0.0.0_30 flush 2>/dev/null
	echo 0 >/proc/sys/net/netfilter/nf_log_all_netns
	expect "disable_log" "" "$(kmsg_since_mark | grep -E 'DNETMAP: (new|add|timeout|remove|flush)')"
	outside 10.0.0.1 >/dev/null
	expect "a /31 has no such addresses" "0 0 2 " "$(stat_of $dir/20.0.1.0_31)"
	expect_range "default_ttl" 7000 7777 "$(ttl $dir/20.0.0.0_30 20.0.0.1)"
}

# Seven eighths of a MiB are enough for some 11900 bindings of neighbours, or 12800 where
# pointers have 32 bits.
memory()
{
	most=12300
	! narrow || most=13300
	file=$dir/20.16.0.0_16
	private_hosts
	nat -A POSTROUTING -s 10.4.0.0/16 -j DNETMAP --prefix 20.16.0.0/16 --ttl 100000
	flood 18000 10.4.0.0-10.4.255.255
	# shellcheck disable=SC2046 # fields
	expect_range "max_memory: no more than fit" 11500 $most $(stat_of "$file" | cut -d' ' -f1)
	expect "a static binding has no room" 1 "$(printf +10.33.0.5:20.16.255.5 |
		in_ns r dd of="$file" conv=notrunc 2>&1 | grep -c 'No space left')"
	expect "hosts beyond that have nothing" "10.0.0.1" "$(
		nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.16.0.0/16
		outside 10.0.0.1)"
	tell "$file" flush 2>/dev/null
	nat -R POSTROUTING 1 -s 10.4.0.0/16 -j DNETMAP --prefix 20.16.0.0/16 --ttl 0
	flood 18000 10.4.0.0-10.4.255.255
	expect "nothing is active" "0 0 65534 " "$(stat_of "$file")"
	expect "hosts of another network get what has timed out" "" \
		"$(outside 10.0.0.1 10.0.0.2 10.0.0.3 | xargs -n 1 | grep -v '^20\.16\.')"
	nat -R POSTROUTING 1 -s 10.8.0.0/16 -j DNETMAP --prefix 20.16.0.0/16 --ttl 100000
	flood 2000 10.8.0.0-10.8.255.255
	expect "and so do thousands" "2003 0 65534 " "$(stat_of "$file")"
	# the namespace has half of what max_memory says
	echo 1 >/sys/module/xa_budget/parameters/max_memory
	tell "$file" flush 2>/dev/null
	nat -R POSTROUTING 1 -s 10.4.0.0/16 -j DNETMAP --prefix 20.16.0.0/16 --ttl 0
	flood 9000 10.4.0.0-10.4.255.255
	expect "at the limit of the namespace, too, hosts get what has timed out" "" \
		"$(outside 10.0.0.1 10.0.0.2 10.0.0.3 | xargs -n 1 | grep -v '^20\.16\.')"
	echo 0 >/sys/module/xa_budget/parameters/max_memory
}

# Whoever makes the prefix pays for its bindings, not whoever sends
payer()
{
	if [ "$(cat /sys/module/xa_budget/parameters/charged)" = N ]; then
		skip_part "this kernel lets no module charge a cgroup in a softirq, or has PREEMPT_RT"
		return
	fi
	mkdir -p "$XA_TMP/cg"
	mount -t cgroup2 none "$XA_TMP/cg" 2>/dev/null
	if ! grep -qw memory "$XA_TMP/cg/cgroup.controllers" 2>/dev/null; then
		skip_part "this kernel has no memory controller (cgroup2)"
		umount "$XA_TMP/cg" 2>/dev/null
		return
	fi
	echo +memory >"$XA_TMP/cg/cgroup.subtree_control"
	group=$XA_TMP/cg/$xa_prefix
	mkdir "$group"
	private_hosts
	# shellcheck disable=SC2016 # that shell expands it
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" ip netns exec "$(ns_name r)" \
		"iptables-$XA_BACKEND" -t nat -A POSTROUTING -s 10.4.0.0/16 -j DNETMAP --prefix 20.16.0.0/16
	before=$(cat "$group/memory.current")
	flood 8000 10.4.0.0-10.4.255.255
	# some 80 bytes each; with sanitizers an object takes up to twice its size
	expect_range "bindings are charged to the cgroup of the rule" 450000 4000000 \
		$(($(cat "$group/memory.current") - before))
	ns_del_all
	wait_for 30 rmdir "$group"
	umount "$XA_TMP/cg"
}

# by_hand PUBLIC: bindings of hosts that are alone among eight addresses, each PUBLIC
# addresses behind the last one, until there is no room for more; how many there are
by_hand()
{
	in_ns r awk -v by="$1" 'BEGIN { for (i = 0; i < 65000 / by && i < 3000; i++)
		print "+10.32." int(i / 32) "." i % 32 * 8 ":20.16." int((i * by + 5) / 256) "." (i * by + 5) % 256 }' >"$XA_TMP/commands"
	# shellcheck disable=SC2016 # that shell expands it
	in_ns r sh -c 'while read -r c; do echo "$c" || break; done <"$1" >"$2"' sh "$XA_TMP/commands" "$file" 2>/dev/null
	stat_of "$file" | cut -d' ' -f2
	tell "$file" flush 2>/dev/null
}

# 560 bytes of each host that is alone, and 650 of each public address that is. With pointers
# of 32 bits it is less, and there is room for all that are tried, every 64th of the prefix.
sizes()
{
	file=$dir/20.16.0.0_16
	private_hosts
	nat -A POSTROUTING -s 10.4.0.0/16 -j DNETMAP --prefix 20.16.0.0/16
	most=840
	! narrow || most=1016
	expect_range "hosts far from each other" 1450 1750 "$(by_hand 1)"
	expect_range "which have public addresses far from each other" 680 $most "$(by_hand 64)"
}

# Limits of what is given when the module is loaded.
too_large()
{
	expect "values that are too large" "2147483647 32768" \
		"$(cd /sys/module/xt_DNETMAP/parameters && cat default_ttl hash_size | xargs)"
}

# Those of the manual, where nothing was given
defaults()
{
	expect "without parameters" "600 256 0 1 0" "$(cd /sys/module/xt_DNETMAP/parameters &&
		cat default_ttl hash_size disable_log whole_prefix max_memory | xargs)"
}

XA_BACKENDS=${XA_BACKENDS:-nft}
XA_BACKENDS=${XA_BACKENDS%% *}
each_backend expiry
each_backend full_for_a_while
each_backend victims
each_backend ttl_option
each_backend reuse
each_backend all_prefixes
each_backend timed_out_first
each_backend overlap
each_backend overlap_many
each_backend overlap_inside
each_backend many_prefixes
each_backend most_prefixes
each_backend all_static
each_backend commands
each_backend log
each_backend many
each_backend payer
defaults
expect_unload xt_DNETMAP

if ! mod_loaded xt_DNETMAP &&
   modprobe xt_DNETMAP whole_prefix=0 default_ttl=7777 hash_size=100 disable_log=1 max_memory=1 2>/dev/null; then
	each_backend parameters
	each_backend memory
	each_backend sizes
	expect_unload xt_DNETMAP
	modprobe xt_DNETMAP default_ttl=4294967295 hash_size=65536 2>/dev/null && too_large
	expect_unload xt_DNETMAP
else
	skip_part "parameters: the module cannot be loaded again"
fi
finish
