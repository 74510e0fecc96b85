#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "psd: who scans ports?"
two_hosts

say "The server has a web page. Connections that are let in stay; who scans is dropped:"
mkdir -p /run/www
echo hello >/run/www/index.html
background server 'busybox httpd -f -p 80 -h /run/www'
wait_port server t 80
on server 'iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT'
on server 'iptables -A INPUT -m psd -j DROP'

say "A client that comes often is no scan, since it is the number of ports that counts:"
on client 'for i in $(seq 30); do curl -sS -m 5 http://10.0.0.2/; done | sort | uniq -c'
shows "30 pages" '30 hello'
on server 'iptables -nvL INPUT'
shows "nothing was dropped" ' 0 0 DROP'

say "nmap, from another address, tries 41 ports; the first six are answered, and then it sees nothing any more:"
on client 'nmap -n -Pn -sS --max-retries 1 -e c0 -S 10.0.0.11 -p 80,101-140 10.0.0.2'
shows "most of them" 'filtered tcp ports (no-response)'
on server 'iptables -nvL INPUT'
lacks "now packets were dropped" ' 0 0 DROP'

say "The client from before notices nothing:"
on client 'curl -sS -m 5 http://10.0.0.2/'
shows "the page" 'hello'
the_end
