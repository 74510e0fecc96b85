#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A rule that is refused after many good ones in one file of iptables-restore: the
# error is the one of that rule, whatever plugins have left behind.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need iptables-restore-translate iptables
ext=$XA_TOP/extensions
mkdir "$XA_TMP/plugins"
for e in $(extensions); do
	check "build the plugin of $e" make -s -C "$XA_BUILD/extensions" "libxt_$e.so"
	cp "$XA_BUILD/extensions/libxt_$e.so" "$XA_TMP/plugins/"
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		ln -sf "libxt_$e.so" "$XA_TMP/plugins/libxt_$also.so"
	done
done
XTABLES_LIBDIR=$XA_TMP/plugins:$(pkg-config --variable=xtlibdir xtables)
export XTABLES_LIBDIR

# good FAMILY EXTENSION: the rules of its .t file that a plugin takes
good() {
	local file=$ext/libxt_$2.t
	[ "$1" = 4 ] || [ ! -f "$ext/libip6t_$2.t" ] || file=$ext/libip6t_$2.t
	! grep -q "^# *family: *$((10 - $1)) *\$" "$file" || return 0
	awk -F';' '$3 == "OK" && $4 == "" && !/^[#:*@%]/ { print "-A INPUT " $1 }' "$file"
}

# told FAMILY PREFIX: the bad line after all the good ones, and what is said
told() {
	local lines
	{ echo '*filter'; cat "$XA_TMP/good"; echo '-A INPUT -m fuzzy --lower-limit 0'; } >"$XA_TMP/rules"
	lines=$(wc -l <"$XA_TMP/rules")
	"$2-restore-translate" -f "$XA_TMP/rules" >"$XA_TMP/out" 2>"$XA_TMP/err" && return 1
	cat "$XA_TMP/err"
	grep -q "fuzzy: bad value for option \"--lower-limit\"" "$XA_TMP/err" &&
		! grep -q "ACCOUNT\|geoip" "$XA_TMP/err" && grep -q "$lines" "$XA_TMP/err"
}

for family in 4 6; do
	prefix=iptables
	[ $family = 4 ] || prefix=ip6tables
	for e in $(extensions); do
		good $family "$e" >"$XA_TMP/good"
		[ ! -s "$XA_TMP/good" ] || check "after the rules of $e, IPv$family" told $family $prefix
	done
done
