#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# owned - warns of files of packages that make install has replaced
#
#	doctor/owned.sh STAMP DIR...
#
# Looks at the files of DIRs, not of their folders, that are newer than STAMP and
# have names of ours. Packages bring their own files back when they are upgraded.

stamp=$1
shift

# owner FILE: the package, empty if none
owner()
{
	p=$(dpkg -S "$1" 2>/dev/null | sed 's/: .*//' | head -n 1)
	[ -n "$p" ] || p=$(rpm -qf --qf '%{NAME}\n' "$1" 2>/dev/null | grep -v 'not owned' | head -n 1)
	echo "$p"
}

warned=''
for dir; do
	for f in "$dir"/libxt_* "$dir"/xt_* "$dir"/xtables-a* "$dir"/iptaccount* "$dir"/pknlusr* "$dir"/knock.sh* "$dir"/xthook*; do
		[ -f "$f" ] && [ -n "$(find "$f" -newer "$stamp")" ] || continue
		p=$(owner "$f")
		[ -n "$p" ] || continue
		echo "warning: $f was replaced, which belongs to the package $p" >&2
		case " $warned " in *" $p "*) ;; *) warned="$warned $p" ;; esac
	done
done
[ -z "$warned" ] || echo "warning: an upgrade brings their files back; remove first:$warned" >&2
