#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# iface: a rule that is inserted while its device is being renamed
. "${0%/*}/../lib.sh"
. "${0%/*}/../hang.sh"

# Found by its new name, but the notifiers behind IPv4's do not know yet: that one waits for
# whoever is in a file of the device's folder in /proc/sys.
renaming()
{
	ns_new a
	echo "link add d0 type dummy" | ns_ip a
	ipt 4 a -A INPUT -m iface --iface d0 ! --up
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect_count "the device of the rule" 2 4 a filter INPUT 1
	file=/proc/sys/net/ipv4/conf/d0/forwarding text=0
	hang a write
	bg a ip link set d0 name d1
	renames=$bg_pid
	expect_ok "the new name is listed" wait_for 20 in_ns a grep -q '^ *d1:' /proc/net/dev
	prompt 0 "a rule for the new name" ipt 4 a -A INPUT -m iface --iface d1 ! --up
	expect_ok "the device is still being renamed" kill -0 "$renames"
	hang_end "the write ends" 'returned 1'
	wait "$renames"
	expect "so does the renaming" 0 $?
	ipt 4 a -Z
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect_count "the rule for the old name has no device" 0 4 a filter INPUT 1
	expect_count "that for the new name has it" 2 4 a filter INPUT 2
	echo "link del d1" | ns_ip a
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect_count "the device is gone: the old name" 0 4 a filter INPUT 1
	expect_count "and the new one" 2 4 a filter INPUT 2
	echo "link add d0 type dummy" | ns_ip a
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect_count "a new device with the old name" 2 4 a filter INPUT 1
	expect_count "has not the new one" 2 4 a filter INPUT 2
}

modprobe xt_iface 2>/dev/null
each_backend renaming
expect_unload xt_iface
finish
