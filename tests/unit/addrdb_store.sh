#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The folder of a database: its image and the files beside it, who may read
# what while it is replaced, and what is left of it when something goes wrong.
# XA_BUILD is a built tree.

. "$XA_TOP/tests/unit/addrdb.inc"

# world NAME SHIFT: 600 networks, each of another country than with another shift
world() {
	awk -v shift="$2" 'BEGIN { abc = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		for (i = 0; i < 600; i++) { j = (i + shift) % 600
			printf "10.%d.%d.0/24,%s%s\n", i / 256, i % 256,
				substr(abc, int(j / 26) + 1, 1), substr(abc, j % 26 + 1, 1) } }' >"$1"
}
world odd 1
world even 300
addrs=$(seq -f '10.0.%.0f.1' 0 5 255)
# look: the labels of addresses all over it, in a line
look() { "$geoip/xt_geoip_query" -D "${1:-db}" $addrs 2>&1 | sed 's/.*: //' | tr '\n' ' '; }

fresh
build odd
odd=$(look)
fresh
build even
even=$(look)
[ "$odd" != "$even" ] && [ -n "$odd" ] && ok "two databases that differ" || not_ok "two databases that differ" "$odd"

# ---- files
umask 022
fresh
printf '1.0.0.0/24,AU\n255.255.255.0/24,ZZ\nffff::/16,ZZ\n' >ends
build -f cidr ends
expect "files of mode 0644" "644" "$(stat -c %a db/*.iv? db/geoip.db | sort -u)"
expect "the lock is its owner's alone" 600 "$(stat -c %a db/.lock)"
expect "IPv4 up to the last address" "255.255.255.0-255.255.255.255 " "$(ranges 4 ZZ)"
expect "IPv6 up to the last address" "ffff::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff " "$(ranges 6 ZZ)"
expect "and no further" "::: -" "$(label ::)"
expect "nor in IPv4" "0.0.0.0: -" "$(label 0.0.0.0)"
missing=
for cc in DE US ZW A1 A2 O1 EU AP XX; do
	[ -f "db/$cc.iv4" ] && [ -f "db/$cc.iv6" ] || missing+=" $cc"
done
expect "a file for every country, with ranges or without" "" "$missing"
expect "and no more than that" 256 "$(find db -name '*.iv4' | wc -l)"
printf '1.0.0.0/24,AU\n' >less
build -F less
expect "what was known stays known" 256 "$(find db -name '*.iv4' | wc -l)"
expect "without ranges" "" "$(ranges 4 ZZ)"
expect "and without addresses" "255.255.255.1: -" "$(label 255.255.255.1)"

# ---- a folder that cannot be read to its end
cat >halfdir.c <<-'END'
	#define _GNU_SOURCE
	#include <dirent.h>
	#include <dlfcn.h>
	#include <errno.h>
	#include <stddef.h>
	static unsigned int calls;
	struct dirent64 *readdir64(DIR *d)
	{
		struct dirent64 *(*real)(DIR *d) = dlsym(RTLD_NEXT, "readdir64");
		if (++calls % 10)
			return real(d);
		errno = EOVERFLOW;
		return NULL;
	}
	struct dirent *readdir(DIR *d) { return (struct dirent *)readdir64(d); }
END
if gcc -Wall -Wextra -Werror -shared -fPIC -o halfdir.so halfdir.c -ldl; then
	rm db/geoip.db
	out=$(LD_PRELOAD=$PWD/halfdir.so "$geoip/xt_geoip_query" -D db 1.0.0.1 2>&1)
	expect "a folder that cannot be read" "1 xt_geoip_query: cannot read db: Value too large for defined data type" "$? $out"
	build -F less
	refused "nor can it be built anew" "Value too large" env LD_PRELOAD="$PWD/halfdir.so" "$geoip/xt_geoip_build" -q -D db ends
else
	not_ok "halfdir.c compiles"
fi

# ---- labels of the administrator's own
fresh
mkdir own
echo 1.0.0.128/25,X0 >own/a.csv
echo 2001:db8::/32,XX >own/b.csv
echo 'not this' | tee own/.hidden own/a.csv~ 'own/#a.csv#' own/a.csv.{bak,orig,dpkg-old,rpmnew,rpmorig} >own/a.csv.rpmsave
echo 2001:db9::/32,XY | tee 'own/#c.csv' >own/c.csv.rpm
build --add own less
expect "--add: beside what others say" "1.0.0.200: AU X0" "$(label 1.0.0.200)"
expect "--add: a folder of files" "2001:db8::1: XX" "$(label 2001:db8::1)"
expect "--add: other names are read" "2001:db9::1: XY" "$(label 2001:db9::1)"
build -F --add own/a.csv less
expect "--add: a file" "1.0.0.200: AU X0" "$(label 1.0.0.200)"
echo rubbish >own/c.csv
refused "--add: what is wrong" "c.csv:1" build --add own less

# ---- the image and the files
fresh
build odd
rm db/geoip.db
expect "without an image the files are read" "$odd" "$(look)"
build odd
before=$(find db -name '*.iv?' | wc -l)
find db -name '*.iv?' -delete
expect "without files the image is read" "$odd" "$(look)"
"$geoip/xt_geoip_build" -q -F -D db odd
expect "the next build writes the files again" "$before" "$(find db -name '*.iv?' | wc -l)"
size=$(stat -c %s db/geoip.db)
# flip BITS AT FILE: bits of one byte
flip() {
	printf "\\$(printf %o $(($1 ^ $(od -An -tu1 -j "$2" -N 1 "$3"))))" | dd of="$3" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
bad=
for at in 0 9 13 17 25 60 $((size / 3)) $((size / 2)) $((size - 1)); do
	cp db/geoip.db image
	flip 255 "$at" db/geoip.db
	touch db/geoip.db
	[ "$(look)" = "$odd" ] || bad+=" $at"
	cp image db/geoip.db
done
expect "an image with a wrong byte is not read, the files are" "" "$bad"
truncate -s -4 db/geoip.db
touch db/geoip.db
expect "nor one that was cut" "$odd" "$(look)"
cp image db/geoip.db
touch db/geoip.db
mkdir alone
head -c 1000 image >alone/geoip.db
out=$(look alone)
[[ $out == *"the database in alone is damaged, and there are no files beside it"* ]] &&
	ok "a damaged image alone" || not_ok "a damaged image alone" "$out"
bad=
for at in $(seq 60 $((size / 50 + 1)) $((size - 1))); do
	cp image alone/geoip.db
	flip 1 "$at" alone/geoip.db
	[[ $(look alone) == *"the database in alone is damaged"* ]] || bad+=" $at"
done
expect "nor is one with a single wrong bit read, wherever it is" "" "$bad"

# ---- programs that know of no image
fresh
build odd
cp db/AB.iv4 old
sleep 0.05
"$geoip/xt_geoip_build" -q -D alone -F even
cp alone/*.iv? db
expect "files that are newer than the image are read" "$even" "$(look)"
build -F odd
sleep 0.05
printf '\11\0\0\0\11\0\0\377' >db/Z9.iv4
expect "a label that the image does not know" "9.0.0.1: Z9" "$(label 9.0.0.1)"
printf '\1\0\0\0\1\0\0\5\1\0\0\5\1\0\0\11' >db/Z9.iv4
refused "ranges that overlap by an address" "Z9.iv4 seems to be corrupted: range 2" "$geoip/xt_geoip_query" -D db Z9
printf '\1\0\0\0\1\0\0\5\1\0\0\6\1\0\0\11' >db/Z9.iv4
expect "ranges that touch are joined" "1.0.0.0-1.0.0.9 " "$(ranges 4 Z9)"

# ---- a damaged old database is no reason to take anything
fresh
build odd
rm db/geoip.db
printf 1234567 >db/AB.iv4
echo 1.0.0.0/24,AU >tiny
refused "a damaged old database and a new one" "cannot compare with the old database: db/AB.iv4 seems to be corrupted" build tiny
build -F odd
expect "--force replaces it" "$odd" "$(look)"
refused "which is compared with again" "fewer" build tiny

# ---- interrupted and at the same time
fresh
build odd
mkdir db/.new-1-0
cp db/AB.iv4 db/.new-1-0
cp db/geoip.db db/.new-1-0
build even
expect "what an interrupted build left is removed" "" "$(find db -name '.new*')"
expect "and the new database is complete" "$even" "$(look)"

killed=0 torn=
for i in $(seq 10); do
	world next $((i * 13 % 600))
	before=$(look)
	"$geoip/xt_geoip_build" -q -F -D db next 2>/dev/null &
	builder=$!
	sleep "0.0$((i % 10))$((i % 7))"
	kill -KILL $builder 2>/dev/null && killed=$((killed + 1))
	wait $builder 2>/dev/null
	after=$(look)
	rm -rf whole
	mkdir whole
	"$geoip/xt_geoip_build" -q -D whole next
	[ "$after" = "$before" ] || [ "$after" = "$(look whole)" ] || torn+=" $i"
done
expect "killed while it builds: the old database or the new one" "" "$torn"
[ $killed -gt 0 ] && ok "builds were killed ($killed)" || echo "skip $XA_SPEC: no build was slow enough to be killed"
build -F odd
rm -rf alone whole
mkdir alone
build odd
cp db/*.iv? alone
expect "the next build mends the files" "$odd" "$(look alone)"

# ---- a power cut
# durable FILE: what it would leave while a database is built from it
durable() {
	LD_PRELOAD=$PWD/durable.so "$geoip/xt_geoip_build" -q -F -D db "$1" 9>cuts
	cat cuts
}
if gcc -Wall -Wextra -Werror -shared -fPIC -o durable.so "$XA_TOP/tests/data/durable.c" -ldl; then
	fresh
	expect "a power cut in a first build leaves no database, or a whole image" "images: 1" "$(durable odd)"
	expect "while it is replaced, the old one or the new one" "images: 1" "$(durable even)"
	mkdir db/.new-1-0
	expect "and so after an interrupted build" "images: 1" "$(durable odd)"
else
	not_ok "tests/data/durable.c compiles"
fi

# ---- a first build, whose files are written where they belong
awk 'BEGIN { for (i = 1; i <= 4000; i++) printf "10.%d.%d.0/24,%d\n", i / 256, i % 256, i }' >many
asked=$(awk 'BEGIN { for (i = 1; i <= 4000; i += 200) printf "10.%d.%d.1 ", i / 256, i % 256 }')
# alook: all labels asked for are right, there is no database yet, or what there is
alook() {
	# shellcheck disable=SC2086 # a list
	"$asn/xt_asn_query" -D db $asked 2>&1 | awk '
		/there is no asn database/ { print "none"; exit }
		{ split($1, a, /[.:]/); if ($2 != a[2] * 256 + a[3]) { print; exit } n++ }
		END { if (n == 20) print "all" }'
}
firsts=0 partial="" left=""
for i in $(seq 5); do
	fresh
	"$asn/xt_asn_build" -q -D db -f cidr many 2>/dev/null &
	builder=$!
	while kill -0 $builder 2>/dev/null; do
		case $(alook) in
		none)	;;
		all)	[ ! -e db/4000.iv6 ] && { firsts=$((firsts + 1)); kill -KILL $builder; break; } ;;
		*)	partial+=" $i: $(alook)"; break ;;
		esac
	done 2>/dev/null
	wait $builder 2>/dev/null
	[ "$(alook)" = all ] || partial+=" $i, killed: $(alook)"
	"$asn/xt_asn_build" -q -D db -f cidr many
	[ "$(find db -name '*.iv?' | wc -l) $(find db -name '*.iv4' -size 8c | wc -l) $(alook)" = "8000 4000 all" ] || left+=" $i"
done
expect "read while a first build writes, and when that was killed: all or nothing" "" "$partial"
expect "the next build mends the files of the first" "" "$left"
[ $firsts -gt 0 ] && ok "first builds were killed ($firsts)" || echo "skip $XA_SPEC: no first build was slow enough to be killed"
[ db/asn.db -nt many ] && touch now && [ ! db/asn.db -nt now ] && ok "the image's date is that of the build" ||
	not_ok "the image's date is that of the build" "$(stat -c %y db/asn.db now)"
# image_last: nothing has changed in the folder after its image: a reader need not look into it
image_last() { expect "$1" "" "$(find db -maxdepth 0 -newer db/asn.db)"; }
image_last "the image of a first build is newer than its folder"
"$asn/xt_asn_build" -q -F -D db -f cidr <(sed 's/,7$/,8/' many)
image_last "and so is that of the next"
# two files of 8,000, written to where they are, as by a program that knows of no image
sleep 0.05
printf '\11\0\0\0\11\0\0\377' | tee db/1002.iv4 >db/3003.iv4
expect "two files of many that are newer than the image are read" "9.0.0.1: 1002 3003" "$("$asn/xt_asn_query" -D db 9.0.0.1)"
"$asn/xt_asn_build" -q -F -D db -f cidr many
printf '\11\0\0\0\11\0\0\377\12\0\0\0\12\0\0\377' >db/1002.iv4
touch -r db/asn.db db/1002.iv4
expect "one that is as new, and of another size, too" "9.0.0.1: 1002" "$("$asn/xt_asn_query" -D db 9.0.0.1)"
"$asn/xt_asn_build" -q -F -D db -f cidr many
sleep 0.05
printf '\13\0\0\0\13\0\0\377' >db/AS1003.iv4
expect "one of libloc's name beside ours, too" "11.0.0.1: 1003" "$("$asn/xt_asn_query" -D db 11.0.0.1)"
if mkdir full && mount -t tmpfs -o nr_inodes=3000 none full 2>/dev/null; then
	out=$("$asn/xt_asn_build" -q -D full -f cidr many 2>&1)
	[[ $out == *"No space left"* ]] && ok "a first build on a full disk says so" || not_ok "a first build on a full disk says so" "$out"
	expect "and leaves nothing" ".lock" "$(ls -A full)"
	umount full
else
	echo "skip $XA_SPEC: no right to mount a small disk"
fi

fresh
build odd
stop=
( while [ ! -e stop ]; do build -F odd; build -F even; done ) &
writer=$!
reads=0 mixed=0
end=$((SECONDS + ${XA_STORE_SECONDS:-5}))
while [ $SECONDS -lt $end ]; do
	now=$(look)
	reads=$((reads + 1))
	[ "$now" = "$odd" ] || [ "$now" = "$even" ] || mixed=$((mixed + 1))
done
touch stop
wait $writer
expect "read while it is replaced: one database or the other ($reads reads)" 0 $mixed

if command -v flock >/dev/null; then
	build -F odd
	rm -f held go
	flock db/.lock sh -c 'touch held; until [ -e go ]; do sleep 0.05; done' &
	until [ -e held ]; do sleep 0.05; done
	build -F even &
	second=$!
	sleep 1
	kill -0 $second 2>/dev/null && ok "a second writer waits" || not_ok "a second writer waits" "it has ended"
	expect "and has written nothing" "$odd" "$(look)"
	touch go
	wait
	expect "and then writes" "$even" "$(look)"
fi

# ---- AS numbers: libloc's names
fresh
printf '\1\0\0\0\1\0\0\377' >db/AS64500.iv4
: >db/AS64500.iv6
printf '1.0.0.0/24,64500\n2.0.0.0/24,64501\n' >aslist
expect "AS64500.iv4 is read" "1.0.0.5: 64500" "$("$asn/xt_asn_query" -D db 1.0.0.5)"
"$asn/xt_asn_build" -q -D db -f cidr aslist
expect "and replaced" "64500.iv4 64501.iv4" "$(files)"
