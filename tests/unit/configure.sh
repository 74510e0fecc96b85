#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# configure names what is missing and the package that has it.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -x "$XA_TOP/configure" ] || skip "no configure (autogen.sh makes it)"
cd "$XA_TMP" || exit 1
# the tree itself may be configured, and is then refused as a source
mkdir -p src/kernel
ln -s "$XA_TOP/configure" "$XA_TOP/build-aux" src/
ln -s "$XA_TOP/kernel/build.sh" src/kernel/

# refuses PATTERN ARG...: fails, and its last words have PATTERN
refuses() {
	local pattern=$1
	shift
	! src/configure -q "$@" >out 2>&1 && tail -n 6 out | grep -E "$pattern"
}

# without PROGRAM: a PATH that has all but this one
without() {
	mkdir bin.$$ && ln -s /usr/bin/* /bin/* bin.$$/ 2>/dev/null
	rm -f "bin.$$/$1"
	echo "$PWD/bin.$$"
}

declared=$(declare -f refuses)
check "no kernel headers" refuses "apt-get install linux-headers-$(uname -r)" --with-kbuild=/nonexistent
check "no libxtables" env PKG_CONFIG_LIBDIR=/nonexistent bash -c "$declared; refuses 'libxtables-dev' --without-kbuild"
p=$(without pkg-config)
check "no pkg-config" env PATH="$p" bash -c "$declared; refuses 'apt-get install pkg-config' --without-kbuild"
rm -f "$p/automake"
check "autogen.sh without automake" bash -c "cp '$XA_TOP/autogen.sh' . && ! PATH='$p' ./autogen.sh 2>&1 | grep -v 'apt-get install automake'"
