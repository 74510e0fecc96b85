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
	local k
	for k in ${XA_KDIRS:-}; do
		echo "$k"
	done
	for k in ${XA_KERNELS:-}; do
		echo "$("$XA_TOP/tests/vm/kernel" --print "$k" kdir) $("$XA_TOP/tests/vm/kernel" --print "$k" makeargs | xargs)"
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
		git -C "$XA_TOP" ls-files --cached --others --exclude-standard -- "$@"
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
