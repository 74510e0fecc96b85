#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ACCOUNT: who sent and got what, read back with iptaccount; nothing is lost,
# nothing counted twice
. "${0%/*}/../lib.sh"

# records NS TABLE [FLAG]: "IP;src packets;src bytes;dst packets;dst bytes" lines
records()
{
	in_ns "$1" iptaccount -s ${3:+"$3"} -l "$2" | grep '^[0-9a-f.:/]*;[0-9]' | xargs
}

# table_info NS TABLE KEY: of what `iptaccount --json` says
table_info()
{
	in_ns "$1" iptaccount --json -l "$2" | sed -n "s/.*\"$3\": *\([0-9]*\).*/\1/p" | head -n 1
}

# pings 4|6 COUNT SIZE: from c to s and back, L3 bytes SIZE + 28 or + 48
pings()
{
	if [ "$1" = 4 ]; then
		in_ns c ping -q -c "$2" -i 0.01 -W 2 -s "$3" 10.0.0.2 >/dev/null
	else
		in_ns c ping -q -c "$2" -i 0.01 -W 2 -s "$3" fd00::2 >/dev/null
	fi
}

both_sides()
{
	ns_pair
	ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname lan
	ipt 4 s -A OUTPUT -j ACCOUNT --addr 10.0.0.0/24 --tname lan
	pings 4 3 100
	expect "requests and replies, IPv4" \
		"10.0.0.1;3;384;3;384 10.0.0.2;3;384;3;384" "$(records s lan)"
	expect "reading leaves the counters" \
		"10.0.0.1;3;384;3;384 10.0.0.2;3;384;3;384" "$(records s lan)"
	expect "a flush reads the same" \
		"10.0.0.1;3;384;3;384 10.0.0.2;3;384;3;384" "$(records s lan -f)"
	expect "and leaves nothing" "" "$(records s lan)"
	pings 4 1 0
	expect "counting goes on from 0" \
		"10.0.0.1;1;28;1;28 10.0.0.2;1;28;1;28" "$(records s lan)"
	expect_count "the packet goes on to the next rule" 4 4 s filter INPUT 1
}

both_sides6()
{
	ns_pair
	ipt 6 s -A INPUT -p ipv6-icmp --icmpv6-type echo-request -j ACCOUNT --addr fd00::/64 --tname lan6
	ipt 6 s -A OUTPUT -p ipv6-icmp --icmpv6-type echo-reply -j ACCOUNT --addr fd00::/64 --tname lan6
	pings 6 3 100
	expect "requests and replies, IPv6" \
		"fd00::1;3;444;3;444 fd00::2;3;444;3;444" "$(records s lan6)"
	expect "a flush reads the same" \
		"fd00::1;3;444;3;444 fd00::2;3;444;3;444" "$(records s lan6 -f)"
	expect "and leaves nothing" "" "$(records s lan6 -f)"
	expect "also when the idle hosts have gone" "" "$(records s lan6)"
	pings 6 1 0
	expect "counting goes on from 0" \
		"fd00::1;1;48;1;48 fd00::2;1;48;1;48" "$(records s lan6)"
}

# in_net ADDR/LEN WHAT RECORDS: one packet from 10.0.0.1 to 10.0.0.2
in_net()
{
	ipt 4 s -F INPUT
	ipt 4 s -A INPUT -j ACCOUNT --addr "$1" --tname t
	pings 4 1 0
	expect "$2: $1" "$3" "$(records s t)"
}

# One before, at and after the ends of a network, in each size of table.
networks()
{
	ns_pair
	in_net 10.0.0.1 "a host" "10.0.0.1;1;28;0;0"
	in_net 10.0.0.2 "a host" "10.0.0.2;0;0;1;28"
	in_net 10.0.0.3 "another host"
	in_net 10.0.0.0 "another host"
	in_net 10.0.0.0/31 "the last of a network" "10.0.0.1;1;28;0;0"
	in_net 10.0.0.2/31 "the first of a network" "10.0.0.2;0;0;1;28"
	in_net 10.0.0.0/30 "both" "10.0.0.1;1;28;0;0 10.0.0.2;0;0;1;28"
	in_net 10.0.0.4/30 "neither"
	for net in 10.0.0.0/24 10.0.0.0/23 10.0.0.0/17 10.0.0.0/16 10.0.0.0/15 10.0.0.0/9 10.0.0.0/8; do
		in_net $net "both" "10.0.0.1;1;28;0;0 10.0.0.2;0;0;1;28"
	done
	in_net 10.0.1.0/24 "neither"
	in_net 11.0.0.0/8 "neither"
	in_net 0.0.0.0/0 "all as source in one record" "0.0.0.0;1;28;0;0"
}

# Addresses at the ends of the blocks that counters live in are told apart.
far_hosts()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname wide
	set --
	far=
	for a in 10.0.0.0 10.0.0.127 10.0.0.128 10.0.0.255 10.0.1.0 10.0.255.255 \
		 10.1.0.0 10.127.255.255 10.128.0.0 10.255.255.127 10.255.255.255; do
		set -- "$@" "ip src=$a dst=11.0.0.1 / udp"
		far="$far$a;1;28;0;0 "
	done
	in_ns s pkt send --tun t0 "ip src=9.255.255.255 dst=11.0.0.0 / udp" "$@" >/dev/null
	expect "ends of the blocks of a /8, in order" "${far% }" "$(records s wide)"
	expect "memory on first touch only" "a few pages" \
		"$([ "$(table_info s wide memory)" -le 98496 ] && echo 'a few pages')"
}

networks6()
{
	ns_pair
	for spec in "fd00::1 |fd00::1;1;48;0;0" \
		    "fd00::3 |" \
		    "fd00::/127 |fd00::1;1;48;0;0" \
		    "fd00::2/127 |fd00::2;0;0;1;48" \
		    "fd00::/64 |fd00::1;1;48;0;0 fd00::2;0;0;1;48" \
		    "fd00::/16 |fd00::1;1;48;0;0 fd00::2;0;0;1;48" \
		    "fd00::/64 --per 64|fd00::/64;1;48;1;48" \
		    "fd00::/16 --per 127|fd00::/127;1;48;0;0 fd00::2/127;0;0;1;48" \
		    "fd01::/16 |" \
		    "::/0 |::;1;48;0;0"; do
		ipt 6 s -F INPUT
		# shellcheck disable=SC2086 # options
		ipt 6 s -A INPUT -p ipv6-icmp --icmpv6-type echo-request -j ACCOUNT --tname t --addr ${spec%%|*}
		pings 6 1 0
		expect "IPv6 network ${spec%%|*}" "${spec#*|}" "$(records s t)"
	done
}

sharing()
{
	ns_pair
	ipt 4 s -A INPUT -p icmp -j ACCOUNT --addr 10.0.0.0/24 --tname lan
	ipt 4 s -A INPUT -p icmp -j ACCOUNT --addr 10.0.0.0/24 --tname lan
	ipt 4 s -A INPUT -p icmp -j ACCOUNT --addr 10.0.0.0/24 --tname other
	pings 4 1 0
	expect "two rules feed one table" "10.0.0.1;2;56;0;0 10.0.0.2;0;0;2;56" "$(records s lan)"
	expect "another name is another table" "10.0.0.1;1;28;0;0 10.0.0.2;0;0;1;28" "$(records s other)"
	want='' expect_fail "the same name with another prefix is refused" \
		ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/25 --tname lan
	expect_fail "with another network too" \
		ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.1.0/24 --tname lan
	expect_fail "with another family too" \
		ipt 6 s -A INPUT -j ACCOUNT --addr fd00::/64 --tname lan
	ipt 6 s -A OUTPUT -j ACCOUNT --addr fd00::/56 --per 64 --tname per
	want='' expect_fail "with records of another length too" \
		ipt 6 s -A OUTPUT -j ACCOUNT --addr fd00::/56 --per 63 --tname per
	ipt 6 s -F OUTPUT
	expect "refusals change nothing" "10.0.0.1;2;56;0;0 10.0.0.2;0;0;2;56" "$(records s lan)"
	expect "iptaccount -a lists both" "Found table: lan Found table: other" \
		"$(in_ns s iptaccount -a | grep '^Found' | xargs)"
	ipt_save 4 s >"$XA_TMP/saved"
	expect_ok "the saved rules are restored" ipt_restore 4 s <"$XA_TMP/saved"
	expect "counters survive a restore" "10.0.0.1;2;56;0;0 10.0.0.2;0;0;2;56" "$(records s lan)"
	ipt 4 s -D INPUT 1
	expect "and the deletion of one of two rules" "10.0.0.1;2;56;0;0 10.0.0.2;0;0;2;56" "$(records s lan)"
	ipt 4 s -D INPUT 1
	expect_fail "the last rule takes the table along" in_ns s iptaccount -l lan
	expect "other namespaces have no such table" "" "$(in_ns c iptaccount -a | grep '^Found')"
}

table_limit()
{
	ns_new s
	{
		echo '*filter'
		i=0
		while [ $i -lt 128 ]; do
			echo "-A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname t$i"
			i=$((i + 1))
		done
		echo COMMIT
	} >"$XA_TMP/many"
	expect_ok "128 tables" ipt_restore 4 s <"$XA_TMP/many"
	expect_fail "one more is refused" ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname t128
	expect_ok "one more rule of a table is not" ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname t5
	expect "all have names" 128 "$(in_ns s iptaccount -a | grep -c '^Found')"
}

# Segments that offloads join are counted one by one, with their headers.
offloads()
{
	ns_pair
	ns_offload c on c0
	ns_offload s on s0
	ipt 4 s -t raw -A PREROUTING -p tcp -j ACCOUNT --addr 10.0.0.1 --tname up
	ipt 4 c -t raw -A OUTPUT -p tcp -j ACCOUNT --addr 10.0.0.1 --tname up
	ipt 6 s -t raw -A PREROUTING -p tcp -j ACCOUNT --addr fd00::1 --tname up6
	listen s tcp 9000 --sink
	for f in 10.0.0.2 fd00::2; do
		in_ns c pkt connect --bytes 2000000 $f 9000 >/dev/null || not_ok "sending to $f"
	done
	set -- $(records s up | tr ';' ' ')
	expect_range "IPv4 segments, not joined ones" 1370 1500 "${2:-0}"
	expect "each with its headers" "$(records c up)" "$(records s up)"
	set -- $(records s up6 | tr ';' ' ')
	expect_range "IPv6 segments, not joined ones" 1390 1550 "${2:-0}"
}

# What comes in fragments is counted fragment by fragment where it does.
fragments()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/24 --tname frag
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/64 --tname frag6
	in_ns s pkt send --tun t0 --fragment 1000 \
		"ip src=10.0.0.1 dst=11.0.0.1 / udp / data zero=2492" >/dev/null
	in_ns s pkt send --tun t1 --fragment 1000 \
		"ip6 src=fd00::1 dst=fd01::1 / udp / data zero=2492" >/dev/null
	expect "three fragments of IPv4" "10.0.0.1;3;2560;0;0" "$(records s frag)"
	expect "three fragments of IPv6" "fd00::1;3;2644;0;0" "$(records s frag6)"
}

# More IPv6 hosts than a table has room for: nothing is lost, :: has the rest.
crowd()
{
	ns_new s
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/16 --tname crowd
	expect "70000 hosts send" "packets=70000" \
		"$(in_ns s pkt flood --tun t0 --count 70000 --src-range fd00::1:0-fd00::2:116f \
			--dst fe00::1 | tr ' ' '\n' | grep '^packets')"
	in_ns s iptaccount -s -l crowd | awk -F ';' '/^[0-9a-f:]+;/ { n++; p += $2 }
		/^::;/ { rest = $2 } END { print n, p, rest }' >"$XA_TMP/crowd"
	expect "65536 have records, :: the rest" "65537 70000 4464" "$(cat "$XA_TMP/crowd")"
	in_ns s iptaccount -s -f -l crowd >/dev/null
	in_ns s iptaccount -s -f -l crowd >/dev/null
	in_ns s pkt flood --tun t1 --count 10 --src-range fd00::3:1-fd00::3:a --dst fe00::1 >/dev/null
	expect "idle hosts made room at the second flush" 10 \
		"$(in_ns s iptaccount -s -l crowd | grep -c '^fd00::3:.*;1;')"
}

# ---- exactness

# total FILE...: packets of all reports (acctdrain's output), as source
total()
{
	awk '{ p += $4; b += $5 } END { print p + 0, b + 0 }' "$@"
}

# flood NAME ARGS...: senders into s; what they sent goes to $XA_TMP/sent.NAME
flood()
{
	name=$1
	shift
	bg s sh -c 'out=$1; shift; exec pkt flood "$@" >"$out"' sh "$XA_TMP/sent.$name" "$@"
	senders="$senders $bg_pid"
	# in the namespace by now, whatever becomes of its name
	wait_for 10 test -e "$XA_TMP/sent.$name"
}

# drain TABLE NAME: flush reads without a pause until $XA_TMP/end is there
drain()
{
	bg s sh -c 'exec acctdrain --until-file "$1" "$2" >"$3"' sh \
		"$XA_TMP/end" "$1" "$XA_TMP/got.$2"
	readers="$readers $bg_pid"
	wait_for 10 test -e "$XA_TMP/got.$2"
}

# settle: waits for the senders, then for the readers' last reports
settle()
{
	# shellcheck disable=SC2086 # lists
	wait $senders
	touch "$XA_TMP/end"
	# shellcheck disable=SC2086
	wait $readers
	rm -f "$XA_TMP/end"
	sent=$(cat "$XA_TMP"/sent.* | tr ' ' '\n' | awk -F = '$1 == "packets" { p += $2 }
		$1 == "bytes" { b += $2 } END { print p, b }')
	got=$(total "$XA_TMP"/got.*)
	reads=$(awk '{ n += $2 } END { print n }' "$XA_TMP"/got.*)
	rm -f "$XA_TMP"/sent.* "$XA_TMP"/got.*
	senders='' readers=''
}

exact_flush()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname e
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/32 --tname e6
	drain e r1
	drain e r2
	drain e6 r3
	flood a --tun t0 --threads 2 --count $((8 * packets)) --src-range 10.0.0.0-10.0.3.255 --dst 11.0.0.1 --size 100
	flood b --tun t1 --threads 2 --count $((8 * packets)) --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1 --size 7
	flood c --tun t2 --threads 2 --count $((8 * packets)) --src-range fd00::1-fd00::ff --dst fe00::1 --size 50
	settle
	expect "two readers of a table under traffic: packets and bytes" "$sent" "$got"
	expect "the senders sent" $((24 * packets)) "${sent% *}"
	expect "the readers read many times" yes "$([ "$reads" -gt 20 ] && echo yes)"
}

# iptables-nft-restore makes a new base chain before the old one is gone, and a
# packet can meet the one and then the other: there the rule is replaced.
replace_rules()
{
	if [ "$XA_BACKEND" = legacy ]; then
		ipt_restore 4 s <"$XA_TMP/rules"
	else
		ipt 4 s -t raw -R PREROUTING 1 -j ACCOUNT --addr 10.0.0.0/16 --tname e
	fi
}

# The rule set is replaced, and rules that feed the table come and go.
exact_replace()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/16 --tname e
	ipt 4 s -t raw -A OUTPUT -j ACCOUNT --addr 10.0.0.0/16 --tname e
	ipt_save 4 s -t raw >"$XA_TMP/rules"
	drain e r1
	flood a --tun t0 --threads 2 --count $((20 * packets)) --src-range 10.0.0.0-10.0.3.255 --dst 11.0.0.1
	i=0
	while kill -0 "$bg_pid" 2>/dev/null; do
		replace_rules
		ipt 4 s -t raw -D OUTPUT 1
		ipt 4 s -t raw -A OUTPUT -j ACCOUNT --addr 10.0.0.0/16 --tname e
		i=$((i + 1))
	done
	settle
	expect "the rule set was replaced" yes "$([ $i -ge 2 ] && echo yes)"
	expect "reports over $i replacements" "$sent" "$got"
}

# The traffic goes over to a table b; a is read to its end and removed.
exact_removal()
{
	ns_new s
	ipt 4 s -t raw -N old
	ipt 4 s -t raw -A old -j ACCOUNT --addr 10.0.0.0/24 --tname a
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/24 --tname a
	drain a r1
	drain b r2
	flood a --tun t0 --threads 2 --count $((12 * packets)) --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1
	ipt 4 s -t raw -R PREROUTING 1 -j ACCOUNT --addr 10.0.0.0/24 --tname b
	in_ns s acctdrain --until-file / a >"$XA_TMP/got.r3"
	ipt 4 s -t raw -F old
	expect "the table is removed while the traffic flows" "" \
		"$(in_ns s iptaccount -a | grep 'table: a$')"
	settle
	expect "reports of both tables" "$sent" "$got"
}

# The namespace is deleted while senders and readers are at work in it.
exact_exit()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/24 --tname e
	drain e r1
	flood a --tun t0 --threads 2 --count $((12 * packets)) --src-range 10.0.0.0-10.0.0.255 --dst 11.0.0.1
	ip netns del "$(ns_name s)"
	settle
	expect "reports after the namespace lost its name" "$sent" "$got"
	xa_namespaces=
}

# ---- the socket options, as raw calls

# acc CALL...: acctool in s, one line for each call, without the length words
acc()
{
	in_ns s acctool "$@" 2>&1 | sed 's/ len=[0-9]*//'
}

sockets()
{
	ns_pair
	ipt 4 s -A INPUT -p icmp -j ACCOUNT --addr 10.0.0.0/24 --tname t
	ipt 6 s -A INPUT -p ipv6-icmp --icmpv6-type echo-request -j ACCOUNT --addr fd00::/64 --tname t6
	pings 4 2 100
	pings 6 1 100
	"$@"
}

as_documented()
{
	tool=$1
	expect "prepare, read, free ($tool)" "0|0 10.0.0.1:2/256,0/0 10.0.0.2:0/0,2/256|0|EPERM" \
		"$(in_ns s "$tool" get 74 name=t -- get 76 handle=last len=4096 as=records -- \
			set 71 handle=last -- get 76 handle=0 as=none |
		   sed -e 's/ len=[0-9]*//' -e 's/ handle=.*//' | paste -sd '|')"
	expect "table information ($tool)" \
		"0 name='t' family=2 prefix=24 host=32 pad=0 rules=1 net=0a000000000000000000000000000000" \
		"$(in_ns s "$tool" get 110 table=t as=info | sed -e 's/ len=[0-9]*//' -e 's/ memory=.*//')"
}

wrong_calls()
{
	acc_is "74: 39 bytes" EINVAL get 74 name=t len=39
	acc_is "74: negative length" EINVAL get 74 name=t len=-1
	acc_is "74: no such table" EINVAL get 74 name=none
	acc_is "74: name without an end" EINVAL get 74 hex=000000004141414141414141414141414141414141414141414141414141414141414141414100000000
	acc_is "74: bad address" EFAULT get 74 ptr=bad len=40
	acc_is "75: bad address" EFAULT get 75 ptr=null len=40
	acc_is "75: cannot be announced" EFAULT get 75 name=t ptr=readonly len=40
	acc_is "75: table of IPv6 hosts" EINVAL get 75 name=t6
	expect "is not flushed by that" "fd00::1;1;148;0;0 fd00::2;0;0;1;148" "$(records s t6)"
	acc_is "112: table of IPv4 hosts" EINVAL get 112 name=t
	acc_is "112: no such table" EINVAL get 112 name=none
	acc_is "76: handle 10" EINVAL get 76 handle=10
	acc_is "76: empty handle" EPERM get 76 handle=9
	acc_is "76: too small for the records" ENOMEM get 74 name=t -- get 76 handle=last len=79 as=none -- set 72 -- get 74 name=t -- get 76 handle=last len=79 as=none
	acc_is "76: as many records as were announced" 0 set 72 -- get 74 name=t -- get 76 handle=last name=t items=2 len=4096 as=none
	acc_is "76: a handle alone" 0 set 72 -- get 74 name=t -- get 76 handle=last len=4096 as=none
	acc_is "76: the handle has more records now" EPERM set 72 -- get 74 name=t -- get 76 handle=last name=t items=1 len=4096 as=none
	acc_is "76: the handle has fewer records now" EPERM set 72 -- get 74 name=t -- get 76 handle=last name=t items=3 len=4096 as=none
	acc_is "76: the handle is another table's now" EPERM set 72 -- get 74 name=t -- get 76 handle=last name=u items=2 len=4096 as=none
	acc_is "111: the handle has more records now" EPERM set 72 -- get 74 name=t6 -- get 111 handle=last name=t6 items=1 len=4096 as=none
	acc_is "all handles are freed" 0 set 72
	acc_is "76: IPv6 table" EINVAL get 74 name=t6 -- get 76 handle=last as=none
	acc_is "112: flushes IPv6 tables" 0 set 72 -- get 112 name=t6 -- get 111 handle=last name=t6 items=2 len=4096 as=none
	expect "nothing is left" "" "$(records s t6)"
	acc_is "111: IPv4 table" EINVAL set 72 -- get 74 name=t -- get 111 handle=last as=none
	acc_is "all handles are freed" 0 set 72
	acc_is "71: 39 bytes" EINVAL set 71 handle=0 len=39
	acc_is "71: 41 bytes" EINVAL set 71 handle=0 len=41
	acc_is "71: handle 10" EINVAL set 71 handle=10
	acc_is "71: bad address" EINVAL set 71 ptr=bad len=40
	acc_is "71: a free handle" 0 set 71 handle=3
	acc_is "77: 39 bytes" EINVAL get 77 len=39
	acc_is "78: no room" ENOMEM get 78 len=5 as=none
	acc_is "78: just room" 0 get 78 len=6 as=names
	acc_is "110: 79 bytes" EINVAL get 110 table=t len=79 as=none
	acc_is "110: no such table" ENOENT get 110 table=none as=none
	acc_is "73: nobody's" ENOPROTOOPT get 73
	acc_is "79: nobody's" ENOPROTOOPT get 79
	expect "the flush that could not be announced took nothing" \
		"10.0.0.1;2;256;0;0 10.0.0.2;0;0;2;256" "$(records s t)"
	want=
	for args in "set 71 handle=3" "set 72" "get 74 name=t" "get 75 name=t" "get 76 handle=0 as=none" \
		"get 77" "get 78 len=6 as=names" "get 110 table=t as=none" "get 111 handle=0 as=none" "get 112 name=t6"; do
		# shellcheck disable=SC2086 # words
		expect_match "$args without the capability: EPERM" "EPERM*" \
			"$(in_ns s setpriv --bounding-set -net_admin --inh-caps -net_admin acctool $args 2>&1 || true)"
	done
}

# A client whose handle was freed, and is another's by now, frees it: the other keeps its records.
stolen()
{
	expect "a handle that is another's is not freed, and has its records" \
		"0|0|0|0|0 10.0.0.1:2/256,0/0 10.0.0.2:0/0,2/256" \
		"$(acc set 72 -- get 75 name=t as=none -- set 71 handle=0 name=u items=2 -- \
			set 71 handle=0 name=t items=3 -- get 76 handle=0 name=t items=2 len=4096 as=records |
		   sed 's/ handle=.*//' | paste -sd '|')"
	acc_is "freed by whose it is" EPERM get 74 name=t -- set 71 handle=last name=t -- get 76 handle=0 as=none
	acc_is "by its number alone" EPERM get 74 name=t -- set 71 handle=last -- get 76 handle=0 as=none
}

# has_ended PID: of a child that nobody has waited for
has_ended()
{
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

# A client hangs in a copy from its memory: others wait for it, but can be killed.
waiting()
{
	bg s hang --ready "$XA_TMP/ready" getsockopt 74 2>"$XA_TMP/hang.err"
	hung=$bg_pid
	if ! wait_for 20 test -e "$XA_TMP/ready"; then
		skip_part "nobody hangs: $(cat "$XA_TMP/hang.err")"
		return
	fi
	for call in "get 77" "set 72"; do
		# shellcheck disable=SC2086 # words
		bg s acctool $call
		waiter=$bg_pid
		wait_for 20 grep -q '^State:.D' "/proc/$waiter/status"
		kill -KILL "$waiter"
		expect_ok "$call waits, and ends when it is killed" wait_for 20 has_ended "$waiter"
	done
	kill -KILL "$hung"
	expect_ok "so does the one who hangs" wait_for 20 has_ended "$hung"
	expect "none has a handle" "Current kernel handle usage: 0" "$(in_ns s iptaccount -u | grep usage)"
	rm -f "$XA_TMP/ready"
}

# acc_is WHAT RESULT CALL...: of the last one
acc_is()
{
	what=$1 expected=$2
	shift 2
	expect "$what" "$expected" "$(acc "$@" | tail -n 1 | sed 's/ .*//')"
}

# Ten handles; those of clients that are gone are taken back by the next read.
handles()
{
	set --
	i=0
	while [ $i -lt 9 ]; do
		set -- "$@" get 74 name=t --
		i=$((i + 1))
	done
	expect "an eleventh handle is refused while the client lives" EINVAL \
		"$(acc "$@" get 74 name=t -- get 74 name=t | tail -n 1 | sed 's/ .*//')"
	expect "ten handles of a dead client" "Current kernel handle usage: 10" \
		"$(in_ns s iptaccount -u | grep usage)"
	expect "do not keep others from reading" "10.0.0.1;2;256;0;0 10.0.0.2;0;0;2;256" \
		"$(records s t)"
	expect "iptaccount -h frees all" "Freed all handles in kernel space" \
		"$(in_ns s iptaccount -h | grep Freed)"
	expect "none is left" "Current kernel handle usage: 0" "$(in_ns s iptaccount -u | grep usage)"
}

compat32()
{
	if acctool32 --help >/dev/null 2>&1; then
		as_documented acctool32
	else
		skip_part "no 32-bit program was built, or the kernel does not run it"
	fi
}

# The examples of the manual.
manual()
{
	ns_triple
	ipt 4 r -A FORWARD -j ACCOUNT --addr 0.0.0.0/0 --tname all_outgoing
	ipt 4 r -A FORWARD -j ACCOUNT --addr 10.0.1.0/24 --tname sales
	in_ns c ping -q -c 2 -i 0.01 -W 2 -s 72 10.0.2.2 >/dev/null
	expect "all_outgoing" "0.0.0.0;4;400;0;0" "$(records r all_outgoing)"
	expect "sales" "10.0.1.1;2;200;2;200" "$(records r sales)"
}

packets=${XA_PACKETS:-5000}
senders='' readers=''

each_backend both_sides
each_backend both_sides6
each_backend networks
each_backend far_hosts
each_backend networks6
each_backend sharing
each_backend table_limit
each_backend offloads
each_backend fragments
each_backend crowd
racing each_backend exact_flush
racing each_backend exact_replace
racing each_backend exact_removal
racing each_backend exact_exit
XA_BACKENDS=nft
each_backend sockets as_documented acctool
each_backend sockets compat32
each_backend sockets wrong_calls
each_backend sockets stolen
each_backend sockets waiting
each_backend sockets handles
XA_BACKENDS=
each_backend manual

# Rules, and a handle, are in place when the namespace goes.
doomed()
{
	ns_pair
	ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname t
	ipt 6 s -A INPUT -j ACCOUNT --addr fd00::/64 --tname t6
	pings 4 1 0
	pings 6 1 0
	acc get 74 name=t -- get 74 name=t6 >/dev/null
}
each_backend doomed
expect_unload xt_ACCOUNT
finish
