#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Who else loads plugins: iptables of several releases, nft list and
# python3-iptables, each of its own Debian release (tests/userland).
. "${0%/*}/../lib.sh"
. "${0%/*}/programs.inc"

# lists WHO FAMILY COMMAND...: prints the tables, each rule with its extension
lists()
{
	who=$1 family=$2
	shift 2
	"$@" >"$XA_TMP/listed" 2>"$XA_TMP/err" || cat "$XA_TMP/err"
	expect "$who says nothing" "" "$(grep -v -e '^# Warning: table .* is managed by iptables-nft' \
		-e '^# Warning: ip6*tables-legacy tables present' "$XA_TMP/err" | head -n 3)"
	number=0
	while IFS=' ' read -r name table chain rule; do
		number=$((number + 1))
		mark=$(grep -E "(10\.77\.0\.|fd77::)$number([^0-9]|\$)" "$XA_TMP/listed")
		if shown "$name" "$mark"; then
			ok "$who shows $name, IPv$family"
		else
			not_ok "$who shows $name, IPv$family" "got '$mark'"
		fi
	done <"$XA_TMP/rules$family"
}

# commands FAMILY: of iptables-restore: the rules, the Nth for packets from 10.77.0.N
# or fd77::N
commands()
{
	net=10.77.0.
	[ "$1" = 4 ] || net=fd77::
	for t in filter mangle nat raw; do
		awk -v t=$t -v net=$net 'BEGIN { print "*" t }
			$2 == t {
				rule = $0
				sub(/^[^ ]* [^ ]* [^ ]* /, "", rule)
				print "-A " $3 " -s " net NR " " rule
			}
			END { print "COMMIT" }' "$XA_TMP/rules$1"
	done
}

# insert FAMILY RELEASE RESTORE: the rules, by that iptables-restore
insert()
{
	commands "$1" >"$XA_TMP/commands"
	expect_ok "$(basename "$3") of $2 takes the rules, IPv$1" in_release "$2" "$3" -n -w <"$XA_TMP/commands"
}

# Rules of all extensions, saved before the databases have lost the countries and AS
# numbers in them, and restored after that.
lost()
{
	XA_BACKEND=nft
	ns_new lost
	for family in 4 6; do
		commands $family | ipt_restore $family lost
		ipt_save $family lost | sed '/^#/d' >"$XA_TMP/saved$family"
		expect "IPv$family: rules of all extensions were saved" "$(wc -l <"$XA_TMP/rules$family")" \
			"$(grep -cE '10\.77\.0\.|fd77::' "$XA_TMP/saved$family")"
	done
	mkdir "$XA_TMP/geoip" "$XA_TMP/asn"
	echo 10.0.0.0/24,ZZ | xt_geoip_build -q -f cidr -D "$XA_TMP/geoip" -i - && xt_geoip_load -q -D "$XA_TMP/geoip" &&
		echo 10.0.0.0/24,1 | xt_asn_build -q -f cidr -D "$XA_TMP/asn" -i - && xt_asn_load -q -D "$XA_TMP/asn" ||
		xa_die "databases of other labels are loaded"
	for family in 4 6; do
		ipt_restore $family lost <"$XA_TMP/saved$family" 2>"$XA_TMP/err"
		expect "IPv$family: what was saved is restored" 0 $?
		# that of a rule without options it has in any case
		expect "IPv$family: with a warning for geoip, asn and lscan, for nothing else" "asn geoip lscan" \
			"$(sed 's/:.*//' "$XA_TMP/err" | sort -u | paste -sd' ')"
		ipt_save $family lost | sed '/^#/d' >"$XA_TMP/again"
		expect_ok "IPv$family: all of it" cmp "$XA_TMP/again" "$XA_TMP/saved$family"
	done
	ns_del lost
}

# tables RELEASE PROGRAM COMMAND: that command for all tables
tables()
{
	for t in filter mangle nat raw; do
		in_release "$1" "$2" -w -t $t "$3" || return
	done
}

ipt_name()
{
	[ "$1" = 4 ] && echo iptables || echo ip6tables
}

# nft_lists RELEASE BACKEND FAMILY
nft_lists()
{
	[ "$2" != legacy ] || return 0
	nft=$(in_release "$1" nft -v | cut -d' ' -f1,2)
	case $nft in
	*' v0.'*)	# a target is what its plugin prints then, which may be nothing
		skip_part "$nft does not name the targets that it lists" ;;
	*)
		lists "$nft, rules of $version" "$3" in_release "$1" nft list ruleset ;;
	esac
}

# releases of iptables and nft with both back ends
release()
{
	version=$(cat "$XA_USERLAND/$1/complete")
	for back in ${XA_BACKENDS:-nft legacy}; do
		backend_works "$back" || continue
		for family in 4 6; do
			ipt=$(ipt_name $family)
			insert $family "$1" "/usr/sbin/$ipt-$back-restore"
			lists "iptables-$back $version -S" $family tables "$1" "/usr/sbin/$ipt-$back" -S
			lists "iptables-$back $version -L" $family tables "$1" "/usr/sbin/$ipt-$back" -nL
			nft_lists "$1" "$back" $family
			[ $back = legacy ] || lists "this machine's nft, rules of $version" $family in_ns s nft list ruleset
			tables "$1" "/usr/sbin/$ipt-$back" -F
		done
	done
}

# python RELEASE: python3-iptables makes each rule and reads it back
python()
{
	backend_works legacy || { skip_part "python3-iptables: this kernel has no iptables-legacy"; return; }
	cp "${0%.sh}.py" "$XA_TMP/programs.py"
	for family in 4 6; do
		in_release "$1" python3 /xa/work/programs.py $family "/xa/work/rules$family" >"$XA_TMP/out" 2>"$XA_TMP/err"
		if [ "$(cat "$XA_TMP/out")" = broken ]; then
			skip_part "python3-iptables of $version does not find the options of the udp match, either"
			return
		fi
		while IFS=' ' read -r name _; do
			expect_match "python3-iptables of $version has $name, IPv$family" "$name {*" \
				"$(grep "^[! ]*$name " "$XA_TMP/out"; head -n 1 "$XA_TMP/err")"
		done <"$XA_TMP/rules$family"
	done
}

prepare
for release in bullseye bookworm trixie sid; do
	if [ -e "$XA_USERLAND/$release/complete" ]; then
		release $release
		python $release
	else
		skip_part "no iptables of Debian $release: tests/userland $release fetches it"
	fi
done
lost
finish
