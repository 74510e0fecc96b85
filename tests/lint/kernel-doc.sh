#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What an engine exports is documented, and the kernel's own reader of such
# comments finds nothing wrong in them.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

undocumented() {
	local f name
	for f in kernel/xa_*.c; do
		for name in $(sed -n 's/^EXPORT_SYMBOL_GPL(\(.*\));/\1/p' "$f"); do
			grep -qE "^ \* $name(\(\))? - " "$f" || { echo "$f: $name"; continue; }
			# RETURNS and context are part of a verb's contract
			sed -n "/^ \* $name\(()\)\{0,1\} - /,/^ \*\//p" "$f" | grep -q '^ \* Context:' || echo "$f: $name: Context:"
			grep -B2 -E "^(static )?(inline )?void.*\b$name\(" "$f" >/dev/null ||
				sed -n "/^ \* $name\(()\)\{0,1\} - /,/^ \*\//p" "$f" | grep -q '^ \* Return:' || echo "$f: $name: Return:"
		done
		grep -n 'EXPORT_SYMBOL(' "$f"
	done
}
check_none "exported verbs are documented" "$(undocumented)"

cache=${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}
reader=
# the Perl one, which stands alone; later kernels have it in Python with modules
for f in "$cache"/uml/linux-*/scripts/kernel-doc{.pl,} /usr/src/linux-headers-*-common/scripts/kernel-doc; do
	[ -f "$f" ] && head -n 1 "$f" | grep -q perl && reader=$f
done
[ -n "$reader" ] || skip "no kernel-doc (Debian: linux-headers-amd64)"
need perl perl

# If it no longer found this, silence would mean nothing.
printf '/**\n * bad() - a parameter of another name\n * @wrong: this one\n */\nvoid bad(int right);\n' >"$XA_TMP/bad.h"
found_bad() { perl "$reader" -none "$1" 2>&1 | grep -E 'warning|error' | grep -q right; }
check "kernel-doc sees what is wrong" found_bad "$XA_TMP/bad.h"
silent() { ! perl "$reader" -none "$1" 2>&1 | grep -E 'warning|error'; }
for f in $(tracked 'kernel/*.c' 'kernel/*.h' 'include/*.h'); do
	! grep -q '^/\*\*' "$f" || check "$f" silent "$f"
done
