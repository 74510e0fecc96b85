// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_test_shape - gives received packets the shapes that hardware and GRO give
 *
 * Before the rules of PREROUTING see a packet of IPv4 or IPv6, it is put into
 * the shape that the parameter says; after them the shape is taken away again.
 *
 *	complete  the card has added up the packet (CHECKSUM_COMPLETE). After the
 *		  rules of PREROUTING and INPUT the sum must still be right; else
 *		  the packet counts as wrong.
 *	gso	  TCP, UDP and SCTP as several packets of mss bytes of payload
 *	ufo	  UDP as fragments of mss bytes
 *	tunnel	  as gso, with the packet in an IP-in-IP or GRE tunnel
 *	unknown	  GRE as several packets, by a way of cutting that nobody can see
 *
 * The figures are of the machine; tests that use the module run alone.
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

enum shape { SHAPE_NONE, SHAPE_COMPLETE, SHAPE_GSO, SHAPE_UFO, SHAPE_TUNNEL, SHAPE_UNKNOWN };

static const char *const shape_names[] = { "none", "complete", "gso", "ufo", "tunnel",
					  "unknown" };

static unsigned int shape;
static unsigned int mss = 1000;
module_param(mss, uint, 0600);
MODULE_PARM_DESC(mss, "bytes of payload of each packet");

static DEFINE_SPINLOCK(shape_lock);	/* seen and wrong */
static unsigned int seen, wrong;
module_param(seen, uint, 0600);
MODULE_PARM_DESC(seen, "packets that were given the shape");
module_param(wrong, uint, 0600);
MODULE_PARM_DESC(wrong, "sums that were wrong after the rules");

static int shape_set(const char *text, const struct kernel_param *kp)
{
	int i = __sysfs_match_string(shape_names, ARRAY_SIZE(shape_names), text);

	if (i < 0)
		return i;
	WRITE_ONCE(shape, i);
	return 0;
}

static int shape_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s\n", shape_names[READ_ONCE(shape)]);
}

static const struct kernel_param_ops shape_ops = { .set = shape_set, .get = shape_get };
module_param_cb(shape, &shape_ops, NULL, 0600);
MODULE_PARM_DESC(shape, "none, complete, gso, ufo, tunnel, unknown");

static void shape_count(unsigned int *counter)
{
	spin_lock_bh(&shape_lock);
	++*counter;
	spin_unlock_bh(&shape_lock);
}

/* What is behind the IP header at @pos, and where; negative: no such thing */
static int shape_behind(const struct sk_buff *skb, int pos, u8 *proto)
{
	const struct iphdr *iph = (const struct iphdr *)(skb->data + pos);
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)iph;
	__be16 frag_off;

	if (pos + sizeof(*iph) > skb->len)
		return -1;
	if (iph->version == 4) {
		*proto = iph->protocol;
		return pos + iph->ihl * 4;
	}
	if (pos + sizeof(*ip6h) > skb->len)
		return -1;
	*proto = ip6h->nexthdr;
	return ipv6_skip_exthdr(skb, pos + sizeof(*ip6h), proto, &frag_off);
}

/* Cuts what is behind @header bytes into a list of skbs. */
static bool shape_cut(struct sk_buff *skb, unsigned int header)
{
	struct sk_buff **last = &skb_shinfo(skb)->frag_list, *piece;
	unsigned int whole = skb->len, pos, size;

	for (pos = header; pos < whole; pos += size) {
		size = min(mss, whole - pos);
		piece = alloc_skb(size, GFP_ATOMIC);
		if (!piece)
			return false;
		skb_copy_bits(skb, pos, skb_put(piece, size), size);
		skb->truesize += piece->truesize;
		*last = piece;
		last = &piece->next;
	}
	skb_set_tail_pointer(skb, header);
	skb->data_len = whole - header;
	return true;
}

/* Return: whether the payload at @pos is one that can be cut up. */
static bool shape_gso(struct sk_buff *skb, int pos, u8 proto, bool ufo)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int type;

	if (pos < 0 || pos + mss >= skb->len)
		return false;
	switch (proto) {
	case IPPROTO_TCP:
		type = skb->data[0] >> 4 == 6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
		break;
	case IPPROTO_UDP:
		type = ufo ? SKB_GSO_UDP : SKB_GSO_UDP_L4;
		break;
	case IPPROTO_SCTP:
		if (!shape_cut(skb, pos + sizeof(struct sctphdr)))
			return false;
		info->gso_size = GSO_BY_FRAGS;
		info->gso_type = SKB_GSO_SCTP;
		return true;
	default:
		return false;
	}
	info->gso_size = mss;
	info->gso_type = type | SKB_GSO_DODGY;	/* gso_segs is not filled in */
	return true;
}

static bool shape_tunnel(struct sk_buff *skb)
{
	u8 proto;
	int pos = shape_behind(skb, 0, &proto);

	if (proto == IPPROTO_GRE)
		pos += 4;
	else if (proto != IPPROTO_IPIP && proto != IPPROTO_IPV6)
		return false;
	skb_set_inner_network_header(skb, pos);
	pos = shape_behind(skb, pos, &proto);
	if (!shape_gso(skb, pos, proto, false))
		return false;
	skb_set_inner_transport_header(skb, pos);
	skb_shinfo(skb)->gso_type |= SKB_GSO_IPXIP4;
	skb->encapsulation = 1;
	return true;
}

static bool shape_unknown(struct sk_buff *skb, u8 proto)
{
	if (proto != IPPROTO_GRE)
		return false;
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_type = SKB_GSO_GRE | SKB_GSO_DODGY;
	return true;
}

static bool shape_give(struct sk_buff *skb)
{
	u8 proto;
	int pos = shape_behind(skb, 0, &proto);

	switch (READ_ONCE(shape)) {
	case SHAPE_COMPLETE:
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
		skb->ip_summed = CHECKSUM_COMPLETE;
		return true;
	case SHAPE_GSO:
		return shape_gso(skb, pos, proto, false);
	case SHAPE_UFO:
		return proto == IPPROTO_UDP && shape_gso(skb, pos, proto, true);
	case SHAPE_TUNNEL:
		return shape_tunnel(skb);
	case SHAPE_UNKNOWN:
		return shape_unknown(skb, proto);
	}
	return false;
}

static unsigned int shape_before(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	if (READ_ONCE(shape) == SHAPE_NONE || skb_is_gso(skb) ||
	    skb->ip_summed == CHECKSUM_PARTIAL || skb_network_offset(skb) != 0)
		return NF_ACCEPT;
	if (skb_unclone(skb, GFP_ATOMIC) || skb_linearize(skb))
		return NF_DROP;
	if (shape_give(skb))
		shape_count(&seen);
	return NF_ACCEPT;
}

static void shape_verify(const struct sk_buff *skb)
{
	__wsum sum = skb_checksum(skb, 0, skb->len, 0);
	__sum16 left = csum_fold(csum_sub(skb->csum, sum));

	/* 0 has two forms */
	if (left && left != CSUM_MANGLED_0)
		shape_count(&wrong);
}

static unsigned int shape_after(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	unsigned int now = READ_ONCE(shape);

	if (now == SHAPE_COMPLETE && skb->ip_summed == CHECKSUM_COMPLETE &&
	    skb_network_offset(skb) == 0)
		shape_verify(skb);
	if (now < SHAPE_GSO || !skb_is_gso(skb))
		return NF_ACCEPT;
	skb_gso_reset(skb);
	skb->encapsulation = 0;
	return skb_linearize(skb) ? NF_DROP : NF_ACCEPT;
}

#define SHAPE_HOOK(function, family, where, order) \
	{ .hook = (function), .pf = (family), .hooknum = (where), .priority = (order) }

static const struct nf_hook_ops shape_hooks[] = {
	SHAPE_HOOK(shape_before, NFPROTO_IPV4, NF_INET_PRE_ROUTING, INT_MIN),
	SHAPE_HOOK(shape_after, NFPROTO_IPV4, NF_INET_PRE_ROUTING, INT_MAX),
	SHAPE_HOOK(shape_after, NFPROTO_IPV4, NF_INET_LOCAL_IN, INT_MAX),
	SHAPE_HOOK(shape_before, NFPROTO_IPV6, NF_INET_PRE_ROUTING, INT_MIN),
	SHAPE_HOOK(shape_after, NFPROTO_IPV6, NF_INET_PRE_ROUTING, INT_MAX),
	SHAPE_HOOK(shape_after, NFPROTO_IPV6, NF_INET_LOCAL_IN, INT_MAX),
};

static int __net_init shape_net_init(struct net *net)
{
	return nf_register_net_hooks(net, shape_hooks, ARRAY_SIZE(shape_hooks));
}

static void __net_exit shape_net_exit(struct net *net)
{
	nf_unregister_net_hooks(net, shape_hooks, ARRAY_SIZE(shape_hooks));
}

static struct pernet_operations shape_net_ops = {
	.init = shape_net_init,
	.exit = shape_net_exit,
};

static int __init shape_init(void)
{
	return register_pernet_subsys(&shape_net_ops);
}

static void __exit shape_exit(void)
{
	unregister_pernet_subsys(&shape_net_ops);
}

module_init(shape_init);
module_exit(shape_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Test: shapes of received packets");
MODULE_LICENSE("GPL");
