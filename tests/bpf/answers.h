/* SPDX-License-Identifier: GPL-2.0-only */
/* What the databases say of a packet's source, as a program's return value. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 xa_bpf_country(const void *addr, __u32 addr__sz) __ksym;
__u32 xa_bpf_asn(const void *addr, __u32 addr__sz) __ksym;

/* On the stack, and at an odd address there: copied from the packet. Its size, or 0. */
static __always_inline __u32 source(struct __sk_buff *skb, __u8 *addr)
{
	__u8 version;

	if (bpf_skb_load_bytes_relative(skb, 0, &version, 1, BPF_HDR_START_NET))
		return 0;
	if (version >> 4 == 4)
		return bpf_skb_load_bytes_relative(skb, 12, addr, 4, BPF_HDR_START_NET) ? 0 : 4;
	return bpf_skb_load_bytes_relative(skb, 8, addr, 16, BPF_HDR_START_NET) ? 0 : 16;
}

static __always_inline int country_of(struct __sk_buff *skb)
{
	__u8 room[24] = {};

	switch (source(skb, room + 1)) {
	case 4:  return xa_bpf_country(room + 1, 4);
	case 16: return xa_bpf_country(room + 1, 16);
	default: return -1;
	}
}

static __always_inline int asn_of(struct __sk_buff *skb)
{
	__u8 room[24] = {};

	switch (source(skb, room + 1)) {
	case 4:  return xa_bpf_asn(room + 1, 4);
	case 16: return xa_bpf_asn(room + 1, 16);
	default: return -1;
	}
}

char _license[] SEC("license") = "GPL";
