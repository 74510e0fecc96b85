#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel/build.sh: what does not build on a kernel is left out and named, with
# all that stands on it; the rest is built. Compat probes decide by compiling.
set -u
. "$XA_TOP/tests/hostlib.sh"

module() {	# FILE BODY: a module that says BODY in its init
	cat >"$tree/kernel/$1" <<-END
	// SPDX-License-Identifier: GPL-2.0-only
	#include <linux/module.h>
	${3-}
	static int __init test_init(void) { $2; return 0; }
	module_init(test_init);
	MODULE_DESCRIPTION("test");
	MODULE_LICENSE("GPL");
	END
}

# A tree with the real build files and modules that are broken on purpose
make_tree() {
	tree=$XA_TMP/tree
	mkdir -p "$tree/kernel/compat/probes" "$tree/include"
	cp "$XA_TOP"/kernel/{Kbuild,build.sh} "$tree/kernel/"
	cat >"$tree/mconfig" <<-END
	build_good=m
	build_big=m
	build_badcode=m
	build_badlink=m
	build_leans=m
	build_off=n
	engines_good=sound
	engines_leans=sick
	END
	module xt_good.c 'xa_sound_verb()' 'void xa_sound_verb(void);'
	module xa_sound.c '' 'void xa_sound_verb(void); void xa_sound_verb(void) {} EXPORT_SYMBOL_GPL(xa_sound_verb);'
	module xt_big_main.c 'big_part()' 'int big_part(void);'
	echo '#include <linux/module.h>
	int big_part(void); int big_part(void) { return KBUILD_MODNAME[0]; }' >"$tree/kernel/xt_big_part.c"
	module xt_badcode.c 'this_is_declared_nowhere()'
	module xt_badlink.c 'nobody_exports_this()' 'void nobody_exports_this(void);'
	module xa_sick.c 'return "not a number" * 2'
	module xt_leans.c ''
	module xt_off.c 'this_is_off_and_may_be_wrong()'
	echo '#include <linux/skbuff.h>
	struct sk_buff *probe(struct sk_buff *skb); struct sk_buff *probe(struct sk_buff *skb) { return skb_get(skb); }' \
		>"$tree/kernel/compat/probes/skb_get.c"
	echo '#include <linux/skbuff.h>
	void probe(void); void probe(void) { no_kernel_has_this(); }' \
		>"$tree/kernel/compat/probes/no_such_thing.c"
	printf '#if !defined(XA_HAVE_skb_get) || defined(XA_HAVE_no_such_thing)\n#error probes\n#endif\n' \
		>>"$tree/kernel/xt_good.c"
}

left_out() { grep -q "^left out: $1 ($2" "$XA_TMP/log"; }
not_left_out() { ! grep -q "^left out: $1 " "$XA_TMP/log"; }
modules_are() { [ "$(cd "$out" && echo *.ko)" = "$*" ]; }
stand_in_says() { modinfo -d "$out/$1.ko" | grep -q 'left out'; }
# shellcheck disable=SC2086 # a list of arguments
build() { "$tree/kernel/build.sh" "$@" "$kdir" "$out" $args; }
strict_refuses() { ! build --strict; }

test_kernel() {
	build >"$XA_TMP/log" 2>&1
	check "builds what can be built ($rel)" modules_are xa_sound.ko xt_big.ko xt_good.ko
	check "names what does not compile" left_out xt_badcode "does not build against $rel, see "
	check "keeps what the compiler said" grep -q 'this_is_declared_nowhere' "$out/badcode.log"
	check "names what does not link" left_out xt_badlink "does not build against $rel"
	check "keeps what modpost said" grep -q 'nobody_exports_this' "$out/badlink.log"
	check "names an engine" left_out xa_sick "does not build against $rel"
	check "names what stands on it" left_out xt_leans "needs xa_sick"
	check "knows what is switched off" not_left_out xt_off
	check "--strict refuses" strict_refuses
	check "--stand-in builds" build --stand-in
	check "... something for each one" modules_are xa_sick.ko xa_sound.ko xt_badcode.ko xt_badlink.ko xt_big.ko xt_good.ko xt_leans.ko
	check "... that says what it is" stand_in_says xt_badlink
	check "installs what it built" "$tree/kernel/build.sh" --install "$kdir" "$out" INSTALL_MOD_PATH="$out/root" INSTALL_MOD_DIR=here
	check "into INSTALL_MOD_DIR" test -e "$out/root/lib/modules/$rel/here/xt_big.ko"
	sed -i '/badcode\|badlink\|leans/d' "$tree/mconfig"
	check "--strict takes a sound tree" build --strict
	check "forgets what has gone" modules_are xa_sound.ko xt_big.ko xt_good.ko
}

# What needs BTF: the programs here are stand-ins that leave their marks
make_programs() {
	cat >"$XA_TMP/pahole" <<-'END'
	#!/bin/sh
	for f; do :; done
	echo "pahole $*" >>"${0%/*}/called"
	[ ! -e "${0%/*}/broken" ] || { echo "broken on purpose" >&2; exit 1; }
	echo some types >"${0%/*}/types"
	objcopy --add-section ".BTF=${0%/*}/types" "$f"
	END
	cat >"$XA_TMP/resolve_btfids" <<-'END'
	#!/bin/sh
	[ "$*" = --help ] || echo "resolve_btfids $*" >>"${0%/*}/called"
	END
	chmod +x "$XA_TMP/pahole" "$XA_TMP/resolve_btfids"
	touch "$XA_TMP/types-of-the-kernel"
}
# with NAME=VALUE...: a strict build, with what makes BTF but as said
# shellcheck disable=SC2086 # a list of arguments
with() {
	PAHOLE=$XA_TMP/pahole RESOLVE_BTFIDS=$XA_TMP/resolve_btfids XA_VMLINUX=$XA_TMP/types-of-the-kernel \
		env "$@" "$tree/kernel/build.sh" --strict "$kdir" "$out" $args >"$XA_TMP/log" 2>&1
}
has_btf() { readelf -SW "$out/xa_typed.ko" | grep -q '\.BTF '; }
called_with() { grep "^$1 .*$2 .*xa_typed.ko" "$XA_TMP/called"; }

test_btf() {
	make_programs
	printf 'services=typed\nwith_btf=typed\n' >>"$tree/mconfig"
	module xa_typed.c ''
	check "a kernel without BTF of modules: built without it" with A=
	check "said so" left_out xa_typed "no BTF: $rel has none"
	check "--report says so, too" grep -q 'no BTF: ' <("$tree/kernel/build.sh" --report "$out")
	check "and nothing else is left out" modules_are xa_sound.ko xt_big.ko xt_good.ko
	cp "$tree/kernel/compat/probes/skb_get.c" "$tree/kernel/compat/probes/btf_kfunc.c"
	[ ! -e "$kdir/vmlinux" ] || return 0	# kbuild's business
	check "without pahole" with PAHOLE=/nowhere/pahole
	check "said so" left_out xa_typed "no BTF: pahole not found"
	check "without resolve_btfids" with RESOLVE_BTFIDS=/nowhere/resolve_btfids
	check "said so" left_out xa_typed "no BTF: resolve_btfids not found"
	check "without the kernel's BTF" with XA_VMLINUX=/nowhere/vmlinux
	check "said so" left_out xa_typed "no BTF: that of $rel not found"
	check "and nothing else is left out" modules_are xa_sound.ko xt_big.ko xt_good.ko
	touch "$XA_TMP/broken"
	check "pahole that fails" with A=
	check "said so" left_out xa_typed "no BTF: see $out/typed.log"
	check "with its words" grep -q 'broken on purpose' "$out/typed.log"
	check "is installed without the module" "$tree/kernel/build.sh" --install "$kdir" "$out" INSTALL_MOD_PATH="$out/root" INSTALL_MOD_DIR=there
	check "... the others are" test -e "$out/root/lib/modules/$rel/there/xt_big.ko"
	rm "$XA_TMP/broken" "$XA_TMP/called"
	check "with all parts" with A=
	check "nothing is left out" modules_are xa_sound.ko xa_typed.ko xt_big.ko xt_good.ko
	check "the module has BTF" has_btf
	check "of types that refer to the kernel's" called_with pahole "--btf_base $XA_TMP/types-of-the-kernel"
	check "and its numbers" called_with resolve_btfids "-b $XA_TMP/types-of-the-kernel"
	check "a build with nothing to do" with PAHOLE=/nowhere/pahole
	check "keeps the BTF" has_btf
	echo >>"$tree/kernel/xa_typed.c"
	check "a source that has changed" with A=
	check "has BTF again" has_btf
	check "is installed" "$tree/kernel/build.sh" --install "$kdir" "$out" INSTALL_MOD_PATH="$out/root" INSTALL_MOD_DIR=there
	check "with the others" test -e "$out/root/lib/modules/$rel/there/xa_typed.ko"
}

need_kernel
read -r kdir args < <(kernels)
rel=$("$XA_TOP/kernel/build.sh" --release "$kdir") || exit 1
out=$XA_TMP/modules
make_tree
test_kernel
! thorough "modules that need BTF" || test_btf
