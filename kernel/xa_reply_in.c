// SPDX-License-Identifier: GPL-2.0-only
/* xa_reply_in - whether a packet that came in may be answered */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <net/dst_metadata.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "xa_reply_pkt.h"

/* From an IP header to the end of the first 8 bytes behind it, if there are options */
#define REPLY_HEAD_MAX	(60 + 8)

/* The copies of a frame come at once, if nothing preempts. */
#define REPLY_SEEN_TIME	(max(HZ / 100, 1) + 1)

/**
 * struct reply_seen - the last bridged packet that was answered on this CPU
 * @until:   jiffies; later nothing is the same packet
 * @net:     only compared
 * @physin:  bridge port where it came in
 * @physout: bridge port by which it was to leave
 * @len:     bytes in @head
 * @head:    its IP header, and ports and sequence number, or what is in that place
 */
struct reply_seen {
	unsigned long until;
	const struct net *net;
	int physin;
	int physout;
	unsigned int len;
	u8 head[REPLY_HEAD_MAX];
};

/* Used while an answer is made, of which there is one at a time on a CPU. */
static DEFINE_PER_CPU(struct reply_seen, reply_seen);

/* An answer to a packet whose addresses NAT has changed must pass NAT again. */
static bool reply_natted(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return ct && (ct->status & IPS_NAT_MASK);
#else
	return false;
#endif
}

/* What was in another header, PPPoE say, has no Ethernet header of its own. */
static bool reply_ethernet(struct xa_reply_pkt *r)
{
	const struct ethhdr *eth;

	if (!skb_mac_header_was_set(r->old))
		return false;
	eth = eth_hdr(r->old);
	if (eth->h_proto != r->old->protocol)
		return false;
	ether_addr_copy(r->hw_src, eth->h_source);
	ether_addr_copy(r->hw_dst, eth->h_dest);
	return is_valid_ether_addr(r->hw_src) && is_valid_ether_addr(r->hw_dst);
}

#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
/*
 * A packet that passes a bridge is neither from nor for this host: its answer
 * goes back by the port where the packet came in, with its Ethernet addresses
 * turned round. A packet that the bridge handed to the IP stack is routed.
 */
static bool reply_open_bridged(struct xa_reply_pkt *r)
{
	if (r->state->hook != NF_INET_FORWARD)
		return true;
	r->physout = nf_bridge_get_physoutif(r->old);
	if (!r->physout)
		return true;
	r->physin = nf_bridge_get_physinif(r->old);
	if (reply_natted(r->old))
		return true;
	r->port = dev_get_by_index_rcu(r->state->net, r->physin);
	r->bridged = true;
	return r->port && reply_ethernet(r);
}
#else
static bool reply_open_bridged(struct xa_reply_pkt *r)
{
	return true;
}
#endif

/*
 * By the device where the packet came in. Routed after all is what came by a link
 * without Ethernet addresses, into a VRF, through IPsec, or has to pass NAT.
 */
static bool reply_open_same_if(struct xa_reply_pkt *r)
{
	const struct net_device *dev = r->state->in;

	if (r->port || dev->type != ARPHRD_ETHER || (dev->flags & IFF_NOARP) ||
	    netif_is_l3_master(dev) || secpath_exists(r->old) ||
	    reply_natted(r->old) || !reply_ethernet(r))
		return true;
	r->port = r->state->in;
	/* Otherwise the route tells a broadcast address of a subnet. */
	return xa_reply_ipv6(r) ||
	       inet_addr_type(r->state->net, ip_hdr(r->old)->saddr) != RTN_BROADCAST;
}

static bool reply_unicast4(__be32 addr)
{
	return !ipv4_is_multicast(addr) && !ipv4_is_lbcast(addr) &&
	       !ipv4_is_zeronet(addr);
}

/* Without a protocol that the caller wants, any is right. */
static bool reply_proto_ok(struct xa_reply_pkt *r, u8 proto)
{
	if (!r->proto)
		r->proto = proto;
	return r->proto == proto;
}

static bool reply_parse4(struct xa_reply_pkt *r)
{
	const struct iphdr *iph = ip_hdr(r->old);

	if (!reply_proto_ok(r, iph->protocol) || ip_is_fragment(iph) ||
	    !reply_unicast4(iph->saddr) || !reply_unicast4(iph->daddr))
		return false;
	r->options = iph->ihl > sizeof(*iph) / 4;
	r->thoff   = skb_network_offset(r->old) + ip_hdrlen(r->old);
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
/* par->thoff is not to be had for rules without -p on all kernels: we look. */
static bool reply_parse6(struct xa_reply_pkt *r)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(r->old);
	unsigned short frag_off = 0;
	int flags = 0, proto;

	if (!(ipv6_addr_type(&ip6h->saddr) & IPV6_ADDR_UNICAST) ||
	    !(ipv6_addr_type(&ip6h->daddr) & IPV6_ADDR_UNICAST))
		return false;
	r->thoff = 0;
	proto = ipv6_find_hdr(r->old, &r->thoff, -1, &frag_off, &flags);
	if (proto < 0 || frag_off || (flags & IP6_FH_F_FRAG) ||
	    !reply_proto_ok(r, proto))
		return false;
	r->options = ip6h->nexthdr != r->proto;
	return true;
}
#else
static bool reply_parse6(struct xa_reply_pkt *r)
{
	return false;
}
#endif

/* IPv4 broadcasts of a subnet are told by the route only. */
static bool reply_route_in_ok(const struct xa_reply_pkt *r)
{
	if (r->port)
		return true;
	if (!skb_valid_dst(r->old))
		return false;
	return xa_reply_ipv6(r) ||
	       !(skb_rtable(r->old)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST));
}

/* In a row of many extension headers the transport header is not looked at. */
static unsigned int reply_head_len(const struct xa_reply_pkt *r)
{
	unsigned int len = r->thoff - skb_network_offset(r->old) + 8;

	return min_t(unsigned int, len, REPLY_HEAD_MAX);
}

/*
 * A bridge sends a frame for an address that it does not know by all ports, and
 * each copy passes FORWARD, one behind the other. A copy is told by its port: a packet that
 * was sent twice leaves by the same port again, or first by the same one.
 */
static bool reply_flooded(const struct xa_reply_pkt *r)
{
	const struct reply_seen *seen = this_cpu_ptr(&reply_seen);
	unsigned int len;
	const u8 *head;
	u8 buf[REPLY_HEAD_MAX] __uninitialized;

	if (likely(!r->physout) || time_after_eq(jiffies, seen->until) ||
	    r->state->net != seen->net || r->physin != seen->physin ||
	    r->physout == seen->physout)
		return false;
	len  = reply_head_len(r);
	head = skb_header_pointer(r->old, skb_network_offset(r->old), len, buf);
	return head && len == seen->len && !memcmp(head, seen->head, len);
}

/**
 * xa_reply_done - note that a packet was answered
 * @r: after xa_reply_open()
 *
 * Copies of it that leave a bridge by other ports are not answered any more.
 *
 * Context: packet path, where one answer at a time is made on a CPU.
 */
void xa_reply_done(const struct xa_reply_pkt *r)
{
	struct reply_seen *seen = this_cpu_ptr(&reply_seen);
	unsigned int len;

	if (likely(!r->physout))
		return;
	len = reply_head_len(r);
	if (skb_copy_bits(r->old, skb_network_offset(r->old), seen->head, len))
		len = 0;
	seen->until   = jiffies + REPLY_SEEN_TIME;
	seen->net     = r->state->net;
	seen->physin  = r->physin;
	seen->physout = r->physout;
	seen->len     = len;
}

/**
 * xa_reply_parse - find the transport header of the packet that came in
 * @r: with old and state set, and proto, if it must be a certain one; thoff,
 *     options and proto are filled in
 *
 * Context: packet path.
 * Return: false if it is a fragment, of another protocol, or one of its
 *	   addresses is not a unicast address.
 */
bool xa_reply_parse(struct xa_reply_pkt *r)
{
	return xa_reply_ipv6(r) ? reply_parse6(r) : reply_parse4(r);
}

/*
 * What the rest relies on: the device of the hook is there, and the packet is on its
 * way in, or sent by a socket of this host. At POSTROUTING an answer of ours looks as
 * if it had been received.
 */
static bool reply_hook_ok(const struct xa_reply_pkt *r)
{
	const struct nf_hook_state *state = r->state;

	if (state->pf != NFPROTO_IPV4 && !xa_reply_ipv6(r))
		return false;
	switch (state->hook) {
	case NF_INET_LOCAL_IN:
	case NF_INET_FORWARD:
		return state->in && r->old->pkt_type == PACKET_HOST;
	case NF_INET_LOCAL_OUT:
		return state->out && r->old->sk && !r->same_if;
	default:
		return false;
	}
}

/**
 * xa_reply_open - see whether a packet is one that may be answered
 * @r: with old and state set, proto, if it must be a certain one, same_if, and all
 *     else zero
 *
 * What a socket of this host sends is answered in the OUTPUT hook; what has no
 * socket is not. Answers have none, so they can not be answered themselves.
 *
 * Context: packet path, RCU read side, where one answer at a time is made on a CPU.
 * Return: false if no answer must be sent: at other hooks than INPUT, FORWARD and
 *	   OUTPUT (there also with same_if), in other families than IPv4 and IPv6, for
 *	   what was not sent to this host, and for copies of what was answered already.
 *	   The transport header was not yet looked at.
 */
bool xa_reply_open(struct xa_reply_pkt *r)
{
	if (!reply_hook_ok(r))
		return false;
	r->max_ttl = 255;
	return reply_open_bridged(r) && reply_route_in_ok(r) && xa_reply_parse(r) &&
	       !reply_flooded(r) && (!r->same_if || reply_open_same_if(r));
}

/**
 * xa_reply_csum_ok - verify the transport checksum of the packet that came in
 * @r: after xa_reply_open()
 *
 * Context: packet path.
 * Return: whether it is right.
 */
bool xa_reply_csum_ok(const struct xa_reply_pkt *r)
{
	return !nf_checksum(r->old, r->state->hook, r->thoff, r->proto,
			    r->state->pf);
}

/**
 * xa_reply_ttl_in - TTL or hop limit of the packet that came in
 * @r: after xa_reply_open()
 *
 * Context: packet path.
 * Return: the value.
 */
u8 xa_reply_ttl_in(const struct xa_reply_pkt *r)
{
	return xa_reply_ipv6(r) ? ipv6_hdr(r->old)->hop_limit : ip_hdr(r->old)->ttl;
}
