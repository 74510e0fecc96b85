# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# hostlib - what the scripts of tests/host share. Sourced.

spec=$XA_SPEC

# check WHAT COMMAND...: the command must succeed; its words are shown if not
check() {
	local what=$1 words
	shift
	words=$(tr -s '[:space:]' ' ' <<<"$*")
	if "$@" >"$XA_TMP/check" 2>&1; then
		echo "ok $spec: $what"
	else
		echo "not ok $spec: $what (expected success of ${words:0:160})"
		tail -n 40 "$XA_TMP/check" | sed "s/^/  /"
	fi
}

# expect WHAT WANTED GOT
expect() {
	if [ "$2" = "$3" ]; then
		echo "ok $spec: $1"
	else
		echo "not ok $spec: $1 (expected '$2', got '$3')"
	fi
}

# check_none WHAT FINDINGS: there must be none
check_none() {
	if [ -z "$2" ]; then
		echo "ok $spec: $1"
	else
		echo "not ok $spec: $1 (expected none, got the following)"
		printf '%s\n' "$2"
	fi
}

skip() {	# WHY
	echo "skip $spec: $*"
	exit 0
}

# need PROGRAM PACKAGE: or the test is skipped
need() {
	command -v "$1" >/dev/null || skip "$1 is missing (Debian: $2)"
}

# kernels: lines "KDIR MAKEARG...", what XA_KDIRS and XA_KERNELS name
kernels() {
	local k kdir
	for k in ${XA_KDIRS:-}; do
		echo "$k"
	done
	for k in ${XA_KERNELS:-}; do
		if kdir=$("$XA_TOP/tests/vm/kernel" --print "$k" kdir); then
			echo "$kdir $("$XA_TOP/tests/vm/kernel" --print "$k" makeargs | xargs)"
		else
			echo "not ok $spec: kernel $k is to be had" >&2
		fi
	done
}

need_kernel() {
	[ -n "$(kernels)" ] || skip "no kernel directory to build against (XA_KDIRS, XA_KERNELS; Debian: linux-headers-amd64)"
}

# extensions: all that mconfig names, on or off
extensions() {
	sed -n 's/^build_\([A-Za-z0-9]*\)=.*/\1/p' "$XA_TOP/mconfig"
}

# tracked [PATTERN...]: files of the project, relative to $XA_TOP
tracked() {
	local f p
	[ $# -gt 0 ] || set -- '*'
	if [ -e "$XA_TOP/.git" ]; then
		git -C "$XA_TOP" ls-files --cached --others --exclude-standard -- "$@" ||
			echo "not ok $spec: git lists the files of the project" >&2
	else
		# an unpacked tarball
		while read -r f; do
			# shellcheck disable=SC2053 # a pattern is wanted
			for p; do [[ $f == $p ]] && echo "$f" && break; done
		done <"$XA_TOP/MANIFEST"
	fi | sort -u | while read -r f; do
		[ -f "$XA_TOP/$f" ] && echo "$f"
	done
}

# thorough WHAT: is that asked for (./check.sh --bed thorough)? If not, it says what it leaves out.
thorough() {
	[ -z "${XA_THOROUGH:-}" ] || return 0
	echo "skip $spec: $1: with XA_THOROUGH=1 only"
	return 1
}

# Lints that look at each file for itself remember what was clean: a file with the same
# content, judged by the same program with the same options, is so again.
#
# clean_dir KEY: where that is noted, of what KEY names
clean_dir() {
	local dir=${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}/lint
	find "$dir" -type f -mtime +30 -delete 2>/dev/null
	dir=$dir/$(sha256sum <<<"$1" | cut -c1-16)
	mkdir -p "$dir"
	echo "$dir"
}

# unclean DIR FILE...: those that were not found clean yet; paths from $XA_TOP
unclean() {
	local dir=$1 sum f
	shift
	[ $# -gt 0 ] || return 0
	(cd "$XA_TOP" && sha256sum -- "$@") | while read -r sum f; do
		[ -e "$dir/$sum-${f//\//_}" ] || echo "$f"
	done
}

# clean DIR FILE...: these are
clean() {
	local dir=$1 sum f
	shift
	[ $# -gt 0 ] || return 0
	(cd "$XA_TOP" && sha256sum -- "$@") | while read -r sum f; do
		: >"$dir/$sum-${f//\//_}"
	done
}
