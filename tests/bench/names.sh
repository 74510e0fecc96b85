#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Rules that each name something of their own: what iptables-restore of 20000
# of them takes, and one more rule after that, next to 20000 rules of length2.
# Not here: psd and fuzzy, whose rules have no names but much memory.
# shellcheck disable=SC2154 # lib.sh sets backends and xb_runs
. "${0%/*}/lib.sh"

rules=20000
rounds=$(((xb_runs + 1) / 2))

# file RULE: for iptables-restore; & in RULE is the number of the rule
file()
{
	echo '*filter'
	seq $rules | sed "s,.*,-A FORWARD $1,"
	echo COMMIT
}

# took CMD...: prints the microseconds that it takes
took()
{
	xn_start=$(date +%s%N)
	"$@" >"$XA_TMP/out" 2>&1 || xa_die "$* failed: $(tail -n 1 "$XA_TMP/out")"
	echo $((($(date +%s%N) - xn_start) / 1000))
}

restore()
{
	ipt_restore 4 rules <"$XA_TMP/$1"
}

# round KIND RULE: one restore into a new namespace and one -A, into their files
round()
{
	ns_new rules
	took restore "$1" >>"$XA_TMP/$1.restore"
	# shellcheck disable=SC2046 # words are wanted
	took ipt 4 rules -A FORWARD $(echo "$2" | sed "s/&/1/g") >>"$XA_TMP/$1.append"
	ns_del rules
	sleep 2	# it is taken apart in the background
}

least()
{
	sort -n "$1" | head -n 1
}

# row LABEL WHAT N: microseconds of N rules
row()
{
	xn_peer=$(least "$XA_TMP/peer.$2") xn_ours=$(least "$XA_TMP/ours.$2")
	xb_row names "${XA_SPEC#*/}" "$1, $2" "$XA_BACKEND" 4 1 "$3" rule "" \
		"$(awk "BEGIN { printf \"%.0f\", $xn_peer * 1000 / $3 }")" \
		"$(awk "BEGIN { printf \"%.0f\", $xn_ours * 1000 / $3 }")" \
		$((xn_ours * 1000 / xn_peer))
}

# names LABEL RULE: & in RULE is a number
names()
{
	file "$peer" >"$XA_TMP/peer"
	file "$2" >"$XA_TMP/ours"
	for XA_BACKEND in $backends; do
		rm -f "$XA_TMP"/*.restore "$XA_TMP"/*.append
		xn_left=$rounds
		while [ $((xn_left -= 1)) -ge 0 ]; do
			round peer "$peer"
			round ours "$2"
		done
		row "$1" restore $rules
		row "$1" append 1
	done
}

peer='-m length2 --length &'
names 'another length2' "$peer"
names condition '-m condition --condition n&'
names quota2 '-m quota2 --name n& --quota 1000'
names pknock '-m pknock --name n& --checkip'
names iface '-m iface --iface n& --up'
modprobe xt_ACCOUNT max_tables_limit=$((rules + 1)) 2>/dev/null
names ACCOUNT '-j ACCOUNT --addr 10.0.0.0/30 --tname n&'
finish
