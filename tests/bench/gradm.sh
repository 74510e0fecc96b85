#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A kernel without grsecurity: one test. Wanted: 10 ns at most.
. "${0%/*}/lib.sh"

cost '--enabled' 'src=10.0.0.0/24 dst=192.0.2.1' -m gradm --enabled
family=6
cost '--enabled' 'src=fd00::/64 dst=fd01::1' -m gradm --enabled
finish
