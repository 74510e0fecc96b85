#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What make dkms-install lays down builds and installs with dkms, in a tree of
# its own.
set -u
. "$XA_TOP/tests/hostlib.sh"
need dkms dkms
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
[ -n "${XA_KDIRS:-}" ] || skip "no headers of a kernel of this machine (XA_KDIRS; Debian: linux-headers-amd64)"
kdir=${XA_KDIRS%% *}
rel=$("$XA_TOP/kernel/build.sh" --release "$kdir") || exit 1
name=$(sed -n 's/^#define PACKAGE_STRING "\(.*\) \(.*\)"/\1\/\2/p' "$XA_BUILD/config.h")
src=$XA_TMP/root/usr/src/${name//\//-}

dkms_() {
	dkms "$@" "$name" -k "$rel" --dkmstree "$XA_TMP/dkms" --sourcetree "$XA_TMP/root/usr/src" \
		--installtree "$XA_TMP/modules" --kernelsourcedir "$kdir" --no-depmod
}
names() { find "$1" -name '*.ko*' -printf '%f\n' | sed 's/\.ko.*//' | sort | xargs; }
all_there() { [ "$(names "$1")" = "$("$XA_TOP/kernel/build.sh" --modules | xargs -n1 | sort | xargs)" ]; }

mkdir -p "$XA_TMP/dkms" "$XA_TMP/modules/$rel"
dkms_install() { make -s -C "$XA_BUILD" "dkms-${1:-install}" DESTDIR="$XA_TMP/root"; }
check "make dkms-install" dkms_install
# part of an earlier release, which would be built as well
echo '#error no longer there' >"$src/kernel/xt_ACCOUNT_stray.c"
check "make dkms-install again" dkms_install
check_none "leaves nothing of the one before" "$(ls "$src/kernel/xt_ACCOUNT_stray.c" 2>/dev/null)"
check_none "lays down what the tree has" "$(diff <(cd "$XA_TOP" && find kernel include -type f ! -name '*.[od]*' | sort) \
	<(cd "$src" && find kernel include -type f | sort))"
own_tree_is_kept() {
	mkdir -p "$XA_TMP/own/usr/src" && ln -s "$XA_TOP" "$XA_TMP/own/usr/src/${name//\//-}" || return
	for verb in install uninstall; do
		! make -s -C "$XA_BUILD" dkms-$verb DESTDIR="$XA_TMP/own" || return
	done
	[ -e "$XA_TMP/own/usr/src/${name//\//-}" ]
}
check "a tree that was unpacked there is not removed" own_tree_is_kept
# shellcheck disable=SC2016 # another shell's
check "dkms is to build it for each new kernel" bash -uc 'kernel_source_dir=; . "$1"; [ "$AUTOINSTALL" = yes ]' - "$src/dkms.conf"
check "dkms add" dkms_ add
# a kernel that is too old is passed over
exclusive=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"/\1/p' "$src/dkms.conf")
read -r -a window < <(sed -n "s/^NAMES='\(.*\)'/\1/p" "$XA_TOP/tests/vm/kernel")
for k in "${window[@]}" 10.0; do check "builds for $k" grep -qE "$exclusive" <<<"$k.0-1-amd64"; done
for k in 4.19 5.4 5.9 3.10; do check_none "passes $k over" "$(grep -E "$exclusive" <<<"$k.0-1-amd64")"; done
# unit/modules has built the same sources
thorough "dkms build" || exit 0
check "dkms build" dkms_ build
check "all modules of mconfig" all_there "$XA_TMP/dkms"
# what dkms compares with modules of other packages
versions() { find "$1" -name '*.ko*' -exec modinfo -F version {} \; | sort | uniq -c | xargs; }
all_have_the_version() { [ "$(versions "$1")" = "$("$XA_TOP/kernel/build.sh" --modules | wc -w) ${name#*/}" ]; }
check "each with the version of the package" all_have_the_version "$XA_TMP/dkms"
# one that cannot be built does not take the others along
check "dkms unbuild" dkms_ unbuild
echo '#error broken on purpose' >>"$src/kernel/xt_condition.c"
builds_and_says_why() { dkms_ build 2>&1 | tee "$XA_TMP/words"; [ "${PIPESTATUS[0]}" = 0 ]; }
check "dkms build, one module broken" builds_and_says_why
check "dkms shows the compiler's words" grep 'error: #error broken on purpose' "$XA_TMP/words"
check "all modules have a file" all_there "$XA_TMP/dkms"
stands_in() { find "$XA_TMP/dkms" -name 'xt_condition.ko*' -exec modinfo -d {} + | grep -q 'left out'; }
check "the broken one says what it is" stands_in
check "stand-ins have the version, too" all_have_the_version "$XA_TMP/dkms"
