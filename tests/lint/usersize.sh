#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A rule struct with a pointer of the kernel is registered with .usersize, which
# ends before it: or the pointer is handed to whoever lists the rules.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# private: lines "STRUCT FIELD", the first pointer of each rule struct
private() {
	awk '
		/^struct [a-z0-9_]+ \{/ { name = $2; seen = 0 }
		/^};/ { name = "" }
		name && !seen && /\*[a-z_]+ .*aligned\(8\)/ {
			seen = 1
			sub(/.*\*/, "")
			sub(/[^a-z_].*/, "")
			print name, $0
		}' include/xt_*.h
}

# wrong FILE...: registrations without what private (on stdin) asks for
wrong() {
	awk '
		FILENAME == "-" { field[$1] = $2; next }
		FNR == 1 || /[^.a-z]name +=|\.name +=/ { size = ""; user = ""; line = FNR }
		/\.(match|target)size +=/ {
			size = $0
			sub(/.*sizeof\(struct /, "", size)
			sub(/\).*/, "", size)
		}
		/\.usersize +=/ { user = $0; gsub(/.*= +|,.*$/, "", user); user = $0 }
		/^[\t ]*\}[,;]?( *\\)?$/ {
			if (size in field && index(user, "offsetof(struct " size ", " field[size] ")") == 0)
				print FILENAME ":" line ": struct " size " has *" field[size] ", and no .usersize before it"
			size = ""
		}' - "$@"
}

check_none "each rule with a pointer ends before it" "$(private | wrong kernel/*.c)"

# Does it see anything? A registration with the line left out is found.
private >"$XA_TMP/private"
grep -v '\.usersize' kernel/xt_condition.c >"$XA_TMP/xt_condition.c"
check "one without is found" grep -q condition <(wrong "$XA_TMP/xt_condition.c" <"$XA_TMP/private")
check "the structs are found" test "$(wc -l <"$XA_TMP/private")" -ge "$(cat include/xt_*.h |
	grep -cE '^\s+(struct [a-z_]+|void) \*(table|rule|set|cond|state|watch|counter|prefix|enabled) ')"
