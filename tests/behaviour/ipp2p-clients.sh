#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: BitTorrent as two clients speak it, through a router that marks it
. "${0%/*}/../lib.sh"

for program in aria2c transmission-cli transmission-create; do
	command -v $program >/dev/null || test_skip "there is no $program here"
done

# seed_in NS: two trackers, and a client that has the file
seed_in()
{
	mkdir -p "$XA_TMP/seed" "$XA_TMP/leech" "$XA_TMP/aria"
	head -c 300000 /dev/urandom >"$XA_TMP/seed/file"
	transmission-create -o "$XA_TMP/file.torrent" -t http://10.0.2.2:6969/announce \
		-t udp://10.0.2.2:6970/announce "$XA_TMP/seed/file" >/dev/null 2>&1 ||
		xa_die "no torrent was made"
	bg "$1" bt-tracker 6969 6970 10.0.2.2 51413
	transmission "$1" seed 51413 10.0.2.2
	wait_for 20 sh -c "ip netns exec $(ns_name "$1") ss -Hltn 'sport = :51413' | grep -q ." ||
		xa_die "the seeding client listens: $(tail -c 300 "$XA_TMP/seed.log")"
}

# transmission NS FOLDER PORT ADDRESS: none deals with two clients of one address
transmission()
{
	mkdir -p "$XA_TMP/config.$2"
	echo "{ \"bind-address-ipv4\": \"$4\" }" >"$XA_TMP/config.$2/settings.json"
	bg "$1" env HOME="$XA_TMP" transmission-cli -g "$XA_TMP/config.$2" -w "$XA_TMP/$2" \
		-p "$3" -M -et "$XA_TMP/file.torrent" >"$XA_TMP/$2.log" 2>&1
	programs="$programs $bg_pid"
}

# aria NS
aria()
{
	bg "$1" env HOME="$XA_TMP" aria2c --no-conf --quiet --dir="$XA_TMP/aria" --listen-port=6881 \
		--dht-listen-port=6999 --enable-dht=true --dht-entry-point=10.0.2.2:51413 \
		--dht-file-path="$XA_TMP/dht.dat" --bt-enable-lpd=true --bt-lpd-interface=c0 \
		--bt-min-crypto-level=plain --disable-ipv6=true --seed-time=60 \
		--summary-interval=0 "$XA_TMP/file.torrent" >"$XA_TMP/aria.log" 2>&1
	programs="$programs $bg_pid"
}

# The rules that each shall have seen something, and what
kinds='
PREROUTING|-d 239.192.152.143 -p udp --dport 6771|local service discovery
FORWARD|-p tcp --dport 6969|a request to an HTTP tracker
FORWARD|-p udp --dport 6970 -m length --length 44|a connect to a UDP tracker
FORWARD|-p udp --dport 6970 -m length --length 126:1000|an announce to a UDP tracker
FORWARD|-p tcp --dport 51413|the handshake of who connects
FORWARD|-p tcp --sport 51413|the handshake of who was connected to
FORWARD|-p udp --dport 51413 -m length --length 48:58|a SYN of uTP
FORWARD|-p udp --sport 52000 --dport 51413 -m length --length 96:130|a handshake by uTP
FORWARD|-p udp --sport 6999 --dport 51413|a query of the DHT
FORWARD|-p udp --sport 51413 --dport 6999|an answer of the DHT'

# has_seen NUMBER of the line above
has_seen()
{
	# shellcheck disable=SC2046 # the words are wanted
	set -- $(ipt 4 r -t mangle -nvxL "seen-$1" 1)
	[ "${1:-0}" -gt 0 ]
}

insert_rules()
{
	n=0
	while IFS='|' read -r chain match what; do
		[ -n "$what" ] || continue
		n=$((n + 1))
		ipt 4 r -t mangle -N "seen-$n"
		ipt 4 r -t mangle -A "seen-$n" -j RETURN
		# shellcheck disable=SC2086 # words
		ipt 4 r -t mangle -A "$chain" $match -m ipp2p --bit -j "seen-$n"
	done <<-END
		$kinds
	END
	# as the manual advises
	ipt 4 r -t mangle -A FORWARD -j CONNMARK --restore-mark
	ipt 4 r -t mangle -A FORWARD -m mark ! --mark 0 -j ACCEPT
	ipt 4 r -t mangle -A FORWARD -m ipp2p --bit -j MARK --set-mark 1
	ipt 4 r -t mangle -A FORWARD -m mark --mark 1 -j CONNMARK --save-mark
	ipt 4 r -A FORWARD -m mark --mark 1
	ipt 4 r -A FORWARD -m connmark --mark 1 -m mark ! --mark 1
}

# marked_flows: connections with the mark, those of TCP among them, their packets
marked_flows()
{
	ct_list r -m 1 | awk '
		{ n++; tcp += $1 == "tcp" }
		{ for (i = 1; i <= NF; i++) if (sub("^packets=", "", $i)) packets += $i }
		END { print n + 0, tcp + 0, packets + 0 }'
}

# Once a connection is marked all of its packets have the mark; before, there are few,
# those of TCP's own handshake above all. aria2 also tries encrypted connections, which
# nothing can see.
whole_flows()
{
	# shellcheck disable=SC2046 # the words are wanted
	set -- $(marked_flows) $(rule_count 4 r filter FORWARD 1)
	echo "# $1 marked connections, $2 of them TCP, of $3 packets, $4 with the mark"
	expect_range "connections are marked" 3 1000 "$1"
	expect_range "by TCP, too" 2 1000 "$2"
	expect_range "and by UDP" 1 1000 $(($1 - $2))
	expect_range "all of their packets have the mark, but for the first of TCP" \
		$(($3 - 8 * $2)) "$3" "$4"
	expect_count "none lost it" 0 4 r filter FORWARD 2
}

clients()
{
	ns_triple
	# entries stay until they are counted, however slow the clients are
	ns_sysctl r net.netfilter.nf_conntrack_acct=1 \
		net.netfilter.nf_conntrack_tcp_timeout_fin_wait=1800 \
		net.netfilter.nf_conntrack_tcp_timeout_close_wait=1800 \
		net.netfilter.nf_conntrack_tcp_timeout_last_ack=1800 \
		net.netfilter.nf_conntrack_tcp_timeout_time_wait=1800 \
		net.netfilter.nf_conntrack_tcp_timeout_close=1800 \
		net.netfilter.nf_conntrack_udp_timeout=1800 \
		net.netfilter.nf_conntrack_udp_timeout_stream=1800
	ip -n "$(ns_name c)" addr add 10.0.1.3/24 dev c0
	ip -n "$(ns_name r)" neigh replace 10.0.1.3 lladdr 02:00:00:00:01:01 dev r0 nud permanent
	programs=
	seed_in s
	insert_rules
	aria c
	transmission c leech 52000 10.0.1.3
	n=0
	while IFS='|' read -r chain match what; do
		[ -n "$what" ] || continue
		n=$((n + 1))
		expect_ok "$what is seen" wait_for 120 has_seen $n
	done <<-END
		$kinds
	END
	for to in leech aria; do
		expect_ok "the file arrives ($to)" wait_for 60 cmp -s "$XA_TMP/seed/file" "$XA_TMP/$to/file"
	done
	expect_match "the connections are marked" "*dport=51413*mark=1*" "$(ct_list r -p tcp)"
	for n in $programs; do
		bg_stop "$n"
	done
	whole_flows
}

# three clients and two trackers: with all CPUs
taskset -p ffffffff $$ >/dev/null 2>&1
XA_BACKENDS=nft each_backend clients
expect_unload xt_ipp2p
finish
