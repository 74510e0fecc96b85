#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Counting per CPU, and a number drawn where the rate is over a limit. Wanted: 6 ns
# at most while the rate is outside both, and 1.8 times as many packets on two CPUs.
# Packets over the limit match; the rows to compare them with do so, too: length tells what
# any match costs that is true, below of which nothing can be.
. "${0%/*}/lib.sh"

packets='src=10.0.0.0/24 dst=192.0.2.1'

cost 'over the upper limit' "$packets" -m fuzzy --lower-limit 1000 --upper-limit 2000
cost 'below the lower limit' "$packets" -m fuzzy --lower-limit 9000000 --upper-limit 10000000
cost 'length, always true (the kernel'"'"'s own)' "$packets" -m length --length 0:65535
cost 'statistic (the kernel'"'"'s own)' "$packets" -m statistic --mode random --probability 0.99
family=6
cost 'over the upper limit' 'src=fd00::/64 dst=fd01::1' -m fuzzy --lower-limit 1000 --upper-limit 2000
family=4
cpus=2
cost 'over the upper limit' "$packets" -m fuzzy --lower-limit 1000 --upper-limit 2000
scale 'over the upper limit' "$packets" -m fuzzy --lower-limit 1000 --upper-limit 2000
finish
