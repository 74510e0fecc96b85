#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What no file may say, and what each must.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# findings PATTERN FILE-PATTERN...: lines of our files; -E, whole words where the pattern says so
findings() {
	local pattern=$1
	shift
	tracked "$@" | grep -vxE 'COPYING(\.LIB)?|tests/lint/text\.sh' |
		xargs -r -d '\n' grep -nIE -- "$pattern"
}

# The words are put together here, so that this file does not have them.
unfinished="\\b(TO""DO|FIX""ME|X""XX|HA""CK)\\b|not (yet )?implem""ented|unimplem""ented|place""holder"
check_none "no words of unfinished work" "$(findings "$unfinished")"
check_none "no kernel version outside kernel/compat" \
	"$(findings 'LINUX_VERSION_CODE|KERNEL_VERSION\(|RHEL_RELEASE' '*.c' '*.h' '*Kbuild' | grep -v '^kernel/compat/')"
check_none "no version windows inside kernel/compat" \
	"$(findings 'LINUX_VERSION_CODE|KERNEL_VERSION\(' 'kernel/compat/*')"
check_none "no weak references, which modules of arm64 cannot have" \
	"$(findings '#pragma weak|__weak\b|\bweak[,)]' 'kernel/*.[ch]' 'kernel/compat/*')"
check_none "each shim says when it goes" "$(tracked 'kernel/compat/include/*.h' | while read -r f; do
	! grep -qE 'drop with support for < [0-9]+\.[0-9]+' "$f" && echo "$f"; done)"
check_none "no blanks at line ends" "$(findings '[[:blank:]]$' '*.c' '*.h' '*.sh' '*.am' '*.ac' '*.man' '*.md')"
# Phrases and names that a reader would stumble over, each once found here
odd="half way|has no e""nd\\b|in va""in\\b|at lei""sure|no use for the|knows of an addr""ess|is told by \\\\fB"
check_none "no phrases that read oddly" "$(findings "$odd" '*.c' '*.h' '*.man' '*.md' '*.[18]' '*.in' '*.am' | grep -vE '^(tests|kernel)/')"
check_none "functions say what they do" "$(findings '\b(talk|nap|judge|said|says_nothing|keep_words)\(' '*.c' '*.h' '*.sh')"
# readdir() tells an error by errno alone, and fails on 32 bits where an inode number has more
check_none "folders are read by xa_dir_next() or scandir()" \
	"$(findings '\breaddir(64)?(_r)?\(' '*.c' '*.h' | grep -vE '^(tests|kernel)/|^addrdb/disk\.c:.*e = readdir\(d\);')"
check_none "all programs and plugins are built with XA_CPPFLAGS" \
	"$(findings '^[A-Za-z_]*cppflags *=|^[A-Za-z_]*CPPFLAGS *=' '*.am' | grep -vE '\$\((XA|AM)_CPPFLAGS\)')"
check_none "no paths of one machine" "$(findings '(^|[^A-Za-z0-9_.~$}/])/(work|farm|home)/[a-z]')"

# SPDX in the first lines of all that can carry a comment
no_spdx() {
	tracked | grep -vE '^(COPYING(\.LIB)?|MANIFEST|debian/(changelog|copyright|source/format)|tests/fuzz/seeds/.*|\.gitignore|.*\.(patch|csv|json|txt|golden|exclude|pcap|hex))$' |
	while read -r f; do
		[ -s "$f" ] && ! head -n 5 "$f" | grep -q 'SPDX-License-Identifier: ' && echo "$f"
	done
}
check_none "SPDX everywhere" "$(no_spdx)"

wrong_licence() {
	tracked 'include/*.h' | xargs -r grep -L 'GPL-2.0-only WITH Linux-syscall-note'
	tracked 'iptaccount/libxt_ACCOUNT_cl*' | xargs -r grep -L 'LGPL-2.1-or-later'
	tracked 'kernel/*.c' 'kernel/*.h' 'extensions/*.c' | xargs -r grep -LE 'SPDX-License-Identifier: GPL-2.0-only( \*/)?$'
}
check_none "the licence is that of the place" "$(wrong_licence)"

long_files() {
	tracked '*.c' '*.h' '*.sh' | xargs -r wc -l | awk '$1 > 600 && $2 != "total" { print $2 ": " $1 " lines" }'
}
check_none "no source above 600 lines" "$(long_files)"

# A function begins with { in the first column and ends with } there.
long_functions() {
	tracked '*.c' | xargs -r awk '
		FNR == 1 { begin = 0 }
		/^{/ { begin = FNR }
		/^}/ { if (begin && FNR - begin - 1 > 60)
				print FILENAME ":" begin ": " FNR - begin - 1 " lines"
			begin = 0 }'
}
check_none "no function above 60 lines" "$(long_functions)"

# What others call by way of a shell (*.sh, tests/t) need not be.
modes() {
	tracked | while read -r f; do
		if head -c 2 "$f" | grep -q '^#!'; then
			[ -x "$f" ] || case $f in *.sh|tests/t/*) ;; *) echo "$f: not executable" ;; esac
		else
			[ ! -x "$f" ] || echo "$f: executable without #!"
		fi
	done
}
check_none "what is a program can be run" "$(modes)"
