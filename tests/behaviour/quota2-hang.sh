#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# quota2: who hangs in a counter's file stops nobody else
. "${0%/*}/../lib.sh"
. "${0%/*}/../hang.sh"

module=xt_quota2 file=/proc/net/xt_quota/line verbs='read write' text=7
rule='filter INPUT -m quota2 --name line --quota 1000'
is_new()
{
	[ "$(in_ns "$1" cat $file)" = 1000 ]
}
check=is_new
hang_tests 'returned 5' 'returned 1'
