// SPDX-License-Identifier: GPL-2.0-only
/* For tests/bench/lpm: the example of doc/examples, asking an LPM trie instead of xa_bpf. */
#include "lpm.h"

static __always_inline __u32 by_trie(const void *addr, __u32 size)
{
	struct lpm_key4 key4 = { .bits = 32 };
	struct lpm_key6 key6 = { .bits = 128 };
	__u32 *found;

	if (size == sizeof(key4.addr)) {
		__builtin_memcpy(&key4.addr, addr, sizeof(key4.addr));
		found = bpf_map_lookup_elem(&lpm4, &key4);
	} else {
		__builtin_memcpy(key6.addr, addr, sizeof(key6.addr));
		found = bpf_map_lookup_elem(&lpm6, &key6);
	}
	return found ? *found : 0;
}

/* In the place of the kernel's function */
#undef __ksym
#define __ksym
#define xa_bpf_country(addr, size) country_of(addr, size)
extern inline __attribute__((gnu_inline, always_inline))
__u32 country_of(const void *addr, __u32 size)
{
	return by_trie(addr, size);
}

#include "../../doc/examples/xdp-countries.bpf.c"
