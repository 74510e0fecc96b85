#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# condition: who hangs in a variable's file stops nobody else
. "${0%/*}/../lib.sh"
. "${0%/*}/../hang.sh"

module=xt_condition file=/proc/net/nf_condition/door verbs='read write' text=1
rule='filter INPUT -m condition --condition door'
is_new()
{
	[ "$(in_ns "$1" cat $file)" = 0 ]
}
check=is_new
hang_tests 'returned 2' 'returned 1'
