// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ECHO - send UDP datagrams back to where they came from
 *
 * Every packet is dropped; a datagram with data is answered by the same data,
 * from the port it was sent to. xa_reply knows what is never answered. A rule
 * has no data and no state; nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>

#include "xa_reply.h"
#include "xa_version.h"
#include "xt_ECHO.h"

static unsigned int echo_tg(struct sk_buff *skb, const struct xt_action_param *par)
{
	/* In OUTPUT what has no socket may be an answer of ours on its way. */
	if (xt_hooknum(par) == NF_INET_LOCAL_OUT && !skb->sk)
		return XT_CONTINUE;
	xa_reply_echo(skb, par->state);
	return NF_DROP;
}

static struct xt_target echo_tg_reg[] __read_mostly = {
	{
		.name       = "ECHO",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.table      = "filter",
		.hooks      = XA_REPLY_HOOKS,
		.proto      = IPPROTO_UDP,
		.target     = echo_tg,
		.targetsize = XT_ECHO_TGINFO_SIZE,
		.me         = THIS_MODULE,
	},
	{
		.name       = "ECHO",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.table      = "filter",
		.hooks      = XA_REPLY_HOOKS,
		.proto      = IPPROTO_UDP,
		.target     = echo_tg,
		.targetsize = XT_ECHO_TGINFO_SIZE,
		.me         = THIS_MODULE,
	},
};

static int __init echo_tg_init(void)
{
	return xt_register_targets(echo_tg_reg, ARRAY_SIZE(echo_tg_reg));
}

static void __exit echo_tg_exit(void)
{
	xt_unregister_targets(echo_tg_reg, ARRAY_SIZE(echo_tg_reg));
}

module_init(echo_tg_init);
module_exit(echo_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: UDP echo target");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_ECHO");
MODULE_ALIAS("ip6t_ECHO");
