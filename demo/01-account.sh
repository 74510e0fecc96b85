#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "ACCOUNT: who sends how much?"
two_hosts
mkdir -p /run/www
head -c 500000 /dev/zero >/run/www/file
background server 'busybox httpd -f -p 80 -h /run/www'
background server 'socat -u UDP-RECV:5000 /dev/null'
wait_port server t 80
wait_port server u 5000

say "One rule for each direction counts every host of a network:"
on server 'iptables -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname lan'
on server 'iptables -A OUTPUT -j ACCOUNT --addr 10.0.0.0/24 --tname lan'
on server 'lsmod | grep xt_ACCOUNT'
shows "the first rule has loaded the module" 'xt_ACCOUNT'

say "Traffic of three hosts: 5 pings, 20 UDP datagrams of 1000 bytes, a download over TCP."
on client 'ping -q -c 5 -i 0.2 10.0.0.2'
on client 'head -c 20000 /dev/zero | socat -u -b 1000 - UDP:10.0.0.2:5000,bind=10.0.0.11'
on client 'curl -sS --interface 10.0.0.12 -o /dev/null -w "%{size_download} bytes\n" http://10.0.0.2/file'
shows "the file has arrived" '500000 bytes'

say "Every host has its record. Bytes are those of layer 3: a ping is 84, a datagram here 1028."
on server 'iptaccount -l lan'
shows "5 pings and 5 answers" \
	'IP: 10.0.0.1 SRC packets: 5 bytes: 420 DST packets: 5 bytes: 420'
shows "20 datagrams, no answer" \
	'IP: 10.0.0.11 SRC packets: 20 bytes: 20560 DST packets: 0 bytes: 0'
shows "the two ends of the cable, and the two others" '4 items found'

say "The two with the most traffic; the number of items is still that of all:"
on server 'iptaccount -l lan --top 2'
shows "the server and who downloaded" 'IP: 10.0.0.2 ' 'IP: 10.0.0.12 '
lacks "the small ones are left out" 'IP: 10.0.0.11 '

say "For programs: JSON; -f resets the table in the same step, so that no packet is lost or counted twice."
on server 'iptaccount --json -f -l lan'
shows "the same numbers" '10.0.0.11' '20560'
on server 'iptaccount -l lan'
shows "the table begins anew" '0 items found'

say "IPv6 tables are fed by ip6tables, per address, or per prefix with --per:"
on server 'ip6tables -A INPUT -j ACCOUNT --addr fd00::/32 --tname customers --per 64'
on client 'ping -q -c 3 -i 0.2 fd00::2'
on server 'iptaccount -l customers'
shows "3 pings, on the record of the /64" 'packets: 3 bytes: 312'

say "The rules as they are saved:"
on server 'iptables-save -t filter | grep ACCOUNT'
shows "what was given" '-A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname lan'
the_end
