#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A cached pointer and one word of the device. Wanted: 10 ns at most.
. "${0%/*}/lib.sh"

packets='src=10.0.0.0/24 dst=192.0.2.1'

cost '--iface lo --up' "$packets" -m iface --iface lo ! --up
cost '--iface lo --running --lower-up' "$packets" -m iface --iface lo ! --running ! --lower-up
cost '--iface of no device' "$packets" -m iface --iface nothing --up
cost '--dev-in --up' "$packets" -m iface --dev-in ! --up
family=6
cost '--iface lo --up' 'src=fd00::/64 dst=fd01::1' -m iface --iface lo ! --up
family=4
cpus=2
cost '--iface lo --up' "$packets" -m iface --iface lo ! --up
scale '--iface lo --up' "$packets" -m iface --iface lo ! --up
finish
