#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The downloaders of geoip and asn, from a server of our own, and what they
# refuse. XA_BUILD is a built tree.

. "$XA_TOP/tests/unit/addrdb.inc"

# ---- what the server has
printf '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.1.255,AU\n2001:db8::,2001:db8::ffff,AU\n' >dbip.csv
mkdir mm www dl
for f in GeoLite2-Country-Locations-en.csv GeoLite2-Country-Blocks-IPv4.csv GeoLite2-Country-Blocks-IPv6.csv; do
	echo "$f" >"mm/$f"
done

# serve PORTFILE [CERTIFICATE]
serve() { (cd www && exec /usr/bin/python3 -u "$XA_TOP/tests/data/http-server" "../$1" ${2:+"../$2"}) >>server.log 2>&1 & servers+=" $!"
	for _ in $(seq 100); do [ -s "$1" ] && return; sleep 0.1; done; return 1; }
servers=
if ! [ -x "$geoip/xt_geoip_dl" ]; then
	echo "skip $XA_SPEC: built without libcurl or libarchive"
	exit 0
fi
if ! [ -x /usr/bin/python3 ] || ! serve port; then
	echo "skip $XA_SPEC: no python3 for a web server"
	exit 0
fi
# shellcheck disable=SC2086 # a list
trap 'kill $servers' EXIT
url=http://127.0.0.1:$(cat port)
this=$(date -u +%Y-%m) last=$(date -u -d "$(date -u +%Y-%m-15) -1 month" +%Y-%m)
dl() { (cd dl && "$@"); }
gzip -c dbip.csv >"www/dbip-country-lite-$last.csv.gz"
out=$(dl "$geoip/xt_geoip_dl" -u "$url")
expect "download: it says what was fetched, and from where" "dbip-country-lite.csv: $(stat -c %s dbip.csv) bytes from $url/dbip-country-lite-$last.csv.gz" "$out"
expect "download: last month's as long as there is no other" "$(sha256sum <dbip.csv)" "$(sha256sum <dl/dbip-country-lite.csv)"
printf '9.0.0.0,9.0.0.255,US\n' | gzip >"www/dbip-country-lite-$this.csv.gz"
dl "$geoip/xt_geoip_dl" -q -u "$url"
expect "download: this month's" "9.0.0.0,9.0.0.255,US" "$(cat dl/dbip-country-lite.csv)"
if gcc -Wall -Wextra -Werror -shared -fPIC -o durable.so "$XA_TOP/tests/data/durable.c" -ldl; then
	LD_PRELOAD=$PWD/durable.so dl "$geoip/xt_geoip_dl" -q -u "$url" 9>cuts
	expect "download: a power cut leaves the old file or the new one" "images: 0" "$(cat cuts)"
else
	not_ok "tests/data/durable.c compiles"
fi
keeps() {	# WHAT SENTENCE CMD...
	local what=$1 sentence=$2 out
	shift 2
	out=$(dl "$@" 2>&1)
	[[ $out == *"$sentence"* ]] && ok "download: $what" || not_ok "download: $what" "expected '$sentence', got '$out'"
	expect "download: $what: the good file stays" "9.0.0.0,9.0.0.255,US" "$(cat dl/dbip-country-lite.csv)"
	expect "download: $what: no rest" "" "$(find dl -name '*.part*')"
}
printf '1.0.0.0,1.0.0.255,US\n' | gzip | perl -0777 -pe 'substr($_, -8, 1) ^= "\1"' >"www/dbip-country-lite-$this.csv.gz"
keeps "a wrong checksum" "incorrect data check" "$geoip/xt_geoip_dl" -q -u "$url"
seq 1000 | gzip | head -c 100 >"www/dbip-country-lite-$this.csv.gz"
keeps "a truncated file" "truncated" "$geoip/xt_geoip_dl" -q -u "$url"
echo "<html>please log in</html>" >"www/dbip-country-lite-$this.csv.gz"
keeps "a web page" "not compressed" "$geoip/xt_geoip_dl" -q -u "$url"
keeps "an error of the server" "500" "$geoip/xt_geoip_dl" -q -u "$url/error"
keeps "no server" "xt_geoip_dl:" "$geoip/xt_geoip_dl" -q -u "http://127.0.0.1:1"
rm -f www/*.gz
keeps "no file of either month" "neither $url/dbip-country-lite-$this.csv.gz nor $url/dbip-country-lite-$last.csv.gz: it says 404" "$geoip/xt_geoip_dl" -q -u "$url"
keeps "a file of the machine" '"file:///etc/dbip-country-lite' "$geoip/xt_geoip_dl" -q -u file:///etc
keeps "another protocol" 'does not begin with https:// or http://' "$geoip/xt_geoip_dl" -q -u ftp://127.0.0.1
keeps "a redirect to a file" "redirects to file:///etc/passwd" "$geoip/xt_geoip_dl" -q -u "$url/to/file:///etc/passwd?"
keeps "a redirect to itself" "more than 5 redirects" "$geoip/xt_geoip_dl" -q -u "$url/to//to//to//to//to//to//to//to/"
keeps "a file shorter than the server says" "transfer closed" "$geoip/xt_geoip_dl" -q -u "$url/short"
keeps "no length and no end" "the server sends more than 1 MiB: refused" "$geoip/xt_geoip_dl" -q --max 1 -u "$url/endless"
head -c 3000000 /dev/zero | gzip >"www/dbip-country-lite-$this.csv.gz"
keeps "small, but large when unpacked" "more than 1 MiB: refused" "$geoip/xt_geoip_dl" -q -m 1 -u "$url"
printf '9.0.0.0,9.0.0.255,US\n' | gzip >"www/dbip-country-lite-$this.csv.gz"
ln -s ../victim dl/dbip-country-lite.csv.part
echo precious >victim
dl "$geoip/xt_geoip_dl" -q -u "$url"
expect "download: a link in its way is not followed" precious "$(cat victim)"
expect "download: and the file is there" "9.0.0.0,9.0.0.255,US" "$(cat dl/dbip-country-lite.csv)"
touch -h -d '2 hours ago' dl/dbip-country-lite.csv.part
# another download, which goes on, and one that was interrupted
echo half >dl/dbip-country-lite.csv.part-1-0
touch -d '2 hours ago' dl/dbip-country-lite.csv.part-2-0
dl "$geoip/xt_geoip_dl" -q -u "$url"
expect "download: the file of another one stays, what was interrupted goes" "dbip-country-lite.csv dbip-country-lite.csv.part-1-0 half" \
	"$(cd dl && echo dbip*) $(cat dl/*.part-1-0)"
expect "download: a link that goes is not followed" precious "$(cat victim)"
rm dl/*.part-1-0
mkdir dl/GeoLite2-Country-CSV_2 elsewhere
rmdir dl/GeoLite2-Country-CSV_2
ln -s ../elsewhere dl/GeoLite2-Country-CSV_2
expect "download: --max takes a number" "2" "$(dl "$geoip/xt_geoip_dl" --max 1x -u "$url" >/dev/null 2>&1; echo $?)"
if [ "$(id -u)" -eq 0 ] && mkdir small && unshare -m true 2>/dev/null; then
	out=$(cd dl && unshare -m sh -c 'exec 9<"$1"; shift; mount -t tmpfs -o size=64k none /tmp && exec /proc/self/fd/9 "$@"' - "$geoip/xt_geoip_dl" -q -u "$url/endless" 2>&1)
	[[ $out == *"cannot write a temporary file: No space left"* ]] && ok "download: a full disk says so" || not_ok "download: a full disk says so" "$out"
	out=$(cd small && unshare -m sh -c 'mount -t tmpfs -o size=4k none . && cd "$PWD" && head -c 4096 /dev/zero >fill && "$@"; ls' - "$geoip/xt_geoip_dl" -q -u "$url" 2>&1)
	[[ $out == *"No space left"*fill ]] && ok "download: no room for the file" || not_ok "download: no room for the file" "$out"
else
	echo "skip $XA_SPEC: no right to mount a small disk"
fi

# ---- https, once it is used, stays
ca=/etc/ssl/certs/ca-certificates.crt
if [ "$(id -u)" -eq 0 ] && [ -f $ca ] && command -v openssl >/dev/null && unshare -m true 2>/dev/null &&
   openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
	-keyout tls.key -out tls.crt 2>/dev/null && cat tls.crt tls.key >tls.pem && serve tlsport tls.pem; then
	tls=https://127.0.0.1:$(cat tlsport)
	trusted() { unshare -m sh -c 'mount --bind "$0" '$ca' && exec "$@"' ../tls.crt "$@"; }
	rm -f dl/dbip-country-lite.csv
	dl trusted "$geoip/xt_geoip_dl" -q -u "$tls"
	expect "download: https" "9.0.0.0,9.0.0.255,US" "$(cat dl/dbip-country-lite.csv)"
	dl trusted "$geoip/xt_geoip_dl" -q -u "$url/to/$tls"
	expect "download: http to https" 0 $?
	keeps "https to http" "redirects to $url/dbip-country-lite-$this.csv.gz: refused" trusted "$geoip/xt_geoip_dl" -q -u "$tls/to/$url"
	keeps "a certificate that nobody trusts" "certificate" "$geoip/xt_geoip_dl" -q -u "$tls"
else
	echo "skip $XA_SPEC: no openssl, or no right to trust a certificate"
fi
# in January last month's file is last year's
printf '#include <time.h>\ntime_t time(time_t *t) { if (t) *t = %s; return %s; }\n' {,}"$(date -d '2031-01-05 UTC' +%s)" >january.c
if gcc -shared -fPIC -o january.so january.c; then
	printf '1.0.0.0,1.0.0.255,NZ\n' | gzip >www/dbip-country-lite-2030-12.csv.gz
	mkdir january
	(cd january && LD_PRELOAD=../january.so "$geoip/xt_geoip_dl" -q -u "$url")
	expect "download: in January that of December" "1.0.0.0,1.0.0.255,NZ" "$(cat january/dbip-country-lite.csv)"
else
	not_ok "january.c compiles"
fi
printf '1.0.0.0,1.0.0.255,13335,x\n' | gzip >"www/dbip-asn-lite-$this.csv.gz"
dl "$asn/xt_asn_dl" --dbip -q -u "$url"
expect "download: AS numbers" "1.0.0.0,1.0.0.255,13335,x" "$(cat dl/dbip-asn-lite.csv)"
(cd mm && /usr/bin/python3 -c 'import zipfile; z = zipfile.ZipFile("../www/zip", "w"); [z.write(n, "GeoLite2-Country-CSV_1/" + n) for n in __import__("os").listdir(".")]')
echo KEY123 >key
out=$(dl "$geoip/xt_geoip_dl_maxmind" -u "$url/zip" ../key)
expect "download: MaxMind: it says what was fetched, without the key" "GeoLite2-Country-CSV_1: 3 files of GeoLite2-Country-CSV from $url/zip" "$out"
expect "download: MaxMind's folder" "$(ls mm)" "$(ls dl/GeoLite2-Country-CSV_1)"
grep -q 'license_key=KEY123' server.log && ok "download: the key of the file" || not_ok "download: the key of the file"
# the server's words have the key in them
out=$(dl "$geoip/xt_geoip_dl_maxmind" -q -u "$url/to/ftp://127.0.0.1/zip" ../key 2>&1)
expect "download: MaxMind: a redirect that is refused, without the key" "xt_geoip_dl_maxmind: the server redirects to ftp://127.0.0.1/zip: refused" "$out"
out=$(dl "$geoip/xt_geoip_dl_maxmind" -q -u "ftp://127.0.0.1/zip" ../key 2>&1)
expect "download: MaxMind: a URL that is refused, without the key" 'xt_geoip_dl_maxmind: --url: "ftp://127.0.0.1/zip" does not begin with https:// or http://' "$out"
for name in ../../evil ../evil evil /evil GeoLite2/../evil GeoLite2/.evil .GeoLite2/evil GeoLite2/ev:il $'GeoLite2/\e[2J' $'GeoLite2\e[2J/evil' $'GeoLite2/\u202eevil'; do
	/usr/bin/python3 -c 'import sys, zipfile; zipfile.ZipFile("www/zip", "w").writestr(sys.argv[1], "x")' "$name"
	before=$(find . -newer www/zip -name '*evil*' -o -name 'GeoLite2[^-]*' -o -name GeoLite2)
	out=$(dl "$geoip/xt_geoip_dl_maxmind" -q -u "$url/zip" ../key 2>&1)
	rc=$?
	expect "download: an archive with the name $(printf %q "$name") is refused" "1 1 $before" \
		"$rc $(grep -cE 'of a strange name|archive is damaged' <<<"$out") $(find . -newer www/zip -name '*evil*' -o -name 'GeoLite2[^-]*' -o -name GeoLite2)"
done
/usr/bin/python3 -c 'import zipfile; zipfile.ZipFile("www/zip", "w").writestr("../../evil", "x")'
keeps "an archive that leads elsewhere" "strange name" "$geoip/xt_geoip_dl_maxmind" -q -u "$url/zip" ../key
keeps "no licence key" "no licence key" "$geoip/xt_geoip_dl_maxmind" -q -u "$url/zip" nowhere
/usr/bin/python3 -c 'import zipfile; zipfile.ZipFile("www/zip", "w").writestr("GeoLite2-Country-CSV_2/evil", "x")'
keeps "a folder that is a link to another" "GeoLite2-Country-CSV_2: Not a directory" "$geoip/xt_geoip_dl_maxmind" -q -u "$url/zip" ../key
expect "download: nothing came there" "" "$(ls elsewhere)"

# archive COUNT SIZE: so many files, and of how many bytes each
archive() { rm -rf dl/Geo*_3; /usr/bin/python3 -c 'import sys, zipfile
z = zipfile.ZipFile("www/zip", "w", zipfile.ZIP_DEFLATED)
for i in range(int(sys.argv[1])): z.writestr("GeoLite2-Country-CSV_3/f%d" % i, "x" * int(sys.argv[2]))' "$@"; }
maxmind() { dl "$geoip/xt_geoip_dl_maxmind" -q -m 1 -u "$url/zip" ../key 2>&1; echo $?; }
archive 8 131072
expect "download: MaxMind: files of 1 MiB together" "0" "$(maxmind)"
archive 8 131073
expect "download: MaxMind: and of more" "xt_geoip_dl_maxmind: GeoLite2-Country-CSV_3/f7: more than 1 MiB: refused (--max) 1" "$(maxmind | xargs)"
archive 100 1
expect "download: MaxMind: 100 files" "0" "$(maxmind)"
archive 101 1
expect "download: MaxMind: and more" "xt_geoip_dl_maxmind: the archive has more than 100 files: refused 1" "$(maxmind | xargs)"

# The last one, as the server is busy with it from then on
if [ -n "${XA_THOROUGH:-}" ]; then
	out=$(dl timeout 120 "$geoip/xt_geoip_dl" -q -u "$url/silent" 2>&1)
	expect "download: a server that falls silent" "1 xt_geoip_dl: Operation too slow" "$? ${out%%. Less*}"
else
	echo "skip $XA_SPEC: a server that falls silent: with XA_THOROUGH=1 only"
fi
