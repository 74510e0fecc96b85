#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every extension of mconfig has all its files; no file lacks its extension.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# partners NAME: files that the extension lacks
partners() {
	local f
	[ -f "kernel/xt_$1.c" ] || [ -f "kernel/xt_${1}_main.c" ] || echo "kernel/xt_$1.c"
	for f in "include/xt_$1.h" "extensions/libxt_$1.c" "extensions/libxt_$1.man" \
		 "tests/abi/xt_$1.c" "tests/behaviour/$1.sh"; do
		[ -f "$f" ] || echo "$f"
	done
	# executable specification: for all families, or one for each
	[ -f "extensions/libxt_$1.t" ] || [ -f "extensions/libipt_$1.t" ] ||
		[ -f "extensions/libip6t_$1.t" ] || echo "extensions/libxt_$1.t"
	# what the plugin translates has its lines
	! grep -q '\.xlate' "extensions/libxt_$1.c" 2>/dev/null || [ -f "extensions/libxt_$1.txlate" ] ||
		echo "extensions/libxt_$1.txlate"
}

# strangers: files with the name of an extension that mconfig does not have
strangers() {
	local f n
	for f in include/xt_*.h extensions/lib*.{c,man,t,txlate} tests/abi/xt_*.c tests/behaviour/*.sh kernel/xt_*.c; do
		[ -f "$f" ] || continue
		n=${f##*/}
		n=${n%.*}
		n=${n#libxt_} n=${n#libipt_} n=${n#libip6t_} n=${n#xt_}
		# kernel/xt_NAME_part.c, tests/behaviour/NAME-scene.sh
		n=${n%%[_-]*}
		# a tool's own test
		[ ! -d "$n" ] || continue
		grep -qxE "(build|engines|also)_$n=.*|also_[A-Za-z0-9]*=$n|services=(.* )?$n( .*)?" mconfig || echo "$f"
	done
}

# engines that mconfig names and that are not there, and the other way round
engines() {
	local e f
	for e in $(sed -n 's/^\(engines_[A-Za-z0-9]*\|services\)=//p' mconfig | xargs -n1 | sort -u); do
		[ -f "kernel/xa_$e.c" ] || [ -f "kernel/xa_${e}_main.c" ] || echo "kernel/xa_$e.c"
	done
	for f in kernel/xa_*.c; do
		e=${f#kernel/xa_}
		e=${e%.c}
		grep -qE "^(engines_.*|services)=(.* )?${e%%_*}( |\$)" mconfig || echo "$f: no extension stands on it"
	done
}

mconfig_lines() {
	grep -vnE '^(#.*|build_[A-Za-z0-9]+=[mn]|engines_[A-Za-z0-9]+=[a-z0-9 ]+|(services|with_btf)=[a-z0-9 ]+|tools_[A-Za-z0-9]+=[a-z0-9 ]+|also_[A-Za-z0-9]+=[A-Za-z0-9]+|libs_[A-Za-z0-9]+=.+|)$' mconfig
	sed -n 's/^\([a-z]*_[A-Za-z0-9]*\)=.*/\1/p' mconfig | sort | uniq -d
}

for e in $(extensions); do
	check_none "$e has all its files" "$(partners "$e")"
done
check_none "no file without its extension" "$(strangers)"
check_none "engines are there and used" "$(engines)"
check_none "mconfig has lines of known form, each once" "$(mconfig_lines)"
check_none "no two files differ only in case" "$(tracked | tr '[:upper:]' '[:lower:]' | sort | uniq -d)"
