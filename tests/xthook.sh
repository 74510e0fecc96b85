# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# xthook.sh - what the tests of xthook share; sourced behind lib.sh

# hook NS ARGS...: xthook in a namespace
hook()
{
	xa_ns=$1
	shift
	xthook --netns "$(ns_name "$xa_ns")" "$@"
}

# packets NS NUMBER HOOK [OPTIONS]: that rule's counter
packets()
{
	xa_ns=$1 xa_number=$2
	shift 2
	hook "$xa_ns" list -v "$@" | awk -v n="$xa_number" '$1 == n { print $2 }'
}

# nft_rules NS: an nft file from stdin
nft_rules()
{
	in_ns "$1" nft -f - || not_ok "nft takes the recipe"
}

# nft_counter NS NAME [FAMILY]: packets of a counter of the table t
nft_counter()
{
	in_ns "$1" nft list counter "${3:-ip}" t "$2" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

# send PACKET...: from c
send()
{
	in_ns c pkt send -d c0 "$@" >"$XA_TMP/sent" 2>&1 ||
		not_ok "a packet is sent" "$(cat "$XA_TMP/sent")"
}

# iptables_modules: those that are loaded, and that nobody needs who runs nft
iptables_modules()
{
	for module in nft_compat ip_tables ip6_tables; do
		! mod_loaded $module || echo $module
	done
}
