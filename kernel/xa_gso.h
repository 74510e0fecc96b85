/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_gso - how many packets of the wire an skb stands for */
#ifndef _XA_GSO_H
#define _XA_GSO_H

#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>

/**
 * struct xa_units - what an skb is on the wire
 * @packets: at least 1
 * @bytes:   layer-3 bytes of all of them, each with its own headers
 */
struct xa_units {
	unsigned int packets;
	u64 bytes;
};

/* Bytes from the network header to the payload that is cut up; 0: unknown. */
static inline unsigned int xa_gso_header_size(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	int offset = skb->encapsulation ? skb_inner_transport_offset(skb) :
					  skb_transport_offset(skb);
	const struct tcphdr *th;
	struct tcphdr buf;
	int size;

	if (type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) {
		th = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!th)
			return 0;
		size = th->doff * 4;
	} else if (type & SKB_GSO_UDP_L4) {
		size = sizeof(struct udphdr);
	} else {
		return 0;
	}
	size += offset - skb_network_offset(skb);
	return size > 0 ? size : 0;
}

/**
 * xa_units - count an skb as the packets it was or will be on the wire
 * @skb:     packet, network header set
 * @l3_size: bytes of its network header and all that follows
 *
 * Segments that GRO joined, or that GSO will cut, count one by one and each
 * with its headers, so that figures do not depend on offloads.
 *
 * Context: any.
 */
static inline struct xa_units xa_units(const struct sk_buff *skb, u32 l3_size)
{
	struct xa_units units = { .packets = 1, .bytes = l3_size };
	unsigned int mss = skb_shinfo(skb)->gso_size;
	unsigned int header;

	if (likely(!mss))
		return units;
	header = xa_gso_header_size(skb);
	if (header && header < l3_size && mss != GSO_BY_FRAGS) {
		units.packets = DIV_ROUND_UP(l3_size - header, mss);
		units.bytes += (u64)(units.packets - 1) * header;
	} else {
		units.packets = max_t(unsigned int, 1,
				      skb_shinfo(skb)->gso_segs);
	}
	return units;
}

#endif /* _XA_GSO_H */
