#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: who hangs in a file of a prefix stops nobody else
. "${0%/*}/../lib.sh"
. "${0%/*}/../hang.sh"

module=xt_DNETMAP verbs='read write' text='+10.0.0.1:20.0.0.1'
rule='nat POSTROUTING -j DNETMAP --prefix 20.0.0.0/30'
bindings=/proc/net/xt_DNETMAP/20.0.0.0_30

is_new()
{
	[ "$(in_ns "$1" cat ${bindings}_stat)" = "0 0 4 0 " ] &&
		[ "$(in_ns "$1" cat $bindings | grep -c '^0.0.0.0 -> ')" = 4 ]
}
check=is_new

file=${bindings}_stat verbs=read
each_backend hang_rule_goes read 'returned 9'
# a binding that is written to a prefix without a rule is refused
file=$bindings verbs='read write'
hang_tests 'returned 168' 'returned 18' 'failed: No such file or directory'
