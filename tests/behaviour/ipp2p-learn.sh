#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p --learn: who is taken for a peer, by whom, for how long, and who is not
. "${0%/*}/../lib.sh"

parameters=/sys/module/xt_ipp2p/parameters
taken=/sys/module/xa_budget/parameters/taken
dht='text="d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe"'
hello=$(printf '\023BitTorrent protocol')
utp='data hex=2100 hex=1234 hex=11223344 hex=00000105 hex=00100000 hex=0002 hex=0001'

# inside 4|6 N, outside 4|6 N: addresses behind the two sides of the router
inside()
{
	[ "$1" = 4 ] && echo "10.0.1.$2" || echo "fd01::$2"
}

outside()
{
	[ "$1" = 4 ] && echo "10.0.2.$2" || echo "fd02::$2"
}

# compact 4|6 N PORT: outside address N and a port, in hexadecimal, with $gap before it
compact()
{
	if [ "$1" = 4 ]; then
		printf '%shex=0a0002%02x%04x ' "${gap:+text=\"6:\" }" "$2" "$3"
	else
		printf '%shex=fd020000000000000000000000%06d%04x ' "${gap:+text=\"18:\" }" "$2" "$3"
	fi
}

# sends out|in N PORT N PORT L4...: from c or s, an inside host and an outside one
sends()
{
	sends_to="sport=$3 dport=$5"
	case $1 in
	out)	sends_ns=c sends_dev=c0 sends_ip="src=$(inside "$f" "$2") dst=$(outside "$f" "$4")" ;;
	in)	sends_ns=s sends_dev=s0 sends_ip="src=$(outside "$f" "$2") dst=$(inside "$f" "$4")" ;;
	esac
	[ "$f" = 4 ] && sends_ip="ip $sends_ip" || sends_ip="ip6 $sends_ip"
	shift 5
	sends_l4=$1
	shift
	in_ns "$sends_ns" pkt send -d "$sends_dev" "$sends_ip / ${sends_l4%% *} $sends_to ${sends_l4#* } / $*" >/dev/null ||
		not_ok "IPv$f: pkt sends $*"
}

# opens out|in N PORT N PORT: a handshake of TCP, before data with number 101, and 501 of the server
opens()
{
	[ "$1" = out ] && opens_back=in || opens_back=out
	sends "$@" 'tcp flags=S seq=100' data zero=0
	sends $opens_back "$4" "$5" "$2" "$3" 'tcp flags=SA seq=500 ack=101' data zero=0
}

# matched WHAT COUNT: since the last time
matched()
{
	expect_count "IPv$f: $1" "$2" "$f" r mangle FORWARD 1
	ipt "$f" r -t mangle -Z FORWARD
}

# matched_tcp WHAT COUNT: at least; a segment may have been sent again
matched_tcp()
{
	# shellcheck disable=SC2046 # the words are wanted
	set -- "$1" "$2" $(rule_count "$f" r mangle FORWARD 1)
	expect_range "IPv$f: $1" "$2" 20 "$3"
	ipt "$f" r -t mangle -Z FORWARD
}

# answers_dht N PORT...: outside host 2 names outside host N to inside host 1
answers_dht()
{
	gap=1
	list=$(compact "$f" "$1" "$2")
	sends in 2 6999 1 6881 'udp ' data 'text="d1:rd2:id20:abcdefghij01234567895:token8:abcdefgh6:valuesl"' \
		"$list" 'text="ee1:t2:aa1:y1:re"'
	gap=
}

asks_dht()
{
	sends out 1 6881 2 6999 'udp ' data "$dht"
}

# taken_at_most BYTES of the budget; a namespace takes one, a peer more than a hundred
taken_at_most()
{
	[ ! -e $taken ] || [ "$(cat $taken)" -le "$1" ]
}

# The rule, in r, where nothing of what was before is left
begin()
{
	f=$1
	ns_triple
	wait_for 60 taken_at_most 100 || not_ok "the memory of the last scene is given back"
	ns_sysctl r net.netfilter.nf_conntrack_tcp_be_liberal=1 2>/dev/null
	ipt "$f" r -t mangle -A FORWARD -m ipp2p --bit --learn
}

# ---- the DHT

dht()
{
	begin "$1"
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "uTP to an unknown peer" 0
	answers_dht 9 3000
	matched "an answer of the DHT" 1
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "nobody had asked, so it teaches nothing" 0
	asks_dht
	answers_dht 9 3000
	matched "a query, and its answer" 2
	sends out 1 6881 9 3000 'udp ' "$utp"
	sends in 9 3000 1 6881 'udp ' "$utp"
	matched "uTP to and from the peer that was named" 2
	sends in 9 3000 1 7777 'udp ' "$utp"
	matched "the peer opens a connection" 1
	sends out 1 6881 2 6999 'udp ' "$utp"
	matched "the node that answered is a peer, too" 1
	sends out 7 6881 9 3000 'udp ' "$utp"
	sends out 1 6881 9 3001 'udp ' "$utp"
	sends out 1 6881 8 3000 'udp ' "$utp"
	matched "not for another host, nor another port or address" 0
	sends out 1 6881 9 3000 'udp ' data fill=20
	sends out 1 6881 9 3000 'udp ' data zero=200
	sends out 1 5000 9 3000 'tcp flags=PA seq=1 ack=1' data zero=200
	matched "not what peers do not send" 0
	asks_dht
	answers_dht 10 1023
	answers_dht 10 1024
	matched "a query, and its answers" 3
	sends out 1 6881 10 1023 'udp ' "$utp"
	matched "a port below 1024 is not believed" 0
	sends out 1 6881 10 1024 'udp ' "$utp"
	matched "port 1024 is" 1
}

# ---- trackers

# announces PORT ID
announces()
{
	sends out 1 4000 2 6969 'udp ' data hex=a1b2c3d4e5f60718 "hex=00000001$2" fill=20 \
		text=\"-TR3000-abcdefghijkl\" zero=24 hex=00000002 zero=4 hex=01020304 \
		"hex=ffffffff$(printf %04x "$1")"
}

# tracker_answers ID N PORT
tracker_answers()
{
	sends in 2 6969 1 4000 'udp ' data "hex=00000001$1" hex=000007080000000100000001 \
		"$(compact "$f" "$2" "$3")"
}

udp_tracker()
{
	begin "$1"
	announces 6881 01020304
	matched "an announcement" 1
	tracker_answers 01020305 9 3000
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "an answer to something else" 0
	sends in 77 5000 1 6881 'udp ' "$utp"
	matched "and so nobody knows the port" 0
	tracker_answers 01020304 9 3000
	matched "the answer" 1
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "the peer of the answer" 1
	sends in 77 5000 1 6881 'udp ' "$utp"
	matched "anybody, to the port that was announced" 1
	sends in 77 5000 1 6882 'udp ' "$utp"
	matched "not to another port" 0
	ipt "$f" c -A INPUT -p tcp --dport 6881 -j DROP	# no RST
	opens in 77 5000 1 6881
	sends in 77 5000 1 6881 'tcp flags=PA seq=101 ack=501' data "hex=$key_hex"
	matched "an encrypted connection to that port" 1
	opens out 1 6881 55 8000
	sends out 1 6881 55 8000 'tcp flags=PA seq=101 ack=501' data "hex=$key_hex"
	matched "not one from it: over TCP the opener's port tells nothing" 0
	announces 6883 01020306
	sends in 2 6969 1 4000 'udp ' data hex=0000000101020306000007080000000000000001
	matched "an announcement, and an answer without peers" 2
	sends in 77 5000 1 6883 'udp ' "$utp"
	matched "anybody, to the port of it" 1
}

http_tracker()
{
	begin "$1"
	tcp='tcp flags=PA seq=1000 ack=1000'
	[ "$f" = 4 ] && peers=5:peers6: || peers=6:peers618:
	answer="text=\"HTTP/1.0 200 OK\\r\\n\\r\\nd8:intervali1800e$peers\" $(compact "$f" 9 3000) text=\"e\""
	sends in 2 6969 1 4000 "$tcp" data "$answer"
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "an answer to nothing" 0
	sends out 1 4001 2 6969 "$tcp" data \
		'text="GET /announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=-TR3000-abcdefghijkl&port=6881&event=started HTTP/1.1\r\nHost: t\r\n\r\n"'
	sends in 2 6969 1 4001 "$tcp" data "$answer"
	matched "a request, and its answer" 2
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "the peer of the answer" 1
	sends in 77 5000 1 6881 'udp ' "$utp"
	matched "anybody, to the port of the request" 1
}

# A scrape says little, so it is one only behind the request for a connection, which says much.
scrapes()
{
	begin "$1"
	scrape='data hex=a1b2c3d4e5f607180000000201020304 fill=20'
	sends out 1 4000 2 6969 'udp ' "$scrape"
	matched "a scrape without a connection" 0
	sends out 1 4000 2 6969 'udp ' data hex=00000417271019800000000001020304
	matched "the request for one" 1
	sends out 1 4001 2 6969 'udp ' "$scrape"
	sends out 1 4000 2 6970 'udp ' "$scrape"
	sends out 1 4000 3 6969 'udp ' "$scrape"
	sends in 2 6969 1 4000 'udp ' "$scrape"
	matched "others" 0
	sends out 1 4000 2 6969 'udp ' "$scrape"
	matched "a scrape" 1
}

# ---- handshakes, and encrypted connections

# Bytes that no text and no TLS begins with, without one that a shell cannot keep
key=$(printf '\224\7\333\145\302\61\270\356\23\212\114\327\75\251\166\305\37\220\353\104\267\150\26\321\205\72\374\123\241\16\273\145\312\67\216\351\102\264\27\335\176\243\55\310\132\361\206\74\253\24\347\130\275\46\223\372\111\316\63\235\151\204\332\17\260\125\346\76\301\170\225\54\363\106\252\31\327\142\274\45\210\375\113\241\66\314\157\203\50\352\135\226\73\307\22\264\146\233\57\340\11')

key_hex=$(printf %s "$key" | od -An -v -tx1 | tr -d ' \n')

handshakes()
{
	begin "$1"
	to=$(outside "$f" 2)
	listen s tcp 7000
	expect_ok "IPv$f: an encrypted connection" in_ns c pkt connect --echo --text "$key" "$to" 7000
	matched "between strangers" 0
	in_ns c pkt connect --echo --text "$hello" "$to" 7000 >/dev/null
	matched_tcp "a handshake, and its answer" 2
	in_ns c pkt connect --echo --text "$key" "$to" 7000 >/dev/null
	matched_tcp "an encrypted connection to a known peer, in both directions" 2
	in_ns c pkt connect --echo --text "GET / HTTP/1.1 $(printf %0100d 0)" "$to" 7000 >/dev/null
	matched "text is not encrypted" 0
	listen s tcp 7001 --sink
	in_ns c pkt connect --text "$hello" "$to" 7001 >/dev/null
	matched_tcp "a handshake that is not answered" 1
	in_ns c pkt connect --text "$key" "$to" 7001 >/dev/null
	matched "does not make a peer" 0
}

# Only what each end sends first is a key. What looks like one behind it is the end of a
# record of TLS, or of anything else that is encrypted.
first_data()
{
	begin "$1"
	sends out 1 5000 9 7000 'tcp flags=PA seq=1 ack=1' data hex=13 'text="BitTorrent protocol"'
	sends in 9 7000 1 5000 'tcp flags=PA seq=1 ack=21' data hex=13 'text="BitTorrent protocol"'
	matched "a handshake, and its answer" 2
	opens out 7 5001 9 7000
	sends out 7 5001 9 7000 'tcp flags=A seq=101 ack=501' data hex=160303 "fill=1400"
	sends out 7 5001 9 7000 'tcp flags=PA seq=1504 ack=501' data "hex=$key_hex"
	sends in 9 7000 7 5001 'tcp flags=A seq=501 ack=1504' data hex=160303 "fill=1400"
	sends in 9 7000 7 5001 'tcp flags=PA seq=1904 ack=1504' data "hex=$key_hex"
	matched "records of TLS that are cut" 0
	opens out 7 5002 9 7000
	sends out 7 5002 9 7000 'tcp flags=PA seq=101 ack=501' data "hex=$key_hex"
	matched "a key, for a host other than the one that the peer is known by" 1
	sends in 9 7000 7 5002 'tcp flags=PA seq=501 ack=101' data "hex=$key_hex"
	matched "that of the server" 1
	sends out 7 5002 9 7000 'tcp flags=PA seq=251 ack=651' data "hex=$key_hex"
	sends in 9 7000 7 5002 'tcp flags=PA seq=651 ack=251' data "hex=$key_hex"
	matched "what follows" 0
	sends out 7 5003 9 7000 'tcp flags=PA seq=101 ack=501' data "hex=$key_hex"
	matched "a connection whose beginning was not seen" 0
}

# Over uTP the address of the server is not proved, so it is a peer for the opener alone.
utp_handshakes()
{
	begin "$1"
	greeting='data hex=0100 hex=1234 hex=11223344 hex=00000105 hex=00100000 hex=0002 hex=0001 hex=13 text="BitTorrent protocol" zero=48'
	sends out 1 6881 2 7000 'udp ' "$greeting"
	matched "a handshake over uTP" 1
	sends out 1 6882 2 7000 'udp ' "$utp"
	matched "that is not answered does not make a peer" 0
	sends in 2 7000 1 6881 'udp ' "$greeting"
	matched "its answer" 1
	sends out 1 6882 2 7000 'udp ' "$utp"
	matched "makes one" 1
	sends out 7 6881 2 7000 'udp ' "$utp"
	matched "for the host that opened the connection" 0
}

# ---- limits

# Those of the manual, where nothing was given.
defaults()
{
	modprobe xt_ipp2p 2>/dev/null
	expect "without parameters" "65536 1800 0" \
		"$(cd $parameters && cat learn_peers learn_timeout max_memory | xargs)"
}

# A quarter of the places are for queries: the oldest goes.
queries()
{
	begin 4
	echo 8 >$parameters/learn_peers
	for port in 6001 6002 6003; do
		sends out 1 $port 2 6999 'udp ' data "$dht"
	done
	gap=1
	for port in 6001 6002 6003; do
		sends in 2 6999 1 $port 'udp ' data 'text="d1:rd2:id20:abcdefghij01234567895:token8:abcdefgh6:valuesl"' \
			"$(compact "$f" "1${port#600}" 3000)" 'text="ee1:t2:aa1:y1:re"'
	done
	gap=
	matched "three queries, and their answers" 6
	sends out 1 6881 11 3000 'udp ' "$utp"
	matched "the first one is forgotten" 0
	sends out 1 6881 12 3000 'udp ' "$utp"
	sends out 1 6881 13 3000 'udp ' "$utp"
	matched "two are remembered" 2
	echo 65536 >$parameters/learn_peers
}

# Also if the time was longer when the peer was learned
timeout()
{
	begin 4
	announces 6881 01020304
	peak=$(cat $taken)
	tracker_answers 01020304 9 3000
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "an announcement, its answer, and the peer" 3
	echo 1 >$parameters/learn_timeout
	expect_ok "the peers time out" wait_for 60 taken_at_most "$peak"
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "the peer is forgotten" 0
	echo 1800 >$parameters/learn_timeout
}

# With four places, the peer that is in use keeps its own.
most()
{
	begin 4
	echo 4 >$parameters/learn_peers
	asks_dht
	answers_dht 9 3000
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "a query, an answer, a peer" 3
	for n in 20 21 22 23 24; do
		asks_dht
		answers_dht $n 3000
		sends out 1 6881 9 3000 'udp ' "$utp"
	done
	matched "the peer in use stays" 15
	sends out 1 6881 24 3000 'udp ' "$utp"
	matched "the last one is there" 1
	sends out 1 6881 20 3000 'udp ' "$utp"
	matched "another one had to go" 0
	echo 65536 >$parameters/learn_peers
}

# So many are taken for a query: the node and 63 that it names
named()
{
	begin 4
	asks_dht
	gap=1
	for n in $(seq 100 170); do
		echo "ip src=10.0.2.2 dst=10.0.1.1 / udp sport=6999 dport=6881 / data text=\"d1:rd2:id20:abcdefghij01234567896:valuesl\" $(compact 4 "$n" 3000) text=\"ee1:t2:aa1:y1:re\""
	done >"$XA_TMP/packets"
	gap=
	in_ns s pkt send -d s0 -f "$XA_TMP/packets" >/dev/null
	matched "a query and its answers" 72
	sends out 1 6881 162 3000 'udp ' "$utp"
	matched "the 63rd peer that was named" 1
	sends out 1 6881 163 3000 'udp ' "$utp"
	matched "the 64th" 0
	asks_dht
	answers_dht 163 3000
	sends out 1 6881 163 3000 'udp ' "$utp"
	matched "after another query" 3
}

# Queries from so many ports that there is no memory for all
memory()
{
	begin 4
	echo 1 >$parameters/max_memory
	in_ns c pkt send -d c0 -n 10000 \
		"ip src=10.0.1.1 dst=10.0.2.2 / udp sport=10000..19999 dport=6999 / data $dht" >/dev/null
	expect_range "bytes for many queries" 500000 1048700 "$(cat $taken)"
	echo 0 >$parameters/max_memory
}

# ---- where addresses are translated, and where there is no connection

translated()
{
	f=4
	ns_triple
	ipt 4 r -t nat -A POSTROUTING -o r1 -j SNAT --to-source 10.0.2.1
	ipt 4 r -t mangle -A PREROUTING -m ipp2p --bit --learn
	ipt 4 r -t mangle -A FORWARD -m ipp2p --bit --learn
	asks_dht
	gap=1
	in_ns s pkt send -d s0 "ip src=10.0.2.2 dst=10.0.2.1 / udp sport=6999 dport=6881 / data text=\"d1:rd2:id20:abcdefghij01234567895:token8:abcdefgh6:valuesl\" $(compact 4 9 3000) text=\"ee1:t2:aa1:y1:re\"" >/dev/null
	gap=
	matched "a query and an answer" 2
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "the peer, behind NAT" 1
	expect_count "and before it" 3 4 r mangle PREROUTING 1
}

# A server that is reached by another address and port is known by its own.
forwarded()
{
	begin "$1"
	to=$(outside "$f" 2)
	[ "$f" = 4 ] || to="[$to]"
	ipt "$f" r -t nat -A PREROUTING -p udp -d "$(outside "$f" 200)" -j DNAT --to-destination "$to:7999"
	sends out 1 6881 200 6999 'udp ' data "$dht"
	sends in 2 7999 1 6881 'udp ' data 'text="d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"'
	matched "a query to where it is forwarded, and its answer" 2
	sends out 1 6882 2 7999 'udp ' "$utp"
	matched "the node by its own address and port" 1
	sends out 1 6883 200 6999 'udp ' "$utp"
	matched "and by the other one" 1
	sends out 1 6884 200 7999 'udp ' "$utp"
	sends out 1 6884 2 6999 'udp ' "$utp"
	matched "forwarded, too; not by a mixture" 1
}

untracked()
{
	f=4
	ns_triple
	ipt 4 r -t raw -A PREROUTING -j CT --notrack
	ipt 4 r -t mangle -A FORWARD -m ipp2p --bit --learn
	asks_dht
	answers_dht 9 3000
	matched "a query and an answer" 2
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "nothing is learned without connections" 0
}

# In another zone the same addresses are other hosts.
zones()
{
	f=$1
	ns_triple
	ipt "$f" r -t raw -A PREROUTING -j CT --zone 1
	ipt "$f" r -t mangle -A FORWARD -m ipp2p --bit --learn
	asks_dht
	answers_dht 9 3000
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "a query, its answer, and the peer" 3
	asks_dht
	ipt "$f" r -t raw -R PREROUTING 1 -j CT --zone 2
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "no peer in another zone" 1
	answers_dht 10 3000
	sends out 1 6881 10 3000 'udp ' "$utp"
	matched "nor is an answer there one to the query" 1
	ipt "$f" r -t raw -R PREROUTING 1 -j CT --zone 1
	sends out 1 6881 10 3000 'udp ' "$utp"
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "in its zone the peer is still known" 1
	ipt "$f" r -t raw -R PREROUTING 1 -i r0 -j CT --zone-orig 3
	asks_dht
	answers_dht 11 3000
	sends out 1 6881 11 3000 'udp ' "$utp"
	sends in 11 3000 1 6881 'udp ' "$utp"
	matched "a zone of one direction: a query, its answer, the peer and back" 4
}

# A rule with the flag turns connection tracking on, and shares what others learned.
shared()
{
	begin 4
	asks_dht
	answers_dht 9 3000
	matched "a query and an answer" 2
	ipt 4 r -t mangle -R FORWARD 1 -m ipp2p --bit --learn -m comment --comment another
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "a rule that replaces another knows its peers" 1
	ipt 4 r -t mangle -F FORWARD
	ipt 4 r -t mangle -A FORWARD -m ipp2p --bit
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "a rule without --learn" 0
	expect_ok "no memory is taken without a rule" wait_for 60 taken_at_most 100
	ipt 4 r -t mangle -R FORWARD 1 -m ipp2p --bit --learn
	sends out 1 6881 9 3000 'udp ' "$utp"
	matched "with the last rule all is forgotten" 0
}

defaults
each_backend dht 4
each_backend dht 6
XA_BACKENDS=nft each_backend udp_tracker 4
XA_BACKENDS=nft each_backend udp_tracker 6
XA_BACKENDS=nft each_backend scrapes 4
XA_BACKENDS=nft each_backend scrapes 6
XA_BACKENDS=nft each_backend http_tracker 4
XA_BACKENDS=nft each_backend http_tracker 6
XA_BACKENDS=nft each_backend handshakes 4
XA_BACKENDS=nft each_backend handshakes 6
XA_BACKENDS=nft each_backend first_data 4
XA_BACKENDS=nft each_backend first_data 6
XA_BACKENDS=nft each_backend utp_handshakes 4
XA_BACKENDS=nft each_backend utp_handshakes 6
XA_BACKENDS=nft each_backend timeout
XA_BACKENDS=nft each_backend most
XA_BACKENDS=nft each_backend queries
XA_BACKENDS=nft each_backend named
XA_BACKENDS=nft each_backend memory
XA_BACKENDS=nft each_backend translated
XA_BACKENDS=nft each_backend forwarded 4
XA_BACKENDS=nft each_backend forwarded 6
XA_BACKENDS=nft each_backend untracked
XA_BACKENDS=nft each_backend zones 4
XA_BACKENDS=nft each_backend zones 6
each_backend shared

# Rules and peers are in place when the namespace goes
doomed()
{
	begin 4
	asks_dht
	answers_dht 9 3000
	ipt 6 r -A FORWARD -m ipp2p --bit --learn
	matched "a query and an answer" 2
}
each_backend doomed
expect_unload xt_ipp2p
finish
