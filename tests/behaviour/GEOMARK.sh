#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# GEOMARK: the number of a country, or of an AS, in a field of the mark
. "${0%/*}/../lib.sh"

# hex NUMBER
hex()
{
	printf '0x%x' "$1"
}

# marks 4|6 SRC DST MARK OPTIONS...: a packet from c is to get MARK in s. All are sent by
# expect_marks, each to a port of its own
marks()
{
	f=$1 src=$2 dst=$3 mark=$4 ip=ip
	shift 4
	[ "$f" = 4 ] || ip=ip6
	case_no=$((case_no + 1))
	cat >>"$XA_TMP/rules$f" <<-END
		-A PREROUTING -p udp --dport $case_no -j MARK --set-mark ${before:-0}
		-A PREROUTING -p udp --dport $case_no -j GEOMARK $*
		-A PREROUTING -p udp --dport $case_no -m mark --mark $mark
		-A PREROUTING -p udp --dport $case_no -m mark ! --mark $mark
	END
	echo "eth dst=02:00:00:00:00:02 / $ip src=$src dst=$dst / udp dport=$case_no" >>"$XA_TMP/packets"
	echo "IPv$f $src to $dst, $* over ${before:-0}: $mark" >>"$XA_TMP/cases$f"
}

# expect_marks: of the cases
expect_marks()
{
	for f in 4 6; do
		{ echo '*mangle'; cat "$XA_TMP/rules$f"; echo COMMIT; } | ipt_restore "$f" s
	done
	sed 's/.*/"&"/' "$XA_TMP/packets" | xargs ip netns exec "$(ns_name c)" pkt send -d c0 >/dev/null
	for f in 4 6; do
		ipt "$f" s -t mangle -nvxL PREROUTING | awk 'NR > 2 && ++n % 4 == 3 { hit = $1 } NR > 2 && n % 4 == 0 { print hit, $1 }' >"$XA_TMP/hits"
		while IFS= read -r what && IFS= read -r hits <&3; do
			expect "$what" "1 0" "$hits"
		done <"$XA_TMP/cases$f" 3<"$XA_TMP/hits"
		expect "IPv$f: all of them" "$(wc -l <"$XA_TMP/cases$f")" "$(wc -l <"$XA_TMP/hits")"
	done
}

# both FAMILY ADDRESS MARK OPTIONS: as a source, and as a destination
both()
{
	f=$1 a=$2 m=$3 other=10.0.0.2
	[ "$f" = 4 ] || other=fd00::2
	shift 3
	marks "$f" "$a" "$other" "$m" --addr src "$@"
	marks "$f" "$other" "$a" "$m" --addr dst "$@"
}

numbers()
{
	ns_pair
	rm -f "$XA_TMP/rules"? "$XA_TMP/cases"? "$XA_TMP/packets"
	before='' case_no=0
	both 4 20.0.0.255 0 --nfmask 0x3ff
	both 4 20.0.1.0 124 --nfmask 0x3ff
	both 4 20.0.1.255 124 --nfmask 0x3ff
	both 4 20.0.2.0 894 --nfmask 0x3ff
	both 6 2001:db8:0:ffff:ffff:ffff:ffff:ffff 0 --nfmask 0x3ff
	both 6 2001:db8:1:: 124 --nfmask 0x3ff
	both 6 2001:db8:1:ffff:ffff:ffff:ffff:ffff 124 --nfmask 0x3ff
	both 6 2001:db8:2:: 894 --nfmask 0x3ff
	# a label without a number beside a country; that label alone; one's own
	marks 4 20.0.3.1 10.0.0.2 840 --addr src --nfmask 0x3ff
	marks 4 20.0.4.1 10.0.0.2 0 --addr src --nfmask 0x3ff
	marks 4 20.0.5.1 10.0.0.2 0 --addr src --nfmask 0x3ff
	marks 4 20.0.6.1 10.0.0.2 983 --addr src --nfmask 0x3ff
	# the first of two countries
	marks 4 20.0.7.1 10.0.0.2 124 --addr src --nfmask 0x3ff
	before=0xffffffff
	both 4 20.0.1.1 "$(hex $((0xfffffc00 | 124)))" --nfmask 0x3ff
	marks 4 20.0.2.1 10.0.0.2 "$(hex $((0xffc00fff | 894 << 12)))" --addr src --nfmask 0x3ff000
	marks 6 2001:db8:2::1 fd00::2 "$(hex $((0x003fffff | 894 << 22)))" --addr src --nfmask 0xffc00000
	marks 4 20.0.4.1 10.0.0.2 0xffc00fff --addr src --nfmask 0x3ff000
	before=''
	both 4 20.0.1.1 64500 --asn --nfmask 0xffffffff
	both 6 2001:db8:1::1 64500 --asn --nfmask 0xffff
	both 4 20.0.2.1 4294967295 --asn --nfmask 0xffffffff
	# the largest that fits into a field, and one more
	both 4 20.0.4.1 65535 --asn --nfmask 0xffff
	both 4 20.0.5.1 0 --asn --nfmask 0xffff
	both 4 20.0.5.1 65536 --asn --nfmask 0x1ffff
	marks 4 20.0.5.1 10.0.0.2 0x10000000 --addr src --asn --nfmask 0xfffff000
	# the least of two systems
	marks 4 20.0.3.1 10.0.0.2 7 --addr src --asn --nfmask 0xffff
	marks 4 20.0.6.1 10.0.0.2 0 --addr src --asn --nfmask 0xffff
	expect_marks
}

# ct_marks NS: those of the ICMP connections
ct_marks()
{
	for xa_f in ipv4 ipv6; do
		ct_list "$1" -f $xa_f
	done | sed -n 's/.*icmp.* mark=\([0-9]*\).*/\1/p' | sort -n | xargs
}

# ping_c ADDR SOURCE [COUNT]
ping_c()
{
	in_ns c ping -q -c "${3:-2}" -i 0.05 -W 5 -I "$2" "$1" >/dev/null 2>&1
}

# c (20.0.1.1) asks s (20.0.2.2) through r, which hides both addresses
connections()
{
	ns_triple
	printf 'addr add 20.0.1.1/32 dev c0\naddr add 2001:db8:1::1/128 dev c0 nodad\nroute replace default via 10.0.1.2 src 20.0.1.1\nroute replace default via fd01::2 src 2001:db8:1::1\n' | ns_ip c
	printf 'addr add 20.0.2.2/32 dev s0\naddr add 2001:db8:2::2/128 dev s0 nodad\n' | ns_ip s
	printf 'route add 20.0.1.0/24 via 10.0.1.1\nroute add 2001:db8:1::/48 via fd01::1\nroute add 20.0.2.0/24 via 10.0.2.2\nroute add 2001:db8:2::/48 via fd02::2\n' | ns_ip r
	for f in 4 6; do
		c=20.0.1.1 s=20.0.2.2 r=10.0.1.2
		[ $f = 4 ] || c=2001:db8:1::1 s=2001:db8:2::2 r=fd01::2
		ipt $f r -t nat -A PREROUTING -d $r -j DNAT --to-destination $s
		ipt $f r -t nat -A POSTROUTING -o r1 -j MASQUERADE
		ipt $f r -t mangle -A FORWARD -m conntrack --ctstate NEW -j CONNMARK --set-mark 0x80000000
		ipt $f r -t mangle -A FORWARD -j GEOMARK --addr orig --nfmask 0x3ff --ctmask 0x3ff0
		ipt $f r -t mangle -A FORWARD -m mark --mark 124/0x3ff
		ipt $f r -t mangle -A FORWARD -m conntrack --ctdir ORIGINAL -j GEOMARK --addr dst --ctmask 0x3ff0000
		expect_ok "IPv$f: through NAT" ping_c $r $c
		expect_count "IPv$f: the opener's country, both ways" 4 $f r mangle FORWARD 3
		expect "IPv$f: in the connection mark, with that of the server" \
			$((0x80000000 | 124 << 4 | 894 << 16)) "$(ct_marks r)"
		in_ns r conntrack -F >/dev/null 2>&1
		ipt $f r -t mangle -F FORWARD
	done
	ipt 4 r -t mangle -A PREROUTING -m conntrack --ctstate NEW -j GEOMARK --addr orig --asn --ctmask 0xffffffff
	ping_c 10.0.1.2 20.0.1.1
	expect "the AS number of the opener" 64500 "$(ct_marks r)"
	# no connection, no mark, and no harm
	ipt 4 r -t raw -A PREROUTING -p udp -j CT --notrack
	ipt 4 r -t raw -A PREROUTING -p tcp -j CT --zone 3
	ipt 4 r -t raw -A PREROUTING -j GEOMARK --addr orig --nfmask 0x3ff --ctmask 0x3ff
	ipt 4 r -t raw -A PREROUTING -m mark --mark 124
	ct_flush r
	in_ns c pkt send -d c0 "ip src=20.0.1.1 dst=20.0.2.2 / udp" "ip src=20.0.1.1 dst=20.0.2.2 / tcp" >/dev/null
	expect_count "not tracked, and with a template: the packet's source" 2 4 r raw PREROUTING 4
	expect "the one has no connection" "" "$(ct_list r -p udp)"
}

# A rule that looks for the opener alone needs connections, too.
tracking()
{
	ns_pair
	for f in 4 6; do
		[ $f = 4 ] && ip='ip src=20.0.1.1 dst=10.0.0.2' || ip='ip6 src=2001:db8:1::1 dst=fd00::2'
		in_ns c pkt send -d c0 "eth dst=02:00:00:00:00:02 / $ip / udp dport=9" >/dev/null
		expect "IPv$f: no connections without a rule" 0 "$(ct_count s)"
		ipt $f s -t mangle -A PREROUTING -j GEOMARK --addr dst --nfmask 0x3ff
		in_ns c pkt send -d c0 "eth dst=02:00:00:00:00:02 / $ip / udp dport=9" >/dev/null
		expect "IPv$f: nor with one for the packet's own address" 0 "$(ct_count s)"
		ipt $f s -t mangle -F PREROUTING
		ipt $f s -t mangle -A PREROUTING -j GEOMARK --addr orig --nfmask 0x3ff
		in_ns c pkt send -d c0 "eth dst=02:00:00:00:00:02 / $ip / udp dport=9" >/dev/null
		expect "IPv$f: the opener's has them tracked" 1 "$(ct_count s)"
		ipt $f s -t mangle -F PREROUTING
		ct_flush s
	done
}

is_listening()
{
	in_ns s conntrack -I -s 10.9.9.9 -d 10.8.8.8 -p udp --sport 1 --dport 2 -t 60 >/dev/null 2>&1
	in_ns s conntrack -D -p udp --dport 2 >/dev/null 2>&1
	grep -q src=10.9.9.9 "$XA_TMP/events"
}

has_event()
{
	grep -q "$1" "$XA_TMP/events"
}

# Whoever listens hears of a mark that is all that has changed, and of no more than that.
events()
{
	ns_pair
	in_ns c ip addr add 20.0.1.1/32 dev c0
	in_ns s ip route add 20.0.1.0/24 via 10.0.0.1
	ipt 4 s -t mangle -A PREROUTING -m conntrack --ctstate ESTABLISHED --ctdir ORIGINAL \
		-j GEOMARK --addr orig --ctmask 0x3ff
	bg s conntrack -E -o id >"$XA_TMP/events" 2>/dev/null
	if wait_for 10 is_listening; then
		ping_c 10.0.0.2 20.0.1.1 4
		# the second request changes nothing else, and the third nothing at all
		expect_ok "an event tells the mark" wait_for 5 has_event 'UPDATE.* icmp .* mark=124'
		in_ns s conntrack -D -p icmp >/dev/null 2>&1
		wait_for 5 has_event 'DESTROY.* icmp .*'
		expect "and no other does" 1 "$(grep -c 'UPDATE.* icmp .* mark=124' "$XA_TMP/events")"
	else
		skip_part "conntrack -E shows no events here"
	fi
	bg_stop "$bg_pid"
}

# The manual's: nft decides by names, for packets that a rule of the table raw has marked
by_nft()
{
	ns_pair
	xt_geoip_query "$2" >"$XA_TMP/countries.nft"
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -j GEOMARK --addr src --nfmask "$1"
	done
	cat >"$XA_TMP/rules.nft" <<-END
		include "$XA_TMP/countries.nft"
		table inet t {
			counter ca { }
			counter zm { }
			counter none { }
			chain ca { counter name ca; }
			chain pre { type filter hook prerouting priority -10;
				meta l4proto != udp accept
				meta mark & $1 vmap { \$CA : goto ca, \$ZM : jump zm, 0 : jump none }
			}
			chain zm { counter name zm; }
			chain none { counter name none; }
		}
	END
	expect_ok "$1: nft takes the numbers" in_ns s nft -f "$XA_TMP/rules.nft"
	in_ns c pkt send -d c0 "ip src=20.0.1.1 dst=10.0.0.2 / udp" "ip src=20.0.2.1 dst=10.0.0.2 / udp" \
		"ip src=20.0.2.2 dst=10.0.0.2 / udp" "ip src=10.0.0.1 dst=10.0.0.2 / udp" \
		"ip6 src=2001:db8:1::9 dst=fd00::2 / udp" "ip6 src=2001:db8:2::9 dst=fd00::2 / udp" >/dev/null
	expect "$1: each country has its packets" "ca 2 none 1 zm 3" \
		"$(for n in ca none zm; do
			echo $n "$(in_ns s nft list counter inet t $n | sed -n 's/.*packets \([0-9]*\).*/\1/p')"
		done | xargs)"
}

nft_names()
{
	if ! command -v nft >/dev/null; then
		skip_part "there is no nft"
		return
	fi
	by_nft 0x3ff --nft-defines
	ns_del_all
	by_nft 0x3ff000 --nft-defines=0x3ff000
}

# A new database is seen by rules that are there; while there are rules it stays.
reload()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -j GEOMARK --addr src --nfmask 0x3ff
	ipt 4 s -t mangle -A PREROUTING -m mark --mark 124
	ipt 4 s -t mangle -A PREROUTING -m mark --mark 840
	in_ns c pkt send -d c0 "ip src=20.0.1.1 dst=10.0.0.2 / udp" >/dev/null
	xt_geoip_load -q -D "$XA_TMP/moved"
	in_ns c pkt send -d c0 "ip src=20.0.1.1 dst=10.0.0.2 / udp" >/dev/null
	expect_count "before the new database" 1 4 s mangle PREROUTING 2
	expect_count "and after it" 1 4 s mangle PREROUTING 3
	want="rules need the database"
	expect_fail "it is not unloaded while a rule needs it" xt_geoip_load --unload
	xt_geoip_load -q -D "$XA_TMP/cc"
	ns_del_all
	expect_ok "it can be unloaded when the namespace has gone" wait_for 60 xt_geoip_load --unload
	ns_new s
	expect_ok "a rule before there is a database" ipt 4 s -t mangle -A PREROUTING -j GEOMARK --addr src --nfmask 0x3ff
	want="no geoip database is loaded, and rules wait for one"
	expect_fail "waits for one" xt_geoip_load --status
	expect_ok "AS numbers have their own" ipt 4 s -t mangle -A PREROUTING -j GEOMARK --addr src --asn --nfmask 0xffff
	xt_geoip_load -q -D "$XA_TMP/cc"
	for f in 4 6; do
		ipt $f s -t mangle -A OUTPUT -j GEOMARK --addr orig --nfmask 0x3ff --ctmask 0x3ff
		ipt $f s -t mangle -A OUTPUT -j GEOMARK --addr dst --asn --ctmask 0xffff0000
	done
}

# Each allocation of a rule fails once. What it had by then is given back: the database, too.
failing()
{
	echo N 2>/dev/null >/sys/kernel/debug/failslab/ignore-gfp-wait && [ -w /proc/self/fail-nth ] ||
		{ skip_part "this kernel injects no faults"; return; }
	for quiet in /sys/kernel/debug/fail*/verbose; do
		echo 0 >"$quiet"
	done
	ns_new s
	n=0 refused=0
	while [ $((n += 1)) -le 100 ]; do
		# --addr orig --nfmask 0x3ff
		did=$(in_ns s hookctl ext=4:GEOMARK:0 begin chain=4:prerouting:0 \
			"rule=GEOMARK:0:ff030000000000000200000000000000" fail=$n add | tail -n 1)
		case $did in
		*unharmed)		break ;;
		'add ENOMEM'*|'add ENOBUFS'*)	refused=$((refused + 1)) ;;
		'add 0')		;;
		*)			not_ok "a rule without memory says so" "allocation $n: $did" ;;
		esac
	done
	expect_range "a rule was refused for memory, and then was not" 3 99 $refused
	ns_del s
	expect_ok "none of them holds the database" wait_for 60 xt_geoip_load --unload
	xt_geoip_load -q -D "$XA_TMP/cc"
}

mkdir -p "$XA_TMP/cc" "$XA_TMP/as" "$XA_TMP/moved"
xt_geoip_build -q -F -f cidr -D "$XA_TMP/cc" -i - 2>/dev/null <<-END || xa_die "a database"
	20.0.1.0/24,CA
	20.0.2.0/24,ZM
	20.0.3.0/24,A1
	20.0.3.0/24,US
	20.0.4.0/24,A1
	20.0.5.0/24,X7
	20.0.6.0/24,XK
	20.0.7.0/24,US
	20.0.7.0/24,CA
	2001:db8:1::/48,CA
	2001:db8:2::/48,ZM
END
echo 20.0.1.0/24,US | xt_geoip_build -q -F -f cidr -D "$XA_TMP/moved" -i - || xa_die "a database"
xt_asn_build -q -F -f cidr -D "$XA_TMP/as" -i - 2>/dev/null <<-END || xa_die "a database"
	20.0.1.0/24,64500
	20.0.2.0/24,4294967295
	20.0.3.0/24,64501
	20.0.3.0/24,7
	20.0.4.0/24,65535
	20.0.5.0/24,65536
	2001:db8:1::/48,64500
END
xt_geoip_load -q -D "$XA_TMP/cc" && xt_asn_load -q -D "$XA_TMP/as" || xa_die "the databases are loaded"

each_backend numbers
connections
ns_del_all
each_backend tracking
each_backend events
failing
nft_names
ns_del_all
each_backend reload
expect_unload xt_GEOMARK
finish
