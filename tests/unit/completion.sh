#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# bash completion: each tool has it, and offers just the long options that its --help names; values
# where they are known.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TMP" || exit 1

# complete_ WORD...: what completes the last one, sorted
complete_() {
	PATH=$XA_TMP/bin:$PATH XA_PROC=$XA_TMP/proc bash -c 'file=$1; shift; . "$file"
		function=$(complete -p "$1") || exit
		function=${function#*-F } COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"${function%% *}" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
		[ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$XA_TOP/completion/xtables-anew.bash" "$@" 2>&1 | sort | paste -sd' '
}

mkdir -p bin db proc/xt_quota
printf '#!/bin/sh\n[ "$*" = --tables ] && printf "Found table: lan\\nFound table: sales\\n"\n' >bin/iptaccount
chmod +x bin/iptaccount
touch db/AB.iv4 db/AC.iv4 db/DE.iv4 db/15169.iv4 proc/xt_quota/customer1 'proc/xt_quota/a b'
expect "a table of ACCOUNT" "lan sales" "$(complete_ iptaccount -l '')"
expect "of a beginning" "sales" "$(complete_ iptaccount --list s)"
expect "behind =" "packets" "$(complete_ iptaccount --sort-by = p)"
expect "just behind =" "bytes packets" "$(complete_ xt_metrics --sort-by =)"
expect "a counter of quota2, blanks and all" 'a\ b customer1' "$(complete_ xt_quota2_listen '')"
expect "a second one" customer1 "$(complete_ xt_quota2_listen x c)"
expect "one that grows" customer1 "$(complete_ xt_state restore --grow c)"
expect "countries of a database" "AB AC" "$(complete_ xt_geoip_query -D db A)"
expect "AS numbers" 15169 "$(complete_ xt_asn_query --directory db 15)"
expect "a format" "maxmind mmdb" "$(complete_ xt_geoip_build -f m)"
expect "a folder" db "$(complete_ xt_geoip_load -D d)"
expect "a command" "restore save" "$(complete_ xt_state '')"
expect "behind options with values" "restore" "$(complete_ xt_state --netns x r)"
expect "the command of xtables-anew" doctor "$(complete_ xtables-anew '')"
expect "nothing where nothing is known" "" "$(complete_ xt_state --netns nowhere-at-all)"
expect "a file has no words of ours" "" "$(complete_ xt_state save '')"

[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
tools() {
	local dir
	for dir in $(cd "$XA_BUILD" && printf '%s\n' */Makefile | sed 's,/.*,,'); do
		make -s --no-print-directory -C "$XA_BUILD/$dir" --eval='xa-print: ; @echo $(bin_PROGRAMS) $(sbin_PROGRAMS) $(bin_SCRIPTS) $(sbin_SCRIPTS) $(dist_bin_SCRIPTS)' xa-print |
			tail -n 1 | xargs -n1 | grep . | sed "s,^,$dir/,"
	done
}
n=0
for t in $(tools); do
	name=${t#*/} path=$XA_BUILD/$t
	[ -x "$path" ] || path=$XA_TOP/$t
	[ "$name" != xthook ] || continue
	n=$((n + 1))
	expect "$name: the options of --help" "$("$path" --help | grep -oE -- '(^|[ [])--[a-z0-9-]+' | tr -d ' [' | sort -u | paste -sd' ')" \
		"$(complete_ "$name" --)"
done
check "tools were found" test "$n" -ge 15
check_none "and each has its link" "$(make -s -C "$XA_BUILD" install DESTDIR="$XA_TMP/dest" >/dev/null 2>&1
	for t in $(tools); do find dest -path "*/bash-completion/completions/${t#*/}" | grep -q . || echo "${t#*/}"; done)"
check_none "no tool is named that there is not" "$(sed -n '/^_xtables_anew_tools=/,/^.$/p' "$XA_TOP/completion/xtables-anew.bash" | cut -d' ' -f1 | grep -E '^[xikp]' |
	while read -r t; do [ -e "$(find dest -name "$t" -path '*bin/*' | head -n 1)" ] || [ -h "$(find dest -name "$t" -path '*bin/*' | head -n 1)" ] || echo "$t"; done)"
