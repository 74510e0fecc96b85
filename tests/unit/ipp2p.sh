#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: what the classifiers say to the payloads of ipp2p.golden, that they say
# nothing to ten million ordinary ones (XA_PAYLOADS: so many), how many random ones
# match, and how many announcements to trackers are missed. With XA_RANDOM_PAYLOADS=1000000000
# as many are drawn at each length from 8 to 64: that takes half an hour. XA_PAIRS=15259
# stands for as many, and takes some minutes. XA_TIMEOUT must allow it.
set -u
. "$XA_TOP/tests/hostlib.sh"
program=$1
golden=$XA_TOP/tests/data/ipp2p.golden

check "the packet tool is built" make -s -C "$XA_TOP/tests" O="$XA_TMP/tools" "$XA_TMP/tools/pkt"
grep '^[tu]' "$golden" | while IFS='|' read -r l4 verdict what bytes; do
	echo "$l4|$verdict|$what|$("$XA_TMP/tools/pkt" build "data $bytes")"
done | "$program" golden || exit
"$program" ordinary "${XA_PAYLOADS:-10000000}" || exit

# many, so without the sanitizers
check "the fast program is built" gcc -O2 -D_GNU_SOURCE -I "$XA_TOP/include" -I "$XA_TOP/kernel" \
	-o "$XA_TMP/fast" "$XA_TOP/tests/unit/ipp2p.c"
"$XA_TMP/fast" begins "${XA_BEGINS:-100000}" || exit
"$XA_TMP/fast" fields 20000 || exit
"$XA_TMP/fast" missed 1000000 || exit
[ -z "${XA_PAIRS:-}" ] || "$XA_TMP/fast" pairs "$XA_PAIRS" || exit
[ -z "${XA_RANDOM_PAYLOADS:-}" ] || "$XA_TMP/fast" random "$XA_RANDOM_PAYLOADS"
