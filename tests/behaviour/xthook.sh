#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xthook on a machine that nft alone runs: rules come back as they were saved, keep their
# counters, and are replaced as a whole.
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"

# ---- what is saved is what is restored

# t_rules: the lines of all .t files that work, at the hooks and priorities of their tables
t_rules()
{
	for file in "$XA_EXTENSIONS"/lib*_*.t; do
		name=${file##*_} name=${name%.t}
		# of the table nat alone
		[ "$name" != DNETMAP ] || continue
		case $file in
		*/libip6t_*)	families=6 ;;
		*/libipt_*)	families=4 ;;
		*)	families='4 6'
			[ ! -e "$XA_EXTENSIONS/libip6t_$name.t" ] || families=4 ;;
		esac
		! grep -q '^# *family: *4' "$file" || families=4
		for f in $families; do
			awk -F';' -v f="$f" 'BEGIN { hook = "input"; p = "filter" }
				/^:/ { split(tolower(substr($0, 2)), c, ","); hook = c[1]; next }
				/^\*/ { p = substr($0, 2) == "nat" ? "dstnat" : substr($0, 2); next }
				/^[#@%]/ || !NF || $3 != "OK" || $4 != "" { next }
				{ print "add " hook " --priority " p " -" f " " $1 }' "$file"
		done
	done
}

# restored FILE: what the kernel refuses of it is taken out, to FILE.refused; at most 100 rules
restored()
{
	tries=100
	: >"$1.refused"
	until hook c restore "$1" 2>"$XA_TMP/err"; do
		# the last line: warnings of plugins stand in front of it
		line=$(sed -n "s,^xthook: $1:\([0-9]*\): .*,\1,p" "$XA_TMP/err" | tail -n 1)
		[ -n "$line" ] && [ $((tries -= 1)) -gt 0 ] || return 1
		sed -n "${line}p" "$1" >>"$1.refused"
		sed -i "${line}d" "$1"
	done
}

# same_again: save | restore | save of the ruleset of c is what it was
same_again()
{
	hook c save >"$XA_TMP/saved"
	hook c flush
	[ -z "$(hook c save)" ] || not_ok "flush" "$(hook c save)"
	hook c restore "$XA_TMP/saved" 2>"$XA_TMP/err" || not_ok "save | restore" "$(cat "$XA_TMP/err")"
	hook c save >"$XA_TMP/again"
	cmp "$XA_TMP/saved" "$XA_TMP/again"
}

# All lines of all .t files. Some have a name that others have for something else: these are
# left for the next ruleset, so that each line is in one of them.
identity()
{
	ns_new c
	for set in geoip asn; do
		sh "$XA_TESTS/t/$set.setup" || not_ok "the database of $set"
	done
	t_rules >"$XA_TMP/rules"
	all=$(wc -l <"$XA_TMP/rules") seen=0 sets=0
	while [ -s "$XA_TMP/rules" ] && [ $sets -lt 20 ]; do
		sets=$((sets + 1))
		restored "$XA_TMP/rules" || not_ok "ruleset $sets is restored" "$(cat "$XA_TMP/err")"
		taken=$(wc -l <"$XA_TMP/rules")
		# or it would be the same for ever
		[ "$taken" -gt 0 ] || break
		expect "ruleset $sets: $taken rules" "$taken" "$(hook c list | grep -cE '^ *[0-9]+  ')"
		expect_ok "save | restore | save" same_again
		hook c flush
		seen=$((seen + taken))
		mv "$XA_TMP/rules.refused" "$XA_TMP/rules"
	done
	expect "each rule of all extensions, $all, was in one of $sets rulesets" '' "$(cat "$XA_TMP/rules")"
	expect "none is missing" "$all" "$seen"
	ns_del c
}

# ---- one rule at a time

counters()
{
	ns_pair
	hook s add input -4 -p udp --dport 7
	hook s add input -4 -p udp --dport 8 -m quota2 --name q --quota 1000000
	for i in 1 2 3; do
		send 'ip / udp dport=7' 'ip / udp dport=8'
	done
	expect "a rule without a target counts" 3 "$(packets s 1 input -4)"
	hook s insert input -4 2 -p udp --dport 9
	hook s add input -p udp --dport 10
	send 'ip / udp dport=7' 'ip / udp dport=8'
	expect "counters stay when rules are added" '4 0 4 0' \
		"$(for i in 1 2 3 4; do packets s $i input -4; done | xargs)"
	hook s delete input -4 2
	hook s delete input -p udp --dport 10
	expect "counters stay when rules are deleted" '4 4' \
		"$(for i in 1 2 3 4; do packets s $i input -4; done | xargs)"
	quota=$(in_ns s cat /proc/net/xt_quota/q)
	expect_match "so does the state of matches" '999[0-9]*' "$quota"
	hook s save --counters >"$XA_TMP/counters"
	hook s restore "$XA_TMP/counters"
	expect "save --counters | restore" '4 4' "$(for i in 1 2; do packets s $i input -4; done | xargs)"
	hook s zero
	expect "zero" '0 0' "$(for i in 1 2; do packets s $i input -4; done | xargs)"
	want='no such rule' expect_fail "delete what is not there" hook s delete input -4 -p udp --dport 11
	expect "JSON" 'udp' "$(hook s list --json | grep -o '"rule":"-p udp' | head -n 1 | sed 's/.* //')"
	printf '%s\n' 'define geo 0x1/0x1' '# why' 'add input -m mark --mark @geo' >"$XA_TMP/named"
	hook s restore "$XA_TMP/named"
	hook s add forward -m mark ! --mark @geo -j DROP
	expect "names and comments are kept by the kernel" \
		'define geo 0x1/0x1|# why|add input --priority filter+10 -m mark --mark @geo|add forward --priority filter+10 -m mark ! --mark @geo -j DROP|' \
		"$(hook s save | grep . | tr '\n' '|')"
	printf '%s\n' 'add input -4 -j DROP' 'add input -4 -j DNETMAP' >"$XA_TMP/bad"
	want="$XA_TMP/bad:2: " expect_fail "what the kernel refuses is named by its line" hook s restore "$XA_TMP/bad"
	want="$XA_TMP/bad:2: " expect_fail "so does check" hook s check "$XA_TMP/bad"
	expect "nothing has changed" 4 "$(hook s list | grep -c ' @geo')"
	ns_del c s
}

# cases: WANT OPTIONS; C and S are the addresses of c and s, O is another one
input_cases()
{
	cat <<-END
		1 -i s+
		1 -i +
		1 -i s0
		1 -i s0+
		0 -i s
		0 -i s1+
		0 -i s00+
		0 ! -i s+
		0 ! -i s0
		1 ! -i t+
		1 ! -i s
		1 -s C
		0 -s S
		0 ! -s C
		1 ! -s O
		1 -d S
		0 -d C
		0 ! -d S
		1 ! -d C
		1 -s C -d S -i s+
		1 ! -s S ! -d C ! -i c+
	END
}

output_cases()
{
	cat <<-END
		1 -o c+
		1 -o +
		1 -o c0
		0 -o c
		0 -o s+
		0 ! -o c+
		1 ! -o s+
		1 ! -o s0
		1 ! -d C -o c+
	END
}

# tried 4|6 NS HOOK ADDR ADDR ADDR CASES: a rule and a packet for each case
tried()
{
	f=$1 where=$2 at=$3 c=$4 s=$5 o=$6 n=0
	[ "$f" = 4 ] && packet=ip || packet=ip6
	"$7" | sed "s/ C\\b/ $c/g; s/ S\\b/ $s/g; s/ O\\b/ $o/g" >"$XA_TMP/cases"
	awk -v at="$at" -v f="$f" '{ sub(/^[01] /, ""); print "add " at " -" f " -p udp --dport " NR " " $0 }' \
		"$XA_TMP/cases" >"$XA_TMP/matching"
	expect_ok "IPv$f, $at: the rules are restored" hook "$where" restore "$XA_TMP/matching"
	set --
	while [ $((n += 1)) -le "$(wc -l <"$XA_TMP/cases")" ]; do
		set -- "$@" "$packet src=$c dst=$s / udp dport=$n"
	done
	case $at in
	output)	in_ns "$where" pkt send --local "$@" >/dev/null ;;
	*)	send "$@" ;;
	esac
	hook "$where" list -v "$at" -"$f" | awk '$1 ~ /^[0-9]+$/ { print $2 }' >"$XA_TMP/hits"
	while read -r hits <&3 && read -r want options; do
		expect "IPv$f, $at: $options" "$want" "$hits"
	done <"$XA_TMP/cases" 3<"$XA_TMP/hits"
	expect "IPv$f, $at: all of them" "$(wc -l <"$XA_TMP/cases")" "$(wc -l <"$XA_TMP/hits")"
}

# What iptables has before the matches, through the program to the kernel
bases()
{
	ns_pair
	tried 4 s input 10.0.0.1 10.0.0.2 10.0.0.9 input_cases
	tried 6 s input fd00::1 fd00::2 fd00::9 input_cases
	tried 4 c output 10.0.0.1 10.0.0.2 10.0.0.9 output_cases
	tried 6 c output fd00::1 fd00::2 fd00::9 output_cases
	expect "interfaces are listed as they were written" '-i s+ -i s0 -i s0+' \
		"$(hook s save | grep -o -- '-i s[0+]*' | head -n 3 | xargs)"
	ns_del c s
}

# marks NS HOOK...: those that the rules there match, in their order
marks()
{
	xa_n=$1
	shift
	hook "$xa_n" list "$@" | sed -n 's/.*--mark 0x//p' | xargs
}

# Where a rule goes, and which ones
places()
{
	ns_new c
	for i in 1 2 3; do
		hook c add input -m mark --mark $i
	done
	hook c insert input -m mark --mark 4
	hook c insert input 2 -m mark --mark 5
	hook c insert input 6 -m mark --mark 6
	want='the chain has 6 rules only' expect_fail "behind the last" hook c insert input 8 -m mark --mark 7
	expect "inserted at the beginning, as the second, and as the last" '4 5 1 2 3 6' "$(marks c input -4)"
	expect "in both families" '4 5 1 2 3 6' "$(marks c input -6)"
	hook c delete input -m mark --mark 5
	hook c delete input -6 -m mark --mark 4
	hook c delete input -4 5
	expect "deleted in both families, or in one" '4 1 2 3|1 2 3 6' "$(marks c input -4)|$(marks c input -6)"
	hook c add input --priority 5 -m mark --mark 8
	hook c add input --priority 6 -m mark --mark 9
	hook c add forward --priority 5 -m mark --mark 0xa
	expect "a priority is listed" '8 8' "$(marks c input --priority 5)"
	hook c flush input --priority 5
	expect "it alone is flushed" '9 4 1 2 3|9 1 2 3 6|a a' "$(marks c input -4)|$(marks c input -6)|$(marks c forward)"
	hook c flush input -6
	expect "a family" '9 4 1 2 3||a a' "$(marks c input -4)|$(marks c input -6)|$(marks c forward)"
	hook c flush input
	expect "a hook" 'a a' "$(marks c input)$(marks c forward)"
	ns_del c
}

# What the kernel refuses, and devices that are not there
refusals()
{
	ns_pair
	if hook s add prerouting -4 -j CT --notrack 2>/dev/null; then
		want='the kernel refuses the rule: CT' expect_fail "CT without its helper is not missing itself" \
			hook s add prerouting -4 -p tcp -j CT --helper nosuch
	else
		skip_part "this kernel has no CT"
	fi
	hook s add ingress --dev s0 -4 -j DROP
	hook s add ingress --dev s00 -4 -j DROP
	expect "a device that is not there" 'ingress ip dev s0 priority filter-10|ingress ip dev s00 (not there) priority filter-10' \
		"$(hook s list | grep '^ingress' | paste -sd '|')"
	if in_ns s ip link property add dev s0 altname s0alt 2>/dev/null; then
		echo 'add ingress --dev s0alt -4 -j DROP' >"$XA_TMP/alt"
		want="$XA_TMP/alt:1: the kernel refuses the chain at ingress of s0alt: this is an alternative name" \
			expect_fail "an alternative name" hook s restore "$XA_TMP/alt"
	else
		skip_part "there are no alternative names here"
	fi
	ns_del c s
}

# As where the kernel lets nobody have more address space than there is memory
memory()
{
	ns_new c
	printf 'add input -4 -m mark --mark 1\nadd forward -j DROP\n' >"$XA_TMP/small"
	expect_ok "there is less than 512 MiB" sh -c 'ulimit -v 400000 && exec "$@"' sh \
		xthook --netns "$(ns_name c)" restore "$XA_TMP/small"
	expect "the rules are there" 2 "$(hook c save | grep -c add)"
	ns_del c
}

# Both add rules at the same time, each replaces the whole.
together()
{
	ns_new c
	for who in 1 2; do
		(
			for i in 0 1 2 3 4 5 6 7 8 9; do
				hook c add input -4 -m mark --mark "$who$i" || exit
			done
		) &
		eval "adder$who=\$!"
	done
	# shellcheck disable=SC2154 # set above
	wait "$adder1" && wait "$adder2" || not_ok "adding rules" "status $?"
	expect "two that add rules: none is lost" 20 "$(hook c list | grep -c -- '-m mark')"
	ns_del c
}

command -v nft >/dev/null || test_skip "there is no nft"
# the tests before may have left them
rmmod nft_compat 2>/dev/null
before=$(iptables_modules)

identity
counters
bases
places
refusals
memory
together
expect "no module of iptables has been loaded" "$before" "$(iptables_modules)"
expect_unload xa_hook
finish
