#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The units of systemd: systemd-analyze finds nothing wrong in them, and xthook's is started
# before those that load the rules of nft and firewalld.
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

# As Debian and Fedora order them
cat >"$units/nftables.service" <<-END
	[Unit]
	Wants=network-pre.target
	Before=network-pre.target shutdown.target
	Conflicts=shutdown.target
	DefaultDependencies=no
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/bin/true
	[Install]
	WantedBy=sysinit.target
END
cat >"$units/firewalld.service" <<-END
	[Unit]
	Before=network-pre.target
	Wants=network-pre.target
	After=dbus.service polkit.service
	[Service]
	ExecStart=/bin/true
	[Install]
	WantedBy=multi-user.target
END

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
	nftables.* | firewalld.*) ;;
	*) check_none "$f" "$(verify "$f")" ;;
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
