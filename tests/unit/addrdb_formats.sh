#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Files as they are distributed: what xt_geoip_build and xt_asn_build read, and
# what they refuse because it would be nonsense. XA_BUILD is a built tree.

. "$XA_TOP/tests/unit/addrdb.inc"

abuild() { "$asn/xt_asn_build" -q -D db "$@"; }
alabel() { "$asn/xt_asn_query" -D db "$1"; }
# reads WHAT ADDRESS LABELS CMD...: the command succeeds, and the address has them
reads() {
	local what=$1 addr=$2 want=$3 out
	shift 3
	fresh
	out=$("$@" 2>&1) || { not_ok "$what" "expected success, got $out"; return; }
	case $1 in
	abuild)	expect "$what" "$addr: $want" "$(alabel "$addr")" ;;
	*)	expect "$what" "$addr: $want" "$(label "$addr")" ;;
	esac
}

# ---- six columns, the addresses a second time as numbers
printf '"1.0.0.0","1.0.0.255","16777216","16777471","AU","Australia"\n"1.0.1.0","1.0.3.255","16777472","16778239","CN","China"\n' >six
reads "six columns: the country" 1.0.1.1 CN build six
printf '1.0.0.0,1.0.0.255,16777216,16777471,13335,"Cloudflare, Inc."\n' >six-asn
reads "six columns: the AS number" 1.0.0.1 13335 abuild six-asn
printf '1.0.0.0,1.0.0.255,16777216,16777471,AS13335,Cloudflare\n2001:db8::,2001:db8::ff,42540766411282592856903984951653826560,42540766411282592856903984951653826815,AS64500,x\n' >six-asn6
reads "six columns: IPv6" 2001:db8::9 64500 abuild six-asn6
printf '1.0.0.0,1.0.0.255,16777216,16777471,AU,Australia\n1.0.1.0,1.0.1.255,16777216,16777727,CN,China\n' >six-bad
fresh
build six
refused "six columns: numbers that are others" "six-bad:2: columns 3 and 4" build six-bad

# ---- IP2Location LITE
printf '"0","16777215","-","-"\r\n"16777216","16777471","US","United States of America"\r\n"16777472","16778239","CN","China"\r\n' >ip2l
reads "IP2Location: decimal addresses, CRLF" 1.0.1.1 CN build ip2l
expect "IP2Location: - is no country" "0.0.0.1: -" "$(label 0.0.0.1)"
printf '"0","281470681743359","-","-"\r\n"281470681743360","281470698520575","-","-"\r\n"281470698520576","281470698520831","US","United States"\r\n"42540766411282592856903984951653826560","42540766411282592856903984951653826815","DE","Germany"\r\n"340282366920938463463374607431768211200","340282366920938463463374607431768211455","FR","France"\r\n' >ip2l6
reads "IP2Location: IPv6 as numbers" 2001:db8::80 DE build ip2l6
expect "IP2Location: the last address of all" "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: FR" "$(label ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff)"
expect "IP2Location: IPv4 within IPv6 is IPv4" "1.0.0.9: US" "$(label 1.0.0.9)"
printf '"0","340282366920938463463374607431768211456","US","x"\n' >ip2l-big
refused "a number beyond IPv6" 'is no address' build ip2l-big
printf '"0","16777215","-","-","-"\r\n"16777216","16777471","1.0.0.0/24","13335","CloudFlare"\r\n' >ip2l-asn
reads "IP2Location: AS numbers" 1.0.0.9 13335 abuild ip2l-asn
printf '1.0.0.0,1.0.0.255,OC,AU,Queensland,Brisbane,-27,153\n' >city
reads "DB-IP with cities: a continent is no country" 1.0.0.9 AU build city
printf '0.0.0.0,0.255.255.255,ZZ,ZZ,,,0,0\n1.0.0.0,1.0.0.255,AS,CN,Fujian,Wenquan,26,119\n1.0.1.0,1.0.1.255,ZZ,ZZ,,,0,0\n' >city-nowhere
reads "DB-IP with cities: a first line of no country" 1.0.0.9 CN build city-nowhere
expect "DB-IP with cities: that line" "0.0.0.1: ZZ" "$(label 0.0.0.1)"
printf '"0","16777215","-","-","-","-"\n"16777216","16777471","AS","American Samoa","x","y"\n' >ip2l-city
reads "IP2Location with cities: a first line of no country" 1.0.0.9 AS build ip2l-city
fresh
build six
printf '1.0.0.0,1.0.0.255,OC,AU,x,y,0,0\n1.0.1.0,1.0.1.255,CN,China,x,y,0,0\n' >city-then
refused "a continent, and then none" "city-then:2: columns 3 and 4 are not a continent and a country" build city-then
printf '1.0.0.0,1.0.0.255,AU,Australia,x\n1.0.1.0,1.0.1.255,AS,CN,x\n' >then-city
refused "no continent, and then one" "then-city:2: columns 3 and 4 are a continent and a country" build then-city

# ---- headers, marks, ends of lines
printf '\xef\xbb\xbfstart_ip,end_ip,country\r\n1.0.0.0,1.0.0.255,AU\r\n' >bom
reads "a byte order mark, a header, CRLF" 1.0.0.9 AU build bom
printf 'network,country,country_code,asn,as_name\n1.0.0.0/24,Australia,AU,AS13335,Cloudflare\n' >named
reads "the header tells where the country is" 1.0.0.9 AU build named
reads "and where the AS number is" 1.0.0.9 13335 abuild named
fresh
build six
reads "a bad first line, left out, does not tell what the others are" 1.0.0.9 AU build --skip-bad 1 <(printf 'rubbish/x,y\n1.0.0.0,1.0.0.255,AU\n')
printf 'asn,first,last\n13335,16777216,16777471\n' >label-first
fresh
build six
refused "a header with the label where addresses are" "label-first:2: the header calls column 1 the AS number" abuild label-first
printf '1.0.0.0,1.0.0.255,AU\r1.0.1.0,1.0.1.255,CN\r' >mac
refused "lines that end in CR only" "mac:1: a carriage return within a line" build mac
printf '\xff\xfe1\0.\0' >utf16
refused "UTF-16" "utf16:1: this is UTF-16" build utf16
printf 'rubbish\n' >rubbish
refused "a word" "rubbish:1: 3 columns are expected" build rubbish
printf 'first,last,country\n' >only-header
refused "a header and nothing else" "there is nothing behind the header" build only-header

# ---- compressed, and in archives
printf '1.0.0.0,1.0.0.255,AU\n' >plain.csv
gzip -k plain.csv
reads "gzip" 1.0.0.9 AU build plain.csv.gz
reads "a pipe" 1.0.0.9 AU build <(cat plain.csv)
head -c 30 plain.csv.gz >cut.csv.gz
fresh
build six
refused "gzip, truncated" "cut.csv.gz" build cut.csv.gz
# flip PLACE: a bit of the byte there, from the end, in damaged.csv.gz
flip() { perl -0777 -pe 'substr($_, '"$1"', 1) ^= "\1"' plain.csv.gz >damaged.csv.gz; }
flip -8
refused "gzip, a wrong checksum" "damaged.csv.gz: cannot unpack it: incorrect data check" build damaged.csv.gz
flip -4
refused "gzip, a wrong length" "damaged.csv.gz: cannot unpack it: incorrect length check" build damaged.csv.gz
printf '1.0.1.0,1.0.1.255,NZ\n' | gzip | cat plain.csv.gz - >two.csv.gz
reads "gzip, two members" 1.0.1.9 NZ build -F two.csv.gz
{ cat plain.csv.gz; head -c -4 <(gzip -c plain.csv); } >cut.csv.gz
fresh
build six
refused "gzip, the second member truncated" "cut.csv.gz" build cut.csv.gz
printf '::ffff:1.0.0.0/120,AU\n' >mapped
reads "a network within ::ffff:0:0/96 is IPv4" 1.0.0.9 AU build mapped
zip_() { /usr/bin/python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED); [z.write(n) for n in sys.argv[2:]]' "$@"; }
mkdir mm
loc=mm/GeoLite2-Country-Locations-en.csv b4=mm/GeoLite2-Country-Blocks-IPv4.csv b6=mm/GeoLite2-Country-Blocks-IPv6.csv
head=network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,is_satellite_provider
printf 'geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union\n1,en,EU,Europe,DE,Germany,1\n2,en,EU,Europe,,,0\n' >$loc
printf '%s\n1.0.0.0/24,1,1,,0,0\n' $head >$b4
printf '%s\n2001:db8::/32,1,1,,0,0\n' $head >$b6
if [ -x /usr/bin/python3 ]; then
	echo readme >README.txt
	zip_ one.zip README.txt plain.csv
	reads "zip with one CSV file" 1.0.0.9 AU build one.zip
	mkdir $'\303\244'
	cp plain.csv $'\303\244/l\303\244nder.csv'
	zip_ names.zip $'\303\244/l\303\244nder.csv'
	reads "zip with names that are not ASCII" 1.0.0.9 AU build names.zip
	cp plain.csv other.csv
	zip_ two.zip plain.csv other.csv
	refused "zip with several" "several files are in it" build two.zip
	zip_ none.zip README.txt
	refused "zip with none" "no file .csv or .mmdb" build none.zip
	zip_ mm.zip $loc $b4 $b6
	reads "MaxMind's zip" 1.0.0.9 DE build mm.zip
	reads "MaxMind's zip: IPv6" 2001:db8::9 DE build -S mm.zip
else
	echo "skip $XA_SPEC: no python3 to write a zip with"
fi

# ---- MaxMind's files one by one, and folders
reads "MaxMind's files one by one" 1.0.0.9 DE build $loc $b4 $b6
reads "in any order" 2001:db8::9 DE build $b6 $b4 $loc
refused "blocks without the Locations file" "Locations-en.csv is needed too" build $b4 $b6
printf '%s\n1.0.0.0/24,99,99,,0,0\n' $head >$b4.other
refused "a Locations file of something else" "the Locations file has no geoname_id 99" build $loc $b4.other
printf '%s\n1.0.0.0/24\n' $head >$b4.other
refused "a line of MaxMind's blocks cut short" "Blocks-IPv4.csv.other:2: 1 columns, and the header has 6" build $loc $b4.other
printf '%s\n1.0.0.0/24,1,1,,0,0,0\n' $head >$b4.other
refused "one that is longer" "Blocks-IPv4.csv.other:2: 7 columns, and the header has 6" build $loc $b4.other
head -c -12 $loc >$loc.other
echo >>$loc.other
refused "a line of the Locations file cut short" "Locations-en.csv.other:3: 3 columns, and the header has 7" build $loc.other $b4
rm -f $b4.other $loc.other
refused "MaxMind's countries for AS numbers" "this file has countries, not AS numbers" abuild $b4
printf 'network,autonomous_system_number,autonomous_system_organization\n1.0.0.0/24,13335,x\n' >asn-block
refused "MaxMind's AS numbers for countries" "this file has AS numbers, not countries" build asn-block
reads "MaxMind's AS numbers, one file" 1.0.0.9 13335 abuild asn-block
mkdir dbip nothing
cp plain.csv dbip/dbip-country-lite-2026-10.csv
printf '1.0.0.0,1.0.0.255,NZ\n' | gzip >dbip/dbip-country-lite-2026-11.csv.gz
reads "-S with DB-IP's files: the newest" 1.0.0.9 NZ build -S dbip
cp plain.csv dbip/dbip-country-lite.csv
touch -d '2026-11-02' dbip/dbip-country-lite-2026-11.csv.gz
touch -d '2026-10-02' dbip/dbip-country-lite.csv
reads "-S: an old one without a month in its name" 1.0.0.9 NZ build -S dbip
touch -d '2026-12-02' dbip/dbip-country-lite.csv
reads "-S: a new one without a month" 1.0.0.9 AU build -S dbip
refused "-S with nothing of use" "there is neither GeoLite2-Country-Blocks-IPv4.csv nor dbip-country-lite.csv in nothing" build -S nothing

# ---- the date of a database is that of its newest input
# dated WHAT DATE ARGUMENT...: a build says so, and writes it down
dated() {
	local what=$1 date=$2
	shift 2
	fresh
	expect "date: $what" "date $(date -d "$date" +%s)" "$("$geoip/xt_geoip_build" --summary -D db "$@" 2>&1 | sed 's/.*, //')"
	expect "date: $what: in the image" "$(date -d "$date" +%s)" "$(od -An -td8 -j 16 -N 8 db/geoip.db | tr -d ' ')"
}
old='2024-02-03 04:05:06 UTC' older='2023-02-03 04:05:06 UTC'
touch -d "$old" plain.csv
touch -d "$older" six
dated "a file" "$old" plain.csv
dated "the newest of two" "$old" -F six plain.csv
dated "labels of one's own are none of the data" "$older" six --add plain.csv
cat plain.csv | gzip >nameless.gz
touch -d "$older" nameless.gz
dated "compressed, of a stream" "$older" nameless.gz
touch -d "$older" mm/*
touch -d "$old" $loc
dated "MaxMind's folder" "$old" -S mm
dated "MaxMind's files" "$old" $b4 $b6 $loc
if [ -e mm.zip ]; then
	TZ=UTC zip_ dated.zip plain.csv
	touch -d yesterday dated.zip
	TZ=UTC dated "a member of an archive" "$old" dated.zip
fi
touch -d tomorrow six
fresh
before=$(date +%s)
build six
got=$(od -An -td8 -j 16 -N 8 db/geoip.db)
[ $((got)) -ge "$before" ] && [ $((got)) -le "$(date +%s)" ] && ok "date: not of tomorrow" || not_ok "date: not of tomorrow" "$got"
fresh
build <(cat plain.csv)
got=$(od -An -td8 -j 16 -N 8 db/geoip.db)
[ $((got)) -ge "$before" ] && ok "date: a pipe is of now" || not_ok "date: a pipe is of now" "$got"
fresh
cat plain.csv | build -i -
got=$(od -An -td8 -j 16 -N 8 db/geoip.db)
[ $((got)) -ge "$before" ] && ok "date: so is the standard input" || not_ok "date: so is the standard input" "$got"

# ---- AS numbers as people write them
printf '1.0.0.0/24,as15169\n' >as
reads "AS in front of a number" 1.0.0.9 15169 abuild as
expect "AS15169 in a query" "1.0.0.0-1.0.0.255" "$("$asn/xt_asn_query" -D db AS15169)"

# ---- .mmdb
if /usr/bin/python3 "$XA_TOP/tests/data/make-mmdb" t.mmdb 2>/dev/null; then
	reads "mmdb: country is the code" 1.0.0.9 CN build flat.mmdb
	touch -d "$old" flat.mmdb
	dated "mmdb" "$old" flat.mmdb
	reads "mmdb: country_code" 1.0.0.9 CN build code.mmdb
	reads "mmdb: AS number" 1.0.0.9 13335 abuild asn.mmdb
	reads "mmdb: AS number as text" 1.0.0.9 13335 abuild astext.mmdb
	gzip -k flat.mmdb
	reads "mmdb, compressed" 1.0.0.9 CN build flat.mmdb.gz
	refused "mmdb: AS numbers for countries" 'no country in it: it is a database of the type "Test-ASN"' build asn.mmdb
	refused "mmdb: countries for AS numbers" 'no AS number in it: it is a database of the type "flat"' abuild flat.mmdb
	refused "mmdb: a record that cannot be read" "damaged.mmdb: a record is damaged" build damaged.mmdb
	refused "mmdb: nor for AS numbers" "damaged.mmdb: a record is damaged" abuild damaged.mmdb
	reads "mmdb: a subtree that is in it twice" 2001:db9:1:: AU build shared.mmdb
	refused "mmdb: neither, and a hostile name" 'of the type "Test-Connection?[2J"' build wrong.mmdb

	# ---- foreign names
	fresh
	out=$("$asn/xt_asn_build" -D db -O zone asn.mmdb 2>&1)
	expect "a name on the terminal" "    1 IPv4 ranges for 13335 Cl?[31mred??evil" "$(grep 'IPv4 ranges' <<<"$out")"
	expect "a name in the zone file" 'TXT	"Cl?[31mred??evil"' "$(grep -o 'TXT.*' zone)"
else
	echo "skip $XA_SPEC: no python3 to write an .mmdb with"
fi
printf '1.0.0.0,1.0.0.255,64500,"%s"\n1.0.1.0,1.0.1.255,64501,"B\xc3\xbccher ""\\ quoted"\n' "$(head -c 600 /dev/zero | tr '\0' x)" >long
fresh
abuild -O zone long
expect "a TXT record of more than 255 bytes" "255 255 90" "$(grep '^64500.*TXT' zone | grep -o 'x*' | awk '{ printf "%s%s", s, length; s = " " }')"
printf '1.0.0.0,1.0.0.255,64500,A\xc2\x9b31mB\n' >c1
expect "a C1 control character in a name" "    1 IPv4 ranges for 64500 A?31mB" \
	"$("$asn/xt_asn_build" -F -D db c1 2>&1 | grep 'IPv4 ranges')"
printf '1.0.0.0,1.0.2.255,64500\n' >odd
abuild -F -O odd.zone odd
expect "a range of two networks, in the zone file" " 1:1.0.0.0/23 1:1.0.2.0/24" "$(grep -o ' 1:.*' odd.zone)"
expect "what is not ASCII, in the zone file" '64501		IN	TXT	"B\195\188cher \"\\ quoted"' "$(grep '^64501.*TXT' zone)"
exec 3<zone
abuild -F -O zone as
expect "the zone file is replaced, not truncated" 64500 "$(grep -o '^64500' <&3 | uniq)"
expect "by the new one" 15169 "$(grep -o '^15169' zone)"
exec 3<&-
printf '1.0.0.0,1.0.0.255,13335\n1.0.1,x\n' >half
refused "an AS list that is wrong at its end" "half:2:" abuild -O zone half
expect "the zone file is as it was" 15169 "$(grep -o '^15169' zone)"
if [ -w /dev/full ]; then
	refused "a zone file that cannot be written" "No space left" abuild -O /dev/full as
fi

# ---- --skip-bad
printf '1.0.0.0,1.0.0.255,AU\nrubbish\n1.0.1.0,1.0.1.255,\xff\n1.0.2.0,1.0.2.255,CN\n' >dirty
fresh
build plain.csv
refused "two bad lines, one allowed" "dirty:3: this is no UTF-8 text" build --skip-bad 1 dirty
refused "two bad lines, none allowed" "dirty:2: 3 columns are expected" build dirty
out=$(build --skip-bad 2 dirty 2>&1)
expect "two allowed: what is good is read" "1.0.2.1: CN" "$(label 1.0.2.1)"
[[ $out == *"left out: dirty:2:"*"left out: dirty:3:"*"2 lines were wrong and left out"* ]] &&
	ok "and each bad line is reported" || not_ok "and each bad line is reported" "$out"
"$geoip/xt_geoip_build" --skip-bad x -D db plain.csv 2>/dev/null
expect "--skip-bad takes a number" 2 $?
