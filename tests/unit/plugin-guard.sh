#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A plugin that was built for another iptables than the one that loads it says
# so and is not used; in its own iptables it says nothing.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
version=$(sed -n 's/#define XA_XTABLES_VERSION "\(.*\)"/\1/p' "$XA_BUILD/config.h")
program=$1 name=condition

load() {	# VERSION
	ASAN_OPTIONS=detect_leaks=0 "$program" "$1" "$XA_BUILD/extensions/libxt_$name.so" $name \
		>"$XA_TMP/words" 2>&1
}
uses() { load "$1" && [ ! -s "$XA_TMP/words" ]; }
refuses() {
	load "$1"
	[ $? -eq 1 ] && grep "^libxt_$name.so was built for iptables $version, but this is .*${1:-a program}.*: build .* again" "$XA_TMP/words"
}

check "build the plugin" make -s -C "$XA_BUILD/extensions" "libxt_$name.so"
for running in "$version" "$version (legacy)" "$version (nf_tables)"; do
	check "is used by $running, in silence" uses "$running"
done
for running in "${version}0" "${version%.*}" "0$version" "$version.1" "0.2" ""; do
	check "refuses ${running:-a program without a version}" refuses "$running"
done
