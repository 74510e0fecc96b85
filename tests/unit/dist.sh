#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make dist makes the same tarball whatever the machine's times and rights are, and
# all that is in it.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"

tarball=xtables-anew-$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$XA_TOP/include/xa_version.h").tar.xz
dist() {
	rm -f "$XA_BUILD/$tarball"
	make -s -C "$XA_BUILD" dist >"$XA_TMP/log" 2>&1 || { tail -n 20 "$XA_TMP/log"; return 1; }
	mv "$XA_BUILD/$tarball" "$1"
}
export SOURCE_DATE_EPOCH=86400
umask 022
check "make dist" dist "$XA_TMP/first"
umask 077
export XZ_OPT=-T2
check "make dist a second time, with other rights and threads" dist "$XA_TMP/second"
expect "the same tarball" "$(sha256sum <"$XA_TMP/first")" "$(sha256sum <"$XA_TMP/second")"
expect "all files have the date of SOURCE_DATE_EPOCH" "1970-01-02" "$(tar -tvJf "$XA_TMP/first" --utc | awk '{ print $4 }' | sort -u)"
expect "and no owner" "0/0" "$(tar -tvJf "$XA_TMP/first" --numeric-owner | awk '{ print $2 }' | sort -u)"
tar -tJf "$XA_TMP/first" | sed 's,^[^/]*/,,' | sort >"$XA_TMP/names"
project() { if [ -e "$XA_TOP/.git" ]; then git -C "$XA_TOP" ls-files; else cat "$XA_TOP/MANIFEST"; fi; }
check_none "all of the project is in it" "$(project | while read -r f; do grep -qxF -e "$f" "$XA_TMP/names" || echo "$f"; done)"
