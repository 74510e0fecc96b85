#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Removing a file of /proc waits for whoever is inside it. That is done in one
# place, which knows that nobody is, and holds no lock: see kernel/xa_named_file.c.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# code FILE...: lines "FILE:LINE:TEXT", without comments
code() {
	awk '{
		text = $0
		gsub(/\/\*.*\*\//, "", text)
		if (inside && sub(/.*\*\//, "", text))
			inside = 0
		else if (inside)
			text = ""
		if (sub(/\/\*.*/, "", text))
			inside = 1
		print FILENAME ":" FNR ":" text
	}' "$@"
}

# calls REGEX FILE...: where something is called
calls() {
	local what=$1
	shift
	code "$@" | grep -E "\\b($what)\\b *\\("
}

# outside FUNCTION FILE REGEX: calls in the file that are not in the body of the function
outside() {
	code "$2" | awk -v name="$1" -v what="$3" -F: '
		{ text = $0; sub(/^[^:]*:[^:]*:/, "", text) }
		text ~ /^[a-z].*\(/ { current = text ~ name "\\(" }
		text ~ what "\\(" && !current && text !~ /^[a-z]/ { print }'
}

removal='proc_remove|remove_proc_entry|remove_proc_subtree'
making='proc_create[a-z_]*|proc_mkdir[a-z_]*|proc_symlink'
shopt -s extglob
check_none "files of /proc are made and removed in one place" \
	"$(calls "$removal|$making" kernel/!(xa_named_file).[ch])"
check_none "and nobody has operations of his own for them" \
	"$(code kernel/!(xa_named_file).[ch] | grep -E '\bstruct proc_ops\b')"
check_none "the reaper alone removes them" \
	"$(calls xa_named_files_remove kernel/!(xa_named_main).c | grep -v ':void ';
	   outside xa_named_reaper kernel/xa_named_main.c xa_named_files_remove)"
check "it does" grep -q . <(calls xa_named_files_remove kernel/xa_named_main.c)
check "a call elsewhere would be found" grep -q . <(printf 'int f(void)\n{\n\tproc_remove(p);\n}\n' >"$XA_TMP/f.c"
	calls "$removal" "$XA_TMP/f.c")
check "and one in another function" grep -q . <(printf 'int f(void)\n{\n\tfiles_remove(p);\n}\n' >"$XA_TMP/f.c"
	outside g "$XA_TMP/f.c" files_remove)
