#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Wanted: 15 ns at most for an ACK of a connection, at most what hashlimit costs for
# what may be a probe, on one CPU and on two that see the same sources, and 1.8 times
# as many packets on two CPUs. Of scanners, whom psd has found by then, each packet
# matches: beside it stands hashlimit that matches.
. "${0%/*}/lib.sh"

ack='proto=tcp flags=0x10 src=10.0.0.0/24 dst=192.0.2.1 dport=443'
client='proto=tcp flags=0x02 src=10.0.0.0/24 dst=192.0.2.1 dport=443'
scanners='proto=tcp flags=0x02 src=10.0.0.0/20 dst=192.0.2.1 dport=1-65535'
spoofed='proto=tcp flags=0x02 src=10.0.0.0/8 dst=192.0.2.1 dport=443'

cost 'ACK' "$ack" -m psd
cost 'recent --rcheck (the kernel'"'"'s own), ACK' "$ack" -m recent --rcheck
cost 'SYN of 256 clients of a port' "$client" -m psd
cost 'SYN of a flood of sources' "$spoofed" -m psd
cost 'SYN of 4096 scanners' "$scanners" -m psd
hashlimit='-m hashlimit --hashlimit-above 1000000/sec --hashlimit-mode srcip --hashlimit-name bench'
# matches, as psd does by then, so that both rules are counted
upto='-m hashlimit --hashlimit-upto 1000000/sec --hashlimit-mode srcip --hashlimit-name bench'
# shellcheck disable=SC2086 # options
cost 'hashlimit (the kernel'"'"'s own), SYN of 256 clients' "$client" $hashlimit
# shellcheck disable=SC2086
cost 'hashlimit, SYN of 4096 scanners' "$scanners" $hashlimit
# shellcheck disable=SC2086
cost 'hashlimit that matches, SYN of 4096 scanners' "$scanners" $upto
family=6
cost 'ACK' 'proto=tcp flags=0x10 src=fd00::/64 dst=fd01::1 dport=443' -m psd
family=4
cpus=2
cost 'ACK' "$ack" -m psd
cost 'SYN of 4096 scanners' "$scanners" -m psd
# shellcheck disable=SC2086
cost 'hashlimit, SYN of 4096 scanners' "$scanners" $hashlimit
# shellcheck disable=SC2086
cost 'hashlimit that matches, SYN of 4096 scanners' "$scanners" $upto
scale 'ACK' "$ack" -m psd
scale 'SYN of 4096 scanners' "$scanners" -m psd
# shellcheck disable=SC2086
scale 'hashlimit that matches, SYN of 4096 scanners' "$scanners" $upto
scale 'SYN of 256 clients of a port' "$client" -m psd
scale 'SYN of a flood of sources' "$spoofed" -m psd
finish
