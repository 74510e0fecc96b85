#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# geoip: which packets match, what a new database does to rules, who may load it.
# The packets are judged in the raw table, before routing could drop them.
. "${0%/*}/../lib.sh"

# database NAME: of the lines of stdin, in $XA_TMP/NAME
database()
{
	mkdir -p "$XA_TMP/$1"
	xt_geoip_build -q -F -f cidr -D "$XA_TMP/$1" -i - ||
		xa_die "database $1 is built"
}

# status WORD: the value that xt_geoip_load --status has for it
status()
{
	xt_geoip_load --status | sed -n "s/^$1: //p"
}

# try WHAT PACKETS FAMILY RULE...: a packet from $from to $to meets a rule
try()
{
	what=$1 count=$2 fam=$3
	shift 3
	ipt "$fam" s -t raw -A PREROUTING -p udp "$@"
	if [ "$fam" = 4 ]; then
		in_ns c pkt send -d c0 -n 1 "eth dst=02:00:00:00:00:02 / ip src=$from dst=$to / udp dport=9" >/dev/null
	else
		in_ns c pkt send -d c0 -n 1 "eth dst=02:00:00:00:00:02 / ip6 src=$from dst=$to / udp dport=9" >/dev/null
	fi
	expect_count "$what" "$count" "$fam" s raw PREROUTING 1
	ipt "$fam" s -t raw -F PREROUTING
}

# ends FAMILY BEFORE FIRST LAST AFTER: boundary of country AB, in both directions
ends()
{
	fam=$1 there=fd00::2 here=fd00::1
	[ "$fam" = 6 ] || { there=10.0.0.2 here=10.0.0.1; }
	hits="0 1 1 0"
	shift
	for a; do
		hit=${hits%% *} hits=${hits#* }
		from=$a to=$there
		try "IPv$fam source $a in AB" "$hit" "$fam" -m geoip --src-cc AB
		try "IPv$fam source $a not in AB" $((1 - hit)) "$fam" -m geoip ! --src-cc AB
		from=$here to=$a
		try "IPv$fam destination $a in AB" "$hit" "$fam" -m geoip --dst-cc AB
	done
}

overlap()
{
	to=10.0.0.2 from=20.0.2.5
	try "an address of two labels has the first" 1 4 -m geoip --src-cc AC
	try "an address of two labels has the second" 1 4 -m geoip --src-cc A1
	from=20.0.2.200
	try "beside the overlap only one" 0 4 -m geoip --src-cc A1
	from=192.0.2.1
	try "an address without a country is in none" 0 4 -m geoip --src-cc AB,AC,A1,AD
	try "and so not in them" 1 4 -m geoip ! --src-cc AB,AC,A1,AD
}

matches()
{
	ns_pair
	ends 4 20.0.0.255 20.0.1.0 20.0.1.255 20.0.2.0
	ends 6 2001:db8:0:ffff:ffff:ffff:ffff:ffff 2001:db8:1:: \
		2001:db8:1:ffff:ffff:ffff:ffff:ffff 2001:db8:2::
	from=fd00::1
	to=2001:db8:5::7f try "IPv6 finer than /64: before" 0 6 -m geoip --dst-cc AD
	to=2001:db8:5::80 try "IPv6 finer than /64: first" 1 6 -m geoip --dst-cc AD
	to=2001:db8:5::ff try "IPv6 finer than /64: last" 1 6 -m geoip --dst-cc AD
	to=2001:db8:5::100 try "IPv6 finer than /64: after" 0 6 -m geoip --dst-cc AD
	overlap
	from=20.0.1.1 to=10.0.0.2
	try "several geoip matches in a rule" 1 4 -m geoip --src-cc AB -m geoip ! --dst-cc AB
	in_ns c pkt send -d c0 -n 1 -F 8 "eth dst=02:00:00:00:00:02 / ip src=20.0.1.1 dst=10.0.0.2 / udp dport=9 / data text=0123456789abcdef" >/dev/null
	ipt 4 s -t raw -A PREROUTING -m geoip --src-cc AB
	in_ns c pkt send -d c0 -n 1 -F 8 "eth dst=02:00:00:00:00:02 / ip src=20.0.1.1 dst=10.0.0.2 / udp dport=9 / data text=0123456789abcdef" >/dev/null
	expect_count "fragments are packets like others" 3 4 s raw PREROUTING 1
}

# Many databases under traffic: class numbers change with each, verdicts must not.
swap()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -m geoip --src-cc AB,AC
		ipt $f s -t raw -A PREROUTING -m geoip ! --src-cc AB,AC -p udp
		ipt $f s -t raw -A PREROUTING -m geoip --src-cc AD,AE
	done
	before=$(status generation)
	sent=0
	in_ns c pkt flood -d c0 -s "${XA_SWAP_SECONDS:-8}" -T 2 -a 20.0.1.0-20.0.1.255 -b 10.0.0.2 >"$XA_TMP/sent4" 2>&1 &
	four=$!
	in_ns c pkt flood -d c0 -s "${XA_SWAP_SECONDS:-8}" -a 2001:db8:1::-2001:db8:1::ffff -b fd00::2 >"$XA_TMP/sent6" 2>&1 &
	six=$!
	while kill -0 $four 2>/dev/null || kill -0 $six 2>/dev/null; do
		xt_geoip_load -q -D "$XA_TMP/odd" || not_ok "a load under traffic"
		sleep 0.05
		xt_geoip_load -q -D "$XA_TMP/even" || not_ok "a load under traffic"
		sleep 0.05
	done
	wait $four $six
	sleep 0.2
	swaps=$(($(status generation) - before))
	# ten a second and more, but for slow guests
	expect_range "databases were swapped under traffic" 5 100000 $swaps
	for f in 4 6; do
		sent=$(sed -n 's/.*packets=\([0-9]*\).*/\1/p' "$XA_TMP/sent$f")
		expect_range "IPv$f packets were sent" 100 1000000000 "$sent"
		expect_count "IPv$f: every packet matched, whatever the database" "$sent" $f s raw PREROUTING 1
		expect_count "IPv$f: none matched the inverse" 0 $f s raw PREROUTING 2
		expect_count "IPv$f: none matched other countries" 0 $f s raw PREROUTING 3
	done
	xt_geoip_load -q -D "$XA_TMP/base"
}

# warns WHAT TEXT COMMAND...: it succeeds, with one line on stderr; no TEXT: with none
warns()
{
	what=$1 text=$2
	shift 2
	"$@" >"$XA_TMP/out" 2>"$XA_TMP/err"
	expect "$what: accepted" 0 $?
	expect "$what: words" "${text:+1}" "$(sed -n '$=' "$XA_TMP/err")"
	[ -z "$text" ] || expect_match "$what: says so" "geoip: *$text*" "$(cat "$XA_TMP/err")"
}

# What was saved is found, deleted and restored when the database has lost its countries.
saved_rules()
{
	ns_new r
	for fam in 4 6; do
		for cc in AB AC A1 AD AB,AC,A1; do
			ipt $fam r -A INPUT -m geoip --src-cc $cc
			ipt $fam r -A INPUT -m geoip ! --dst-cc $cc
		done
		ipt_save $fam r >"$XA_TMP/saved$fam"
	done
	xt_geoip_load -q -D "$XA_TMP/half"	# has AB alone
	for fam in 4 6; do
		ipt_restore $fam r <"$XA_TMP/saved$fam" 2>"$XA_TMP/err"
		expect "IPv$fam: what was saved is restored" 0 $?
		expect "IPv$fam: with a line for each rule that lost a country" 8 \
			"$(grep -c '^geoip: warning: the database has no country A' "$XA_TMP/err")"
		ipt_save $fam r | sed 's/^#.*//' >"$XA_TMP/again"
		sed 's/^#.*//' "$XA_TMP/saved$fam" >"$XA_TMP/before"
		expect_ok "IPv$fam: all of it" cmp "$XA_TMP/again" "$XA_TMP/before"
		warns "IPv$fam: -C finds a rule" "" ipt $fam r -C INPUT -m geoip --src-cc AB,AC,A1
		warns "IPv$fam: -D deletes it" "" ipt $fam r -D INPUT -m geoip --src-cc AB,AC,A1
	done
	ns_del r
	xt_geoip_load -q -D "$XA_TMP/base"
}

# not_loaded WHAT COMMAND...: and the kernel has no database after it
not_loaded()
{
	what=$1
	shift
	"$@" >"$XA_TMP/out" 2>&1
	expect "$what loads nothing" "" "$(status source 2>/dev/null)"
}

# machine ARGS...: iptables in the initial network namespace, which may load
machine()
{
	"iptables-$XA_BACKEND" -w "$@"
}

# Only what makes a rule loads the database of the folder, which is there.
looks_only()
{
	printf '*filter\n-A INPUT -m geoip --src-cc AB\nCOMMIT\n' >"$XA_TMP/rules"
	not_loaded "-C" machine -C INPUT -m geoip --src-cc AB
	not_loaded "-D" machine -D INPUT -m geoip --src-cc AB
	not_loaded "iptables-restore --test" "iptables-$XA_BACKEND-restore" --test <"$XA_TMP/rules"
	expect "iptables-restore --test takes the rule" "" "$(cat "$XA_TMP/out")"
	[ "$XA_BACKEND" = legacy ] || {
		not_loaded "iptables-translate" iptables-translate -A INPUT -m geoip --src-cc AB
		expect_match "iptables-translate takes the rule" "nft *" "$(cat "$XA_TMP/out")"
	}
}

# A rule of a namespace sees the database that is loaded anywhere.
reload()
{
	ns_pair
	from=20.0.9.1 to=10.0.0.2
	ipt 4 s -t raw -A PREROUTING -m geoip --src-cc AB
	set -- eth dst=02:00:00:00:00:02 / ip src=20.0.9.1 dst=10.0.0.2 / udp dport=9
	in_ns c pkt send -d c0 -n 1 "$*" >/dev/null
	expect_count "before the new database" 0 4 s raw PREROUTING 1
	xt_geoip_load -q -D "$XA_TMP/moved"
	in_ns c pkt send -d c0 -n 1 "$*" >/dev/null
	expect_count "the rule sees the new database" 1 4 s raw PREROUTING 1
	expect "the kernel tells the same" "20.0.9.1: AB" "$(xt_geoip_load --query 20.0.9.1)"
	expect "as JSON" '{"address":"20.0.9.1","labels":["AB"]}' "$(xt_geoip_load --json --query 20.0.9.1)"
	expect "and its status" "geoip $(xt_geoip_load --status | sed -n 's/^generation: //p')" \
		"$(xt_geoip_load --status --json | sed 's/^{"kind":"\([a-z]*\)","generation":\([0-9]*\),.*}}$/\1 \2/')"
	want="rules need the database"
	expect_fail "it is not unloaded while rules need it" xt_geoip_load --unload
	warns "a country that the new one lacks" "the database has no country A1: no address belongs to it" \
		ipt 4 s -A INPUT -m geoip --src-cc A1
	rm -rf "$XA_TMP/empty"
	mkdir -p "$XA_TMP/empty"
	want="no geoip database in"
	expect_fail "an empty folder is no database" xt_geoip_load -D "$XA_TMP/empty"
	cp "$XA_TMP/moved"/* "$XA_TMP/empty"
	printf 1234567 >"$XA_TMP/empty/AB.iv4"
	want="seems to be corrupted"
	expect_fail "a corrupted file is refused" xt_geoip_load -D "$XA_TMP/empty"
	in_ns c pkt send -d c0 -n 1 "$*" >/dev/null
	expect_count "and the old database is as it was" 2 4 s raw PREROUTING 1
	image
	xt_geoip_load -q -D "$XA_TMP/base"
}

# What is loaded is the image; without a good one, the files, and then there is one.
image()
{
	rm -rf "$XA_TMP/other"
	mkdir -p "$XA_TMP/other"
	cp "$XA_TMP/moved"/*.iv? "$XA_TMP/other"
	expect_ok "files without an image" xt_geoip_load -q -D "$XA_TMP/other"
	expect_ok "get one" test -s "$XA_TMP/other/geoip.db"
	rm -f "$XA_TMP/other"/*.iv?
	xt_geoip_load -q -D "$XA_TMP/base"
	expect_ok "which is loaded without them" xt_geoip_load -q -D "$XA_TMP/other"
	expect "the same database" "20.0.9.1: AB" "$(xt_geoip_load --query 20.0.9.1)"
	expect "its ranges" "$(wc -l <"$XA_TMP/ranges")" "$(status ranges | awk '{ print $1 + $3 }')"
	size=$(wc -c <"$XA_TMP/other/geoip.db")
	printf x | dd of="$XA_TMP/other/geoip.db" bs=1 seek=$((size - 9)) conv=notrunc 2>/dev/null
	generation=$(status generation)
	want="damaged, and there are no files beside it"
	expect_fail "a damaged image alone" xt_geoip_load -D "$XA_TMP/other"
	expect "changes nothing" "$generation" "$(status generation)"
	cp "$XA_TMP/moved"/*.iv? "$XA_TMP/other"
	expect_ok "with files beside it" xt_geoip_load -q -D "$XA_TMP/other"
}

# What a container may do: use the database, not replace it.
container()
{
	want=CAP_NET_ADMIN
	expect_fail "a container does not load" unshare -rn xt_geoip_load -D "$XA_TMP/odd"
	want=CAP_NET_ADMIN
	expect_fail "a container does not unload" unshare -rn xt_geoip_load --unload
	expect_ok "a container makes rules" unshare -rn "iptables-$XA_BACKEND" -A INPUT -m geoip --src-cc AB
	expect_ok "a container asks" unshare -rn xt_geoip_load --query 20.0.1.1
	for ask in --status "--query 20.0.1.1"; do
		want="only the administrator of the network namespace may ask (CAP_NET_ADMIN)"
		# shellcheck disable=SC2086 # words
		expect_fail "without the capability: $ask" setpriv --reuid 65534 --regid 65534 --clear-groups \
			--inh-caps=-all xt_geoip_load $ask
	done
}

# A class for each of 64 labels: the last one is the first bit of another word.
last_class()
{
	ns_pair
	addrctl geoip labels=64 begin data commit >"$XA_TMP/out"
	expect "64 labels are loaded" "begin 0 | data 0 | commit 0" "$(oneline "$(cat "$XA_TMP/out")")"
	to=10.0.0.2
	for n in 0 1 31 62 63; do
		from=20.0.$n.1
		try "label $n of 64 alone" 1 4 -m geoip --src-cc "$(nth $n)"
		try "not label $n of 64" 0 4 -m geoip ! --src-cc "$(nth $n)"
	done
	from=20.0.64.1
	try "beyond them" 0 4 -m geoip --src-cc "$(nth 63)"
	xt_geoip_load -q -D "$XA_TMP/base"
}

# nth N: a label of those that addrctl sends
nth()
{
	awk -v i="$1" 'BEGIN { printf "%c%c", 65 + i / 26, 65 + i % 26 }'
}

# many N: the first countries, from AA on
many()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%s%c%c", i ? "," : "", 65 + i / 26, 65 + i % 26 }'
}

# A warning counts all that are missing; the database has AB to AE of these.
many_missing()
{
	ns_new m
	for n in 68 69 200; do
		warns "a rule of $n countries" "AA, AF, AG, AH, AI, AJ, AK, AL and $((n - 4 - 8)) more" \
			ipt 4 m -A INPUT -m geoip --src-cc "$(many $n)"
	done
	ns_del m
}

# An upload that is in progress is waited for, as when two restores run at once.
busy()
{
	rm -f "$XA_TMP/began"
	addrctl geoip begin touch="$XA_TMP/began" sleep=1500 abort >"$XA_TMP/upload" &
	uploader=$!
	wait_for 10 test -e "$XA_TMP/began"
	expect_ok "a first rule waits for the load of another" machine -A INPUT -m geoip --src-cc AB
	wait $uploader
	expect "and loads then" /usr/share/xt_geoip "$(status source)"
	machine -F INPUT
	wait_for 10 xt_geoip_load --unload
}

# ip_of FAMILY: a packet from AB to where no country is
ip_of()
{
	[ "$1" = 4 ] && echo "ip src=20.0.1.1 dst=10.0.0.2" || echo "ip6 src=2001:db8:1::1 dst=fd00::2"
}

# waiting FAMILY: rules of all kinds
waiting()
{
	for rule in "--src-cc AB" "! --src-cc AB" "--dst-cc AB" "! --dst-cc AB" "--orig-cc AB" "! --orig-cc AB"; do
		# shellcheck disable=SC2086 # words
		ipt $1 s -t mangle -A PREROUTING -m geoip $rule 2>"$XA_TMP/err" || not_ok "IPv$1: $rule is taken" "$(cat "$XA_TMP/err")"
	done
}

# A file of rules is restored before there is any database, as at a boot: what it needs is
# said once, nothing matches, and the first load makes the rules right.
before_any()
{
	ns_pair
	waiting 4
	waiting 6
	for n in $(seq 20); do echo "-A INPUT -m geoip ! --src-cc A$((n % 10)) -j DROP"; done >"$XA_TMP/rules"
	printf '%s\n' '*filter' "$(cat "$XA_TMP/rules")" COMMIT >"$XA_TMP/file"
	warns "a file without any database" "warning: no database is loaded, so the rule has no effect yet: /usr/share/xt_geoip has none to load: run xt_geoip_build, then xt_geoip_load" \
		in_ns c "iptables-$XA_BACKEND-restore" "$XA_TMP/file"
	expect "has all its rules" 20 "$(ipt 4 c -S INPUT | grep -c DROP)"
	want="no geoip database is loaded, and rules wait for one"
	expect_fail "the state says that rules wait" xt_geoip_load --status
	want="no geoip database is loaded"
	expect_fail "there is nothing to unload" xt_geoip_load --unload
	for f in 4 6; do
		in_ns c pkt send -d c0 "eth dst=02:00:00:00:00:02 / $(ip_of $f) / udp dport=9" >/dev/null
		for n in 1 2 3 4 5 6; do
			expect_count "IPv$f: without a database rule $n matches nothing" 0 $f s mangle PREROUTING $n
		done
	done
	cp -r "$XA_TMP/base" /usr/share/xt_geoip
	xt_geoip_load -q
	for f in 4 6; do
		in_ns c pkt send -d c0 "eth dst=02:00:00:00:00:02 / $(ip_of $f) / udp dport=9" >/dev/null
		for n in 1:1 2:0 3:0 4:1 5:1 6:0; do
			expect_count "IPv$f: with the first database rule ${n%:*} is right" "${n#*:}" $f s mangle PREROUTING "${n%:*}"
		done
	done
	want="rules need the database"
	expect_fail "and it stays while they are there" xt_geoip_load --unload
	ns_del_all
	wait_for 60 xt_geoip_load --unload
}

# The first rule finds no database in the kernel and brings the one on disk.
first_rule()
{
	case $0 in
	/xa/*)	;;
	*)	skip_part "the machine's own database is left alone"; return ;;
	esac
	# rules of the namespaces before go in the background
	wait_for 10 xt_geoip_load --unload
	rm -rf /usr/share/xt_geoip
	before_any
	looks_only
	warns "a container's first rule" "warning: no database is loaded, so the rule has no effect yet: that of /usr/share/xt_geoip cannot be loaded: only the administrator of the machine may do that" \
		unshare -rn "iptables-$XA_BACKEND" -A INPUT -m geoip --src-cc AB
	wait_for 60 sh -c '! xt_geoip_load --status 2>&1 | grep "rules wait"'
	busy
	expect_ok "the first rule loads the database" machine -A INPUT -m geoip --src-cc AB
	expect "of the folder" /usr/share/xt_geoip "$(status source)"
	warns "a country that is there" "" machine -A INPUT -m geoip --src-cc AC
	warns "two that are not there" "the database has no country XY, ZZ: no address belongs to them (xt_geoip_load loads it again from /usr/share/xt_geoip)" \
		machine -A INPUT -m geoip --src-cc AB,XY,ZZ
	rm -rf /usr/share/xt_geoip
	machine -F INPUT
}

# Rules may outlive nothing: the namespace goes with rules in place.
death()
{
	# those of the namespaces before go when the kernel has time for it
	wait_for 60 sh -c 'xt_geoip_load --status | grep -q "^sets in rules: 0"'
	ns_new d
	for cc in AB AC A1 AD; do
		ipt 4 d -A INPUT -m geoip --src-cc $cc
		ipt 6 d -A INPUT -m geoip ! --dst-cc $cc,AB
	done
	ipt_save 4 d >"$XA_TMP/saved"
	expect_ok "the saved rules restore" ipt_restore 4 d <"$XA_TMP/saved"
	expect "sets in rules" 7 "$(status 'sets in rules')"
	ns_del d
	wait_for 60 sh -c 'xt_geoip_load --status | grep -q "^sets in rules: 0"'
	expect "no set is left behind the namespace" 0 "$(status 'sets in rules')"
}

base="20.0.1.0/24,AB
20.0.2.0/24,AC
20.0.2.0/25,A1
20.0.3.0/24,AE
2001:db8:1::/48,AB
2001:db8:2::/48,AC
2001:db8:5::80/121,AD"
echo "$base" | database base
echo "$base" | grep AB | database half
{ echo "$base"; echo 20.0.9.0/24,AB; } | grep -v A1 >"$XA_TMP/ranges"
database moved <"$XA_TMP/ranges"
# the same ranges, but other labels, classes and neighbours around them
{ echo 20.0.1.0/24,AC; echo 2001:db8:1::/48,AC; echo 20.0.3.0/24,AB
  awk 'BEGIN { for (i = 0; i < 250; i++) printf "30.%d.0.0/16,%c%c\n", i, 65 + i / 26, 65 + (i * 7) % 26 }'; } | database odd
{ echo 20.0.1.0/24,AB; echo 2001:db8:1::/48,AB; echo 20.0.0.0/24,AE; echo 2001:db8:2::/48,AD; } | database even
xt_geoip_load -q -D "$XA_TMP/base" || xa_die "the database is loaded"

each_backend matches
each_backend saved_rules
each_backend many_missing
each_backend last_class
each_backend reload
each_backend swap
each_backend container
each_backend death
each_backend first_rule
expect_unload xt_geoip
finish
