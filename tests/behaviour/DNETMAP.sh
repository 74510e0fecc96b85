#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: private hosts behind the router r get public addresses, and are
# reached through them; judged by what the far end sees and who answers it.
# DNETMAP-table.sh has times, prefixes, the file and large numbers.
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/DNETMAP.inc
. "${0%/*}/DNETMAP.inc"

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
	expect "S for its times" "10.0.0.5 -> 20.0.0.5 --- ttl: S lasthit: S" \
		"$(in_ns r grep ' 20.0.0.5 ' $p20)"
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
	expect_files "no file is left" r $dir ""
	ct_flush r	# or bindings would be taken back, see DNETMAP-failover
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "it begins anew" "20.0.0.0 1 0 64 " "$(outside 10.0.0.6) $(stat_of $p20)"
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
	ct_flush r	# the flow would bring its binding back
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "nor its bindings" 20.0.0.0 "$(outside 10.0.0.2)"
	ipt 4 s -t nat -F
	ns_del s
	expect "a namespace that goes leaves others alone" "10.0.0.2>20.0.0.0" "$(bound $p20)"
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

each_backend snat_only
each_backend two_prefixes
each_backend both_ways
each_backend static_only
each_backend persistent
each_backend output
each_backend lifetime
racing each_backend races

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
each_backend doomed
expect_unload xt_DNETMAP
finish
