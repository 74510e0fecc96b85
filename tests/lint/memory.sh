#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What stays because somebody has made a rule is charged to the memory cgroup of whoever
# made it: GFP_KERNEL_ACCOUNT. Plain GFP_KERNEL is for what is gone when the call
# returns, and for what there is once for the machine.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# FILE FUNCTION, and why
plain() {
	cat <<-'END'
		xa_addrdb_netlink.c answer_new		a message
		xa_hook_netlink.c answer_u64		a message
		xa_hook_netlink.c xa_hook_netlink_begun	a message
		xa_hook_rule.c xa_hook_rule_create	freed before it returns
		xt_ACCOUNT_table.c account_table_init4	xa_budget charges it
		xt_DNETMAP_bind.c dnetmap_fix		xa_budget charges it
		xt_SYSRQ.c sysrq_password_alloc		one for the machine
		xt_geoip.c geoip_set_get			freed before it returns
		xt_pknock_main.c pknock_mt_check	freed before it returns
		xt_quota2.c quota2_tell			a message
	END
}

# uses: lines "FILE FUNCTION", where GFP_KERNEL is; comments do not count
uses() {
	awk '
		FNR == 1 { name = FILENAME; sub(/.*\//, "", name); inside = 0; current = "-" }
		{
			text = $0
			gsub(/\/\*.*\*\//, "", text)
			if (inside && sub(/.*\*\//, "", text))
				inside = 0
			else if (inside)
				text = ""
			if (sub(/\/\*.*/, "", text))
				inside = 1
		}
		text ~ /^[a-z].*\(/ {
			current = text
			sub(/\(.*/, "", current)
			sub(/.*[ *]/, "", current)
		}
		text ~ /(^|[^A-Z_])GFP_KERNEL([^A-Z_]|$)/ { print name, current }' "$@" | sort -u
}

mapfile -t sources < <(tracked 'kernel/*.c' 'kernel/*.h' | grep -v '^kernel/compat/')
check_none "memory of rules is charged to their maker" \
	"$(comm -23 <(uses "${sources[@]}") <(plain | awk '{ print $1, $2 }' | sort))"
check_none "each exception is still one" \
	"$(comm -13 <(uses "${sources[@]}") <(plain | awk '{ print $1, $2 }' | sort))"
# without gfp flags in its name it takes GFP_KERNEL
check_none "memory of each CPU, too" \
	"$(grep -nE '\b(__)?(alloc_percpu|netdev_alloc_pcpu_stats) *\(' "${sources[@]}")"
