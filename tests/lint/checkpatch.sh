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

clean() {	# IGNORE FILE
	perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary --quiet \
		--max-line-length=100 --ignore "$1" -f "$2"
}

for f in $(tracked '*.c' '*.h'); do
	case $f in
	# __has_include_next is read as an expression
	kernel/compat/*) check "$f" clean "$kernel,SPACING" "$f" ;;
	kernel/*) check "$f" clean "$kernel" "$f" ;;
	*) check "$f" clean "$user" "$f" ;;
	esac
done
