#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# See the extensions work, in a throw-away virtual machine.
set -u
cd "$(dirname "$0")" || exit 1

usage()
{
	cat <<USAGE
usage: ./demo.sh [--kernel NAME] [SCENE...]     play the scenes (all, or 01, 02 ...)
       ./demo.sh [--kernel NAME] --shell        try rules by hand in the machine
       ./demo.sh --list                         the scenes there are

Installs what it needs with apt (Debian 12, as root), builds modules, plugins
and tools, boots a virtual machine with Debian's stock kernel (6.1; or 5.10,
6.12, 7.2), loads the modules there, inserts rules, sends traffic between two
network namespaces and shows what comes out. The kernel and the firewall of
this machine are not touched. What is fetched stays in
${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}.
USAGE
}

list()
{
	local f

	for f in demo/[0-9]*.sh; do
		printf '%-16s %s\n' "$(basename "$f" .sh)" \
			"$(sed -n 's/^title "\(.*\)"$/\1/p' "$f")"
	done
}

# scene names are checked here: a boot is a long wait for a typing error
check_scenes()
{
	local s

	for s; do
		list | awk -v s="$s" '$1 == s || index($1, s "-") == 1 { n++ } END { exit !n }' || {
			echo "demo.sh: there is no scene '$s' (./demo.sh --list)" >&2
			exit 2
		}
	done
}

kernel=6.1 shell='' colour=''
while :; do
	case ${1:-} in
	--kernel)	[ $# -ge 2 ] || { usage >&2; exit 2; }
			kernel=$2; shift 2 ;;
	--shell)	shell=1; shift ;;
	--list)		list; exit ;;
	-h|--help)	usage; exit ;;
	-*)		usage >&2; exit 2 ;;
	*)		break ;;
	esac
done
check_scenes "$@"
if [ -n "$shell" ] && ! { [ -t 0 ] && [ -t 1 ]; }; then
	echo "demo.sh: --shell wants a terminal" >&2
	exit 2
fi
# colours for a terminal only, and not for those who do not want them
[ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || [ "${TERM:-dumb}" = dumb ] || colour=1

sh tests/deps.sh build vm || exit
if [ -n "$shell" ]; then
	XA_QUIET='' exec tests/vm/run --shell \
		--command "XA_COLOUR=$colour exec sh /xa/demo/shell" "$kernel"
fi
tests/vm/run --timeout 600 \
	--command "XA_COLOUR=$colour exec sh /xa/demo/play $*" "$kernel"
rc=$?
case $rc in
0)	echo "Try rules yourself: ./demo.sh --shell" ;;
77)	;;	# it has said what is missing
*)	echo "demo.sh: the demo failed (status $rc)" >&2 ;;
esac
exit "$rc"
