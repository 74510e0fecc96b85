#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lay out what a guest needs of this tree: STAGE is put over the guest's root.
#
# usage: tests/stage.sh BUILDDIR STAGE
#
# BUILDDIR is a configured build folder (--without-kbuild). If it is not, it
# is made one: on links to this tree's files, so that a tree which is itself
# configured, or read-only, can be staged too. XA_HOST is another machine's name
# (s390x-linux-gnu), with CC its compiler.
#
#	STAGE/usr/...		what make install installs
#	STAGE/xa/tests		the tests, as in the tree
#	STAGE/xa/extensions	*.t, *.txlate, *.man
#	STAGE/xa/demo		the scenes
#	STAGE/xa/doc		pages whose examples are run
#	STAGE/xa/mconfig
#	STAGE/xa/bin		test tools
#	STAGE/xa/bpf		BPF programs
#
# Modules are the test beds' business.
set -eu

[ $# -eq 2 ] || { sed -n '5s/^# //p' "$0" >&2; exit 2; }
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1" "$2"
build=$(cd "$1" && pwd)
stage=$(cd "$2" && pwd)

# Files of the tree that are sources: not what a build has left there.
sources()
{
	if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
		git -C "$top" ls-files -co --exclude-standard -- "$top"
	elif [ -e "$top/MANIFEST" ]; then
		cat "$top/MANIFEST"
	else
		cd "$top" && find . -type f ! -path './build/*' ! -path '*/.deps/*' ! -path '*/.libs/*' \
			! -name 'config.status' ! -name 'config.log' ! -name 'config.h' \
			! -name 'stamp-h*' ! -name '*.[oa]' ! -name '*.l[oa]' \
			! -name '*.so' ! -name '*.ko' ! -name libtool -printf '%P\n' |
			while read -r f; do
				# made by configure from this
				[ -e "$f.in" ] || [ -e "$f.am" ] || echo "$f"
			done
	fi
}

# A folder of links to the sources. What others made there stays.
mirror()
{
	local f

	find "$build" -type l -lname "$top/*" ! -exec test -e {} \; -delete
	sources | while read -r f; do
		[ -e "$top/$f" ] || continue
		mkdir -p "$build/$(dirname "$f")"
		[ "$build/$f" -ef "$top/$f" ] || ln -sfn "$top/$f" "$build/$f"
	done
}

configure()
{
	local inputs

	[ ! -L "$build/configure.ac" ] && [ -e "$build/config.status" ] && return
	mirror
	cd "$build"
	# a Makefile.am more is a thing that no make rule notices
	inputs=$(find . -name .git -prune -o \( -name configure.ac -o \
		-name '*.am' -o -name autogen.sh \) -print | LC_ALL=C sort |
		xargs sha256sum)
	[ "$inputs" != "$(cat .configured 2>/dev/null)" ] || return 0
	[ ! -e autogen.sh ] || ./autogen.sh
	./configure --without-kbuild --prefix=/usr --sysconfdir=/etc \
		--localstatedir=/var ${XA_HOST:+--host="$XA_HOST"} \
		${XA_HOST:+--with-xtlibdir="/usr/lib/$XA_HOST/xtables"}
	echo "$inputs" >.configured
}

# Programs that the tests run in the guest; built below BUILDDIR.
tools()
{
	make -C "$top/tests" O="$build/tools" -j"${XA_JOBS:-$(nproc)}" ${CC:+CC="$CC"} tools
	mkdir -p "$stage/xa/bin"
	find "$build/tools" -maxdepth 1 -type f -perm -u+x \
		-exec cp {} "$stage/xa/bin/" \;
	rm -rf "$stage/xa/bpf"
	cp -R "$build/tools/bpf" "$stage/xa/bpf"
}

copies()
{
	local f

	mkdir -p "$stage/xa/extensions"
	cp -RL "$top/tests" "$stage/xa/"
	cp -RL "$top/demo" "$stage/xa/"
	mkdir -p "$stage/xa/doc"
	cp "$top/README.md" "$top"/doc/*.md "$stage/xa/doc/"
	cp "$top/mconfig" "$stage/xa/"
	for f in "$top"/extensions/*.{t,txlate,man}; do
		[ ! -e "$f" ] || cp "$f" "$stage/xa/extensions/"
	done
}

# The guest's /bin, /sbin and /lib are links into /usr; so they stay.
merge_usr()
{
	local d

	for d in bin sbin lib lib64; do
		[ -d "$stage/$d" ] && [ ! -L "$stage/$d" ] || continue
		mkdir -p "$stage/usr/$d"
		cp -a "$stage/$d/." "$stage/usr/$d/"
		rm -rf "${stage:?}/$d"
	done
}

configure
make -s -C "$build" -j"${XA_JOBS:-$(nproc)}"
make -s -C "$build" install DESTDIR="$stage"
tools
copies
merge_usr
