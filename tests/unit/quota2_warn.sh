#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xt_quota2_listen --warn, built with the sanitizers, on files instead of /proc/net/xt_quota
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"

build() {
	gcc -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all \
		-DPROC_QUOTA='getenv("XA_PROC")' -I "$XA_BUILD" -I "$XA_TOP/include" -I "$XA_TOP/quota2" \
		-o "$XA_TMP/listen" "$XA_TOP"/quota2/*.c -lmnl
}
check "xt_quota2_listen builds with sanitizers" build
cd "$XA_TMP" || exit 1
export XA_PROC=$XA_TMP/quota

"$XA_TMP/listen" --warn 100 >out 2>err
expect "no module" "1 xt_quota2_listen: the kernel knows no quota2 counters: is the module xt_quota2 loaded?" "$? $(cat err)"
for n in 0 -1 x 18446744073709551616 ''; do
	"$XA_TMP/listen" --warn "$n" >out 2>err
	expect "--warn '$n'" "2 xt_quota2_listen: --warn takes a number from 1, not '$n'" "$? $(cat err)"
done

mkdir quota
# value NAME N: replaced as a whole
value() { echo "$2" >new && mv new "quota/$1"; }
# printed N: waits for so many lines
printed() {
	local tries=300
	until [ "$(wc -l <out)" -ge "$1" ] || [ $((tries -= 1)) -eq 0 ]; do sleep 0.1; done
}
# All of a pass is read in the order of the names. What was written before the counter "a"
# had its value has been read when the line about it is there.
value a 1000
value "a b" 100
value q 99
value z 5
"$XA_TMP/listen" --warn 100 --count 5 a 'a b' q 9 >out 2>err &
pid=$!
printed 1
expect "one that is below from the beginning, not those at the value, nor others" "q 99" "$(cat out)"
value q 98
value "a b" 99
printed 2
value q 100
value a 0
printed 3
value a 500
value q 18446744073709551615
value 9 1
printed 4
value q 97
printed 5
wait $pid
expect "ends after --count lines" "0 " "$? $(cat err)"
expect "once for each, and again when it was above" "q 99|a b 99|a 0|9 1|q 97" "$(paste -sd'|' out)"
