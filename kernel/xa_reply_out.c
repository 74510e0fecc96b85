// SPDX-License-Identifier: GPL-2.0-only
/* xa_reply_out - route, build and send the answer to a packet */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <net/addrconf.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "xa_reply_pkt.h"

/* The bits of the type of service that routing knows; never RTO_ONLINK. */
#define REPLY_TOS_MASK	0xfc

/* The device whose VRF, if it is in one, the answer is routed in. */
static const struct net_device *reply_dev(const struct xa_reply_pkt *r)
{
	return r->state->hook == NF_INET_LOCAL_OUT ? r->state->out : r->state->in;
}

/* As the kernel's own resets: 0 unless net.ipv4.fwmark_reflect is set. */
static u32 reply_mark(const struct xa_reply_pkt *r)
{
	return xa_reply_ipv6(r) ? IP6_REPLY_MARK(r->state->net, r->old->mark) :
				  IP4_REPLY_MARK(r->state->net, r->old->mark);
}

/* Answers have no socket: their user is root of the namespace. */
static kuid_t reply_uid(const struct xa_reply_pkt *r)
{
	const struct net *net = r->state->net;

	/* Here it is known without a look into the map of the user namespace. */
	return net->user_ns == &init_user_ns ? GLOBAL_ROOT_UID : sock_net_uid(net, NULL);
}

/*
 * FLOWI_FLAG_ANYSRC: what is forwarded is answered in the name of the host
 * it was for.
 */
static struct dst_entry *reply_route4(const struct xa_reply_pkt *r)
{
	const struct iphdr *iph = ip_hdr(r->old);
	struct net *net = r->state->net;
	struct flowi4 fl4;
	struct rtable *rt;

	flowi4_init_output(&fl4, l3mdev_master_ifindex_rcu(reply_dev(r)),
			   reply_mark(r), r->tos & REPLY_TOS_MASK,
			   RT_SCOPE_UNIVERSE, r->proto, FLOWI_FLAG_ANYSRC,
			   iph->saddr, iph->daddr, r->sport, r->dport, reply_uid(r));
	rt = ip_route_output_flow(net, &fl4, NULL);
	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * A link-local address is one of the link where the packet came in. What a VRF
 * hands up seems to come from the VRF's device; IPv6 keeps the link.
 */
static int reply_oif6(const struct xa_reply_pkt *r)
{
	const struct net_device *dev = reply_dev(r);

	if (!(ipv6_addr_type(&ipv6_hdr(r->old)->saddr) & IPV6_ADDR_LINKLOCAL))
		return l3mdev_master_ifindex_rcu(dev);
	if (netif_is_l3_master(dev) && r->state->hook != NF_INET_LOCAL_OUT &&
	    IP6CB(r->old)->iif)
		return IP6CB(r->old)->iif;
	return dev->ifindex;
}

static struct dst_entry *reply_route6(const struct xa_reply_pkt *r)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(r->old);
	struct net *net = r->state->net;
	struct flowi6 fl6 = {
		.flowi6_proto	= r->proto,
		.flowi6_oif	= reply_oif6(r),
		.flowi6_mark	= reply_mark(r),
		.flowi6_uid	= reply_uid(r),
		.flowlabel	= r->flow,
		.saddr		= ip6h->daddr,
		.daddr		= ip6h->saddr,
		.fl6_sport	= r->dport,
		.fl6_dport	= r->sport,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	dst = xfrm_lookup(net, dst, flowi6_to_flowi(&fl6), NULL, 0);
	return IS_ERR(dst) ? NULL : dst;
}

static u8 reply_ttl6(const struct xa_reply_pkt *r, struct dst_entry *dst)
{
	return dst ? ip6_dst_hoplimit(dst) :
		     READ_ONCE(r->state->net->ipv6.devconf_all->hop_limit);
}

static void reply_put6(const struct xa_reply_pkt *r, struct sk_buff *nskb,
		       unsigned int len, u8 ttl)
{
	const struct ipv6hdr *old = ipv6_hdr(r->old);
	struct ipv6hdr *ip6h = __skb_put(nskb, sizeof(*ip6h));

	*(__be32 *)ip6h	  = htonl(0x60000000) | r->flow;
	ip6h->payload_len = htons(len);
	ip6h->nexthdr	  = r->proto;
	ip6h->hop_limit	  = ttl;
	ip6h->saddr	  = old->daddr;
	ip6h->daddr	  = old->saddr;
	nskb->protocol	  = htons(ETH_P_IPV6);
}
#else
static struct dst_entry *reply_route6(const struct xa_reply_pkt *r)
{
	return NULL;
}

static u8 reply_ttl6(const struct xa_reply_pkt *r, struct dst_entry *dst)
{
	return 0;
}

static void reply_put6(const struct xa_reply_pkt *r, struct sk_buff *nskb,
		       unsigned int len, u8 ttl)
{
}
#endif

static u8 reply_ttl4(const struct xa_reply_pkt *r, struct dst_entry *dst)
{
	return dst ? ip4_dst_hoplimit(dst) :
		     READ_ONCE(r->state->net->ipv4.sysctl_ip_default_ttl);
}

static void reply_put4(const struct xa_reply_pkt *r, struct sk_buff *nskb,
		       unsigned int len, u8 ttl)
{
	const struct iphdr *old = ip_hdr(r->old);
	struct iphdr *iph = __skb_put(nskb, sizeof(*iph));

	*(__be16 *)iph = htons(0x4500 | r->tos);
	iph->tot_len  = htons(sizeof(*iph) + len);
	iph->id	      = r->id;
	iph->frag_off = r->frag_off;
	iph->ttl      = ttl;
	iph->protocol = r->proto;
	iph->saddr    = old->daddr;
	iph->daddr    = old->saddr;
	if (r->port)	/* else ip_local_out() does it */
		ip_send_check(iph);
	nskb->protocol = htons(ETH_P_IP);
}

/*
 * Headers are in the linear part. Pages are single ones: an allocation of a
 * higher order could be made to fail from afar.
 */
static struct sk_buff *reply_alloc(unsigned int head, unsigned int paged)
{
	struct sk_buff *nskb;
	int err;

	head += LL_MAX_HEADER;
	if (paged)
		nskb = alloc_skb_with_frags(head, paged, 0, &err, GFP_ATOMIC);
	else
		nskb = alloc_skb(head, GFP_ATOMIC);
	if (nskb)
		skb_reserve(nskb, LL_MAX_HEADER);
	return nskb;
}

/* Every path carries the least MTU of RFC 791. Most answers are no longer. */
static bool reply_fits(const struct xa_reply_pkt *r, const struct dst_entry *dst,
		       unsigned int len)
{
	if (len <= IPV4_MIN_MTU)
		return true;
	return len <= (dst ? dst_mtu(dst) : r->port->mtu);
}

/**
 * xa_reply_build - make the answer's skb up to and with its IP header
 * @r:	   what is answered
 * @head:  bytes to come after the IP header, in the linear part
 * @paged: bytes to come after these, in pages: these are allocated, but neither
 *	   filled nor counted in len and data_len
 *
 * The answer is routed here, unless it goes through a certain device.
 *
 * Context: packet path with softirqs off, RCU read side.
 * Return: the skb, its transport header at its tail, or NULL: no memory, no
 *	   route, the answer would not fit the path, or its TTL would be 0.
 */
struct sk_buff *xa_reply_build(const struct xa_reply_pkt *r, unsigned int head,
			       unsigned int paged)
{
	bool v6 = xa_reply_ipv6(r);
	unsigned int hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	struct dst_entry *dst = NULL;
	struct sk_buff *nskb;
	u8 ttl;

	if (!r->port) {
		dst = v6 ? reply_route6(r) : reply_route4(r);
		if (!dst)
			return NULL;
	}
	ttl = min(v6 ? reply_ttl6(r, dst) : reply_ttl4(r, dst), r->max_ttl);
	if (!ttl || !reply_fits(r, dst, hlen + head + paged))
		goto release;
	nskb = reply_alloc(hlen + head, paged);
	if (!nskb)
		goto release;
	if (dst)
		skb_dst_set(nskb, dst);
	skb_reset_network_header(nskb);
	if (v6)
		reply_put6(r, nskb, head + paged, ttl);
	else
		reply_put4(r, nskb, head + paged, ttl);
	nskb->transport_header = nskb->network_header + hlen;
	nskb->mark = reply_mark(r);
	return nskb;
release:
	dst_release(dst);
	return NULL;
}

/**
 * xa_reply_csum - finish a transport checksum
 * @r:	  what is answered
 * @nskb: the answer, complete but for the checksum
 * @csum: sum over transport header (its checksum 0) and data
 *
 * Context: any.
 * Return: the checksum. Nothing is left for the device to compute.
 */
__sum16 xa_reply_csum(const struct xa_reply_pkt *r, const struct sk_buff *nskb,
		      __wsum csum)
{
	unsigned int len = nskb->len - skb_transport_offset(nskb);

	if (xa_reply_ipv6(r))
		return csum_ipv6_magic(&ipv6_hdr(nskb)->saddr, &ipv6_hdr(nskb)->daddr,
				       len, r->proto, csum);
	return csum_tcpudp_magic(ip_hdr(nskb)->saddr, ip_hdr(nskb)->daddr, len,
				 r->proto, csum);
}

/*
 * The answer belongs to the connection of what it answers, in the other
 * direction, so that NAT gives it the right addresses. What is untracked
 * or invalid has an untracked answer: no answer makes an entry of its own, as one with
 * the template that the target CT has left in the table raw would.
 */
static void reply_attach(struct sk_buff *nskb, const struct sk_buff *old)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(old, &ctinfo);

	if (ct && !nf_ct_is_template(ct))
		nf_ct_attach(nskb, old);
	else
		nf_ct_set(nskb, NULL, IP_CT_UNTRACKED);
#endif
}

static void reply_send_link(const struct xa_reply_pkt *r, struct sk_buff *nskb)
{
	nskb->dev = r->port;
	if (r->tagged)
		__vlan_hwaccel_put_tag(nskb, r->vlan_proto, r->vlan_tci);
	if (dev_hard_header(nskb, nskb->dev, ntohs(nskb->protocol), r->hw_src,
			    r->hw_dst, nskb->len) < 0)
		kfree_skb(nskb);
	else
		dev_queue_xmit(nskb);
}

/**
 * xa_reply_send - send an answer
 * @r:	  what is answered
 * @nskb: the answer, from xa_reply_build(), complete; it is consumed
 *
 * Context: packet path with softirqs off, RCU read side.
 */
void xa_reply_send(const struct xa_reply_pkt *r, struct sk_buff *nskb)
{
	struct net *net = r->state->net;

	if (r->port) {
		reply_send_link(r, nskb);
		return;
	}
	reply_attach(nskb, r->old);
	if (xa_reply_ipv6(r))
		ip6_local_out(net, NULL, nskb);
	else
		ip_local_out(net, NULL, nskb);
}
