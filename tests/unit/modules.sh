#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make modules, for each kernel: all modules of mconfig, W=1 and no
# warning; modules_install with its three variables.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need_kernel
PATH=$PATH:/usr/sbin:/sbin

# Those that need BTF are left out where it cannot be made, and by kbuild alone.
optional=$(sed -n 's/^with_btf=//p' "$XA_TOP/mconfig" | xargs -n 1 printf 'xa_%s\n')
modules=$("$XA_TOP/kernel/build.sh" --modules | xargs -n 1 | grep -vxF "$optional")
# kos DIR: names of modules there, but those
kos() { (cd "$1" && printf '%s\n' *.ko | sed 's/\.ko$//' | grep -vxF "$optional" | sort | xargs); }
built_or_named() { if [ -e "$dir/$1.ko" ]; then ! grep -w "$1" "$dir/left-out"; else grep -w "$1" "$dir/left-out"; fi; }
make_() { make --no-print-directory -C "$XA_BUILD" "$@" KDIR="$kdir" KBUILD_ARGS="$args"; }
all_built() { [ "$(kos "$dir")" = "$(sort <<<"$modules" | xargs)" ]; }
no_warning() { ! grep -i warning "$dir/build.log"; }
# depends MODULE OTHER: itself, or what it depends on
depends() {
	local m
	for m in $(modinfo -F depends "$dir/$1.ko" | tr , ' '); do
		[ "$m" != "$2" ] || return 0
		case $m in xa_*) ! depends "$m" "$2" || return 0 ;; esac
	done
	return 1
}
# modinfo of a stock kernel's tree; -b, since that is how depmod was called
found() { modinfo -b "$1" -k "$rel" -n "$2" | grep -qE "/elsewhere/$2\.ko(\.gz|\.xz|\.zst)?\$"; }

# kbuild by itself, as packagers call it, makes the same modules
plain_kbuild() {
	local plain=$XA_TMP/plain
	rm -rf "$plain"
	mkdir -p "$plain"
	cp -RL "$XA_TOP"/{kernel,include,mconfig} "$plain/"
	# shellcheck disable=SC2086 # a list of arguments
	make -j"$(nproc)" -C "$kdir" M="$plain/kernel" $args modules
}
same_modules() { [ "$(kos "$XA_TMP/plain/kernel")" = "$(kos "$dir")" ]; }
same_probes() {
	local m
	for m in $modules; do
		cmp <(nm "$XA_TMP/plain/kernel/$m.ko" | cut -c18- | sort) <(nm "$dir/$m.ko" | cut -c18- | sort) || return
	done
}

# some modules again: in two folders, where they are the same to the bit, and by clang
some_modules() {	# FOLDER ARG...
	local out=$XA_TMP/$1
	shift
	mkdir -p "$out"
	sed 's/^\(build_.*\)=m/\1=n/; s/^build_\(condition\|psd\)=n/build_\1=m/; s/^services=.*/services=/' "$XA_TOP/mconfig" >"$XA_TMP/some"
	XA_MCONFIG=$XA_TMP/some "$XA_TOP/kernel/build.sh" --strict "$kdir" "$out" "$@"
}
same_bits() { local m; for m in xa_named xt_condition xt_psd; do cmp "$XA_TMP/one/$m.ko" "$XA_TMP/another/one/$m.ko" || return; done; }
same_have() { cmp "$XA_TMP/one/have" "$XA_TMP/clang/have"; }

test_some() {
	local without_cc
	# shellcheck disable=SC2086 # a list of arguments
	check "some modules for $rel" some_modules one $args
	# shellcheck disable=SC2086
	check "and in another folder" some_modules another/one $args
	check "are the same" same_bits
	if ! { command -v clang && command -v ld.lld && command -v llvm-ar; } >/dev/null; then
		echo "skip $spec: no clang (Debian: clang lld llvm)"
		return
	fi
	without_cc=$(xargs -n1 <<<"$args" | grep -vE '^(CC|KCFLAGS)=' | xargs)
	# shellcheck disable=SC2086
	check "LLVM=1 builds for $rel" some_modules clang $without_cc LLVM=1
	check "and finds what the kernel has" same_have
}

test_install() {
	local root=$XA_TMP/root.$rel
	rm -rf "$root"
	mkdir -p "$root/lib/modules/$rel"
	touch "$root/lib/modules/$rel"/modules.{order,builtin}
	check "modules_install for $rel" make_ modules_install INSTALL_MOD_PATH="$root" INSTALL_MOD_DIR=elsewhere
	for m in $modules; do
		check "$m is in INSTALL_MOD_DIR and depmod knows it" found "$root" "$m"
	done
	rm -f "$root/lib/modules/$rel/modules.dep"
	check "modules_install with DEPMOD=true" make_ modules_install INSTALL_MOD_PATH="$root" DEPMOD=true
	check "ran no depmod" test ! -e "$root/lib/modules/$rel/modules.dep"
}

# the kernels that this run builds for: the last is the newest of them
wanted() {
	if [ "$(kernels | wc -l)" -lt 2 ] || thorough "all kernels but one" >&2; then
		kernels
	else
		kernels | tail -n 1
	fi
}

while read -r -u 3 kdir args; do
	check "$kdir is a kernel directory" "$XA_TOP/kernel/build.sh" --release "$kdir"
	rel=$("$XA_TOP/kernel/build.sh" --release "$kdir") || continue
	dir=$XA_BUILD/modules/$rel
	args="$args W=1 KCFLAGS=-Werror"
	rm -rf "$dir"
	check "make modules for $rel, W=1 -Werror" make_ modules
	check "all modules of mconfig for $rel" all_built
	for m in $optional; do
		check "$m is built for $rel, or said to be left out" built_or_named "$m"
	done
	check "no warning for $rel" no_warning
	for e in $(extensions); do
		grep -q "^build_$e=m" "$XA_TOP/mconfig" || continue
		for engine in $(sed -n "s/^engines_$e=//p" "$XA_TOP/mconfig"); do
			check "xt_$e depends on xa_$engine" depends "xt_$e" "xa_$engine"
		done
	done
	# on one kernel: newer ones have headers made by a gcc whose flags this clang may not know
	case $rel in 6.1.*) thorough "the same to the bit, and LLVM=1, for $rel" && test_some ;; esac
	if thorough "kbuild alone, for $rel"; then
		check "kbuild alone, for $rel" plain_kbuild
		check "makes all modules" same_modules
		check "from the same symbols" same_probes
	fi
	test_install
done 3< <(wanted)
