#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The manual pages are rendered without a warning.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

groff_is_silent() {
	man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null | grep . && return 1
	return 0
}

# A page that is named and not there is no defect of this one.
mandoc_is_silent() { mandoc -T lint -W warning "$1"; }

doc/assemble "xtables-anew 0" >"$XA_TMP/xtables-addons.8" || exit 1
for page in "$XA_TMP/xtables-addons.8" $(tracked '*.[1-8]'); do
	name=${page##*/}
	if command -v groff >/dev/null && command -v man >/dev/null; then
		check "$name, groff" groff_is_silent "$page"
	else
		echo "skip $spec: $name: man and groff are missing (Debian: man-db groff)"
	fi
	if command -v mandoc >/dev/null; then
		check "$name, mandoc" mandoc_is_silent "$page"
	else
		echo "skip $spec: $name: mandoc is missing (Debian: mandoc)"
	fi
	# man runs tbl in any case, but not what reads this line
	! grep -q '^\.TS' "$page" || check "$name: its first line says that it has tables" grep -qx "'.\" t" <(head -n 1 "$page")
	check_none "$name: a minus that can be copied" \
		"$(sed -e '/^\.\\"/d' "$page" | grep -nE '(^|[^\\-])--[a-z]')"
done

page=$XA_TMP/xtables-addons.8
plain() { sed -e 's/\\f[A-Z]//g; s/\\-/-/g' "$@"; }
section() { plain "$2" | sed -n "/^\.SH $1/,/^\.SH [^$(printf %.1s "$1")]/p"; }
check_none "xtables-addons(8), SEE ALSO: all other pages" "$(tracked '*.[1-8]' | while read -r p; do
	n=${p##*/}
	section 'SEE ALSO' "$page" | grep -q "\b${n%.*}(${n##*.})" || echo "$n"; done)"
check_none "and none that there is not" "$(section 'SEE ALSO' "$page" | grep -oE '\b(xt|lib|pkn|knock|iptacc)[A-Za-z0-9_.-]*\([1-8]\)' | tr '()' '. ' | while read -r n; do
	[ "$n" = xtables-addons.8 ] || tracked "*/$n" | grep -q . || echo "$n"; done)"
check_none "FILES: each of /proc that a section names" "$(plain extensions/*.man | grep -oE '/proc/net/[A-Za-z0-9_]+' | sort -u | while read -r f; do
	section FILES "$page" | grep -q "$f\b" || echo "$f"; done)"
check_none "INDEX: each extension once" "$(diff <(section INDEX "$page" | grep -A1 '^\.TP' | grep -v '^\(\.TP\|--\)' | sort) \
	<(grep '^build_.*=m' mconfig | sed 's/^build_\(.*\)=.*/\1/' | cat - <(sed -n 's/^also_.*=//p' mconfig) | sort))"
check_none "every page has a name and what to see also" "$(for p in $(tracked '*.[1-8]'); do
	for s in NAME 'SEE ALSO'; do grep -q "^\.SH $s\$" "$p" || echo "$p: $s"; done; done)"
check_none "every command of the library has its name in the page" "$(sed -n 's/^\(.* \**\)\?\(ipt_ACCOUNT_[a-z_]*\)(.*/\2/p' iptaccount/libxt_ACCOUNT_cl.h | sort -u | while read -r f; do
	sed -n '/^\.SH NAME/,/^\.SH SYN/p' iptaccount/libxt_ACCOUNT_cl.3 | grep -q "\b$f\b" || echo "$f"; done)"
# cron's own PATH has no folder for our tools
check_none "examples for cron say where the programs are" "$(tracked '*.[1-8]' '*.in' '*.man' '*.md' | while read -r p; do
	plain "$p" | sed -nE '/^ *PATH=.*sbin/ { n; d }; \,^ *([0-9*/-]+ ){5}[a-z]+ [^/ ],p' | sed "s,^,$p: ,"; done)"
