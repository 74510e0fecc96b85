#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What counts packets and bytes (quota2, ACCOUNT, fuzzy, length2) counts those of
# the wire, whatever offloads have made of them
. "${0%/*}/../lib.sh"

dir=/proc/net/xt_quota
shape=/sys/module/xa_test_shape/parameters
devices=0

# count_in CHAIN: both families, in the raw table of s; counters are named after CHAIN
count_in()
{
	for f in 4 6; do
		[ $f = 4 ] && all=0.0.0.0/0 || all=::/0
		ipt $f s -t raw -A "$1" -m quota2 --name "$1.p$f" --packets --grow
		ipt $f s -t raw -A "$1" -m quota2 --name "$1.b$f" --grow
		ipt $f s -t raw -A "$1" -j ACCOUNT --addr $all --tname "$1.$f"
	done
}

# counted CHAIN 4|6: prints "packets bytes" of quota2 and of ACCOUNT since the last time
counted()
{
	in_ns s sh -c 'for i in "$1.p$2" "$1.b$2"; do
			cat "$3/$i"
			echo 0 >"$3/$i"
		done' sh "$1" "$2" "$dir" | xargs
	in_ns s iptaccount -s -f -l "$1.$2" | sed -n 's/^[0.:]*;\([0-9]*\);\([0-9]*\);.*/\1 \2/p'
}

# expect_counted WHAT CHAIN 4|6 PACKETS BYTES
expect_counted()
{
	xa_got=$(counted "$2" "$3" | tr '\n' ' ')
	expect "$1: quota2 and ACCOUNT" "$4 $5 $4 $5 " "$xa_got"
}

# receive OPTIONS PACKET: as if s received it
receive()
{
	devices=$((devices + 1))
	in_ns s pkt send --tun "t$devices" "$@" >"$XA_TMP/sent" 2>&1 ||
		not_ok "a packet is sent" "$(cat "$XA_TMP/sent")"
}

# cases: WHAT|PACKET|HEADERS|DATA: bytes of all headers, and of what is behind them
tcp_cases()
{
	v4='ip src=10.0.0.1 dst=11.0.0.1' v6='ip6 src=fd00::1 dst=fe00::1'
	cat <<-END
		IPv4|$v4 / tcp flags=A / data zero=DATA|40|4001
		IPv4, just full|$v4 / tcp flags=A / data zero=DATA|40|5000
		IPv4 options|$v4 opt=7:$(printf '%020d' 0) / tcp flags=A / data zero=DATA|52|10000
		TCP options|$v4 / tcp flags=A opt=nop,nop,ts:1:2 / data zero=DATA|52|10001
		IPv6|$v6 / tcp flags=A / data zero=DATA|60|9999
		IPv6, 8 bytes of options|$v6 / hbh opt=010400000000 / tcp flags=A / data zero=DATA|68|10000
		IPv6, destination options|$v6 / dstopt opt=010400000000 / tcp flags=A / data zero=DATA|68|10000
		IPv6, 64 bytes of options|$v6 / dstopt opt=$(printf '1e3c%0120d' 0) / tcp flags=A / data zero=DATA|124|10000
		IPv6, two headers|$v6 / hbh opt=010400000000 / dstopt opt=010400000000 / tcp flags=A / data zero=DATA|76|10000
	END
}

# expect_cut WHAT PACKET HEADERS DATA: just received, in pieces of 1000 bytes
expect_cut()
{
	xa_n=$((($4 + 999) / 1000))
	case $2 in
	ip6*)	expect_counted "$1" PREROUTING 6 $xa_n $(($4 + xa_n * $3)) ;;
	*)	expect_counted "$1" PREROUTING 4 $xa_n $(($4 + xa_n * $3)) ;;
	esac
}

# What a tun device, and so a virtual machine, hands over
virtual()
{
	ns_new s
	count_in PREROUTING
	tcp_cases >"$XA_TMP/cases"
	while IFS='|' read -r what packet headers data; do
		receive --gso 1000 "$(echo "$packet" | sed "s/DATA/$data/")"
		expect_cut "tun, $what" "$packet" "$headers" "$data"
	done <"$XA_TMP/cases"
}

# shaped SHAPE WHAT|PACKET|HEADERS|DATA lines of stdin
shaped()
{
	echo "$1" >$shape/shape
	while IFS='|' read -r what packet headers data; do
		echo 0 >$shape/seen
		receive "$(echo "$packet" | sed "s/DATA/$data/")"
		expect "$1, $what: the packet has the shape" 1 "$(cat $shape/seen)"
		expect_cut "$1, $what" "$packet" "$headers" "$data"
	done
	echo none >$shape/shape
}

# What GRO and network cards make of it
received()
{
	v4='ip src=10.0.0.1 dst=11.0.0.1' v6='ip6 src=fd00::1 dst=fe00::1'
	payload='data zero=DATA'
	ns_new s
	count_in PREROUTING
	tcp_cases >"$XA_TMP/cases"
	shaped gso <"$XA_TMP/cases"
	shaped gso <<-END
		IPv4 UDP|$v4 / udp / $payload|28|4001
		IPv6 UDP|$v6 / udp / $payload|48|5000
		IPv6 UDP, options|$v6 / dstopt opt=010400000000 / udp / $payload|56|5001
		IPv4 SCTP|$v4 / sctp / $payload|32|4001
		IPv6 SCTP|$v6 / hbh opt=010400000000 / sctp / $payload|60|3000
	END
	shaped ufo <<-END
		IPv4, UDP header in the first fragment|$v4 / udp / data zero=3992|20|4000
		IPv6, with fragment headers|$v6 / udp / data zero=3993|48|4001
		IPv6, behind options|$v6 / dstopt opt=010400000000 / udp / data zero=2992|56|3000
	END
	shaped tunnel <<-END
		TCP in IPv4 in IPv4|$v4 proto=4 / ip src=1.1.1.1 dst=2.2.2.2 / tcp flags=A / $payload|60|4001
		TCP in IPv4 in GRE|$v4 / gre / ip src=1.1.1.1 dst=2.2.2.2 / tcp flags=A / $payload|64|4000
		TCP in IPv6 with options in GRE|$v4 / gre / ip6 src=fd01::1 dst=fd02::1 / dstopt opt=010400000000 / tcp flags=A / $payload|92|4000
		UDP in IPv6 in IPv6 with options|$v6 / dstopt opt=010400000000 / ip6 src=fd01::1 dst=fd02::1 / udp / $payload|96|4000
	END
}

# What cannot be counted in pieces is a packet, and no fewer.
unknown()
{
	ns_new s
	count_in PREROUTING
	echo unknown >$shape/shape
	receive 'ip src=10.0.0.1 dst=11.0.0.1 / gre / data zero=4000'
	expect_counted "IPv4, cut as nobody knows" PREROUTING 4 1 4024
	receive 'ip6 src=fd00::1 dst=fe00::1 / gre / data zero=4000'
	expect_counted "IPv6, cut as nobody knows" PREROUTING 6 1 4044
	echo none >$shape/shape
}

# Packets of more than 64 KiB, both ways through the loopback device
big_tcp()
{
	ns_new s
	ip -n "$(ns_name s)" link set lo mtu 1500
	families=$(in_ns s pkt large 200000 lo)
	ns_sysctl s net.ipv4.tcp_timestamps=0 net.ipv4.tcp_wmem='4096 4000000 8000000' \
		net.ipv4.tcp_rmem='4096 4000000 8000000'
	listen s tcp 9000 --sink
	for f in 4 6; do
		[ $f = 4 ] && to=127.0.0.1 headers=40 || to=::1 headers=60
		case $families in
		*$f*)	;;
		*)	skip_part "IPv$f: this kernel has no packets of more than 64 KiB"
			continue ;;
		esac
		for chain in OUTPUT PREROUTING; do
			set -- -p tcp --dport 9000 --tcp-flags SYN,FIN,RST NONE
			ipt $f s -t raw -A $chain -m length2 --layer3 --length 65576:200000
			ipt $f s -t raw -A $chain "$@" -m length2 --layer5 ! --length 0 \
				-m quota2 --name $chain.p --packets --grow \
				-m quota2 --name $chain.b --grow -j ACCOUNT --addr "$to" --tname $chain.$f
			echo 0 | in_ns s tee $dir/$chain.p $dir/$chain.b >/dev/null
		done
		in_ns s pkt connect --bytes 20000000 --timeout 60 $to 9000 >/dev/null ||
			not_ok "IPv$f: bytes are sent"
		for chain in OUTPUT PREROUTING; do
			set -- $(rule_count $f s raw $chain 1)
			expect_range "IPv$f, $chain: large packets are seen, by length2 too" 1 20000 "$1"
			n=$(in_ns s cat $dir/$chain.p) b=$(in_ns s cat $dir/$chain.b)
			# the FIN may have data
			expect_range "IPv$f, $chain: packets of the wire" \
				$(((20000000 - 200000) / (1500 - headers))) 30000 "$n"
			set -- $(in_ns s iptaccount -s -l $chain.$f | sed -n 's/^[0-9.:]*;\([0-9]*\);\([0-9]*\);.*/\1 \2/p')
			expect "IPv$f, $chain: ACCOUNT counts as many" "$n $b" "$*"
			left=$((20000000 + n * headers - b))
			# a busy machine sends some of them again
			expect_range "IPv$f, $chain: each with its headers" -2000000 200000 $left
			[ $chain = PREROUTING ] || sent=$left
		done
		expect "IPv$f: the same both ways" "$sent" "$left"
		ipt $f s -t raw -F
	done
}

# 100 packets a second are few, but each stands for 20.
controller()
{
	ns_new s
	for f in 4 6; do
		[ $f = 4 ] && packet='ip src=10.0.0.1 dst=11.0.0.1' || packet='ip6 src=fd00::1 dst=fe00::1'
		ipt $f s -t raw -A PREROUTING -m fuzzy --lower-limit 200 --upper-limit 1000
		receive --gso 1000 --rate 100 --count 100 "$packet / tcp flags=A / data zero=20000"
		set -- $(rule_count $f s raw PREROUTING 1)
		expect_range "IPv$f: fuzzy counts those that a packet stands for" 1 100 "$1"
	done
}

virtual
ns_del_all
if modprobe xa_test_shape 2>/dev/null; then
	received
	ns_del_all
	unknown
	ns_del_all
else
	skip_part "the module xa_test_shape of tests/kmod is not there"
fi
big_tcp
ns_del_all
controller
expect_unload xt_quota2 xt_ACCOUNT xt_fuzzy xt_length2
mod_gone xa_test_shape
finish
