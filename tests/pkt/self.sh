#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# pkt against the kernel: what it sends arrives as it was written, what it counts
# is what the rules count, and its servers and clients talk to each other.
. "${0%/*}/../lib.sh"

# Both ways of the wire, and what the kernel answers.
wire()
{
	ns_pair
	cat >"$XA_TMP/golden" <<-END
		# the request, as written
		ip src=10.0.0.1 dst=10.0.0.2 ttl=9 tos=0x10 id=77 df=1 / icmp type=8 code=0 id=5 seq=6 / data text="a / b"
		ip src=10.0.0.2 dst=10.0.0.1 ttl=64 tos=0x10 id=* / icmp type=0 code=0 id=5 seq=6 / data text="a / b"
		ip6 src=fd00::1 dst=fd00::2 hlim=9 / icmp6 type=128 code=0 id=5 seq=6
		ip6 src=fd00::2 dst=fd00::1 hlim=64 flow=* / icmp6 type=129 code=0 id=5 seq=6
		ip src=10.0.0.1 dst=10.0.0.2 ttl=64 / tcp sport=1024 dport=9 flags=S seq=7 ack=0 win=8192 opt=mss:1460
		ip src=10.0.0.2 dst=10.0.0.1 ttl=64 df=1 / tcp sport=9 dport=1024 flags=RA seq=0 ack=8 win=0
	END
	capture s s0 wire
	expect "sent" "packets=3 bytes=125 refused=0 dropped=0" "$(in_ns c pkt send --dev c0 \
		'ip ttl=9 tos=0x10 id=77 df=1 / icmp id=5 seq=6 / data text="a / b"' \
		'ip6 src=fd00::1 dst=fd00::2 hlim=9 / icmp6 id=5 seq=6' \
		'ip / tcp seq=7 opt=mss:1460')"
	captured wire >"$XA_TMP/wire"
	expect_ok "as it was written, and answered" pkt match "$XA_TMP/golden" "$XA_TMP/wire"
	sed '2s/ttl=9/ttl=10/' "$XA_TMP/golden" >"$XA_TMP/other"
	expect_fail "another golden file does not match" pkt match "$XA_TMP/other" "$XA_TMP/wire"
}

# What a capture has no room for is told. It does not run while 60 MB and more arrive.
lost()
{
	ns_new a
	bg a pkt capture --ready "$XA_TMP/lost.on" --output "$XA_TMP/lost" -m 'udp dport=9' lo 2>/dev/null
	wait_for 10 test -e "$XA_TMP/lost.on"
	kill -STOP "$bg_pid"
	in_ns a pkt send --dev lo --count 40000 'eth / ip src=127.0.0.1 dst=127.0.0.1 / udp dport=7 / data zero=1400' >/dev/null
	kill -CONT "$bg_pid"
	bg_stop "$bg_pid"
	expect "packets were lost: status 3" 3 $?
	expect_match "and a line" "lost=[1-9]*" "$(cat "$XA_TMP/lost")"
}

# What is cut into fragments, joined by the kernel and answered.
fragments()
{
	ns_pair
	capture s s0 pieces --match 'icmp type=0'
	capture s s0 pieces6 --match 'icmp6 type=129'
	for order in '' --reverse; do
		# shellcheck disable=SC2086 # nothing or an option
		in_ns c pkt send --dev c0 --fragment 16 $order 'ip id=5 / icmp / data fill=48' \
			'ip6 src=fd00::1 dst=fd00::2 / icmp6 / data fill=48' >/dev/null
	done
	expect "both orders are joined, IPv4" 2 "$(captured pieces | grep -c 'text="abc.*uv"')"
	expect "both orders are joined, IPv6" 2 "$(captured pieces6 | grep -c 'text="abc.*uv"')"
}

# The same packet linear, in pages, with its checksum undone, and one for many.
forms()
{
	ns_pair
	ipt 4 s -A INPUT -p udp --dport 7
	ipt 4 s -A INPUT -p tcp --dport 7
	listen s udp 7 --sink
	for form in '' --paged --partial; do
		# shellcheck disable=SC2086 # nothing or an option
		in_ns c pkt send --dev c0 $form 'ip / udp dport=7 / data fill=1000' >/dev/null
	done
	in_ns c pkt send --local 'ip / udp dport=7 / data fill=1000' >/dev/null
	expect "four forms are counted" 4,4112 "$(rule_count 4 s filter INPUT 1 | tr ' ' ,)"
	expect "and reach the program" "connections=4 bytes=4000" "$(served s udp 7)"
	in_ns c pkt send --dev c0 --gso 500 'ip / tcp dport=7 flags=A / data fill=2000' >/dev/null
	expect "a packet that stands for four is cut where the device wants it" 4,2160 \
		"$(rule_count 4 s filter INPUT 2 | tr ' ' ,)"
}

# Many senders: each packet that the kernel accepted has passed the rule.
exact()
{
	ns_pair
	ipt 4 s -t raw -A PREROUTING -p udp
	ipt 6 s -t raw -A PREROUTING -p udp
	ipt 4 c -A OUTPUT -p udp
	out=$(in_ns s pkt flood --tun t0 --threads 2 --count 20000 --src-range 10.9.0.1-10.9.0.250 \
		--dst 10.0.0.2 --size 10)
	expect "tun: all were accepted" "packets=20000 bytes=760000 refused=0 dropped=0" "$out"
	expect "tun: and counted" "20000 760000" "$(rule_count 4 s raw PREROUTING 1)"
	out=$(in_ns s pkt flood --tun t0 --count 2000 --src-range fd09::1-fd09::ffff --dst fd00::2)
	expect "tun: IPv6 too" "${out%% *}" "packets=$(rule_count 6 s raw PREROUTING 1 | cut -d' ' -f1)"
	ipt 4 s -t raw -Z
	out=$(in_ns c pkt flood --dev c0 --threads 2 --count 20000 --src-range 10.0.0.1 --dst 10.0.0.2)
	sent=${out#packets=}
	expect "device: all but what it dropped" "$((${sent%% *} - ${out##*dropped=}))" \
		"$(rule_count 4 s raw PREROUTING 1 | cut -d' ' -f1)"
	out=$(in_ns c pkt flood --local --threads 2 --count 5000 --src-range 10.0.0.1 --dst 10.0.0.2)
	expect "local: all that were accepted" "${out%% *}" \
		"packets=$(rule_count 4 c filter OUTPUT 1 | cut -d' ' -f1)"
}

sockets()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp --dport 8 -j DROP
	for kind in tcp udp; do
		listen s $kind 7
		for addr in 10.0.0.2 fd00::2; do
			expect_ok "$kind echo of $addr" in_ns c pkt connect --echo --text hello $kind $addr 7
		done
		expect "$kind served" "connections=2 bytes=10" "$(served s $kind 7)"
		want=refused expect_fail "$kind refused" in_ns c pkt connect --echo --text x $kind 10.0.0.2 7
	done
	listen s tcp 7 --reply hi
	expect_ok "what was expected" in_ns c pkt connect --expect hi fd00::2 7
	want='something else' expect_fail "what was not" in_ns c pkt connect --expect ho fd00::2 7
	want='timed out' expect_fail "no answer" in_ns c pkt connect --timeout 0.3 10.0.0.2 8
}

wire
ns_del_all
lost
ns_del_all
fragments
ns_del_all
each_backend forms
each_backend exact
sockets
finish
