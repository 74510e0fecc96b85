#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: which extensions are taken, and where
. "${0%/*}/../lib.sh"

# limited WHAT ERROR EXT RULE CHAIN: an extension that is not for everywhere
limited()
{
	xa_got=$(oneline "$(in_ns s hookctl "ext=4:$3" begin "chain=$5" "rule=$4" add)")
	case $xa_got in
	*found=0*)	skip_part "this kernel has no $3" ;;
	*)		expect_match "$1" "begin 0 found=1 | add $2*" "$xa_got" ;;
	esac
}

tables()
{
	limited "TARPIT at input" '0' TARPIT:0 proto=6,TARPIT:0:0000000000000000 4:input:0
	limited "TARPIT without TCP" 'EINVAL rule=0 only for one protocol' TARPIT:0 TARPIT:0:0000000000000000 4:input:0
	limited "TARPIT at prerouting" 'EINVAL rule=0 ' TARPIT:0 proto=6,TARPIT:0:0000000000000000 4:prerouting:0
	limited "TARPIT at ingress" 'EINVAL rule=0 ' TARPIT:0 proto=6,TARPIT:0:0000000000000000 4:ingress:0:s0
	limited "ECHO (filter) at input" '0' ECHO:0 proto=17,ECHO:0: 4:input:0
	limited "ECHO (filter) at postrouting" 'EINVAL rule=0 only for input, forward or output' \
		ECHO:0 proto=17,ECHO:0: 4:postrouting:0
	limited "REJECT (filter) at prerouting" 'EINVAL rule=0 only for input, forward or output' \
		REJECT:0 REJECT:0:00000000 4:prerouting:0
	limited "CT (raw) in time" '0' CT:2 "CT:2:0100$(printf %0140d 0)" 4:prerouting:-300
	limited "CT (raw) too late" 'EINVAL rule=0 only for prerouting or output, at' CT:2 CT:2: 4:prerouting:-200
	limited "MASQUERADE (nat)" 'EINVAL rule=0 only for the table nat' MASQUERADE:0 MASQUERADE:0: 4:postrouting:100
	limited "ERROR" 'EINVAL rule=0 a verdict of iptables' ERROR:0 "ERROR:0:$(printf '%060d' 0)" 4:input:0
	limited "TCPMSS" 0 TCPMSS:0 proto=6,TCPMSS:0:b405 4:forward:0
	limited "LOG" 0 LOG:0 "LOG:0:0400$(printf '%060d' 0)" 4:input:0
	for chain in prerouting:-310 output:-201 prerouting:-200 output:-200 ingress:0:s0; do
		limited "lscan without connections: $chain" 'EINVAL rule=0 the extension refuses' lscan:1 \
			"proto=6,lscan:1:02$(printf %014d 0)" "4:$chain"
	done
	for chain in prerouting:-199 output:-199 input:-300; do
		limited "lscan with them: $chain" 0 lscan:1 "proto=6,lscan:1:02$(printf %014d 0)" "4:$chain"
	done
	limited "a program of BPF by its path" 'EOPNOTSUPP rule=0 a pinned program' bpf:1 \
		"bpf:1:01000000000000002f$(printf %01038d 0)" 4:input:0
	limited "by a descriptor that is none" 'EBADF rule=0 the extension refuses' bpf:1 \
		"bpf:1:02000000ffffffff$(printf %01040d 0)" 4:input:0
	limited "and as bytecode" 0 bpf:1 "bpf:1:000001000000000006000000ffffffff$(printf %01024d 0)" 4:input:0
	limited "IDLETIMER" 0 IDLETIMER:0 "IDLETIMER:0:5802000061$(printf %070d 0)" 4:input:0
	limited "NFQUEUE at ingress" 'EINVAL rule=0 not for ingress' NFQUEUE:0 NFQUEUE:0:0000 4:ingress:0:s0
	limited "TPROXY at ingress" 'EINVAL rule=0 not for ingress' TPROXY:1 \
		"proto=6,TPROXY:1:$(printf '%056d' 0)" 4:ingress:0:s0
}

ns_pair
tables
finish
