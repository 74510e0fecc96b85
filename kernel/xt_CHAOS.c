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
 * TCP answers come from xa_reply. ICMP errors come from the engines behind
 * REJECT, nf_reject_ipv4 and nf_reject_ipv6: each rule holds the one of its
 * family, and cannot be inserted where the kernel does not have it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/kmod.h>
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
#include "xa_version.h"
#include "xt_CHAOS.h"

/* Fractions of 2^32, as the names do not say; 0: never, 2^32-1: always */
static unsigned int reject_percentage = 42949672;	/* 1 % */
module_param(reject_percentage, uint, 0644);
MODULE_PARM_DESC(reject_percentage, "share of packets answered by an ICMP error, in 1/2^32");
static unsigned int delude_percentage = 43379169;	/* 1.01 % */
module_param(delude_percentage, uint, 0644);
MODULE_PARM_DESC(delude_percentage,
		 "share of the other TCP packets answered by --delude or --tarpit, in 1/2^32");

/* Set, with a reference to their modules, while a rule of the family exists. */
static typeof(nf_send_unreach) *chaos_unreach4 __read_mostly;
static typeof(nf_send_unreach6) *chaos_unreach6 __read_mostly;

static const enum xa_reply_mode chaos_modes[] = {
	[XT_CHAOS_TARPIT] = XA_REPLY_TARPIT,
	[XT_CHAOS_DELUDE] = XA_REPLY_DELUDE,
};

static bool chaos_draw(unsigned int share)
{
	return share == UINT_MAX || get_random_u32() < share;
}

static void chaos_reject(struct sk_buff *skb, const struct xt_action_param *par)
{
	typeof(chaos_unreach4) send4 = READ_ONCE(chaos_unreach4);
	typeof(chaos_unreach6) send6 = READ_ONCE(chaos_unreach6);

	if (!xa_reply_may(skb, par->state))
		return;
	if (xt_family(par) == NFPROTO_IPV6)
		send6(xt_net(par), skb, ICMPV6_ADDR_UNREACH, xt_hooknum(par));
	else
		send4(skb, ICMP_HOST_UNREACH, xt_hooknum(par));
}

static unsigned int chaos_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_chaos_tginfo *info = par->targinfo;

	if (chaos_draw(READ_ONCE(reject_percentage)))
		chaos_reject(skb, par);
	else if (info->variant != XT_CHAOS_NORMAL &&
		 xt_hooknum(par) != NF_INET_LOCAL_OUT &&
		 chaos_draw(READ_ONCE(delude_percentage)))
		xa_reply_tcp(skb, par->state, chaos_modes[info->variant], false);
	return NF_DROP;
}

/* Rules of both families may be checked at the same time, but not twice one. */
static bool chaos_get4(void)
{
	typeof(nf_send_unreach) *send = symbol_get(nf_send_unreach);

	if (send)
		WRITE_ONCE(chaos_unreach4, send);
	return send;
}

static bool chaos_get6(void)
{
	typeof(nf_send_unreach6) *send = symbol_get(nf_send_unreach6);

	if (send)
		WRITE_ONCE(chaos_unreach6, send);
	return send;
}

static bool chaos_get(u_int8_t family)
{
	return family == NFPROTO_IPV6 ? chaos_get6() : chaos_get4();
}

static int chaos_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_chaos_tginfo *info = par->targinfo;
	const char *engine = par->family == NFPROTO_IPV6 ? "nf_reject_ipv6" :
							   "nf_reject_ipv4";

	if (info->variant > XT_CHAOS_MAX ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "variant %u not known\n", info->variant);
		return -EINVAL;
	}
	if (chaos_get(par->family))
		return 0;
	request_module("%s", engine);
	if (chaos_get(par->family))
		return 0;
	xa_net_info(par->net, "needs the module %s, which cannot be loaded\n", engine);
	return -EINVAL;
}

static void chaos_tg_destroy(const struct xt_tgdtor_param *par)
{
	if (par->family == NFPROTO_IPV6)
		symbol_put(nf_send_unreach6);
	else
		symbol_put(nf_send_unreach);
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
		.destroy    = chaos_tg_destroy,
		.targetsize = sizeof(struct xt_chaos_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "CHAOS",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.table      = "filter",
		.hooks      = XA_REPLY_HOOKS,
		.checkentry = chaos_tg_check,
		.target     = chaos_tg,
		.destroy    = chaos_tg_destroy,
		.targetsize = sizeof(struct xt_chaos_tginfo),
		.me         = THIS_MODULE,
	},
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
MODULE_SOFTDEP("pre: nf_reject_ipv4 nf_reject_ipv6");
MODULE_ALIAS("ipt_CHAOS");
MODULE_ALIAS("ip6t_CHAOS");
