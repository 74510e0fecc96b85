#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: what the classifiers say to the payloads of ipp2p.golden, and that they
# say nothing to ten million ordinary ones (XA_PAYLOADS: so many)
set -u
. "$XA_TOP/tests/hostlib.sh"
program=$1
golden=$XA_TOP/tests/data/ipp2p.golden

check "the packet tool is built" make -s -C "$XA_TOP/tests" O="$XA_TMP/tools" "$XA_TMP/tools/pkt"
grep '^[tu]' "$golden" | while IFS='|' read -r l4 verdict what bytes; do
	echo "$l4|$verdict|$what|$("$XA_TMP/tools/pkt" build "data $bytes")"
done | "$program" golden || exit
"$program" ordinary "${XA_PAYLOADS:-10000000}"
