// SPDX-License-Identifier: GPL-2.0-only
/* For tests/bench/lpm: 64 look-ups in a run, of addresses drawn uniformly, by each way. */
#include <stdbool.h>

#include "lpm.h"
#include <bpf/bpf_endian.h>

#define LOOKUPS 64

extern __u32 xa_bpf_country(const void *addr, __u32 addr__sz) __ksym;

/* What the generator has come to. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} state SEC(".maps");

static __always_inline __u64 next(__u64 x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

/* IPv4: anywhere. IPv6: in 2a00::/12, which Europe has. */
static __always_inline void draw(__u32 *addr, bool six, __u64 x)
{
	if (!six) {
		addr[0] = x >> 32;
		return;
	}
	addr[0] = bpf_htonl(0x2a000000 | (__u32)(x >> 32) >> 12);
	addr[1] = x;
}

enum way { NONE, KFUNC, TRIE };

static __always_inline bool found(enum way way, bool six, struct lpm_key6 *key)
{
	__u32 *number;

	switch (way) {
	case KFUNC:
		return xa_bpf_country(key->addr, six ? 16 : 4);
	case TRIE:
		number = six ? bpf_map_lookup_elem(&lpm6, key) : bpf_map_lookup_elem(&lpm4, key);
		return number && *number;
	default:
		__asm__ volatile("" :: "r"(key->addr) : "memory");
		return false;
	}
}

/* Return: how many have a country. */
static __always_inline int run(enum way way, bool six)
{
	struct lpm_key6 key = { .bits = six ? 128 : 32 };
	__u32 zero = 0, hits = 0;
	__u64 *kept = bpf_map_lookup_elem(&state, &zero), x;

	if (!kept)
		return 0;
	x = *kept ? *kept : 88172645463325252ULL;
	_Pragma("clang loop unroll(disable)")
	for (int i = 0; i < LOOKUPS; i++) {
		x = next(x);
		draw(key.addr, six, x);
		hits += found(way, six, &key);
	}
	*kept = x;
	return hits;
}

SEC("xdp")
int none4(struct xdp_md *ctx)
{
	return run(NONE, false);
}

SEC("xdp")
int kfunc4(struct xdp_md *ctx)
{
	return run(KFUNC, false);
}

SEC("xdp")
int trie4(struct xdp_md *ctx)
{
	return run(TRIE, false);
}

SEC("xdp")
int none6(struct xdp_md *ctx)
{
	return run(NONE, true);
}

SEC("xdp")
int kfunc6(struct xdp_md *ctx)
{
	return run(KFUNC, true);
}

SEC("xdp")
int trie6(struct xdp_md *ctx)
{
	return run(TRIE, true);
}

char _license[] SEC("license") = "GPL";
