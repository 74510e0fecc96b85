#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Who else loads plugins: iptables of several releases, nft list, tc and
# python3-iptables, each of its own Debian release (tests/userland).
. "${0%/*}/../lib.sh"

XA_USERLAND=${XA_USERLAND:-$HOME/.cache/xtables-anew/vm/userland}
XA_PLUGINS=$XA_TMP/plugins XA_WORK=$XA_TMP
export XA_USERLAND XA_PLUGINS XA_WORK
mconfig=${XA_MCONFIG:-${XA_TESTS%/*}/mconfig}

# in_release RELEASE PROGRAM...: in the namespace s
in_release()
{
	in_ns s bash "$XA_TESTS/userland" "$@"
}

# rules FAMILY: NAME TABLE CHAIN RULE of the first rule of each extension for which
# nothing must be prepared
rules()
{
	for name in $(sed -n 's/^build_\(.*\)=m/\1/p; s/^also_[^=]*=\(.*\)/\1/p' "$mconfig"); do
		file=$XA_EXTENSIONS/libxt_$name.t
		[ "$name" != dhcpmac ] || file=$XA_EXTENSIONS/libxt_DHCPMAC.t
		[ "$1" = 4 ] || [ ! -e "$XA_EXTENSIONS/libip6t_$name.t" ] || file=$XA_EXTENSIONS/libip6t_$name.t
		! grep -q "^# *family: *$((10 - $1)) *\$" "$file" || continue
		awk -F';' -v name="$name" 'BEGIN { table = "filter"; chain = "INPUT" }
			/^:/ { chain = $1; sub(/^:/, "", chain); sub(/,.*/, "", chain) }
			/^\*/ { table = substr($1, 2) }
			$3 == "OK" && $4 == "" && !/^[#:*@%]/ && $1 ~ "-[mj] " name "( |$)" {
				print name, table, chain, $1
				exit
			}' "$file"
	done
}

# shown NAME TEXT: a listing has the extension, or what it is in nft's words
shown()
{
	case $2 in
	*"$1"* | *'meta length'* | *'reject with tcp reset'* | *'meta mark set @nh'* | *'udp length 52'*)
		return 0 ;;
	esac
	return 1
}

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

# insert FAMILY RELEASE RESTORE: the rules, the Nth for packets from 10.77.0.N or
# fd77::N, by that iptables-restore
insert()
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
	done >"$XA_TMP/commands"
	expect_ok "$(basename "$3") of $2 takes the rules, IPv$1" in_release "$2" "$3" -n -w <"$XA_TMP/commands"
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
			if [ "$name$family" = ACCOUNT6 ]; then
				skip_part "python3-iptables cannot make IPv6 rules of ACCOUNT: parameter error"
				continue
			fi
			expect_match "python3-iptables of $version has $name, IPv$family" "$name {*" \
				"$(grep "^[! ]*$name " "$XA_TMP/out"; head -n 1 "$XA_TMP/err")"
		done <"$XA_TMP/rules$family"
	done
}

# tc_parses RELEASE: what follows the plugin's part is the kernel's, which may lack
# the action; iproute2 has it no more from 6.9 on
tc_parses()
{
	in_release "$1" tc -V | grep -q 'iproute2-[56]\.[0-9]\.' || return 0
	while IFS=' ' read -r name table _ rule; do
		case $rule in
		"-j $name"*)	;;
		*)	continue ;;
		esac
		# shellcheck disable=SC2086 # words
		in_release "$1" tc actions add action xt $rule >"$XA_TMP/out" 2>&1
		case $(cat "$XA_TMP/out") in
		*'RTNETLINK'* | *'module'* | '' | *"tablename"*)
			ok "tc of $version takes $name" ;;
		*)	not_ok "tc of $version takes $name" "$(cat "$XA_TMP/out")" ;;
		esac
	done <"$XA_TMP/rules4"
}

mkdir "$XA_PLUGINS"
for name in $(sed -n 's/^build_\(.*\)=m/\1/p; s/^also_[^=]*=\(.*\)/\1/p' "$mconfig"); do
	cp "/usr/lib/$(uname -m)-linux-gnu/xtables/libxt_$name.so" "$XA_PLUGINS/" ||
		xa_die "the plugin of $name is installed"
done
for setup in geoip asn; do
	# the other roots have no database to load
	{ sh "$XA_TESTS/t/$setup.setup" && "xt_${setup}_load" -q; } ||
		xa_die "the database of $setup is loaded"
done
rules 4 >"$XA_TMP/rules4"
rules 6 >"$XA_TMP/rules6"
ns_new s
for release in bullseye bookworm trixie sid; do
	if [ -e "$XA_USERLAND/$release/complete" ]; then
		release $release
		python $release
		tc_parses $release
	else
		skip_part "no iptables of Debian $release: tests/userland $release fetches it"
	fi
done
finish
