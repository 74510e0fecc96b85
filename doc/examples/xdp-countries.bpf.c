// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdp-countries - drop packets by the country of their source, before the stack
 *
 *	clang -O2 -g -target bpf -I/usr/include/$(gcc -print-multiarch) \
 *		-c xdp-countries.bpf.c -o xdp-countries.o
 *	modprobe xa_bpf && xt_geoip_load
 *	bpftool prog load xdp-countries.o /sys/fs/bpf/countries pinmaps /sys/fs/bpf/countries_maps
 *	bpftool map update pinned /sys/fs/bpf/countries_maps/drop key 124 0 0 0 value 1
 *	bpftool net attach xdp pinned /sys/fs/bpf/countries dev eth0
 *
 * That drops what comes from Canada, ISO 3166-1 number 124. bpftool writes a key as
 * bytes, on most machines the least first: 643, Russia, is 131 2 0 0. The kernel must
 * have BTF and a just-in-time compiler for BPF.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Of the module xa_bpf: doc/bpf.md */
extern __u32 xa_bpf_country(const void *addr, __u32 addr__sz) __ksym;

/* By country number, 0 for an address of none: not 0 drops. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, __u8);
} drop SEC(".maps");

/* Packets: 0 passed, 1 dropped. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

static __always_inline int verdict(__u32 country)
{
	__u8 *listed = bpf_map_lookup_elem(&drop, &country);
	__u32 dropped = listed && *listed;
	__u64 *n = bpf_map_lookup_elem(&counters, &dropped);

	if (n)
		++*n;
	return dropped ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int countries(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	void *next = eth + 1;
	__be16 proto;

	if (next > end)
		return XDP_PASS;
	proto = eth->h_proto;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		struct vlan_tag *tag = next;

		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_PASS;
		proto = tag->proto;
		next = tag + 1;
	}
	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > end)
			return XDP_PASS;
		return verdict(xa_bpf_country(&ip->saddr, sizeof(ip->saddr)));
	}
	if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > end)
			return XDP_PASS;
		return verdict(xa_bpf_country(&ip6->saddr, sizeof(ip6->saddr)));
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
