#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A packet costs one look-up, whatever the number of countries. Wanted, over an
# empty rule: 45 ns at most for IPv4 and 90 for IPv6 (Zipf hosts); 1, 5, 15 and
# all countries within 1.3 times of each other, and from hosts of ranges drawn
# uniformly a fifth of an nft interval set at most; 10 times cheaper than an ipset
# hash:net, 8 times cheaper than an nft interval set of the same 15 countries;
# 20 rules on a packet: 15 ns more for each. Load below 1 s, 3 and 5 MB.
. "${0%/*}/lib.sh"

[ -e /usr/share/tor/geoip ] || test_skip "no real database (Debian: tor-geoipdb)"
db=$XA_TMP/db
five=US,CN,DE,GB,FR
fifteen=$five,RU,BR,IN,JP,NL,IT,CA,AU,KR,UA
mkdir "$db" && xt_geoip_build -q -D "$db" /usr/share/tor/geoip /usr/share/tor/geoip6 || exit 1
all=$(cd "$db" && ls | sed -n 's,\.iv4$,,p' | head -n 250 | paste -sd, -)

# a load, timed by the clock of the guest
timed_load()
{
	from=$(date +%s%N)
	xt_geoip_load -q -D "$db" || exit 1
	echo "# the world from disk to active: $((($(date +%s%N) - from) / 1000000)) ms"
}
timed_load
timed_load
xt_geoip_load --status | sed 's/^/# /'

# timed_rule WHAT MATCH...: in the machine's own namespace, as others load nothing
timed_rule()
{
	what=$1
	shift
	from=$(date +%s%N)
	"iptables-$XA_BACKEND" -A INPUT "$@" || exit 1
	echo "# $what, $XA_BACKEND: $((($(date +%s%N) - from) / 1000000)) ms"
	"iptables-$XA_BACKEND" -F INPUT
}

# first_rule WHAT: how long the first rule of a boot takes
first_rule()
{
	wait_for 10 sh -c 'xt_geoip_load --status | grep -q "^sets in rules: 0"'
	xt_geoip_load --unload || exit 1
	timed_rule "$1" -m geoip --src-cc US
}
mkdir -p /usr/share/xt_geoip && cp "$db"/* /usr/share/xt_geoip && touch /usr/share/xt_geoip/geoip.db
for XA_BACKEND in nft legacy; do
	timed_rule "a rule without geoip" -p tcp
	first_rule "the first rule of a boot"
	first_rule "and again"
done
xt_geoip_load -q -D "$db" || exit 1

# ranges FAMILY: of the fifteen countries
ranges()
{
	# shellcheck disable=SC2046 # a list
	xt_geoip_query -D "$db" "-$1" $(echo $fifteen | tr , ' ')
}

ipset_rule()
{
	xb_side=$1
	if [ "$xb_side" = rules ]; then
		{
			echo "create nets hash:net maxelem 2000000"
			ranges 4 | sed 's/^/add -exist nets /'
		} | in_ns rules ipset restore || return
	fi
	xb_rules "$xb_side" -m set --match-set nets src
}

each()
{
	cost "one country, $1" "$2" -m geoip --src-cc US
	cost "5 countries, $1" "$2" -m geoip --src-cc $five
	cost "15 countries, $1" "$2" -m geoip --src-cc $fifteen
	cost "all countries, $1" "$2" -m geoip --src-cc "$all"
}

backends=${XA_BACKENDS:-nft}
for cpus in 1 2; do
	family=4
	each "anywhere" 'src=0.0.0.0/0'
	each "Zipf hosts" 'src=0.0.0.0/0,zipf=10000'
	family=6
	each "IPv6 of Europe" 'src=2a00::/12 dst=fd01::1'
	each "IPv6 Zipf hosts of Europe" 'src=2a00::/12,zipf=10000 dst=fd01::1'
done
family=4 cpus=1
backends=${XA_BACKENDS:-legacy}
each "anywhere" 'src=0.0.0.0/0'
backends=${XA_BACKENDS:-nft}
for copies in 2 10 20; do
	cost "$copies rules, Zipf hosts" 'src=0.0.0.0/0,zipf=10000' -m geoip --src-cc $fifteen
done
copies=1

for src in '0.0.0.0/0' '0.0.0.0/0,zipf=10000'; do
	cost_by "ipset hash:net, the 15, $src" "src=$src" ipset_rule
	xb_sets="set nets { type ipv4_addr; flags interval; auto-merge; elements = {
		$(ranges 4 | tr '\n' ',') } }"
	cost_nft "nft set, the 15, $src" "src=$src" 'ip saddr @nets meta mark set 1'
	xb_sets=
done
# a botnet: hosts of ranges, each range as often as any other. The list of
# addresses is longer than a cache; nothing of a range is there from before
for cc in $(echo $fifteen | tr , ' '); do
	cat "$db/$cc.iv4" >>"$XA_TMP/ranges15"
done
cat "$db"/*.iv4 >"$XA_TMP/ranges"
cat "$db"/*.iv6 >"$XA_TMP/ranges6"
for ranges in "$XA_TMP/ranges" "$XA_TMP/ranges15"; do
	name="uniform over $(($(wc -c <"$ranges") / 8)) ranges"
	cost "15 countries, $name" "src=$ranges" -m geoip --src-cc $fifteen
	xb_sets="set nets { type ipv4_addr; flags interval; auto-merge; elements = {
		$(ranges 4 | tr '\n' ',') } }"
	cost_nft "nft set, the 15, $name" "src=$ranges" 'ip saddr @nets meta mark set 1'
	xb_sets=
done
family=6
cost "15 countries, uniform over IPv6 ranges" "src=$XA_TMP/ranges6 dst=fd01::1" -m geoip --src-cc $fifteen
family=4
cpus=2
scale "15 countries" 'src=0.0.0.0/0' -m geoip --src-cc $fifteen
finish
