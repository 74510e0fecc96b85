# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# hang.sh - somebody is inside a file of /proc and does not come out again; who
# is stopped by that? Sourced behind lib.sh, by tests that then call hang_tests
# with what they set:
#
#	module	that has the file
#	file	in /proc/net
#	rule	makes it: TABLE CHAIN WORDS...
#	verbs	read, write or both
#	text	what is written; it is taken by the old object
#	check	a command that is given a namespace: is the file as a new one is?
#
# Nothing here is timed but with the 20 seconds that stand for "never".
# shellcheck disable=SC2154 # it is the tests that set those

# hang NS read|write: somebody is in $file
hang()
{
	hang_ready=$XA_TMP/ready.$1
	rm -f "$hang_ready"
	bg "$1" hang --ready "$hang_ready" "$2" "$file" "$text" >"$XA_TMP/hung" 2>"$XA_TMP/hung.err"
	hang_pid=$bg_pid
	wait_for 20 test -e "$hang_ready" && return
	wait "$hang_pid"
	[ $? -ne 77 ] || test_skip "$(cat "$XA_TMP/hung.err")"
	xa_die "nobody hangs in $file: $(cat "$XA_TMP/hung" "$XA_TMP/hung.err")"
}

# hang_end WHAT RESULT: he comes out, and his call had that result
hang_end()
{
	bg_stop "$hang_pid"
	expect_match "$1" "$2" "$(cat "$XA_TMP/hung")"
}

# prompt STATUS WHAT CMD...: CMD comes back, with 0 or "fail" as STATUS tells
prompt()
{
	hang_status=$1 hang_what=$2
	shift 2
	rm -f "$XA_TMP/status"
	( "$@" >"$XA_TMP/out" 2>&1; echo $? >"$XA_TMP/status.new"; mv "$XA_TMP/status.new" "$XA_TMP/status" ) &
	xa_pids="$xa_pids $!"
	if ! wait_for 20 test -e "$XA_TMP/status"; then
		not_ok "$hang_what" "expected an end, got none in 20 seconds: $*"
		return
	fi
	hang_got=$(cat "$XA_TMP/status")
	[ "$hang_got" = 0 ] || [ "$hang_status" = 0 ] || hang_got=fail
	expect "$hang_what" "$hang_status" "$hang_got"
}

# hang_rule NS: inserts $rule
hang_rule()
{
	# shellcheck disable=SC2086 # words are wanted
	set -- "$1" $rule
	xa_name=$1 xa_table=$2
	shift 2
	ipt 4 "$xa_name" -t "$xa_table" -A "$@"
}

hang_flush()
{
	ipt 4 "$1" -t "${rule%% *}" -F
}

# hang_ns_del WHAT NS: the namespace goes, the processes in it stay
hang_ns_del()
{
	prompt 0 "$1" ip netns del "$(ns_name "$2")"
	hang_left=
	for hang_i in $xa_namespaces; do
		[ "$hang_i" = "$2" ] || hang_left="$hang_left $hang_i"
	done
	xa_namespaces=$hang_left
}

# hang_others WHAT: another namespace with rules of its own is made, and dies
hang_others()
{
	prompt 0 "$1: another namespace is made" ns_new b
	xa_namespaces="$xa_namespaces b"
	prompt 0 "$1: a rule there" hang_rule b
	prompt 0 "$1: which is deleted" hang_flush b
	prompt 0 "$1: and one that stays" hang_rule b
	ip link add b0 netns "$(ns_name b)" type veth peer name w0 netns "$(ns_name w)"
	hang_ns_del "$1: the other namespace is deleted" b
	prompt 0 "$1: and taken apart" wait_for 15 is_not in_ns w ip link show w0
}

# The rule goes while VERB hangs, and comes again.
hang_rule_goes()
{
	ns_new a w
	hang_rule a
	hang a "$1"
	prompt 0 "$1 hangs: the rule is deleted" hang_flush a
	hang_others "$1 hangs"
	prompt 0 "$1 hangs: the same name again" hang_rule a
	prompt 0 "$1 hangs: its file is new" "$check" a
	prompt 0 "$1 hangs: and deleted again" hang_flush a
	prompt 0 "$1 hangs: and once more made" hang_rule a
	prompt 0 "$1 hangs: its file is new again" "$check" a
	prompt 0 "$1 hangs: the last rule goes" hang_flush a
	prompt fail "$1 hangs: the module stays" rmmod "$module"
	hang_end "$1 ends" "$2"
	expect_ok "$1 ends: so does the file" wait_for 10 in_ns a test ! -e "$file"
	prompt 0 "$1 ends: the same name again" hang_rule a
	prompt 0 "$1 ends: its file is new" "$check" a
	hang a "$1"
	prompt 0 "$1 hangs: deleted" hang_flush a
	kill -KILL "$hang_pid"
	expect_ok "$1 is killed: the file goes" wait_for 10 in_ns a test ! -e "$file"
}

# The namespace goes while VERB hangs, with the rule in place.
hang_namespace_goes()
{
	ns_new a w
	hang_rule a
	hang a "$1"
	hang_ns_del "$1 hangs: the namespace is deleted" a
	hang_others "$1 hangs"
	prompt fail "$1 hangs: the module stays" rmmod "$module"
	hang_end "$1 ends" "$2"
}

# hang_tests READ [WRITE [LATE]]: what the calls say once they end; a LATE write
# is one whose rule has gone meanwhile
hang_tests()
{
	for verb in $verbs; do
		case $verb in
		read)	result=$1 late=$1 ;;
		write)	result=$2 late=${3:-$2} ;;
		esac
		each_backend hang_rule_goes "$verb" "$late"
		each_backend hang_namespace_goes "$verb" "$result"
		expect_unload "$module"
	done
	finish
}
