#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# configure --with-extensions: what is not named is left out, with its plugin, module,
# tools, manual pages, libraries and units. Without the option mconfig decides.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -x "$XA_TOP/configure" ] || skip "no configure (autogen.sh makes it)"
cd "$XA_TMP" || exit 1
# the tree itself may be configured, and is then refused as a source
mkdir src build
ln -s "$XA_TOP"/* src/
rm -f src/{mconfig,config.status,config.h,mconfig.used,stamp-h1}
cp "$XA_TOP/mconfig" src/
rm src/kernel src/include
cp -R "$XA_TOP/kernel" "$XA_TOP/include" src/
for d in addrdb extensions $(sed -n 's/^XA_TOOL_DIR(\[\(.*\)\])/\1/p' "$XA_TOP/configure.ac"); do
	rm -f "src/$d"
	mkdir "src/$d"
	ln -s "$XA_TOP/$d"/* "src/$d/"
	(cd "src/$d" && rm -f Makefile ./*.[oa] ./*.so ./*.lo ./*.la ./*.d)
done

configure() { (cd build && ../src/configure -q --cache-file=../cache --without-kbuild CFLAGS=-O0 --prefix=/usr --with-xtlibdir=/usr/lib/xtables "$@" >../out 2>&1); }
refuses() { ! configure "$2" && grep -F -e "$1" out; }
installed() {
	[ ! -d root ] || chmod -R u+w root
	rm -rf root
	make -s -C build >out 2>&1 && make -s -C build install dkms-install DESTDIR="$PWD/root" >out 2>&1 || { tail -n 20 out; return 1; }
}
# what is there, but for what belongs to all
files() { (cd root && find . ! -type d ! -path './usr/src/*' | sed 's/^\.//' | grep -vE '/(xthook[.a-z0-9]*|xtables-anew(\.8)?|xtables-addons\.8)$' | sort | xargs); }
asked() { sed -n "s/^$1='\(.*\)'/\1/p" root/usr/sbin/xtables-anew; }
sections() { sed -n 's/^\.SS //p' root/usr/share/man/man8/xtables-addons.8 | sed -n '1,/^\(Files\|FILES\)/p' | grep -xE "($(extensions | xargs | tr ' ' '|'))" | sort | xargs; }
built_by_dkms() { bash root/usr/src/xtables-anew-*/kernel/build.sh --modules; }

check "an unknown name is refused" refuses "there is no extension nosuch (there are: ACCOUNT " --with-extensions=psd,nosuch
check "a wrong case is" refuses "there is no extension PSD" --with-extensions=PSD
check "so is an empty list" refuses "wants names" --with-extensions=
check "and --without-extensions" refuses "wants names" --without-extensions

check "configure --with-extensions=condition,quota2" configure --with-extensions=condition,quota2
check "builds and installs" installed
expect "plugins and tools of these two" "/usr/bin/xt_quota2_listen /usr/lib/systemd/system/xt_state.service /usr/lib/systemd/system/xt_state_save.service /usr/lib/systemd/system/xt_state_save.timer /usr/lib/xtables/libxt_condition.so /usr/lib/xtables/libxt_quota2.so /usr/sbin/xt_state /usr/share/bash-completion/completions/xt_quota2_listen /usr/share/bash-completion/completions/xt_state /usr/share/man/man1/xt_quota2_listen.1 /usr/share/man/man8/xt_state.8" "$(files)"
expect "the manual has these" "condition quota2" "$(sections)"
expect "doctor asks for these" "condition quota2" "$(asked extensions)"
expect "and for their modules" "xa_addrdb xa_bpf xa_hook xa_named xt_condition xt_quota2" "$(asked modules)"
expect "dkms builds the same" "xa_addrdb xa_bpf xa_hook xa_named xt_condition xt_quota2" "$(built_by_dkms)"

# make install, not into DESTDIR, says which packages own what it has replaced
mkdir bin
printf '%s\n' '#!/bin/sh' '[ "$1" = -S ] || exit 1' 'case $2 in */libxt_condition.so) echo "xtables-addons-common:amd64: $2" ;; *) exit 1 ;; esac' >bin/dpkg
printf '%s\n' '#!/bin/sh' 'for f; do :; done' 'case $f in */xt_quota2_listen) echo other ;; *) echo "file $f is not owned by any package"; exit 1 ;; esac' >bin/rpm
printf '#!/bin/sh\n' >bin/ldconfig
chmod +x bin/*
owned() { PATH=$PWD/bin:$PATH make -s -C build install prefix="$PWD/own" xtlibdir="$PWD/own/x" "$@" 2>&1 | grep '^warning:' | sed "s,$PWD/,,"; }
expect "make install warns of files of packages" "warning: own/x/libxt_condition.so was replaced, which belongs to the package xtables-addons-common:amd64
warning: own/bin/xt_quota2_listen was replaced, which belongs to the package other
warning: an upgrade brings their files back; remove first: xtables-addons-common:amd64 other" "$(owned)"
expect "not with DESTDIR" "" "$(owned DESTDIR="$PWD/stage")"
touch -d '1 day ago' own/x/libxt_condition.so
expect "nor of what it did not write" "warning: own/bin/xt_quota2_listen was replaced, which belongs to the package other" \
	"$(PATH=$PWD/bin:$PATH make -s -C build install-data-hook prefix="$PWD/own" xtlibdir="$PWD/own/x" 2>&1 | grep replaced | sed "s,$PWD/,,")"

sed -i 's/^\(build_.*\)=m/\1=n/; s/^build_ACCOUNT=n/build_ACCOUNT=m/; s/^services=.*/services=/' src/mconfig
check "mconfig: ACCOUNT alone, no services" configure
check "builds and installs that" installed
check_none "only its library, tools, plugin" "$(files | xargs -n1 | grep -vE '/(libxt_ACCOUNT(_cl)?\.|iptaccount|xt_metrics|(lib)?xt_ACCOUNT(_cl)?\.h$)')"
check "all of them" test -e root/usr/sbin/iptaccount -a -e root/usr/lib/libxt_ACCOUNT_cl.so -a -e root/usr/lib/xtables/libxt_ACCOUNT.so
check_none "no xthook" "$(find root -name 'xthook*' ! -path '*/usr/src/*')"
sed -i 's/^build_psd=n/build_psd=m/; s/^build_ACCOUNT=m/build_ACCOUNT=n/' src/mconfig
check "after an edit of mconfig make alone builds" installed
expect "what it names now" "/usr/lib/xtables/libxt_psd.so" "$(files)"
expect "in the manual, too" "psd" "$(sections)"
check_none "each folder that mconfig names for an extension is one of tools" "$(cd "$XA_TOP" && sed -n 's/^tools_[A-Za-z0-9]*=//p' mconfig | tr ' ' '\n' |
	while read -r d; do grep -qxF "XA_TOOL_DIR([$d])" configure.ac || echo "$d"; done)"
