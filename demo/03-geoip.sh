#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "geoip: a database of countries, replaced under running rules"
two_hosts

say "Build a database from a list of networks (with the package tor-geoipdb: xt_geoip_build -s /usr/share/tor/geoip /usr/share/tor/geoip6)."
on server 'mkdir -p /tmp/geo && printf "10.0.0.0/24,DE\n198.51.100.0/24,FR\nfd00::/64,DE\n" >/tmp/geo.csv && xt_geoip_build -D /tmp/geo /tmp/geo.csv'
shows "ranges of each country" 'IPv4 ranges for DE' 'IPv6 ranges for DE'
say "Load it. The database belongs to the machine, the rules of all hosts on it use it."
on machine 'xt_geoip_load -D /tmp/geo'
shows "the kernel has it" 'loaded from /tmp/geo'

say "Drop a country. The client's address is in it."
on server 'iptables -A INPUT -m geoip --src-cc DE -j DROP'
on server 'ip6tables -A INPUT -m geoip --src-cc DE -p icmpv6 --icmpv6-type echo-request -j DROP'
on server 'xt_geoip_load --query 10.0.0.1 fd00::1 192.0.2.1'
shows "what the kernel says of addresses" '10.0.0.1: DE' 'fd00::1: DE' '192.0.2.1: -'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 10.0.0.2'
shows "no answer over IPv4" '0 received'
on_refused client 'ping -q -c 2 -i 0.2 -W 1 fd00::2'
shows "nor over IPv6" '0 received'

say "Countries move. A new database, with traffic going on; no rule is touched:"
background client 'ping -q -i 0.05 10.0.0.2'
on machine 'printf "10.0.0.0/24,FR\n198.51.100.0/24,DE\nfd00::/64,FR\n" | xt_geoip_build -q -D /tmp/geo -f cidr -i - && xt_geoip_load -D /tmp/geo'
on client 'ping -q -c 2 -i 0.2 10.0.0.2'
shows "the client is let in" '2 received'
on machine 'xt_geoip_load --status'
shows "what is loaded" 'generation: ' 'labels: ' 'sets in rules: 1'

say "A country that the database lacks is a warning, so that saved rules always load:"
on server 'iptables -A INPUT -m geoip --src-cc ZZ'
shows "a country that is not there" 'has no country ZZ'

say "What is wrong is refused, and changes nothing:"
on_refused server 'echo "10.0.0.0/24,../../etc" | xt_geoip_build -q -D /tmp/geo -f cidr -i -'
shows "file and line" ':1: "../../etc" is not a valid country'
on_refused machine 'xt_geoip_load --unload'
shows "rules need it" 'rules need the database'
the_end
