#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "iface: rules that follow the state of an interface"
two_hosts

say "The server is to answer only while its uplink is running. There is no uplink yet."
on server 'iptables -A INPUT -p icmp -m iface --iface uplink --running -j ACCEPT'
on server 'iptables -A INPUT -p icmp -j DROP'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 10.0.0.2'
shows "no uplink, no answer" '0 received'

say "It is plugged in, and switched on:"
on server 'ip link add uplink type dummy'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 10.0.0.2'
shows "down: no answer" '0 received'
on server 'ip link set uplink up'
on client 'ping -q -c 2 -i 0.2 10.0.0.2'
shows "running: the server answers" '2 received'

say "Renamed, it is the uplink no more:"
on server 'ip link set uplink down'
on server 'ip link set uplink name spare'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 10.0.0.2'
shows "no answer" '0 received'
on server 'iptables -nvL INPUT'
shows "2 pings were accepted" ' 2 '
the_end
