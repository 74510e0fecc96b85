#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# ACCOUNT: a flood of forged sources takes a share of the memory and no more,
# of whoever made the rule; what is not counted is reported as lost
. "${0%/*}/../lib.sh"

budget=/sys/module/xa_budget/parameters

taken()
{
	cat $budget/taken
}

# info NS TABLE KEY: of what `iptaccount --json` says
info()
{
	in_ns "$1" iptaccount --json -l "$2" 2>/dev/null | sed -n "s/.*\"$3\": *\([0-9]*\).*/\1/p" | head -n 1
}

# wide NS: a table of a /8
wide()
{
	ipt 4 "$1" -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname wide
}

# forged NS COUNT DEV: each source needs memory of its own
forged()
{
	in_ns "$1" pkt flood --tun "$3" --count "$2" --src-range 10.0.0.0-10.255.255.255+128 --dst 11.0.0.1 >/dev/null
}

# all_reported NS COUNT WHAT: counted or lost, nothing else
all_reported()
{
	in_ns "$1" iptaccount -s -l wide >"$XA_TMP/out" 2>"$XA_TMP/err"
	counted=$(awk -F ';' '/^10\./ { n += $2 } END { print n + 0 }' "$XA_TMP/out")
	missing=$(sed -n 's/^iptaccount: table "wide": .* count \([0-9]*\) packets.*/\1/p' "$XA_TMP/err")
	expect_range "$3: some are counted" 1 "$2" "$counted"
	expect "$3: the others are reported as lost" $(($2 - counted)) "${missing:-0}"
}

is_taken()
{
	[ "$(taken)" = "$1" ]
}

given_back()
{
	wait_for 30 is_taken "$1"
	expect "all of it is given back" "$1" "$(taken)"
}

# The share of the machine that one extension has in one namespace: 3/64
by_default()
{
	before=$(taken)
	ram=$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)
	if [ "$ram" -gt 8589934592 ]; then
		skip_part "a /8 is no flood for a machine with so much memory"
		return
	fi
	# twice what fits, a page each
	count=$((ram * 3 / 64 / 4096 * 2))
	[ "$count" -le 131072 ] || count=131072
	ns_new s
	wide s
	forged s "$count" t0
	expect_range "a share of the RAM" 1048576 $((ram * 3 / 64)) "$(info s wide memory)"
	expect_range "is what the budget says" "$(info s wide memory)" $((ram * 3 / 64 + 65536)) $(($(taken) - before))
	all_reported s "$count" "a flood"
	udp_known=$(in_ns s iptaccount -s -l wide 2>/dev/null | grep -c '^10\.0\.0\.0;')
	expect "who was there before the flood is still counted" 1 "$udp_known"
	ns_del s
	given_back "$before"
}

# The sum over namespaces, and what one of them may have
limits()
{
	before=$(taken)
	echo 8 >$budget/max_memory
	ns_new a b c
	for ns in a b c; do
		wide $ns
		forged $ns 2000 t0
	done
	expect_range "a namespace has half, an extension three quarters of that" 3000000 3145728 "$(info a wide memory)"
	expect_range "all of them have what the machine allows" 8200000 8388608 "$(taken)"
	all_reported c 2000 "the last one"
	echo 12 >$budget/max_memory
	echo 8 >$budget/max_netns
	forged a 2000 t1
	expect_range "max_netns: more for one" 6000000 6291456 "$(info a wide memory)"
	echo 0 >$budget/max_netns
	ns_del a b c
	given_back "$before"
	echo 0 >$budget/max_memory
}

# Without memory for a page of its own, a CPU counts on that of another one; a small table has
# all of one CPU's from the beginning.
other_cpu()
{
	before=$(taken)
	echo 8 >$budget/max_memory
	ns_new s
	wide s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 11.0.0.0/24 --tname small
	in_ns s taskset -c 0 pkt flood --tun t0 --count 2000 --src-range 10.0.0.0-10.255.255.255+128 --dst 12.0.0.1 >/dev/null
	in_ns s taskset -c 1 pkt flood --tun t1 --count 10 --src-range 10.255.0.0-10.255.0.0 --dst 12.0.0.1 >/dev/null
	expect "there is no memory for another host" "" "$(in_ns s iptaccount -s -l wide 2>/dev/null | grep '^10\.255\.0\.0;')"
	in_ns s taskset -c 1 pkt flood --tun t2 --count 10 --src-range 10.0.0.0-10.0.0.0 --dst 11.0.0.5 >/dev/null
	expect "but one that is known is counted" 11 "$(in_ns s iptaccount -s -l wide 2>/dev/null | sed -n 's/^10\.0\.0\.0;\([0-9]*\);.*/\1/p')"
	expect "and each of a small table" 10 "$(in_ns s iptaccount -s -l small 2>/dev/null | sed -n 's/^11\.0\.0\.5;0;0;\([0-9]*\);.*/\1/p')"
	ns_del s
	given_back "$before"
	echo 0 >$budget/max_memory
}

# Namespaces that unprivileged users made share half of the machine's memory
users()
{
	if ! unshare -rn true 2>/dev/null; then
		skip_part "no user namespaces"
		return
	fi
	before=$(taken)
	echo 16 >$budget/max_memory
	pids=
	for i in 1 2 3; do
		# shellcheck disable=SC2016 # that shell expands it
		unshare -rn sh -c 'ip link set lo up
			iptables-'"$XA_BACKEND"' -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname wide &&
			pkt flood --tun t0 --count 2000 --src-range 10.0.0.0-10.255.255.255+128 --dst 11.0.0.1 >/dev/null
			touch "$1"; exec sleep 600' sh "$XA_TMP/user$i" >"$XA_TMP/out$i" 2>&1 &
		pids="$pids $!"
	done
	wait_for 60 test -e "$XA_TMP/user1" -a -e "$XA_TMP/user2" -a -e "$XA_TMP/user3"
	expect_range "users have half of it together" 6000000 8388608 $(($(taken) - before))
	ns_new s
	wide s
	forged s 2000 t0
	expect_range "and the rest is left to the host" 6000000 6291456 "$(info s wide memory)"
	ns_del s
	# shellcheck disable=SC2086 # a list
	kill $pids
	given_back "$before"
	echo 0 >$budget/max_memory
}

# dense NS DEV: a table of a /8 with all hosts of each page, as many as it may have
dense()
{
	in_ns "$1" pkt flood --tun "$2" --count 65536 --src-range 10.0.0.0-10.0.255.255 --dst 11.0.0.1 >/dev/null
}

more_than()
{
	[ "$(taken)" -gt "$1" ]
}

# What is being read is counted, on its own; and freed when its client has ended
reads()
{
	before=$(taken)
	echo 4 >$budget/max_memory
	ns_new s
	wide s
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 11.0.0.0/24 --tname small
	dense s t0
	expect_range "a table that has all it may have" 1500000 1572864 "$(info s wide memory)"
	filled=$(taken)
	expect "is read, but not twice at the same time" "0 ENOSPC" \
		"$(in_ns s acctool get 74 name=wide -- get 75 name=wide | sed 's/ .*//' | xargs)"
	all_reported s 65536 "nothing is taken by what was refused"
	expect "the memory is back" "$filled" "$(taken)"
	bg s acctool get 74 name=wide -- pause 600000 >/dev/null
	wait_for 30 more_than $((filled + 1900000))
	expect "a small table has room beside it" 0 "$(in_ns s iptaccount -s -l small >/dev/null 2>&1; echo $?)"
	expect "iptaccount says what is in the way" "1 Read failed: Reads that are not finished take the memory there is for them" \
		"$(in_ns s iptaccount -l wide >"$XA_TMP/out" 2>&1; echo "$?" "$(tail -n 1 "$XA_TMP/out")")"
	kill -KILL "$bg_pid"
	wait "$bg_pid" 2>/dev/null
	expect_range "who was killed leaves it behind" $((filled + 1900000)) $((filled + 2200000)) "$(taken)"
	expect "until the next read" "0 $filled" "$(in_ns s iptaccount -s -l small >/dev/null 2>&1; echo $? "$(taken)")"
	echo 1 >$budget/max_memory
	expect "root's only read is not refused" 0 "$(in_ns s iptaccount -s -l wide >/dev/null 2>&1; echo $?)"
	ns_del s
	given_back "$before"
	echo 0 >$budget/max_memory
}

# Unprivileged users together have half of what is there for reads
user_reads()
{
	unshare -rn true 2>/dev/null || return
	before=$(taken)
	echo 4 >$budget/max_memory
	pids=
	for i in 1 2 3; do
		# shellcheck disable=SC2016 # that shell expands it
		unshare -rn sh -c 'ip link set lo up
			iptables-'"$XA_BACKEND"' -t raw -A PREROUTING -j ACCOUNT --addr 10.0.0.0/8 --tname wide &&
			pkt flood --tun t0 --count 65536 --src-range 10.0.0.0-10.0.255.255 --dst 11.0.0.1 >/dev/null
			exec acctool get 74 name=wide -- get 74 name=wide -- pause 600000' >"$XA_TMP/out$i" 2>&1 &
		pids="$pids $!"
		# one after the other
		wait_for 60 grep -q ENOSPC "$XA_TMP/out$i"
	done
	expect "two have read, none twice" "0 ENOSPC 0 ENOSPC ENOSPC ENOSPC" \
		"$(cat "$XA_TMP/out1" "$XA_TMP/out2" "$XA_TMP/out3" | sed 's/ .*//' | xargs)"
	expect_range "tables and copies: half of it each" 3000000 4194304 $(($(taken) - before))
	ns_new s
	wide s
	dense s t0
	expect "the host can read" 0 "$(in_ns s iptaccount -s -l wide >/dev/null 2>&1; echo $?)"
	ns_del s
	# shellcheck disable=SC2086 # a list
	kill $pids
	given_back "$before"
	echo 0 >$budget/max_memory
}

# in_group GROUP CMD...: as a process of that cgroup
in_group()
{
	# shellcheck disable=SC2016 # that shell expands it
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$@"
}

group_field()
{
	sed -n "s/^$2 //p" "$1"
}

# Whoever makes the rule pays, not whoever sends; and nobody is killed
payer()
{
	mkdir -p "$XA_TMP/cg"
	mount -t cgroup2 none "$XA_TMP/cg" 2>/dev/null
	if ! grep -qw memory "$XA_TMP/cg/cgroup.controllers" 2>/dev/null; then
		skip_part "this kernel has no memory controller (cgroup2)"
		umount "$XA_TMP/cg" 2>/dev/null
		return
	fi
	if [ "$(cat $budget/charged)" = N ]; then
		skip_part "this kernel lets no module charge a cgroup in a softirq, or has PREEMPT_RT"
		umount "$XA_TMP/cg"
		return
	fi
	echo +memory >"$XA_TMP/cg/cgroup.subtree_control"
	group=$XA_TMP/cg/$xa_prefix
	mkdir "$group"
	ns_new s
	ns=$(ns_name s)
	in_group "$group" ip netns exec "$ns" "iptables-$XA_BACKEND" -t raw -A PREROUTING \
		-j ACCOUNT --addr 10.0.0.0/8 --tname wide
	before=$(cat "$group/memory.current")
	forged s 2000 t0
	memory=$(info s wide memory)
	expect_range "8 MB of counters" 8000000 9000000 "$memory"
	# with sanitizers an object takes up to twice its size, and the cgroup is charged in advance
	expect_range "are charged to the cgroup of the rule" $((memory * 9 / 10)) $((memory * 3)) \
		$(($(cat "$group/memory.current") - before))
	ns_del s
	ns_new s
	in_group "$group" ip netns exec "$ns" "iptables-$XA_BACKEND" -t raw -A PREROUTING \
		-j ACCOUNT --addr 10.0.0.0/8 --tname wide
	echo $(($(cat "$group/memory.current") + 4194304)) >"$group/memory.max"
	forged s 2000 t0
	expect_range "not more than it has" 1000000 $((4194304 + 1048576)) "$(info s wide memory)"
	expect "nobody is killed for it" 0 "$(group_field "$group/memory.events" oom_kill)"
	all_reported s 2000 "at the cgroup's limit"
	ns_del s
	wait_for 30 rmdir "$group"
	umount "$XA_TMP/cg"
}

modprobe xa_budget 2>/dev/null || test_skip "the module xa_budget cannot be loaded"
ns_new first
wide first
ns_del first
by_default
limits
if [ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ]; then
	racing other_cpu
else
	skip_part "other_cpu: there is one CPU"
fi
users
reads
user_reads
payer
finish
