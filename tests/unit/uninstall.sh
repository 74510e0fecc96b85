#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel/build.sh --uninstall takes away the modules of mconfig, those that a distribution
# has compressed as well, and nothing else.
set -u
. "$XA_TOP/tests/hostlib.sh"
rel=6.99-test
kdir=$XA_TMP/kdir
mkdir -p "$kdir/include/config"
echo $rel >"$kdir/include/config/kernel.release"
touch "$kdir/Makefile"
modules=$("$XA_TOP/kernel/build.sh" --modules | xargs -n 1)

# uninstall FOLDER ARG...: below $root
uninstall() {
	local dir=$1
	shift
	INSTALL_MOD_PATH=$root "$XA_TOP/kernel/build.sh" --uninstall "$kdir" "$XA_TMP/out" INSTALL_MOD_DIR="$dir" "$@"
}

for suffix in .ko .ko.gz .ko.xz .ko.zst; do
	root=$XA_TMP/root$suffix
	dir=$root/lib/modules/$rel
	for m in $modules; do
		mkdir -p "$dir/updates" "$dir/extra"
		touch "$dir/updates/$m$suffix" "$dir/extra/$m$suffix"
	done
	touch "$dir/updates/xt_foreign$suffix" "$dir/updates/xt_condition$suffix.old" "$dir/modules.order"
	printf '#!/bin/sh\necho "$@" >%s\n' "$root/depmod.args" >"$root/depmod"
	chmod +x "$root/depmod"
	check "*$suffix: --uninstall" uninstall updates DEPMOD="$root/depmod"
	check_none "*$suffix: all modules are gone" "$(find "$dir/updates" -type f -printf "%f\n" | grep -vxE "xt_foreign$suffix|xt_condition$suffix\.old")"
	check "*$suffix: other files are left alone" test -e "$dir/updates/xt_foreign$suffix" -a -e "$dir/updates/xt_condition$suffix.old"
	check_none "*$suffix: another folder is left alone" "$(diff <(sort <<<"$modules") <(ls "$dir/extra" | sed "s/$suffix\$//" | sort))"
	check "*$suffix: depmod was run" grep -qxF -e "-b $root $rel" "$root/depmod.args"
done
