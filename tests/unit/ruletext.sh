#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every line of the .t files through the plugins, built with the sanitizers:
# what is saved parses back to the same rule, what must fail fails.
# links: -lxtables
set -u
. "$XA_TOP/tests/hostlib.sh"
program=$1
ext=$XA_TOP/extensions

[ -f "${XA_BUILD:-}/config.h" ] || skip "no configured tree (XA_BUILD)"
need pkg-config pkg-config

build_plugin() {	# NAME
	# shellcheck disable=SC2046 # lists of flags
	gcc -g -O1 -shared -fPIC -fvisibility=hidden -fsanitize=address -fsanitize=undefined \
		-fno-sanitize-recover=all -I "$XA_BUILD" -I "$ext" -I "$XA_TOP/include" \
		-o "$XA_TMP/libxt_$1.so" "$ext/libxt_$1.c" \
		$(sed -n "s/^libs_$1=//p" "$XA_TOP/mconfig") \
		$(pkg-config --cflags --libs xtables)
}

# lines FAMILY FILE: the verdict is ruletext's
lines() {
	[ -f "$ext/$2" ] || return 0
	check "$2, IPv$1" env XTABLES_LIBDIR="$XA_TMP" ASAN_OPTIONS=detect_leaks=0 \
		"$program" "$1" "$ext/$2"
}

for e in $(extensions); do
	check "libxt_$e.c builds with sanitizers" build_plugin "$e"
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		ln -s "libxt_$e.so" "$XA_TMP/libxt_$also.so"
	done
	lines 4 "libxt_$e.t"
	lines 4 "libipt_$e.t"
	lines 6 "libip6t_$e.t"
	# a .t of its own for one family: then the common one is for the other
	[ -f "$ext/libip6t_$e.t" ] || [ -f "$ext/libipt_$e.t" ] || lines 6 "libxt_$e.t"
done
