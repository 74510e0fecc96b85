#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# checkpatch --strict of the newest kernel source there is. XA_CHECKPATCH names
# another one.
set -u
. "$XA_TOP/tests/hostlib.sh"
need perl perl
cd "$XA_TOP" || exit 1

cache=${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}
find_checkpatch() {
	local f best=
	for f in /usr/src/linux-*/scripts/checkpatch.pl "$cache"/uml/linux-*/scripts/checkpatch.pl; do
		[ -f "$f" ] && best=$f
	done
	echo "${XA_CHECKPATCH:-$best}"
}
checkpatch=$(find_checkpatch)
[ -f "$checkpatch" ] || skip "no checkpatch.pl (tests/uml fetches a kernel source that has it)"

# Not for us: names of the newest kernel only (ALLOC_WITH_SIZEOF), locks that
# kernel-doc explains (UNCOMMENTED_DEFINITION), and in user space the kernel's
# own types, attributes and string functions.
kernel=ALLOC_WITH_SIZEOF,UNCOMMENTED_DEFINITION,BIT_MACRO
user=$kernel,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,STRCPY,STRNCPY,STRLCPY
user=$user,EMBEDDED_FUNCTION_NAME,CAMELCASE,LONG_LINE_STRING,AVOID_BUG,ASSIGN_IN_IF,CONST_STRUCT
user=$user,SPLIT_STRING,MISSING_SPACE,MSLEEP,UNNECESSARY_ELSE,UNSPECIFIED_INT
user=$user,COMPARISON_TO_NULL,TRAILING_STATEMENTS,MULTIPLE_ASSIGNMENTS,COMPLEX_MACRO
user=$user,PREFER_FALLTHROUGH,SSCANF_TO_KSTRTO,CONSIDER_KSTRTO,NEW_TYPEDEFS,PREFER_PR_LEVEL,ARRAY_SIZE

# findings IGNORE FILE...: run elsewhere, since it leaves a file where it runs
findings() {
	local ignore=$1 rc
	shift
	cd "$XA_TMP" || exit 1
	perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary --quiet \
		--max-line-length=100 --ignore "$ignore" -f "$@" >"$XA_TMP/findings" 2>"$XA_TMP/errors"
	rc=$?
	sed "s|^$XA_TOP/||" "$XA_TMP/findings"
	# 1: there are findings; more: it died
	[ "$rc" -le 1 ] || cat "$XA_TMP/errors"
}

# new_findings IGNORE FILE...: of files that were not clean before
new_findings() {
	local ignore=$1 dir found f todo
	shift
	dir=$(clean_dir "$(sha256sum <"$checkpatch") $ignore")
	mapfile -t todo < <(unclean "$dir" "$@")
	[ ${#todo[@]} -gt 0 ] || return 0
	found=$(findings "$ignore" "${todo[@]/#/$XA_TOP/}")
	[ -z "$found" ] || printf '%s\n' "$found"
	[ -z "$found" ] || mapfile -t todo < <(for f in "${todo[@]}"; do [[ $found == *"$f:"* ]] || echo "$f"; done)
	# what it says beside findings may mean any file
	[ -s "$XA_TMP/errors" ] || clean "$dir" "${todo[@]}"
}

# If it no longer found this, silence would mean nothing.
printf '// SPDX-License-Identifier: GPL-2.0-only\nint f(int a){if(a==1) return 0;}\n' >"$XA_TMP/bad.c"
found_bad() { findings "$user" "$XA_TMP/bad.c" | grep -q SPACING; }
check "checkpatch sees what is wrong" found_bad

mapfile -t ours < <(tracked 'kernel/*.c' 'kernel/*.h' | grep -v '^kernel/compat/')
mapfile -t compat < <(tracked 'kernel/compat/*.c' 'kernel/compat/*.h')
mapfile -t others < <(tracked '*.c' '*.h' | grep -v '^kernel/')
check_none "kernel/, ${#ours[@]} files" "$(new_findings "$kernel" "${ours[@]}")"
# __has_include_next is read as an expression
check_none "kernel/compat/, ${#compat[@]} files" "$(new_findings "$kernel,SPACING" "${compat[@]}")"
check_none "user space and tests, ${#others[@]} files" "$(new_findings "$user" "${others[@]}")"
