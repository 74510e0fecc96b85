// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DHCPMAC - match and change the client's hardware address in DHCP messages
 *
 * Match and target look at the leading bits of the field chaddr of a BOOTP
 * message, which every DHCP message is, in a UDP datagram on IPv4; ports are
 * for the rule to look at. What is too short for the field neither matches,
 * inverted or not, nor is changed, and goes on. The rule has no state; nothing
 * here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <linux/netfilter/x_tables.h>
#include <net/checksum.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_rights.h"
#include "xa_version.h"
#include "xt_DHCPMAC.h"

/* RFC 951: op, htype, hlen, hops, xid, secs, flags and four addresses */
#define DHCPMAC_CHADDR		28
/* the field; a hardware address of Ethernet takes the first 6 bytes */
#define DHCPMAC_CHADDR_LEN	16
#define DHCPMAC_UDP_MIN	(sizeof(struct udphdr) + DHCPMAC_CHADDR + DHCPMAC_CHADDR_LEN)

/* Leading @bits of the 6 bytes at @from replace those at @to. */
static void dhcpmac_merge(u8 *to, const u8 *from, unsigned int bits)
{
	unsigned int i;
	u8 mask;

	for (i = 0; i < ETH_ALEN; ++i) {
		mask = bits >= 8 ? 0xff : (u8)(0xff00 >> bits);
		to[i] = (from[i] & mask) | (to[i] & ~mask);
		bits -= min(bits, 8U);
	}
}

/* Where the address is in the skb, and what it says; 0: not there */
static unsigned int dhcpmac_read(const struct sk_buff *skb,
				 const struct xt_action_param *par, u8 *addr)
{
	const struct udphdr *uh;
	struct udphdr buf;
	unsigned int pos;

	if (par->fragoff != 0)
		return 0;
	uh = skb_header_pointer(skb, par->thoff, sizeof(buf), &buf);
	if (!uh || ntohs(uh->len) < DHCPMAC_UDP_MIN ||
	    skb->len < par->thoff + DHCPMAC_UDP_MIN)
		return 0;
	pos = par->thoff + sizeof(*uh) + DHCPMAC_CHADDR;
	return skb_copy_bits(skb, pos, addr, ETH_ALEN) < 0 ? 0 : pos;
}

static bool dhcpmac_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_dhcpmac_info *info = par->matchinfo;
	u8 addr[ETH_ALEN], wanted[ETH_ALEN];

	if (dhcpmac_read(skb, par, addr) == 0)
		return false;
	memcpy(wanted, addr, ETH_ALEN);
	dhcpmac_merge(wanted, info->addr, info->mask);
	return (memcmp(addr, wanted, ETH_ALEN) == 0) ^ info->invert;
}

/* The checksum for @new in place of @old, both at an even offset of it. */
static void dhcpmac_checksum(struct sk_buff *skb, struct udphdr *uh,
			     const u8 *old, const u8 *new)
{
	__be16 from[ETH_ALEN / 2], to[ETH_ALEN / 2];
	unsigned int i;

	memcpy(from, old, ETH_ALEN);
	memcpy(to, new, ETH_ALEN);
	for (i = 0; i < ARRAY_SIZE(from); ++i)
		inet_proto_csum_replace2(&uh->check, skb, from[i], to[i], false);
	if (uh->check == 0)
		uh->check = CSUM_MANGLED_0;
}

static void dhcpmac_write(struct sk_buff *skb, unsigned int thoff,
			  unsigned int pos, const u8 *old, const u8 *new)
{
	struct udphdr *uh = (struct udphdr *)(skb->data + thoff);

	/*
	 * 0: the datagram has none. Then nothing else makes up for the change
	 * in what the card has added up over the packet.
	 */
	if (uh->check == 0 && skb->ip_summed != CHECKSUM_PARTIAL) {
		skb_postpull_rcsum(skb, old, ETH_ALEN);
		memcpy(skb->data + pos, new, ETH_ALEN);
		skb_postpush_rcsum(skb, new, ETH_ALEN);
		return;
	}
	/* left to the card: it adds up what is there when it sends */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		dhcpmac_checksum(skb, uh, old, new);
	memcpy(skb->data + pos, new, ETH_ALEN);
}

static unsigned int dhcpmac_tg(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_dhcpmac_info *info = par->targinfo;
	u8 old[ETH_ALEN], new[ETH_ALEN];
	unsigned int pos = dhcpmac_read(skb, par, old);

	if (pos == 0)
		return XT_CONTINUE;
	memcpy(new, old, ETH_ALEN);
	dhcpmac_merge(new, info->addr, info->mask);
	if (memcmp(old, new, ETH_ALEN) == 0)
		return XT_CONTINUE;
	if (skb_ensure_writable(skb, pos + ETH_ALEN))
		return NF_DROP;
	dhcpmac_write(skb, par->thoff, pos, old, new);
	return XT_CONTINUE;
}

static int dhcpmac_check_info(struct net *net, const struct xt_dhcpmac_info *info,
			      unsigned int invert_max)
{
	u8 canonical[ETH_ALEN] = {};

	if (info->mask > XT_DHCPMAC_MASK_MAX || info->invert > invert_max) {
		xa_net_info(net, "mask of %u bits is over %u, or invert is %u\n",
			    info->mask, XT_DHCPMAC_MASK_MAX, info->invert);
		return -EINVAL;
	}
	dhcpmac_merge(canonical, info->addr, info->mask);
	if (memcmp(canonical, info->addr, ETH_ALEN) != 0) {
		xa_net_info(net, "%pM has bits behind the first %u\n",
			    info->addr, info->mask);
		return -EINVAL;
	}
	return 0;
}

static int dhcpmac_mt_check(const struct xt_mtchk_param *par)
{
	return dhcpmac_check_info(par->net, par->matchinfo, 1);
}

static int dhcpmac_tg_check(const struct xt_tgchk_param *par)
{
	int ret = dhcpmac_check_info(par->net, par->targinfo, 0);

	return ret < 0 ? ret : xa_may_write(par->net);
}

static struct xt_match dhcpmac_mt_reg __read_mostly = {
	.name       = "dhcpmac",
	.revision   = 1,
	.family     = NFPROTO_IPV4,
	.hooks      = XA_HOOKS_ANY,
	.proto      = IPPROTO_UDP,
	.checkentry = dhcpmac_mt_check,
	.match      = dhcpmac_mt,
	.matchsize  = sizeof(struct xt_dhcpmac_info),
	.me         = THIS_MODULE,
};

static struct xt_target dhcpmac_tg_reg __read_mostly = {
	.name       = "DHCPMAC",
	.revision   = 1,
	.family     = NFPROTO_IPV4,
	.proto      = IPPROTO_UDP,
	.table      = "mangle",
	.hooks      = XA_HOOKS_ANY,
	.checkentry = dhcpmac_tg_check,
	.target     = dhcpmac_tg,
	.targetsize = sizeof(struct xt_dhcpmac_info),
	.me         = THIS_MODULE,
};

static int __init dhcpmac_init(void)
{
	int ret = xt_register_match(&dhcpmac_mt_reg);

	if (ret < 0)
		return ret;
	ret = xt_register_target(&dhcpmac_tg_reg);
	if (ret < 0)
		xt_unregister_match(&dhcpmac_mt_reg);
	return ret;
}

static void __exit dhcpmac_exit(void)
{
	xt_unregister_target(&dhcpmac_tg_reg);
	xt_unregister_match(&dhcpmac_mt_reg);
}

module_init(dhcpmac_init);
module_exit(dhcpmac_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: the client's hardware address in DHCP messages");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_DHCPMAC");
MODULE_ALIAS("ipt_dhcpmac");
MODULE_ALIAS("xt_dhcpmac");
