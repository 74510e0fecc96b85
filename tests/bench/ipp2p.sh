#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# All protocols asked for. Wanted: 15 ns at most where nothing can be anything,
# as in TLS and QUIC; 300 ns at most for a plain HTTP GET.
. "${0%/*}/lib.sh"

all='--edk --dc --gnu --kazaa --bit --apple --soul --winmx --ares --mute --waste --xdcc'
tcp='src=10.0.0.0/24 dst=192.0.2.1 proto=tcp flags=0x18 dport=443'
udp='src=10.0.0.0/24 dst=192.0.2.1 dport=443'
tcp6='src=fd00::/64 dst=fd01::1 proto=tcp flags=0x18 dport=443'

# hex TEXT: \r and \n as in printf
hex()
{
	# shellcheck disable=SC2059 # so that they are
	printf "$1" | od -An -v -tx1 | tr -d ' \n'
}

tls=1703030573aabbccddeeff00112233445566778899aabbccddeeff0011223344
quic=4a5c1e99aabbccddeeff00112233445566778899aabbccddeeff001122334455
get=$(hex 'GET /index.html HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n')
browser=$(hex 'GET /a/page.html?x=1&y=2 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\nConnection: keep-alive\r\n')
dns=1a2b012000010000000000010377777707657861'6d706c6500'00010001'0000291000000000000000'
peer=$(printf 13; hex 'BitTorrent protocol')

# shellcheck disable=SC2086 # a list of options
{
	cost 'nothing to read (a SYN)' 'src=10.0.0.0/24 dst=192.0.2.1 proto=tcp flags=2 len=0' -m ipp2p $all
	cost 'TLS, 1400 bytes' "$tcp len=1400 payload=$tls" -m ipp2p $all
	cost 'QUIC, 1400 bytes' "$udp len=1400 payload=$quic" -m ipp2p $all
	cost 'DNS query' "$udp len=$((${#dns} / 2)) payload=$dns" -m ipp2p $all
	cost 'HTTP GET, 83 bytes' "$tcp len=$((${#get} / 2)) payload=$get" -m ipp2p $all
	cost 'HTTP GET, 1400 bytes, zeros' "$tcp len=1400 payload=$browser" -m ipp2p $all
	cost 'BitTorrent handshake' "$tcp len=68 payload=$peer" -m ipp2p $all
	cost 'TLS, 1400 bytes, --learn' "$tcp len=1400 payload=$tls" -m ipp2p $all --learn
	cost 'TLS, 300 bytes, --learn' "$tcp len=300 payload=$tls" -m ipp2p $all --learn
	cost 'QUIC, 1400 bytes, --learn' "$udp len=1400 payload=$quic" -m ipp2p $all --learn
	family=6
	cost 'TLS, 1400 bytes' "$tcp6 len=1400 payload=$tls" -m ipp2p $all
	family=4
	cost 'string (the kernel'"'"'s own), one word' "$tcp len=1400 payload=$tls" \
		-m string --algo bm --to 1400 --string info_hash=
	cpus=2
	scale 'TLS, 1400 bytes' "$tcp len=1400 payload=$tls" -m ipp2p $all
}
finish
