# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What this tree brings into the guest: modules, plugins, tools, tests.
# Sourced by run.

# kernel_info NAME: into RELEASE, VMLINUX, KDIR, KMODS, MODDIR, MAKEARGS
kernel_info()
{
	local info

	"$VM_DIR/kernel" "$1" || return
	info=$VM_CACHE/kernel/$1/current
	info=$(readlink -f "$info")/info
	RELEASE=$(cat "$info/release")
	VMLINUX=$(cat "$info/vmlinux")
	KDIR=$(cat "$info/kdir")
	KMODS=$(cat "$info/kmods")
	MODDIR=$(cat "$info/moddir")
	mapfile -t MAKEARGS <"$info/makeargs"
}

# One word for this checkout: others of the same machine build elsewhere.
tree_key()
{
	hash_of <<<"$TOP"
}

# One word for the state of files and folders below the tree.
state_of()
{
	(cd "$TOP" && find "$@" -type f ! -name '*.[oa]' -print0 2>/dev/null |
		LC_ALL=C sort -z | xargs -0 sha256sum) | hash_of
}

# cross_env COMMAND...: with a compiler for the guest's architecture
cross_env()
{
	local root=$VM_CACHE/image-$ARCH/root

	if [ -z "$FOREIGN" ]; then
		"$@"
		return
	fi
	# those of this machine do not know the architecture, and the compiler names its
	# linker by a path that lacks the libraries it needs
	if [ -n "$CROSS" ]; then
		local -x LD=${CROSS}ld NM=${CROSS}nm AR=${CROSS}ar RANLIB=${CROSS}ranlib \
			STRIP=${CROSS}strip OBJDUMP=${CROSS}objdump
	fi
	XA_HOST=$TRIPLET CC="$CC --sysroot=$root" PKG_CONFIG_SYSROOT_DIR=$root \
		PKG_CONFIG_LIBDIR=$root/usr/lib/$TRIPLET/pkgconfig:$root/usr/share/pkgconfig "$@"
}

# stage_user ROOT: plugins, tools, tests, as tests/stage.sh lays them out.
stage_user()
{
	local dir state key

	key=$(tree_key)${FOREIGN:+-$ARCH}
	dir=$VM_CACHE/user/$key
	mkdir -p "$dir"
	lock "user-$key"
	state=$(state_of configure.ac Makefile.am mconfig include \
		$(cd "$TOP" && dirname -- */Makefile.am) tests demo README.md doc)
	if [ "$(cat "$dir/state" 2>/dev/null)" != "$state" ]; then
		step "building plugins and tools"
		rm -rf "$dir/stage" "$dir/state"
		cross_env logged "$dir/log" "$TOP/tests/stage.sh" "$dir/build" "$dir/stage" || return
		echo "$state" >"$dir/state"
	fi
	mkdir -p "$1" && cp -a "$dir/stage/." "$1/"
	unlock
}

# The lines of build.sh, and of what it refers to.
build_trouble()
{
	local f

	tail -n 20 "$1"
	for f in $(sed -n 's/.*, see \(.*\))$/\1/p' "$1"); do
		grep -m1 -A12 -E 'error|warning|ERROR' "$f"
	done
}

# btf_parts: for modules with BTF, which kbuild makes only where it has the kernel's.
# Debian's headers are without, and those of 6.1 without the program.
btf_parts()
{
	[ -z "$FOREIGN" ] || return 0
	export XA_VMLINUX=$VMLINUX
	[ -x "$KDIR/tools/bpf/resolve_btfids/resolve_btfids" ] && return
	export RESOLVE_BTFIDS
	RESOLVE_BTFIDS=$("$VM_DIR/kernel" --btfids) && return
	# without it xa_bpf is left out, as where the kernel has no BTF; which must not stay so
	msg "no resolve_btfids for the modules of $RELEASE"
	return 1
}

# Our modules, built strictly: what does not build, or not without a warning, is an error here.
build_modules()
{
	local out=$1 state

	state=$(state_of mconfig include kernel)
	[ "$(cat "$out/state" 2>/dev/null)" != "$state" ] || return 0
	step "building the modules for $RELEASE"
	# what a build that failed has left is no part of the next
	[ -e "$out/state" ] || find "$out" -mindepth 1 -delete
	rm -f "$out/state"
	btf_parts || return
	"$TOP/kernel/build.sh" --strict "$KDIR" "$out" "${MAKEARGS[@]}" KCFLAGS=-Werror \
		>"$out.log" 2>&1 || { build_trouble "$out.log" >&2; return 1; }
	grep -A8 -E 'warning:|^left out' "$out.log" >&2
	echo "$state" >"$out/state"
}

# build_extra DIR OUT: the modules of a folder with a Kbuild file
build_extra()
{
	mkdir -p "$2"
	find "$2" -maxdepth 1 -type l -delete
	ln -s "$1"/Kbuild "$1"/*.[ch] "$2/"
	make -s -C "$KDIR" M="$2" "${MAKEARGS[@]}" modules >"$2.log" 2>&1 ||
		{ tail -n 25 "$2.log" >&2; return 1; }
}

# stage_modules WORK ROOT [DIR...]: modules into updates/, and the depmod
# files of the whole tree, which replace those of the kernel's archive.
stage_modules()
{
	local out lib=usr/lib/modules/$RELEASE updates=$2/usr/lib/modules/$RELEASE/updates dir

	lock "modules-$(tree_key)-$KERNEL"
	out=$VM_CACHE/modules/$(tree_key)/$RELEASE
	mkdir -p "$out" "$updates" "$1/depmod/usr/lib/modules"
	build_modules "$out" || return
	cp -L "$out"/*.ko "$updates/" || return
	for dir; do
		[ "$dir" != "$1" ] && [ "$dir" != "$2" ] || continue
		build_extra "$(readlink -f "$dir")" "$out.${dir##*/}" &&
			cp "$out.${dir##*/}"/*.ko "$updates/" || return
	done
	unlock
	# links serve depmod as well as copies
	cp -rs "$MODDIR/lib/modules/$RELEASE" "$1/depmod/usr/lib/modules/" &&
		cp -rs "$updates" "$1/depmod/$lib/" || return
	find "$1/depmod/$lib" -maxdepth 1 -name 'modules.*' ! -name '*builtin*' \
		! -name modules.order -delete
	depmod -b "$1/depmod/usr" "$RELEASE" &&
		cp "$1/depmod/$lib"/modules.{dep,alias,symbols,softdep,devname}* "$2/$lib/"
}

# add_libraries ROOT: libraries of what was staged which the base lacks
add_libraries()
{
	local f lib have=$VM_CACHE/image/inputs

	[ -z "$FOREIGN" ] || return 0
	find "$1/usr" "$1/xa/bin" -type f ! -name '*.ko' -perm -u+x 2>/dev/null |
		while read -r f; do
			LD_LIBRARY_PATH=$1/usr/lib ldd "$f" 2>/dev/null
		done | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | sort -u |
		grep -v "^$1/" | while read -r lib; do
			grep -qxF "$lib" "$have" && continue
			f=$1/usr/lib/x86_64-linux-gnu/${lib##*/}
			mkdir -p "${f%/*}" && cp -L "$lib" "$f"
		done
}
