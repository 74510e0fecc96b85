#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Scripts: shellcheck, and dash for those that say they need no more than sh.
set -u
. "$XA_TOP/tests/hostlib.sh"
need shellcheck shellcheck
cd "$XA_TOP" || exit 1

scripts() {
	tracked | while read -r f; do
		case $f in
		*.sh) echo "$f" ;;
		*) head -n 1 "$f" | grep -aqE '^#! ?/(usr/)?bin/(env )?(ba|da)?sh' && echo "$f" ;;
		esac
	done
}

# What is sourced is followed. Lists of words are split on purpose (SC2046); what one file sets another may
# use (SC2034); qemu's arguments have commas (SC2054).
mapfile -t all < <(scripts)
options=(-x -P SCRIPTDIR -S warning -e SC2034,SC2046,SC2054 -f gcc)
# findings: of scripts that were not clean before, beside the same files that others source
findings() {
	local dir todo found f sourced
	mapfile -t sourced < <(for f in "${all[@]}" $(tracked '*.inc'); do head -n 1 "$f" | grep -q '^#!' || echo "$f"; done)
	dir=$(clean_dir "$(shellcheck --version) ${options[*]} $(sha256sum -- "${sourced[@]}")")
	mapfile -t todo < <(unclean "$dir" "${all[@]}")
	[ ${#todo[@]} -gt 0 ] || return 0
	found=$(shellcheck "${options[@]}" "${todo[@]}" 2>&1)
	printf '%s\n' "$found"
	[ -n "$found" ] || clean "$dir" "${todo[@]}"
}
check_none "shellcheck, ${#all[@]} scripts" "$(findings)"
if command -v dash >/dev/null; then
	check_none "dash reads what says that it is sh" "$(for f in "${all[@]}"; do
		head -n 1 "$f" | grep -q '/sh$' && dash -n "$f" 2>&1
	done)"
fi
