/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_gso - how long an skb is, and how many packets of the wire it stands for */
#ifndef _XA_GSO_H
#define _XA_GSO_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "xa_gso_pure.h"

/* The hop-by-hop header with one jumbo payload option, and no other (RFC 2675) */
#define XA_JUMBO_LEN	8

/* The rest of xa_gso_jumbo(), with its buffer */
static noinline __maybe_unused unsigned int xa_gso_jumbo_look(const struct sk_buff *skb)
{
	struct {
		struct ipv6hdr ip6h;
		u8 nexthdr;
		u8 hdrlen;
		u8 type;
		u8 len;
	} buf __uninitialized;
	const typeof(buf) *p;

	p = skb_header_pointer(skb, skb_network_offset(skb), sizeof(buf), &buf);
	if (!p || p->ip6h.version != 6 || p->ip6h.payload_len ||
	    p->ip6h.nexthdr != NEXTHDR_HOP || p->nexthdr != NEXTHDR_TCP ||
	    p->hdrlen || p->type != IPV6_TLV_JUMBO || p->len != sizeof(__be32))
		return 0;
	return XA_JUMBO_LEN;
}

/**
 * xa_gso_jumbo - length of the header that marks a packet of BIG TCP
 * @skb: packet, network header set
 *
 * Older kernels put a jumbo payload option into IPv6 packets of more than
 * 64 KiB and take it away when they cut the packet up: it is never on the wire.
 *
 * Context: any.
 * Return: bytes behind the IPv6 header, or 0: there is none.
 */
static inline unsigned int xa_gso_jumbo(const struct sk_buff *skb)
{
	if (likely(skb->len <= U16_MAX) || !skb_is_gso(skb))
		return 0;
	return xa_gso_jumbo_look(skb);
}

/**
 * xa_l3_size - bytes of a packet from its network header on
 * @skb: packet at a hook of IPv4 or IPv6, network header set
 *
 * Not taken from the length fields: what is larger than they can say has 0 in
 * them, and IPv6 raw sockets write what they like. Before the hooks a packet
 * that came in is cut to what its header says, so padding does not count.
 *
 * Context: any.
 * Return: bytes; for a packet that is to be cut up, those of the whole.
 */
static inline unsigned int xa_l3_size(const struct sk_buff *skb)
{
	return skb->len - skb_network_offset(skb) - xa_gso_jumbo(skb);
}

/*
 * The transport header of the packet at @pos. skb_transport_header() is the
 * first extension header at most hooks. Negative: not found.
 */
static inline int xa_gso_transport(const struct sk_buff *skb, int pos, u8 *proto)
{
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} buf __uninitialized;
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;
	__be16 frag_off;

	iph = skb_header_pointer(skb, pos, sizeof(*iph), &buf);
	if (!iph)
		return -1;
	if (iph->version == 4) {
		*proto = iph->protocol;
		return pos + iph->ihl * 4;
	}
	ip6h = skb_header_pointer(skb, pos, sizeof(*ip6h), &buf);
	if (!ip6h || ip6h->version != 6)
		return -1;
	*proto = ip6h->nexthdr;
	return ipv6_skip_exthdr(skb, pos + sizeof(*ip6h), proto, &frag_off);
}

/* Length of the header at @pos that each piece has; negative: not known. */
static inline int xa_gso_transport_size(const struct sk_buff *skb, int pos, u8 proto)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	const struct tcphdr *th;
	struct tcphdr buf __uninitialized;

	if (proto == IPPROTO_TCP && type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) {
		th = skb_header_pointer(skb, pos, sizeof(buf), &buf);
		return th ? th->doff * 4 : -1;
	}
	if (proto == IPPROTO_UDP && type & SKB_GSO_UDP_L4)
		return sizeof(struct udphdr);
	if (proto == IPPROTO_UDP && type & SKB_GSO_UDP)
		return 0;	/* fragments: the first of them has it */
	if (proto == IPPROTO_SCTP && type & SKB_GSO_SCTP)
		return sizeof(struct sctphdr);
	return -1;
}

/* Bytes from the network header to the payload that is cut up; 0: not known. */
static inline unsigned int xa_gso_header_size(const struct sk_buff *skb)
{
	int start = skb_network_offset(skb);
	int pos = skb->encapsulation ? skb_inner_network_offset(skb) : start;
	int size;
	u8 proto;

	if (pos < start)
		return 0;
	pos = xa_gso_transport(skb, pos, &proto);
	if (pos < start)
		return 0;
	size = xa_gso_transport_size(skb, pos, proto);
	return size < 0 ? 0 : pos - start + size;
}

/* SCTP: each skb of the list is the payload of a packet. */
static inline unsigned int xa_gso_frags(const struct sk_buff *skb)
{
	const struct sk_buff *frag;
	unsigned int n = 0;

	skb_walk_frags(skb, frag)
		++n;
	return n;
}

/* The rest of xa_units(), with its buffers */
static noinline __maybe_unused struct xa_units xa_gso_units(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int header = xa_gso_header_size(skb), jumbo = xa_gso_jumbo(skb);
	struct xa_units units = { .bytes = xa_l3_size(skb) };
	unsigned int added = 0;

	if (header && info->gso_size != GSO_BY_FRAGS) {
		if (info->gso_type & SKB_GSO_UDP && ip_hdr(skb)->version == 6)
			added = sizeof(struct frag_hdr);
		return xa_units_cut(units.bytes, header - jumbo, added, info->gso_size);
	}
	units.packets = info->gso_size == GSO_BY_FRAGS ? xa_gso_frags(skb) :
							 info->gso_segs;
	units.packets = max(units.packets, 1U);
	units.bytes += (u64)(units.packets - 1) * header;
	return units;
}

/**
 * xa_units - count an skb as the packets it was or will be on the wire
 * @skb: packet at a hook of IPv4 or IPv6, network header set
 *
 * Segments that GRO joined, or that GSO will cut, count one by one and each
 * with its headers, so that figures do not depend on offloads.
 *
 * Context: any.
 * Return: packets and bytes.
 */
static inline struct xa_units xa_units(const struct sk_buff *skb)
{
	struct xa_units units = {
		.packets = 1, .bytes = skb->len - skb_network_offset(skb),
	};

	return likely(!skb_is_gso(skb)) ? units : xa_gso_units(skb);
}

#endif /* _XA_GSO_H */
