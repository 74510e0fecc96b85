#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# IPMARK: the mark of a packet comes from its address
. "${0%/*}/../lib.sh"

# marks 4|6 SRC DST MARK OPTIONS...: a packet from c gets MARK in s, and no other
marks()
{
	f=$1 src=$2 dst=$3 mark=$4
	shift 4
	ipt_restore "$f" s <<-END
		*mangle
		-A PREROUTING -j MARK --set-mark 0xdeadbeef
		-A PREROUTING -j IPMARK $*
		-A PREROUTING -m mark --mark $mark
		-A PREROUTING -m mark ! --mark $mark
		COMMIT
	END
	if [ "$f" = 4 ]; then
		in_ns c pkt send -d c0 "ip src=$src dst=$dst / udp" >/dev/null
	else
		in_ns c pkt send -d c0 "ip6 src=$src dst=$dst / udp" >/dev/null
	fi
	expect "IPv$f $src to $dst, $*: mark $mark" "1 0" \
		"$(ipt "$f" s -t mangle -nvxL PREROUTING | awk 'NR > 4 { print $1 }' | xargs)"
}

boundaries4()
{
	a=192.168.0.1 b=10.1.2.3
	marks 4 $a $b 0xc0a80001 --addr src
	marks 4 $a $b 0x0a010203 --addr dst
	marks 4 $a $b 0xc0a80001 --addr src --shift 0
	marks 4 $a $b 0x60540000 --addr src --shift 1
	marks 4 $a $b 0xc0a800 --addr src --shift 8
	marks 4 $a $b 0x1 --addr src --shift 31
	marks 4 $a $b 0 --addr src --shift 32
	marks 4 $a $b 0 --addr src --shift 33
	marks 4 $a $b 0 --addr src --shift 128
	marks 4 $a $b 0 --addr src --and-mask 0
	marks 4 $a $b 0x10001 --addr src --and-mask 0xffff --or-mask 0x10000
	marks 4 $a $b 0x203 --addr dst --and-mask 0xffff
	marks 4 $a $b 0xffffffff --addr dst --or-mask 0xffffffff
	# shifted first, then AND, then OR
	marks 4 $a $b 0x300a8 --addr src --shift 16 --and-mask 0xff --or-mask 0x30000
}

boundaries6()
{
	a=2001:db8:45:1d:20d:93ff:fe9b:e443 b=8000::1
	marks 6 $a $b 0xfe9be443 --addr src
	marks 6 $a $b 0xff4df221 --addr src --shift 1
	marks 6 $a $b 0x93fffe9b --addr src --shift 16
	marks 6 $a $b 0x27fffd37 --addr src --shift 15
	marks 6 $a $b 0x041b27ff --addr src --shift 31
	marks 6 $a $b 0x020d93ff --addr src --shift 32
	marks 6 $a $b 0x8106c9ff --addr src --shift 33
	marks 6 $a $b 0x0045001d --addr src --shift 64
	marks 6 $a $b 0x20010db8 --addr src --shift 96
	marks 6 $a $b 0x100086dc --addr src --shift 97
	marks 6 $a $b 0x1 --addr dst
	marks 6 $a $b 0x1 --addr dst --shift 127
	marks 6 $a $b 0 --addr dst --shift 128
	marks 6 $a $b 0x500ff --addr src --shift 32 --and-mask 0xff --or-mask 0x50000
	# the manual's
	marks 6 $a $b 0x93ff --addr src --shift 32 --and-mask 0xFFFF
}

# The whole mark is written; the chain goes on; where no transport header is, too.
fragments()
{
	ipt_restore 4 s <<-END
		*mangle
		-A PREROUTING -j IPMARK --addr src --and-mask 0xff
		-A PREROUTING -m mark --mark 9
		COMMIT
	END
	in_ns c pkt send -d c0 "ip src=10.0.0.9 dst=10.0.0.2 proto=17 off=100 / data zero=8" \
		"ip src=10.0.0.9 dst=10.0.0.2 proto=17 mf=1 / udp / data zero=8" \
		"ip src=10.0.0.9 dst=10.0.0.2 opt=nop,nop / icmp" >/dev/null
	expect_count "fragments and options do not matter" 3 4 s mangle PREROUTING 2
}

basics()
{
	ns_pair
	boundaries4
	boundaries6
	fragments
}

# The manual's recipe: a class for each host, one filter, one rule
class_packets()
{
	in_ns c tc -s class show dev c0 classid "$1" | sed -n 's/.* bytes\{0,1\} \([0-9]*\) pkt.*/\1/p'
}

ping4()
{
	in_ns c ping -q -c "$1" -i 0.01 -W 1 "$2" >/dev/null 2>&1
}

classes()
{
	ns_pair
	if ! in_ns c tc qdisc add dev c0 root handle 1: htb 2>/dev/null; then
		skip_part "this kernel has no HTB classes"
		return
	fi
	for class in 1:0502 1:0503 1:050c; do
		in_ns c tc class add dev c0 parent 1: classid $class htb rate 1gbit
	done
	if ! in_ns c tc filter add dev c0 parent 1:0 protocol ip fw 2>/dev/null; then
		skip_part "this kernel has no classifier by mark"
		return
	fi
	printf 'addr add %s/16 dev s0\n' 192.168.5.2 192.168.5.3 192.168.5.12 | ns_ip s
	echo "route add 192.168.0.0/16 via 10.0.0.2" | ns_ip c
	ipt 4 c -t mangle -A POSTROUTING -o c0 -d 192.168.5.2 -j MARK --set-mark 0x10502
	ipt 4 c -t mangle -A POSTROUTING -o c0 -d 192.168.5.3 -j MARK --set-mark 0x10503
	ping4 2 192.168.5.2
	ping4 3 192.168.5.3
	expect "one MARK rule a host: class 1:0502" 2 "$(class_packets 1:502)"
	expect "one MARK rule a host: class 1:0503" 3 "$(class_packets 1:503)"
	ipt 4 c -t mangle -F POSTROUTING
	ipt 4 c -t mangle -A POSTROUTING -o c0 -j IPMARK --addr dst --and-mask 0xffff --or-mask 0x10000
	ping4 1 192.168.5.2
	ping4 2 192.168.5.3
	ping4 4 192.168.5.12
	expect "one IPMARK rule for all: class 1:0502" 3 "$(class_packets 1:502)"
	expect "one IPMARK rule for all: class 1:0503" 5 "$(class_packets 1:503)"
	expect "one IPMARK rule for all: class 1:050c" 4 "$(class_packets 1:50c)"
}

# A mark that is made in OUTPUT is seen by the routing that follows
rerouted()
{
	ns_pair
	echo "rule add fwmark 0x63 table 99" | ns_ip c
	echo "route add blackhole 10.0.0.99/32 table 99" | ns_ip c
	echo "route add 10.0.0.98/31 via 10.0.0.2" | ns_ip c
	printf 'addr add %s/32 dev s0\n' 10.0.0.98 10.0.0.99 | ns_ip s
	expect_ok "without a mark" ping4 1 10.0.0.99
	ipt 4 c -t mangle -A OUTPUT -j IPMARK --addr dst --and-mask 0xff
	expect_fail "with a mark that another table is for" ping4 1 10.0.0.99
	expect_ok "with another mark" ping4 1 10.0.0.98
}

doomed()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -j IPMARK --addr src
	ipt 6 s -t mangle -A PREROUTING -j IPMARK --addr dst
}

each_backend basics
each_backend classes
each_backend rerouted
each_backend doomed
expect_unload xt_IPMARK
finish
