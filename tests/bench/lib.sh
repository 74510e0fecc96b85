# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Verbs of the benchmark scripts; POSIX sh, sourced as
#	. "${0%/*}/lib.sh"
# On top of those of tests/lib.sh. README.md tells what the figures mean.
#
#	cost   LABEL PACKETS RULE...    what a rule of iptables costs
#	cost_by LABEL PACKETS FUNC ARG...  the same, FUNC SIDE ARG... sets up
#	scale, scale_by                 packets of all CPUs against those of one
#	worst_by LABEL PACKETS FUNC ARG...  what the slowest packet takes
#
# PACKETS are words for the kernel module (bench_parse.c). RULE goes to raw
# PREROUTING of a namespace; another namespace has an empty rule in its place.
# A rule is measured on each back end of $backends; $family is 4 or 6, $copies
# the number of copies of the rule, $cpus how many CPUs send.

XA_SPEC=bench/${0##*/}
XA_SPEC=${XA_SPEC%.sh}
. "${0%/*}/../lib.sh"

xb_file=/sys/kernel/debug/xa_bench
xb_runs=${XA_BENCH_RUNS:-5}
xb_pairs=${XA_BENCH_PAIRS:-500}
xb_worst_rounds=${XA_BENCH_WORST:-3}
backends=${XA_BACKENDS:-nft legacy}
family=4
copies=1
cpus=1
over=rule
after=true	# a command that is given the label when a cost was measured: is it one?

# xb_field NAME: of the last result
xb_field()
{
	tr ' ' '\n' <"$XA_TMP/result" | sed -n "s/^$1=//p"
}

# xb_measure WORDS: one measurement, into $XA_TMP/result
xb_measure()
{
	xa_ns=/run/netns/$xa_prefix
	(
		exec 5<"$xa_ns-rules" 6<"$xa_ns-base" || exit 1
		echo "rules=5 base=6 family=$family cpus=$cpus pairs=$xb_pairs $1" >$xb_file
	) && cat $xb_file >"$XA_TMP/result" && return
	not_ok "measuring $1" "$(dmesg | grep xa_bench | tail -n 1)"
	return 1
}

# xb_median FILE: middle, least and largest of the numbers, in ns of given ps
xb_median()
{
	sort -n "$1" | awk '{ v[NR] = $1 / 1000 }
		END { printf "%.1f\t%.1f\t%.1f", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

# xb_row WORD...: for the host, fields separated by tabs
xb_row()
{
	xa_row=row
	for xa_i; do
		xa_row="$xa_row	$xa_i"
	done
	echo "$xa_row"
}

# xb_reached LABEL: the packets went through; no figure without it
xb_reached()
{
	[ "$(xb_field accepted)" -gt 0 ] && [ "$(xb_field refused)" -eq 0 ] && return
	not_ok "$1: packets pass the rules" "$(cat "$XA_TMP/result")"
	return 1
}

# xb_run_cost LABEL BACKEND PACKETS
xb_run_cost()
{
	: >"$XA_TMP/costs"
	: >"$XA_TMP/bases"
	: >"$XA_TMP/accepted"
	xa_n=$xb_runs
	while [ $((xa_n -= 1)) -ge 0 ]; do
		xb_measure "$3" && xb_reached "$1" || return
		xb_field cost_ps >>"$XA_TMP/costs"
		xb_field base_ps >>"$XA_TMP/bases"
		xb_field accepted >>"$XA_TMP/accepted"
	done
	"$after" "$1" || return
	xb_row cost "${XA_SPEC#*/}" "$1" "$2" "$family" "$cpus" "$copies" "$over" "$3" \
		"$(xb_median "$XA_TMP/bases" | cut -f1)" "$(xb_median "$XA_TMP/costs")"
}

# xb_run_scale LABEL BACKEND PACKETS
xb_run_scale()
{
	xb_measure "mode=scale $3" && xb_reached "$1" || return
	xb_row scale "${XA_SPEC#*/}" "$1" "$2" "$family" "$cpus" "$copies" "$over" "$3" \
		"$(xb_field one_kpps)" "$(xb_field all_kpps)" "$(xb_field ratio)" \
		"$(xb_field base_one_kpps)" "$(xb_field base_all_kpps)" \
		"$(xb_field base_ratio)"
}

# xb_run_worst LABEL BACKEND PACKETS
xb_run_worst()
{
	xb_measure "mode=worst rounds=$xb_worst_rounds $3" && xb_reached "$1" || return
	xb_row worst "${XA_SPEC#*/}" "$1" "$2" "$family" "$cpus" "$copies" "$over" "$3" \
		"$(xb_field median_ns)" "$(xb_field worst_ns)" "$(xb_field base_median_ns)" \
		"$(xb_field base_worst_ns)"
}

# xb_rules SIDE RULE...: as many copies as wanted
xb_rules()
{
	xb_side=$1
	shift
	[ "$xb_side" = rules ] || set --
	xb_n=$copies
	while [ $((xb_n -= 1)) -ge 0 ]; do
		ipt "$family" "$xb_side" -t raw -A PREROUTING "$@" || return
	done
}

# xb_sides KIND LABEL BACKEND PACKETS FUNC ARG...: both namespaces, measured
xb_sides()
{
	xb_kind=$1 xb_label=$2 xb_backend=$3 xb_packets=$4 xb_func=$5
	shift 5
	ns_new rules base
	if "$xb_func" rules "$@" && "$xb_func" base "$@"; then
		"xb_run_$xb_kind" "$xb_label" "$xb_backend" "$xb_packets"
	else
		not_ok "$xb_label: the rules are accepted"
	fi
	ns_del rules base
}

# xb_backends KIND LABEL PACKETS FUNC ARG...: with iptables, on each back end
xb_backends()
{
	xb_kind=$1 xb_label=$2 xb_packets=$3
	shift 3
	for XA_BACKEND in $backends; do
		xb_sides "$xb_kind" "$xb_label" "$XA_BACKEND" "$xb_packets" "$@"
	done
}

cost()
{
	xb_label=$1 xb_packets=$2
	shift 2
	xb_backends cost "$xb_label" "$xb_packets" xb_rules "$@"
}

scale()
{
	xb_label=$1 xb_packets=$2
	shift 2
	xb_backends scale "$xb_label" "$xb_packets" xb_rules "$@"
}

# cost_by, scale_by LABEL PACKETS FUNC ARG...: FUNC SIDE ARG... sets up the
# namespace SIDE (rules or base) with iptables
cost_by()
{
	xb_backends cost "$@"
}

scale_by()
{
	xb_backends scale "$@"
}

worst_by()
{
	xb_backends worst "$@"
}

# xb_native KIND LABEL PACKETS RULE: a rule in nft's own words; there is no empty
# rule in nft, so it is compared with an empty chain
xb_native()
{
	over=chain
	xb_sides "$1" "$2" nft-native "$3" xb_nft "$4"
	over=rule
}

cost_nft()
{
	xb_native cost "$@"
}

scale_nft()
{
	xb_native scale "$@"
}

xb_nft()
{
	xb_fam=ip
	[ "$family" = 4 ] || xb_fam=ip6
	{
		echo "table $xb_fam bench {"
		[ "$1" = base ] || echo "$xb_sets"
		echo "chain prerouting { type filter hook prerouting priority raw;"
		[ "$1" = base ] || echo "$2"
		echo "}"
		echo "}"
	} >"$XA_TMP/ruleset"
	in_ns "$1" nft -f "$XA_TMP/ruleset"
}
xb_sets=
