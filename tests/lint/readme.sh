#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The README and the guides tell the truth about what the tree has.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# rows of the table of extensions
rows() { sed -n '/^| extension /,/^$/s/^| \([A-Za-z0-9]*\) |.*/\1/p' README.md | grep -vx extension; }
named() {	# what is switched off is no offer
	for e in $(extensions); do
		grep -q "^build_$e=m" mconfig || continue
		echo "$e"
		sed -n "s/^also_$e=//p" mconfig
	done
}

check "there is a table of extensions" grep -q '^| extension |' README.md
check_none "its rows are the extensions of mconfig" "$(diff <(named | sort) <(rows | sort))"

kinds() {	# capitals are targets
	grep -E "^\| $(rows | xargs | tr ' ' '|') \|" README.md |
		grep -E '^\| [A-Z][A-Za-z0-9]* \| match|^\| [a-z][A-Za-z0-9]* \| target'
}
check_none "targets are in capitals, matches are not" "$(kinds)"

# The first screen: what it is, the two commands, the table, three lines, the window
first_screen() {
	head -n 50 README.md >"$XA_TMP/screen"
	for w in '    \./demo\.sh' '    \./check\.sh' '^| extension' 'make install' '^Kernels [0-9]'; do
		grep -q "$w" "$XA_TMP/screen" || echo "$w"
	done
}
check_none "the first screen has it all" "$(first_screen)"

read -r -a window < <(sed -n "s/^NAMES='\(.*\)'/\1/p" tests/vm/kernel)
check "the kernel window is that of tests/vm/kernel" \
	grep -q "^Kernels ${window[0]} to ${window[-1]}[;. ]" README.md

# build-essential and the kernel's headers bring the compilers and what goes with them; Debian's
# own kmod, xz-utils and so on are on each machine. BTF wants libelf-dev and dwarves (doc/bpf.md).
. tests/deps.sh
check_none "what is to be installed is what building and using it takes" "$(deps_packages build | xargs -n1 |
	grep -vxE 'gcc(-[0-9]+)?|libc6-dev|make|bc|kmod|libelf-dev|\?dwarves|xz-utils|bzip2|tar|git|ca-certificates|linux-headers-.*' |
	while read -r p; do sed -n 's/^ *apt-get install //p' README.md | grep -qw -e "$p" || echo "$p"; done)"

dead_links() {
	local f to
	for f in $(tracked '*.md'); do
		grep -oE '\]\([^)#]+' "$f" | cut -c3- | grep -v '^https*:' | while read -r to; do
			[ -e "$(dirname "$f")/$to" ] || echo "$f: $to"
		done
	done
}
check_none "no dead links" "$(dead_links)"

# files and folders that the texts name in `code`
folders() { tracked '*/*' | cut -d/ -f1 | grep -v '^\.' | sort -u; }

dead_paths() {
	local f p
	for f in $(tracked '*.md'); do
		grep -oE "\`(\./)?($(folders | paste -sd'|'))/[A-Za-z0-9_./-]*" "$f" |
			cut -c2- | grep -v NAME | while read -r p; do
			p=${p%.}
			[ -e "${p%/}" ] || [ -e "$(dirname "$f")/${p%/}" ] || [[ $p == */xt_ || $p == */xa_ || $p == */libxt_ || $p == *foo* ]] ||
				echo "$f: $p"
		done
	done
}
check_none "no paths that are not there" "$(dead_paths)"
check_none "each folder is explained" "$(for d in $(folders); do
	[ ! -d "$d" ] || grep -q "^| \`$d/\`" README.md || echo "$d/"; done)"

version=$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' include/xa_version.h)
check "the change log begins with the version of the modules" \
	test "$(grep -m 1 '^## ' CHANGELOG.md)" = "## $version"
check "so do the examples" grep -q "xtables-anew/$version\$" doc/building.md
check "CI runs the command of the README" grep -q '^exec ./check.sh ' .ci/run
check "the page of what was tested is that of its table" tests/tested --check
check "the page of programs has each extension, and no failure" tests/programs --check
check "the page of the packages has each step, and no failure" tests/packages --check
