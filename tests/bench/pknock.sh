#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Packets that have nothing to do with knocks. Wanted: 8 ns at most, in a table
# with hosts in it too, and two CPUs carry as much more as without the rule.
. "${0%/*}/lib.sh"

tcp='-p tcp -m pknock --knockports 4002,4001,4004 --strict --name bench --time 10'
udp='-p udp -m pknock --knockports 4000 --name bench --opensecret foo --closesecret bar'

# with_hosts SIDE RULE...: the rule, and 100 hosts that are in; on the other side -p alone
with_hosts()
{
	side=$1
	shift
	if [ "$side" = base ]; then
		ipt "$family" base -t raw -A PREROUTING
		return
	fi
	ipt "$family" rules -t raw -A PREROUTING "$@" &&
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

for family in 4 6; do
	if [ $family = 4 ]; then
		p='src=10.0.0.0/16 dst=192.0.2.1'
	else
		p='src=fd00::/64 dst=fd01::1'
	fi
	ack="proto=tcp flags=10 dport=443 $p"
	syn="proto=tcp flags=2 dport=443 $p"
	# shellcheck disable=SC2086 # lists
	{
		cost_by 'ACK, nobody in' "$ack" xb_rules $tcp
		cost_by 'ACK, 100 hosts in' "$ack" with_hosts $tcp
		cost_by 'SYN, 100 hosts in' "$syn" with_hosts $tcp
		cost_by 'UDP with secrets, 100 hosts in' "dport=53 $p" with_hosts $udp
		cost_by '--checkip, 100 hosts in' "$ack" with_hosts -m pknock --checkip --name bench
	}
done
family=4
p='src=10.0.0.0/16 dst=192.0.2.1'
cpus=2
# shellcheck disable=SC2086 # lists
scale_by 'ACK, 100 hosts in' "proto=tcp flags=10 dport=443 $p" with_hosts $tcp
finish
