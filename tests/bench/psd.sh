#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Wanted: 15 ns at most for an ACK of a connection, and 1.8 times as many packets on
# two CPUs. Packets that may be a probe cost a hash, a lock and a few cache lines.
. "${0%/*}/lib.sh"

ack='proto=tcp flags=0x10 src=10.0.0.0/24 dst=192.0.2.1 dport=443'
client='proto=tcp flags=0x02 src=10.0.0.0/24 dst=192.0.2.1 dport=443'
spoofed='proto=tcp flags=0x02 src=10.0.0.0/8 dst=192.0.2.1 dport=443'

cost 'ACK' "$ack" -m psd
cost 'recent --rcheck (the kernel'"'"'s own), ACK' "$ack" -m recent --rcheck
cost 'SYN of 256 clients of a port' "$client" -m psd
cost 'SYN of a flood of sources' "$spoofed" -m psd
cost 'hashlimit (the kernel'"'"'s own), SYN of 256 clients' "$client" \
	-m hashlimit --hashlimit-above 1000000/sec --hashlimit-mode srcip --hashlimit-name bench
family=6
cost 'ACK' 'proto=tcp flags=0x10 src=fd00::/64 dst=fd01::1 dport=443' -m psd
family=4
cpus=2
cost 'ACK' "$ack" -m psd
scale 'ACK' "$ack" -m psd
scale 'SYN of 256 clients of a port' "$client" -m psd
scale 'SYN of a flood of sources' "$spoofed" -m psd
finish
