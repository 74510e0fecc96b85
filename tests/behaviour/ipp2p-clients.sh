#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: BitTorrent as two clients speak it, through a router that marks it
. "${0%/*}/../lib.sh"

for program in aria2c transmission-cli transmission-create socat; do
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
	tracker="$XA_TESTS/data/bt-tracker"
	bg "$1" socat TCP-LISTEN:6969,reuseaddr,fork "SYSTEM:$tracker http 10.0.2.2 51413" 2>/dev/null
	bg "$1" socat UDP-RECVFROM:6970,fork "SYSTEM:$tracker udp 10.0.2.2 51413" 2>/dev/null
	transmission "$1" seed 51413
	wait_for 20 sh -c "ip netns exec $(ns_name "$1") ss -Hltn 'sport = :51413' | grep -q ." ||
		xa_die "the seeding client listens: $(tail -c 300 "$XA_TMP/seed.log")"
}

# transmission NS FOLDER PORT
transmission()
{
	bg "$1" env HOME="$XA_TMP" transmission-cli -g "$XA_TMP/config.$2" -w "$XA_TMP/$2" \
		-p "$3" -M -et "$XA_TMP/file.torrent" >"$XA_TMP/$2.log" 2>&1
}

# aria NS
aria()
{
	bg "$1" env HOME="$XA_TMP" aria2c --no-conf --quiet --dir="$XA_TMP/aria" --listen-port=6881 \
		--dht-listen-port=6999 --enable-dht=true --dht-entry-point=10.0.2.2:51413 \
		--dht-file-path="$XA_TMP/dht.dat" --bt-enable-lpd=true --bt-lpd-interface=c0 \
		--bt-min-crypto-level=plain --disable-ipv6=true --seed-time=60 \
		--summary-interval=0 "$XA_TMP/file.torrent" >"$XA_TMP/aria.log" 2>&1
}

# The rules that each shall have seen something, and what
kinds='
PREROUTING|-d 239.192.152.143 -p udp --dport 6771|local service discovery
FORWARD|-p tcp --dport 6969|a request to an HTTP tracker
FORWARD|-p udp --dport 6970 -m length --length 44|a connect to a UDP tracker
FORWARD|-p tcp --dport 51413|the handshake of who connects
FORWARD|-p udp --dport 51413 -m length --length 48:58|a SYN of uTP
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
	# in both directions; aria2 also tries an encrypted handshake, which nothing can see
	ipt 4 r -A FORWARD -p tcp --sport 51413 -m mark --mark 1
}

clients()
{
	ns_triple
	seed_in s
	insert_rules
	aria c
	transmission c leech 52000
	n=0
	while IFS='|' read -r chain match what; do
		[ -n "$what" ] || continue
		n=$((n + 1))
		expect_ok "$what is seen" wait_for 20 has_seen $n
	done <<-END
		$kinds
	END
	expect_match "the connections are marked" "*dport=51413*mark=1*" "$(ct_list r -p tcp)"
	# shellcheck disable=SC2046 # the words are wanted
	set -- $(rule_count 4 r filter FORWARD 1)
	expect_range "what is answered has the mark" 2 1000000 "$1"
}

XA_BACKENDS=nft each_backend clients
expect_unload xt_ipp2p
finish
