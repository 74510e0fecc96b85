#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the kernel's own matches cost: the measure for ours, and the proof that
# the harness is right (no rule costs nothing, ten copies of a rule that
# is expensive enough cost ten times one).
# All rules match: what nft does behind a match that fails (the counter) would
# be missing from the cost.
. "${0%/*}/lib.sh"

anywhere='src=0.0.0.0/0'

# prefixes N: distinct networks of 16 to 24 bits, spread over all addresses
prefixes()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) {
		len = 16 + i % 9; a = (i * 2654435761) % 4294967296
		s = 2 ^ (32 - len); a = int(a / s) * s
		printf "%d.%d.%d.%d/%d\n", a / 16777216, a / 65536 % 256,
			a / 256 % 256, a % 256, len } }'
}

ipset_rule()
{
	xb_side=$1
	shift
	{
		echo "create nets hash:net maxelem 100000"
		prefixes "$1" | sed 's/^/add -exist nets /'
	} | in_ns "$xb_side" ipset restore || return
	xb_rules "$xb_side" -m set ! --match-set nets src
}

nft_set()
{
	xb_sets="set nets { type ipv4_addr; flags interval; auto-merge; elements = {
		$(prefixes "$1" | tr '\n' ',') } }"
	cost_nft "nft set (interval, $1 nets)" "$anywhere" 'ip saddr != @nets counter'
	xb_sets=
}

# what one namespace has, the other has too: the difference must be nothing
nothing()
{
	ipt 4 "$1" -t raw -A PREROUTING
}

# a rule more than an empty chain
empty_rule()
{
	ipt 4 "$1" -t raw -P PREROUTING ACCEPT || return	# makes the chain
	[ "$1" = base ] || ipt 4 "$1" -t raw -A PREROUTING
}

# conntrack in both; a rule behind it that looks at its entry
ctstate()
{
	ipt 4 "$1" -t mangle -A POSTROUTING -m conntrack --ctstate INVALID || return
	if [ "$1" = rules ]; then
		ipt 4 "$1" -t mangle -A PREROUTING -m conntrack --ctstate NEW,ESTABLISHED
	else
		ipt 4 "$1" -t mangle -A PREROUTING
	fi
}

cost_by 'nothing (noise of the harness)' '' nothing
over=chain
cost_by 'an empty rule' '' empty_rule
over=rule

cost 'mark' '' -m mark --mark 0
cost 'length' '' -m length --length 20:1500
cost 'quota' '' -m quota --quota 1000000000000
copies=10
cost 'quota, ten copies' '' -m quota --quota 1000000000000
copies=1
cost_by 'ipset hash:net, 10000 nets' "$anywhere" ipset_rule 10000
cost_by 'conntrack --ctstate' 'src=10.0.0.0/24 sport=4000-4010 ct=confirm' ctstate
cost_nft 'nft counter' '' 'counter'
cost_nft 'nft meta mark' '' 'meta mark 0 counter'
nft_set 1000
nft_set 10000
family=6
cost 'mark, IPv6' 'src=fd00::/64 dst=fd01::1' -m mark --mark 0
family=4

cpus=2
cost 'mark' '' -m mark --mark 0
cost 'quota' '' -m quota --quota 1000000000000
scale 'mark' '' -m mark --mark 0
scale 'quota' '' -m quota --quota 1000000000000
finish
