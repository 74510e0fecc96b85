#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# quota2: a counter of which each CPU holds a share, and whose last one is used up
. "${0%/*}/../lib.sh"

# on CPU PACKETS PORT: from s to itself
on()
{
	in_ns s taskset -c "$1" pkt send --local -n "$2" "ip src=127.0.0.1 dst=127.0.0.1 / udp dport=$3" >/dev/null
}

# listening: uses a counter up until the listener hears of it
listening()
{
	in_ns s sh -c 'echo 1 >/proc/net/xt_quota/begin'
	on 0 2 1
	grep -qx begin "$XA_TMP/heard"
}

# What is left may be the share of one CPU. Where that is used up to the last packet, whoever
# reads the counter is the first to know.
shares()
{
	ns_new s
	ipt 4 s -t raw -A OUTPUT -p udp --dport 1 -m quota2 --packets --name begin
	ipt 4 s -t raw -A OUTPUT -p udp --dport 2 -m quota2 --packets --name shared --quota 1000
	bg s sh -c 'exec xt_quota2_listen >"$1"' sh "$XA_TMP/heard"
	expect_ok "a listener is there" wait_for 30 listening
	# what a CPU holds of 999 packets, behind the first one
	cpus=$(getconf _NPROCESSORS_ONLN) part=4
	for n in 1 2 4 8 16 32 64 128 256; do
		[ $n -ge "$cpus" ] || part=$((part * 2))
	done
	on 0 1 2
	on 1 $((999 - 999 / part)) 2
	on 0 $((999 / part)) 2
	expect_count "all packets match" 1000 4 s raw OUTPUT 2
	expect "nobody has noticed that nothing is left" 0 "$(grep -cx shared "$XA_TMP/heard")"
	expect "who reads it does" 0 "$(in_ns s cat /proc/net/xt_quota/shared)"
	expect_ok "and lets it be told" wait_for 10 grep -qx shared "$XA_TMP/heard"
}

# used_up FIRST LAST: counters of one packet each, and a packet for all of them
used_up()
{
	seq "$1" "$2" | sed 's/.*/-A OUTPUT -p udp --dport 3 -m quota2 --packets --name n& --quota 1/' |
		{ echo '*raw'; cat; echo COMMIT; } | ipt_restore 4 s --noflush
	on 0 2 3
}

# A listener that does not come to read for a while loses what has no room, says so, and goes on.
lost()
{
	ns_new s
	ipt 4 s -t raw -A OUTPUT -p udp --dport 1 -m quota2 --packets --name begin
	bg s sh -c 'exec xt_quota2_listen >"$1" 2>"$2"' sh "$XA_TMP/heard" "$XA_TMP/said"
	expect_ok "a listener is there" wait_for 30 listening
	kill -STOP "$bg_pid"
	used_up 1 600
	wait_for 20 in_ns s awk 'NR > 1 && $9 > 0 { drops = 1 } END { exit !drops }' /proc/net/netlink
	kill -CONT "$bg_pid"
	expect_ok "it says that messages were lost" wait_for 10 grep -q 'messages were lost' "$XA_TMP/said"
	used_up 601 601
	expect_ok "and hears of the next" wait_for 10 grep -qx n601 "$XA_TMP/heard"
}

each_backend lost
if [ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ]; then
	racing each_backend shares
else
	skip_part "there is one CPU"
fi
expect_unload xt_quota2
finish
