#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "condition: switch a rule without touching it"
two_hosts

say "The rules match while the variable 'maintenance' is 1. IPv4 and IPv6 share it; it begins as 0."
on server 'iptables -A INPUT -p icmp -m condition --condition maintenance -j DROP'
on server 'ip6tables -A INPUT -p icmpv6 -m condition --condition maintenance -j DROP'
on server 'cat /proc/net/nf_condition/maintenance'
shows "off" '0'
on client 'ping -q -c 2 -i 0.2 10.0.0.2'
shows "the server answers" '2 received'

say "Switched on, the server is silent:"
on server 'echo 1 >/proc/net/nf_condition/maintenance'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 10.0.0.2'
shows "no answer over IPv4" '0 received'
on_refused client 'ping -q -c 3 -i 0.2 -W 1 fd00::2'
shows "nor over IPv6" '0 received'

say "The rules' own counters tell the same:"
on server 'iptables -nvL INPUT'
shows "2 packets of 84 bytes" ' 2 168 DROP'
on server 'ip6tables -nvL INPUT'
shows "3 packets of 104 bytes" ' 3 312 DROP'

say "And off again:"
on server 'echo 0 >/proc/net/nf_condition/maintenance'
on client 'ping -q -c 2 -i 0.2 10.0.0.2'
shows "the server answers" '2 received'

say "What is not understood is refused, and changes nothing:"
on_refused server 'echo maybe >/proc/net/nf_condition/maintenance'
shows "an error" 'Invalid argument'
on server 'cat /proc/net/nf_condition/maintenance'
shows "still off" '0'
the_end
