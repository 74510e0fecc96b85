#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Wanted: 20 ns at most. Connection tracking is on in both namespaces. No reply ever
# comes, so every packet is one of a new connection and is looked at in full: more
# work than for an established session, which is known by its mark.
. "${0%/*}/lib.sh"

tracked()
{
	ipt "$family" "$1" -t mangle -A POSTROUTING -m conntrack --ctstate INVALID || return
	xb_side=$1
	shift
	[ "$xb_side" = rules ] || set --
	ipt "$family" "$xb_side" -t mangle -A PREROUTING -p tcp "$@"
}

tracked4='src=10.0.0.0/24 sport=4000-4010 dport=80 proto=tcp flags=0x10 ct=confirm'
tracked6='src=fd00::/120 dst=fd01::1 sport=4000-4010 dport=80 proto=tcp flags=0x10 ct=confirm'
all='--stealth --synscan --cnscan --grscan --mirai'

# shellcheck disable=SC2086 # words
{
	cost_by 'all options' "$tracked4" tracked -m lscan $all
	cost_by 'connmark (the kernel'"'"'s own)' "$tracked4" tracked -m connmark --mark 0
	cost_by '--mirai' "$tracked4" tracked -m lscan --mirai
	family=6
	cost_by 'all options' "$tracked6" tracked -m lscan $all
}
finish
