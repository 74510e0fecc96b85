#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A buffer for skb_header_pointer() is __uninitialized: with CONFIG_INIT_STACK_ALL_ZERO,
# as distributions have it, any other one is cleared for each packet, and nearly none needs it.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# cleared FILE...: arrays of bytes that are such buffers, but not marked
cleared() {
	awk '
		FNR == 1 || /^}/ { split("", plain); call = 0 }
		match($0, /^\tu8 [a-z_]+\[.*\];/) {
			name = $2
			sub(/\[.*/, "", name)
			plain[name] = FILENAME ":" FNR
		}
		/skb_header_pointer\(/ { call = 1 }
		call {
			for (name in plain)
				if ($0 ~ "[ ,(&]" name "\\)")
					print plain[name] ": " name
		}
		/;/ { call = 0 }' "$@"
}

mapfile -t sources < <(tracked 'kernel/*.c' 'kernel/*.h' | grep -v '^kernel/compat/')
check_none "buffers for parts of packets are not cleared" "$(cleared "${sources[@]}")"
