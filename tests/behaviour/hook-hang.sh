#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: somebody hangs in a file of an extension of the kernel's own, whose destructor
# waits for him. A verb holds a lock of generic netlink, so none may wait with it; nor may
# the end of another namespace.
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"
. "${0%/*}/../hang.sh"
# shellcheck disable=SC2034 # of hang.sh
file=/proc/net/ipt_hashlimit/h text=''

# commits NS N [patient]: that many empty rulesets, one after the other; the answers in one line
commits()
{
	# shellcheck disable=SC2046 # words are wanted
	in_ns "$1" hookctl ${3:-} $(yes begin commit | head -n "$2") | grep ^commit | sort | uniq -c | xargs
}

limits='-p udp -m hashlimit --hashlimit-above 1/hour --hashlimit-mode srcip --hashlimit-htable-expire 600000'

# stuck: the rule of namespace a has gone, but for the file
stuck()
{
	ns_new a
	in_ns a ip link set lo up
	# shellcheck disable=SC2086 # words are wanted
	hook a add input -4 $limits --hashlimit-name h -j DROP 2>"$XA_TMP/said" ||
		test_skip "this kernel has no hashlimit: $(cat "$XA_TMP/said")"
	in_ns a pkt send --local 'ip src=127.0.0.1 dst=127.0.0.1 / udp dport=7' >/dev/null
	wait_for 5 in_ns a grep -q . "$file" || xa_die "hashlimit has counted no packet"
	hang a read
	prompt 0 "the rules are deleted" hook a flush
}

ends()
{
	stuck
	{ commits a 40 >"$XA_TMP/commits.new"; mv "$XA_TMP/commits.new" "$XA_TMP/commits"; } &
	xa_pids="$xa_pids $!"
	prompt 0 "a module registers with generic netlink meanwhile" sh -c \
		'rmmod xt_geoip xt_asn xt_GEOMARK xa_bpf xa_addrdb 2>/dev/null; modprobe xa_addrdb'
	expect_ok "commits do not wait" wait_for 20 test -e "$XA_TMP/commits"
	expect_match "commits are refused when too many rulesets wait" "1[0-9] commit 0 2[0-9] commit EAGAIN *" \
		"$(cat "$XA_TMP/commits")"
	prompt 0 "another namespace is made" ns_new b
	xa_namespaces="$xa_namespaces b"
	prompt 0 "rules there" hook b add input -4 -p udp -j DROP
	expect "and commits" "40 commit 0" "$(commits b 40 patient)"
	ns_new w
	ip link add b0 netns "$(ns_name b)" type veth peer name w0 netns "$(ns_name w)"
	hang_ns_del "the other namespace is deleted" b
	prompt 0 "and taken apart" wait_for 15 is_not in_ns w ip link show w0
	hang_end "he comes out" "*"
	expect_ok "then there is room again" wait_for 15 committed a
	expect "for all of them" "40 commit 0" "$(commits a 40 patient)"
}

committed()
{
	[ "$(commits "$1" 1)" = "1 commit 0" ]
}

ends
finish
