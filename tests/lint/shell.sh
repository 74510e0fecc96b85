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

# Lists of words are split on purpose (SC2046); what one file sets another may
# use (SC2034); qemu's arguments have commas (SC2054).
for f in $(scripts); do
	# sourced files are followed where shellcheck finds them
	check "$f" shellcheck -x -P "$XA_TOP" -P SCRIPTDIR -S warning -e SC2034,SC2046,SC2054 "$f"
	head -n 1 "$f" | grep -q '/sh$' || continue
	! command -v dash >/dev/null || check "$f, dash" dash -n "$f"
done
