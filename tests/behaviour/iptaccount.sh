#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# iptaccount: what it says about real tables, and about what goes wrong
. "${0%/*}/../lib.sh"

# body NS ARGS...: what iptaccount prints between the banner and "Finished."
body()
{
	in_ns "$@" 2>/dev/null | sed -e 1,3d -e '/^Finished\.$/d'
}

# udp NS PACKET...: sends UDP packets of 28 bytes (48: IPv6) into NS: "SRC DST", or "6 SRC DST"
udp()
{
	udp_ns=$1 udp_n=$((udp_n + 1))
	shift
	for udp_p; do
		shift
		case $udp_p in
		6*)	udp_p=${udp_p#6 }
			set -- "$@" "ip6 src=${udp_p% *} dst=${udp_p#* } / udp" ;;
		*)	set -- "$@" "ip src=${udp_p% *} dst=${udp_p#* } / udp" ;;
		esac
	done
	in_ns "$udp_ns" pkt send --tun "u$udp_n" "$@" >/dev/null || not_ok "sending into $udp_ns"
}
udp_n=0

text()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/16 --tname "two \"words\""
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/48 --tname per --per 64
	udp s "10.0.0.1 10.0.1.1" "10.0.0.1 11.0.0.1" "11.0.0.1 10.0.0.9" \
		"6 fd00::1 fe00::1" "6 fd00::ffff:0:0:1 fd00:0:0:1::5"
	expect "names" 'Found table: two "words"|Found table: per' "$(body s iptaccount -a | paste -sd '|')"
	expect "text" 'Showing table: two "words"|Run #0 - 3 items found|IP: 10.0.0.1 SRC packets: 2 bytes: 56 DST packets: 0 bytes: 0|IP: 10.0.0.9 SRC packets: 0 bytes: 0 DST packets: 1 bytes: 28|IP: 10.0.1.1 SRC packets: 0 bytes: 0 DST packets: 1 bytes: 28' \
		"$(body s iptaccount -l 'two "words"' | paste -sd '|')"
	expect "prefixes" 'Showing table: per|Run #0 - 2 items found|IP: fd00::/64 SRC packets: 2 bytes: 96 DST packets: 0 bytes: 0|IP: fd00:0:0:1::/64 SRC packets: 0 bytes: 0 DST packets: 1 bytes: 48' \
		"$(body s iptaccount -l per | paste -sd '|')"
	expect "the largest" "10.0.0.1;2;56;0;0" "$(body s iptaccount -s --top 1 -l 'two "words"' | sed 1d)"
	expect "JSON" '{"table":"per","family":"ipv6","network":"fd00::/48","per":64,"rules":1,"memory":N,"lost":{"packets":0,"bytes":0},"run":1,"flush":true,"items":2,"records":[{"address":"fd00::","prefix":64,"src":{"packets":2,"bytes":96},"dst":{"packets":0,"bytes":0}},{"address":"fd00:0:0:1::","prefix":64,"src":{"packets":0,"bytes":0},"dst":{"packets":1,"bytes":48}}]}' \
		"$(in_ns s iptaccount --json -f -l per | sed 's/"memory":[1-9][0-9]*/"memory":N/')"
	expect "JSON of what was flushed" '"items":0,"records":[]}' \
		"$(in_ns s iptaccount --json -l per | sed 's/.*"items"/"items"/')"
	expect "JSON of all tables" '"two \"words\"" ipv4 10.0.0.0/16 32 1 "per" ipv6 fd00::/48 64 1' \
		"$(in_ns s iptaccount --json -a | sed -e 's/{"table":/\n/g' | sed -n 's/^\(".*"\),"family":"\(.*\)","network":"\(.*\)","per":\(.*\),"rules":\(.*\),"memory":.*/\1 \2 \3 \4 \5/p' | xargs -d '\n')"
}

# Every second a pass; traffic between the passes is in one of them.
continuous()
{
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/24 --tname t
	bg s iptaccount -c -f -s -l t >"$XA_TMP/passes"
	udp s "10.0.0.1 11.0.0.1"
	wait_for 10 grep -q '^10.0.0.1;1;28;0;0$' "$XA_TMP/passes"
	udp s "10.0.0.1 11.0.0.1" "10.0.0.1 11.0.0.1"
	wait_for 10 grep -q '^10.0.0.1;2;56;0;0$' "$XA_TMP/passes"
	bg_stop "$bg_pid"
	expect "ends well" 0 $?
	expect "two reports" "10.0.0.1;1;28;0;0 10.0.0.1;2;56;0;0 Finished." "$(sed 1,4d "$XA_TMP/passes" | xargs)"
	expect "no handle is left" "Current kernel handle usage: 0" "$(body s iptaccount -u)"
	ipt 4 s -t raw -F
	bg s iptaccount -c -l t >"$XA_TMP/passes"
	wait "$bg_pid"
	expect "a table that does not exist" "1 Read failed: No such table" "$? $(tail -n 1 "$XA_TMP/passes")"
}

permissions()
{
	ns_new s
	ipt 4 s -A INPUT -j ACCOUNT --addr 10.0.0.0/24 --tname t
	in_ns s setpriv --bounding-set -net_admin,-net_raw --inh-caps -net_admin,-net_raw \
		iptaccount -l t >"$XA_TMP/out"
	expect "without a capability" "255 Init failed: Permission denied: CAP_NET_ADMIN is needed" \
		"$? $(tail -n 1 "$XA_TMP/out")"
	in_ns s setpriv --bounding-set -net_admin --inh-caps -net_admin iptaccount -l t >"$XA_TMP/out"
	expect "with CAP_NET_RAW alone" "1 Read failed: Permission denied: CAP_NET_ADMIN is needed" \
		"$? $(tail -n 1 "$XA_TMP/out")"
	in_ns s setpriv --bounding-set -net_raw --inh-caps -net_raw iptaccount -l t >"$XA_TMP/out"
	expect "with CAP_NET_ADMIN alone" "0 Finished." "$? $(tail -n 1 "$XA_TMP/out")"
	if unshare -rn true 2>/dev/null; then
		expect "a namespace of one's own" "0 Current kernel handle usage: 0" \
			"$(unshare -rn iptaccount -u >"$XA_TMP/out"; echo $? "$(sed -n 4p "$XA_TMP/out")")"
		expect "a user namespace without one" "255 Permission denied: CAP_NET_ADMIN is needed" \
			"$(unshare -r iptaccount -u >"$XA_TMP/out"; echo $? "$(sed -n '4s/.*: Per/Per/p' "$XA_TMP/out")")"
	else
		skip_part "no user namespaces"
	fi
}

# reload PARAMETER...: the module anew; its parameters are of load time
reload()
{
	wait_for 20 mod_gone xt_ACCOUNT && modprobe xt_ACCOUNT "$@" 2>/dev/null && return
	skip_part "the module cannot be loaded with $*"
	return 1
}

# What has no room is not silently lost: it is in the report or in the warning.
lost()
{
	reload max_memory=1 max_hosts6=4 || return
	ns_new s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname wide
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/16 --tname crowd
	# 313 pages on one CPU, and no more than 255 are to be had
	in_ns s pkt flood --tun t0 --count 40000 --src-range 10.0.0.0-10.0.156.63 --dst 11.0.0.1 >/dev/null
	in_ns s iptaccount -s -l wide >"$XA_TMP/out" 2>"$XA_TMP/err"
	counted=$(awk -F ';' '/^10\./ { n += $2 } END { print n }' "$XA_TMP/out")
	missing=$(sed -n 's/^iptaccount: table "wide": .* count \([0-9]*\) packets.*/\1/p' "$XA_TMP/err")
	expect_range "some are counted, not all" 1 39999 "$counted"
	expect "the others are reported as not counted" $((40000 - counted)) "$missing"
	expect "JSON says the same" "$missing" \
		"$(in_ns s iptaccount --json -l wide 2>/dev/null | sed 's/.*"lost":{"packets":\([0-9]*\).*/\1/')"
	expect_range "the memory stays within the limit" 1 1048576 \
		"$(in_ns s iptaccount --json -l wide 2>/dev/null | sed 's/.*"memory":\([0-9]*\).*/\1/')"
	ns_del s
	ns_new s
	ipt 6 s -t raw -A PREROUTING -j ACCOUNT --addr fd00::/16 --tname crowd
	udp s "6 fd00::1 fe00::1" "6 fd00::2 fe00::1" "6 fd00::3 fe00::1" "6 fd00::4 fe00::1" \
		"6 fd00::5 fe00::1" "6 fd00::6 fe00::1" "6 fd00::1 fe00::1"
	expect "the record of those without room" "::;2;96;0;0 fd00::1;2;96;0;0 fd00::2;1;48;0;0 fd00::3;1;48;0;0 fd00::4;1;48;0;0" \
		"$(body s iptaccount -s -l crowd | sed 1d | xargs)"
	expect "is no prefix" 0 "$(in_ns s iptaccount --json -l crowd | sed 's/.*"address":"::","prefix":\([0-9]*\).*/\1/')"
}

# Parameters that ask for more than can be
bounds()
{
	kmsg_mark
	ns_new s
	reload max_hosts6=4294967295 max_memory=4096000 || return
	expect "records of an IPv6 table" 1048576 "$(cat /sys/module/xt_ACCOUNT/parameters/max_hosts6)"
	ns_new c
	expect "that max_memory is more than a namespace may have is said once" 1 \
		"$(kmsg_since_mark | grep -c 'max_memory=4096000 of an extension has no effect')"
	ns_del s c
}

each_backend text
each_backend continuous
permissions
ns_del_all
bounds
lost
expect_unload xt_ACCOUNT
if ! mod_loaded xt_ACCOUNT; then
	ns_new s
	in_ns s iptaccount -l t >"$XA_TMP/out"
	expect_match "without the module" "1 Read failed: *xt_ACCOUNT is not loaded*" "$? $(tail -n 1 "$XA_TMP/out")"
fi
finish
