// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_length2 - match the length of a packet at a layer
 *
 * Layer 3 counts the IP header and all behind it, layer 4 what the IP header
 * and the extension headers carry, layer 5 what the transport header carries,
 * and layer 7 the same, but for SCTP the DATA chunks alone. Link-layer padding
 * does not count, and a GSO packet has the length of the whole.
 *
 * A packet that has no length at the layer (unknown transport, a fragment
 * without the transport header, headers cut or not making sense) does not
 * match, inverted or not. The rule has no state; nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/netfilter/x_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "xa_gso.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_length2.h"

/* RFC 4340; the kernel is giving up its own header. */
#define LENGTH2_DCCP_LEN	12

/* The fixed part; what follows (integrity value, padding) counts as content. */
#define LENGTH2_AH_LEN		12
#define LENGTH2_ESP_LEN		8

/* RFC 8260; not in all kernels' headers */
#define LENGTH2_SCTP_CID_I_DATA	64

/*
 * Bounds of work on one packet. 64 KiB hold at most 3276 SCTP chunks with
 * data; nobody sends more than a handful of extension headers.
 */
#define LENGTH2_CHUNKS_MAX	4096
#define LENGTH2_EXTHDRS_MAX	32

/**
 * struct length2_pkt - where the transport is
 * @l3:     length of the whole packet
 * @l4:     length from the transport header on
 * @thoff:  the transport header in the skb
 * @proto:  the transport protocol
 * @headed: the packet has the transport header (no later fragment)
 */
struct length2_pkt {
	unsigned int l3;
	unsigned int l4;
	unsigned int thoff;
	u8 proto;
	bool headed;
};

/* Header length from the upper half of a byte in 32-bit words; 0: too short */
static unsigned int length2_words(const struct sk_buff *skb, unsigned int pos,
				  unsigned int min)
{
	const u8 *byte;
	unsigned int len;
	u8 buf;

	byte = skb_header_pointer(skb, pos, sizeof(buf), &buf);
	if (!byte)
		return 0;
	len = (*byte >> 4) * 4;
	return len >= min ? len : 0;
}

/* Length of the transport header; 0 if it is not known. */
static unsigned int length2_thlen(const struct sk_buff *skb,
				  const struct length2_pkt *pkt, u8 icmp)
{
	u8 buf;
	const u8 *words;

	if (pkt->proto == icmp)
		return sizeof(struct icmphdr);
	switch (pkt->proto) {
	case IPPROTO_TCP:
		return length2_words(skb, pkt->thoff + 12, sizeof(struct tcphdr));
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return sizeof(struct udphdr);
	case IPPROTO_SCTP:
		return sizeof(struct sctphdr);
	case IPPROTO_DCCP:
		words = skb_header_pointer(skb, pkt->thoff + 4, sizeof(buf), &buf);
		return words && *words * 4U >= LENGTH2_DCCP_LEN ?
		       *words * 4U : 0;
	case IPPROTO_AH:
		return LENGTH2_AH_LEN;
	case IPPROTO_ESP:
		return LENGTH2_ESP_LEN;
	}
	return 0;
}

static bool length2_layer5(const struct sk_buff *skb,
			   const struct length2_pkt *pkt, u8 icmp,
			   unsigned int *len)
{
	unsigned int thlen;

	if (!pkt->headed)
		return false;
	thlen = length2_thlen(skb, pkt, icmp);
	if (thlen == 0 || thlen > pkt->l4)
		return false;
	*len = pkt->l4 - thlen;
	return true;
}

/* Sum of the lengths of the chunks with data, or false for a broken list. */
static bool length2_sctp_data(const struct sk_buff *skb,
			      const struct length2_pkt *pkt, unsigned int *len)
{
	unsigned int left = pkt->l4 - sizeof(struct sctphdr);
	unsigned int pos = pkt->thoff + sizeof(struct sctphdr);
	const struct sctp_chunkhdr *chunk;
	struct sctp_chunkhdr buf;
	unsigned int size, step, n;

	*len = 0;
	for (n = 0; left >= sizeof(buf) && n < LENGTH2_CHUNKS_MAX; ++n) {
		chunk = skb_header_pointer(skb, pos, sizeof(buf), &buf);
		if (!chunk)
			return false;
		size = ntohs(chunk->length);
		if (size < sizeof(buf) || size > left)
			return false;
		if (chunk->type == SCTP_CID_DATA ||
		    chunk->type == LENGTH2_SCTP_CID_I_DATA)
			*len += size;
		/* the last chunk's padding may be missing */
		step = min_t(unsigned int, ALIGN(size, 4), left);
		pos += step;
		left -= step;
	}
	return left == 0;
}

static bool length2_of(const struct sk_buff *skb, const struct length2_pkt *pkt,
		       u16 layer, u8 icmp, unsigned int *len)
{
	switch (layer & XT_LENGTH_LAYERS) {
	case XT_LENGTH_LAYER4:
		*len = pkt->l4;
		return true;
	case XT_LENGTH_LAYER5:
		return length2_layer5(skb, pkt, icmp, len);
	case XT_LENGTH_LAYER7:
		if (!length2_layer5(skb, pkt, icmp, len))
			return false;
		return pkt->proto != IPPROTO_SCTP ||
		       length2_sctp_data(skb, pkt, len);
	}
	return false;
}

static bool length2_hit(const struct xt_length2_mtinfo *info, unsigned int len)
{
	bool hit = info->min <= len && len <= info->max;

	return hit ^ (info->flags & XT_LENGTH_INVERT);
}

static bool length2_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_length2_mtinfo *info = par->matchinfo;
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int hlen = iph->ihl * 4, len;
	struct length2_pkt pkt;

	pkt.l3 = xa_l3_size(skb);
	if (info->flags & XT_LENGTH_LAYER3)
		return length2_hit(info, pkt.l3);
	if (pkt.l3 < hlen)
		return false;
	pkt.l4 = pkt.l3 - hlen;
	pkt.thoff = skb_network_offset(skb) + hlen;
	pkt.proto = iph->protocol;
	pkt.headed = !(iph->frag_off & htons(IP_OFFSET));
	if (!length2_of(skb, &pkt, info->flags, IPPROTO_ICMP, &len))
		return false;
	return length2_hit(info, len);
}

/* Walk the extension headers to the transport header; false: there is none */
static bool length2_walk6(const struct sk_buff *skb, struct length2_pkt *pkt)
{
	const struct ipv6_opt_hdr *ext;
	unsigned int size, n;
	struct frag_hdr buf;

	for (n = 0; n < LENGTH2_EXTHDRS_MAX; ++n) {
		/* AH hides nothing, but it is a layer that can be asked for */
		if (!ipv6_ext_hdr(pkt->proto) || pkt->proto == NEXTHDR_AUTH)
			return true;
		if (pkt->proto == NEXTHDR_NONE)
			return false;
		size = pkt->proto == NEXTHDR_FRAGMENT ? sizeof(buf) : sizeof(*ext);
		ext = skb_header_pointer(skb, pkt->thoff, size, &buf);
		if (!ext)
			return false;
		if (pkt->proto == NEXTHDR_FRAGMENT)
			pkt->headed = !(((const struct frag_hdr *)ext)->frag_off &
					htons(IP6_OFFSET));
		else
			size = ipv6_optlen(ext);
		if (size > pkt->l4)
			return false;
		pkt->proto = ext->nexthdr;
		pkt->thoff += size;
		pkt->l4 -= size;
		if (!pkt->headed)	/* the rest is no header */
			return true;
	}
	return false;
}

static bool length2_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_length2_mtinfo *info = par->matchinfo;
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	struct length2_pkt pkt;
	unsigned int jumbo, len;

	pkt.l3 = xa_l3_size(skb);
	if (info->flags & XT_LENGTH_LAYER3)
		return length2_hit(info, pkt.l3);
	pkt.l4 = pkt.l3 - sizeof(*iph);
	jumbo = xa_gso_jumbo(skb);
	pkt.thoff = skb_network_offset(skb) + sizeof(*iph) + jumbo;
	pkt.proto = jumbo ? NEXTHDR_TCP : iph->nexthdr;
	pkt.headed = true;
	if (!length2_walk6(skb, &pkt))
		return false;
	if (!length2_of(skb, &pkt, info->flags, IPPROTO_ICMPV6, &len))
		return false;
	return length2_hit(info, len);
}

static int length2_mt_check(const struct xt_mtchk_param *par)
{
	const struct xt_length2_mtinfo *info = par->matchinfo;

	if (info->flags & ~XT_LENGTH_ALL || info->pad)
		return -EINVAL;
	if (hweight16(info->flags & XT_LENGTH_LAYERS) != 1) {
		xa_net_info(par->net, "%u layers asked for, not one\n",
			    hweight16(info->flags & XT_LENGTH_LAYERS));
		return -EINVAL;
	}
	if (info->min > info->max) {
		xa_net_info(par->net, "%u:%u holds no length\n",
			    info->min, info->max);
		return -ERANGE;
	}
	return 0;
}

static struct xt_match length2_mt_reg[] __read_mostly = {
	{
		.name       = "length2",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = length2_mt_check,
		.match      = length2_mt4,
		.matchsize  = sizeof(struct xt_length2_mtinfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "length2",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = length2_mt_check,
		.match      = length2_mt6,
		.matchsize  = sizeof(struct xt_length2_mtinfo),
		.me         = THIS_MODULE,
	},
};

static int __init length2_mt_init(void)
{
	return xt_register_matches(length2_mt_reg, ARRAY_SIZE(length2_mt_reg));
}

static void __exit length2_mt_exit(void)
{
	xt_unregister_matches(length2_mt_reg, ARRAY_SIZE(length2_mt_reg));
}

module_init(length2_mt_init);
module_exit(length2_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: length of a packet at a layer");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_length2");
MODULE_ALIAS("ip6t_length2");
