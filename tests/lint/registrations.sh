#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each registration of a match or target says for which hooks and which family it is:
# without .hooks a rule in a user chain runs at any hook. Each module has a version.
# fuzz/blob knows each revision that the kernel takes, of each family.
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

# registered: "NAME REVISION FAMILY" of all that is registered
registered()
{
	cat include/xt_*.h kernel/xt_*.c | awk '
		$1 == "#define" && $2 ~ /_REVISION$/ { value[$2] = $3 }
		/^(static )?struct xt_(match|target) .*=/ { inside = 1 }
		inside { word = $3; gsub(/[",]/, "", word) }
		inside && $1 == ".name" { name = word }
		inside && $1 == ".revision" { revision = word in value ? value[word] : word }
		inside && $1 == ".family" { family = substr(word, length(word)) }
		inside && /^\t?}/ { print name, revision, family }
		/^};/ { inside = 0 }' | sort -u
}

# fuzzed: the same of what fuzz/blob sends
fuzzed()
{
	awk '/^[^#]/ { for (i = 1; i <= length($4); i++) print $1, $3, substr($4, i, 1) }' \
		tests/fuzz/extensions.txt | sort -u
}

check_none "tests/fuzz/extensions.txt has each revision and family that the kernel takes" \
	"$(comm -23 <(registered) <(fuzzed))"
check_none "and no other" "$(comm -13 <(registered) <(fuzzed))"
