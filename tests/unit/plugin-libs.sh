#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The plugins, built once on this machine, in the libxtables of several Debian
# releases (1.8.7, 1.8.9, 1.8.11, 1.8.13): every line of the .t files is parsed and
# saved as in unit/ruletext; iptables-translate of each release parses each rule,
# and translates what the .txlate files say.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
ext=$XA_TOP/extensions
export XA_PLUGINS=$XA_TMP/plugins XA_WORK=$XA_TMP/work
mkdir -p "$XA_PLUGINS" "$XA_WORK"

# without sanitizers: their library is not in the other roots
compile() {
	gcc -O1 -D_GNU_SOURCE -DXT_VERSION='"1"' -o "$XA_WORK/$1" "$XA_TOP/tests/$2" -lxtables
}
plugins() {
	local e also
	make -s -C "$XA_BUILD/addrdb" || return
	for e in $(extensions); do
		make -s -C "$XA_BUILD/extensions" "libxt_$e.so" &&
			cp "$XA_BUILD/extensions/libxt_$e.so" "$XA_PLUGINS/" || return
		for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
			ln -sf "libxt_$e.so" "$XA_PLUGINS/libxt_$also.so"
		done
	done
}
check "build the plugins" plugins
check "build the reader of .t files" compile ruletext unit/ruletext.c
cp "$XA_TOP/tests/t/translate.py" "$XA_WORK/"

in_release() {
	"$XA_TOP/tests/userland" "$release" "$@"
}

# files EXTENSION: lines "FAMILY FILE"
files() {
	local e=$1 family
	for family in 4 6; do
		if [ -f "$ext/libip6t_$e.t" ] && [ $family = 6 ]; then
			echo "6 libip6t_$e.t"
		elif ! grep -q "^# *family: *$((10 - family)) *\$" "$ext/libxt_$e.t"; then
			echo "$family libxt_$e.t"
		fi
	done
	[ ! -f "$ext/libipt_$e.t" ] || echo "4 libipt_$e.t"
}

# lines FAMILY FILE: RULE;OK or RULE;FAIL of a .t file, with the chain, where
# the plugin has the word
lines() {
	local chain=INPUT rule verdict variant
	while IFS=';' read -r rule _ verdict variant; do
		case $rule in
		:*)	chain=${rule#:} chain=${chain%%,*} ;;
		[#*@%]* | '')	;;
		*)	[ -n "$variant" ] || echo "$verdict -A $chain $rule" ;;
		esac
	done <"$2"
}

# translated FAMILY FILE
translated() {
	lines "$1" "$ext/$2" >"$XA_WORK/lines"
	in_release python3 /xa/work/translate.py "$(ip_tables "$1")" /xa/work/lines
}
ip_tables() { [ "$1" = 4 ] && echo iptables-translate || echo ip6tables-translate; }

# without what differs from release to release: quotes around the command
normal() {
	sed -e "s/^nft '\(.*\)'\$/nft \1/" -e 's/[[:blank:]]*$//'
}

# txlate FILE: what it says of each command
txlate() {
	local line
	: >"$XA_TMP/got"
	while IFS= read -r line; do
		case $line in
		iptables-translate\ * | ip6tables-translate\ *)
			echo "$line" >>"$XA_TMP/got"
			echo "OK ${line#* }" >"$XA_WORK/lines"
			in_release python3 /xa/work/translate.py "${line%% *}" /xa/work/lines say >>"$XA_TMP/got" || return ;;
		esac
	done <"$1"
	diff <(grep -v '^\(#.*\|\)$' "$1" | normal) <(normal <"$XA_TMP/got")
}

for release in bullseye bookworm trixie sid; do
	if ! root=$("$XA_TOP/tests/userland" "$release" 2>"$XA_TMP/why") || ! in_release python3 -c '' 2>"$XA_TMP/why"; then
		echo "skip $spec: iptables of Debian $release: $(tail -n 1 "$XA_TMP/why")"
		continue
	fi
	version=$(cat "$root/complete")
	for e in $(extensions); do
		while read -r family file; do
			cp "$ext/$file" "$XA_WORK/$file"
			check "$version: parse and save $file, IPv$family" in_release /xa/work/ruletext "$family" "/xa/work/$file"
			check "$version: $(ip_tables "$family") $file" translated "$family" "$file"
		done < <(files "$e")
		[ ! -f "$ext/libxt_$e.txlate" ] || check "$version: libxt_$e.txlate" txlate "$ext/libxt_$e.txlate"
	done
done
