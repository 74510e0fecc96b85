#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xthook beside firewalld, the real one with a D-Bus of its own: reloading it leaves our rules
# and those of nft alone, and what it lists is clean.
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"

fw=${XA_FIREWALLD:-$HOME/.cache/xtables-anew/vm/firewalld}
python=/usr/bin/python3

[ -e "$fw/usr/sbin/firewalld" ] || test_skip "no firewalld: tests/firewalld fetches it"
command -v dbus-daemon >/dev/null || test_skip "no D-Bus (Debian: dbus)"
$python -c 'import dbus, gi' 2>/dev/null || test_skip "no Python for firewalld (Debian: python3-dbus, python3-gi)"
command -v nft >/dev/null || test_skip "there is no nft"
# the tests before may have left it
rmmod nft_compat 2>/dev/null
loaded=$(iptables_modules)

# firewalld_cmd ARG...
firewalld_cmd()
{
	in_ns s $python "$fw/usr/bin/firewall-cmd" "$@"
}

start()
{
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$XA_TMP/bus PYTHONPATH=$fw/usr/lib/python3/dist-packages
	export DBUS_SYSTEM_BUS_ADDRESS PYTHONPATH
	cat >"$XA_TMP/bus.conf" <<-END
		<busconfig>
			<listen>unix:path=$XA_TMP/bus</listen>
			<auth>EXTERNAL</auth>
			<policy context="default">
				<allow own="*"/>
				<allow send_destination="*" eavesdrop="true"/>
				<allow eavesdrop="true"/>
			</policy>
		</busconfig>
	END
	cp -r "$fw/etc/firewalld" "$XA_TMP/firewalld"
	bg s dbus-daemon --nofork --config-file="$XA_TMP/bus.conf" 2>"$XA_TMP/dbus.log"
	bus=$bg_pid
	wait_for 30 test -S "$XA_TMP/bus" || not_ok "a D-Bus" "$(cat "$XA_TMP/dbus.log")"
	bg s $python "$fw/usr/sbin/firewalld" --nofork --nopid --system-config "$XA_TMP/firewalld" \
		--default-config "$fw/usr/lib/firewalld" --log-file "$XA_TMP/firewalld.log" \
		--log-target file >"$XA_TMP/firewalld.out" 2>&1
	daemon=$bg_pid
}

stop()
{
	bg_stop "$daemon"
	bg_stop "$bus"
}

# passed WHAT: of two sources one is marked by us and dropped by nft for it; both are counted
passed()
{
	send 'ip src=10.0.0.1 / udp dport=9' 'ip src=10.0.0.9 / udp dport=9'
	sent=$((sent + 1))
	expect "$1: the rules are what they were" "$(cat "$XA_TMP/before")" "$(hook s save)"
	expect "$1: they count on" $sent "$(packets s 1 prerouting -4)"
	expect "$1: and nft drops by their mark" $sent "$(nft_counter s dropped)"
}

# nft_is_clean WHAT: what nft lists is what it takes, and has firewalld's table and the other
nft_is_clean()
{
	in_ns s nft list ruleset >"$XA_TMP/nft"
	expect "$1: both tables are there" "inet firewalld|ip t|" \
		"$(sed -n 's/^table \(.*\) {/\1/p' "$XA_TMP/nft" | sort | tr '\n' '|')"
	expect "$1: nft lists nothing of ours" 0 "$(grep -cE '^[[:space:]]*xt |compat|xthook' "$XA_TMP/nft")"
	expect_ok "$1: nft takes what it lists" in_ns s nft -c -f "$XA_TMP/nft"
}

ns_pair
sent=0
hook s restore - <<-END
	define geo 0x1/0x1
	# what nft drops
	add prerouting -4 -s 10.0.0.9 -p udp --dport 9 -j MARK --set-xmark @geo
END
hook s save >"$XA_TMP/before"
nft_rules s <<-END
	table ip t {
		counter dropped { }
		chain pre {
			type filter hook prerouting priority raw
			meta mark & 0x1 == 0x1 counter name dropped drop
		}
	}
END
passed "before firewalld"
start
if ! wait_for 120 firewalld_cmd --state; then
	not_ok "firewalld starts" "$(cat "$XA_TMP/firewalld.out" "$XA_TMP/firewalld.log" 2>/dev/null | tail -n 5)"
	stop
	finish
fi
passed "firewalld is there"
nft_is_clean "firewalld is there"
expect "firewall-cmd --add-port" success "$(firewalld_cmd --permanent --add-port=7/udp 2>&1)"
for verb in --reload --complete-reload; do
	expect "firewall-cmd $verb" success "$(firewalld_cmd $verb 2>&1)"
	passed "firewall-cmd $verb"
	nft_is_clean "firewall-cmd $verb"
done
expect "firewalld has read its rules again" 7/udp "$(firewalld_cmd --list-ports)"
stop
passed "without firewalld"
expect "no module of iptables has been loaded" "$loaded" "$(iptables_modules)"
ns_del c s
expect_unload xa_hook
finish
