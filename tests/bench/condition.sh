#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One flag is read: like mark, and as fast on two CPUs.
. "${0%/*}/lib.sh"

cost '! condition' '' -m condition ! --condition bench
family=6
cost '! condition' 'src=fd00::/64 dst=fd01::1' -m condition ! --condition bench
family=4
cpus=2
cost '! condition' '' -m condition ! --condition bench
scale '! condition' '' -m condition ! --condition bench
finish
