#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xtables-anew.spec makes packages of the tarball of make dist: each file of make install is in
# one of them, and each module in the one of modules.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need rpmbuild rpm
thorough "packages of rpmbuild" || exit 0

version=$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$XA_TOP/include/xa_version.h")
top=$XA_TMP/top
kdir=${XA_KDIRS:-} kdir=${kdir%% *} kmod=()
[ -z "$kdir" ] || rel=$("$XA_TOP/kernel/build.sh" --release "$kdir") || exit 1
[ -z "$kdir" ] || kmod=(--with kmod --define "kernel $rel" --define "kdir $kdir" --define "kernel_package kernel")
tarball() { make -s -C "$XA_BUILD" dist && mv "$XA_BUILD/xtables-anew-$version.tar.xz" "$XA_TMP/"; }
# rpm of Debian knows nothing of Debian's folder of libraries
libdir=$(pkg-config --variable=libdir xtables)
build() {
	rpmbuild -tb --nodeps --define "_topdir $top" --define "_unpackaged_files_terminate_build 1" --define "_libdir $libdir" "${kmod[@]}" "$XA_TMP/xtables-anew-$version.tar.xz"
}
# of PACKAGE: the files in it, but for what rpmbuild and the licences add
of() {
	rpm -qlp "$top"/RPMS/*/"$1-$version"-*.rpm 2>/dev/null | grep -vE '^/usr/(share/(doc|licenses)|lib/\.build-id)(/|$)'
}
packages() { (cd "$top/RPMS" && printf '%s\n' */*.rpm) | sed 's,.*/,,; s/-[0-9].*//' | sort | xargs; }

check "make dist" tarball
check "rpmbuild" build
[ -d "$top/RPMS" ] || exit 1
expect "the packages" "libxt_ACCOUNT_cl libxt_ACCOUNT_cl-devel xtables-anew xtables-anew-dkms${kdir:+ xtables-anew-kmod}" "$(packages)"

# rpmbuild itself has compared the lists with what make install has laid down: each name stands for
# a file, and each file is named
files() { for p in xtables-anew libxt_ACCOUNT_cl libxt_ACCOUNT_cl-devel xtables-anew-dkms; do of $p; done | sort; }
check_none "no file is in two packages" "$(files | uniq -d)"
expect "the library is alone in its package" "$libdir/libxt_ACCOUNT_cl.so.1 $libdir/libxt_ACCOUNT_cl.so.1.0.0" "$(of libxt_ACCOUNT_cl | xargs)"
check "the sources for dkms have its configuration" grep -x "/usr/src/xtables-anew-$version/dkms.conf" <(of xtables-anew-dkms)
check_none "and all of kernel/" "$(tar -tf "$XA_TMP/xtables-anew-$version.tar.xz" | sed -n 's,^[^/]*/\(kernel/.*[^/]\)$,\1,p' | while read -r f; do
	of xtables-anew-dkms | grep -qx -e "/usr/src/xtables-anew-$version/$f" || echo "$f"; done)"
[ -n "$kdir" ] || { echo "skip $spec: the package of modules: no headers of a kernel of this machine (XA_KDIRS)"; exit; }
optional=$(sed -n 's/^with_btf=//p' "$XA_TOP/mconfig" | xargs -n 1 printf 'xa_%s\n')
check_none "each module is in the one of modules" "$(for m in $("$XA_TOP/kernel/build.sh" --modules); do
	of xtables-anew-kmod | grep -qE "^/lib/modules/$rel/updates/$m\.ko" || grep -qx "$m" <<<"$optional" || echo "$m"; done)"
check_none "and nothing else" "$(of xtables-anew-kmod | grep -vE "^/lib/modules/$rel/updates/x[at]_[A-Za-z0-9]*\.ko" )"
check "which wants a kernel" grep -x kernel <(rpm -qp --requires "$top"/RPMS/*/xtables-anew-kmod-*.rpm 2>/dev/null)
