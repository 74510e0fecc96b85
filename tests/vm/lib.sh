# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the scripts of this folder share: cache, messages, locks. Sourced.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM_DIR/../.." && pwd)
XA_CACHE=$(readlink -m "${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}")
VM_CACHE=$XA_CACHE/vm
# programs of the administrator are wanted from a user's shell as well
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export XA_CACHE

# exit status of "cannot run here", as automake has it
readonly SKIP=77

# All words to the person go to stderr: stdout belongs to results.
msg()
{
	printf '%s\n' "$*" >&2
}

# A step that may take long; nothing is said with XA_QUIET set.
step()
{
	[ -n "${XA_QUIET:-}" ] || printf '%s\n' "-- $*" >&2
}

die()
{
	msg "${0##*/}: $*"
	exit 1
}

skip()
{
	msg "${0##*/}: $*"
	exit "$SKIP"
}

# need PROGRAM PACKAGE: the machine lacks it: say what would help.
need()
{
	command -v "$1" >/dev/null ||
		skip "$1 is missing; install it with: apt-get install $2"
}

# lock NAME: hold the lock of this name until the script ends. The
# descriptor is named, so that children which outlive the script can
# be started without it (they would keep the lock).
lock()
{
	mkdir -p "$VM_CACHE/lock" || exit 1
	exec {LOCK_FD}>"$VM_CACHE/lock/$1" || exit 1
	flock -n "$LOCK_FD" && return
	step "waiting for another run ($1)"
	flock "$LOCK_FD"
}

unlock()
{
	exec {LOCK_FD}>&-
}

# hash_of FILE...: one word for the contents and names of files.
hash_of()
{
	sha256sum "$@" | sha256sum | cut -c1-16
}

# Run with output in a log; show its end only when it fails.
logged()
{
	local log=$1

	shift
	"$@" >"$log" 2>&1 && return
	tail -n 25 "$log" >&2
	msg "${0##*/}: failed: $* (whole log: $log)"
	return 1
}

# cpio_of DIR: the tree as an uncompressed archive on stdout, all of it
# owned by root. Compressed archives cannot be put one behind another.
cpio_of()
{
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet -o -0 -H newc -R +0:+0)
}
