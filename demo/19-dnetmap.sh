#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "DNETMAP: few public addresses for many private hosts, both ways"
two_hosts

say "The client is the router of a private network here: 192.168.0.1 to .3 are its hosts. To the server all of 20.0.0.0/30 is behind it."
on client 'for n in 1 2 3; do ip address add 192.168.0.$n/32 dev lo; done'
on server 'ip route add 20.0.0.0/30 via 10.0.0.1'
on client 'iptables -t nat -A OUTPUT -s 192.168.0.0/24 -j DNETMAP --prefix 20.0.0.0/30'
on client 'iptables -t nat -A PREROUTING -j DNETMAP'

say "Nobody has sent anything: no address is bound, and no host can be reached."
on client 'cat /proc/net/xt_DNETMAP/20.0.0.0_30'
shows "4 free addresses" '0.0.0.0 -> 20.0.0.0' '0.0.0.0 -> 20.0.0.3'
on_refused server 'ping -q -c 1 -W 1 20.0.0.0'
shows "no answer" '0 received'

say "Two hosts send. Each gets a public address of its own:"
on client 'ping -q -c 2 -i 0.2 -I 192.168.0.2 10.0.0.2'
shows "the answers come back" '2 received'
on client 'ping -q -c 2 -i 0.2 -I 192.168.0.3 10.0.0.2'
shows "these, too" '2 received'
on client 'cat /proc/net/xt_DNETMAP/20.0.0.0_30'
shows "the bindings" '192.168.0.2 -> 20.0.0.0' '192.168.0.3 -> 20.0.0.1'

say "Through it the host is reached from outside, as long as the binding lasts:"
background client 'socat TCP-LISTEN:8080,bind=192.168.0.2,reuseaddr,fork SYSTEM:"echo this is 192.168.0.2"'
wait_port client t 8080
on server 'socat -u TCP:20.0.0.0:8080 -'
shows "the private host answers" 'this is 192.168.0.2'

say "A static binding, which never times out, and is there before its host has sent anything:"
on client 'echo "+192.168.0.1:20.0.0.3" >/proc/net/xt_DNETMAP/20.0.0.0_30'
on server 'ping -q -c 2 -i 0.2 20.0.0.3'
shows "the host is reached" '2 received'
on client 'cat /proc/net/xt_DNETMAP/20.0.0.0_30_stat'
shows "2 dynamic bindings, a static one, 4 addresses" '2 1 4 '

say "What is wrong is refused, and changes nothing:"
on_refused client 'echo "+192.168.0.1:30.0.0.1" >/proc/net/xt_DNETMAP/20.0.0.0_30'
shows "that is no address of the prefix" 'Invalid argument'
the_end
