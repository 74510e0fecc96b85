// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_CHAOS - answer at random: an ICMP error, a TCP answer, or nothing
 *
 * Every packet is dropped. Two draws decide on the answer: the first, against
 * reject_percentage, on an ICMP error; the second, for what is left of TCP and
 * if the rule's variant wants it, against delude_percentage on the answer that
 * DELUDE or TARPIT would give. No state but the two parameters, read once per
 * packet; no locks.
 *
 * TCP answers come from xa_reply, ICMP errors from the engines behind REJECT,
 * nf_reject_ipv4 and nf_reject_ipv6.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/netfilter/x_tables.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "xa_log.h"
#include "xa_reply.h"
#include "xa_stat.h"
#include "xa_version.h"
#include "xt_CHAOS.h"

#define CHAOS_IPV6	IS_ENABLED(CONFIG_NF_REJECT_IPV6)

/* Fractions of 2^32, as the names do not say; 0: never, 2^32-1: always */
static unsigned int reject_percentage = 42949672;	/* 1 % */
module_param(reject_percentage, uint, 0644);
MODULE_PARM_DESC(reject_percentage, "share of packets answered by an ICMP error, in 1/2^32");
static unsigned int delude_percentage = 43379169;	/* 1.01 % */
module_param(delude_percentage, uint, 0644);
MODULE_PARM_DESC(delude_percentage,
		 "share of the other TCP packets answered by --delude or --tarpit, in 1/2^32");

static const enum xa_reply_mode chaos_modes[] = {
	[XT_CHAOS_TARPIT] = XA_REPLY_TARPIT,
	[XT_CHAOS_DELUDE] = XA_REPLY_DELUDE,
};

static bool chaos_draw(unsigned int share)
{
	return share == UINT_MAX || get_random_u32() < share;
}

/* Return: whether an error was sent, unless the kernel limits their rate. */
static bool chaos_reject(struct sk_buff *skb, const struct xt_action_param *par)
{
	if (!xa_reply_may(skb, par->state))
		return false;
	if (CHAOS_IPV6 && xt_family(par) == NFPROTO_IPV6)
		nf_send_unreach6(xt_net(par), skb, ICMPV6_ADDR_UNREACH, xt_hooknum(par));
	else
		nf_send_unreach(skb, ICMP_HOST_UNREACH, xt_hooknum(par));
	return true;
}

/* Return: what was done. */
static enum xa_stat chaos_answer(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_chaos_tginfo *info = par->targinfo;

	if (chaos_draw(READ_ONCE(reject_percentage)))
		return chaos_reject(skb, par) ? XA_STAT_CHAOS_ICMP : XA_STAT_CHAOS_NOTHING;
	if (info->variant != XT_CHAOS_NORMAL &&
	    xt_hooknum(par) != NF_INET_LOCAL_OUT &&
	    chaos_draw(READ_ONCE(delude_percentage)) &&
	    xa_reply_tcp(skb, par->state, chaos_modes[info->variant], false))
		return XA_STAT_CHAOS_TCP;
	return XA_STAT_CHAOS_NOTHING;
}

static unsigned int chaos_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	xa_stat_add(xt_net(par), chaos_answer(skb, par), 1);
	return NF_DROP;
}

static int chaos_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_chaos_tginfo *info = par->targinfo;

	if (info->variant > XT_CHAOS_MAX ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "variant %u not known\n", info->variant);
		return -EINVAL;
	}
	return 0;
}

static struct xt_target chaos_tg_reg[] __read_mostly = {
	{
		.name       = "CHAOS",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.table      = "filter",
		.hooks      = XA_REPLY_HOOKS,
		.checkentry = chaos_tg_check,
		.target     = chaos_tg,
		.targetsize = sizeof(struct xt_chaos_tginfo),
		.me         = THIS_MODULE,
	},
#if CHAOS_IPV6
	{
		.name       = "CHAOS",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.table      = "filter",
		.hooks      = XA_REPLY_HOOKS,
		.checkentry = chaos_tg_check,
		.target     = chaos_tg,
		.targetsize = sizeof(struct xt_chaos_tginfo),
		.me         = THIS_MODULE,
	},
#endif
};

static int __init chaos_tg_init(void)
{
	return xt_register_targets(chaos_tg_reg, ARRAY_SIZE(chaos_tg_reg));
}

static void __exit chaos_tg_exit(void)
{
	xt_unregister_targets(chaos_tg_reg, ARRAY_SIZE(chaos_tg_reg));
}

module_init(chaos_tg_init);
module_exit(chaos_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: random answers");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_CHAOS");
MODULE_ALIAS("ip6t_CHAOS");
