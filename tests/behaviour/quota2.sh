#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# quota2: counters that rules share by name, exact to the unit
. "${0%/*}/../lib.sh"

dir=/proc/net/xt_quota

# value NS NAME: what the file says
value()
{
	in_ns "$1" cat "$dir/$2" 2>&1
}

# set_to NS NAME TEXT: writes TEXT with one write(); ~ stands for a newline, @ for a zero byte
set_to()
{
	printf %s "$3" | tr '~@' '\n\000' |
		in_ns "$1" dd of="$dir/$2" bs=64 conv=notrunc iflag=fullblock
}

# rule 4|6 RULE...: the only one in raw PREROUTING of s
rule()
{
	xa_fam=$1
	shift
	ipt "$xa_fam" s -t raw -F
	ipt "$xa_fam" s -t raw -A PREROUTING -p udp "$@"
}

# packets 4|6 SIZE...: from c to s; SIZE bytes from the IP header on
packets()
{
	xa_fam=$1
	shift
	for xa_i; do
		shift
		case $xa_fam in
		4)	set -- "$@" "ip / udp dport=7 / data zero=$((xa_i - 28))" ;;
		6)	set -- "$@" "ip6 / udp dport=7 / data zero=$((xa_i - 48))" ;;
		esac
	done
	in_ns c pkt send --dev c0 "$@" >/dev/null
}

# passed 4|6 COUNT VALUE WHAT: the rule has matched COUNT packets; the counter q is VALUE
passed()
{
	expect_count "$4: matches" "$2" "$1" s raw PREROUTING 1
	expect "$4: what is left" "$3" "$(value s q)"
}

# One before, at, and after the limit.
counting_down()
{
	ns_pair
	for f in 4 6; do
		rule $f -m quota2 --name q --quota 99
		packets $f 100
		passed $f 0 0 "IPv$f, 100 bytes of 99"
		rule $f -m quota2 --name q --quota 100
		packets $f 100
		passed $f 1 0 "IPv$f, 100 of 100"
		rule $f -m quota2 --name q --quota 101
		packets $f 100
		passed $f 1 1 "IPv$f, 100 of 101"
		rule $f -m quota2 --name q --quota 400
		packets $f 100 200 101 60
		passed $f 2 0 "IPv$f, too little ends it for smaller ones too"
		rule $f -m quota2 --name q ! --quota 400
		packets $f 100 200 101 60
		passed $f 2 0 "IPv$f, inverted: the others"
		rule $f -m quota2 --name q --packets --quota 3
		packets $f 100 1000 60 100 100
		passed $f 3 0 "IPv$f, 3 packets"
		rule $f -m quota2 --name q --packets ! --quota 3
		packets $f 100 1000 60 100 100
		passed $f 2 0 "IPv$f, but for 3 packets"
		ipt $f s -t raw -F
	done
}

growing()
{
	ns_pair
	rule 4 -m quota2 --name q
	packets 4 100
	passed 4 0 0 "no --quota is 0"
	for f in 4 6; do
		rule $f -m quota2 --name q --grow
		packets $f 100 60 1000
		passed $f 3 1160 "IPv$f, bytes"
		rule $f -m quota2 --name q --grow --packets --quota 5
		packets $f 100 60 1000
		passed $f 3 8 "IPv$f, packets, from 5 on"
		rule $f -m quota2 --name q --grow ! --quota 5
		packets $f 100
		passed $f 1 105 "IPv$f, an inversion is of no effect"
		rule $f -m quota2 --name q --grow --quota 18446744073709551500
		packets $f 100 100
		passed $f 2 18446744073709551615 "IPv$f, to the top"
		ipt $f s -t raw -F
	done
}

not_changing()
{
	ns_pair
	for f in 4 6; do
		rule $f -m quota2 --name q --no-change --quota 100
		packets $f 99 100 101 100
		passed $f 3 100 "IPv$f, --no-change: 99, 100, 101 of 100"
		rule $f -m quota2 --name q --no-change ! --quota 100
		packets $f 99 100 101 100
		passed $f 1 100 "IPv$f, --no-change, inverted"
		rule $f -m quota2 --name q --no-change --packets --quota 1
		packets $f 99 100
		passed $f 2 1 "IPv$f, --no-change --packets"
		rule $f -m quota2 --name q --no-change --grow --quota 7
		packets $f 99 100
		passed $f 2 7 "IPv$f, --no-change --grow"
		ipt $f s -t raw -F
	done
}

# Rules of both families and of several chains use one counter.
sharing()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name q --quota 350
	ipt 6 s -t raw -A PREROUTING -p udp -m quota2 --name q --quota 99
	ipt 4 s -t mangle -A PREROUTING -p udp -m quota2 --name q --no-change
	ipt 6 s -t mangle -A PREROUTING -p udp -m quota2 --name q --no-change
	expect "a second rule leaves the value" 350 "$(value s q)"
	packets 4 100
	expect "IPv4" 250 "$(value s q)"
	packets 6 100
	expect "IPv6" 150 "$(value s q)"
	packets 6 60
	passed 4 1 90 "IPv4"
	expect_count "IPv6: matches" 2 6 s raw PREROUTING 1
	expect_count "another rule sees what is left, IPv4" 1 4 s mangle PREROUTING 1
	expect_count "and IPv6" 2 6 s mangle PREROUTING 1
	packets 6 91
	passed 4 1 0 "used up for both"
}

# Two matches in a rule; a counter of the rule's own; the longest name.
several()
{
	long=1234567890123456789012345678901
	ns_pair
	rule 4 -m quota2 --name $long --packets --quota 3 -m quota2 --grow --name q
	packets 4 100 100 100 100
	passed 4 3 300 "what passes one is counted by the other"
	expect "a name of 31 bytes" 0 "$(value s $long)"
	ipt 4 s -t raw -F
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --quota 3
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --quota 3
	expect "without a name no file" "" "$(in_ns s ls $dir)"
	packets 4 100 100 100 100
	expect_count "a counter of its own" 3 4 s raw PREROUTING 1
	expect_count "and of its own" 3 4 s raw PREROUTING 2
}

writes()
{
	ns_new s
	ipt 4 s -A INPUT -m quota2 --name q --quota 7
	for line in '5|5' '5~|5' '0|0' '+10|10' '+0|10' '-3|7' '-7~|0' '-1|0' '0x10|16' '010|8' \
		    '+0x10|24' '-010|16' '18446744073709551615|18446744073709551615' \
		    '+1|18446744073709551615' '-1|18446744073709551614' \
		    '-18446744073709551615|0' '0x000000000000000000000000000a|10' \
		    '01777777777777777777777|18446744073709551615'; do
		expect_ok "'${line%|*}' is written" set_to s q "${line%|*}"
		expect "'${line%|*}' makes ${line#*|}" "${line#*|}" "$(value s q)"
	done
	set_to s q 42 2>/dev/null
	for text in 'x' '~' ' 5' '5 ' '5x' '+' '-' '+-5' '--5' '++5' '+ 5' '5~5' '5~~' '0x' '08' '1.5' \
		    '@' '5@' '5~@' '18446744073709551616' '+99999999999999999999' \
		    '00000000000000000000000000000001' '-1~+1~'; do
		want=Invalid
		expect_fail "'$text' is refused" set_to s q "$text"
	done
	want=Invalid
	expect_fail "4096 bytes are refused" in_ns s \
		sh -c "yes 1 | head -c 4096 | dd of=$dir/q bs=4096 count=1 iflag=fullblock"
	expect "what was refused changed nothing" 42 "$(value s q)"
}

# What is written counts from the next packet on, also when all was used up.
writes_count()
{
	ns_pair
	rule 4 -m quota2 --name q --packets --quota 1
	packets 4 100 100
	passed 4 1 0 "used up"
	set_to s q 2 2>/dev/null
	packets 4 100 100 100
	passed 4 3 0 "2 more"
	set_to s q +1 2>/dev/null
	packets 4 100
	passed 4 4 0 "1 more"
	set_to s q +5 2>/dev/null
	set_to s q -4 2>/dev/null
	packets 4 100 100
	passed 4 5 0 "5 more, but for 4"
	expect "-S shows the initial quota" \
		"-A PREROUTING -p udp -m quota2 --packets --name q --quota 1" \
		"$(ipt 4 s -t raw -S PREROUTING | tail -n 1)"
}

# The counter lives as long as a rule names it.
lifetime()
{
	ns_pair
	rule 4 -m quota2 --name q --quota 1000
	ipt 6 s -A INPUT -m quota2 --name q --quota 5
	ipt 4 c -A INPUT -p tcp -m quota2 --name q --quota 77
	packets 4 100
	passed 4 1 900 "at first"
	expect "another namespace has another" 77 "$(value c q)"
	ipt_save 4 s -t raw >"$XA_TMP/saved"
	expect_ok "the saved rules are restored" ipt_restore 4 s <"$XA_TMP/saved"
	expect "the value survives a restore" 900 "$(value s q)"
	expect "which saves the same" "$(cat "$XA_TMP/saved")" "$(ipt_save 4 s -t raw)"
	ipt 4 s -t raw -R PREROUTING 1 -p udp -m quota2 --name q --quota 3
	expect "and a replacement" 900 "$(value s q)"
	ipt 4 s -t raw -Z
	expect "zeroing the rules' counters is another thing" 900 "$(value s q)"
	expect_ok "-C finds the rule" ipt 4 s -t raw -C PREROUTING -p udp -m quota2 --name q --quota 3
	expect_ok "-D deletes it" ipt 4 s -t raw -D PREROUTING -p udp -m quota2 --name q --quota 3
	expect "another rule keeps the value" 900 "$(value s q)"
	ipt 6 s -F
	expect_files "the last rule takes the file along" s $dir ""
	rule 4 -m quota2 --name q --quota 12
	expect "a new rule begins anew" 12 "$(value s q)"
	ns_del c
	expect "a namespace that goes leaves others alone" 12 "$(value s q)"
}

# A packet that stands for several counts as they do.
offloads()
{
	ns_new s
	for f in 4 6; do
		ipt $f s -t raw -A PREROUTING -p tcp -m quota2 --name p$f --packets --grow
		ipt $f s -t raw -A PREROUTING -p tcp -m quota2 --name b$f --grow
		ipt $f s -t raw -A PREROUTING -p tcp -m quota2 --name q$f --packets --quota 9
	done
	in_ns s pkt send --tun t0 --gso 1000 \
		"ip src=10.0.0.1 dst=11.0.0.1 / tcp flags=A / data zero=4001" \
		"ip src=10.0.0.1 dst=11.0.0.1 / tcp flags=A / data zero=5000" >/dev/null
	expect "IPv4, 4001 bytes in 1000 are 5 packets, 5000 too" 10 "$(value s p4)"
	expect "each with its headers" $((4001 + 5000 + 10 * 40)) "$(value s b4)"
	expect_count "9 packets are enough for 5, not for 5 and 5" 1 4 s raw PREROUTING 3
	expect "the rest is lost" 0 "$(value s q4)"
	in_ns s pkt send --tun t0 --gso 1000 \
		"ip6 src=fd00::1 dst=fe00::1 / tcp flags=A / data zero=4001" \
		"ip6 src=fd00::1 dst=fe00::1 / tcp flags=A / data zero=3000" >/dev/null
	expect "IPv6, 5 and 3" 8 "$(value s p6)"
	expect "each with its headers" $((4001 + 3000 + 8 * 60)) "$(value s b6)"
	expect "9 are enough for 8" 1 "$(value s q6)"
}

# Fragments count one by one, and a rule in OUTPUT, with bottom halves on.
fragments()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name q --grow
	in_ns c pkt send --dev c0 --fragment 1000 'ip / udp dport=7 / data zero=2492' >/dev/null
	expect "three fragments" 2560 "$(value s q)"
	ipt 4 c -A OUTPUT -p udp -m quota2 --name out --packets --quota 2 -j ACCEPT
	ipt 4 c -A OUTPUT -p udp -j DROP
	in_ns c pkt send --local 'ip / udp dport=7' 'ip / udp dport=7' 'ip / udp dport=7' >/dev/null 2>&1
	expect_count "OUTPUT: two pass" 2 4 c filter OUTPUT 1
	expect_count "one does not" 1 4 c filter OUTPUT 2
}

# ---- exactness

senders=

# flood NAME ARGS...: senders into s; what they sent goes to $XA_TMP/sent.NAME
flood()
{
	name=$1
	shift
	bg s sh -c 'out=$1; shift; exec pkt flood "$@" >"$out"' sh "$XA_TMP/sent.$name" "$@"
	senders="$senders $bg_pid"
	wait_for 10 test -e "$XA_TMP/sent.$name"
}

# sent KEY NAME...: packets or bytes of these floods
sent()
{
	key=$1
	shift
	for xa_i; do
		tr ' ' '\n' <"$XA_TMP/sent.$xa_i"
	done | awk -F = -v key="$key" '$1 == key { n += $2 } END { print n + 0 }'
}

# changer NAME FILE: adds 2 more than it subtracts each round, and reads, until the
# senders are done; prints what that makes
changer()
{
	bg s sh -c 'n=0
		while [ ! -e "$2" ]; do
			echo +5 >"$1" && echo -3 >"$1" && read -r v <"$1"
			n=$((n + 2))
		done
		echo $n >"$2.sum"' sh "$dir/$1" "$2"
	changers=$bg_pid
}

# Several CPUs send through quotas of all kinds, which are read and changed meanwhile.
exact()
{
	total=$((6 * count))
	half=$((total / 2 + 1))
	ns_new s
	for a in "p --packets --quota $half" "i --packets ! --quota $half" "b --quota $((half * 128 + 127))" \
		 "g --grow" "n --grow --packets" "k --packets --no-change --quota 1"; do
		# shellcheck disable=SC2086 # options
		ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name $a
	done
	rm -f "$XA_TMP/end"
	changer g "$XA_TMP/end"
	flood a --tun t0 --threads 2 --count $((3 * count)) --src-range 10.0.0.0-10.0.3.255 --dst 11.0.0.1 --size 100
	flood b --tun t1 --threads 2 --count $((3 * count)) --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1 --size 100
	# shellcheck disable=SC2086 # a list
	wait $senders
	touch "$XA_TMP/end"
	wait "$changers"
	senders=
	expect "the senders sent" $total "$(sent packets a b)"
	expect_count "packets: just the quota" $half 4 s raw PREROUTING 1
	expect_count "inverted: just the others" $((total - half)) 4 s raw PREROUTING 2
	expect_count "bytes: as many as fit" $half 4 s raw PREROUTING 3
	expect "nothing is left of them" "0 0 0" "$(value s p) $(value s i) $(value s b)"
	expect "growing, with what was written meanwhile" \
		$(($(sent bytes a b) + $(cat "$XA_TMP/end.sum"))) "$(value s g)"
	expect "packets" $total "$(value s n)"
	expect_count "--no-change: all" $total 4 s raw PREROUTING 6
	expect "and not used up" 1 "$(value s k)"
}

# Some fill a bucket that others empty, the one from OUTPUT with bottom halves on: nothing is
# lost and nothing made. (Single units: too little is nothing.)
bucket()
{
	ns_new s
	ipt 4 s -t raw -A OUTPUT -p udp --dport 7 -m quota2 --name q --packets --grow
	ipt 4 s -t raw -A PREROUTING -p udp --dport 8 -m quota2 --name q --packets
	ipt 4 s -t raw -A PREROUTING -p udp --dport 9 -m quota2 --name q --packets --grow
	flood a --local --count $((2 * count)) --src-range 127.0.0.1 --dst 127.0.0.1 --dport 7
	flood b --tun t1 --threads 2 --count $((3 * count)) --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1 --dport 8
	flood c --tun t2 --count "$count" --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1 --dport 9
	# shellcheck disable=SC2086 # a list
	wait $senders
	senders=
	taken=$(rule_count 4 s raw PREROUTING 1)
	expect "what came in is what went out and what is left" \
		$(($(sent packets a c))) $((${taken% *} + $(value s q)))
}

# Rules come and go, the table is replaced, the namespace goes, while packets flow.
races()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name q --packets --quota "$count"
	ipt 6 s -t raw -A PREROUTING -p udp -m quota2 --name q --packets --quota 1
	flood a --tun t0 --threads 2 --count $((2 * count)) --src-range 10.0.0.0-10.0.3.255 --dst 11.0.0.1
	flood b --tun t1 --threads 2 --count $((2 * count)) --src-range 10.0.0.0-10.0.3.255 --dst 11.0.0.1
	i=0
	while [ $i -lt 5 ]; do
		ipt 4 s -t raw -R PREROUTING 1 -p udp -m quota2 --name q --packets --quota 1
		ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name "n$i" --grow
		ipt 4 s -t raw -I PREROUTING -p udp -m quota2 --quota 1000
		ipt 4 s -t raw -D PREROUTING 1
		i=$((i + 1))
	done
	expect "five more counters" 6 "$(in_ns s ls $dir | wc -l)"
	ip netns del "$(ns_name s)"
	xa_namespaces=
	# shellcheck disable=SC2086 # a list
	wait $senders
	senders=
	ok "the namespace went while packets were counted"
}

# ---- messages

# heard NS NAME: the listener there has printed that
heard()
{
	grep -qx "$2" "$XA_TMP/heard.$1"
}

# use_up NAME: sets the counter to 1 and sends two packets
use_up()
{
	set_to s "$1" 1 2>/dev/null
	packets 4 100 100
}

# listening NAME: uses it up until the listener hears of it
listening()
{
	use_up "$1"
	heard s "$1"
}

messages()
{
	ns_pair
	for a in begin one two; do
		ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --name $a
	done
	ipt 4 c -t raw -A PREROUTING -p udp -m quota2 --packets --name else
	bg s sh -c 'exec xt_quota2_listen >"$1"' sh "$XA_TMP/heard.s"
	bg s sh -c 'exec xt_quota2_listen -n 2 two else >"$1"' sh "$XA_TMP/heard.two"
	picky=$bg_pid
	expect_ok "it is told that a counter is used up" wait_for 30 listening begin
	use_up one
	expect_ok "and another one" wait_for 10 heard s one
	set_to s two 1 2>/dev/null
	set_to s two 0 2>/dev/null
	packets 4 100
	was=$(grep -cx one "$XA_TMP/heard.s")
	use_up one
	expect_ok "and the same once more" wait_for 10 more_than "$was"
	expect "0 that was written is no use" 0 "$(grep -cx two "$XA_TMP/heard.s")"
	began=$(date +%s)
	storm
	expect_ok "a bucket that is often empty" wait_for 10 heard s two
	now=$(grep -cx two "$XA_TMP/heard.s")
	expect_range "at most one a second" 1 $(($(date +%s) - began + 2)) "$now"
	expect_ok "the other listener heard of it" wait_for 30 picky_ends
	wait "$picky"
	expect "it ends as it was told" 0 $?
	expect "and printed nothing else" "two two" "$(xargs <"$XA_TMP/heard.two")"
	want="from 1"
	expect_fail "a count that is none is refused" xt_quota2_listen -n 0
}

more_than()
{
	[ "$(grep -cx one "$XA_TMP/heard.s")" -gt "$1" ]
}

picky_ends()
{
	use_up two
	[ "$(wc -l <"$XA_TMP/heard.two")" -eq 2 ]
}

# A bucket that is filled and emptied by turns, 200 times
storm()
{
	ipt 4 s -t raw -F
	ipt 4 s -t raw -A PREROUTING -p udp --dport 1 -m quota2 --packets --name two --grow
	ipt 4 s -t raw -A PREROUTING -p udp --dport 2 -m quota2 --packets --name two
	in_ns c pkt send --dev c0 --count 600 'ip / udp dport=1' 'ip / udp dport=2' \
		'ip / udp dport=2' >/dev/null
	ipt 4 s -t raw -F
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --name two
}

# Nobody hears of other namespaces, and root is not needed to listen.
messages_apart()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --name here
	ipt 4 c -t raw -A PREROUTING -p udp -m quota2 --packets --name there
	bg s sh -c 'exec setpriv --reuid 65534 --clear-groups xt_quota2_listen >"$1"' sh "$XA_TMP/heard.s"
	bg c sh -c 'exec xt_quota2_listen >"$1"' sh "$XA_TMP/heard.c"
	expect_ok "an ordinary user hears" wait_for 30 listening here
	expect_ok "so does another namespace" wait_for 30 listening_there
	expect "each of its own" "here there" \
		"$(sort -u "$XA_TMP/heard.s" | xargs) $(sort -u "$XA_TMP/heard.c" | xargs)"
}

listening_there()
{
	set_to c there 1 2>/dev/null
	in_ns s pkt send --dev s0 --count 2 'ip src=10.0.0.2 dst=10.0.0.1 / udp dport=7' >/dev/null
	use_up here
	heard c there
}

# ---- the rest

permissions()
{
	params=/sys/module/xt_quota2/parameters
	ns_new s
	ipt 4 s -A INPUT -m quota2 --name q
	expect "mode as the manual says" "-rw-r--r--" \
		"$(in_ns s ls -l $dir/q | cut -c 1-10)"
	echo 384 >$params/perms		# 0600
	echo 7 >$params/uid
	echo 8 >$params/gid
	ipt 4 s -A INPUT -m quota2 --name other
	expect "mode, owner and group are those of the parameters" "-rw------- 7 8" \
		"$(in_ns s ls -ln $dir/other | awk '{ print substr($1, 1, 10), $3, $4 }')"
	echo 0 >$params/perms
	ipt 4 s -A INPUT -m quota2 --name none
	expect "mode 0: for its owner alone" "-r--------" "$(in_ns s ls -l $dir/none | cut -c 1-10)"
	echo 420 >$params/perms		# 0644
	echo 0 >$params/uid
	echo 0 >$params/gid
}

# The examples of the manual.
manual_customer()
{
	ns_triple
	ipt 4 r -A FORWARD -s 10.0.1.1 -m quota2 --name customer1 --quota 1073741824 -j ACCEPT
	ipt 4 r -A FORWARD -d 10.0.1.1 -m quota2 --name customer1 -j ACCEPT
	ipt 6 r -A FORWARD -s fd01::1 -m quota2 --name customer1 -j ACCEPT
	ipt 4 r -P FORWARD DROP
	expect_ok "there is enough" in_ns c ping -q -c 2 -i 0.01 -W 10 -s 72 10.0.2.2
	expect "both ways were counted" $((1073741824 - 400)) "$(value r customer1)"
	in_ns c pkt send --local 'ip6 src=fd01::1 dst=fd02::2 / udp dport=7 / data zero=52' >/dev/null
	expect "IPv6 too" $((1073741824 - 500)) "$(value r customer1)"
	in_ns r sh -c 'echo 199 >/proc/net/xt_quota/customer1'
	expect_fail "199 bytes are not enough for 200" in_ns c ping -q -c 1 -W 1 -s 72 10.0.2.2
	in_ns r sh -c 'echo +1000000 >/proc/net/xt_quota/customer1'
	expect_ok "more was bought" in_ns c ping -q -c 1 -W 10 -s 72 10.0.2.2
	expect "and used" 999800 "$(value r customer1)"
}

manual_bucket()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp --dport 6881 -m quota2 --name bt --grow
	ipt 4 s -A OUTPUT -p tcp --sport 6881 -m quota2 --name bt -j ACCEPT
	ipt 4 s -A OUTPUT -p tcp --sport 6881 -j DROP
	in_ns s pkt send --local 'ip src=10.0.0.2 dst=10.0.0.1 / tcp sport=6881 flags=A' >/dev/null 2>&1
	expect_count "nothing came in, nothing goes out" 1 4 s filter OUTPUT 2
	listen s tcp 6881 --sink
	expect_ok "a client that sends is served" \
		in_ns c pkt connect --bytes 20000 --timeout 20 10.0.0.2 6881
	in=$(rule_count 4 s filter INPUT 1)
	out=$(rule_count 4 s filter OUTPUT 1)
	expect "what came in is what went out and what is left" "${in#* }" $((${out#* } + $(value s bt)))
	served s tcp 6881 >/dev/null
}

count=$((${XA_PACKETS:-5000} / 2))

each_backend counting_down
each_backend sharing
each_backend several
each_backend lifetime
each_backend offloads
each_backend exact
racing each_backend bucket
racing each_backend races
each_backend manual_customer
each_backend manual_bucket
XA_BACKENDS=nft
each_backend growing
each_backend not_changing
each_backend writes
each_backend writes_count
each_backend fragments
each_backend permissions
each_backend messages
each_backend messages_apart
XA_BACKENDS=

# Rules are in place when the namespace goes.
doomed()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --packets --quota 100
	ipt 4 s -t raw -A PREROUTING -p udp -m quota2 --name q --packets --quota 1
	ipt 6 s -t raw -A PREROUTING -p udp -m quota2 --name q --grow
	packets 4 100 100
	packets 6 100
}
each_backend doomed
expect_unload xt_quota2
finish
