#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: what users of NAT rely on beyond the first packet of a flow: connection
# tracking that is flushed, helpers, ICMP errors, hosts that meet by their public
# addresses, IPsec, rules that are replaced.
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/DNETMAP.inc
. "${0%/*}/DNETMAP.inc"

# connect_from ADDR: a connection of ADDR that says "one" to the server on port 80 of s, and,
# when it is told to, "two". Returns when the first answer has come.
connect_from()
{
	rm -f "$XA_TMP/first" "$XA_TMP/go" "$XA_TMP/second"
	cat >"$XA_TMP/client" <<-END
		echo one
		read -r x && [ "\$x" = one ] && touch "$XA_TMP/first"
		while [ ! -e "$XA_TMP/go" ]; do sleep 0.05; done
		echo two
		read -r x && [ "\$x" = two ] && touch "$XA_TMP/second"
	END
	bg c socat "TCP4:10.0.2.2:80,bind=$1" "EXEC:sh $XA_TMP/client"
	wait_for 30 test -e "$XA_TMP/first" || not_ok "$1 speaks" "$(ct_list r)"
}

# goes_on WHAT: it says "two", and gets an answer
goes_on()
{
	touch "$XA_TMP/go"
	expect_ok "$1" wait_for 60 test -e "$XA_TMP/second"
}

# seen PORT: the address that s has a connection of, to that port of its own
seen()
{
	in_ns s ss -Htn state established "sport = :$1" | awk '{ print $4 }' |
		sed 's/.*[:f]\([0-9.]*\)]*:[0-9]*$/\1/' | xargs
}

flushed()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	listen s tcp 80
	expect "others were first" "20.0.0.0 20.0.0.1" "$(outside 10.0.0.1 10.0.0.2)"
	connect_from 10.0.0.5
	expect "it has an address" 20.0.0.2 "$(seen 80)"
	ct_flush r
	expect "somebody else comes meanwhile" 20.0.0.3 "$(outside 10.0.0.6)"
	goes_on "a connection survives conntrack -F"
	expect_match "with its address" "*src=10.0.0.5 *dst=20.0.0.2 sport=80*" \
		"$(ct_list r -p tcp --orig-src 10.0.0.5)"
}

# The host tells the server, inside the connection, where to connect to.
helper()
{
	private_hosts
	modprobe nf_nat_ftp 2>/dev/null
	if ! grep -qw nf_nat_ftp /proc/kallsyms ||
	   ! ipt 4 r -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp; then
		skip_part "this kernel has no FTP helper"
		return
	fi
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	listen c tcp 7007 --reply 'a line of a file'
	# the helper looks at what begins behind a line that it has seen
	cat >"$XA_TMP/server" <<-END
		printf '220 hi\r\n'
		read -r x && printf '331 who\r\n'
		read -r x && echo "\$x" >"$XA_TMP/port"
		while [ ! -e "$XA_TMP/done" ]; do sleep 0.05; done
	END
	cat >"$XA_TMP/client" <<-END
		read -r x && printf 'USER me\r\n'
		read -r x && printf 'PORT 10,0,0,5,27,95\r\n'
		while [ ! -e "$XA_TMP/done" ]; do sleep 0.05; done
	END
	rm -f "$XA_TMP/port" "$XA_TMP/done"
	bg s socat TCP4-LISTEN:21,reuseaddr "EXEC:sh $XA_TMP/server"
	wait_for 20 in_ns s sh -c 'ss -Htln sport = :21 | grep -q .'
	bg c socat TCP4:10.0.2.2:21,bind=10.0.0.5 "EXEC:sh $XA_TMP/client"
	wait_for 30 test -s "$XA_TMP/port"
	expect "FTP: the server is told the public address" "PORT 20,0,0,0,27,95" \
		"$(tr -d '\r' <"$XA_TMP/port")"
	expect_ok "and connects to it" in_ns s pkt connect --timeout 30 --expect 'a line of a file' 20.0.0.0 7007
	touch "$XA_TMP/done"
}

# error NAME: the first ICMP error of that capture, its outer and inner addresses
error()
{
	wait_for 20 test -s "$XA_TMP/capture.$1"
	captured "$1" | head -n 1 | grep -o '\(src\|dst\)=[0-9.]*' | xargs
}

# Messages about a flow, of its two ends and of a router, whichever side it began on
icmp_errors()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A PREROUTING -j DNETMAP
	ipt 4 s -A INPUT -p tcp --dport 81 -j REJECT --reject-with icmp-port-unreachable
	ipt 4 c -A INPUT -p tcp --dport 82 -j REJECT --reject-with icmp-port-unreachable
	capture c c0 in --match 'icmp type=3'
	in_ns c pkt connect --from 10.0.0.5 --timeout 1 10.0.2.2 81 >/dev/null 2>&1
	expect "the far end: about the private address" \
		"src=10.0.2.2 dst=10.0.0.5 src=10.0.0.5 dst=10.0.2.2" "$(error in)"
	capture s s0 out --match 'icmp type=3'
	in_ns s pkt connect --timeout 1 20.0.0.0 82 >/dev/null 2>&1
	expect "the private end: about the public one, and from it" \
		"src=20.0.0.0 dst=10.0.2.2 src=10.0.2.2 dst=20.0.0.0" "$(error out)"
	ip -n "$(ns_name r)" link set r1 mtu 1000
	listen s tcp 80 --sink
	capture c c0 large --match 'icmp type=3 code=4'
	expect_ok "the router: a packet is too large" in_ns c pkt connect --timeout 60 --bytes 20000 --from 10.0.0.5 10.0.2.2 80
	expect "that, too, is about the private address" \
		"src=10.0.0.254 dst=10.0.0.5 src=10.0.0.5 dst=10.0.2.2" "$(error large)"
	expect_match "and its host learns from it" "*mtu 1000*" \
		"$(in_ns c ip route get 10.0.2.2 from 10.0.0.5)"
}

hairpin()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A PREROUTING -j DNETMAP
	expect "two hosts" "20.0.0.0 20.0.0.1" "$(outside 10.0.0.5 10.0.0.6)"
	listen c tcp 80
	expect_ok "one reaches the other by its public address" \
		in_ns c pkt connect --timeout 30 --echo --text hello --from 10.0.0.5 20.0.0.1 80
	expect_match "which sees the public address of the first" \
		"*src=10.0.0.5 dst=20.0.0.1 * src=10.0.0.6 dst=20.0.0.0 *" "$(ct_list r -p tcp)"
	expect_ok "a host reaches itself" \
		in_ns c pkt connect --timeout 30 --echo --text hello --from 10.0.0.5 20.0.0.0 80
}

# sa NS FROM TO SPI
sa()
{
	key=0x000102030405060708090a0b0c0d0e0f
	ip -n "$(ns_name "$1")" xfrm state add src "$2" dst "$3" proto esp spi "$4" \
		mode tunnel enc 'cbc(aes)' $key auth 'hmac(sha1)' ${key}10111213
}

# policy NS DIR SRC DST FROM TO
policy()
{
	ip -n "$(ns_name "$1")" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto esp mode tunnel
}

# The public addresses are to be encrypted; a host's packets belong to that only once
# they have one.
ipsec()
{
	private_hosts
	for i in r s; do
		{ sa $i 10.0.2.1 10.0.2.2 0x101 && sa $i 10.0.2.2 10.0.2.1 0x102; } 2>/dev/null ||
			{ skip_part "this kernel has no IPsec"; return; }
	done
	policy r out 20.0.0.0/26 10.0.2.2 10.0.2.1 10.0.2.2
	policy r fwd 10.0.2.2 20.0.0.0/26 10.0.2.2 10.0.2.1
	policy r in 10.0.2.2 20.0.0.0/26 10.0.2.2 10.0.2.1
	policy s out 10.0.2.2 20.0.0.0/26 10.0.2.2 10.0.2.1
	policy s in 20.0.0.0/26 10.0.2.2 10.0.2.1 10.0.2.2
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	nat -A PREROUTING -j DNETMAP
	ipt 4 r -t mangle -A PREROUTING -p esp
	ipt 4 r -t mangle -A POSTROUTING -p esp
	capture r r1 clear --out --match icmp
	listen s tcp 80
	expect_ok "IPsec: what has got a public address" \
		in_ns c pkt connect --timeout 60 --echo --text hello --from 10.0.0.5 10.0.2.2 80
	expect "and comes to it" 10.0.0.5 "$(inside 20.0.0.0)"
	expect "nothing went in the clear" "" "$(captured clear)"
	for chain in PREROUTING POSTROUTING; do
		# shellcheck disable=SC2046 # the words are wanted
		set -- $(rule_count 4 r mangle $chain 1)
		expect_range "ESP went through $chain" 4 1000 "$1"
	done
}

# Rules come and go under a connection and a flood of new flows.
replaced()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/16 -j DNETMAP --prefix 20.0.0.0/24
	listen s tcp 80
	connect_from 10.0.0.5
	expect "it has an address" 20.0.0.0 "$(seen 80)"
	bg r pkt flood --tun t0 --src-range 10.0.3.0-10.0.3.99 --dst 10.0.2.2 --count 100000000 >/dev/null
	in_flow=$bg_pid
	wait_for 60 in_ns r grep -q '^101 ' $dir/20.0.0.0_24_stat
	for i in 1 2 3 4 5; do
		nat -R POSTROUTING 1 -s 10.0.0.0/16 -j DNETMAP --prefix 20.0.0.0/24 --ttl "$((1000 * i))"
	done
	bg_stop "$in_flow"
	expect "a rule is replaced under traffic: all keep their addresses" "20.0.0.0 101 0 256 " \
		"$(bound $dir/20.0.0.0_24 | xargs -n 1 | sed -n 's/^10.0.0.5>//p') $(stat_of $dir/20.0.0.0_24)"
	nat -R POSTROUTING 1 -s 10.0.0.0/16 -j DNETMAP --prefix 30.0.0.0/24
	expect_ok "by one for another prefix: the first one goes" wait_for 20 in_ns r test ! -e $dir/20.0.0.0_24
	goes_on "a connection lives through that"
	expect_match "with the address that it has" "*src=10.0.0.5 *dst=20.0.0.0 sport=80*" \
		"$(ct_list r -p tcp --orig-src 10.0.0.5)"
	expect "new ones have another" 30.0.0.0 "$(outside 10.0.0.5)"
}

backends=${XA_BACKENDS:-nft}
XA_BACKENDS=${backends%% *}
each_backend flushed
each_backend helper
each_backend icmp_errors
each_backend hairpin
each_backend ipsec
XA_BACKENDS=$backends
each_backend replaced
expect_unload xt_DNETMAP
finish
