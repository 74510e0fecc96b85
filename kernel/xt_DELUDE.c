// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DELUDE - TCP ports that seem open to whoever only looks
 *
 * Every packet is dropped; a SYN is answered by SYN+ACK, all else by a RST.
 * xa_reply knows what is never answered. A rule has no data and no state;
 * nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>

#include "xa_reply.h"
#include "xt_DELUDE.h"

static unsigned int delude_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	xa_reply_tcp(skb, par->state, XA_REPLY_DELUDE, false);
	return NF_DROP;
}

static struct xt_target delude_tg_reg[] __read_mostly = {
	{
		.name       = "DELUDE",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.table      = "filter",
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.target     = delude_tg,
		.targetsize = XT_DELUDE_TGINFO_SIZE,
		.me         = THIS_MODULE,
	},
	{
		.name       = "DELUDE",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.table      = "filter",
		.hooks      = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD),
		.proto      = IPPROTO_TCP,
		.target     = delude_tg,
		.targetsize = XT_DELUDE_TGINFO_SIZE,
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
MODULE_ALIAS("ipt_DELUDE");
MODULE_ALIAS("ip6t_DELUDE");
