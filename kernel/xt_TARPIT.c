// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_TARPIT - hold, humour or reset whoever connects by TCP
 *
 * Every packet is dropped; xa_reply answers it as the rule's variant says, and
 * knows what is never answered. Connections have no state here; nothing here
 * takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/netfilter/x_tables.h>

#include "xa_log.h"
#include "xa_reply.h"
#include "xa_version.h"
#include "xt_TARPIT.h"

static const enum xa_reply_mode tarpit_modes[] = {
	[XT_TARPIT_TARPIT]   = XA_REPLY_TARPIT,
	[XT_TARPIT_HONEYPOT] = XA_REPLY_HONEYPOT,
	[XT_TARPIT_RESET]    = XA_REPLY_RESET,
};

static unsigned int tarpit_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_tarpit_tginfo *info = par->targinfo;

	xa_reply_tcp(skb, par->state, tarpit_modes[info->variant],
		     info->flags & XT_TARPIT_SAME_IF);
	return NF_DROP;
}

static int tarpit_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_tarpit_tginfo *info = par->targinfo;

	if (info->variant > XT_TARPIT_MAX || (info->flags & ~XT_TARPIT_FLAGS) ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "variant %u, flags %#x not known\n",
			    info->variant, info->flags);
		return -EINVAL;
	}
	return 0;
}

static struct xt_target tarpit_tg_reg[] __read_mostly = {
	{
		.name       = "TARPIT",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.checkentry = tarpit_tg_check,
		.target     = tarpit_tg,
		.targetsize = sizeof(struct xt_tarpit_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "TARPIT",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.checkentry = tarpit_tg_check,
		.target     = tarpit_tg,
		.targetsize = sizeof(struct xt_tarpit_tginfo),
		.me         = THIS_MODULE,
	},
};

static int __init tarpit_tg_init(void)
{
	return xt_register_targets(tarpit_tg_reg, ARRAY_SIZE(tarpit_tg_reg));
}

static void __exit tarpit_tg_exit(void)
{
	xt_unregister_targets(tarpit_tg_reg, ARRAY_SIZE(tarpit_tg_reg));
}

module_init(tarpit_tg_init);
module_exit(tarpit_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: hold, humour or reset TCP connections");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_TARPIT");
MODULE_ALIAS("ip6t_TARPIT");
