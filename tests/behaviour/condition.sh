#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# condition: one variable for all rules of a namespace that name it
. "${0%/*}/../lib.sh"

dir=/proc/net/nf_condition

# value NS NAME: what the file says
value()
{
	in_ns "$1" cat "$dir/$2" 2>&1
}

# set_to NS NAME TEXT: writes TEXT with one write()
set_to()
{
	in_ns "$1" sh -c 'printf %b "$2" | dd of="$1" bs=64 conv=notrunc' sh "$dir/$2" "$3"
}

# hits 4|6 COUNT WHAT: one packet from c to s; the first rule has then seen COUNT
hits()
{
	if [ "$1" = 4 ]; then
		in_ns c ping -c 1 -W 1 10.0.0.2 >/dev/null 2>&1
	else
		in_ns c ping -c 1 -W 1 fd00::2 >/dev/null 2>&1
	fi
	expect_count "$3" "$2" "$1" s filter INPUT 1
}

switching()
{
	ns_pair
	ipt 4 s -A INPUT -m condition --condition door
	ipt 6 s -A INPUT -m condition --condition door
	expect "a new variable is 0" 0 "$(value s door)"
	hits 4 0 "IPv4, 0: no match"
	hits 6 0 "IPv6, 0: no match"
	expect_ok "1 is written" set_to s door '1\n'
	expect "1 is read" 1 "$(value s door)"
	hits 4 1 "IPv4, 1: match"
	hits 6 1 "IPv6, 1: match, one variable for both families"
	expect_ok "0 without a newline is written" set_to s door 0
	hits 4 1 "IPv4, 0 again: no match"
	hits 6 1 "IPv6, 0 again: no match"
}

inverted()
{
	ns_pair
	ipt 4 s -A INPUT -m condition ! --condition door
	hits 4 1 "inverted, 0: match"
	set_to s door 1 2>/dev/null
	hits 4 1 "inverted, 1: no match"
}

# What is not understood is refused and changes nothing.
writes()
{
	ns_new s
	ipt 4 s -A INPUT -m condition --condition door
	set_to s door 1 2>/dev/null
	for text in 2 '0x' '00' '01\n' '\n' ' 0' 'no' '0\n0' '-1' '0\0000'; do
		want=Invalid
		expect_fail "'$text' is refused" set_to s door "$text"
		expect "'$text' changes nothing" 1 "$(value s door)"
	done
	want=Invalid
	expect_fail "4096 bytes are refused" in_ns s \
		dd if=/dev/zero of=$dir/door bs=4096 count=1
	expect "4096 bytes change nothing" 1 "$(value s door)"
}

timed_dir=/proc/net/xt_condition

# Set for a time, the variable changes by itself: once, and only if nothing was written since.
for_a_time()
{
	ns_pair
	ipt 4 s -A INPUT -m condition --condition door
	expect "no time runs" 0 "$(in_ns s cat $timed_dir/door)"
	expect_ok "1 for a day is written" set_to s door '1 86400\n'
	expect "the file reads as ever" 1 "$(value s door)"
	left=$(in_ns s cat $timed_dir/door)
	expect_range "the seconds that are left" 80000 86400 "${left#1 }"
	hits 4 1 "the rule matches"
	expect_ok "without a newline, for as long as can be" set_to s door '1 2147483647'
	for text in '1 0' '1 2147483648' '1 4294967297' '1 -5' '1 +5' '1  5' '1 5x' '1 ' '1\t5' '2 5' '1 5\n\n' \
		'1 5\0000' '1 000000000005\n' ' 1 5'; do
		want=Invalid
		expect_fail "'$text' is refused" set_to s door "$text"
	done
	left=$(in_ns s cat $timed_dir/door)
	expect_range "and changes nothing" 2147400000 2147483647 "${left#1 }"
	expect_ok "1 for a second" set_to s door '1 1'
	expect_ok "then it is 0" wait_for 60 in_ns s grep -qx 0 $dir/door
	expect "and no time runs" 0 "$(in_ns s cat $timed_dir/door)"
	hits 4 1 "the rule does not match any more"
	expect_ok "0 for a second" set_to s door '0 1'
	expect_ok "then it is 1" wait_for 60 in_ns s grep -qx 1 $dir/door
	hits 4 2 "the rule matches again"
	# another time, or none, in place of the one that runs; a second variable tells that that is over
	ipt 4 s -A INPUT -m condition --condition clock
	in_ns s sh -c "echo 0 1 >$dir/door; echo 1 >$dir/door; echo 1 2 >$dir/clock"
	expect_ok "the clock" wait_for 60 in_ns s grep -qx 0 $dir/clock
	expect "a later write ends the time" 1 "$(value s door)"
	in_ns s sh -c "echo 0 1 >$dir/door; echo 0 86400 >$dir/door; echo 1 2 >$dir/clock"
	expect_ok "the clock" wait_for 60 in_ns s grep -qx 0 $dir/clock
	expect "a later time takes its place" 0 "$(value s door)"
	want='rror'
	expect_fail "nothing can be written to the file of the time" in_ns s sh -c "echo 1 >$timed_dir/door"
	expect_ok "rules go while a time runs" ipt 4 s -F INPUT
	expect_files "and take both files along" s $timed_dir ""
	expect_files "both" s $dir ""
	ipt 4 s -A INPUT -m condition --condition door
	in_ns s sh -c "echo 1 86400 >$dir/door"
}

# The seconds that are left are rounded up: a machine that takes a second to read them tries again.
rounded()
{
	ns_new s
	ipt 4 s -A INPUT -m condition --condition door
	for try in 1 2 3 4 5; do
		# shellcheck disable=SC2016 # that shell expands it
		left=$(in_ns s sh -c 'echo 1 1 >$1/door; read -r left <$2/door; echo "$left"' \
			sh $dir $timed_dir)
		[ "$left" != "1 1" ] || break
	done
	expect "of one second there is one left" "1 1" "$left"
}

# clock_of FUNCTION: the numbers of the clocks that its timers stand in, as /proc/timer_list has them
clock_of()
{
	awk -v f=", $1" '$1 == ".index:" { clock = $2 } $1 ~ /^#[0-9]+:$/ && index($0, f) { print clock }' \
		/proc/timer_list
}

# That of the time since boot, suspension included, does not stop; no test suspends a machine.
clock()
{
	ns_new s
	ipt 4 s -A INPUT -m condition --condition door
	expect_ok "a time is set" set_to s door '1 86400'
	if ! grep -q condition_time_over /proc/timer_list 2>/dev/null; then
		skip_part "/proc/timer_list does not have the timer"
		return
	fi
	expect "its timer is of CLOCK_BOOTTIME, run by softirqs" 6 "$(clock_of condition_time_over)"
}

# The file lives as long as a rule names the variable.
lifetime()
{
	ns_new s
	ipt 4 s -A INPUT -m condition --condition door
	ipt 6 s -A FORWARD -m condition ! --condition door
	ipt 4 s -A INPUT -m condition --condition other
	expect "two names, two files" "door other" "$(in_ns s ls $dir | xargs)"
	set_to s door 1 2>/dev/null
	expect_ok "-C finds the rule while the variable is 1" \
		ipt 4 s -C INPUT -m condition --condition door
	expect_ok "-D deletes it" ipt 4 s -D INPUT -m condition --condition door
	expect "another rule keeps the variable and its value" 1 "$(value s door)"
	ipt_save 4 s >"$XA_TMP/saved"
	expect_ok "restoring the saved rules" ipt_restore 4 s <"$XA_TMP/saved"
	expect "the variable survives a restore" 1 "$(value s door)"
	ipt 6 s -F FORWARD
	expect_files "the last rule takes the file along" s $dir other
	ipt 6 s -A FORWARD -m condition --condition door
	expect "and a new rule begins with 0" 0 "$(value s door)"
}

# An open file, and a namespace that goes, leave others alone.
isolation()
{
	ns_pair
	ipt 4 c -A INPUT -m condition --condition door
	ipt 4 s -A INPUT -m condition --condition door
	set_to c door 1 2>/dev/null
	expect "another namespace has a variable of its own" 0 "$(value s door)"
	rm -f "$XA_TMP/open"
	bg c sh -c "exec 3<>$dir/door; touch $XA_TMP/open; sleep 600"
	wait_for 10 test -e "$XA_TMP/open"
	ipt 4 c -F INPUT
	expect_files "an open file does not keep the variable" c $dir ""
	ipt 4 c -A INPUT -m condition --condition door
	expect "nor the name" 0 "$(value c door)"
	ns_del c
	expect "a namespace that goes leaves others alone" 0 "$(value s door)"
}

# Switched while packets flow, made and deleted while others read and write.
races()
{
	ns_pair
	ipt 4 s -A INPUT -m condition --condition door
	bg c ping -f -q 10.0.0.2 >/dev/null
	flood=$bg_pid
	bg s sh -c "while :; do echo 1 >$dir/door; cat $dir/door; echo 0 >$dir/door; done >/dev/null 2>&1"
	writer=$bg_pid
	i=0
	while [ $i -lt 10 ]; do
		ipt 4 s -A INPUT -m condition --condition "n$i"
		ipt 4 s -D INPUT -m condition --condition door
		ipt 4 s -I INPUT -m condition --condition door
		i=$((i + 1))
	done
	bg_stop "$writer"
	bg_stop "$flood"
	expect "all variables are there" 11 "$(in_ns s ls $dir | wc -l)"
	ipt 4 s -F
	expect_files "and go" s $dir ""
}

permissions()
{
	params=/sys/module/xt_condition/parameters
	ns_new s
	ipt 4 s -A INPUT -m condition --condition door
	expect "mode as the manual says" "-rw-r--r--" \
		"$(in_ns s ls -l $dir/door | cut -c 1-10)"
	echo 384 >$params/condition_list_perms	# 0600
	echo 7 >$params/condition_uid_perms
	echo 8 >$params/condition_gid_perms
	ipt 4 s -A INPUT -m condition --condition other
	expect "mode, owner and group are those of the parameters" "-rw------- 7 8" \
		"$(in_ns s ls -ln $dir/other | awk '{ print substr($1, 1, 10), $3, $4 }')"
	expect "a file that exists keeps its own" "-rw-r--r--" \
		"$(in_ns s ls -l $dir/door | cut -c 1-10)"
	for mode in 0 512; do			# 512: 01000
		echo $mode >$params/condition_list_perms
		ipt 4 s -A INPUT -m condition --condition none$mode
		expect "mode $mode: for its owner alone" "-r--------" \
			"$(in_ns s ls -l $dir/none$mode | cut -c 1-10)"
	done
	echo 420 >$params/condition_list_perms	# 0644
	echo 0 >$params/condition_uid_perms
	echo 0 >$params/condition_gid_perms
}

# Owner and group are those of the user namespace that the network namespace is of.
owners()
{
	if [ "$XA_BACKEND" = legacy ]; then
		return	# wants a lock file that only root can write
	fi
	setpriv --reuid 12345 --regid 23456 --clear-groups unshare -U -r -n sh -c '
		iptables-nft -A INPUT -m condition --condition door && echo >"$1" && exec sleep 600' \
		sh "$XA_TMP/owned/on" 2>"$XA_TMP/owned.err" &
	owner=$!
	xa_pids="$xa_pids $owner"
	if ! wait_for 20 test -e "$XA_TMP/owned/on"; then
		not_ok "a user makes a rule in a namespace of his own" "$(cat "$XA_TMP/owned.err")"
		return
	fi
	expect "root of a user namespace owns its files" "12345 23456" \
		"$(stat -L -c '%u %g' "/proc/$owner/net/nf_condition/door")"
	kill -KILL "$owner"
	wait "$owner" 2>/dev/null
}

manual()
{
	ns_pair
	ipt 4 s -A INPUT -m condition --condition maintenance -j DROP
	ipt 6 s -A INPUT -m condition --condition maintenance -j DROP
	expect_ok "before the switch packets pass" in_ns c ping -c 1 -W 10 10.0.0.2
	in_ns s sh -c 'echo 1 >/proc/net/nf_condition/maintenance'
	expect_fail "IPv4 is cut off" in_ns c ping -c 1 -W 1 10.0.0.2
	expect_fail "IPv6 is cut off" in_ns c ping -c 1 -W 1 fd00::2
	ipt 4 s -A FORWARD -m condition ! --condition uplink_ok -j REJECT
	expect "the inverted rule of the manual" \
		'-A FORWARD -m condition ! --condition "uplink_ok" -j REJECT --reject-with icmp-port-unreachable' \
		"$(ipt 4 s -S FORWARD | tail -n 1)"
}

each_backend switching
each_backend inverted
each_backend writes
each_backend for_a_time
XA_BACKENDS=nft each_backend rounded
XA_BACKENDS=nft each_backend clock
each_backend lifetime
each_backend isolation
racing each_backend races
each_backend permissions
mkdir -m 777 "$XA_TMP/owned" && chmod 711 "$XA_TMP" && each_backend owners
each_backend manual

# Rules are in place when the namespace goes.
doomed()
{
	ns_pair
	ipt 4 s -A INPUT -m condition --condition door
	ipt 6 s -A INPUT -m condition ! --condition door
}
each_backend doomed
expect_unload xt_condition
finish
