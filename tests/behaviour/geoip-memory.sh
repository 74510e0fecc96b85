#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# geoip-memory: sets of labels stay charged to the control group of who made the
# rules, also when the administrator loads a database; what it cannot pay is
# slower, not wrong, and no matter of the load.
. "${0%/*}/../lib.sh"

grep -qs '^memory\b.*1$' /proc/cgroups || grep -qsw memory /sys/fs/cgroup/cgroup.controllers ||
	test_skip "this kernel has no memory control groups"

root=$XA_TMP/cgroup owner=$XA_TMP/cgroup/xa-owner loader=$XA_TMP/cgroup/xa-loader
parameters=/sys/module/xa_addrdb/parameters

cgroup_gone()
{
	rmdir "$root/xa-owner" "$root/xa-loader" 2>/dev/null
	umount "$root" 2>/dev/null
}

mkdir "$root"
mount -t cgroup2 none "$root" 2>/dev/null || test_skip "no cgroup2 can be mounted"
trap 'cgroup_gone; xa_cleanup' EXIT
grep -qw memory "$root/cgroup.controllers" ||
	test_skip "the memory controller is with control groups of version 1"
echo +memory >"$root/cgroup.subtree_control"

# in_group GROUP CMD...
in_group()
{
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$@"
}

# sleeps: a process of the owner's group is what it will be; sets sleeper
sleeps()
{
	for sleeper in $(cat "$owner/cgroup.procs"); do
		grep -qx sleep "/proc/$sleeper/comm" && return
	done
	return 1
}

# kib GROUP: what it is charged
kib()
{
	echo $(($(cat "$1/memory.current") / 1024))
}

# status WORD
status()
{
	addrctl asn status | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# load LABELS: database of so many numbers, from 16705 on, number N has 20.0.(N - 16705).0/24
load()
{
	expect "a load of $1 numbers" "begin 0 | data 0 | commit 0" \
		"$(oneline "$(in_group "$loader" addrctl asn labels="$1" begin data commit)")"
}

# verdicts WHAT: of the rules for a packet from 20.0.1.1, whose number is that of rule 2
verdicts()
{
	ipt 4 s -t raw -Z PREROUTING
	in_ns c pkt send -d c0 -n 1 "eth dst=02:00:00:00:00:02 / ip src=20.0.1.1 dst=10.0.0.2 / udp dport=9" >/dev/null
	expect_count "$1: the number of the address" 1 4 s raw PREROUTING 2
	expect_count "$1: not that number" 0 4 s raw PREROUTING 3002
	expect_count "$1: another number" 0 4 s raw PREROUTING 3
	expect_count "$1: not another number" 1 4 s raw PREROUTING 3003
}

# 3000 sets in rules of s, made by the owner. A database of 4096 classes takes a KiB for each.
ns_pair
mkdir "$owner" "$loader"
modprobe -q xt_asn
old_max=$(cat "$parameters/max_sets")
echo 3000 >"$parameters/max_sets"
load 4096
awk 'BEGIN { print "*raw"
	for (n = 0; n < 3000; n++) print "-A PREROUTING -m asn --src-asn " 16705 + n
	for (n = 0; n < 4; n++) print "-A PREROUTING -m asn ! --src-asn " 16705 + n
	print "COMMIT" }' >"$XA_TMP/rules"
expect_ok "3000 sets of one owner" in_group "$owner" ip netns exec "$(ns_name s)" "iptables-$XA_BACKEND-restore" "$XA_TMP/rules"
expect "are counted" 3000 "$(status sets)"
load 4
few=$(kib "$owner")
echo "# owner ${few} KiB, loader $(kib "$loader") KiB"
load 4096
many=$(kib "$owner")
echo "# owner ${many} KiB, loader $(kib "$loader") KiB"
expect_range "the owner pays for what is compiled when somebody else loads" 2000 20000 $((many - few))
expect "all of it" 0 "$(status slow)"
verdicts "compiled"
load 4
expect_range "and pays no more when it is gone" -1000 1000 $(($(kib "$owner") - few))

# Now the owner has no room for it.
in_group "$owner" sleep 1000 &
starter=$!
wait_for 20 sleeps || not_ok "a process of the owner sleeps" "none does"
kib "$owner" | sed 's/^/# full at /'
echo $(($(kib "$owner") * 1024)) >"$owner/memory.max"
before=$(kib "$loader")
load 4096
expect_range "sets without room are left" 1000 3000 "$(status slow)"
expect_range "nobody else pays" -1500 1500 $(($(kib "$loader") - before))
verdicts "not compiled"
expect "nobody is killed for it" 0 "$(sed -n 's/^oom_kill //p' "$owner/memory.events")"
expect_ok "the owner's processes live" kill -0 $sleeper
echo max >"$owner/memory.max"
load 4096
expect "with room again, all are compiled" 0 "$(status slow)"
verdicts "compiled again"
kill $sleeper
wait $starter 2>/dev/null
echo "$old_max" >"$parameters/max_sets"
ns_del_all
wait_for 60 rmdir "$owner"
wait_for 60 rmdir "$loader"
expect_unload xt_asn
finish
