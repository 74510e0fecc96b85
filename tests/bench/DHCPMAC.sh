#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Datagrams that are no DHCP, which nearly all are, and DHCP. Wanted: 10 ns at most.
. "${0%/*}/lib.sh"

packets='src=10.0.0.0/24 dst=192.0.2.1'
dhcp="$packets dport=67 len=240"

cost 'dhcpmac, short datagrams' "$packets" -p udp -m dhcpmac --mac 00:50:56:00:00:00/24
cost 'dhcpmac, another address' "$dhcp" -p udp -m dhcpmac --mac 00:50:56:00:00:00/24
cost 'udp alone' "$dhcp" -p udp
finish
