#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The tools of geoip and asn: each input format, each refusal, and what stays
# of the old database then. Without a kernel and without the network.
# XA_BUILD is a built tree; data of Debian's packages are used if installed.

. "$XA_TOP/tests/unit/addrdb.inc"

# ---- numbers of countries
"$geoip/xt_geoip_query" --nft-defines >defines
expect "a line for each country" 250 "$(grep -c '^define [A-Z][A-Z] = [1-9][0-9]*$' defines)"
expect "and a comment" 1 "$(grep -vc '^define' defines)"
expect "each number once" 250 "$(sed -n 's/^define .* = //p' defines | sort -u | wc -l)"
expect "as ISO 3166 has them" "define AF = 4|define CA = 124|define US = 840|define XK = 983|define ZM = 894" \
	"$(grep -E '^define (AF|CA|US|ZM|XK) ' defines | paste -sd'|')"
"$geoip/xt_geoip_query" --nft-defines=0x3ff000 >shifted
expect "in another field" "define CA = 507904|define ZM = 3661824" "$(grep -E '^define (CA|ZM) ' shifted | paste -sd'|')"
"$geoip/xt_geoip_query" --nft-defines=0xffc00000 >shifted
expect "in the last one" "define ZM = 3749707776" "$(grep -E '^define ZM ' shifted)"
for mask in 0 0x1ff 0xff800000 0x7fd 0x1000003ff 0x3ffx '' -1; do
	"$geoip/xt_geoip_query" --nft-defines="$mask" >out 2>err
	expect "no field, \"$mask\": status, words, output" "2 1 0" "$? $(grep -c 'is no mask of at least 10 bits' err) $(wc -l <out)"
done
"$geoip/xt_geoip_query" --nft-defines US >out 2>&1
expect "with a country: status" 2 $?
expect "with a country: the message" "xt_geoip_query: unexpected argument US" "$(head -n 1 out)"
"$asn/xt_asn_query" --nft-defines >out 2>&1
expect "AS numbers have none" 2 $?
if [ -e /dev/full ]; then
	"$geoip/xt_geoip_query" --nft-defines >/dev/full
	expect "a full disk is noticed" 1 $?
fi

# ---- formats
fresh
printf '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.1.255,AU\n"1.0.4.0","1.0.5.255","cn"\n2001:db8::,2001:db8::ffff,AU\n' >dbip.csv
if [ -e /dev/full ]; then
	out=$("$geoip/xt_geoip_build" -D db -i dbip.csv 2>&1 >/dev/full)
	expect "a progress that cannot be written" "1 xt_geoip_build: standard output: No space left on device" "$? $out"
fi
fresh
out=$("$geoip/xt_geoip_build" -D db -i dbip.csv)
expect "DB-IP: progress" "4 entries total|    1 IPv4 ranges for AU|    1 IPv6 ranges for AU|    1 IPv4 ranges for CN|    0 IPv6 ranges for CN" \
	"$(echo "$out" | paste -sd'|')"
expect "DB-IP: neighbours are joined" "1.0.0.0-1.0.1.255 " "$(ranges 4 AU)"
expect "DB-IP: IPv6" "2001:db8::-2001:db8::ffff " "$(ranges 6 AU)"
expect "the bytes on disk" "01000000010001ff" "$(od -An -v -tx1 db/AU.iv4 | tr -d ' \n')"
expect "an empty file for a family without ranges" 0 "$(stat -c %s db/CN.iv6)"
expect "label of an address" "1.0.5.0: CN" "$(label 1.0.5.0)"
expect "an address without a label" "1.0.6.0: -" "$(label 1.0.6.0)"
expect "JSON" '{"address":"1.0.5.0","labels":["CN"]}|{"address":"1.0.6.0","labels":[]}|{"label":"AU","ranges":["1.0.0.0-1.0.1.255","2001:db8::-2001:db8::ffff"]}' \
	"$("$geoip/xt_geoip_query" --directory db --json 1.0.5.0 1.0.6.0 au | paste -sd'|')"
expect "JSON, a family" '{"label":"CN","ranges":[]}' "$("$geoip/xt_geoip_query" -D db --json --ipv6 CN)"
out=$("$geoip/xt_geoip_query" -D db ZZ 2>&1)
expect "a country that the database lacks" "1 xt_geoip_query: the database in db has no country ZZ" "$? $out"
out=$("$geoip/xt_geoip_query" -D db Germany 2>&1)
expect "what is no country" 1 "$?"
out=$("$geoip/xt_geoip_query" 2>&1)
expect "nothing to look for" "2 xt_geoip_query: an address or a country is needed" "$? $(head -n 1 <<<"$out")"
(cd db && "$geoip/xt_geoip_query" 1.0.5.0 >../out 2>&1)
expect "without -D it is not the current folder" 0 "$(grep -c '^1.0.5.0: CN' out)"
out=$("$geoip/xt_geoip_load" --json 2>&1)
expect "--json without --status or --query" "2 xt_geoip_load: --json goes with --status and --query only" "$? $(head -n 1 <<<"$out")"
cp dbip.csv dbip-country-lite.csv
"$geoip/xt_geoip_build" -q -D db && ok "the default input" || not_ok "the default input"
"$geoip/xt_geoip_build" -q -D db -i - <dbip.csv && ok "standard input" || not_ok "standard input"

fresh
printf '# comment\n16777216,16777471,AU\n16777472,16778239,??\n' >tor4
printf '2001:db8::,2001:db8::1,AU\n' >tor6
build -i tor4 -i tor6
expect "Tor: numbers" "1.0.0.0-1.0.0.255 " "$(ranges 4 AU)"
expect "Tor: ?? is nobody" "AU.iv4 AU.iv6" "$(files)"
fresh
printf '10.0.0.0/8,ZZ\n10.0.0.0/9,A1\n' >cidr
refused "networks that overlap" "cidr:2: the range overlaps the one before" build cidr
build --force cidr 2>/dev/null
expect "two labels of an address" "10.1.0.0: A1 ZZ" "$(label 10.1.0.0)"
expect "one beside them" "10.200.0.0: ZZ" "$(label 10.200.0.0)"

mkdir mm
printf 'geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union\n1,en,EU,Europe,DE,Germany,1\n2,en,EU,Europe,,,0\n3,en,NA,"North America",US,"United States",0\n' >mm/GeoLite2-Country-Locations-en.csv
printf 'network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,is_satellite_provider\n1.0.0.0/24,1,3,,0,0\n1.0.1.0/24,2,3,,0,0\n1.0.2.0/24,,,,0,0\n1.0.3.0/24,1,,,1,0\n1.0.4.0/24,1,,,0,1\n' >mm/GeoLite2-Country-Blocks-IPv4.csv
printf 'network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,is_satellite_provider\n2001:db8::/32,3,,,0,0\n' >mm/GeoLite2-Country-Blocks-IPv6.csv
fresh
out=$("$geoip/xt_geoip_build_maxmind" -D db -S mm)
expect "MaxMind: country" "1.0.0.9: DE" "$(label 1.0.0.9)"
expect "MaxMind: a continent is no country, the registered one is" "1.0.1.9: US" "$(label 1.0.1.9)"
expect "MaxMind: neither" "1.0.2.9: O1" "$(label 1.0.2.9)"
expect "MaxMind: proxy" "1.0.3.9: A1" "$(label 1.0.3.9)"
expect "MaxMind: satellite" "1.0.4.9: A2" "$(label 1.0.4.9)"
expect "MaxMind: IPv6" "2001:db8::1: US" "$(label 2001:db8::1)"
[[ $out == *"    1 IPv4 ranges for DE Germany"* ]] && ok "MaxMind: names" || not_ok "MaxMind: names" "$out"
sed -i 's/^1.0.2.0.24/1.0.2.1\/24/' mm/GeoLite2-Country-Blocks-IPv4.csv
refused "MaxMind: a network with bits behind the prefix" "Blocks-IPv4.csv:4: \"1.0.2.1" build -S mm
printf 'network,autonomous_system_number,autonomous_system_organization\n1.0.0.0/24,13335,"Cloud, ""Flare"""\n1.0.4.0/22,38803,Wirefree\n' >GeoLite2-ASN-Blocks-IPv4.csv
printf 'network,autonomous_system_number,autonomous_system_organization\n2001:db8::/32,13335,CloudFlare\n' >GeoLite2-ASN-Blocks-IPv6.csv
fresh
"$asn/xt_asn_build" -q -D db -O zone && expect "MaxMind: AS numbers" "1.0.0.1: 13335" "$("$asn/xt_asn_query" -D db 1.0.0.1)"
expect "the zone file" '13335		IN	APL	 1:1.0.0.0/24|13335		IN	APL	 2:2001:db8::/32|13335		IN	TXT	"Cloud, \"Flare\""|38803		IN	APL	 1:1.0.4.0/22|38803		IN	TXT	"Wirefree"' \
	"$(paste -sd'|' zone)"
fresh
printf '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n1.0.1.0,1.0.1.255,0,none\n' >dbasn
"$asn/xt_asn_build" -q -D db dbasn
expect "DB-IP: AS numbers; 0 is nobody" "13335.iv4" "$(files)"

# ---- an .mmdb: the test writes it
if /usr/bin/python3 "$XA_TOP/tests/data/make-mmdb" t.mmdb 2>/dev/null; then
	fresh
	build t.mmdb
	expect "mmdb: IPv4" "1.0.0.0-1.0.0.255 " "$(ranges 4 AU)"
	expect "mmdb: IPv6" "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff " "$(ranges 6 AU)"
	expect "mmdb: registered country" "9.9.9.9: CH" "$(label 9.9.9.9)"
	expect "mmdb: an alias of IPv4 is left out" "2002:100::1: -" "$(label 2002:100::1)"
	fresh
	build four.mmdb
	expect "mmdb: a tree of IPv4 alone" "1.0.0.0-1.0.0.255 255.255.255.254-255.255.255.255 |128.0.0.1-128.0.0.1 " "$(ranges 4 AU)|$(ranges 4 CH)"
	expect "mmdb: no IPv6 in it" "" "$(ranges 6 AU)$(ranges 6 CH)"
	refused "mmdb: a loop" "the tree has a loop" build loop.mmdb
	head -c 60 t.mmdb >cut.mmdb
	refused "mmdb: truncated" "cut.mmdb" build -f mmdb cut.mmdb
else
	echo "skip $XA_SPEC: no python3 to write an .mmdb with"
fi

# ---- refusals; the old database has 30 countries
fresh
awk 'BEGIN { for (i = 0; i < 30; i++) printf "10.%d.0.0/16,A%c\n2001:db8:%x::/48,A%c\n", i, 65 + i % 26, i, 65 + i % 26 }' >good
build good
bad() { printf '%b' "$2" >bad.csv; refused "$1" "bad.csv:$3" build bad.csv; }
bad "truncated in a line" '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0' '2: 3 columns are expected'
bad "truncated in a label" '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.1.255,A' '2: "A" is not a valid country'
bad "no end of the last line" '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.1.255,AU' '2: the last line has no newline; file truncated?'
bad "unsorted" '1.0.1.0,1.0.1.255,AU\n1.0.0.0,1.0.0.255,AU\n' '2: the addresses are not in order'
bad "overlapping" '1.0.0.0,1.0.1.255,AU\n1.0.1.255,1.0.2.255,CN\n' '2: the range overlaps'
bad "last before first" '1.0.1.0,1.0.0.255,AU\n' '1: the last address is before'
bad "a family each" '1.0.1.0,2001:db8::,AU\n' '1: one address is IPv4'
bad "no address" '1.0.1,1.0.0.255,AU\n' '1: "1.0.1" is no address'
bad "a label that leads elsewhere" '1.0.0.0,1.0.0.255,../x\n' '1: "../x" is not a valid country'
bad "a long label" '1.0.0.0,1.0.0.255,AUS\n' '1: "AUS" is not a valid country'
bad "not UTF-8" '1.0.0.0,1.0.0.255,AU,\xff\xfe\n' '1: this is no UTF-8 text'
bad "a byte 0" '1.0.0.0,1.0.0.255,A\x00U\n' '1: a byte 0'
bad "quotes without an end" '"1.0.0.0,1.0.0.255,AU\n' '1: a quoted column'
bad "a prefix too long" '1.0.0.0/33,AU\n' '1: "1.0.0.0" is no network'
: >bad.csv
refused "empty" "the new database is empty" build bad.csv
head -n 38 good >shrunk
refused "shrunk by more than a third" "fewer" build shrunk
refused "no such file" "No such file" build nowhere.csv
refused "no such folder" "no folder" "$geoip/xt_geoip_build" -q -D nowhere good
# as many ranges and countries, but of a quarter of the addresses
refused "fewer IPv4 addresses" "75 % fewer IPv4 addresses" build <(sed 's,^\(10.*\)/16,\1/18,' good)
refused "fewer IPv6 addresses" "75 % fewer IPv6 addresses" build <(sed 's,/48,/50,' good)
refused "fewer countries" "92 % fewer labels" build <(awk '{ sub(/..$/, NR % 4 < 2 ? "AA" : "AB"); print }' good)
head -n 42 good >less
build less && ok "shrunk by less than a third" || not_ok "shrunk by less than a third"
build --force shrunk && ok "--force accepts" || not_ok "--force accepts"
build good

# ---- full disk, interruption
if mkdir full && mount -t tmpfs -o size=400k none full 2>/dev/null; then
	"$geoip/xt_geoip_build" -q -D full good
	before=$(sum full)
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%d.%d.%d.0/25,A%c\n", 20 + i / 65536, i / 256 % 256, i % 256, 65 + i % 26 }' >large
	out=$("$geoip/xt_geoip_build" -q -F -D full large 2>&1)
	[[ $out == *"No space left"* ]] && ok "full disk: says so" || not_ok "full disk: says so" "$out"
	expect "full disk: the old database is as it was" "$before" "$(sum full)"
	umount full
else
	echo "skip $XA_SPEC: no right to mount a small disk"
fi
awk 'BEGIN { for (i = 0; i < 400000; i++) printf "%d.%d.%d.0/25,%d\n", 20 + i / 65536, i / 256 % 256, i % 256, 1 + i % 20000 }' >large
mkdir dba; "$asn/xt_asn_build" -q -F -D dba large
before=$(find dba -maxdepth 1 -name '*.iv?' | wc -l)
printf '1.0.0.0/8,77777777\n' | cat - large >other
"$asn/xt_asn_build" -q -D dba other & builder=$!
sleep 0.4
kill -INT $builder 2>/dev/null || kill -TERM $builder 2>/dev/null
kill -TERM $builder 2>/dev/null
wait $builder
rc=$?
if [ $rc -gt 128 ]; then
	expect "interrupted: the old database is as it was" "$before" "$(find dba -maxdepth 1 -name '*.iv?' | wc -l)"
	[ ! -e dba/77777777.iv4 ] && ok "interrupted: nothing of the new one" || not_ok "interrupted: nothing of the new one"
else
	echo "skip $XA_SPEC: the build was done before it could be interrupted"
fi
