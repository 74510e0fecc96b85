#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each registration of a match or target says for which hooks and which family it is:
# without .hooks a rule in a user chain runs at any hook. Each module has a version.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# lacking FIELD FILE...: registrations without it, and the number of all to descriptor 3
lacking() {
	awk -v field="$1" '
		/^(static )?struct xt_(match|target) .*=/ { inside = 1 }
		!inside { next }
		/^\t+\.name / { open = 1; found = 0; name = FILENAME ": " $3; all++ }
		$1 == field { found = 1 }
		open && /^\t?}/ { if (!found) print name " has no " field; open = 0 }
		/^};/ { inside = 0 }
		END { print all + 0 >"/dev/fd/3" }' "${@:2}"
}

for field in .hooks .family .me; do
	check_none "every match and target has $field" "$(lacking $field kernel/xt_*.c 3>"$XA_TMP/all")"
done
check "registrations are found" test "$(cat "$XA_TMP/all")" -ge "$(extensions | wc -l)"
check_none "every module has a version" "$(grep -l '^MODULE_LICENSE' kernel/*.c | xargs grep -L '^MODULE_VERSION(XA_VERSION)')"
