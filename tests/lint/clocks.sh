#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Time that a user has asked for goes on while the machine is suspended: its clock is
# CLOCK_BOOTTIME. What is compared with a sender's clock is real time. No bed suspends.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# FILE CLOCK, and why
others() {
	cat <<-'END'
		xt_SYSRQ.c real		the sender's clock
		xt_fuzzy.c monotonic	a rate
		xt_pknock_keys.c real	the sender's clock
		xt_pknock_spa.c real	the sender's clock
	END
}

# clocks FILE...: lines "FILE CLOCK", of those that are read, but boottime
clocks() {
	grep -oE '\bktime_get(_[a-z0-9_]+)? *\(' "$@" | sed 's,.*/,,; s/:/ /; s/ *(//' |
		awk '$2 ~ /boottime/ { next }
			{ print $1, $2 ~ /real|clocktai/ ? "real" : "monotonic" }' | LC_ALL=C sort -u
}

mapfile -t sources < <(tracked 'kernel/*.c' 'kernel/*.h' | grep -v '^kernel/compat/')
check_none "clocks go on while the machine is suspended" \
	"$(comm -23 <(clocks "${sources[@]}") <(others | awk '{ print $1, $2 }'))"
check_none "each exception is still one" \
	"$(comm -13 <(clocks "${sources[@]}") <(others | awk '{ print $1, $2 }'))"
