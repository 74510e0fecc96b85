// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_IPMARK - make the packet mark from an address
 *
 * mark = ((address >> shift) & and-mask) | or-mask. The address counts as one
 * number in human order: 192.168.0.1 is 0xc0a80001. Of an IPv6 address the
 * 32 bits that begin @shift bits from its right end are taken. The rule has
 * no state; nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_IPMARK.h"

static unsigned int ipmark_set(struct sk_buff *skb, u32 bits,
			       const struct xt_ipmark_tginfo *info)
{
	skb->mark = (bits & info->andmask) | info->ormask;
	return XT_CONTINUE;
}

static unsigned int ipmark_tg4(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_ipmark_tginfo *info = par->targinfo;
	const struct iphdr *iph = ip_hdr(skb);
	u32 addr;

	addr = ntohl(info->selector == XT_IPMARK_SRC ? iph->saddr : iph->daddr);
	/* a shift by the whole width or more is not defined in C */
	return ipmark_set(skb, info->shift < 32 ? addr >> info->shift : 0, info);
}

/* The 32 bits of @addr that begin @shift bits from the right. */
static u32 ipmark_bits6(const struct in6_addr *addr, unsigned int shift)
{
	unsigned int word = 3 - shift / 32;
	u64 pair;

	if (shift >= 128)
		return 0;
	pair = ntohl(addr->s6_addr32[word]);
	if (word > 0)
		pair |= (u64)ntohl(addr->s6_addr32[word - 1]) << 32;
	return pair >> shift % 32;
}

static unsigned int ipmark_tg6(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_ipmark_tginfo *info = par->targinfo;
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	const struct in6_addr *addr;

	addr = info->selector == XT_IPMARK_SRC ? &iph->saddr : &iph->daddr;
	return ipmark_set(skb, ipmark_bits6(addr, info->shift), info);
}

static int ipmark_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_ipmark_tginfo *info = par->targinfo;

	if (info->pad[0] || info->pad[1])
		return -EINVAL;
	if (info->selector > XT_IPMARK_DST) {
		xa_net_info(par->net,
			    "address %u is neither source nor destination\n",
			    info->selector);
		return -EINVAL;
	}
	if (info->shift > XT_IPMARK_SHIFT_MAX) {
		xa_net_info(par->net, "shift %u is over %u\n",
			    info->shift, XT_IPMARK_SHIFT_MAX);
		return -ERANGE;
	}
	return 0;
}

static struct xt_target ipmark_tg_reg[] __read_mostly = {
	{
		.name       = "IPMARK",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.table      = "mangle",
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipmark_tg_check,
		.target     = ipmark_tg4,
		.targetsize = sizeof(struct xt_ipmark_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "IPMARK",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.table      = "mangle",
		.hooks      = XA_HOOKS_ANY,
		.checkentry = ipmark_tg_check,
		.target     = ipmark_tg6,
		.targetsize = sizeof(struct xt_ipmark_tginfo),
		.me         = THIS_MODULE,
	},
};

static int __init ipmark_tg_init(void)
{
	return xt_register_targets(ipmark_tg_reg, ARRAY_SIZE(ipmark_tg_reg));
}

static void __exit ipmark_tg_exit(void)
{
	xt_unregister_targets(ipmark_tg_reg, ARRAY_SIZE(ipmark_tg_reg));
}

module_init(ipmark_tg_init);
module_exit(ipmark_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: packet mark from an address");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_IPMARK");
MODULE_ALIAS("ip6t_IPMARK");
