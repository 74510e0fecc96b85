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
	check_none "$name: a minus that can be copied" \
		"$(sed -e '/^\.\\"/d' "$page" | grep -nE '(^|[^\\-])--[a-z]')"
done
