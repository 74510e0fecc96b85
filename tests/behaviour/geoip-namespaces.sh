#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# geoip-namespaces: who may do what with the machine's databases, what others
# see of them, how many sets of labels there may be, and who pays for them.
# addrctl (tests/pkt) sends the raw verbs.
. "${0%/*}/../lib.sh"

parameters=/sys/module/xa_addrdb/parameters

# answers DB VERB...: what the kernel says to them, in one line, without values
answers()
{
	addrctl "$@" | sed 's/ [a-z]*=[^ ]*//g' | tr '\n' ' ' | sed 's/ $//'
}

# field NAME TEXT: the value of NAME in what --status printed
field()
{
	echo "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# in_init VERB...
in_init()
{
	answers geoip "$@"
}

# parameter NAME VALUE: set, and back to what it was at the end of the test
parameter()
{
	[ -e "$XA_TMP/was.$1" ] || cat "$parameters/$1" >"$XA_TMP/was.$1"
	echo "$2" >"$parameters/$1" || xa_die "parameter $1 can be set to $2"
}

parameters_back()
{
	for was in "$XA_TMP"/was.*; do
		cat "$was" >"$parameters/${was##*/was.}"
		rm "$was"
	done
}

# Every verb, by everybody. What changes is asked one by one, each from its own
# socket as well, so that a refused begin cannot hide what follows.
changing='begin data commit abort unload'
asking='status query check'

# refused WHO EXPECTED-OF-QUESTIONS CMD...: CMD runs addrctl as WHO
refused()
{
	who=$1 may=$2
	shift 2
	for db in geoip asn; do
		for verb in $changing; do
			expect "$who: $db $verb" "$verb EPERM" "$("$@" addrctl $db "$verb")"
		done
		for verb in $asking; do
			expect "$who: $db $verb" "$verb $may" \
				"$("$@" addrctl $db "$verb" | sed 's/ [a-z]*=[^ ]*//g')"
		done
	done
}

rights()
{
	for db in geoip asn; do
		expect "root of the machine: $db, all verbs" \
			'begin 0 data 0 commit 0 status 0 query 0 check 0 begin 0 abort 0 unload 0 begin 0 data 0 commit 0' \
			"$(answers $db begin data commit status query check begin abort unload begin data commit)"
	done
	ns_new other
	before=$(addrctl geoip status)
	refused "no capability" EPERM setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all
	refused "root of a user namespace" EPERM unshare -r
	refused "root of a user and a network namespace" 0 unshare -rn
	refused "CAP_NET_ADMIN of the machine, another network namespace" 0 in_ns other
	expect "nothing has changed" "$before" "$(addrctl geoip status)"
	expect "nobody is in the way of an upload" "begin 0 abort 0" "$(in_init begin abort)"
}

# An upload belongs to a socket, not to a number.
owner()
{
	rm -f "$XA_TMP/began" "$XA_TMP/go"
	addrctl geoip portid=4242 begin data touch="$XA_TMP/began" wait="$XA_TMP/go" commit >"$XA_TMP/upload" &
	uploader=$!
	wait_for 10 test -e "$XA_TMP/began"
	for verb in $changing; do
		expect "the port number of an upload in another namespace: $verb" "$verb EPERM" \
			"$(in_ns other addrctl geoip portid=4242 "$verb")"
	done
	expect "another socket has no upload" "data ESRCH commit ESRCH abort ESRCH" \
		"$(in_init data commit abort)"
	expect "nor may it begin one" "begin EBUSY" "$(in_init begin)"
	expect "the other database is another matter" "begin 0 abort 0" "$(answers asn begin abort)"
	: >"$XA_TMP/go"
	wait $uploader
	expect "whose it is can end it" "begin 0 | data 0 | commit 0" "$(oneline "$(cat "$XA_TMP/upload")")"
	expect "a socket of another protocol that closes takes no upload with it" "begin 0 data 0 commit 0" \
		"$(in_init begin route data commit)"
}

# What the tools never send.
raw()
{
	expect "IPv6 boundaries of the last class" "begin 0 data6 0 abort 0" "$(in_init begin data6=1 abort)"
	expect "IPv6 boundaries of a class that is not" "begin 0 data6 EINVAL abort 0" "$(in_init begin data6=2 abort)"
	expect "and of one far away" "begin 0 data6 EINVAL abort 0" "$(in_init begin data6=4294967295 abort)"
	expect "an upload that is not complete" "begin 0 commit EINVAL commit ESRCH" "$(in_init begin commit commit)"
}

stall()
{
	rm -f "$XA_TMP/began" "$XA_TMP/go"
	addrctl geoip begin touch="$XA_TMP/began" wait="$XA_TMP/go" data >"$XA_TMP/upload" &
	uploader=$!
	wait_for 10 test -e "$XA_TMP/began"
	parameter upload_timeout 1
	if wait_for 20 sh -c 'addrctl geoip begin abort | grep -q "begin 0"'; then
		ok "an upload that stalls makes room for another"
	else
		not_ok "an upload that stalls makes room for another" "still: $(in_init begin)"
	fi
	: >"$XA_TMP/go"
	wait $uploader
	expect "and is over" "begin 0 | data ESRCH" "$(oneline "$(cat "$XA_TMP/upload")")"
	# in all longer than the time, in each pause far from it
	parameter upload_timeout 10
	expect "one that goes on slowly is not" "begin 0 data6 0 abort 0" \
		"$(in_init begin sleep=6000 data6=0 sleep=6000 abort)"
	parameters_back
}

# rules NAME FIRST LAST: so many rules, each with a label of its own, into namespace NAME
rules()
{
	awk -v from="$2" -v to="$3" 'BEGIN { print "*raw"
		for (i = from; i <= to; i++)
			printf "-A PREROUTING -m geoip --src-cc %c%c\n", 65 + i / 26, 65 + i % 26
		print "COMMIT" }' >"$XA_TMP/rules"
	xa_ipt 4 "$1" -restore <"$XA_TMP/rules"
}

# add NAME N: rule with the label of number N
add()
{
	ipt 4 "$1" -t raw -A PREROUTING -m geoip --src-cc "$(awk -v i="$2" 'BEGIN { printf "%c%c", 65 + i / 26, 65 + i % 26 }')"
}

seen()
{
	expect "many labels are loaded" "begin 0 data 0 commit 0" "$(in_init labels=676 begin data commit)"
	ns_new a b
	rules a 0 1
	mine=$(in_ns a addrctl geoip status)
	rules b 0 2
	expect "a namespace sees nothing of the rules of others" "$mine" "$(in_ns a addrctl geoip status)"
	expect "but its own" 2 "$(field sets "$mine")"
	expect "the other namespace as well" 3 "$(field sets "$(in_ns b addrctl geoip status)")"
	expect "one without rules sees none" 0 "$(field sets "$(unshare -rn addrctl geoip status)")"
	expect "no namespace sees where the files are" "" "$(field source "$mine")$(field source "$(unshare -rn addrctl geoip status)")"
	all=$(addrctl geoip status)
	expect "the initial namespace sees all sets" 5 "$(field sets "$all")"
	expect "and the source" addrctl "$(field source "$all")"
	expect "and all are compiled" 0 "$(field slow "$all")"
	ns_del a b
	wait_for 10 sh -c 'addrctl geoip status | grep -q sets=0'
}

limits()
{
	ns_new a b
	parameter max_sets 4
	expect_ok "twice max_sets sets" rules a 0 7
	want=
	expect_fail "one more is refused" add a 8
	ipt 4 a -t raw -D PREROUTING 1
	# nf_tables gives up what a rule holds in the background
	expect_ok "one leaves, one more is taken" wait_for 10 add a 8
	expect_fail "and no more" add a 9
	expect_ok "the same labels again are no set more" add a 8
	expect_ok "another namespace has its own" rules b 0 3
	expect_ok "a table of max_sets is replaced by another of that size" rules b 10 13
	wait_for 10 sh -c "ip netns exec $(ns_name b) addrctl geoip status | grep -q sets=4"
	expect "whose sets are the ones that are left" 4 "$(field sets "$(in_ns b addrctl geoip status)")"
	parameter max_sets 100
	parameter max_sets_others 14
	expect_ok "max_sets_others sets of two namespaces" rules b 10 15
	want=
	expect_fail "one more is refused, whoever asks" add b 16
	expect_fail "whoever asks" add a 16
	case $0 in
	/xa/*)	XA_I=$(ipt_init -S 2>/dev/null)
		expect_ok "but not the initial namespace" ipt_init -A XA-TEST -m geoip --src-cc BA
		ipt_init_clean ;;
	esac
	ipt 4 a -t raw -D PREROUTING 1
	expect_ok "one leaves, another namespace gets its place" wait_for 10 add b 16
	parameters_back
	ns_del a b
	wait_for 10 sh -c 'addrctl geoip status | grep -q sets=0'
}

ipt_init()
{
	[ "$1" = -S ] || "iptables-$XA_BACKEND" -w -t raw -N XA-TEST 2>/dev/null
	"iptables-$XA_BACKEND" -w -t raw "$@"
}

ipt_init_clean()
{
	"iptables-$XA_BACKEND" -w -t raw -F XA-TEST
	"iptables-$XA_BACKEND" -w -t raw -X XA-TEST
}

# Rules come and go while databases do; class numbers differ, verdicts must not.
beside()
{
	ns_pair
	ns_new a
	in_init labels=676 begin data commit >/dev/null
	rules a 0 600
	ipt 4 s -t raw -A PREROUTING -m geoip --src-cc AB
	ipt 4 s -t raw -A PREROUTING -m geoip ! --src-cc AB
	rm -f "$XA_TMP/stop"
	while [ ! -e "$XA_TMP/stop" ]; do
		add a 601
		ipt 4 a -t raw -D PREROUTING 602
	done 2>"$XA_TMP/beside" &
	changer=$!
	in_ns c pkt flood -d c0 -s 4 -a 20.0.1.1-20.0.1.1 -b 10.0.0.2 >"$XA_TMP/sent" &
	flood=$!
	loads=0
	while kill -0 $flood 2>/dev/null; do
		addrctl geoip labels=650 begin data commit labels=676 begin data commit >"$XA_TMP/loads"
		loads=$((loads + 2 - $(grep -vc ' 0$' "$XA_TMP/loads")))
	done
	wait $flood
	: >"$XA_TMP/stop"
	wait $changer
	sent=$(sed -n 's/.*packets=\([0-9]*\).*/\1/p' "$XA_TMP/sent")
	expect_range "loads beside 600 sets and changing rules" 2 100000 $loads
	expect "no change of a rule failed" "" "$(cat "$XA_TMP/beside")"
	expect_range "packets were sent" 100 1000000000 "$sent"
	expect_count "each was seen as what it is" "$sent" 4 s raw PREROUTING 1
	expect_count "and none as what it is not" 0 4 s raw PREROUTING 2
	expect "all sets are compiled in the end" 0 "$(field slow "$(addrctl geoip status)")"
}

# Sets of rules are made while databases with more classes, and fewer, take each other's place.
overtaken()
{
	ns_new a
	in_init labels=64 begin data commit >/dev/null
	rm -f "$XA_TMP/stop" "$XA_TMP/loads"
	while [ ! -e "$XA_TMP/stop" ]; do
		addrctl geoip labels=600 begin data commit labels=64 begin data commit >>"$XA_TMP/loads"
	done &
	loader=$!
	made=0
	xa_end=$(($(date +%s) + ${XA_RACE_SECONDS:-6}))
	while [ "$(date +%s)" -lt $xa_end ]; do
		rules a 0 40 && made=$((made + 1))
		ipt 4 a -t raw -F PREROUTING
	done
	: >"$XA_TMP/stop"
	wait $loader
	expect_range "41 sets were made, again and again" 2 100000 $made
	expect_range "while databases came and went" 4 100000 "$(grep -c '^commit 0' "$XA_TMP/loads")"
}

# Each allocation of a commit fails once: for the database, then nothing changes;
# for a set, then the pass that follows makes up for it.
failing()
{
	echo N 2>/dev/null >/sys/kernel/debug/failslab/ignore-gfp-wait && [ -w /proc/self/fail-nth ] ||
		{ skip_part "this kernel injects no faults"; return; }
	for quiet in /sys/kernel/debug/fail*/verbose; do
		echo 0 >"$quiet"
	done
	ns_pair
	in_init labels=676 begin data commit >/dev/null
	rules s 0 9
	ipt 4 s -t raw -A PREROUTING -m geoip ! --src-cc AB
	refused=0 through=0 n=0 generation=0
	while [ $((n += 1)) -le 300 ]; do
		did=$(in_init labels=676 begin data fail=$n commit)
		case $did in
		*unharmed)		break ;;
		*"commit 0")		through=$((through + 1)) ;;
		*"commit ENOMEM"|*"commit ENOBUFS"|*"commit E2BIG")	refused=$((refused + 1)) ;;
		*)			not_ok "a load without memory says so" "allocation $n: $did" ;;
		esac
	done
	expect_range "loads that were refused for memory" 5 300 $refused
	expect_range "loads that went through though a set got none" 11 300 $through
	expect "all sets are compiled in the end" 0 "$(field slow "$(addrctl geoip status)")"
	in_ns c pkt send -d c0 -n 1 "eth dst=02:00:00:00:00:02 / ip src=20.0.1.1 dst=10.0.0.2 / udp dport=9" >/dev/null
	expect_count "the right country matches" 1 4 s raw PREROUTING 2
	expect_count "and is not said not to" 0 4 s raw PREROUTING 11
}

# Once without any database: who may bring the one on disk?
first_rule()
{
	case $0 in
	/xa/*)	;;
	*)	skip_part "the machine's own database is left alone"; return ;;
	esac
	ns_new f
	wait_for 10 sh -c 'addrctl geoip unload | grep -q "unload 0"'
	rm -rf /usr/share/xt_geoip
	mkdir -p /usr/share/xt_geoip
	echo 20.0.1.0/24,AB | xt_geoip_build -q -F -f cidr -D /usr/share/xt_geoip -i -
	ipt 4 f -A INPUT -m geoip --src-cc AB 2>/dev/null
	unshare -rn "iptables-$XA_BACKEND" -A INPUT -m geoip --src-cc AB 2>/dev/null
	expect_match "a rule elsewhere brings no database" "status sets=[12] 0" "$(addrctl geoip status)"
	rm -rf /usr/share/xt_geoip
}

modprobe -q xt_geoip
in_init query >/dev/null || xa_die "the module xa_addrdb is there"
parameter upload_timeout 86400	# what is set later has to hold for what has begun
rights
owner
raw
stall
each_backend seen
each_backend limits
each_backend beside
racing each_backend overtaken
each_backend failing
each_backend first_rule
expect_unload xt_geoip
finish
