# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
# What differs from one architecture to the next. Sourced.
#
# A kernel's name ends with its architecture, unless that is amd64: 6.1-s390x. The
# programs of such a guest are Debian's, not this machine's; ours are cross-compiled.

# arch_of NAME: as Debian calls it
arch_of()
{
	case $1 in
	*-i386 | *-arm64 | *-armhf | *-s390x | *-ppc64el | *-riscv64)	echo "${1##*-}" ;;
	*)	echo amd64 ;;
	esac
}

# arch_vars ARCH: into ARCH, TRIPLET (of Debian's compilers and folders), KARCH (of
# kbuild), FLAVOUR_OF (Debian's kernel), QEMU (program and machine), CONSOLE (the only
# channel of the guest; empty on a PC, which has two and a port for its verdict),
# FOREIGN (not this machine's), CROSS (prefix of its compiler; empty: ours, -m32) and
# MEM_OF (MiB that its root and the tests want), DEBIAN_OF (the release that its programs
# are of, and its compiler; empty: this machine's)
arch_vars()
{
	ARCH=$1 CONSOLE='' FOREIGN=1 CROSS='' QEMU=() MEM_OF=1024 DEBIAN_OF=
	case $1 in
	amd64)	TRIPLET=x86_64-linux-gnu KARCH=x86_64 FLAVOUR_OF=amd64 FOREIGN='' ;;
	i386)	TRIPLET=i386-linux-gnu KARCH=i386 FLAVOUR_OF=686-pae ;;
	arm64)	TRIPLET=aarch64-linux-gnu KARCH=arm64 FLAVOUR_OF=arm64 CONSOLE=ttyAMA0
		QEMU=(qemu-system-aarch64 -M virt -cpu cortex-a57) ;;
	armhf)	TRIPLET=arm-linux-gnueabihf KARCH=arm FLAVOUR_OF=armmp-lpae CONSOLE=ttyAMA0
		QEMU=(qemu-system-arm -M virt) ;;
	s390x)	TRIPLET=s390x-linux-gnu KARCH=s390 FLAVOUR_OF=s390x CONSOLE=ttysclp0
		QEMU=(qemu-system-s390x -M s390-ccw-virtio -cpu max) ;;
	ppc64el)	TRIPLET=powerpc64le-linux-gnu KARCH=powerpc FLAVOUR_OF=powerpc64le
		QEMU=(qemu-system-ppc64 -M pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken)
		CONSOLE=hvc0 MEM_OF=3072 ;;
	riscv64) TRIPLET=riscv64-linux-gnu KARCH=riscv FLAVOUR_OF=riscv64 CONSOLE=ttyS0
		QEMU=(qemu-system-riscv64 -M virt) DEBIAN_OF=trixie ;;
	esac
	case $1 in
	amd64 | i386)	CC=gcc ;;
	*)	CROSS=$VM_CACHE/compiler/$1/bin/$TRIPLET- CC=${CROSS}gcc ;;
	esac
	[ "$1" != i386 ] || CC='gcc -m32'
}

# cross_compiler: fetch it. Debian's packages of cross compilers and gcc-multilib, which
# other tests want, exclude each other on a machine; in a folder they do not.
# A shell of its own: the lock is beside that of a kernel.
cross_compiler()
(
	dir=$VM_CACHE/compiler/$ARCH APT_ARCH=amd64
	[ -n "$CROSS" ] && [ ! -e "$dir/ready" ] || return 0
	lock "cross-$ARCH"
	debian=${DEBIAN_OF:-$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")}
	apt_open "$debian" || return
	if [ -n "$DEBIAN_OF" ]; then
		version=$(apt_run "$debian" apt-cache pkgnames gcc- |
			sed -n "s/^gcc-\([0-9]*\)-$TRIPLET\$/\1/p" | sort -n | tail -n1)
	else
		version=$(gcc -dumpversion) version=${version%%.*}
	fi
	step "fetching a compiler for $ARCH"
	rm -rf "$dir" && mkdir -p "$dir/bin" || return
	debs=("gcc-$version-$TRIPLET" "cpp-$version-$TRIPLET" "binutils-$TRIPLET"
		"libgcc-$version-dev-$ARCH-cross" "libgcc-s1-$ARCH-cross")
	apt_fetch "$debian" "$dir/debs" "${debs[@]}" || return
	unpack "$dir" "$dir"/debs/*.deb || return
	# of a newer release: with its libraries
	[ -z "$DEBIAN_OF" ] || newer_libraries "$dir" "$debian" "${debs[*]:0:3}" "$dir/usr/bin" \
		"$dir/usr/$TRIPLET/bin" "$dir"/usr/lib*/gcc-cross || return
	for tool in "$dir/usr/bin/$TRIPLET"-*; do
		tool=${tool##*/}
		cat >"$dir/bin/${tool%-"$version"}" <<-WRAPPER
			#!/bin/sh
			export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu PATH=$dir/usr/bin:\$PATH
			exec $dir/usr/bin/$tool "\$@"
		WRAPPER
	done
	chmod +x "$dir"/bin/*
	rm -rf "$dir/debs"
	touch "$dir/ready"
)

# cross_library: a C library for static programs, and as $CC-static the compiler that
# takes it. It is a root of its own: beside the compiler its linker script would be found
# before that of a guest's root, whatever --sysroot says.
cross_library()
(
	dir=$VM_CACHE/compiler/$ARCH/static APT_ARCH=amd64
	[ ! -e "$dir/ready" ] || return 0
	lock "cross-$ARCH"
	debian=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
	apt_open "$debian" || return
	rm -rf "$dir"
	apt_fetch "$debian" "$dir/debs" "libc6-$ARCH-cross" "libc6-dev-$ARCH-cross" \
		"linux-libc-dev-$ARCH-cross" || return
	unpack "$dir" "$dir"/debs/*.deb || return
	# where any root has them
	mv "$dir/usr/$TRIPLET"/* "$dir/usr/" && rm -rf "$dir/debs" || return
	printf '#!/bin/sh\nexec %s --sysroot=%s "$@"\n' "$CC" "$dir" >"$CC-static"
	chmod +x "$CC-static"
	touch "$dir/ready"
)
