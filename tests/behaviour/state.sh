#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xt_state: what rules have come to know is there again after they were loaded anew, also if
# it was saved without them, and in another namespace; with real modules
. "${0%/*}/../lib.sh"

# rules NS: with all the state there is
rules()
{
	for f in 4 6; do
		ipt $f "$1" -A INPUT -m condition --condition 'main "tenance"'
		ipt $f "$1" -A INPUT -m condition --condition off
		ipt $f "$1" -A INPUT -m condition --condition timed
		ipt $f "$1" -A INPUT -p udp -m quota2 --name q --quota 1000
		ipt $f "$1" -A INPUT -p udp -m quota2 --name up --grow
		ipt $f "$1" -A INPUT -p tcp -m pknock --knockports 7,8 --name 'a door' --time 60 --autoclose 10
	done
	ipt 4 "$1" -t nat -A POSTROUTING -s 10.1.0.0/16 -j DNETMAP --prefix 20.0.0.0/26
}

no_rules()
{
	ipt 4 "$1" -F
	ipt 6 "$1" -F
	ipt 4 "$1" -t nat -F
}

# state NS ARGS...
state()
{
	xa_ns=$1
	shift
	xt_state --netns "$(ns_name "$xa_ns")" "$@"
}

# facts NS: all of it, without what goes on with the time
facts()
{
	in_ns "$1" sh -c 'cd /proc/net && grep . nf_condition/* xt_quota/* xt_DNETMAP/*_stat && grep -h " S " xt_DNETMAP/20* &&
		sed "s/accepted_knock_count.*autoclose_time=.*/closes/; s/ proto.* status/ status/; s/ accepted.*/ stays/" xt_pknock/* | sort' 2>&1
}

# What there is after a while of traffic.
use()
{
	in_ns "$1" sh -c 'echo 1 >"/proc/net/nf_condition/main \"tenance\""; echo 1 86400 >/proc/net/nf_condition/timed; echo +10.1.0.5:20.0.0.5 >/proc/net/xt_DNETMAP/20.0.0.0_26
		echo +persistent >/proc/net/xt_DNETMAP/20.0.0.0_26; echo "+fd00::1:2" >"/proc/net/xt_pknock/a door"'
	in_ns "$1" pkt send --local 'ip src=127.0.0.1 dst=127.0.0.1 / udp dport=9 / data zero=72' \
		'ip src=127.0.0.2 dst=127.0.0.1 / tcp dport=7' 'ip src=127.0.0.2 dst=127.0.0.1 / tcp dport=8' \
		'ip src=127.0.0.3 dst=127.0.0.1 / tcp dport=7' >/dev/null
}

used='nf_condition/main "tenance":1
nf_condition/off:0
nf_condition/timed:1
xt_quota/q:900
xt_quota/up:100
xt_DNETMAP/20.0.0.0_26_stat:0 1 64 0 persistent
10.1.0.5 -> 20.0.0.5 --- ttl: S lasthit: S
src=127.0.0.2 status=ALLOWED closes
src=fd00::1:2 status=ALLOWED stays'

again()
{
	ns_new a b
	rules a
	use a
	expect "what there is" "$used" "$(facts a | grep -v MATCHING)"
	expect_ok "save" state a save "$XA_TMP/state"
	expect "a line for each" 9 "$(sed -n 's,^end ,,p' "$XA_TMP/state")"
	no_rules a
	in_ns a sh -c 'echo -persistent >/proc/net/xt_DNETMAP/20.0.0.0_26'
	expect_ok "nothing is left of it" wait_for 10 in_ns a sh -c '[ -z "$(ls /proc/net/xt_pknock /proc/net/xt_quota | grep -v :)" ]'
	rules a
	expect_ok "restore" state a restore --replace "$XA_TMP/state"
	expect "all is there again" "$used" "$(facts a)"
	expect "and nothing was left out" "" "$(cat "$XA_TMP/out")"
	left=$(in_ns a sed -n 's/.*autoclose_time=\([0-9]*\) .*/\1/p' '/proc/net/xt_pknock/a door')
	expect_range "the door closes when it would have" 1 600 "$left"
	left=$(in_ns a cat /proc/net/xt_condition/timed)
	expect_range "the condition changes when it would have" 80000 86400 "${left#1 }"

	rules b
	in_ns b sh -c 'echo 400 >/proc/net/xt_quota/q; echo 1 >/proc/net/nf_condition/off; echo 5000 >/proc/net/xt_quota/up'
	expect_ok "merged in another namespace" sh -c "xt_state -n $(ns_name a) save | xt_state -n $(ns_name b) restore --grow up"
	expect "the lower quota, the higher counter, what is 1, and all doors" \
		"$(echo "$used" | sed 's/q:900/q:400/; s/up:100/up:5000/; s/off:0/off:1/')" "$(facts b)"
	sed 's/^quota 900/quota 1/; s/^end .*/end 999/' "$XA_TMP/state" >"$XA_TMP/bad"
	want="bad, line" expect_fail "a bad file" state b restore --replace "$XA_TMP/bad"
	expect "changes nothing" 400 "$(in_ns b cat /proc/net/xt_quota/q)"
	ns_del b
	ns_new b
	expect_ok "where there are no rules all is left out" state b restore "$XA_TMP/state"
	expect "and said" 9 "$(grep -c 'left out, since no rule has it' "$XA_TMP/out")"
}

# Rules that are replaced, and rules that are not there when their state is saved
lost()
{
	ns_new a
	rules a
	use a
	for f in 4 6; do
		ipt_save $f a >"$XA_TMP/rules$f"
		expect_ok "IPv$f rules are replaced by iptables-restore" ipt_restore $f a <"$XA_TMP/rules$f"
	done
	expect "and have what they had" "$used" "$(facts a | grep -v MATCHING)"
	state a save "$XA_TMP/kept"
	no_rules a
	in_ns a sh -c 'echo -persistent >/proc/net/xt_DNETMAP/20.0.0.0_26'
	expect_ok "nothing is left of it" wait_for 10 in_ns a sh -c '[ -z "$(ls /proc/net/xt_pknock /proc/net/xt_quota | grep -v :)" ]'
	expect_ok "save without rules" state a save "$XA_TMP/kept"
	expect "nothing is lost" 9 "$(grep -c '^gone ' "$XA_TMP/kept")"
	rules a
	expect_ok "restore" state a restore --replace "$XA_TMP/kept"
	expect "all is there again" "$used" "$(facts a)"
	expect_ok "save with rules" state a save "$XA_TMP/kept"
	expect "nothing is gone" "0 9" "$(grep -c '^gone ' "$XA_TMP/kept") $(sed -n 's/^end //p' "$XA_TMP/kept")"
}

each_backend again
each_backend lost
finish
