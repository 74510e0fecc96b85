#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tc loads plugins, too: targets in actions, matches in filters, with the tc of several
# Debian releases (tests/userland).
. "${0%/*}/../lib.sh"
. "${0%/*}/programs.inc"

# tc_runs RELEASE ARG...: the words of tc and of the plugin. The kernel answers when
# both are content: with RTNETLINK, as far as it lacks what tc asks for
tc_runs()
{
	tc_release=$1
	shift
	in_release "$tc_release" tc "$@" >"$XA_TMP/out" 2>&1
	grep -v 'libbpf' "$XA_TMP/out"
}

# tc_shown NAME FILE: what tc says has the target; of DELUDE without an option there is
# nothing to show, as iptables itself prints the names of targets
tc_shown()
{
	! grep -qi 'bad\|failed to find' "$2" || return
	[ "$1" != DELUDE ] || { grep -q 'target' "$2"; return; }
	shown "$1" "$(cat "$2")"
}

# tc_targets RELEASE: an action shows its target when it is made, and when it is listed
# by a kernel that has it; iproute2 and kernels have it no more from 6.8 on
tc_targets()
{
	if ! in_release "$1" tc -V | grep -q 'iproute2-\(5\.\|6\.[0-7]\.\)'; then
		skip_part "tc $version has no action with targets"
		return
	fi
	lists=''
	tc_runs "$1" actions add action xt -j MARK --set-mark 1 >"$XA_TMP/said"
	in_release "$1" tc actions ls action xt 2>&1 | grep -q 'MARK' && lists=yes
	in_release "$1" tc actions flush action xt >/dev/null 2>&1
	[ -n "$lists" ] || skip_part "tc $version on this kernel lists no targets, iptables' own MARK neither: $(grep -i error "$XA_TMP/said" | head -n 1)"
	while IFS=' ' read -r name table chain rule; do
		case $rule in
		*"-j $name"*)	;;
		*)	continue ;;
		esac
		# shellcheck disable=SC2086 # words
		tc_runs "$1" actions add action xt -j $name${rule#*-j "$name"} >"$XA_TMP/said"
		if tc_shown "$name" "$XA_TMP/said"; then
			ok "tc $version takes $name, IPv4"
		else
			not_ok "tc $version takes $name, IPv4" "$(cat "$XA_TMP/said")"
		fi
		[ -n "$lists" ] && ! grep -q 'RTNETLINK\|talking to the kernel' "$XA_TMP/said" || continue
		in_release "$1" tc actions ls action xt >"$XA_TMP/said" 2>&1
		if tc_shown "$name" "$XA_TMP/said"; then
			ok "tc $version lists $name, IPv4"
		else
			not_ok "tc $version lists $name, IPv4" "$(cat "$XA_TMP/said")"
		fi
		in_release "$1" tc actions flush action xt >/dev/null 2>&1
	done <"$XA_TMP/rules4"
}

# tc_matches RELEASE: kernels refuse all matches in filters but policy and addrtype,
# so that there is nothing to list; what tc and the plugin do comes before that. -p is
# no option of a match, so rules without are preferred
tc_matches()
{
	# what is in /usr/share is not in these roots
	map=$XA_USERLAND/$1/etc/iproute2/ematch_map
	[ -e "$map" ] || { mkdir -p "${map%/*}" && echo '9 ipt' >"$map"; } ||
		{ skip_part "tc $version has no ematch_map"; return; }
	tc_runs "$1" filter add dev lo parent ffff: protocol ip basic \
		match 'ipt(-m length --length 5)' action ok >"$XA_TMP/said"
	case $(cat "$XA_TMP/said") in
	*RTNETLINK* | *'talking to the kernel'*)	;;
	*)	skip_part "tc $version takes no match, iptables' own length neither: $(paste -sd' ' "$XA_TMP/said")"
		return ;;
	esac
	for family in 4 6; do
		six='' proto=ip
		[ $family = 4 ] || six='-6 ' proto=ipv6
		rules $family '-p ' >"$XA_TMP/bare"
		awk 'NR == FNR { have[$1] } NR == FNR || !($1 in have)' "$XA_TMP/bare" "$XA_TMP/rules$family" >"$XA_TMP/matches"
		while IFS=' ' read -r name table chain rule; do
			case $rule in
			*"-m $name"*)	rule="-m $name${rule#*-m "$name"}" ;;
			*)	continue ;;
			esac
			tc_runs "$1" filter add dev lo parent ffff: protocol $proto basic \
				match "ipt($six${rule%% -j *})" action ok >"$XA_TMP/said"
			case $(cat "$XA_TMP/said") in
			*'find match'*)
				not_ok "tc $version takes $name, IPv$family" "$rule: $(cat "$XA_TMP/said")" ;;
			*RTNETLINK* | *'talking to the kernel'*)
				ok "tc $version takes $name, IPv$family" ;;
			*)	not_ok "tc $version takes $name, IPv$family" "$rule: $(cat "$XA_TMP/said")" ;;
			esac
		done <"$XA_TMP/matches"
	done
}

prepare
for release in bullseye bookworm trixie sid; do
	if [ -e "$XA_USERLAND/$release/complete" ]; then
		version=$(in_release $release tc -V 2>/dev/null | sed 's/.*iproute2-\([0-9.]*[0-9]\).*/\1/')
		tc_targets $release
		tc_matches $release
	else
		skip_part "no tc of Debian $release: tests/userland $release fetches it"
	fi
done
finish
