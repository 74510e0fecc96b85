#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What writes into packets (PROTO, DHCPMAC), or answers them (ECHO, TARPIT), keeps the
# sum right that a network card has added up over the whole packet
. "${0%/*}/../lib.sh"
. "${0%/*}/../reply.sh"

shape=/sys/module/xa_test_shape/parameters

# expect_right WHAT PACKET...: each has the shape, and no sum is wrong after the rules
expect_right()
{
	what=$1
	shift
	echo 0 >$shape/seen
	echo 0 >$shape/wrong
	echo complete >$shape/shape
	send "$@"
	wait_for 5 seen $#
	echo none >$shape/shape
	# and some that the kernels send of their own
	expect_range "$what: packets have the shape" $# $(($# + 20)) "$(cat $shape/seen)"
	expect "$what: wrong sums" 0 "$(cat $shape/wrong)"
}

seen()
{
	[ "$(cat $shape/seen)" -ge "$1" ]
}

# UDP with a payload of a DHCP message and a client address
message='data hex=0101060012345678000000000000000000000000000000000000000000505612345600000000000000000000'

writing()
{
	ns_pair
	pad='opt=010400000000'
	ipt 4 s -t mangle -A PREROUTING -p udp --dport 1 -j PROTO --proto-set 253
	ipt 6 s -t mangle -A PREROUTING -p udp --dport 1 -j PROTO --proto-set 253
	ipt 4 s -t mangle -A PREROUTING -p udp --dport 67 -j DHCPMAC --set-mac ab:cd:ef:01:02:03
	expect_right "PROTO, IPv4" 'ip / udp dport=1' 'ip id=rand / udp dport=1 / data zero=7'
	expect_right "PROTO, IPv6" 'ip6 / udp dport=1' 'ip6 / udp dport=1 / data zero=7' \
		"ip6 / dstopt $pad / udp dport=1" "ip6 / hbh $pad / dstopt $pad / udp dport=1"
	expect_count "PROTO, IPv6: all were written" 4 6 s mangle PREROUTING 1
	expect_right "DHCPMAC" "ip / udp sport=68 dport=67 / $message"
	expect_right "DHCPMAC, no checksum" "ip / udp sport=68 dport=67 sum=0 / $message"
	expect_count "DHCPMAC: all were seen" 2 4 s mangle PREROUTING 2
}

answering()
{
	ns_pair
	both -p udp --dport 7 -j ECHO
	both -p tcp --dport 80 -j TARPIT
	watch answers
	expect_right "ECHO and TARPIT" 'ip / udp sport=3000 dport=7 / data text=x' \
		'ip6 / udp sport=3000 dport=7 / data text=x' \
		'ip / udp sport=3000 dport=7 len=9 sum=0 / data text="xyz"' \
		'ip / tcp dport=80 flags=S' 'ip6 / tcp dport=80 flags=S'
	expect "all are answered" 5 "$(answers answers 5 | wc -l)"
	watch bad
	expect_right "wrong checksums" 'ip / udp sport=3000 dport=7 sum=bad / data text=x' \
		'ip6 / udp sport=3000 dport=7 sum=bad / data text=x' \
		'ip / tcp dport=80 flags=S sum=bad' 'ip6 / tcp dport=80 flags=S sum=bad'
	expect "none is answered" 0 "$(answers bad | wc -l)"
}

modprobe xa_test_shape 2>/dev/null || test_skip "the module xa_test_shape of tests/kmod is not there"
writing
ns_del_all
answering
expect_unload xt_PROTO xt_DHCPMAC xt_ECHO xt_TARPIT xa_test_shape
finish
