#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the option table of a plugin offers stands in its help, its manual
# section and its .t file; so do the module's parameters in the manual.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# names in the option tables of a plugin, which may take them from macros
options() {
	gcc -E -P -I "$XA_TMP" -I include -I extensions "extensions/libxt_$1.c" 2>/dev/null |
		tr -d '\n' | grep -oE 'struct xt_option_entry [A-Za-z0-9_]+\[\] *= *\{[^;]*' |
		grep -oE '\.name *= *"[^"]+"' | cut -d'"' -f2 | sort -u
}

# the words of a manual section, without roff's escapes
manual() {
	sed -e 's/\\-/-/g' -e 's/\\f[A-Z]//g' -e 's/\\|//g' "extensions/libxt_$1.man"
}

parameters() {
	grep -hoE 'module_param(_named|_array|_string|_cb|_call)?\([A-Za-z0-9_]+' "kernel/xt_$1".c "kernel/xt_$1"_*.c 2>/dev/null |
		cut -d'(' -f2 | sort -u
}

missing() {	# NAME
	local o p
	# a pattern, or a compiler, that no longer finds anything would pass all there is
	[ -n "$(options "$1")" ] || ! grep -q 'xt_option_entry [a-z]' "extensions/libxt_$1.c" ||
		echo "extensions/libxt_$1.c: its option table was not found"
	for o in $(options "$1"); do
		manual "$1" | grep -qE -- "--$o([^a-z0-9-]|\$)" ||
			echo "extensions/libxt_$1.man: --$o is not explained"
		sed -n '/_help(void)/,/^}/p' "extensions/libxt_$1.c" | grep -qF -- "--$o" ||
			echo "extensions/libxt_$1.c: --$o is not in the help"
		cat extensions/lib{xt,ipt,ip6t}_"$1".t 2>/dev/null | grep -qE -- "--$o( |;)" ||
			echo "extensions/libxt_$1.t: --$o is not tried"
	done
	for p in $(parameters "$1"); do
		manual "$1" | grep -qw -- "$p" ||
			echo "extensions/libxt_$1.man: the module parameter $p is not explained"
	done
}

printf '#define PACKAGE_NAME ""\n' >"$XA_TMP/config.h"
for e in $(extensions); do
	check_none "$e" "$(missing "$e")"
done
