#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The units of systemd: systemd-analyze finds nothing wrong in them; xthook's is started
# before those that load the rules of nft and firewalld; xt_state's behind all that load rules.
set -u
. "$XA_TOP/tests/hostlib.sh"
need systemd-analyze systemd
systemd-analyze --version | awk 'NR == 1 { exit $2 < 250 }' || skip "systemd-analyze is too old"

units=$XA_TMP/units
mkdir -p "$units" "$XA_TMP/bin"
for f in "$XA_TOP"/*/*.service.in "$XA_TOP"/*/*.timer.in; do
	name=${f##*/}
	case $f in
	*/addrdb/*) name=xt_geoip_$name ;;
	esac
	sed "s|@sbindir@|$XA_TMP/bin|; s|@sysconfdir@|/etc|; s|@dir@|/var/lib/xt_geoip|; s|@kind@|geoip|" \
		"$f" >"$units/${name%.in}"
done
# shellcheck disable=SC2013 # no blanks in them
for f in $(grep -oh "$XA_TMP/bin/[^ ]*" "$units"/* | sort -u); do
	ln -s /bin/true "$f"
done

# Those that load the rules, as Debian and Fedora order them; of xt_state's manual
loader() { # NAME LINE...
	local name=$1
	shift
	{
		printf '[Unit]\n'
		printf '%s\n' "$@"
		printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n'
		printf '[Install]\nWantedBy=multi-user.target\n'
	} >"$units/$name.service"
}
early=(DefaultDependencies=no Before=shutdown.target Conflicts=shutdown.target Wants=network-pre.target Before=network-pre.target)
loader nftables "${early[@]}"
loader netfilter-persistent "${early[@]}" Wants=systemd-modules-load.service After=systemd-modules-load.service After=local-fs.target
loader ufw "${early[@]}" Wants=local-fs.target After=local-fs.target
loader firewalld Wants=network-pre.target Before=network-pre.target 'After=dbus.service polkit.service'
loader iptables Wants=network-pre.target Before=network-pre.target After=syslog.target
loader ip6tables Wants=network-pre.target Before=network-pre.target After=syslog.target After=iptables.service
# whose rules name addresses that the network gives
loader shorewall Wants=network-online.target After=network-online.target
loader shorewall6 Wants=network-online.target After=network-online.target
loaders=$(sed -n 's/^After=//p' "$XA_TOP/state/xt_state.service.in" | tr ' ' '\n' | sed -n 's/\.service$//p')

# verify UNIT...: what systemd-analyze finds, of these and what they need, started together
verify() {
	local u
	for u; do
		SYSTEMD_UNIT_PATH=$units: systemd-analyze verify --man=no "$units/$u" 2>&1 | grep -F "$u"
	done
}

for f in "$units"/*; do
	f=${f##*/}
	case $f in
	xt*) check_none "$f" "$(verify "$f")" ;;
	esac
done

# A unit that started behind the others would wait for what waits for it.
for other in nftables firewalld; do
	mkdir -p "$units/xthook.service.d"
	printf '[Unit]\nWants=%s.service\n' $other >"$units/xthook.service.d/with.conf"
	check_none "xthook.service is started with $other.service" "$(verify xthook.service)"
	echo "After=$other.service" >>"$units/xthook.service.d/with.conf"
	check "and before it" grep -q 'ordering cycle' <<<"$(verify xthook.service; verify $other.service)"
	rm -r "$units/xthook.service.d"
done

# A cycle would be broken at boot by leaving one of its units out: the firewall, perhaps. The
# network is there, as on any machine that boots.
printf '[Unit]\nWants=network.target network-online.target\n' >"$units/boot.target"
printf '[Unit]\nWants=network.target\nAfter=network.target\n' >"$units/network-online.target"
printf '[Unit]\nAfter=network-pre.target\n' >"$units/network.target"
cycles() { SYSTEMD_UNIT_PATH=$units: systemd-analyze verify --man=no "$units/boot.target" 2>&1 | grep -F 'ordering cycle'; }
ours=$(cd "$units" && echo xt*.service xt*.timer)
for other in $loaders; do
	check "$other.service is known here" test -e "$units/$other.service"
	mkdir -p "$units/boot.target.d"
	printf '[Unit]\nWants=%s.service %s\n' "$other" "$ours" >"$units/boot.target.d/with.conf"
	check_none "all units are started with $other.service" "$(cycles)"
done
printf '[Unit]\nWants=shorewall.service xt_state.service\n' >"$units/boot.target.d/with.conf"
sed -i 's/^Description=.*/&\nBefore=network.target/' "$units/xt_state.service"
check "a cycle would be seen" grep . <<<"$(cycles)"

check "what could not be restored is not saved over" grep -qx 'Requisite=xt_state.service' "$units/xt_state_save.service"

# State that is there again behind its rules must not only be so at boot.
part=$(sed -n 's/^PartOf=//p' "$XA_TOP/state/xt_state.service.in" | tr ' ' '\n')
wanted=$(sed -n 's/^WantedBy=//p' "$XA_TOP/state/xt_state.service.in" | tr ' ' '\n')
page=$(sed 's/\\-/-/g' "$XA_TOP/state/xt_state.8")
for other in $loaders; do
	check "xt_state.service stops before $other.service" grep -qxF "$other.service" <<<"$part"
	check "and is started with it" grep -qxF "$other.service" <<<"$wanted"
	check "$other is in the manual" grep -qwE "$(sed 's/^ip6/ip/; s/6$//' <<<"$other")" <<<"$page"
done
check_none "it stops before none that it would not be started behind" "$(for u in $part; do grep -qxF "${u%.service}" <<<"$loaders" || echo "$u"; done)"
