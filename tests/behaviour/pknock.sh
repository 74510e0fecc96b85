#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# pknock: who has knocked is let in, nobody else is, and nobody is pushed out
. "${0%/*}/../lib.sh"
. "${0%/*}/../knock.sh"

# ---- knocks in order

order()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --name SSH \
			--time 3600 --dport 22 -j ACCEPT
		syn $f 11 4002
		becomes "IPv$f: one knock" "MATCHING 1" SSH $f 11
		syn $f 11 4001
		becomes "IPv$f: two knocks" "MATCHING 2" SSH $f 11
		syn $f 11 22
		expect_count "IPv$f: not in yet" 0 $f s filter INPUT 1
		syn $f 11 4004
		becomes "IPv$f: all knocks" "ALLOWED 3" SSH $f 11
		syn $f 11 22
		expect_count "IPv$f: in" 1 $f s filter INPUT 1
		syn $f 12 22
		expect_count "IPv$f: others are not" 1 $f s filter INPUT 1
		syn $f 13 4001 4002 4004
		becomes "IPv$f: the wrong order" "MATCHING 1" SSH $f 13
		syn $f 13 4001 80 4004
		becomes "IPv$f: others in between do not matter" "ALLOWED 3" SSH $f 13
		syn $f 14 4001 4004
		expect "IPv$f: without the first" "" "$(state SSH $f 14)"
	done
	expect "a line" \
		"src=10.0.0.11 proto=TCP status=ALLOWED accepted_knock_count=3 " \
		"$(in_ns s grep 'src=10.0.0.11 ' $dir/SSH)"
	syn 4 15 4002
	expect_match "a line of one who is half way" \
		"src=10.0.0.15 proto=TCP status=MATCHING accepted_knock_count=1 expir_time=3[0-9]* \[secs] " \
		"$(in_ns s grep 'src=10.0.0.15 ' $dir/SSH)"
	expect "mode of the file" "-rw-r--r--" "$(in_ns s ls -l $dir/SSH | cut -c 1-10)"
}

strict()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --strict --name SSH --time 3600
		syn $f 21 4002 4001 4004
		becomes "IPv$f: the exact order" "ALLOWED 3" SSH $f 21
		syn $f 22 4002 4002
		expect "IPv$f: a port twice ends it" "" "$(state SSH $f 22)"
		syn $f 22 4001 4004
		expect "IPv$f: and it cannot go on" "" "$(state SSH $f 22)"
		syn $f 22 4002 4001 4004
		becomes "IPv$f: but begin again" "ALLOWED 3" SSH $f 22
		syn $f 23 4002 4001 80
		expect "IPv$f: another port ends it" "" "$(state SSH $f 23)"
		syn $f 24 4002
		syn $f 25 80
		in_ns c pkt send --dev c0 "$(header $f 24) / tcp dport=80 flags=A" \
			"$(header $f 24) / tcp dport=80 flags=R" "$(header $f 24) / udp dport=80" >/dev/null
		becomes "IPv$f: what is no SYN, or of others, does not" "MATCHING 1" SSH $f 24
		syn $f 24 4001 4004
		becomes "IPv$f: nor later" "ALLOWED 3" SSH $f 24
		ipt $f s -A INPUT -p udp -m pknock --knockports 7,8 --strict --name U --time 3600
		for ports in '7 80 8' '7 7' '7 8'; do
			for port in $ports; do
				in_ns c pkt send --dev c0 "$(header $f 26) / udp dport=$port" >/dev/null
			done
			state U $f 26
		done >"$XA_TMP/states"
		expect "IPv$f: datagrams to another port, twice to one, in order" "ALLOWED 2" "$(cat "$XA_TMP/states")"
	done
}

# Only a SYN knocks; where ports are is found in any packet.
packets()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 7,8 --name a --time 3600
		ipt $f s -A INPUT -p udp -m pknock --knockports 7,8 --name a --time 3600
		ipt $f s -A INPUT -p tcp
		ipt $f s -A INPUT -p udp
		n=0
		for flags in A SA R SR F SF; do
			in_ns c pkt send --dev c0 "$(header $f 31) / tcp dport=7 flags=$flags" >/dev/null
			n=$((n + 1))
		done
		expect "IPv$f: SYNs only" "" "$(state a $f 31)"
		in_ns c pkt send --dev c0 "$(header $f 31) / tcp dport=7 opt=mss:1460" >/dev/null
		becomes "IPv$f: a SYN with options" "MATCHING 1" a $f 31
		in_ns c pkt send --dev c0 --paged "$(header $f 32) / tcp dport=7 / data zero=100" >/dev/null
		becomes "IPv$f: one that is not linear" "MATCHING 1" a $f 32
		in_ns c pkt send --dev c0 "$(header $f 33) / udp dport=7" "$(header $f 33) / udp dport=8" >/dev/null
		becomes "IPv$f: datagrams" "ALLOWED 2" a $f 33
		in_ns c pkt send --dev c0 "$(header $f 34) / udp dport=7" "$(header $f 34) / tcp dport=8" >/dev/null
		becomes "IPv$f: protocols do not mix" "MATCHING 1" a $f 34
		expect_count "IPv$f: all others pass by" $((n + 3)) $f s filter INPUT 3
		expect_count "IPv$f: datagrams too" 3 $f s filter INPUT 4
	done
	in_ns c pkt send --dev c0 "ip6 src=fd00::2a / dstopt / tcp dport=7" >/dev/null
	becomes "behind an extension header" "MATCHING 1" a 6 42
	in_ns c pkt send --dev c0 "ip src=10.0.0.42 opt=nop,nop,nop,nop / tcp dport=7" >/dev/null
	becomes "behind IPv4 options" "MATCHING 1" a 4 42
	in_ns c pkt send --dev c0 "ip src=10.0.0.43 off=100 / data hex=00070007000000000000000050020000" \
		"ip src=10.0.0.43 proto=6 / data hex=0007000700" >/dev/null
	expect "no ports in a later fragment, nor in half a header" "" "$(state a 4 43)"
}

# Before and behind other options; ports in front of it hide knocks, as the manual says.
place()
{
	ns_pair
	ipt 4 s -A INPUT -m pknock --knockports 7,8 --name late --time 3600 -p tcp -j ACCEPT
	ipt 4 s -I INPUT -s 10.0.0.0/8 -m tcp -p tcp -m pknock --knockports 7,8 --name behind --time 3600
	ipt 4 s -I INPUT -p tcp --dport 22 -m pknock --knockports 7,8 --name hidden --time 3600
	syn 4 11 7 8
	becomes "-p behind" "ALLOWED 2" late 4 11
	becomes "matches in front" "ALLOWED 2" behind 4 11
	expect "a port in front" "" "$(state hidden 4 11)"
}

# left NAME FAMILY HOST: seconds until it is shut out
left()
{
	in_ns s sed -n "s/^src=$(addr "$2" "$3") .*status=ALLOWED .*autoclose_time=\([0-9]*\) .*/\1/p" "$dir/$1"
}

# Who knocks again stays from then on for the time of the rule.
again()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --knockports 7,8 --name a --time 3600 --autoclose 240
		ipt $f s -A INPUT -p tcp -m pknock --knockports 9 --name a --time 3600 --autoclose 5
		ipt $f s -A INPUT -p tcp -m pknock --knockports 10 --name a --time 3600
		write_to a "+$(addr $f 11) 1000" 2>/dev/null
		syn $f 11 7
		expect_range "IPv$f: one of two knocks changes nothing" 900 1000 "$(left a $f 11)"
		syn $f 11 8
		expect_range "IPv$f: who knocks again stays longer" 14000 14400 "$(left a $f 11)"
		syn $f 11 9
		expect_range "IPv$f: or shorter" 200 300 "$(left a $f 11)"
		syn $f 11 10
		expect "IPv$f: or for ever" "ALLOWED 1" "$(state a $f 11)$(left a $f 11)"
	done
}

# The time for a knock; what is over is over.
too_late()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp -m pknock --knockports 7,8 --name a --time 1
	syn 4 11 7
	expect_ok "the time passes" wait_for 60 is_not in_ns s grep -q 'src=10.0.0.11 ' $dir/a
	syn 4 11 8
	expect "the second knock is too late" "" "$(state a 4 11)"
	n=0
	while [ "$(state a 4 12)" != "ALLOWED 2" ] && [ $((n += 1)) -lt 20 ]; do
		syn 4 12 7 8
	done
	becomes "in time" "ALLOWED 2" a 4 12
}

# ---- authenticated knocks

minutes()
{
	ns_pair
	for f in 4 6; do
		ftp $f
		calm
		for d in -2 -1 0 1 2; do
			digest=$(digits foo $f $((53 + d)) $((min + d)))
			steady
			datagram $f $((53 + d)) "$digest\n"
			[ $f$d != 4-1 ] || expect_match "the time left" "*accepted_knock_count=1 autoclose_time=14[34]?? \[secs] *" \
				"$(in_ns s grep 'src=10.0.0.52 ' $dir/FTP)"
			case $d in
			-2 | 2)	want='' ;;
			*)	want='ALLOWED 1' ;;
			esac
			expect "IPv$f: a knock of the minute $d" "$want" "$(state FTP $f $((53 + d)))"
		done
		syn $f 53 21
		syn $f 51 21
		expect_count "IPv$f: who knocked well is in" 1 $f s filter INPUT 2
		steady
		knock bar $f 53 $min
		expect "IPv$f: shut out" "" "$(state FTP $f 53)"
		syn $f 53 21
		expect_count "IPv$f: and out" 1 $f s filter INPUT 2
		steady
		knock bar $f 52 $((min - 2))
		becomes "IPv$f: an old knock does not shut out" "ALLOWED 1" FTP $f 52
	done
	date -s "@$((min * 60 + 320))" >/dev/null
	knock foo 4 60 $min
	expect "five minutes later the knock is worth nothing" "" "$(state FTP 4 60)"
	knock foo 4 60 $((min + 5))
	becomes "by the clock of the machine, it is" "ALLOWED 1" FTP 4 60
	date -s "@$((min * 60 - 280))" >/dev/null
	knock foo 4 61 $min
	expect "nor five minutes earlier" "" "$(state FTP 4 61)"
}

replays()
{
	ns_pair
	ftp 4
	calm
	open=$(digits foo 4 71 $min) shut=$(digits bar 4 71 $min) next=$(digits foo 4 71 $((min + 1)))
	steady
	datagram 4 71 "$open"
	becomes "let in" "ALLOWED 1" FTP 4 71
	datagram 4 71 "$shut"
	expect "shut out" "" "$(state FTP 4 71)"
	datagram 4 71 "$open\n"
	expect "the same again" "" "$(state FTP 4 71)"
	datagram 4 71 "$next\n"
	expect "the next minute's, within a minute" "" "$(state FTP 4 71)"
	for s in -50 62 -61; do
		date -s "@$((min * 60 + s))" >/dev/null
		datagram 4 71 "$open\n"
		expect "the same with the clock set to $s s" "" "$(state FTP 4 71)"
	done
	date -s "@$((min * 60 + 5))" >/dev/null
	ipt 4 s -F
	ftp 4
	datagram 4 71 "$open\n"
	expect "the same after the rules were loaded anew" "" "$(state FTP 4 71)"
	open=$(digits foo 4 72 $min) shut=$(digits bar 4 72 $min)
	steady
	datagram 4 72 "$open"
	ipt 4 s -A INPUT -p udp -m pknock --knockports 4001 --name FTP --opensecret bar --closesecret baz
	steady
	datagram 4 72 "$shut"
	expect "shut out for the first time" "" "$(state FTP 4 72)"
	ipt 4 s -A INPUT -p udp -m pknock --knockports 4000 --name TWO --opensecret foo --closesecret bar
	ipt 4 s -A INPUT -p udp -m pknock --knockports 4001 --name THREE --opensecret foo --closesecret bar
	open=$(digits foo 4 73 $min) next=$(digits foo 4 73 $((min + 1)))
	steady
	datagram 4 73 "$open"
	becomes "one datagram opens one door" "ALLOWED 1" FTP 4 73
	expect "and no other" "" "$(state TWO 4 73)"
	in_ns c pkt send --dev c0 "$(header 4 73) / udp dport=4001 / data text=\"$open\"" >/dev/null
	expect "at another port" "" "$(state THREE 4 73)"
	in_ns c pkt send --dev c0 "$(header 4 73) / udp dport=4001 / data text=\"$next\"" >/dev/null
	becomes "which opens by one of its own" "ALLOWED 1" THREE 4 73
}

# What is not exactly a knock is none; nothing of it harms.
forms()
{
	ns_pair
	ftp 4
	ipt 4 s -A INPUT -p udp --sport 9 -j ACCEPT
	calm
	d=$(digits foo 4 81 $min)
	for text in "${d%?}" "${d}xx" "$(echo "$d" | tr a-f A-F)" "x$d" "$(digits fo 4 81 $min)" \
		    "$(digits bar 4 81 $min)" "$(digits foo 4 82 $min)" "" x "${d%?}g"; do
		datagram 4 81 "$text" sport=9
	done
	for len in 0 7 8 9 71 74 200 65535; do
		datagram 4 81 "$d\n" "sport=9 len=$len"
	done
	in_ns c pkt send --dev c0 "ip src=10.0.0.81 / udp sport=9 dport=4001 / data text=\"$d\"" \
		"ip src=10.0.0.81 proto=17 / data hex=000800" "ip src=10.0.0.81 off=64 / data text=\"$d\"" >/dev/null
	expect "nobody is in" "" "$(in_ns s cat $dir/FTP)"
	expect_count "all pass by that have a port" 19 4 s filter INPUT 3
	steady
	datagram 4 81 "$d"
	becomes "64 digits" "ALLOWED 1" FTP 4 81
	steady
	datagram 4 82 "$(digits foo 4 82 $min)?"
	becomes "64 digits and a byte" "ALLOWED 1" FTP 4 82
	datagram 4 83 "$(digits foo 4 83 $min)" "sum=bad len=72"
	in_ns c pkt send --dev c0 --paged "ip src=10.0.0.84 / udp dport=4000 / data text=\"$(digits foo 4 84 $min)\"" >/dev/null
	becomes "not linear" "ALLOWED 1" FTP 4 84
}

# ---- names

# The hosts of a name are of the namespace, of all its rules, and go with them.
names()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp -m pknock --knockports 7 --name a --time 5
	ipt 4 c -A INPUT -p tcp -m pknock --checkip --name a
	ipt 6 s -A INPUT -p tcp -m pknock --checkip --name b
	expect "files" "a b" "$(in_ns s ls $dir | xargs)"
	syn 4 11 7
	becomes "in" "ALLOWED 1" a 4 11
	expect "not in other namespaces" "" "$(state a 4 11 c)"
	ipt 4 s -A FORWARD -m pknock --checkip --name a
	ipt_save 4 s >"$XA_TMP/saved"
	expect_ok "the saved rules are restored" ipt_restore 4 s <"$XA_TMP/saved"
	becomes "and keep who is in" "ALLOWED 1" a 4 11
	ipt 4 s -F INPUT
	becomes "as long as a rule is there" "ALLOWED 1" a 4 11
	ipt 4 s -F
	expect_files "files go with the last rule" s $dir b
	ipt 4 s -A INPUT -p tcp -m pknock --checkip --name a
	expect "and a new one begins empty" "" "$(in_ns s cat $dir/a)"
	ipt 4 s -A INPUT -p udp -m pknock --knockports 1 --name c --opensecret "a b" --closesecret "it's"
	expect_match "-S has the secrets" "*--opensecret \"a b\" --closesecret *" "$(ipt 4 s -S INPUT)"
	expect_match "-L does not" "*pknock knockports 1 name c opensecret closesecret*" "$(ipt 4 s -nL INPUT)"
	expect_match "no secret in -L" "no" "$(ipt 4 s -nL INPUT | grep -qE "a b|it's" && echo yes || echo no)"
}

# Rules come and go and are read while knocks arrive.
races()
{
	ns_pair
	ftp 4
	ipt 4 s -A INPUT -p tcp -m pknock --knockports 7,8 --strict --name FTP --time 1 --autoclose 1
	bg c pkt send --dev c0 --count 1000000 --rate 3000 "ip src=rand / tcp dport=7..9" \
		"ip src=10.0.0.1..10.0.0.99 / tcp dport=7" "ip src=10.0.0.1..10.0.0.99 / tcp dport=8" \
		"ip / udp dport=4000 / data text=\"$(digits foo 4 1 0)\"" >/dev/null 2>&1
	sender=$bg_pid
	bg s sh -c "while cat $dir/*; do :; done >/dev/null 2>&1"
	reader=$bg_pid
	for i in 1 2 3 4 5 6; do
		ipt 4 s -A INPUT -p tcp -m pknock --knockports "8,$i" --name FTP --time 1
		ipt 4 s -R INPUT 3 -p tcp -m pknock --knockports 7,8 --name "n$i" --time 1
	done
	ipt 4 s -F
	bg_stop "$reader"
	bg_stop "$sender"
	expect_files "all names are gone" s $dir ""
}

# ---- floods

# Forged first knocks: they push out each other, and nobody who is further or in.
flood()
{
	n=20000
	case $(uname -r) in
	*-uml*) n=200000 ;;	# others are emulated
	esac
	ns_new s
	ipt 4 s -t raw -A PREROUTING -p tcp -m pknock --knockports 4002,4001,4004 --name SSH --time 36000
	tun s "ip src=10.0.0.1 / tcp dport=4002" "ip src=10.0.0.1 / tcp dport=4001" \
		"ip src=10.0.0.1 / tcp dport=4004" "ip src=10.0.0.2 / tcp dport=4002" \
		"ip src=10.0.0.2 / tcp dport=4001"
	in_ns s pkt flood --tun f0 --threads 2 --count $n --proto tcp --dport 4002 \
		--src-range 11.0.0.1-11.255.255.255 --dst 10.0.0.2 >"$XA_TMP/flood"
	expect_match "$n first knocks were forged" "*packets=$n *" "$(cat "$XA_TMP/flood") "
	becomes "who is in stays in" "ALLOWED 3" SSH 4 1
	expect "the table has its size" 1024 "$(in_ns s grep -c MATCHING $dir/SSH)"
	tun s "ip src=10.0.0.2 / tcp dport=4004"
	becomes "who is further goes on" "ALLOWED 3" SSH 4 2
	tun s "ip src=10.0.0.1 / tcp dport=80"
	expect_count "and passes" 1 4 s raw PREROUTING 1
}

parameter()
{
	cat "/sys/module/xt_pknock/parameters/$1"
}

# first_knocks PORT FIRST-LAST: a SYN of each of these hosts
first_knocks()
{
	n=$((${2##*.} - $(echo "${2%-*}" | sed 's/.*\.//') + 1))
	in_ns s pkt flood --tun "k$((tuns += 1))" --count $n --proto tcp --dport "$1" \
		--src-range "$2" --dst 10.0.0.2 >/dev/null
}

# The least table; values that make no sense; both names of one.
parameters()
{
	expect "without parameters" "16 65000 -1 N" "$(for p in peer_hashsize gc_expir_time nl_multicast_group; do
		parameter $p; done | xargs) $early"
	kmsg_mark
	load peer_hasht_ents=1 gc_expir_time=1 nl_multicast_group=33 rule_hashsize=-5
	expect "in range, raised, or not at all" "1 1 65000 -1 8" \
		"$(for p in peer_hashsize peer_hasht_ents gc_expir_time nl_multicast_group rule_hashsize; do
			parameter $p; done | xargs)"
	for p in gc_expir_time=1 nl_multicast_group=33 rule_hashsize=-5; do
		expect_match "$p is reported" "*xt_pknock: $p is not within *" "$(kmsg_since_mark)"
	done
	ns_new s
	ipt 4 s -t raw -A PREROUTING -p udp -m pknock --knockports 7 --name a --time 5
	in_ns s pkt flood --tun f0 --count 64 --dport 7 --src-range 10.0.0.1-10.0.0.64 --dst 10.0.0.2 >/dev/null
	expect "64 are in" 64 "$(in_ns s grep -c ALLOWED $dir/a)"
	tun s "ip src=10.0.0.65 / udp dport=7"
	expect "the next one is not" "" "$(state a 4 65)"
	becomes "the first one is" "ALLOWED 1" a 4 1
	write_to a "-10.0.0.1" 2>/dev/null
	tun s "ip src=10.0.0.65 / udp dport=7"
	becomes "when one has gone, it is" "ALLOWED 1" a 4 65
	# one that came later, and whose time ends first
	ipt 4 s -t raw -A PREROUTING -p tcp -m pknock --knockports 8,9 --name b --time 36000
	ipt 4 s -t raw -A PREROUTING -p tcp -m pknock --knockports 10,11 --name b --time 600
	first_knocks 8 10.0.0.1-10.0.0.40
	first_knocks 10 10.0.0.200-10.0.0.200
	first_knocks 8 10.0.0.41-10.0.0.63
	expect "64 are in the middle" "64 MATCHING 1" "$(in_ns s grep -c MATCHING $dir/b) $(state b 4 200)"
	first_knocks 8 10.0.0.201-10.0.0.201
	expect "among the least, the one whose time ends first makes room" "64 , MATCHING 1" \
		"$(in_ns s grep -c MATCHING $dir/b) $(state b 4 200), $(state b 4 201)"
	ns_del s
	for v in 0 -1; do
		load peer_hashsize=$v gc_expir_time=$v nl_multicast_group=$v
		expect_match "$v" "16 65000 [-01]*" \
			"$(for p in peer_hashsize gc_expir_time nl_multicast_group; do parameter $p; done | xargs)"
	done
	load peer_hashsize=3
	ns_new s
	ipt 4 s -t raw -A PREROUTING -p udp -m pknock --knockports 7 --name a --time 5
	in_ns s pkt flood --tun f1 --count 300 --dport 7 --src-range 10.0.0.1-10.0.1.44 --dst 10.0.0.2 >/dev/null
	expect "3 buckets are raised to 4: 256 hosts" 256 "$(in_ns s grep -c ALLOWED $dir/a)"
	ns_del s
	load peer_hashsize=4097 nl_multicast_group=32
	expect "too many, and the last group" "4096 32" "$(parameter peer_hashsize) $(parameter nl_multicast_group)"
}

# ---- what takes a minute: begun first, looked at in the end

young()
{
	ns_new o
	calm
	born=$min
	for f in 4 6; do
		ipt $f o -t raw -A PREROUTING -p tcp -m pknock --knockports 7 --name short --time 5 --autoclose 1
		ipt $f o -t raw -A PREROUTING -p tcp -m pknock --knockports 7 --name long --time 5 --autoclose 0
	done
	ipt 4 o -t raw -A PREROUTING -p udp -m pknock --knockports 4000 --name short \
		--opensecret foo --closesecret bar --autoclose 1
	early_knocks N
	tun o "ip src=10.0.0.3 / udp dport=4000 / data text=\"$(digits foo 4 3 $born)\"" \
		"ip src=10.0.0.3 / udp dport=4000 / data text=\"$(digits foo 4 3 $((born + 1)))\""
	expect "what may have been accepted before is not" "" "$(state short 4 3 o)"
	early_knocks Y
	steady
	tun o "ip src=10.0.0.1 / tcp dport=7" "ip6 src=fd00::1 / tcp dport=7" \
		"ip src=10.0.0.3 / udp dport=4000 / data text=\"$(digits foo 4 3 $born)\""
	expect "let in for a minute" "ALLOWED 1 ALLOWED 1 ALLOWED 1" \
		"$(state short 4 1 o) $(state short 6 1 o) $(state short 4 3 o)"
	tun o "ip src=10.0.0.1 / tcp dport=80"
	expect_count "in" 1 4 o raw PREROUTING 1
}

old()
{
	expect_ok "the minute passes" wait_for 150 is_not in_ns o grep -q . $dir/short
	tun o "ip src=10.0.0.1 / tcp dport=80" "ip6 src=fd00::1 / tcp dport=80"
	expect_count "IPv4: shut out after a minute" 1 4 o raw PREROUTING 1
	expect_count "IPv6: too" 0 6 o raw PREROUTING 1
	expect "without an end" "ALLOWED 1 ALLOWED 1" "$(state long 4 1 o) $(state long 6 1 o)"
	date -s "@$((born * 60 + 5))" >/dev/null
	tun o "ip src=10.0.0.3 / udp dport=4000 / data text=\"$(digits foo 4 3 $born)\""
	expect "the old knock, with the clock set back" "" "$(state short 4 3 o)"
	tun o "ip src=10.0.0.3 / udp dport=4000 / data text=\"$(digits foo 4 3 $((born + 1)))\""
	becomes "a new one, a minute later" "ALLOWED 1" short 4 3 o
	ns_del o
}

# Commands for the file: what is understood, and what it does.
by_hand()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m pknock --checkip --name a --dport 22
		syn $f 11 22
		expect_ok "IPv$f: let in" write_to a "+$(addr $f 11)"
		syn $f 11 22
		expect_count "IPv$f: is in" 1 $f s filter INPUT 1
		expect "IPv$f: for ever" "src=$(addr $f 11) proto=UDP status=ALLOWED accepted_knock_count=0 " \
			"$(in_ns s grep "src=$(addr $f 11) " $dir/a)"
		expect_ok "IPv$f: for a time" write_to a "+$(addr $f 11) 4294967~"
		expect_range "IPv$f: so long" 4290000 4294967 \
			"$(in_ns s sed -n "s/^src=$(addr $f 11) .*autoclose_time=\([0-9]*\) .*/\1/p" $dir/a)"
		for text in "+$(addr $f 12) 0" "+$(addr $f 12) -1" "+$(addr $f 12) +1" "+$(addr $f 12) 1x" "+$(addr $f 12) 4294967295" \
			    "+$(addr $f 12) 4294967296" "+$(addr $f 12) " "+$(addr $f 12)  1" "+$(addr $f 12) 1 " "-$(addr $f 11) 1" \
			    "$(addr $f 12)" "+$(addr $f 12)x" "+$(addr $f 12)~~" "+$(addr $f 12)/32" "+" "-" "~" "+ 1" "@+$(addr $f 12)" "+$(addr $f 12)@" \
			    "+10.0.0.256" "+10.0.0.12:80" "+10.0.0" "+fd00::g" "+host" "+$(addr $f 12) $(printf %060d 1)"; do
			want="Invalid argument" expect_fail "IPv$f: '$text'" write_to a "$text"
		done
		want="No such file" expect_fail "IPv$f: shut out who is not in" write_to a "-$(addr $f 12)"
		expect "IPv$f: nothing changes" "ALLOWED 0, " "$(state a $f 11), $(state a $f 12)"
		expect_ok "IPv$f: shut out" write_to a "-$(addr $f 11)~"
		syn $f 11 22
		expect_count "IPv$f: is out" 1 $f s filter INPUT 1
		expect "IPv$f: and not listed" "" "$(state a $f 11)"
	done
	in_ns s sh -c "for i in \$(seq 1300); do echo \"+10.9.\$((i / 256)).\$((i % 256)) 3600\"; done >$dir/a" 2>"$XA_TMP/err"
	expect "as many as may be in" 1024 "$(in_ns s grep -c ALLOWED $dir/a)"
	want="No space" expect_fail "and no more" write_to a "+10.0.0.12"
	write_to a "-10.9.0.1" 2>/dev/null
	expect_ok "room for one, for a second" write_to a "+10.0.0.13 1"
	expect_ok "who has expired makes room" wait_for 20 write_to a "+10.0.0.12"
}

# listed NAME: hosts in the order of the file
listed()
{
	in_ns s sed -n 's/^src=\([^ ]*\) .*/\1/p' "$dir/$1"
}

# unlike WHAT: the names a and b have the same hosts, in another order: where one is found
# depends on secrets that each name has of its own
unlike()
{
	expect "$1: as many hosts" "40 $(listed a | sort | xargs)" "$(listed b | wc -l) $(listed b | sort | xargs)"
	expect "$1: in another order" differ "$([ "$(listed a)" != "$(listed b)" ] && echo differ)"
}

hashes()
{
	for f in 4 6; do
		ns_pair
		hosts=
		set --
		for i in $(seq 101 140); do
			hosts="$hosts $(addr $f "$i")"
			set -- "$@" "$(header $f "$i") / tcp dport=7"
		done
		for name in a b; do
			ipt $f s -A INPUT -p tcp -m pknock --knockports 7,8 --name $name --time 3600
			by_hand_all $name +
		done
		unlike "IPv$f: who is let in"
		by_hand_all a -
		by_hand_all b -
		in_ns c pkt send --dev c0 "$@" >/dev/null
		unlike "IPv$f: who is half way"
		ns_del c s
	done
}

# by_hand_all NAME +|-: lets $hosts in, or shuts them out
by_hand_all()
{
	# shellcheck disable=SC2086 # a list
	in_ns s sh -c 'to=$1 what=$2; shift 2; for host; do echo "$what$host" >"$to"; done' sh "$dir/$1" "$2" $hosts
}

# write_to NAME TEXT: in one write; ~ is a newline, @ a zero byte
write_to()
{
	printf %s "$2" | tr '~@' '\n\000' | in_ns s dd of="$dir/$1" bs=128 conv=notrunc iflag=fullblock
}

load
early=$early_before
young
each_backend order
once strict
each_backend packets
each_backend place
once again
once too_late
once minutes
once replays
once forms
once by_hand
once hashes
each_backend names
racing each_backend races
flood
old
ns_del_all
parameters

# Rules are in place when the namespace goes, and so are hosts.
doomed()
{
	ns_pair
	ftp 4
	ftp 6
	ipt 4 s -A INPUT -p tcp -m pknock --knockports 7,8 --name a --time 3600
	syn 4 11 7
	calm
	knock foo 4 12 $min
}
each_backend doomed
expect_unload xt_pknock
finish
