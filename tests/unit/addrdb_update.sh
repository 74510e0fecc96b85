#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xt_geoip_update, xt_asn_update and their systemd units: from a server of our
# own, with a program in the place of the loader. XA_BUILD is a built tree.

. "$XA_TOP/tests/unit/addrdb.inc"

# ---- the programs of the built tree, and a loader that writes down its arguments
mkdir -p bin own empty
for k in geoip asn; do
	ln -s "$XA_BUILD/$k/xt_${k}_build" "$XA_BUILD/$k/xt_${k}_query" bin
	# a copy finds its tools beside itself
	cp "$XA_BUILD/$k/xt_${k}_update" bin
	cat >"bin/xt_${k}_load" <<-END
	#!/bin/sh
	echo "\$*" >>$PWD/loads
	[ ! -e $PWD/refuse ] || { echo "xt_${k}_load: \$(cat $PWD/refuse)" >&2; exit 1; }
	[ ! -e $PWD/waits ] || [ "\$1" != --status ] || { echo "xt_${k}_load: \$(cat $PWD/waits)" >&2; exit 1; }
	END
	chmod +x "bin/xt_${k}_load"
done
echo 1.0.0.128/25,X0 >own/mine
export XT_GEOIP_CACHE=$PWD/var/cache/geoip XT_GEOIP_DIR=$PWD/share/db XT_GEOIP_OWN=$PWD/empty
export XT_ASN_CACHE=$PWD/var/cache/asn XT_ASN_DIR=$PWD/share/asn XT_ASN_OWN=$PWD/empty XT_TOR_DIR=$PWD/tor
update=bin/xt_geoip_update
status() { "$@" >out 2>&1; echo $?; }
loads() { paste -sd'|' loads 2>/dev/null; rm -f loads; }
# minutes: how many of them a test takes is not told
minutes() { sed 's/ [0-9]* minutes\{0,1\} old/ N minutes old/'; }
has() { if [[ $2 == *"$3"* ]]; then ok "$1"; else not_ok "$1" "expected '$3' in '$2'"; fi; }

# ---- offline
awk 'BEGIN { for (i = 0; i < 1200; i++) printf "1.%d.%d.0,1.%d.%d.99,%s\n", i / 256, i % 256, i / 256, i % 256, i % 2 ? "AU" : "DE" }' >ranges.csv
touch -d '50 hours ago' ranges.csv
expect "--from: the last line" "2 countries, 1,200 ranges, loaded, 2 days old" "$($update --from ranges.csv)"
expect "loads what it built" "-q -D $PWD/share/db" "$(loads)"
expect "the folder is made, and the database is in it" "1.0.0.9: DE" "$(label 1.0.0.9 share/db)"
touch -d '3 hours ago' ranges.csv
expect "the age in hours" "2 countries, 1,200 ranges, loaded, 3 hours old" "$($update -f ranges.csv)"
touch ranges.csv
has "the age in minutes" "$($update -f ranges.csv)" " loaded, "
touch -d '50 hours ago' ranges.csv
loads >/dev/null
expect "--json" '{"database":"geoip","source":"from","directory":"'"$PWD"'/share/db","changed":true,"labels":2,"ranges":1200,"loaded":true,"reason":null' \
	"$($update --from ranges.csv --json | sed 's/,"date":[0-9]*,"age":18[0-9]*}$//')"
expect "--no-load" "2 countries, 1,200 ranges, not loaded (not wanted), 2 days old" "$($update --from ranges.csv --no-load)"
expect "-q says nothing" "" "$($update -q --from ranges.csv)"
loads >/dev/null
expect "labels of one's own are added" "1.0.0.200: X0" "$(XT_GEOIP_OWN=$PWD/own $update -q --from ranges.csv; label 1.0.0.200 share/db)"
expect "several files" "3 countries, 1,201 ranges, loaded, N minutes old" \
	"$(echo 9.1.0.0/24,US >us.csv; $update --from ranges.csv --from us.csv | minutes)"
loads >/dev/null
cp us.csv 'a\tb.csv'
expect "a \\ in a name" "0 " "$(status $update -q --from 'a\tb.csv' -F) $(cat out)"
loads >/dev/null
# MaxMind's licence wants old copies to go
copies() { (cd "$XT_GEOIP_CACHE" && echo *); }
for n in 1 2 3; do
	old=$XT_GEOIP_CACHE/GeoLite2-Country-CSV_2026010$n
	mkdir -p "$old"
	printf 'geoname_id,country_iso_code,country_name\n1,DE,Germany\n' >"$old/GeoLite2-Country-Locations-en.csv"
	printf 'network,geoname_id\n9.%s.0.0/16,1\n' $n >"$old/GeoLite2-Country-Blocks-IPv4.csv"
	printf 'network,geoname_id\n2001:db8::/32,1\n' >"$old/GeoLite2-Country-Blocks-IPv6.csv"
done
mkdir "$XT_GEOIP_CACHE/GeoLite2-ASN-CSV_20260101"
echo rubbish >>"$old/GeoLite2-Country-Blocks-IPv4.csv"
expect "MaxMind: a build that fails" "1 4" "$(status $update -q -F --install --maxmind key) $(find "$XT_GEOIP_CACHE" -name 'GeoLite2*CSV_*' | wc -l)"
sed -i '$d' "$old/GeoLite2-Country-Blocks-IPv4.csv"
expect "MaxMind: after a build old copies are deleted, not those of another edition" "0 GeoLite2-ASN-CSV_20260101 GeoLite2-Country-CSV_20260103 9.3.0.1: DE" \
	"$(status $update -q -F --install --maxmind key) $(copies) $(label 9.3.0.1 share/db)"
printf '#!/bin/sh\nexit 1\n' >bin/xt_geoip_dl_maxmind
chmod +x bin/xt_geoip_dl_maxmind
mkdir "$XT_GEOIP_CACHE/GeoLite2-Country-CSV_20260102"
$update --fetch --maxmind key >out 2>&1
expect "MaxMind: a download deletes what no database needs any more" "GeoLite2-ASN-CSV_20260101 GeoLite2-Country-CSV_20260103" "$(copies)"
mkdir "$XT_GEOIP_CACHE/GeoLite2-Country-CSV_20260104"
$update --fetch --maxmind key >out 2>&1
expect "MaxMind: but not what one is of, while the newest is not built" "GeoLite2-ASN-CSV_20260101 GeoLite2-Country-CSV_20260103 GeoLite2-Country-CSV_20260104" "$(copies)"
# as the unit does it that downloads: a user of its own, who cannot write to the database
if [ "$(id -u)" -eq 0 ] && id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
	place=$(mktemp -d)
	mkdir -p "$place/cache" "$place/system" "$place/var"
	for n in 1 2; do mkdir "$place/cache/GeoLite2-Country-CSV_2026010$n"; done
	sed "s|^system_dir=.*|system_dir=$place/system|; s|^var_dir=.*|var_dir=$place/var|" bin/xt_geoip_update >"$place/xt_geoip_update"
	cp bin/xt_geoip_dl_maxmind "$place"
	chmod 755 "$place" "$place"/xt*
	chown -R nobody "$place/cache"
	unit() {
		(cd "$place" && env -u XT_GEOIP_DIR XT_GEOIP_CACHE="$place/cache" setpriv --reuid=nobody --clear-groups \
			./xt_geoip_update -q --fetch --maxmind key) >out 2>&1
		(cd "$place/cache" && echo *)
	}
	expect "MaxMind: --fetch of the unit's user without a database" "GeoLite2-Country-CSV_20260101 GeoLite2-Country-CSV_20260102" "$(unit)"
	sleep 0.1
	touch "$place/system/geoip.db"
	expect "MaxMind: --fetch of the unit's user with one" "GeoLite2-Country-CSV_20260102" "$(unit)"
	mkdir "$place/cache/GeoLite2-Country-CSV_20260101"
	mv "$place/system/geoip.db" "$place/var"
	expect "MaxMind: and with one in /var/lib" "GeoLite2-Country-CSV_20260102" "$(unit)"
	rm -r "$place"
else
	echo "skip $XA_SPEC: no right to become nobody"
fi
rm -r var bin/xt_geoip_dl_maxmind
$update -q -F --from ranges.csv
loads >/dev/null

# ---- what goes wrong
echo "the kernel has no module xa_addrdb (modprobe xa_addrdb)" >refuse
expect "a kernel without the module is no error" "0 2 countries, 1,200 ranges, not loaded (no module of this kernel), 2 days old" \
	"$(status $update --from ranges.csv) $(cat out)"
expect "a reason in JSON" '"reason":"no module of this kernel"' "$($update --json --from ranges.csv | grep -o '"reason":"[^"]*"')"
echo "Operation not permitted" >refuse
expect "a kernel that refuses is one" "1 xt_geoip_update: the database is in $PWD/share/db, but the kernel did not take it: Operation not permitted" \
	"$(status $update --from ranges.csv) $(cat out)"
loads >/dev/null
expect "--if-used: no rule" "2 countries, 1,200 ranges, not loaded (no rule needs it yet), 2 days old" "$($update --if-used --from ranges.csv)"
expect "--if-used: only asks" "--status" "$(loads)"
rm refuse
expect "--if-stale does not try again what no rule needs" "the database in $PWD/share/db is up to date" "$($update --if-used --if-stale --from ranges.csv)"
echo "Operation not permitted" >refuse
expect "--if-stale: a load that fails" 1 "$(touch ranges.csv; status $update --if-stale --from ranges.csv)"
expect "--if-stale: and fails again" 1 "$(status $update --if-stale --from ranges.csv)"
rm refuse
has "--if-stale: is tried again" "$($update --if-stale --from ranges.csv)" " loaded, "
expect "--if-stale: until it succeeds" "the database in $PWD/share/db is up to date" "$($update --if-stale --from ranges.csv)"
loads >/dev/null

# ---- files that have changed
sed 's/DE/FR/' ranges.csv >new.csv
touch -d '50 hours ago' ranges.csv new.csv
sleep 0.1
expect "--if-stale --from: another file of an old date" "1.0.0.9: FR" \
	"$($update --if-stale --from new.csv >/dev/null; mv new.csv ranges.csv; $update -q --if-stale --from ranges.csv; label 1.0.0.9 share/db)"
expect "--if-stale --from: the same again" "the database in $PWD/share/db is up to date" "$($update --if-stale --from ranges.csv)"
sed 's/FR/DE/' ranges.csv >new.csv
ln -s ranges.csv linked.csv
$update -q --from linked.csv
touch -d '50 hours ago' new.csv
sleep 0.1
expect "--if-stale --from: a link that leads elsewhere" "1.0.0.9: DE" "$(ln -sf new.csv linked.csv; $update -q --if-stale --from linked.csv; label 1.0.0.9 share/db)"
mv new.csv ranges.csv
expect "--if-stale --from: a file that is gone" "1 xt_geoip_update: there is no $PWD/linked.csv" "$(status $update --if-stale --from linked.csv) $(cat out)"
expect "--from: a pipe is of now" "2 countries, 1,200 ranges, loaded, 0 minutes old" "$($update --from <(cat ranges.csv))"
ln -sf ranges.csv linked.csv
expect "--from: a link is as old as its file" "2 countries, 1,200 ranges, loaded, 2 days old" "$($update --from linked.csv)"
loads >/dev/null
expect "--if-used: a rule" "2 countries, 1,200 ranges, loaded, 2 days old" "$($update --if-used --from ranges.csv)"
expect "--if-used: asks and loads" "--status|-q -D $PWD/share/db" "$(loads)"
echo "no geoip database is loaded, and rules wait for one" >waits
expect "--if-used: a rule that waits" "2 countries, 1,200 ranges, loaded, 2 days old" "$($update --if-used --from ranges.csv)"
rm waits
loads >/dev/null
before=$(sum share/db)
echo 1.0.0.0/24,AU >small.csv
expect "a database that shrank is refused" 1 "$(status $update --from small.csv)"
has "it says so" "$(cat out)" "the database in $PWD/share/db was not changed"
expect "and stays, and nothing is loaded" "$before " "$(sum share/db) $(loads)"
expect "--force" 0 "$(status $update --force --from small.csv)"
rm -rf share
loads >/dev/null
for bad in "--unknown" "word" "--from" "--from -" "--maxmind" "--from x --installed" "--installed --maxmind x" "--fetch --from x" "--json=1" "-D"; do
	# shellcheck disable=SC2086 # words
	expect "usage: $bad" 2 "$(status $update $bad)"
	has "usage: $bad: the program's name, and where help is" "$(cat out)" "Try 'xt_geoip_update --help'."
done
expect "none of them made anything" "" "$(ls -d share var 2>/dev/null)"
for k in geoip asn; do
	has "xt_${k}_update --help" "$(bin/xt_${k}_update --help)" "usage: xt_${k}_update"
	expect "xt_${k}_update --version" "xt_${k}_update (xtables-anew) $(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$XA_TOP/include/xa_version.h")" "$(bin/xt_${k}_update --version)"
	# each option that the script knows is in its help and in the manual
	page=$(sed -e 's/\\-/-/g' "$XA_TOP/$k/xt_${k}_update.8" "$XA_TOP/geoip/xt_geoip_update.8")
	for o in $(grep -oE '^	(-.\|)?--[a-z-]+(\|--[a-z-]+)?\)' "bin/xt_${k}_update" | grep -oE -e '--[a-z-]+'); do
		has "xt_${k}_update --help has $o" "$(bin/xt_${k}_update --help)" "$o"
		has "so has the manual" "$page" "$o"
	done
done

# ---- installed
expect "--installed without the package" 1 "$(status $update --installed)"
has "names it" "$(cat out)" "install the package tor-geoipdb"
mkdir tor
echo 16777216,16777471,AU >tor/geoip
echo 2001:db8::,2001:db8::ffff,AU >tor/geoip6
expect "--installed" "1 country, 2 ranges, loaded, N minutes old" "$($update --installed | minutes)"
expect "AS numbers are in no package" "1 xt_asn_update: no package has a database of AS numbers: use --from FILE" "$(status bin/xt_asn_update --installed) $(cat out)"
rm -rf share
expect "without a downloader that is the default" "1 country, 2 ranges, loaded, N minutes old" "$($update | minutes)"
expect "--fetch without a downloader" 2 "$(status $update --fetch)"
has "without a downloader, MaxMind's" "$(status $update --maxmind key; cat out)" "there is no xt_geoip_dl_maxmind here (built without libcurl)"
expect "asn from a file" "1 AS number, 1 range, loaded, N minutes old" "$(echo 1.0.0.0/24,AS13335 >asn.csv; bin/xt_asn_update --from asn.csv | minutes)"
rm -rf share
loads >/dev/null

# ---- dry run
ln -s "$geoip"/xt_geoip_dl* "$asn/xt_asn_dl" bin 2>/dev/null
touch bin/xt_geoip_dl bin/xt_asn_dl 2>/dev/null
$update --dry-run >out
expect "--dry-run shows the commands" "mkdir|xt_geoip_dl|mkdir|xt_geoip_build|xt_geoip_load" "$(cut -d' ' -f1 out | paste -sd'|')"
expect "and runs none" "" "$(loads; ls -d share var 2>/dev/null)"

# ---- where iptables looks; a /usr that cannot be written to
elsewhere() {
	unshare -m sh -c 'mount -t tmpfs none /var/lib && mkdir -p /usr/share/xt_geoip 2>/dev/null
		mount --bind /usr/share /usr/share && mount -o remount,ro,bind /usr/share &&
		unset XT_GEOIP_DIR && "$1" --from ranges.csv --json && "$2" --help' - "$update" "$geoip/xt_geoip_load"
}
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	there=$([ -d /usr/share/xt_geoip ] && echo yes)
	out=$(elsewhere 2>&1)
	[ -n "$there" ] || rmdir /usr/share/xt_geoip
	has "a read-only /usr: the database is in /var/lib" "$out" '"directory":"/var/lib/xtables-anew/geoip"'
	has "a read-only /usr: and is loaded from there" "$out" "of the database (/var/lib/xtables-anew/geoip)"
else
	echo "skip $XA_SPEC: no right to make /usr read-only"
fi

# ---- from a server
. "$XA_TOP/tests/unit/addrdb_units.inc"
if ! [ -x "$geoip/xt_geoip_dl" ]; then
	expect "without libcurl no page of the downloaders is installed" "" "$(make -s -C "$geoip" --eval='p: ; @echo $(filter %_dl.8 %_dl_maxmind.8,$(dist_man_MANS)) $(systemd_DATA)' p | xargs)"
	echo "skip $XA_SPEC: built without libcurl or libarchive"
	exit 0
fi
mkdir www key
(cd www && exec /usr/bin/python3 -u "$XA_TOP/tests/data/http-server" ../port) >>server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
if ! [ -s port ]; then
	echo "skip $XA_SPEC: no python3 for a web server"
	exit 0
fi
url=http://127.0.0.1:$(cat port)
this=$(date -u +%Y-%m)
gzip -c ranges.csv >"www/dbip-country-lite-$this.csv.gz"
touch -d '4 days ago' "www/dbip-country-lite-$this.csv.gz"
$update -u "$url" >out
expect "from nothing: the folders are made, the age is the server's" "2 countries, 1,200 ranges, loaded, 4 days old" "$(tail -n 1 out)"
loads >/dev/null
before=$(sum share/db)
expect "a server that fails" 1 "$(status $update -u "$url/error")"
has "says so, and what to do" "$(cat out)" "nothing was downloaded; without network access use --from FILE"
expect "leaves the database, and loads nothing" "$before " "$(sum share/db) $(loads)"
expect "--fetch only downloads" "" "$(rm -rf share var; $update -q --fetch -u "$url"; ls -d share 2>/dev/null; loads)"
expect "--install does the rest" "2 countries, 1,200 ranges, loaded, 4 days old" "$($update --install)"
if [ "$(id -u)" -eq 0 ] && id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
	# a place that others can come to, with the programs
	place=$(mktemp -d) && chmod 755 "$place"
	cp bin/xt_geoip_update "$geoip/xt_geoip_dl" "$place"
	mkdir "$place/cache"
	chown nobody "$place/cache"
	fetch() { (cd "$place" && XT_GEOIP_CACHE=$place/cache "$@" ./xt_geoip_update -q --fetch -u "$url"); }
	fetch env
	touch -d '7 days ago' "$place/cache/.fetched"
	fetch setpriv --reuid=nobody --clear-groups >out 2>&1
	expect "--fetch of the unit's user after one of root" "0 nobody " "$? $(stat -c %U "$place"/cache/* "$place"/cache/.fetched | uniq) $(cat out)"
	rm -rf "$place"
else
	echo "skip $XA_SPEC: no right to become nobody"
fi
expect "--if-stale: a young download is not repeated" "the last download is younger than 6 days|the database in $PWD/share/db is up to date" \
	"$(rm -f www/*; $update --if-stale -u "$url" | paste -sd'|')"
expect "--if-stale --json: neither, in JSON" '{"database":"geoip","source":"dbip","directory":"'"$PWD"'/share/db","changed":false}' \
	"$($update --if-stale --json -u "$url")"
loads >/dev/null
touch -d '1 hour ago' share/db/geoip.db
expect "--if-stale: own labels have changed" "2 countries, 1,200 ranges, loaded, 4 days old" "$(touch empty/none empty; rm -f empty/none; $update --install --if-stale)"
touch -d '7 days ago' var/cache/geoip/.fetched
expect "--if-stale: an old one is" 1 "$(status $update --if-stale -u "$url")"
printf '1.0.0.0,1.0.0.255,13335,Cloudflare\n' | gzip >"www/dbip-asn-lite-$this.csv.gz"
expect "AS numbers" "1 AS number, 1 range, loaded, N minutes old" "$(bin/xt_asn_update -u "$url" | tail -n 1 | minutes)"
expect "of DB-IP" "dbip-asn-lite.csv" "$(ls var/cache/asn)"
