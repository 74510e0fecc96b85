#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xt_geoip_update and its systemd units. XA_BUILD is a built tree.

. "$XA_TOP/tests/unit/addrdb.inc"

# ---- the script, with programs of the built tree in its place
mkdir bin cache own www
cp "$XA_TOP/geoip/xt_geoip_update" bin
ln -s "$geoip"/xt_geoip_build "$geoip"/xt_geoip_query bin
printf '#!/bin/sh\necho "dl $*"; printf "1.0.0.0,1.0.0.255,AU\\n" >dbip-country-lite.csv\n' >bin/xt_geoip_dl
printf '#!/bin/sh\necho "load $*" >>%s/loads\n' "$PWD" >bin/xt_geoip_load
chmod +x bin/*
echo 1.0.0.128/25,X0 >own/mine
export XT_GEOIP_CACHE=$PWD/cache XT_GEOIP_DIR=$PWD/db XT_GEOIP_OWN=$PWD/own
expect "update --fetch fetches" "dl -u x" "$(bin/xt_geoip_update --fetch -u x)"
expect "and no more" no "$([ -e db ] || echo no)"
bin/xt_geoip_update --install
expect "update --install builds, with the labels of one's own" "1.0.0.200: AU X0" "$(label 1.0.0.200)"
expect "and loads what is loaded" "load --status load -D $PWD/db" "$(paste -sd' ' loads)"
rm -r db
bin/xt_geoip_update >/dev/null
expect "update alone does both" "1.0.0.200: AU X0" "$(label 1.0.0.200)"

# ---- the units
for u in fetch update; do
	f=$geoip/xt_geoip_$u.service
	check_=$(grep -c "^ExecStart=/.*/xt_geoip_update --" "$f")
	expect "$u: the unit runs the script" 1 "$check_"
done
expect "what has the network has a user of its own" DynamicUser=yes "$(grep DynamicUser "$geoip/xt_geoip_fetch.service")"
expect "and no capability" CapabilityBoundingSet= "$(grep ^CapabilityBoundingSet "$geoip/xt_geoip_fetch.service")"
if ! command -v systemd-analyze >/dev/null || ! systemd-analyze --help | grep -q -e --offline; then
	echo "skip $XA_SPEC: no systemd-analyze security --offline"
	exit 0
fi
for u in fetch update; do
	out=$(systemd-analyze security --offline=true --threshold=29 --no-pager "$geoip/xt_geoip_$u.service" 2>&1) &&
		ok "$u: exposure below 3.0" || not_ok "$u: exposure below 3.0" "$(tail -n 1 <<<"$out")"
done
