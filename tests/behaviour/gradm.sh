#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# gradm: RBAC is disabled, or what the kernel with grsecurity says. Such a kernel
# is played by a module that has its symbol.
. "${0%/*}/../lib.sh"

state=/sys/module/xa_test_rbac/parameters/enabled

# counts WHAT "ENABLED !ENABLED DISABLED !DISABLED": a packet and what it matched
counts()
{
	for f in 4 6; do
		ipt $f s -Z INPUT
		case $f in
		4)	in_ns c pkt send -d c0 "ip dst=10.0.0.2 / udp" >/dev/null ;;
		6)	in_ns c pkt send -d c0 "ip6 src=fd00::1 dst=fd00::2 / udp" >/dev/null ;;
		esac
		expect "IPv$f: $1" "$2" \
			"$(ipt $f s -nvxL INPUT | awk 'NR > 2 { print $1 }' | xargs)"
	done
}

rules()
{
	for f in 4 6; do
		ipt_restore $f s <<-END
			*filter
			-A INPUT -p udp -m gradm --enabled
			-A INPUT -p udp -m gradm ! --enabled
			-A INPUT -p udp -m gradm --disabled
			-A INPUT -p udp -m gradm ! --disabled
			COMMIT
		END
	done
}

without()
{
	ns_pair
	rules
	counts "a kernel without grsecurity" "0 1 1 0"
}

with()
{
	ns_pair
	rules
	echo 0 >$state
	counts "RBAC is disabled" "0 1 1 0"
	echo 1 >$state
	counts "RBAC is enabled" "1 0 0 1"
	echo 0 >$state
	counts "and disabled again" "0 1 1 0"
	want=use expect_fail "who provides the symbol cannot go while rules ask" rmmod xa_test_rbac
}

manual()
{
	ns_pair
	ipt 4 s -A INPUT -m gradm --disabled -j DROP
	echo 1 >$state
	expect_ok "the manual's example: the policy is in force" in_ns c ping -c 1 -W 10 10.0.0.2
	echo 0 >$state
	expect_fail "the manual's example: nobody gets in before it" \
		in_ns c ping -c 1 -W 1 10.0.0.2
}

doomed()
{
	ns_pair
	rules
}

each_backend without
if modprobe xa_test_rbac 2>/dev/null; then
	each_backend with
	each_backend manual
	each_backend doomed
	expect_unload xt_gradm xa_test_rbac
else
	skip_part "the module xa_test_rbac of tests/kmod is not there"
	each_backend doomed
	expect_unload xt_gradm
fi
finish
