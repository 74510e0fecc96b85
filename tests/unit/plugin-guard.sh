#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# One plugin fits every libxtables: it gets the table of options that the library
# reads; if it cannot be told what that is, rules are listed, and not made.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
program=$1 name=fuzzy

guard() {	# SIZE ARG...
	local size=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 "$program" "$size" "$XA_BUILD/extensions/libxt_$name.so" $name "$@" \
		>"$XA_TMP/words" 2>&1
}
reads() {	# SIZE: as a library with such entries, all of the table
	guard "$1" && diff - "$XA_TMP/words" <<-'END'
		lower-limit 0 3 3..10000000
		upper-limit 1 3 3..10000000
		 --lower-limit 0 --upper-limit 0
	END
}
lists() {	# SIZE: no table, and yet the rule is saved
	guard "$1" && diff - "$XA_TMP/words" <<-'END'
		no table
		 --lower-limit 0 --upper-limit 0
	END
}
refuses() {	# SIZE
	guard "$1" --lower-limit 5
	[ $? -eq 1 ] && grep '^libxt_fuzzy.so can only list rules here: .*Build .* again' "$XA_TMP/words"
}

check "build the plugin" make -s -C "$XA_BUILD/extensions" "libxt_$name.so"
for size in 48 56 64 72 80; do
	check "a library with entries of $size bytes reads all of the table" reads "$size"
done
for size in 40 96 104; do
	check "in a library with entries of $size bytes rules are listed" lists "$size"
	check "and an option is refused with a sentence" refuses "$size"
done
check "loads into a program that has set no parameters" reads -
