#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# asn: which packets match. What the two databases share is tested with geoip.
. "${0%/*}/../lib.sh"

# try WHAT PACKETS FAMILY RULE...: a packet from $from to $to meets a rule
try()
{
	what=$1 count=$2 fam=$3 ip=ip
	[ "$fam" = 4 ] || ip=ip6
	shift 3
	ipt "$fam" s -t raw -A PREROUTING -p udp "$@"
	in_ns c pkt send -d c0 -n 1 "eth dst=02:00:00:00:00:02 / $ip src=$from dst=$to / udp dport=9" >/dev/null
	expect_count "$what" "$count" "$fam" s raw PREROUTING 1
	ipt "$fam" s -t raw -F PREROUTING
}

# ends FAMILY BEFORE FIRST LAST AFTER
ends()
{
	fam=$1 there=fd00::2 here=fd00::1 hits="0 1 1 0"
	[ "$fam" = 6 ] || { there=10.0.0.2 here=10.0.0.1; }
	shift
	for a; do
		hit=${hits%% *} hits=${hits#* }
		from=$a to=$there
		try "IPv$fam source $a in 64500" "$hit" "$fam" -m asn --src-asn 64500
		try "IPv$fam source $a not in 64500" $((1 - hit)) "$fam" -m asn ! --src-asn 64500
		from=$here to=$a
		try "IPv$fam destination $a in 64500" "$hit" "$fam" -m asn --dst-asn 64500,4294967295
	done
}

matches()
{
	ns_pair
	ends 4 20.0.0.255 20.0.1.0 20.0.1.255 20.0.2.0
	ends 6 2001:db8:0:ffff:ffff:ffff:ffff:ffff 2001:db8:1:: \
		2001:db8:1:ffff:ffff:ffff:ffff:ffff 2001:db8:2::
	from=20.0.4.1 to=10.0.0.2
	try "an address of two systems: the one" 1 4 -m asn --src-asn 64501
	try "an address of two systems: the other" 1 4 -m asn --src-asn 64502
	from=20.0.5.1
	try "the largest number" 1 4 -m asn --src-asn 4294967295
	try "many numbers" 1 4 -m asn --src-asn "4294967295,$(seq -s, 100000 100139)"
	# 51200 is 193 * 265 + 55
	from=10.0.0.1 to=21.200.0.1
	try "one of 70000 pairs: its first system" 1 4 -m asn --dst-asn 100193
	try "and its second" 1 4 -m asn --dst-asn 200055
	try "the next ones are not" 0 4 -m asn --dst-asn 100194,200056
	# 70224, in the last network, is numbered behind 65535
	to=22.18.80.1
	try "the last pair" 1 4 -m asn --dst-asn 100264
	try "and not another" 0 4 -m asn --dst-asn 100263
}

mkdir -p "$XA_TMP/db"
{
	echo 20.0.1.0/24,AS64500
	echo 20.0.4.0/24,64501
	echo 20.0.4.0/24,64502
	echo 20.0.5.0/24,4294967295
	echo 2001:db8:1::/48,64500
	# 265 x 265 pairs of systems: more classes than a u16 can number
	awk 'BEGIN { for (i = 0; i < 70225; i++) {
		net = sprintf("%d.%d.%d.0/24", 21 + i / 65536, i / 256 % 256, i % 256)
		print net "," 100000 + int(i / 265) "\n" net "," 200000 + i % 265 } }'
} >"$XA_TMP/list"
expect_ok "a database of 70000 pairs of systems is built" \
	xt_asn_build -q -F -f cidr -D "$XA_TMP/db" -i "$XA_TMP/list"
expect_ok "and loaded" xt_asn_load -q -D "$XA_TMP/db"
expect "the kernel knows both origins" "20.0.4.9: 64501 64502" "$(xt_asn_load --query 20.0.4.9)"
each_backend matches
expect_unload xt_asn
want=
expect_fail "it went with the module's rules; unloading twice" sh -c 'xt_asn_load --unload && xt_asn_load --unload'
finish
