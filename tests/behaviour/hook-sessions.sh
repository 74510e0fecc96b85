#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: rulesets that are begun name extensions, and modules are loaded for them. How many
# at a time, and for how long, is bounded whoever begins them.
. "${0%/*}/../lib.sh"

# A slow /sbin/modprobe that finds nothing, and notes what it is asked for, and when it has ended
slow_modprobe()
{
	was=$(cat /proc/sys/kernel/modprobe)
	printf '#!/bin/sh\necho "+ $*" >>%s/calls\nsleep 0.3\necho "- $*" >>%s/calls\n' "$XA_TMP" "$XA_TMP" >"$XA_TMP/modprobe"
	chmod 755 "$XA_TMP/modprobe"
	: >"$XA_TMP/calls"
	echo "$XA_TMP/modprobe" >/proc/sys/kernel/modprobe
	trap 'echo "$was" >/proc/sys/kernel/modprobe; xa_cleanup' EXIT
}

calls()
{
	grep -c '^+' "$XA_TMP/calls"
}

more_calls()
{
	[ "$(calls)" -gt "$1" ]
}

# hundredths: of seconds since the boot
hundredths()
{
	cut -d' ' -f1 /proc/uptime | tr -d .
}

# no_more: nothing is asked for in a second
no_more()
{
	from=$(calls)
	sleep 1
	[ "$(calls)" -eq "$from" ]
}

# made_up NAME N: so many extensions that do not exist
made_up()
{
	seq -f "ext=4:$1%g:0" "$2" | xargs
}

# begun NS WORD...: what a program says that begins a ruleset
begun()
{
	xa_n=$1
	shift
	oneline "$(in_ns "$xa_n" hookctl "$@" 2>&1)"
}

is_begun()
{
	[ "$(begun "$1" begin)" = 'begin 0' ]
}

# Each program has begun one; none of them ends by itself.
sixteen()
{
	ns_new c s
	owners=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		bg s hookctl begin touch="$XA_TMP/begun.$i" wait="$XA_TMP/never" >"$XA_TMP/begin.$i"
		owners="$owners $bg_pid" last=$bg_pid
		wait_for 20 test -e "$XA_TMP/begun.$i" || not_ok "ruleset $i is begun" "$(cat "$XA_TMP/begin.$i")"
	done
	expect "16 rulesets are begun" 16 "$(grep -lx 'begin 0' "$XA_TMP"/begin.* | wc -l)"
	expect_match "the 17th is refused" "begin EBUSY too many rulesets *" "$(begun s begin)"
	expect "another namespace has its own" "begin 0" "$(begun c begin)"
	# it gives up after 100 tries with pauses, a second at least
	(
		wait_for 20 pgrep -x xthook
		sleep 0.3
		kill "$last"
	) &
	expect_ok "xthook waits a little" xthook --netns "$(ns_name s)" add input -4 -j DROP
	wait $!
	expect_ok "one ends, and there is room" wait_for 10 is_begun s
	for i in $owners; do
		bg_stop "$i"
	done
	ns_del c s
}

# 20 rulesets of 256 extensions from one socket, each of which takes the place of the one before
loop()
{
	ns_new s
	# shellcheck disable=SC2046,SC2086 # lists
	bg s hookctl $(made_up loop 256) $(yes 'begin-only sleep=50' | head -n 20) sleep=1000 begin-only \
		wait="$XA_TMP/never" >"$XA_TMP/loop"
	owner=$bg_pid
	wait_for 20 more_calls 5 || not_ok "modules are looked for" "$(cat "$XA_TMP/loop")"
	from=$(calls) began=$(hundredths)
	wait_for 20 more_calls $((from + 4))
	more=$(($(calls) - from))
	expect_range "one module at a time is looked for" 5 $((($(hundredths) - began) / 30 + 2)) $more
	bg_stop "$owner"
	# one may have begun
	wait_for 1 no_more
	from=$(calls)
	sleep 1.5
	expect "when the owner has ended none is looked for any more" "$from" "$(calls)"
	expect_ok "and there is room" wait_for 10 is_begun s
}

# users N M: so many namespaces of user namespaces wait for so many modules each
users()
{
	owners=
	for i in $(seq "$1"); do
		# shellcheck disable=SC2046 # a list
		unshare -rn hookctl $(made_up "user$i." "$2") begin-only wait="$XA_TMP/never" >/dev/null &
		owners="$owners $!"
		xa_pids="$xa_pids $!"
	done
}

# at_once: so many modules are looked for at the same time for users, at most
at_once()
{
	awk '/_user/ { n += $1 == "+" ? 1 : -1; if (n > most) most = n } END { print most + 0 }' "$XA_TMP/calls"
}

# all_users N: modules are looked for for each of them
all_users()
{
	[ "$(sed -n 's/.*_user\([0-9]*\)\..*/\1/p' "$XA_TMP/calls" | sort -u | wc -l)" -eq "$1" ]
}

users_end()
{
	for i in $owners; do
		bg_stop "$i"
	done
}

# Containers wait for each other, root does not wait for them; and the module can go.
containers()
{
	wait_for 1 no_more
	: >"$XA_TMP/calls"
	users 6 6
	expect_ok "modules are looked for in each namespace" wait_for 30 all_users 6
	expect "in 4 of them at a time" 4 "$(at_once)"
	users_end
	# two minutes, if nobody ends them
	from=$(calls)
	users 6 256
	wait_for 20 more_calls $((from + 8)) || not_ok "modules are looked for" "$(calls)"
	expect_ok "root's own are looked for meanwhile" timeout 20 xa-ns "$(ns_name s)" hookctl ext=4:mark:1 begin
	from=$(date +%s)
	expect_ok "the module can be unloaded" rmmod xa_hook
	expect_range "at once" 0 20 $(($(date +%s) - from))
	users_end
}

unshare -rn true 2>/dev/null || test_skip "there are no user namespaces"
sixteen
# the modules that the tests need
hookctl ext=4:mark:1 begin >/dev/null
slow_modprobe
loop
containers
echo "$was" >/proc/sys/kernel/modprobe
finish
