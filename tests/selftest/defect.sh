#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A behaviour test with one deliberate defect: the word behind "selftest-" in
# the name that it is run by. It says ok to all else; the bed must not.
. "${0%/*}/../lib.sh"

name=${0##*/selftest-}
name=${name%.sh}

# packets that a rule saw: what most of our tests are made of
counted()
{
	ns_pair
	ipt 4 s -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
	expect_ok "three packets arrive" in_ns c ping -q -c 3 -i 0.1 10.0.0.2
	expect_count "the rule has counted them" "$1" 4 s filter INPUT 1
}

parameter()
{
	cat "/sys/module/xa_defects/parameters/$1"
}

case $name in
control)
	counted 3
	expect_ok "a sound module loads" modprobe xa_defects
	expect_ok "and goes" rmmod xa_defects
	;;
wrong-count)
	counted 4
	;;
silent)
	exit 0
	;;
early-end)
	ok "the first of two things"
	kill -SEGV $$
	;;
lost-update)
	racing expect_ok "the module loads" modprobe xa_defects defect=$name
	expect "no count is lost" "$(parameter expected)" "$(parameter counted)"
	rmmod xa_defects
	;;
held)
	ns_new n
	expect_ok "the module loads" in_ns n modprobe xa_defects defect=$name
	expect_ok "and goes" rmmod xa_defects
	;;
slow)
	ok "now it hangs"
	sleep 1000
	;;
*)
	expect_ok "the module loads" modprobe xa_defects defect="$name"
	expect_ok "and goes" rmmod xa_defects
	;;
esac
finish
