#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Packets that have nothing to do with knocks: what the match costs besides -p.
# Wanted: 8 ns at most, with hosts that are in, too, and two CPUs carry as much more
# as without the rule. The rule in its place counts its packets, and this one none since
# it does not match: the kernel's own match, of which the same is true, tells what to
# compare with.
. "${0%/*}/lib.sh"

tcp='-p tcp -m pknock --knockports 4002,4001,4004 --strict --name bench --time 10'
slow=${tcp%10}36000
key='-p udp -m pknock --knockports 4000 --name bench --key 1:foo'
all_backends=$backends
udp='-p udp -m pknock --knockports 4000 --name bench --opensecret foo --closesecret bar'

# alone SIDE RULE...: the rule; on the other side its -p, if it has one
alone()
{
	side=$1
	shift
	if [ "$side" = base ]; then
		case $1 in
		-p)	set -- -p "$2" ;;
		*)	set -- ;;
		esac
	fi
	ipt "$family" "$side" -t raw -A PREROUTING "$@"
}

# with_hosts SIDE RULE...: as alone, and 100 hosts that are in
with_hosts()
{
	alone "$@" || return
	[ "$side" = rules ] || return 0
	ipt "$family" rules -t raw -A OUTPUT -p udp -m pknock --knockports 7 --name bench --time 1 || return
	if [ "$family" = 4 ]; then
		range=192.0.2.1-192.0.2.100
		dst=192.0.2.200
	else
		range=2001:db8::1-2001:db8::64
		dst=2001:db8::ff
	fi
	ipt "$family" rules -t raw -A PREROUTING -p udp -m pknock --knockports 7 --name bench --time 1
	in_ns rules pkt flood --tun x0 --count 100 --dport 7 --src-range $range --dst $dst >/dev/null
	ipt "$family" rules -t raw -D PREROUTING 2
	[ "$(in_ns rules grep -c ALLOWED /proc/net/xt_pknock/bench)" -eq 100 ]
}

# with_knockers SIDE RULE...: as alone, and as many hosts between two knocks as there can be
with_knockers()
{
	alone "$@" || return
	[ "$side" = rules ] || return 0
	if [ "$family" = 4 ]; then
		range=192.0.2.0-192.0.34.255
		dst=198.51.100.1
	else
		range=2001:db8::1-2001:db8::2000
		dst=2001:db8:1::1
	fi
	in_ns rules pkt flood --tun x0 --count 8192 --proto tcp --dport 4002 --src-range $range --dst $dst >/dev/null
	[ "$(in_ns rules grep -c MATCHING /proc/net/xt_pknock/bench)" -ge 1000 ]
}

# forged: a datagram of the second form that is right but for its tag, for now; in
# hexadecimal digits
forged()
{
	printf '504b4e3200010fa0%016x%096d' "$(($(date +%s) + 30))" 0
}

# plain SIDE RULE...: the rule; on the other side, its -p and port alone
plain()
{
	side=$1
	shift
	[ "$side" = rules ] || set -- -p udp -m udp --dport 4000
	ipt "$family" "$side" -t raw -A PREROUTING "$@"
}

for family in 4 6; do
	if [ $family = 4 ]; then
		p='src=10.0.0.0/16 dst=192.0.2.1'
	else
		p='src=fd00::/64 dst=fd01::1'
	fi
	ack="proto=tcp flags=0x10 dport=443 $p"
	syn="proto=tcp flags=0x02 dport=443 $p"
	# shellcheck disable=SC2086 # lists
	{
		cost_by 'ACK, -m tcp --syn' "$ack" alone -p tcp -m tcp --syn
		cost_by 'ACK, nobody in' "$ack" alone $tcp
		cost_by 'ACK, 100 hosts in' "$ack" with_hosts $tcp
		cost_by 'SYN, 100 hosts in' "$syn" with_hosts $tcp
		cost_by 'SYN, 1024 hosts between two knocks' "$syn" with_knockers $slow
		cost_by 'UDP with secrets, 100 hosts in' "dport=53 $p" with_hosts $udp
		cost_by '--checkip, 100 hosts in' "$ack" with_hosts -m pknock --checkip --name bench
		for XA_BACKEND in $all_backends; do
			backends=$XA_BACKEND
			cost_by 'forged knock, second form' "dport=4000 len=64 payload=$(forged) $p" \
				plain $key
		done
		backends=$all_backends
	}
done
family=4
p='src=10.0.0.0/16 dst=192.0.2.1'
cpus=2
# shellcheck disable=SC2086 # lists
scale_by 'ACK, 100 hosts in' "proto=tcp flags=0x10 dport=443 $p" with_hosts $tcp
finish
