#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "TARPIT, DELUDE, ECHO: answers without a server"
two_hosts

say "On the server nothing listens. Four rules, and ports have answers:"
on server 'iptables -A INPUT -p tcp --dport 22 -j TARPIT'
on server 'iptables -A INPUT -p tcp --dport 80 -j DELUDE'
on server 'iptables -A INPUT -p tcp --dport 443 -j TARPIT --honeypot'
on server 'iptables -A INPUT -p udp --dport 7 -j ECHO'

say "A scanner that only looks sees open ports:"
on client 'nmap -n -Pn -sS -p 22,23,80,443 10.0.0.2'
shows "the tarpit, the deluded port, the honeypot" '22/tcp open' '80/tcp open' '443/tcp open'
shows "and one that no rule is for" '23/tcp closed'

say "Who connects to the deluded port is thrown out:"
on_refused client 'curl -sS -m 5 http://10.0.0.2/'
lacks "no page" '<html'

say "Who connects to the tarpit is held: connected, with data that it may never send."
background client 'sh -c "(echo hello; sleep 60) | socat - TCP:10.0.0.2:22"'
on client 'sleep 2; ss -tno state established dport = :22'
shows "held, and asking when it may send" '10.0.0.2:22' 'timer:(persist'

say "The honeypot takes what it gets; tcpdump could write it down."
background client 'sh -c "(echo secret; sleep 60) | socat - TCP:10.0.0.2:443"'
on client 'sleep 1; ss -tn state established dport = :443'
shows "nothing is left to be sent" '0 0 10.0.0.1:'

say "And nobody on the server knows of a connection:"
on server 'ss -tan'
lacks "no socket" '10.0.0.2'

say "UDP datagrams come back:"
on client 'echo hello | socat -t 1 - UDP:10.0.0.2:7'
shows "the same" 'hello'
the_end
