// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipp2p - match packets of peer-to-peer programs by what they carry
 *
 * Each packet by itself, TCP and UDP, at its first bytes: xt_ipp2p_pure.h tells
 * how, and the files of the parts what is known of each protocol. Not looked at
 * are later fragments, TCP segments with SYN, FIN or RST, and what has no
 * payload. An skb that stands for several UDP datagrams is judged by the first.
 *
 * A rule with --learn also knows the peers of its namespace, which all such rules
 * share, and looks where a SYN+ACK says that data begin: see xt_ipp2p_learn.c, and
 * xt_ipp2p_peers.c, whose lock is taken to learn. Other rules have no state; nothing
 * here takes a lock but the limit of the log, which all share.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/netfilter/x_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_ipp2p.h"
#include "xt_ipp2p_news.h"
#include "xt_ipp2p_peers.h"
#include "xt_ipp2p_pure.h"

#define IPP2P_LINES	100	/* lines a second in the log, of all rules */

/**
 * struct ipp2p_l4 - the transport of a packet and what it carries
 * @thoff: its header in the skb
 * @proto: %IPPROTO_TCP or %IPPROTO_UDP
 * @pos:   the payload in the skb
 * @len:   its length
 * @seq:   of TCP, the number of its first byte
 * @syn:   of TCP, whether it is a SYN+ACK, which has no payload that is looked at
 */
struct ipp2p_l4 {
	unsigned int thoff;
	u8 proto;
	unsigned int pos;
	unsigned int len;
	u32 seq;
	bool syn;
};

static const char *ipp2p_name(u32 protocol)
{
	static const char *const names[] = {
		"edk", "dc", "gnu", "kazaa", "bit", "apple", "soul", "winmx",
		"ares", "mute", "waste", "xdcc",
	};

	return names[ilog2(protocol)];
}

static void ipp2p_debug(const struct sk_buff *skb, const struct net *net,
			bool six, const struct ipp2p_l4 *l4, u32 protocol)
{
	static DEFINE_RATELIMIT_STATE(limit, HZ, IPP2P_LINES);
	const char *l4_name = l4->proto == IPPROTO_TCP ? "TCP" : "UDP";
	const char *name = ipp2p_name(protocol);
	const __be16 *port;
	__be16 buf[2];

	if (!xa_net_may_log(net) || !__ratelimit(&limit))
		return;
	port = skb_header_pointer(skb, l4->thoff, sizeof(buf), buf);
	if (!port)
		return;
	if (six)
		pr_info("IPP2P.debug:%s-match: %s from: %pI6:%u to: %pI6:%u Length: %u Family: IPv6\n",
			l4_name, name, &ipv6_hdr(skb)->saddr, ntohs(port[0]),
			&ipv6_hdr(skb)->daddr, ntohs(port[1]), l4->len);
	else
		pr_info("IPP2P.debug:%s-match: %s from: %pI4:%u to: %pI4:%u Length: %u Family: IPv4\n",
			l4_name, name, &ip_hdr(skb)->saddr, ntohs(port[0]),
			&ip_hdr(skb)->daddr, ntohs(port[1]), l4->len);
}

static bool ipp2p_tcp_payload(const struct sk_buff *skb, struct ipp2p_l4 *l4)
{
	unsigned int left = skb->len - l4->thoff, hlen;
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, l4->thoff, sizeof(buf), &buf);
	if (!th)
		return false;
	if (th->syn || th->fin || th->rst) {
		l4->syn = th->syn && th->ack;
		return false;
	}
	hlen = th->doff * 4;
	if (hlen < sizeof(*th) || hlen >= left)
		return false;
	l4->seq = ntohl(th->seq);
	l4->pos = l4->thoff + hlen;
	l4->len = left - hlen;
	return true;
}

/*
 * The length in the header is what the receiver goes by. A first fragment has
 * less than it says, a jumbogram says 0.
 */
static bool ipp2p_udp_payload(const struct sk_buff *skb, struct ipp2p_l4 *l4)
{
	unsigned int left = skb->len - l4->thoff, len;
	const struct udphdr *uh;
	struct udphdr buf;

	uh = skb_header_pointer(skb, l4->thoff, sizeof(buf), &buf);
	if (!uh)
		return false;
	len = ntohs(uh->len) ?: left;
	if (len <= sizeof(*uh) || left <= sizeof(*uh))
		return false;
	l4->pos = l4->thoff + sizeof(*uh);
	l4->len = min(len, left) - sizeof(*uh);
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		l4->len = min_t(unsigned int, l4->len, skb_shinfo(skb)->gso_size);
	return true;
}

/* The long look, at what few packets get; here is the room to copy it. */
static noinline u32 ipp2p_look(const struct sk_buff *skb,
			       const struct ipp2p_l4 *l4, u32 candidates)
{
	struct ipp2p_payload pay = {
		.have = min_t(unsigned int, l4->len, IPP2P_LOOK),
		.len  = l4->len,
	};
	u8 buf[IPP2P_LOOK] __uninitialized;

	pay.data = skb_header_pointer(skb, l4->pos, pay.have, buf);
	if (!pay.data)
		return 0;
	return l4->proto == IPPROTO_TCP ? ipp2p_tcp(&pay, candidates) :
					  ipp2p_udp(&pay, candidates);
}

static u32 ipp2p_protocol(const struct sk_buff *skb, const struct ipp2p_l4 *l4,
			  u32 wanted)
{
	struct ipp2p_payload pay = {
		.have = min_t(unsigned int, l4->len, IPP2P_FIRST),
		.len  = l4->len,
	};
	u8 buf[IPP2P_FIRST] __uninitialized;
	u32 candidates;

	pay.data = skb_header_pointer(skb, l4->pos, pay.have, buf);
	if (!pay.data)
		return 0;
	candidates = l4->proto == IPPROTO_TCP ? ipp2p_tcp_candidates(&pay) :
						ipp2p_udp_candidates(&pay);
	candidates &= wanted;
	return candidates ? ipp2p_look(skb, l4, candidates) : 0;
}

static noinline bool ipp2p_learn_look(const struct sk_buff *skb,
				      const struct ipp2p_l4 *l4,
				      struct ipp2p_peers *peers, bool bit)
{
	struct ipp2p_payload pay = {
		.have = min_t(unsigned int, l4->len, IPP2P_LOOK),
		.len  = l4->len,
	};
	u8 buf[IPP2P_LOOK] __uninitialized;

	pay.data = skb_header_pointer(skb, l4->pos, pay.have, buf);
	return pay.data && ipp2p_peers_match(peers, skb, &pay, l4->proto, l4->seq, bit);
}

/* A connection begins: both numbers are known by now. */
static noinline void ipp2p_learn_syn(const struct sk_buff *skb, const struct ipp2p_l4 *l4,
				     struct ipp2p_peers *peers)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, l4->thoff, sizeof(buf), &buf);
	if (th)
		ipp2p_peers_begin(peers, skb, ntohl(th->seq) + 1, ntohl(th->ack_seq));
}

/* Learn from a packet; whether it is between peers that are known */
static bool ipp2p_learn(const struct sk_buff *skb, const struct ipp2p_l4 *l4,
			struct ipp2p_peers *peers, bool bit)
{
	struct ipp2p_payload pay = {
		.have = min_t(unsigned int, l4->len, IPP2P_FIRST),
		.len  = l4->len,
	};
	bool tcp = l4->proto == IPPROTO_TCP;
	u8 buf[IPP2P_FIRST] __uninitialized;

	if (!bit) {
		pay.data = skb_header_pointer(skb, l4->pos, pay.have, buf);
		if (!pay.data || (!ipp2p_may_be_peer(&pay, tcp) &&
				  ipp2p_news(&pay, tcp, false) == IPP2P_NEWS_NONE))
			return false;
	}
	return ipp2p_learn_look(skb, l4, peers, bit);
}

/* @info->peers is there only in revision 3, as is the flag. */
static bool ipp2p_mt(const struct sk_buff *skb, const struct xt_action_param *par,
		     bool six, struct ipp2p_l4 *l4)
{
	const struct xt_ipp2p_mtinfo3 *info = par->matchinfo;
	u32 protocol;

	if (l4->thoff >= skb->len)
		return false;
	if (l4->proto == IPPROTO_TCP ? !ipp2p_tcp_payload(skb, l4) :
				       !ipp2p_udp_payload(skb, l4)) {
		if (l4->syn && info->flags & XT_IPP2P_LEARN)
			ipp2p_learn_syn(skb, l4, info->peers);
		return false;
	}
	protocol = ipp2p_protocol(skb, l4, info->protocols);
	if (info->flags & XT_IPP2P_LEARN && (!protocol || protocol == XT_IPP2P_BIT) &&
	    ipp2p_learn(skb, l4, info->peers, protocol))
		protocol = XT_IPP2P_BIT;
	if (!protocol)
		return false;
	if (info->flags & XT_IPP2P_DEBUG)
		ipp2p_debug(skb, xt_net(par), six, l4, protocol);
	return true;
}

static bool ipp2p_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ipp2p_l4 l4 = {
		.thoff = skb_network_offset(skb) + ip_hdrlen(skb),
		.proto = iph->protocol,
	};

	if (l4.proto != IPPROTO_TCP && l4.proto != IPPROTO_UDP)
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	return ipp2p_mt(skb, par, false, &l4);
}

static bool ipp2p_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	struct ipp2p_l4 l4 = { .proto = ipv6_hdr(skb)->nexthdr };
	__be16 frag = 0;
	int thoff;

	thoff = ipv6_skip_exthdr(skb, skb_network_offset(skb) + sizeof(struct ipv6hdr),
				 &l4.proto, &frag);
	if (thoff < 0 || frag & htons(IP6_OFFSET))
		return false;
	if (l4.proto != IPPROTO_TCP && l4.proto != IPPROTO_UDP)
		return false;
	l4.thoff = thoff;
	return ipp2p_mt(skb, par, true, &l4);
}

/* @info is what both revisions begin with. */
static int ipp2p_check(const struct xt_mtchk_param *par,
		       const struct xt_ipp2p_mtinfo *info, u32 flags)
{
	if (info->flags & ~flags)
		return -EINVAL;
	if (!info->protocols || info->protocols & ~XT_IPP2P_ALL) {
		xa_net_info(par->net, "protocols %#x are none, or not all known\n",
			    info->protocols);
		return -EINVAL;
	}
	if (info->flags & XT_IPP2P_LEARN && !(info->protocols & XT_IPP2P_BIT)) {
		xa_net_info(par->net, "only peers of BitTorrent can be learned\n");
		return -EINVAL;
	}
	return 0;
}

static int ipp2p_mt_v2_check(const struct xt_mtchk_param *par)
{
	return ipp2p_check(par, par->matchinfo, XT_IPP2P_FLAGS_ALL);
}

static int ipp2p_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_ipp2p_mtinfo3 *info = par->matchinfo;
	int ret = ipp2p_check(par, par->matchinfo, XT_IPP2P_FLAGS_ALL3);

	if (ret < 0)
		return ret;
	info->peers = NULL;
	if (!(info->flags & XT_IPP2P_LEARN))
		return 0;
	info->peers = ipp2p_peers_get(par);
	return PTR_ERR_OR_ZERO(info->peers);
}

static void ipp2p_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_ipp2p_mtinfo3 *info = par->matchinfo;

	if (info->peers)
		ipp2p_peers_put(par, info->peers);
}

static struct xt_match ipp2p_mt_reg[] __read_mostly = {
	{
		.name       = "ipp2p",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipp2p_mt_v2_check,
		.match      = ipp2p_mt4,
		.matchsize  = sizeof(struct xt_ipp2p_mtinfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "ipp2p",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipp2p_mt_v2_check,
		.match      = ipp2p_mt6,
		.matchsize  = sizeof(struct xt_ipp2p_mtinfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "ipp2p",
		.revision   = 3,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipp2p_mt_check,
		.match      = ipp2p_mt4,
		.destroy    = ipp2p_mt_destroy,
		.matchsize  = sizeof(struct xt_ipp2p_mtinfo3),
		.usersize   = offsetof(struct xt_ipp2p_mtinfo3, peers),
		.me         = THIS_MODULE,
	},
	{
		.name       = "ipp2p",
		.revision   = 3,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipp2p_mt_check,
		.match      = ipp2p_mt6,
		.destroy    = ipp2p_mt_destroy,
		.matchsize  = sizeof(struct xt_ipp2p_mtinfo3),
		.usersize   = offsetof(struct xt_ipp2p_mtinfo3, peers),
		.me         = THIS_MODULE,
	},
};

static int __init ipp2p_mt_init(void)
{
	int ret = ipp2p_peers_init();

	if (ret < 0)
		return ret;
	ret = xt_register_matches(ipp2p_mt_reg, ARRAY_SIZE(ipp2p_mt_reg));
	if (ret < 0)
		ipp2p_peers_exit();
	return ret;
}

static void __exit ipp2p_mt_exit(void)
{
	xt_unregister_matches(ipp2p_mt_reg, ARRAY_SIZE(ipp2p_mt_reg));
	ipp2p_peers_exit();
}

module_init(ipp2p_mt_init);
module_exit(ipp2p_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: packets of peer-to-peer programs");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_ipp2p");
MODULE_ALIAS("ip6t_ipp2p");
