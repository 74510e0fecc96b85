// SPDX-License-Identifier: GPL-2.0-only
/* Programs at netfilter's hooks: they drop packets by what the databases say of the source. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NF_DROP		0
#define NF_ACCEPT	1

__u32 xa_bpf_country(const void *addr, __u32 addr__sz) __ksym;
__u32 xa_bpf_asn(const void *addr, __u32 addr__sz) __ksym;
int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;

/* The kernel's own: what such a program gets. */
struct bpf_nf_ctx {
	const void *state;
	void *skb;
};

/* Copied from the packet, which begins at the IP header. Its size, or 0. */
static __always_inline __u32 source(struct bpf_nf_ctx *ctx, __u8 *addr)
{
	struct bpf_dynptr packet;
	__u8 version;

	if (bpf_dynptr_from_skb(ctx->skb, 0, &packet) ||
	    bpf_dynptr_read(&version, 1, &packet, 0, 0))
		return 0;
	if (version >> 4 == 4)
		return bpf_dynptr_read(addr, 4, &packet, 12, 0) ? 0 : 4;
	return bpf_dynptr_read(addr, 16, &packet, 8, 0) ? 0 : 16;
}

SEC("netfilter")
int country(struct bpf_nf_ctx *ctx)
{
	__u8 addr[16];
	__u32 number = 0;

	switch (source(ctx, addr)) {
	case 4:
		number = xa_bpf_country(addr, 4);
		break;
	case 16:
		number = xa_bpf_country(addr, 16);
	}
	return number == 124 ? NF_DROP : NF_ACCEPT;
}

SEC("netfilter")
int asn(struct bpf_nf_ctx *ctx)
{
	__u8 addr[16];
	__u32 number = 0;

	switch (source(ctx, addr)) {
	case 4:
		number = xa_bpf_asn(addr, 4);
		break;
	case 16:
		number = xa_bpf_asn(addr, 16);
	}
	return number == 4294967295 ? NF_DROP : NF_ACCEPT;
}

char _license[] SEC("license") = "GPL";
