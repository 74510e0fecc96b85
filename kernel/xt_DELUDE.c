// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DELUDE - TCP ports that seem open to whoever only looks
 *
 * Every packet is dropped; a SYN is answered by SYN+ACK, all else by a RST.
 * xa_reply knows what is never answered. Rules have no state; nothing here takes a
 * lock.
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
#include "xt_DELUDE.h"

static unsigned int delude_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_delude_tginfo *info = par->targinfo;

	xa_reply_tcp(skb, par->state, XA_REPLY_DELUDE, info->flags & XT_DELUDE_SAME_IF);
	return NF_DROP;
}

static int delude_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_delude_tginfo *info = par->targinfo;

	if ((info->flags & ~XT_DELUDE_FLAGS) ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "flags %#x not known\n", info->flags);
		return -EINVAL;
	}
	return 0;
}

static struct xt_target delude_tg_reg[] __read_mostly = {
	{
		.name       = "DELUDE",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.table      = "filter",
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.checkentry = delude_tg_check,
		.target     = delude_tg,
		.targetsize = sizeof(struct xt_delude_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "DELUDE",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.table      = "filter",
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.checkentry = delude_tg_check,
		.target     = delude_tg,
		.targetsize = sizeof(struct xt_delude_tginfo),
		.me         = THIS_MODULE,
	},
};

static int __init delude_tg_init(void)
{
	return xt_register_targets(delude_tg_reg, ARRAY_SIZE(delude_tg_reg));
}

static void __exit delude_tg_exit(void)
{
	xt_unregister_targets(delude_tg_reg, ARRAY_SIZE(delude_tg_reg));
}

module_init(delude_tg_init);
module_exit(delude_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: SYN+ACK to a SYN, reset to all else");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_DELUDE");
MODULE_ALIAS("ip6t_DELUDE");
