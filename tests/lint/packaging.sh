#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# doc/packaging.md, debian/ and the spec agree with the tree.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1
page=doc/packaging.md

rows() { sed -n '/^| extension | module/,/^$/p' $page | tail -n +3; }
column() { rows | cut -d'|' -f"$1" | sed 's/^ *//; s/ *$//'; }
check_none "a row for each extension of mconfig" "$(diff <(sed -n 's/^build_\(.*\)=m/\1/p' mconfig) <(column 2 | grep .))"
check_none "with its module and its engines" "$(diff <(for e in $(column 2); do
	echo "xt_$e:$(sed -n "s/^engines_$e=//p" mconfig | sed 's/[a-z][a-z]*/xa_&/g; s/ /, /g')"; done) \
	<(paste -d: <(column 3 | grep .) <(column 4 | head -n "$(column 2 | grep -c .)")))"

check_none "services are named" "$(for s in $(sed -n 's/^services=//p' mconfig); do
	grep -q "^The modules that .services. .*xa_$s\b" $page || echo "xa_$s"; done)"

# programs and scripts that are installed, all Makefile.am together
tools() {
	cat */Makefile.am | grep -E '^(dist_)?s?bin_(PROGRAMS|SCRIPTS) *\+?=' | sed 's/.*=//' | xargs -n1 | grep -vx xtables-anew | sort -u
}
check_none "each tool is named" "$(for t in $(tools); do { column 6; sed -n '/^The modules that/,/^$/p' $page; } | grep -q "\`$t\`" || echo "$t"; done)"
check_none "and no other one" "$(column 6 | grep -o '`[^`]*`' | tr -d '\`' | sort -u | while read -r t; do
	tools | grep -qx -e "$t" || [ "$t" = xt_asn_fetch ] || echo "$t"; done)"
# what a module refuses to be built without
check_none "options without which a module is not built" "$(grep -nE '^#error needs CONFIG_' kernel/xt_*.c |
	sed -n 's/^kernel\/xt_\([A-Za-z0-9]*\).*needs CONFIG_\([A-Z0-9_]*\).*/\1 \2/p' | while read -r e o; do
	rows | grep -q "^| $e |.*| $o" || echo "$e: $o"; done)"

# sources_of EXTENSION: its files and those of its engines, with the headers that they include
sources_of()
{
	local e=$1 own
	own=$(for n in "xt_$e" $(sed -n "s/^engines_$e=//p" mconfig | sed 's/[a-z][a-z]*/xa_&/g'); do
		ls "kernel/$n".[ch] "kernel/${n}"_*.[ch] 2>/dev/null; done)
	echo "$own"
	sed -n 's/^#include "\(.*\.h\)".*/\1/p' $own | sort -u | sed 's/^/kernel\//' | xargs ls 2>/dev/null
}
# BRIDGE goes with either of its own options, and PREEMPT_RT makes another kernel, not another machine
check_none "options that a module uses where the kernel has them" "$(for e in $(column 2); do
	grep -ohE '\bCONFIG_[A-Z0-9_]+' $(sources_of "$e") | sort -u | sed 's/^CONFIG_//' | grep -vxE 'BRIDGE|PREEMPT_RT' |
		while read -r o; do rows | grep -E "^\| $e \|" | grep -qE "\b$o\b" || echo "$e: $o"; done; done)"

version=$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' include/xa_version.h)
check "debian/changelog has the version" grep -qE "^xtables-anew \(${version}[^)]*\)" <(head -n 1 debian/changelog)
check "so has the spec" grep -qE "^Version: +$version\$" xtables-anew.spec
check_none "the library's symbols are those of its map" "$(diff <(sed -n 's/^\t\(ipt_[A-Za-z_]*\);/\1/p' iptaccount/libxt_ACCOUNT_cl.map | sort) \
	<(sed -n 's/^ \(.*\)@.*/\1/p' debian/libxt-account-cl1.symbols | sort))"
check_none "each package conflicts with its counterpart" "$(for p in xtables-addons-common xtables-addons-dkms xtables-addons-source; do
	for w in Conflicts Replaces; do grep -qE "^$w: .*$p" debian/control || echo "$w: $p"; done; done)"
# "PACKAGE VERB NAME", of relations without a version
relations() {
	awk -v RS= '{ n = split($0, line, "\n"); for (i = 1; i <= n; i++) {
		if (line[i] ~ /^Package: /) p = substr(line[i], 10)
		if (line[i] ~ /^(Conflicts|Breaks|Provides): /) {
			verb = line[i]; sub(/:.*/, "", verb); sub(/^[^:]*: /, "", line[i])
			m = split(line[i], name, /, */)
			for (j = 1; j <= m; j++) if (name[j] !~ /\(/) print p, verb, name[j] } } }' debian/control
}
check_none "no package excludes what another one of ours provides" "$(relations | while read -r p verb name; do
	[ "$verb" = Provides ] || relations | grep -E " Provides $name\$" | grep -v "^$p " | sed "s/^/$p $verb $name, but /"; done)"

# Units: apt and dnf enable and start none, and forget those that the administrator has enabled
enabled() { tracked '*.service.in' '*.timer.in' | xargs grep -l '^\[Install\]' | while read -r f; do
	u=${f##*/} u=${u%.in}
	case $u in update.*) printf '%s\n' "xt_asn_$u" "xt_geoip_$u" ;; *) echo "$u" ;; esac; done | sort; }
check_none "debian/rules enables and starts no unit" "$(grep -n 'dh_installsystemd\b' debian/rules |
	grep -vE 'override_|dh_installsystemd --no-enable --no-start( |$)'; grep -qE '^\s+dh_installsystemd ' debian/rules || echo 'no dh_installsystemd')"
check_none "no file of debian/ does so by itself" "$(grep -nE 'systemctl|deb-systemd-(helper|invoke) *(enable|start)' debian/*.{pre,post}{inst,rm} debian/rules 2>/dev/null)"
check_none "the spec knows each unit that can be enabled" "$(diff <(enabled) <(sed -n 's/^%global units //p' xtables-anew.spec | xargs -n1 | sort))"
check_none "and its scripts take care of them" "$(for w in post preun postun; do
	grep -A1 -x "%$w" xtables-anew.spec | grep -qF "%{?systemd_$w:%systemd_$w %{units}}" || echo "%$w"; done)"
