#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: somebody hangs in a file of an extension of the kernel's own, whose destructor
# waits for him, with a mutex that all checks of the extension take. A verb holds a lock of
# generic netlink, so none may wait with it; nor may the end of another namespace.
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"
. "${0%/*}/../hang.sh"
# shellcheck disable=SC2034 # of hang.sh
text=''

# commits NS N [patient]: that many empty rulesets, one after the other; the answers in one line
commits()
{
	# shellcheck disable=SC2046 # words are wanted
	in_ns "$1" hookctl ${3:-} $(yes begin commit | head -n "$2") | grep ^commit | sort | uniq -c | xargs
}

committed()
{
	[ "$(commits "$1" 1)" = "1 commit 0" ]
}

# use EXT: of which rules and files are from now on; $rule ends with the option for the name
use()
{
	case $1 in
	hashlimit)
		dir=/proc/net/ipt_hashlimit
		rule='-p udp -m hashlimit --hashlimit-above 1/hour --hashlimit-mode srcip --hashlimit-htable-expire 600000 --hashlimit-name'
		;;
	recent)
		dir=/proc/net/xt_recent
		rule='-p udp -m recent --set --name'
		;;
	esac
	ext=$1 file=$dir/h
}

# add NS NAME: a rule of the extension
add()
{
	# shellcheck disable=SC2086 # words are wanted
	hook "$1" add input -4 $rule "$2" -j DROP
}

# stuck NS: its rule has gone, but for the file
stuck()
{
	ns_new "$1"
	in_ns "$1" ip link set lo up
	add "$1" h 2>"$XA_TMP/said" || test_skip "this kernel has no $ext: $(cat "$XA_TMP/said")"
	in_ns "$1" pkt send --local 'ip src=127.0.0.1 dst=127.0.0.1 / udp dport=7' >/dev/null
	wait_for 5 in_ns "$1" grep -q . "$file" || xa_die "$ext has counted no packet"
	hang "$1" read
	prompt 0 "$ext: the rules are deleted" hook "$1" flush
}

# registers: a module registers with generic netlink
registers()
{
	prompt 0 "$ext: a module registers with generic netlink meanwhile" sh -c \
		'rmmod xt_geoip xt_asn xt_GEOMARK xa_bpf xa_addrdb 2>/dev/null; modprobe xa_addrdb'
}

# Rulesets of some 19 MiB, none of which can be freed: two of 64 MiB have room, and no more
full()
{
	if [ "$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)" -lt 500 ]; then
		skip_part "too little memory for 130 MiB of rules"
		return
	fi
	# 12 times 1984 bytes
	words=$(seq 12 | sed "s/.*/u32:0:$(printf '%03968d' 0)/" | paste -sd, -)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		in_ns a hookctl ext=4:u32:0 begin chain=4:input:0 copies=2 adds=420 "rule=$words" add commit
	done >"$XA_TMP/full"
	case $(cat "$XA_TMP/full") in
	*found=0*)	skip_part "this kernel has no u32" ;;
	*)		expect_range "$ext: so many rulesets of 19 MiB have room that cannot be freed" 5 7 \
				"$(grep -c '^add 0' "$XA_TMP/full")"
			expect_match "$ext: then there is none" "*EAGAIN rule=* what was replaced has not been freed*" \
				"$(oneline "$(cat "$XA_TMP/full")")" ;;
	esac
}

# made NS: another namespace
made()
{
	prompt 0 "$ext: namespace $1 is made" ns_new "$1"
	xa_namespaces="$xa_namespaces $1"
}

# asks NS: for a rule named k; what is answered, and the status, in a file
asks()
{
	add "$1" k >"$XA_TMP/asks.$1.new" 2>&1
	echo "status $?" >>"$XA_TMP/asks.$1.new"
	mv "$XA_TMP/asks.$1.new" "$XA_TMP/asks.$1"
}

# Rules of the same extension, in that namespace and in another one. After a failure he comes out
# at once: whatever follows might wait for him, too.
checks()
{
	made b
	rm -f "$XA_TMP"/asks.*
	for i in a b; do
		asks $i &
		xa_pids="$xa_pids $!"
	done
	wait_for 10 pgrep -x xthook >/dev/null
	registers
	for i in a b; do
		if ! wait_for 20 test -e "$XA_TMP/asks.$i"; then
			not_ok "$ext: a rule of it is not waited for in $i" "it is for 20 seconds"
			bg_stop "$hang_pid"
			finish
		fi
		expect_match "$ext: it is refused in $i" \
			"*$ext: somebody who reads a file of the extension keeps it: try again (Resource *status 1" \
			"$(oneline "$(cat "$XA_TMP/asks.$i" 2>&1)")"
	done
	registers
	prompt 0 "$ext: another rule there" hook b add input -4 -p udp -j DROP
}

# free: the reader has gone
free()
{
	hang_end "$ext: he comes out" "*"
	expect_ok "$ext: what was given up has gone" wait_for 15 is_not in_ns a test -e "$dir/k"
	prompt 0 "$ext: then there is room for the rule again" add a k
	expect_ok "$ext: which has its file" in_ns a test -e "$dir/k"
}

# taken_apart WHAT NS: so it is, whole: the end of the next one waits for that of the one before
taken_apart()
{
	prompt 0 "$1: taken apart" wait_for 15 is_not in_ns w ip link show "w$2"
}

# pair NS: with namespace w
pair()
{
	made "$1"
	ip link add "$1"0 netns "$(ns_name "$1")" type veth peer name "w$1" netns "$(ns_name w)"
}

hashlimits()
{
	use hashlimit
	stuck a
	{ commits a 40 >"$XA_TMP/commits.new"; mv "$XA_TMP/commits.new" "$XA_TMP/commits"; } &
	xa_pids="$xa_pids $!"
	registers
	expect_ok "commits do not wait" wait_for 20 test -e "$XA_TMP/commits"
	expect_match "commits are refused when too many rulesets wait" "1[0-9] commit 0 2[0-9] commit EAGAIN *" \
		"$(cat "$XA_TMP/commits")"
	checks
	expect "and commits" "40 commit 0" "$(commits b 40 patient)"
	free
	expect_ok "commits, too" wait_for 15 committed a
	expect "as many as before" "40 commit 0" "$(commits a 40 patient)"
	expect_ok "$ext: given up in b, too" wait_for 15 is_not in_ns b test -e "$dir/k"
	prompt 0 "$ext: and taken there" add b k
	ns_del a b
}

# No namespace of the kernel's own waits for the mutex of recent.
recents()
{
	use recent
	stuck a
	checks
	ns_new w
	pair d
	pair e
	hang_ns_del "a namespace is deleted that has given up a rule" b
	hang_ns_del "and another one" d
	taken_apart "the other one" d
	hang_ns_del "and one more" e
	taken_apart "the one behind it" e
	full
	free
	ns_del a w
}

# took NS WORD...: hundredths of a second that hookctl takes; its answers in a file
took()
{
	xa_n=$1 from=$(cut -d' ' -f1 /proc/uptime | tr -d .)
	shift
	in_ns "$xa_n" hookctl "$@" >"$XA_TMP/took"
	echo $(($(cut -d' ' -f1 /proc/uptime | tr -d .) - from))
}

# word NS: for hookctl, what the first rule of the extension has: NAME:REVISION:DATA
word()
{
	in_ns "$1" hookctl get | tr ' ' '\n' | sed -n "/^$ext:/{p;q}"
}

# A verb has one patience for all its rules: it does not begin anew with the second one.
patience()
{
	ns_new p b c
	use hashlimit
	add p k
	limits=$(word p)
	use recent
	add p k
	seen=$(word p)
	hook p flush
	exts="ext=4:${limits%:*} ext=4:${seen%:*}"
	stuck a
	reader=$hang_pid
	# shellcheck disable=SC2086 # a list
	once=$(took b $exts begin chain=4:input:0 "rule=$seen" add)
	expect_match "a rule is waited for" "*add EAGAIN rule=0 somebody*" "$(oneline "$(cat "$XA_TMP/took")")"
	use hashlimit
	stuck d
	{ sleep 1.7; kill "$hang_pid"; } &
	# shellcheck disable=SC2086
	twice=$(took c $exts begin chain=4:input:0 "rule=$limits" "rule=$seen" add)
	expect_match "and two" "*add EAGAIN rule=[01] somebody*" "$(oneline "$(cat "$XA_TMP/took")")"
	expect_range "but not longer" 0 $((once + 100)) "$twice"
	wait "$hang_pid"
	bg_stop "$reader"
	ns_del a b c d p
}

# The module goes when what was given up has ended; nobody else waits for that.
unloads()
{
	use recent
	stuck a
	checks
	{ rmmod xa_hook; echo "rmmod $?" >"$XA_TMP/rmmod"; } &
	xa_pids="$xa_pids $!"
	wait_for 10 grep -q '^xa_hook .* Unloading ' /proc/modules || not_ok "the module is being unloaded"
	made f
	hang_end "$ext: he comes out" "*"
	expect_ok "the module can go" wait_for 20 grep -qx "rmmod 0" "$XA_TMP/rmmod"
	ns_del a b f
}

hashlimits
recents
patience
unloads
finish
