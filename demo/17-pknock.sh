#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "pknock: a port that opens to who knocks"
two_hosts

say "The server has a service on port 22, and answers nobody who has not sent an authenticated datagram to port 4000."
background server 'socat TCP-LISTEN:22,fork,reuseaddr SYSTEM:"echo welcome"'
wait_port server t 22
say "Just after loading the module would take no such datagram, since it could be a replay. Here nothing was loaded before."
on machine 'modprobe xt_pknock && echo Y >/sys/module/xt_pknock/parameters/early_knocks'
on server 'iptables -P INPUT DROP'
on server 'iptables -A INPUT -p udp -m pknock --knockports 4000 --name DOOR --opensecret sesame --closesecret shut'
on server 'iptables -A INPUT -p tcp -m pknock --checkip --name DOOR --dport 22 -j ACCEPT'
on_refused client 'socat -T 1 TCP:10.0.0.2:22,connect-timeout=1 -'

say "The client knocks: an HMAC of its own address and the time, with the secret as the key."
on client 'xt_pknock_knock --print --secret sesame 10.0.0.2 4000'
on client 'xt_pknock_knock --secret sesame 10.0.0.2 4000'
on server 'cat /proc/net/xt_pknock/DOOR'
shows "it is let in" 'src=10.0.0.1 proto=UDP status=ALLOWED'
on client 'socat -T 5 TCP:10.0.0.2:22,connect-timeout=5 -'
shows "the port is open" 'welcome'

say "To no other address:"
on_refused client 'socat -T 1 TCP:10.0.0.2:22,connect-timeout=1,bind=10.0.0.11 -'

say "Another secret shuts the door again. Who recorded the first datagram cannot use it: it opens once."
on client 'xt_pknock_knock --secret shut 10.0.0.2 4000'
on client 'xt_pknock_knock --secret sesame 10.0.0.2 4000'
on server 'cat /proc/net/xt_pknock/DOOR'
lacks "nobody is in" 'ALLOWED'
on_refused client 'socat -T 1 TCP:10.0.0.2:22,connect-timeout=1 -'

say "The older way, SYNs to some ports in a certain order, over IPv6 this time:"
on server 'ip6tables -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --strict --name DOOR6 --time 10'
on client 'xt_pknock_knock fd00::2 4002,4001,4004'
on server 'cat /proc/net/xt_pknock/DOOR6'
shows "let in" 'src=fd00::1 proto=TCP status=ALLOWED accepted_knock_count=3'
the_end
