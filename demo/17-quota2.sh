#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "quota2: a quota that is exact"
two_hosts

say "The client may send 300 bytes to the server, whatever the protocol. Pings are of 100 bytes."
on server 'iptables -A INPUT -m quota2 --name client --quota 300 -j ACCEPT'
on server 'iptables -A INPUT -j DROP'
on client 'ping -q -c 2 -i 0.2 -s 72 10.0.0.2'
shows "two are answered" '2 received'
on server 'cat /proc/net/xt_quota/client'
shows "100 bytes are left" '100'

say "Of the next three only one:"
on client 'ping -q -c 3 -i 0.2 -W 1 -s 72 10.0.0.2'
shows "one is answered" '1 received'
on server 'cat /proc/net/xt_quota/client'
shows "nothing is left" '0'

say "More is bought, without touching a rule:"
on server 'echo +200 >/proc/net/xt_quota/client'
on client 'ping -q -c 2 -i 0.2 -s 72 10.0.0.2'
shows "two more" '2 received'
on server 'iptables -nvL INPUT'
shows "the rules tell the same: 5 packets" ' 5 500 ACCEPT'
shows "and 2 too many" ' 2 200 DROP'
the_end
