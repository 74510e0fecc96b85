#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xtables-anew doctor: finds nothing in a healthy tree, and each of the faults that
# are planted in it one by one. XA_BUILD is a built tree.
set -u
. "$XA_TOP/tests/hostlib.sh"
built=${XA_BUILD:-}/doctor/xtables-anew
[ -x "$built" ] || skip "no built tree (XA_BUILD)"
cd "$XA_TMP" || exit 1

rel=6.1.0-test
version=$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$XA_TOP/include/xa_version.h")
xtlibdir=$(sed -n 's/^xtlibdir=//p' "$built")
extensions=$(sed -n "s/^extensions='\(.*\)'/\1/p" "$built")
modules=$(sed -n "s/^modules='\(.*\)'/\1/p" "$built")
[ -n "$xtlibdir" ] || skip "no xtlibdir in $built"
expect "the list of modules is that of mconfig" "$("$XA_TOP/kernel/build.sh" --modules)" "$modules"
expect "the list of plugins is that of mconfig" "$(sed -n 's/^build_\(.*\)=m/\1/p; s/^also_[A-Za-z0-9]*=//p' "$XA_TOP/mconfig" | LC_ALL=C sort | xargs)" "$extensions"

expect "the list of those that may be missing is that of mconfig" "$(sed -n 's/^with_btf=//p' "$XA_TOP/mconfig" | xargs -n 1 printf 'xa_%s ' | xargs)" \
	"$(sed -n "s/^optional='\(.*\)'/\1/p" "$built")"

# from here on with some of them, which takes less time
sed -e "s/^modules='.*/modules='xa_bpf xa_named xt_condition xt_psd'/" -e "s/^extensions='.*/extensions='ACCOUNT GEOMARK geoip psd'/" "$built" >doctor
chmod +x doctor
doctor=$PWD/doctor
modules='xa_bpf xa_named xt_condition xt_psd' extensions='ACCOUNT GEOMARK geoip psd'

# ---- programs of the machine. A module is a file of lines "FIELD VALUE".
mkdir bin
program() { { echo '#!/bin/sh'; cat; } >"bin/$1"; chmod +x "bin/$1"; }
program modinfo <<'END'
sed -n "s/^$2 //p" "$3"
END
program iptables <<END
[ ! -e $PWD/says/iptables-fails ] || { cat $PWD/says/iptables-fails >&2; exit 127; }
[ "\$1" = -V ] && { cat $PWD/says/iptables-V; exit; }
cat $PWD/says/iptables-help
END
for f in ip ip6; do
	for b in nft legacy; do
		echo "cat $PWD/says/${f}tables-$b; [ ! -e $PWD/says/save-fails ] || { cat $PWD/says/save-fails >&2; exit 4; }" |
			program "${f}tables-$b-save"
	done
done
echo "cat $PWD/says/dkms" | program dkms
echo "cat $PWD/says/mokutil" | program mokutil
printf '%s\n' '[ "$1" = -S ] || exit 1' "sed -n \"s,^\$2 \\(.*\\),\\1: \$2,p\" $PWD/says/dpkg" | program dpkg
echo : | program apt-get
echo "cat $PWD/says/id" | program id
for k in geoip asn; do
	echo "cat $PWD/says/$k-status; [ ! -e $PWD/says/$k-waits ] || { cat $PWD/says/$k-waits >&2; exit 1; }" | program "xt_${k}_load"
done
echo "[ \$* = save ] && cat $PWD/says/xthook; [ ! -e $PWD/says/xthook-fails ] || { cat $PWD/says/xthook-fails >&2; exit 1; }" | program xthook

module() { # VERSION RELEASE
	printf '%s\n' "version $1" "vermagic $2 SMP" "srcversion AAAA" "signer dkms" "description one of ours"
}
healthy() {
	local m e
	rm -rf root says
	mkdir -p says root/proc/net root/proc/sys/net/netfilter root/boot "root$xtlibdir" \
		root/usr/share/xt_geoip "root/usr/src/xtables-anew-$version" root/sys/kernel/security \
		root/sys/module/{nf_tables,xa_addrdb,xt_condition,module/parameters} \
		"root/var/lib/dkms/xtables-anew/$version/build" "root/lib/modules/$rel/"{updates/dkms,extra,build}
	moddir=root/lib/modules/$rel
	for m in $modules; do
		module "$version" "$rel" >"$moddir/updates/dkms/$m.ko.xz"
		echo "updates/dkms/$m.ko.xz:"
	done >"$moddir/modules.dep"
	touch "$moddir/build/Makefile" root/usr/share/xt_geoip/geoip.db
	for e in $extensions; do echo xtables-anew >"root$xtlibdir/libxt_$e.so"; done
	echo "$version" >root/sys/module/xt_condition/version
	echo AAAA >root/sys/module/xt_condition/srcversion
	echo N >root/sys/module/module/parameters/sig_enforce
	echo '[none] integrity confidentiality' >root/sys/kernel/security/lockdown
	echo 1000 >root/proc/sys/net/netfilter/nf_conntrack_max
	echo 10 >root/proc/sys/net/netfilter/nf_conntrack_count
	for o in MODULES NETFILTER NETFILTER_ADVANCED NETFILTER_XTABLES NETFILTER_NETLINK NF_CONNTRACK PROC_FS NFT_COMPAT; do
		echo "CONFIG_$o=m"
	done >"root/boot/config-$rel"

	touch says/{iptables-legacy,ip6tables-legacy,ip6tables-nft,dpkg,xthook}
	echo 0 >says/id
	echo 'iptables v1.8.9 (nf_tables)' >says/iptables-V
	echo 'ACCOUNT target options:' >says/iptables-help
	printf '%s\n' '-A INPUT -m geoip --src-cc DE -j ACCEPT' '-A INPUT -m psd -j DROP' '-A INPUT -m state -j DROP' >says/iptables-nft
	echo "xtables-anew/$version, $rel, x86_64: installed" >says/dkms
	echo 'mok.pub is already enrolled' >says/mokutil
	: >says/asn-status
	echo 'age: 0 s' >says/geoip-status
	touch -d '1 hour ago' root/usr/share/xt_geoip/geoip.db
}
run() { PATH=$PWD/bin:$PATH "$doctor" doctor --root root --kernel $rel "$@" >out 2>&1; }
found() { sed 's/.*"findings"://' out | grep -o '"check":"[^"]*"' | cut -d'"' -f4 | sort -u | xargs; }

healthy
run
expect "a healthy tree: exit status" 0 $?
expect "a healthy tree: the last line" "nothing found" "$(tail -n 1 out)"
expect "a healthy tree: says nothing on stderr" "" "$(grep -E 'doctor: line|not found$|No such file' out)"
expect "counts the rules of ours" "rules:     2 in nf_tables, 0 in legacy tables" "$(grep ^rules out)"

# planted CHECK WHAT TEXT FIX COMMAND: one fault; it is found, and nothing else is
planted() {
	local check=$1 what=$2 text=$3 fix=$4
	healthy
	eval "$5"
	run --json
	expect "$what: exit status" 1 $?
	expect "$what: found" "$check" "$(found)"
	if grep -qF -e "$text" out; then echo "ok $spec: $what: says what"; else
		echo "not ok $spec: $what: says what (expected '$text', got '$(cat out)')"; fi
	if grep -qF -e "\"fix\":\"$fix" out; then echo "ok $spec: $what: says how to mend it"; else
		echo "not ok $spec: $what: says how to mend it (expected '$fix', got '$(cat out)')"; fi
}
# tables ip|ip6: there are some of legacy iptables. The file has no size, as all in /proc.
tables() { ln -sfn /proc/sys/kernel/ostype "root/proc/net/$1_tables_names"; }
# as text, and as JSON
healthy
rm -r "root/lib/modules/$rel"
run
expect "the finding as text" "kernel: there is no root/lib/modules/$rel: the running kernel was removed or upgraded|    reboot||1 finding" "$(tail -n 4 out | paste -sd'|')"
if [ -x /usr/bin/python3 ]; then
	echo 'name with "quotes", (nf_tables) and \' >says/iptables-V
	rm -r "root$xtlibdir"
	run --json
	check "JSON with two findings" /usr/bin/python3 -c 'import json; d = json.load(open("out")); assert [f["check"] for f in d["findings"]] == ["kernel", "missing-plugins"] and d["facts"]["iptables"].endswith("\\")'
fi
k="root/lib/modules/$rel/updates/dkms"
planted kernel "an upgraded kernel" "was removed or upgraded" reboot "rm -rf root/lib/modules/$rel"
planted missing-modules "a module is missing" "there is no module xt_psd for $rel" "dkms install xtables-anew/$version -k $rel" \
	"rm $k/xt_psd.ko.xz; sed -i /xt_psd/d \$moddir/modules.dep"
planted depmod "depmod was not run" "modules.dep does not list xt_psd" "depmod -a $rel" "sed -i /xt_psd/d \$moddir/modules.dep"
planted foreign-module "a module of another package" "its version is 3.23, not $version" "apt-get remove xtables-addons-dkms && depmod -a" \
	"module 3.23 $rel >\$moddir/extra/xt_psd.ko; sed -i 's,.*xt_psd.*,extra/xt_psd.ko:,' \$moddir/modules.dep; echo root/lib/modules/$rel/extra/xt_psd.ko xtables-addons-dkms >says/dpkg"
planted foreign-module "a module without a version, of no package" "its version is not given" "rm root/lib/modules/$rel/extra/xt_psd.ko" \
	"module 0 $rel | sed /version/d >\$moddir/extra/xt_psd.ko; sed -i 's,.*xt_psd.*,extra/xt_psd.ko:,' \$moddir/modules.dep"
planted vermagic "built for another kernel" "was built for 6.1.0-other" "dkms install" "module $version 6.1.0-other >$k/xt_psd.ko.xz"
planted loaded-module "an older one is loaded" "the loaded xt_condition has version 0.1.0" "iptables-save >FILE4; ip6tables-save >FILE6; delete" "echo 0.1.0 >root/sys/module/xt_condition/version"
planted loaded-module "one without a version is loaded" "the loaded xt_condition is of another package" "from rules that were saved before, iptables-restore and ip6tables-restore" "rm root/sys/module/xt_condition/version"
planted loaded-module "one of other sources is loaded" "built from other sources" "iptables-save >FILE4; ip6tables-save >FILE6; delete" "echo BBBB >root/sys/module/xt_condition/srcversion"
planted signature "Secure Boot on Ubuntu, not signed" "not signed: xt_psd.ko.xz" "mokutil --import /var/lib/shim-signed/mok/MOK.der" \
	"echo Y >root/sys/module/module/parameters/sig_enforce; sed -i /signer/d $k/xt_psd.ko.xz; mkdir root/etc; printf '%s\n' NAME=Ubuntu ID=ubuntu ID_LIKE=debian >root/etc/os-release"
planted signature "Secure Boot, a key of one's own" "not signed: xt_psd.ko.xz" "mokutil --import /root/my.der" \
	"echo Y >root/sys/module/module/parameters/sig_enforce; sed -i /signer/d $k/xt_psd.ko.xz; mkdir -p root/etc/dkms/framework.conf.d; echo '# mok_certificate=/no' >root/etc/dkms/framework.conf; echo 'mok_certificate=\"/root/my.der\"' >root/etc/dkms/framework.conf.d/my.conf"
planted enrol "Secure Boot on Ubuntu, the key is not enrolled" "is not enrolled" "mokutil --import /var/lib/shim-signed/mok/MOK.der" \
	"echo Y >root/sys/module/module/parameters/sig_enforce; mkdir -p root/etc root/var/lib/shim-signed/mok; touch root/var/lib/shim-signed/mok/MOK.der; echo ID=ubuntu >root/etc/os-release; echo 'mok.pub is not enrolled' >says/mokutil"
planted signature "Secure Boot, not signed" "not signed: xt_psd.ko.xz" "mokutil --import /var/lib/dkms/mok.pub" \
	"echo 'none [integrity] confidentiality' >root/sys/kernel/security/lockdown; sed -i /signer/d $k/xt_psd.ko.xz"
planted enrol "Secure Boot, the key is not enrolled" "is not enrolled" "mokutil --import" \
	"echo Y >root/sys/module/module/parameters/sig_enforce; touch root/var/lib/dkms/mok.pub; echo 'mok.pub is not enrolled' >says/mokutil"
planted stand-in "a module that was left out" "xt_psd did not build against $rel and was left out: xt_psd.c:9:1: error: no such thing" "install a newer version" \
	"echo 'description did not build against this kernel and was left out' >$k/xt_psd.ko.xz; mkdir root/var/lib/dkms/xtables-anew/$version/build/out; echo 'xt_psd.c:9:1: error: no such thing' >root/var/lib/dkms/xtables-anew/$version/build/out/psd.log"
planted foreign-module "also of one that a kernel need not have" "its version is 3.23, not $version" "rm $k/xa_bpf.ko.xz && depmod -a" "module 3.23 $rel >$k/xa_bpf.ko.xz"
for what in "rm $k/xa_bpf.ko.xz; sed -i /xa_bpf/d \$moddir/modules.dep" \
	    "echo 'description did not build against this kernel and was left out' >$k/xa_bpf.ko.xz"; do
	healthy
	eval "$what"
	run
	expect "without one that a kernel need not have: $what" "nothing found" "$(tail -n 1 out)"
done
planted dkms "dkms has not installed" "(state: built)" "dkms install xtables-anew/$version" "sed -i s/installed/built/ says/dkms"
planted dkms-build "dkms could not build" "xa_named.c:1:2: error: unknown type" "less root/var/lib/dkms" \
	": >says/dkms; printf '%s\n' 'CC xa_named.o' 'xa_named.c:1:2: error: unknown type' >root/var/lib/dkms/xtables-anew/$version/build/make.log"
planted headers "no headers" "no headers of $rel" "apt-get install linux-headers-$rel" "rm \$moddir/build/Makefile"
planted kernel-options "an option of the kernel" "without CONFIG_NFT_COMPAT" "use a kernel with these options" "sed -i s/CONFIG_NFT_COMPAT.*/#/ root/boot/config-$rel"
planted iptables "an old iptables" "is older than 1.8.2" "upgrade iptables" "echo 'iptables v1.6.1' >says/iptables-V; : >says/iptables-nft"
planted iptables "an iptables that does not start" "iptables does not start (libxtables.so.12: not found)" "apt-get install --reinstall iptables" \
	"echo 'libxtables.so.12: not found' >says/iptables-fails"
planted iptables "an iptables that says nothing" "iptables does not start ()" "apt-get install --reinstall iptables" ": >says/iptables-V"
planted missing-plugins "a plugin is missing" "libxt_psd.so" "make install" "rm root$xtlibdir/libxt_psd.so"
planted foreign-plugin "a plugin of another package" "libxt_psd.so is not of this package" "apt-get remove xtables-addons-common" \
	"echo other >root$xtlibdir/libxt_psd.so; echo root$xtlibdir/libxt_psd.so xtables-addons-common >says/dpkg"
planted plugin-layout "a plugin that cannot be used" "can only list rules here" "build and install" "echo 'libxt_ACCOUNT.so can only list rules here: ...' >says/iptables-help"
planted plugin-layout "iptables looks elsewhere" "Couldn't load match" "build and install" "echo \"iptables v1.8.9 (nf_tables): Couldn't load match\" >says/iptables-help"
# move FAMILY FROM TO: the commands, as JSON
move() {
	echo "$1tables-$2-save >$1.rules && sed '/^:[^ ]* ACCEPT/d' $1.rules | $1tables-$3-restore --noflush &&" \
		"sed -n 's/^\\\\(:[^ ]*\\\\) [A-Z].*/\\\\1 ACCEPT/p; /^[*C]/p' $1.rules | $1tables-$2-restore"
}
planted back-ends "rules on both back ends" "in nf_tables (2) and in the legacy tables (1)" "$(move ip legacy nft)\"" \
	"tables ip; echo '-A INPUT -m psd -j DROP' >says/iptables-legacy"
planted back-ends "and in both families" "in nf_tables (2) and in the legacy tables (2)" "$(move ip legacy nft) && $(move ip6 legacy nft)\"" \
	"tables ip; tables ip6; echo '-A INPUT -m psd -j DROP' | tee says/iptables-legacy >says/ip6tables-legacy"
planted back-ends "where iptables is that of the legacy tables" "in nf_tables (2) and in the legacy tables (1)" "$(move ip nft legacy)\"" \
	"tables ip6; echo '-A INPUT -m psd -j DROP' >says/ip6tables-legacy; echo 'iptables v1.8.9 (legacy)' >says/iptables-V"
planted back-ends "with chains of one name" "in the legacy tables (1)" "by hand, into nft's tables, since there are chains of one name in both: a" \
	"tables ip; printf '%s\n' ':INPUT DROP [0:0]' ':a - [0:0]' ':b - [0:0]' '-A a -m psd -j DROP' >says/iptables-legacy; sed -i '1i:INPUT DROP [0:0]\n:a - [0:0]\n:c - [0:0]' says/iptables-nft"
planted back-ends "rules where iptables does not look" "in the legacy tables, but iptables shows those of nf_tables" "$(move ip6 legacy nft)\"" \
	"tables ip6; mv says/iptables-nft says/ip6tables-legacy; : >says/iptables-nft"
planted back-ends "and the other way" "in nf_tables, but iptables shows those of the legacy tables" "$(move ip nft legacy)\"" \
	"echo 'iptables v1.8.9 (legacy)' >says/iptables-V"
planted rules "rules that only root may read" "not readable: iptables-nft-save (Permission denied (you must be root))" "run xtables-anew doctor as root" \
	"echo 'Permission denied (you must be root)' >says/save-fails; echo 1000 >says/id"
planted rules "rules that cannot be read" "not readable: ip6tables-nft-save (what?)" "run ip6tables-nft-save" "printf '\nwhat?\n' >says/save-fails"
planted rules "legacy tables that cannot be read" "not readable: root/proc/net/ip_tables_names (cat: root/proc/net/ip_tables_names: Is a directory)" "run xtables-anew doctor as root" \
	"mkdir root/proc/net/ip_tables_names; echo 1000 >says/id"
planted conntrack "no connection tracking" "which is not loaded" "modprobe nf_conntrack" "rm root/proc/sys/net/netfilter/*"
planted conntrack-full "full connection tracking" "has 900 of at most 1000" "sysctl net.netfilter.nf_conntrack_max=2000" "echo 900 >root/proc/sys/net/netfilter/nf_conntrack_count"
planted database "rules, and no database" "rules that need the database of geoip, but there is none" xt_geoip_update "rm root/usr/share/xt_geoip/geoip.db; : >says/geoip-status"
planted database "rules with GEOMARK, and no database" "rules that need the database of geoip, but there is none" xt_geoip_update \
	"rm root/usr/share/xt_geoip/geoip.db; : >says/geoip-status; echo '-A PREROUTING -j GEOMARK --addr src --nfmask 0x3ff' >says/iptables-nft"
planted database "rules with GEOMARK --asn, and no database" "rules that need the database of asn, but there is none" xt_asn_update \
	"echo '-A PREROUTING -j GEOMARK --addr src --asn --nfmask 0xffff' >says/iptables-nft"
planted database "rules, and a database that is not loaded" "need the database of geoip, and the kernel has not loaded it" xt_geoip_load ": >says/geoip-status"
planted database "rules that the kernel alone knows of" "need the database of asn, but there is none" xt_asn_update \
	"echo 'no asn database is loaded, and rules wait for one' >says/asn-waits"
hook="mkdir root/sys/module/xa_hook; : >says/iptables-nft"
planted database "rules of xthook, and no database" "rules that need the database of asn, but there is none" xt_asn_update \
	"$hook; printf '%s\n' '# -m geoip' 'add prerouting --priority raw-10 -j GEOMARK --addr src --asn --nfmask 0xffff' >says/xthook"
planted conntrack "rules of xthook, and no connection tracking" "which is not loaded" "modprobe nf_conntrack" \
	"$hook; rm root/proc/sys/net/netfilter/*; echo 'add input --priority filter+10 -4 -m psd -j DROP' >says/xthook"
planted rules "rules of xthook that cannot be read" "not readable: xthook save (xthook: Operation not permitted)" "run xtables-anew doctor as root" \
	"$hook; echo 'xthook: Operation not permitted' >says/xthook-fails; echo 1000 >says/id"
planted old-database "an old database" "was made 70 days ago" xt_geoip_update "touch -d '70 days ago' root/usr/share/xt_geoip/geoip.db"
planted stale-database "the kernel has an older one" "is newer than what the kernel has" xt_geoip_load "echo 'age: 100000 s' >says/geoip-status"

# just below each limit nothing is found
for quiet in "echo 899 >root/proc/sys/net/netfilter/nf_conntrack_count" "touch -d '59 days ago' root/usr/share/xt_geoip/geoip.db" \
	"echo 'iptables v1.8.2 (nf_tables)' >says/iptables-V" "rm -r root/var/lib/dkms root/usr/src; : >says/dkms; rm \$moddir/build/Makefile" \
	"echo '-A PREROUTING -j GEOMARK --addr src --nfmask 0x3ff' >says/iptables-nft; touch -d '1 hour ago' root/usr/share/xt_geoip/geoip.db" \
	"rm root/proc/sys/net/netfilter/*; : >says/iptables-nft" "tables ip" \
	"$hook; echo 'add input -m geoip --src-cc DE' >says/xthook" "$hook; echo '# -j GEOMARK --asn' >says/xthook" \
	"echo 'add input -j GEOMARK --addr src --asn --nfmask 0xffff' >says/xthook" ": >root/proc/net/ip_tables_names" \
	"echo 'Warning: Extension ACCOUNT revision 0 not supported, missing kernel module?' >says/iptables-help"; do
	healthy
	eval "$quiet"
	run --json
	expect "no finding: $quiet" "" "$(found)"
done

# ---- a machine without iptables, whatever this one has
mkdir machine
cp -s /usr/bin/* /usr/sbin/* /bin/* /sbin/* machine 2>/dev/null
rm -f machine/*tables* machine/nft machine/xthook
cp bin/{dkms,mokutil,dpkg,modinfo,apt-get,id,xt_geoip_load,xt_asn_load} machine --remove-destination
sed "s|^PATH=.*|PATH=$PWD/machine|" doctor >without
chmod +x without
alone() { ./without doctor --root root --kernel $rel "$@" >out 2>&1; }
healthy
mkdir root/sys/module/xa_hook
alone --json
expect "no iptables: exit status, found" "1 iptables" "$? $(found)"
cp bin/xthook machine
alone --json
expect "no iptables, and xthook without nft" "1 iptables" "$? $(found)"
echo : >machine/nft
chmod +x machine/nft
echo 'add input -m geoip --src-cc DE' >says/xthook
alone
expect "no iptables, but nft and xthook: exit status, facts" "0 iptables:  none; rules are those of nft and xthook|xthook:    rules: 1" \
	"$? $(grep -E '^(iptables|xthook):' out | paste -sd'|')"

# whatever says nothing, it is JSON
for file in says/*; do
	file=${file#says/}
	healthy
	: >"says/$file"
	tables ip
	run --json
	if [ -x /usr/bin/python3 ]; then
		check "JSON where $file is empty" /usr/bin/python3 -c 'import json; d = json.load(open("out")); assert all(d["facts"].values()) and all(f["text"] and f["fix"] for f in d["findings"])'
	fi
	run
	check_none "nothing is lost as text where $file is empty" "$(grep -E '^[a-z-]+: *$|^    $' out)"
done
for bad in "" "--unknown" "doctor --unknown" "doctor word" "doctor --root" "nurse"; do
	# shellcheck disable=SC2086 # words
	"$doctor" $bad >out 2>&1
	expect "usage: '$bad'" "2 Try 'xtables-anew --help'." "$? $(tail -n 1 out)"
done
expect "--version" "xtables-anew (xtables-anew) $version" "$("$doctor" --version)"
# each check is explained
page=$(sed 's/\\-/-/g' "$XA_TOP/doctor/xtables-anew.8")
check_none "each check is in the manual" "$(grep -oE '(^|	|\|\| )finding [a-z-]+' "$doctor" | sed 's/.* //' | sort -u | while read -r c; do
	grep -qF "\\fB$c\\fP" <<<"$page" || echo "$c"; done)"
check_none "each check was tried" "$(grep -oE '(^|	|\|\| )finding [a-z-]+' "$doctor" | sed 's/.* //' | sort -u | while read -r c; do
	grep -q "^planted $c " "$XA_TOP/tests/unit/doctor.sh" || echo "$c"; done)"
