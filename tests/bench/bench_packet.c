// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of chosen distributions
 *
 * What can be prepared is prepared: a packet in the measured loop costs a copy
 * of its headers, addresses and ports. Random numbers come from a small
 * generator with a fixed seed, so that two runs send the same.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel_read_file.h>
#include <linux/math64.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/vmalloc.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include "bench.h"

/* splitmix64: a few cycles, and any seed will do */
static u64 xb_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void xb_uniform4(const struct xb_range *range, u64 *rng, __be32 *to)
{
	u32 mask = range->plen ? ~0u << (32 - range->plen) : 0;

	*to = htonl((ntohl(range->base.ip) & mask) |
		    ((u32)xb_random(rng) & ~mask));
}

static void xb_uniform6(const struct xb_range *range, u64 *rng, __be32 to[4])
{
	u64 word[2] = { xb_random(rng), xb_random(rng) };
	u32 i, mask;
	int bits;

	for (i = 0; i < 4; i++) {
		bits = clamp(range->plen - 32 * (int)i, 0, 32);
		mask = bits ? ~0u << (32 - bits) : 0;
		to[i] = htonl((ntohl(range->base.ip6[i]) & mask) |
			      ((u32)(word[i / 2] >> (32 * (i % 2))) & ~mask));
	}
}

static void xb_uniform(const struct xb_range *range, u8 family, u64 *rng,
		       union nf_inet_addr *to)
{
	if (family == NFPROTO_IPV6)
		xb_uniform6(range, rng, (__force __be32 *)to->all);
	else
		xb_uniform4(range, rng, &to->ip);
}

/* An address between two others that differ in their last 64 bits at most. */
static void xb_between(const u8 *first, const u8 *last, u32 len, u64 *rng, u8 *to)
{
	u64 from = 0, size = 0, i;

	memcpy(to, first, len);
	for (i = len == 4 ? 0 : 8; i < len; i++) {
		from = from << 8 | first[i];
		size = size << 8 | last[i];
	}
	/* of what is larger than a /64, its first one */
	if (len == 16 && memcmp(first, last, 8))
		size = ~0ull;
	size -= from;
	from += size == ~0ull ? xb_random(rng) : xb_random(rng) % (size + 1);
	for (i = len; i > (len == 4 ? 0 : 8); from >>= 8)
		to[--i] = from;
}

/* A list of hosts from a file of ranges. */
static int xb_from_file(struct xb_range *range, u8 family)
{
	u32 len = family == NFPROTO_IPV6 ? 16 : 4, i;
	size_t size, ranges;
	void *file = NULL;
	u64 rng = 1;
	ssize_t n;
	u8 *r;

	n = kernel_read_file_from_path(range->path, 0, &file, 1 << 28, &size, READING_UNKNOWN);
	if (n < 0)
		return n;
	ranges = n / (2 * len);
	for (i = 0; ranges && i < range->hosts; i++) {
		r = (u8 *)file + xb_random(&rng) % ranges * 2 * len;
		xb_between(r, r + len, len, &rng, (u8 *)&range->list[i]);
	}
	vfree(file);
	return ranges ? 0 : -EINVAL;
}

/**
 * xb_range_init() - draw the host list of a range, if it has one
 * @range: as parsed
 * @family: of the addresses
 *
 * Return: 0, -ENOMEM, or what the file could not be read for.
 */
int xb_range_init(struct xb_range *range, u8 family)
{
	u64 rng = 1;
	u32 i;

	if (!range->hosts)
		return 0;
	range->list = vzalloc(array_size(range->hosts, sizeof(*range->list)));
	if (!range->list)
		return -ENOMEM;
	if (range->dist == XB_FILE)
		return xb_from_file(range, family);
	for (i = 0; i < range->hosts; i++)
		xb_uniform(range, family, &rng, &range->list[i]);
	return 0;
}

/**
 * xb_range_exit() - give the host list back
 * @range: may have none
 */
void xb_range_exit(struct xb_range *range)
{
	vfree(range->list);
	range->list = NULL;
}

/* Number of a host whose frequency is 1/(number + 1); sum holds the weights. */
static u32 xb_zipf(const u64 *sum, u32 n, u64 *rng)
{
	u64 at = mul_u64_u64_shr(xb_random(rng), sum[n - 1], 64);
	u32 low = 0, high = n - 1, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (at < sum[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* A long sequence of hosts of the list: the loop reads it in order. */
static int xb_draw(const struct xb_range *range, u64 *rng,
		   union nf_inet_addr **seq)
{
	u64 *sum = NULL, total = 0;
	u32 i, k;

	if (!range->list)
		return 0;
	*seq = vmalloc(array_size(XB_SEQ, sizeof(**seq)));
	if (range->dist == XB_ZIPF)
		sum = vmalloc(array_size(range->hosts, sizeof(*sum)));
	if (!*seq || (range->dist == XB_ZIPF && !sum)) {
		vfree(sum);
		return -ENOMEM;
	}
	for (i = 0; sum && i < range->hosts; i++)
		sum[i] = total += (1ull << 40) / (i + 1);
	for (i = 0; i < XB_SEQ; i++) {
		k = range->dist == XB_FILE ? i :
		    sum ? xb_zipf(sum, range->hosts, rng) :
			  (u32)(xb_random(rng) % range->hosts);
		(*seq)[i] = range->list[k];
	}
	vfree(sum);
	return 0;
}

static u32 xb_l4_size(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 8;
	}
	return 0;
}

static u32 xb_l3_size(u8 family)
{
	return family == NFPROTO_IPV6 ? sizeof(struct ipv6hdr) :
					sizeof(struct iphdr);
}

static void xb_ip_template(const struct xb_job *job, u8 *to, u32 total)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)to;
	struct iphdr *ip = (struct iphdr *)to;

	if (job->family == NFPROTO_IPV6) {
		ip6->version = 6;
		ip6->payload_len = htons(total - sizeof(*ip6));
		ip6->nexthdr = job->proto;
		ip6->hop_limit = 64;
		ip6->saddr = job->src.base.in6;
		ip6->daddr = job->dst.base.in6;
		return;
	}
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(total);
	ip->ttl = 64;
	ip->protocol = job->proto;
	ip->saddr = job->src.base.ip;
	ip->daddr = job->dst.base.ip;
	ip_send_check(ip);
}

static void xb_l4_template(const struct xb_job *job, u8 *to)
{
	struct tcphdr *tcp = (struct tcphdr *)to;
	struct udphdr *udp = (struct udphdr *)to;

	switch (job->proto) {
	case IPPROTO_TCP:
		tcp->source = htons(job->sport[0]);
		tcp->dest = htons(job->dport[0]);
		tcp->doff = sizeof(*tcp) / 4;
		tcp->window = htons(64000);
		to[13] = job->flags;
		break;
	case IPPROTO_UDP:
		udp->source = htons(job->sport[0]);
		udp->dest = htons(job->dport[0]);
		udp->len = htons(sizeof(*udp) + job->len);
		break;
	case IPPROTO_ICMP:
		to[0] = ICMP_ECHO;
		break;
	case IPPROTO_ICMPV6:
		to[0] = ICMPV6_ECHO_REQUEST;
		break;
	}
}

/* As receive offload leaves it: many segments, the payload not linear. */
static void xb_add_pages(const struct xb_maker *m, struct sk_buff *skb)
{
	const struct xb_job *job = m->job;

	get_page(m->page);
	skb_add_rx_frag(skb, 0, m->page, 0, job->len, job->len);
	skb_shinfo(skb)->gso_size = job->gso;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(job->len, job->gso);
	skb_shinfo(skb)->gso_type = job->proto == IPPROTO_UDP ? SKB_GSO_UDP_L4 :
				    job->family == NFPROTO_IPV6 ? SKB_GSO_TCPV6 :
				    SKB_GSO_TCPV4;
}

static const struct ethhdr xb_eth = {
	.h_dest	  = { 0x02, 0, 0, 0, 0, 0x01 },
	.h_source = { 0x02, 0, 0, 0, 0, 0x02 },
};

/* A packet without its headers; checksums count as verified. */
static struct sk_buff *xb_new_skb(const struct xb_maker *m, gfp_t gfp)
{
	const struct xb_job *job = m->job;
	u32 l3 = xb_l3_size(job->family), linear = job->gso ? 0 : job->len;
	struct sk_buff *skb;

	skb = alloc_skb(NET_SKB_PAD + ETH_HLEN + m->hlen + linear, gfp);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + ETH_HLEN);
	skb_reset_network_header(skb);
	skb_put(skb, m->hlen);
	if (job->gso) {
		xb_add_pages(m, skb);
	} else {
		skb_put_data(skb, job->payload, job->payload_len);
		skb_put_zero(skb, job->len - job->payload_len);
	}
	skb_set_transport_header(skb, l3);
	skb->protocol = job->family == NFPROTO_IPV6 ? htons(ETH_P_IPV6) :
						      htons(ETH_P_IP);
	skb->mac_header = skb->network_header - ETH_HLEN;
	*eth_hdr(skb) = xb_eth;
	eth_hdr(skb)->h_proto = skb->protocol;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb;
}

/**
 * xb_maker_init() - prepare a source of packets
 * @m: zeroed
 * @job: what to make; must outlive @m
 * @seed: sources with different seeds send the same hosts in another order
 *
 * Return: 0, or -ENOMEM; xb_maker_exit() is due in both cases.
 */
int xb_maker_init(struct xb_maker *m, const struct xb_job *job, u32 seed)
{
	u32 l3 = xb_l3_size(job->family);

	m->job = job;
	m->rng = 0x1234567ull * (seed + 1);
	m->hlen = l3 + xb_l4_size(job->proto);
	xb_ip_template(job, m->headers, m->hlen + job->len);
	xb_l4_template(job, m->headers + l3);
	if (xb_draw(&job->src, &m->rng, &m->seq[0]) ||
	    xb_draw(&job->dst, &m->rng, &m->seq[1]))
		return -ENOMEM;
	if (job->gso) {
		m->page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, XB_PAGE_ORDER);
		if (!m->page)
			return -ENOMEM;
		memcpy(page_address(m->page), job->payload, job->payload_len);
	}
	m->skb = xb_new_skb(m, GFP_KERNEL);
	return m->skb ? 0 : -ENOMEM;
}

/**
 * xb_maker_exit() - the opposite of xb_maker_init()
 * @m: may be half initialised
 */
void xb_maker_exit(struct xb_maker *m)
{
	kfree_skb(m->skb);
	if (m->page)
		put_page(m->page);
	vfree(m->seq[0]);
	vfree(m->seq[1]);
}

static void xb_put_address(struct xb_maker *m, int side, u8 *to)
{
	const struct xb_job *job = m->job;
	const struct xb_range *range = side ? &job->dst : &job->src;
	union nf_inet_addr drawn;
	const union nf_inet_addr *from = &drawn;

	if (range->dist == XB_FIXED)
		return;
	if (m->seq[side])
		from = &m->seq[side][m->at & (XB_SEQ - 1)];
	else
		xb_uniform(range, job->family, &m->rng, &drawn);
	memcpy(to, from, job->family == NFPROTO_IPV6 ? 16 : 4);
}

static void xb_put_ports(struct xb_maker *m, __be16 *to)
{
	const struct xb_job *job = m->job;
	u64 n;

	if (job->proto != IPPROTO_TCP && job->proto != IPPROTO_UDP)
		return;
	n = xb_random(&m->rng);
	to[0] = htons(job->sport[0] +
		      (((n & 0xffff) * (job->sport[1] - job->sport[0] + 1)) >> 16));
	to[1] = htons(job->dport[0] +
		      (((n >> 16 & 0xffff) * (job->dport[1] - job->dport[0] + 1)) >> 16));
}

/**
 * xb_make() - the next packet
 * @m: the source
 *
 * Give it back with xb_unmake() before the next one.
 * Context: softirqs off.
 * Return: the packet, or NULL without memory.
 */
struct sk_buff *xb_make(struct xb_maker *m)
{
	const struct xb_job *job = m->job;
	u32 l3 = xb_l3_size(job->family);
	struct sk_buff *skb = m->skb;
	u8 *to;

	if (job->fresh)
		skb = xb_new_skb(m, GFP_ATOMIC);
	else
		refcount_set(&skb->users, 2);	/* a rule that drops frees one */
	if (!skb)
		return NULL;
	/* NAT that changes a packet without a route must not look for policies */
	if (job->routed)
		IPCB(skb)->flags = IPSKB_XFRM_TRANSFORMED;
	to = skb->data;
	memcpy(to, m->headers, m->hlen);
	xb_put_address(m, 0, to + (l3 == sizeof(struct iphdr) ? 12 : 8));
	xb_put_address(m, 1, to + (l3 == sizeof(struct iphdr) ? 16 : 24));
	xb_put_ports(m, (__be16 *)(to + l3));
	if (job->receive && job->family == NFPROTO_IPV4)
		ip_send_check((struct iphdr *)to);
	m->at++;
	return skb;
}

/**
 * xb_unmake() - the hooks are done with a packet
 * @m: its source
 * @skb: the packet; it may be gone
 * @verdict: what nf_hook_slow() said: 1 is accepted, else the packet was taken
 */
void xb_unmake(struct xb_maker *m, struct sk_buff *skb, int verdict)
{
	if (m->job->fresh) {
		if (verdict == 1)
			consume_skb(skb);
		return;
	}
	refcount_set(&skb->users, 1);
	skb->mark = 0;
	nf_reset_ct(skb);
}
