#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# --orig-cc of geoip and --orig-asn of asn: the host that opened the connection counts,
# whatever the direction of the packet and whatever NAT makes of its addresses.
. "${0%/*}/../lib.sh"

# countries LINE...: the database; AB is at home, AC abroad. The AS numbers 1 and 2 are
# where AB and AC are
countries()
{
	mkdir -p "$XA_TMP/cc" "$XA_TMP/as"
	printf '%s\n' "$@" >"$XA_TMP/list"
	xt_geoip_build -q -F -f cidr -D "$XA_TMP/cc" -i "$XA_TMP/list" &&
		sed 's/AB$/1/; s/AC$/2/' "$XA_TMP/list" | xt_asn_build -q -F -f cidr -D "$XA_TMP/as" -i - &&
		xt_geoip_load -q -D "$XA_TMP/cc" && xt_asn_load -q -D "$XA_TMP/as" ||
		xa_die "the databases are loaded"
}

# pings NS ADDR [SOURCE]: a packet and its answer
pings()
{
	in_ns "$1" ping -q -n -c 1 -W 5 ${3:+-I "$3"} "$2" >/dev/null 2>&1
}

# datagram FROM TO: from c
datagram()
{
	in_ns c pkt send -d c0 "eth dst=$mac / $ip src=$1 dst=$2 / udp dport=9" >/dev/null
}

# family 4|6: words of it
family()
{
	f=$1 ip=ip icmp=icmp lo=127.0.0.1
	[ "$f" = 4 ] || ip=ip6 icmp=icmpv6 lo=::1
}

# recipe 4|6 MATCH...: the rule of the manual in s, where c is abroad
recipe()
{
	family "$1"
	here=10.0.0.2 there=10.0.0.1 guest=10.0.0.9 mac=02:00:00:00:00:02
	[ "$f" = 4 ] || here=fd00::2 there=fd00::1 guest=fd00::9
	shift
	ipt_restore "$f" s <<-END
		*filter
		-A INPUT $* -j DROP
		-A INPUT -p $icmp -m conntrack --ctstate RELATED
		-A OUTPUT -o lo $*
		COMMIT
	END
	what="$home, IPv$f $*"
	datagram $there $here
	expect_count "$what: a request from abroad is dropped" 1 "$f" s filter INPUT 1
	expect_ok "$what: one from home is answered" pings c $here $guest
	expect_ok "$what: an own request is answered" pings s $there
	expect_ok "$what: over loopback, too" pings s $lo
	expect_count "$what: nor does it match on the way out there" 0 "$f" s filter OUTPUT 1
	# the error that c sends about a packet of s belongs to the connection of s
	in_ns s pkt connect --text x --timeout 5 udp $there 4444 >/dev/null 2>&1
	expect_count "$what: an error about an own request passes" 1 "$f" s filter INPUT 2
	expect_count "$what: none of these was dropped" 1 "$f" s filter INPUT 1
}

# pair WHAT [LINE4 LINE6]: and what the database has of s
pair()
{
	home=$1
	countries 10.0.0.1/32,AC ${2:+"$2"} 10.0.0.9/32,AB fd00::1/128,AC ${3:+"$3"} fd00::9/128,AB
	ns_pair
	printf 'addr add 10.0.0.9/24 dev c0\naddr add fd00::9/64 dev c0 nodad\n' | ns_ip c
	printf 'neigh replace 10.0.0.9 lladdr 02:00:00:00:00:01 dev s0\nneigh replace fd00::9 lladdr 02:00:00:00:00:01 dev s0\n' | ns_ip s
}

requests()
{
	pair "home has a country" 10.0.0.2/32,AB fd00::2/128,AB
	recipe 4 -m geoip ! --orig-cc AB
	[ "$XA_BACKEND" != legacy ] || return 0
	recipe 6 -m asn ! --orig-asn 1
	# what the recipe is for: the same rule for the source drops the answers
	ipt 4 s -I INPUT -m geoip ! --src-cc AB -j DROP
	in_ns s ping -q -c 1 -W 1 10.0.0.1 >/dev/null 2>&1
	expect_count "with --src-cc own requests are not answered" 1 4 s filter INPUT 1
	ns_del_all
	pair "home has a private address"
	recipe 4 -m geoip ! --orig-cc AB
	recipe 6 -m geoip ! --orig-cc AB
	recipe 6 -m asn ! --orig-asn 1
}

# both directions of the connections of each, without "!"
directions()
{
	countries 10.0.1.1/32,AC 10.0.2.2/32,AB fd01::1/128,AC fd02::2/128,AB
	ns_triple
	for f in 4 6; do
		c=10.0.1.1 s=10.0.2.2
		[ $f = 4 ] || c=fd01::1 s=fd02::2
		ipt_restore $f r <<-END
			*filter
			-A FORWARD -m geoip --orig-cc AC -m asn --orig-asn 2
			-A FORWARD -m geoip --orig-cc AB -m asn --orig-asn 1
			-A FORWARD -m geoip ! --orig-cc AB -m asn ! --orig-asn 1
			COMMIT
		END
		expect_ok "IPv$f: c asks" pings c $s
		expect_count "IPv$f: request and answer of c" 2 $f r filter FORWARD 1
		expect_count "IPv$f: none of s" 0 $f r filter FORWARD 2
		expect_ok "IPv$f: s asks" pings s $c
		expect_count "IPv$f: request and answer of s" 2 $f r filter FORWARD 2
		expect_count "IPv$f: no more of c" 2 $f r filter FORWARD 1
		expect_count "IPv$f: all but those of s" 2 $f r filter FORWARD 3
	done
}

# s has a private address, r the only one with a country; c and its address .9 are outside
nat()
{
	countries 10.0.1.1/32,AC 10.0.1.2/32,AB 10.0.1.9/32,AB fd01::1/128,AC fd01::2/128,AB fd01::9/128,AB
	ns_triple
	printf 'addr add 10.0.1.9/24 dev c0\naddr add fd01::9/64 dev c0 nodad\n' | ns_ip c
	printf 'neigh replace 10.0.1.9 lladdr 02:00:00:00:01:01 dev r0\nneigh replace fd01::9 lladdr 02:00:00:00:01:01 dev r0\n' | ns_ip r
	mac=02:00:00:00:01:02
	for fam in 4 6; do
		family $fam
		c=10.0.1.1 guest=10.0.1.9 s=10.0.2.2 r=10.0.1.2
		[ "$f" = 4 ] || c=fd01::1 guest=fd01::9 s=fd02::2 r=fd01::2
		# the server sees the router alone
		ipt_restore "$f" r <<-END
			*nat
			-A PREROUTING -i r0 -d $r -j DNAT --to-destination $s
			-A POSTROUTING -o r0 -j SNAT --to-source $r
			-A POSTROUTING -o r1 -j MASQUERADE
			COMMIT
			*mangle
			-A POSTROUTING -m geoip --orig-cc AB -m asn --orig-asn 1
			COMMIT
			*filter
			-A FORWARD -i r0 -m geoip ! --orig-cc AB -j DROP
			COMMIT
		END
		datagram $c $r
		expect_count "IPv$f: DNAT: a request from abroad is dropped" 1 "$f" r filter FORWARD 1
		expect_ok "IPv$f: DNAT: one from home is answered" pings c $r $guest
		expect_count "IPv$f: SNAT does not hide who opened the connection" 2 "$f" r mangle POSTROUTING 1
		expect_ok "IPv$f: SNAT: an own request is answered" pings s $c
		expect_count "IPv$f: SNAT: no answer was dropped" 1 "$f" r filter FORWARD 1
	done
}

# Without an entry of connection tracking it is the source of the packet.
untracked()
{
	countries 10.0.0.1/32,AC 10.0.0.9/32,AB fd00::1/128,AC fd00::9/128,AB
	ns_pair
	for fam in 4 6; do
		family $fam
		s=10.0.0.2 c=10.0.0.1 guest=10.0.0.9
		[ "$f" = 4 ] || s=fd00::2 c=fd00::1 guest=fd00::9
		# a template is no connection: its addresses are none
		ipt_restore "$f" s <<-END
			*raw
			-A PREROUTING -m geoip --orig-cc AC
			-A PREROUTING -p udp --dport 9 -j CT --notrack
			-A PREROUTING -p udp --dport 10 -j CT --zone 7
			-A PREROUTING -m geoip --orig-cc AB -m asn --orig-asn 1
			COMMIT
			*filter
			-A INPUT -m conntrack --ctstate UNTRACKED -m geoip ! --orig-cc AB
			-A INPUT -m conntrack --ctstate UNTRACKED -m geoip --orig-cc AB -m asn --orig-asn 1
			COMMIT
		END
		in_ns c pkt send -d c0 "$ip src=$c dst=$s / udp dport=9" "$ip src=$guest dst=$s / udp dport=9" \
			"$ip src=$c dst=$s / udp dport=10" "$ip src=$guest dst=$s / udp dport=10" >/dev/null
		expect_count "IPv$f: before connection tracking" 2 "$f" s raw PREROUTING 1
		expect_count "IPv$f: not tracked, and with a template" 2 "$f" s raw PREROUTING 4
		expect_count "IPv$f: not tracked, from abroad" 1 "$f" s filter INPUT 1
		expect_count "IPv$f: not tracked, from home" 1 "$f" s filter INPUT 2
	done
}

# tracks 4|6 NUMBER: a ping of s to itself leaves so many entries
tracks()
{
	ct_flush s
	lo=127.0.0.1
	[ "$1" = 4 ] || lo=::1
	in_ns s ping -q -c 1 -W 1 "$lo" >/dev/null 2>&1
	[ "$(ct_count s)" = "$2" ]
}

# demand 4|6 PLAIN OPENER: matches without and with the need for connection tracking
demand()
{
	# shellcheck disable=SC2086 # words
	{
		ipt "$1" s -A INPUT -m $2
		expect_ok "IPv$1: $2 needs no connection tracking" wait_for 10 tracks "$1" 0
		ipt "$1" s -A INPUT -m $3
		expect_ok "IPv$1: $3 turns it on" wait_for 10 tracks "$1" 1
		ipt "$1" s -D INPUT -m $3
		expect_ok "IPv$1: it goes with the rule" wait_for 60 tracks "$1" 0
		ipt "$1" s -A INPUT -m $3
	}
}

# Connection tracking works where a rule needs it, and no longer.
on_demand()
{
	ns_new s
	demand 4 'geoip ! --src-cc AB' 'geoip --orig-cc AB'
	demand 6 'asn --dst-asn 1' 'asn ! --orig-asn 1'
}

each_backend requests
directions
ns_del_all
nat
ns_del_all
untracked
ns_del_all
each_backend on_demand
expect_unload xt_geoip xt_asn
finish
