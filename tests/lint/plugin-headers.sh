#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The plugins compile with the headers of the oldest and the newest libxtables
# that Debian has.
set -u
. "$XA_TOP/tests/hostlib.sh"
warn=$(sed -n 's/^XA_WARN="\(-Wall.*\)"/\1/p' "$XA_TOP/configure.ac")

compile() {	# NAME
	# shellcheck disable=SC2086 # a list
	gcc $warn -Werror -O1 -fPIC -c -o /dev/null -D_GNU_SOURCE -DPACKAGE_NAME='"lint"' \
		-I "$XA_TMP/$release" -I "$XA_TOP/extensions" -I "$XA_TOP/include" \
		"$XA_TOP/extensions/libxt_$1.c"
}

for release in bullseye sid; do
	if ! root=$("$XA_TOP/tests/userland" "$release" 2>"$XA_TMP/why"); then
		echo "skip $spec: headers of Debian $release: $(tail -n 1 "$XA_TMP/why")"
		continue
	fi
	mkdir -p "$XA_TMP/$release"
	cp "$root"/usr/include/xtables*.h "$XA_TMP/$release/"
	: >"$XA_TMP/$release/config.h"
	for e in $(extensions); do
		check "libxt_$e.c with the headers of $(cat "$root/complete")" compile "$e"
	done
done
