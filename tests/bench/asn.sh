#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# 75000 AS numbers, a million ranges. Wanted: 60 ns at most over an empty rule
# for Zipf hosts, 16 MB at most. Build below 3 s, load below 1 s.
. "${0%/*}/lib.sh"

db=$XA_TMP/db
mkdir "$db"
awk 'BEGIN { a = 16777216; for (i = 0; i < 1000000; i++) {
	n = 1000 + (i * 7919) % 5000; b = a + n - 1
	printf "%d.%d.%d.%d,%d.%d.%d.%d,%d\n", a / 16777216, a / 65536 % 256, a / 256 % 256, a % 256,
		b / 16777216, b / 65536 % 256, b / 256 % 256, b % 256, 1 + (i * 48271) % 75000
	a = b + 1 } }' >"$XA_TMP/list"
from=$(date +%s%N)
xt_asn_build -q -D "$db" -i "$XA_TMP/list" || exit 1
echo "# built: $((($(date +%s%N) - from) / 1000000)) ms"
from=$(date +%s%N)
xt_asn_build -q -D "$db" -i "$XA_TMP/list" || exit 1
echo "# built again, with nothing new: $((($(date +%s%N) - from) / 1000000)) ms"
from=$(date +%s%N)
xt_asn_load -q -D "$db" || exit 1
echo "# the table from disk to active: $((($(date +%s%N) - from) / 1000000)) ms"
xt_asn_load --status | sed 's/^/# /'

backends=${XA_BACKENDS:-nft}
for src in '0.0.0.0/0' '0.0.0.0/0,zipf=10000'; do
	cost "one number, $src" "src=$src" -m asn --src-asn 13335
	cost "15 numbers, $src" "src=$src" -m asn --src-asn "$(seq -s, 1000 1014)"
	cost "140 numbers, $src" "src=$src" -m asn --src-asn "$(seq -s, 1000 500 70500)"
done
cat "$db"/*.iv4 >"$XA_TMP/ranges" 2>/dev/null || find "$db" -name '*.iv4' -exec cat {} + >"$XA_TMP/ranges"
cost "15 numbers, uniform over a million ranges" "src=$XA_TMP/ranges" -m asn --src-asn "$(seq -s, 1000 1014)"
cpus=2
cost "15 numbers" 'src=0.0.0.0/0,zipf=10000' -m asn --src-asn "$(seq -s, 1000 1014)"
finish
