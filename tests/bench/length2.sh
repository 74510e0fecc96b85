#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Wanted: 10 ns at most; IPv6 with two extension headers 25.
. "${0%/*}/lib.sh"

packets4='src=10.0.0.0/24 dst=192.0.2.1'
packets6='src=fd00::/64 dst=fd01::1'
# next header 60: two destination options headers of 8 bytes and UDP behind them
two="$packets6 proto=60 len=64 payload=3c000104000000001100010400000000040000090028000000"

cost 'length (the kernel'"'"'s own)' "$packets4" -m length --length 1:20
cost 'layer3' "$packets4" -m length2 --length 1:20
cost 'layer4' "$packets4" -m length2 --layer4 --length 1:7
cost 'layer5, UDP' "$packets4 len=100" -m length2 --layer5 --length 1:7
cost 'layer5, TCP' "$packets4 proto=tcp len=100" -m length2 --layer5 --length 1:7
family=6
cost 'layer3' "$packets6" -m length2 --length 1:20
cost 'layer5, UDP' "$packets6 len=100" -m length2 --layer5 --length 1:7
cost 'layer5, TCP' "$packets6 proto=tcp len=100" -m length2 --layer5 --length 1:7
cost 'layer5, two extension headers' "$two" -m length2 --layer5 --length 1:7
finish
