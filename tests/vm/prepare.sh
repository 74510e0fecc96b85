# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# From Debian's kernel packages to what a test bed needs. Sourced by kernel.
#
# Everything is laid below one folder P of the cache, as in a machine's root:
#	P/usr/src/linux-headers-*	headers, with paths rewritten to P
#	P/modules/usr/lib/modules	the modules of tests/vm/modules, depmod'd
#	P/modules.cpio			the same as an archive
#	P/vmlinux			the kernel, uncompressed
#	P/toolchain			compiler of a newer release, if needed
#	P/info/*			what --print tells
# P/recipe is written last: without it, P is rubbish of an interrupted run.

# counted up when the steps here change what they make
RECIPE=3

recipe_key()
{
	echo "$RECIPE $(hash_of <"$VM_DIR/modules")"
}

# recipe_of NAME: what a prepared kernel of that name was made by
recipe_of()
{
	case $1 in
	*-kcsan)	echo "$(recipe_key) $(built_key "$1")" ;;
	*)	recipe_key ;;
	esac
}

# unpack DIR DEB...: files of packages, without installing them
unpack()
{
	local dir=$1 deb

	shift
	mkdir -p "$dir"
	for deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir" --keep-directory-symlink \
				--no-same-owner --exclude=./usr/share/doc \
				--exclude=./usr/share/locale \
				--exclude=./usr/share/man || return
	done
}

# The compressed kernel image carries the ELF file after a small loader.
# Decompressors complain about what follows the payload: judge the result.
extract_vmlinux()
{
	local image=$1 out=$2 magic tool at

	while read -r magic tool; do
		for at in $(LC_ALL=C grep -aboP "$magic" "$image" | cut -d: -f1); do
			# shellcheck disable=SC2086 # the tool has options
			tail -c +$((at + 1)) "$image" | $tool >"$out" 2>/dev/null
			[ "$(head -c4 "$out" | tail -c3)" = ELF ] && return
		done
	done <<'TOOLS'
\xFD7zXZ\x00 xz -dc --single-stream
\x28\xB5\x2F\xFD zstd -dc
\x1F\x8B\x08 gzip -dc
\x02\x21\x4C\x18 lz4 -dc
TOOLS
	msg "no kernel found in $image"
	return 1
}

# kernel_of IMAGE FILE: what qemu boots; other machines do not mind a compressed one
kernel_of()
{
	if [ -n "$FOREIGN" ]; then
		cp "$1" "$2"
	else
		extract_vmlinux "$1" "$2"
	fi
}

# The modules wanted and those they depend on, as paths below RELEASE/.
choose_modules()
{
	local dir=$1 pattern args=()

	while read -r pattern; do
		args+=(-o -path "kernel/$pattern.ko*")
	done < <(grep -v '^#' "$VM_DIR/modules")
	(cd "$dir" && find kernel -type f \( "${args[@]:1}" \) \
		! -name '*test*' ! -name '*kunit*' >wanted)
	awk -F: 'NR == FNR { want[$1]; next }
		$1 in want { print $1; n = split($2, d, " ");
			for (i = 1; i <= n; i++) print d[i] }' \
		"$dir/wanted" "$dir/modules.dep" | sort -u
}

# prepare_modules P RELEASE: from P/image, all modules, to P/modules.
prepare_modules()
{
	local p=$1 release=$2 from to f

	from=$p/image/lib/modules/$release
	[ -d "$from" ] || from=$p/image/usr/lib/modules/$release
	[ -d "$p/image/lib" ] || ln -s usr/lib "$p/image/lib"
	to=$p/modules/usr/lib/modules/$release
	mkdir -p "$to"
	depmod -b "$p/image" "$release" || return
	for f in $(choose_modules "$from"); do
		mkdir -p "$to/${f%/*}"
		case $f in
		*.xz)	xz -dc "$from/$f" >"$to/${f%.xz}" ;;
		*.zst)	zstd -qdc "$from/$f" >"$to/${f%.zst}" ;;
		*)	cp "$from/$f" "$to/$f" ;;
		esac || return
	done
	cp "$from"/modules.builtin* "$from/modules.order" "$to/" || return
	rm -f "$to"/modules.builtin*.bin
	depmod -b "$p/modules/usr" "$release" &&
		cpio_of "$p/modules" >"$p/modules.cpio"
}

# Debian's headers name their other half by an absolute path.
prepare_headers()
{
	local p=$1 kdir=$1/usr/src/linux-headers-$2

	sed -i "s#\([ =]\)/usr/src/#\1$p/usr/src/#g" "$kdir/Makefile" || return
	# makeargs() names the compiler, which is not one of the machine's
	[ -z "$CROSS" ] || sed -i '/^override CROSS_COMPILE/d' "$kdir/.kernelvariables" || return
	# with this file the build makes BTF, by a pahole of the very release
	[ ! -e "$kdir/vmlinux" ] || mv "$kdir/vmlinux" "$kdir/vmlinux.off"
}

# False if a program of kbuild wants a newer C library than this machine's.
# What signs modules is not asked: nothing here is signed.
kbuild_runs()
{
	! find "$1"/usr/lib/linux-kbuild-*/ -type f -perm -u+x \
		! -name sign-file ! -name extract-cert -exec ldd {} + 2>&1 |
		grep -q 'not found'
}

# False if the kernel was built by a newer compiler than this machine's:
# that one has options which the older does not know.
compiler_serves()
{
	local have

	have=$(gcc -dumpversion 2>/dev/null) && [ "${have%%.*}" -ge "${1#gcc-}" ]
}

# patch_programs LIBDIR DIR...: let programs run on the libraries of their
# own release. RPATH, since RUNPATH does not reach libraries of libraries.
patch_programs()
{
	local lib=$1 f

	shift
	find "$@" -type f -perm -u+x | while read -r f; do
		patchelf --print-interpreter "$f" >/dev/null 2>&1 || continue
		patchelf --set-interpreter "$lib/ld-linux-x86-64.so.2" \
			--force-rpath --set-rpath "$lib" "$f" || return
	done
}

# newer_libraries ROOT DEBIAN PACKAGES DIR...: the programs of that release's packages, which
# are in these folders, get the libraries that they want, in ROOT
newer_libraries()
{
	local APT_ARCH=amd64 root=$1 debian=$2 lib=$1/usr/lib/x86_64-linux-gnu debs

	need patchelf patchelf
	# shellcheck disable=SC2086 # a list
	mapfile -t debs < <(apt_closure "$debian" '(lib|zlib1g).*' $3 | grep -v -- '-cross$')
	apt_fetch "$debian" "$root.debs" "${debs[@]}" && unpack "$root" "$root.debs"/*.deb || return
	rm -rf "$root.debs"
	shift 3
	patch_programs "$lib" "$@"
}

# A wrapper: the compiler finds its own assembler by PATH.
wrap_compiler()
{
	local p=$1 gcc=$2

	mkdir -p "$p/bin"
	cat >"$p/bin/$gcc" <<WRAPPER
#!/bin/sh
PATH=$p/toolchain/usr/bin:\$PATH exec $p/toolchain/usr/bin/x86_64-linux-gnu-$gcc "\$@"
WRAPPER
	chmod +x "$p/bin/$gcc"
}

# The kernel comes from a newer Debian: its own compiler and libraries.
prepare_toolchain()
{
	local p=$1 debian=$2 gcc=$3 debs lib=$1/toolchain/usr/lib/x86_64-linux-gnu

	need patchelf patchelf
	step "fetching $gcc of Debian $debian"
	mapfile -t debs < <(apt_closure "$debian" \
		'(binutils|cpp|gcc|lib|pahole|zlib1g).*' \
		"$gcc-x86-64-linux-gnu" pahole "${LINUX_DEBS[@]}" |
		grep -vE '^(lib(asan|hwasan|itm|lsan|tsan|ubsan|quadmath|gomp)[0-9]|libc-gconv|gcc-[0-9]+-base|gcc-[0-9]+-for|cpp-[0-9]+-for)')
	apt_fetch "$debian" "$p/debs/gcc" "${debs[@]}" || return
	unpack "$p/toolchain" "$p"/debs/gcc/*.deb || return
	[ -e "$lib/ld-linux-x86-64.so.2" ] ||
		ln -s "$p/toolchain/lib64/ld-linux-x86-64.so.2" "$lib/"
	patch_programs "$lib" "$p/toolchain/usr/bin" \
		"$p"/toolchain/usr/lib*/gcc "$p"/usr/lib/linux-kbuild-* || return
	wrap_compiler "$p" "$gcc"
}

# The compiler that the kernel was built with, as Debian names it.
compiler_of()
{
	sed -n 's/^CONFIG_CC_VERSION_TEXT="\([a-z0-9_-]*-linux-gnu[a-z]*-\)*\(gcc-[0-9]*\).*/\2/p' \
		"$1/usr/src/linux-headers-$2/.config"
}

# Arguments for make, one a line.
makeargs()
{
	local p=$1 gcc=$2 t=$1/toolchain/usr/bin/x86_64-linux-gnu tool

	if [ -n "$FOREIGN" ]; then
		printf '%s\n' "ARCH=$KARCH" ${CROSS:+"CROSS_COMPILE=$CROSS"} "CC=${CROSS}gcc"
	elif [ -d "$p/toolchain" ]; then
		echo "CC=$p/bin/$gcc"
		for tool in ld ar nm objcopy objdump readelf strip; do
			echo "${tool^^}=$t-$tool"
		done
		echo "PAHOLE=$p/toolchain/usr/bin/pahole"
	else
		command -v "$gcc" >/dev/null || gcc=gcc
		echo "CC=$gcc"
	fi
}

write_info()
{
	local p=$1 release=$2 gcc=$3

	mkdir -p "$p/info"
	echo "$release" >"$p/info/release"
	echo "$p/usr/src/linux-headers-$release" >"$p/info/kdir"
	echo "$p/vmlinux" >"$p/info/vmlinux"
	echo "$p/modules.cpio" >"$p/info/kmods"
	echo "$p/modules/usr" >"$p/info/moddir"
	makeargs "$p" "$gcc" >"$p/info/makeargs"
	echo "$p" >"$p/prefix"
}

# Names of the packages of a kernel, into LINUX_DEBS: headers with what
# they need, and the image, in one package or (7.x) in several. The signed
# image is taken where there is one, as machines have it.
linux_packages()
{
	local debian=$1 release=$2 image=linux-image-$2 other

	other=$image-unsigned
	apt_run "$debian" apt-cache pkgnames "$image" | grep -qxF "$image" ||
		{ image=$other; other=; }
	# + in a release is no operator
	mapfile -t LINUX_DEBS < <(apt_closure "$debian" \
		"linux-(kbuild-.*|headers-.*|(base|binary|modules|image)-.*${release//+/\\+}.*)" \
		"linux-headers-$release" "$image" | grep -vxF -e "$other")
}

# Packages to files, up to P/info.
build_prefix()
{
	local p=$1 debian=$2 release=$3 gcc image

	unpack "$p" "$p"/debs/linux-@(headers|kbuild)*.deb &&
		unpack "$p/image" "$p"/debs/linux-@(base|binary|modules|image)*.deb ||
		return
	# vmlinux-RELEASE on ppc64el
	image=$(find "$p/image" -path '*/boot/vmlinu[xz]-*' -type f | head -n1)
	[ -n "$image" ] || { msg "no kernel in the packages of $release"; return 1; }
	kernel_of "$image" "$p/vmlinux" &&
		prepare_modules "$p" "$release" &&
		prepare_headers "$p" "$release" || return
	gcc=$(compiler_of "$p" "$release")
	if [ -n "$FOREIGN" ]; then
		kbuild_runs "$p" || newer_libraries "$p/toolchain" "$debian" \
			"$(printf '%s\n' "${LINUX_DEBS[@]}" | grep '^linux-kbuild-')" \
			"$p"/usr/lib/linux-kbuild-* || return
	else
		compiler_serves "$gcc" && kbuild_runs "$p" ||
			prepare_toolchain "$p" "$debian" "$gcc" || return
	fi
	write_info "$p" "$release" "$gcc"
}

# fetch_kbuild DEBIAN DIR: the programs of kbuild for this machine, not for the kernel's
fetch_kbuild()
{
	local APT_ARCH=amd64

	rm -f "$2"/linux-kbuild-*.deb
	apt_open "$1" && apt_fetch "$1" "$2" \
		"$(printf '%s\n' "${LINUX_DEBS[@]}" | grep '^linux-kbuild-')"
}

# prepare NAME DEBIAN RELEASE VERSION
prepare()
{
	local name=$1 debian=$2 release=$3 version=$4 debs p
	local -a LINUX_DEBS

	need cpio cpio; need depmod kmod; need xz xz-utils; need zstd zstd; need lz4 lz4
	need gcc gcc
	cross_compiler || return
	# the old one must stay as it is while others use it
	p=$VM_CACHE/kernel/$name/${release}_${version}_$(recipe_key | tr -d ' ')
	debs=$VM_CACHE/deb/$name/$version
	find "$p" -mindepth 1 -delete 2>/dev/null
	mkdir -p "$p" "$debs"
	p=$(readlink -f "$p")
	linux_packages "$debian" "$release"
	step "fetching kernel $release (Debian $debian)"
	apt_fetch "$debian" "$debs" "${LINUX_DEBS[@]}" || return
	[ -z "$FOREIGN" ] || fetch_kbuild "$debian" "$debs" || return
	ln -s "$debs" "$p/debs"
	step "preparing kernel $release"
	build_prefix "$p" "$debian" "$release" || return
	rm -rf "$p/image" "$p/debs" "$VM_CACHE/deb/$name"
	recipe_key >"$p/recipe"
	publish "$name" "$p"
}
