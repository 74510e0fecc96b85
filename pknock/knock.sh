#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The arguments that existing scripts give; the work is xt_pknock_knock's.
if [ $# -ne 4 ]; then
	echo "usage: knock.sh IPSRC IPDST PORT SECRET" >&2
	exit 2
fi
# not as an argument, which everybody on this machine could read
printf '%s\n' "$4" | xt_pknock_knock --bind "$1" --secret-file - "$2" "$3"
