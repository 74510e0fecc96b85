#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The arguments that existing scripts give; the work is xt_pknock_knock's.
usage='usage: knock.sh IPSRC IPDST PORT SECRET'
case ${1-} in
-h|--help)
	echo "$usage"
	echo 'Sends an authenticated knock from IPSRC to PORT of IPDST; see xt_pknock_knock(1).

  -h, --help     this text
  -V, --version  the version'
	exit 0 ;;
-V|--version)
	echo "knock.sh (xtables-anew) 0.2.0"
	exit 0 ;;
-*)
	echo "knock.sh: unknown option $1" >&2
	echo "Try 'knock.sh --help'." >&2
	exit 2 ;;
esac
if [ $# -ne 4 ]; then
	echo "knock.sh: 4 arguments are needed, not $#" >&2
	echo "$usage" >&2
	exit 2
fi
# not as an argument, which everybody on this machine could read
printf '%s\n' "$4" | xt_pknock_knock --bind "$1" --secret-file - "$2" "$3"
