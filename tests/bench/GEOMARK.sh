#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One lookup for all countries. Wanted: what a geoip match costs, and 10 ns more at
# most; --orig-cc 10 ns more than --src-cc, with connection tracking on both sides.
. "${0%/*}/lib.sh"

[ -e /usr/share/tor/geoip ] || test_skip "no real database (Debian: tor-geoipdb)"
db=$XA_TMP/db
mkdir "$db" && xt_geoip_build -q -D "$db" /usr/share/tor/geoip /usr/share/tor/geoip6 || exit 1
xt_geoip_load -q -D "$db" || exit 1

# tracked SIDE RULE...: in the mangle table, behind connection tracking, which both have
tracked()
{
	xb_side=$1
	shift
	[ "$xb_side" = rules ] || set --
	ipt "$family" "$xb_side" -t mangle -A PREROUTING -m conntrack --ctstate INVALID
	ipt "$family" "$xb_side" -t mangle -A PREROUTING "$@"
}

for src in 'src=0.0.0.0/0' 'src=0.0.0.0/0,zipf=10000'; do
	cost "geoip, one country, $src" "$src" -m geoip --src-cc US
	cost "GEOMARK, $src" "$src" -j GEOMARK --addr src --nfmask 0x3ff
done
# flows that are known, so that the entry of each is in the cache
few='src=1.0.0.0/24 dst=192.0.2.1'
cost_by "geoip, --src-cc, tracked" "$few" tracked -m geoip --src-cc US
cost_by "geoip, --orig-cc, tracked" "$few" tracked -m geoip --orig-cc US
cost_by "GEOMARK, orig and connection mark, tracked" "$few" tracked -j GEOMARK --addr orig --nfmask 0x3ff --ctmask 0x3ff
family=6
src='src=2a00::/12,zipf=10000 dst=fd01::1'
cost "geoip, one country, $src" "$src" -m geoip --src-cc US
cost "GEOMARK, $src" "$src" -j GEOMARK --addr src --nfmask 0x3ff
finish
