#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Rules of xa_hook, next to the same rules of iptables and to nft's own set of the same
# 15 countries. Rows "over nothing", and those of a verdict, are compared with a namespace
# without any hook: what a packet pays for the whole. Behind xthook it is nft that decides, by
# the mark. Wanted: 1.2 times the legacy raw rule at most, and a thousand rules replaced under
# traffic within 50 ms.
. "${0%/*}/lib.sh"

[ -e /usr/share/tor/geoip ] || test_skip "no real database (Debian: tor-geoipdb)"
db=$XA_TMP/db
fifteen=US,CN,DE,GB,FR,RU,BR,IN,JP,NL,IT,CA,AU,KR,UA
mkdir "$db" && xt_geoip_build -q -D "$db" /usr/share/tor/geoip /usr/share/tor/geoip6 || exit 1
xt_geoip_load -q -D "$db" || exit 1
# shellcheck disable=SC2046 # a list
nets=$(xt_geoip_query -D "$db" -4 $(echo $fifteen | tr , ' ') | tr '\n' ',')

# by_hook RULE...: of the namespace $side
by_hook()
{
	if [ $# -gt 0 ]; then
		xthook --netns "$(ns_name "$side")" add prerouting -4 "$@"
	else
		in_ns "$side" hookctl begin chain=4:prerouting:-310 rule= add commit >/dev/null
	fi
}

by_iptables()
{
	ipt 4 "$side" -t raw -A PREROUTING "$@"
}

# by_nft SETS RULE
by_nft()
{
	printf '%s\n' "table ip bench {" "$1" "chain pre { type filter hook prerouting priority raw; $2; }" "}" |
		in_ns "$side" nft -f -
}

empty()
{
	"$1"
}

geoip()
{
	"$1" -m geoip --src-cc $fifteen
}

vmap='meta mark & 0x1 vmap { 0x1 : accept }'

# What is done with it: a mark, and a verdict that depends on it
decided()
{
	"$1" -m geoip --src-cc $fifteen -j MARK --set-xmark 0x1/0x1 || return
	case $1 in
	by_hook)	by_nft '' "${2:-$vmap}" ;;
	*)		"$1" -m mark --mark 0x1/0x1 -j ACCEPT ;;
	esac
}

# decided_by_us: both with rules of ours, as with iptables
decided_by_us()
{
	by_hook -m geoip --src-cc $fifteen -j MARK --set-xmark 0x1/0x1 && by_hook -m mark --mark 0x1/0x1 -j ACCEPT
}

# nft_set VERDICT
nft_set()
{
	by_nft "set nets { type ipv4_addr; flags interval; auto-merge; elements = { $nets } }" "ip saddr @nets $1"
}

# over_nothing SIDE FUNC ARG...
over_nothing()
{
	side=$1
	shift
	[ "$side" = base ] || "$@"
}

# over_empty SIDE FUNC HOW
over_empty()
{
	side=$1
	if [ "$side" = base ]; then
		empty "$3"
	else
		"$2" "$3"
	fi
}

# ways LABEL PACKETS OVER FUNC
ways()
{
	xb_sides cost "$1" xthook "$2" "$3" "$4" by_hook
	for XA_BACKEND in $backends; do
		xb_sides cost "$1" "$XA_BACKEND" "$2" "$3" "$4" by_iptables
	done
}

# ordinary nft: what the decision by a mark costs beside ours
by_mark()
{
	by_nft '' "$1"
}

ways "empty rule, over nothing" 'src=0.0.0.0/0' over_nothing empty
xb_sides cost "vmap of a mark, over nothing" nft-native 'src=0.0.0.0/0' over_nothing by_mark "$vmap"
xb_sides cost "mark compared, over nothing" nft-native 'src=0.0.0.0/0' over_nothing by_mark 'meta mark & 0x1 == 0x1 accept'
for src in 'src=0.0.0.0/0' 'src=0.0.0.0/0,zipf=10000'; do
	case $src in
	*zipf*)	hosts='Zipf hosts' ;;
	*)	hosts=anywhere ;;
	esac
	ways "geoip, $hosts" "$src" over_empty geoip
	ways "geoip, over nothing, $hosts" "$src" over_nothing geoip
	xb_sides cost "set, over nothing, $hosts" nft-native "$src" over_nothing nft_set counter
	ways "geoip, MARK, verdict, $hosts" "$src" over_nothing decided
	xb_sides cost "geoip, MARK, mark, $hosts" xthook "$src" over_nothing decided_by_us
	xb_sides cost "geoip, MARK, nft compares, $hosts" xthook "$src" over_nothing decided by_hook 'meta mark & 0x1 == 0x1 accept'
	xb_sides cost "set, verdict, $hosts" nft-native "$src" over_nothing nft_set accept
done

# The time of one replacement, from the first message to the answer to the last
ns_new rules
for traffic in 0 1; do
	rm -f "$XA_TMP/end"
	bg rules hookctl ext=4:mark:1 ext=4:MARK:2 chain=4:prerouting:-310 copies=125 adds=4 rule=mark:1:1 \
		rule=MARK:2:1/1 "every=10:$XA_TMP/end" >"$XA_TMP/every"
	changer=$bg_pid
	if [ $traffic = 1 ]; then
		in_ns rules pkt flood --tun t0 --seconds 4 --src-range 10.9.0.0-10.9.0.255 --dst 10.0.0.2 >"$XA_TMP/sent"
	else
		sleep 4
	fi
	: >"$XA_TMP/end"
	wait "$changer"
	awk -v sent="$(sed -n 's/^packets=\([0-9]*\).*/\1/p' "$XA_TMP/sent" 2>/dev/null)" '{
		printf "# 1000 rules replaced %d times in %.1f ms (%.1f to %.1f, %d of them more than 50) while %d packets passed;" \
			" between, naps of 10 ms were up to %.1f ms late\n", $1, $4 / 1000, $3 / 1000, $5 / 1000, $7, sent,
			$10 / 1000 }' "$XA_TMP/every"
done
yes 'add prerouting -4 -m mark --mark 1 -j MARK --set-xmark 0x1/0x1' | head -n 1000 >"$XA_TMP/thousand"
from=$(date +%s%N)
in_ns rules xthook restore "$XA_TMP/thousand" || exit 1
echo "# xthook restore of 1000 rules: $((($(date +%s%N) - from) / 1000000)) ms"
finish
