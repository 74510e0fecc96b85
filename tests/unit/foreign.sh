#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Unit tests of what looks at bytes and widths, as programs of a big-endian machine
# with 64 bits and of one with 32 bits: compiled for it, run by qemu-user.
set -u
. "$XA_TOP/tests/hostlib.sh"

units=(DNETMAP account_cl addrdb_upload digest_hex fuzzy gso ipp2p_learn ipv4options pknock quota2 reply_seg
	sysrq_claim sysrq_clock sysrq_request)
! thorough "addrdb_core and psd_answers" || units+=(addrdb_core psd_answers)
# shellcheck disable=SC2191 # words of the form NAME=VALUE
machines=(s390x:qemu-s390x armhf:qemu-arm)

emulator() { command -v "$1" || command -v "$1-static"; }

compile() {	# COMPILER NAME
	local links
	links=$(sed -n 's,^[ /*#]*links: ,,p' "$XA_TOP/tests/unit/$2.c")
	# shellcheck disable=SC2086 # a list of flags
	"$1" -Wall -Wextra -Wno-unused-parameter -Wno-maybe-uninitialized -Werror -D_GNU_SOURCE -O1 -static -I "$XA_TOP/include" \
		-I "$XA_TOP/kernel" -o "$XA_TMP/$2" "$XA_TOP/tests/unit/$2.c" $links
}

finds_none() { [ "$("$1" -print-file-name=libc.so)" = libc.so ]; }

for machine in "${machines[@]}"; do
	arch=${machine%:*}
	if ! qemu=$(emulator "${machine#*:}"); then
		echo "skip $spec: $arch: no ${machine#*:} (Debian: qemu-user-static)"
		continue
	fi
	if ! cc=$("$XA_TOP/tests/vm/cross" "$arch" 2>"$XA_TMP/why"); then
		echo "skip $spec: $arch: no compiler: $(tail -n 1 "$XA_TMP/why")"
		continue
	fi
	# that of guests finds the library of their root, see tests/vm/arch.sh
	check "$arch: the compiler of guests sees no library of ours" finds_none "${cc%-static}"
	for unit in "${units[@]}"; do
		check "$arch: $unit compiles" compile "$cc" "$unit"
		check "$arch: $unit" "$qemu" "$XA_TMP/$unit"
	done
done
