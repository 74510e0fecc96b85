#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Make ./configure from a checkout.
cd "$(dirname "$0")" || exit 1
missing=
need() {	# PROGRAM PACKAGE
	command -v "$1" >/dev/null || missing="$missing $2"
}
need autoconf autoconf
need automake automake
need libtoolize libtool
need pkg-config pkg-config
if [ -n "$missing" ]; then
	echo "autogen.sh: missing. Debian: apt-get install$missing" >&2
	exit 1
fi
exec autoreconf --install --force --warnings=all
