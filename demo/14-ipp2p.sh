#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "ipp2p: a torrent is seen, a web page is not"
two_hosts

say "The server counts packets of BitTorrent, and marks the connections that they open."
on server 'iptables -t mangle -A INPUT -m ipp2p --bit -j CONNMARK --set-mark 1'
on server 'iptables -A INPUT -m connmark --mark 1'
background server 'socat TCP-LISTEN:6881,reuseaddr,fork EXEC:cat'
background server 'socat UDP-LISTEN:6881,reuseaddr,fork EXEC:cat'
wait_port server t 6881
wait_port server u 6881

say "Something else on the same port is nobody's business:"
on client 'printf "GET /download/a.torrent HTTP/1.1\r\n\r\n" | socat -t 1 - TCP:10.0.0.2:6881'
on server 'iptables -t mangle -nvL INPUT'
shows "nothing matched" ' 0 0 CONNMARK'

say "A peer says hello, and asks for a piece of a file:"
on client '(printf "\023BitTorrent protocol%048d" 0; sleep 0.5; echo request) | socat -t 1 - TCP:10.0.0.2:6881 | wc -c'
on server 'iptables -t mangle -nvL INPUT'
shows "its first packet matched" ' 1 '
on server 'iptables -nvxL INPUT'
lacks "and all packets from there on have the mark" ' 0 0 '

say "And a query of the DHT, over UDP:"
on client 'printf "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe" | socat -t 1 - UDP:10.0.0.2:6881 >/dev/null'
on server 'iptables -t mangle -nvL INPUT'
shows "it matched" ' 2 '
the_end
