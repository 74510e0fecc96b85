#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "IPMARK: a class for each host, with one rule"
two_hosts

say "The client sorts what it sends into classes by mark. A mark of 0x1000b is class 1:b."
on client 'tc qdisc add dev c0 root handle 1: htb'
on client 'tc class add dev c0 parent 1: classid 1:2 htb rate 100mbit'
on client 'tc class add dev c0 parent 1: classid 1:b htb rate 100mbit'
on client 'tc filter add dev c0 parent 1:0 protocol ip fw'

say "One rule makes the mark from the last byte of the source address:"
on client 'iptables -t mangle -A POSTROUTING -o c0 -j IPMARK --addr src --and-mask 0xff --or-mask 0x10000'
on client 'ping -q -c 3 -i 0.2 -I 10.0.0.11 10.0.0.2'
shows "the server answers" '3 received'
on client 'tc -s class show dev c0 classid 1:b'
shows "10.0.0.11 went to class 1:b" 'class htb 1:b' ' 3 pkt'
on client 'tc -s class show dev c0 classid 1:2'
shows "nobody to class 1:2" ' 0 pkt'
the_end
