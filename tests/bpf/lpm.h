/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests/bench/lpm: LPM tries of the same prefixes as the database has. */
#ifndef _LPM_H
#define _LPM_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct lpm_key4 {
	__u32 bits;
	__u32 addr;
};

struct lpm_key6 {
	__u32 bits;
	__u32 addr[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 21);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key4);
	__type(value, __u32);
} lpm4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 21);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key6);
	__type(value, __u32);
} lpm6 SEC(".maps");

#endif /* _LPM_H */
