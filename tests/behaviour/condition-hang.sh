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

# refused WHAT: what was opened with the first rule neither takes nor gives anything
refused()
{
	want='nput/output error'
	expect_fail "$1: writing" sh -c 'printf 1 | dd >&5'
	want='nput/output error'
	expect_fail "$1: reading" dd count=1 <&6
}

# A file that is open when the rule goes is no file of the next rule with that name. Whoever
# hangs in it keeps it from being removed, which would close it, too.
left_open()
{
	ns_new a
	hang_rule a
	bg a sleep 600
	opener=$bg_pid
	door=/proc/$opener/net/nf_condition/door
	wait_for 20 test -e "$door"
	exec 5<>"$door" 6<"$door"
	expect_ok "it is open" sh -c 'printf 0 | dd >&5'
	hang a write
	hang_flush a
	refused "the rule has gone"
	hang_rule a
	refused "another has come"
	expect_ok "which has a file of its own" is_new a
	exec 5>&- 6<&-
	hang_end "the write ends" 'returned 1'
	bg_stop "$opener"
}
each_backend left_open
hang_tests 'returned 2' 'returned 1'
