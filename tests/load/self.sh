#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each module that mconfig asks for can be loaded, is held by nobody but those that
# stand on it, and can be unloaded.
. "${0%/*}/../lib.sh"

mconfig=${XA_MCONFIG:-${XA_TESTS%/*}/mconfig}

# wanted: what mconfig asks for, engines first
wanted()
{
	{
	sed -n 's/^services=//p' "$mconfig" | tr ' ' '\n' | sed 's/^/0 xa_/'
	sed -n 's/^build_\([^=]*\)=m/\1/p' "$mconfig" | while read -r name; do
		sed -n "s/^engines_$name=//p" "$mconfig" | tr ' ' '\n' | sed 's/^/0 xa_/'
		echo "1 xt_$name"
	done
	} | sort -u | cut -d' ' -f2
}

# holders NAME: modules that stand on it
holders()
{
	awk -v name="$1" '$1 == name { n = split($4, h, ","); if ($4 != "-") print n - 1; else print 0 }' \
		/proc/modules
}

modules=
for name in $(wanted); do
	if modinfo "$name" >/dev/null 2>&1 || ! sed -n 's/^with_btf=//p' "$mconfig" | grep -qw "${name#xa_}"; then
		modules="$modules $name"
	else
		skip_part "$name was left out: no BTF for it, or no kfuncs in this kernel"
	fi
done
for name in $modules; do
	expect_ok "$name is loaded" modprobe "$name"
done
for name in $modules; do
	expect "$name is held by those that stand on it" "$(holders "$name")" \
		"$(awk -v name="$name" '$1 == name { print $3 }' /proc/modules)"
done
# /proc/modules begins with the last one that was loaded, so with users.
for name in $(awk '{ print $1 }' /proc/modules); do
	case " $modules " in
	*" $name "*)	expect_ok "$name is unloaded" mod_gone "$name" ;;
	esac
done
finish
