// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_gradm - match the state of grsecurity's RBAC
 *
 * A kernel with grsecurity (CONFIG_GRKERNSEC) says by gr_acl_is_enabled()
 * whether role based access control is on; on all others it is off. The
 * symbol is looked up when a rule is inserted, so the module is the same for
 * every kernel; a rule holds a reference to whoever provides it. The system
 * has one state, whatever the namespace. Nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_gradm.h"

static bool gradm_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_gradm_mtinfo *info = par->matchinfo;
	int (*is_enabled)(void) = info->enabled;

	return (is_enabled && is_enabled()) != info->disabled;
}

static int gradm_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_gradm_mtinfo *info = par->matchinfo;

	if (info->disabled > 1 || info->pad) {
		xa_net_info(par->net, "enabled is 0, disabled is 1, not %u\n",
			    info->disabled);
		return -EINVAL;
	}
	/* by name: no header but grsecurity's declares it */
	info->enabled = __symbol_get("gr_acl_is_enabled");
	return 0;
}

static void gradm_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_gradm_mtinfo *info = par->matchinfo;

	if (info->enabled)
		symbol_put_addr(info->enabled);
}

static struct xt_match gradm_mt_reg[] __read_mostly = {
	{
		.name       = "gradm",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = gradm_mt_check,
		.match      = gradm_mt,
		.destroy    = gradm_mt_destroy,
		.matchsize  = sizeof(struct xt_gradm_mtinfo),
		.usersize   = offsetof(struct xt_gradm_mtinfo, enabled),
		.me         = THIS_MODULE,
	},
	{
		.name       = "gradm",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = gradm_mt_check,
		.match      = gradm_mt,
		.destroy    = gradm_mt_destroy,
		.matchsize  = sizeof(struct xt_gradm_mtinfo),
		.usersize   = offsetof(struct xt_gradm_mtinfo, enabled),
		.me         = THIS_MODULE,
	},
};

static int __init gradm_mt_init(void)
{
	return xt_register_matches(gradm_mt_reg, ARRAY_SIZE(gradm_mt_reg));
}

static void __exit gradm_mt_exit(void)
{
	xt_unregister_matches(gradm_mt_reg, ARRAY_SIZE(gradm_mt_reg));
}

module_init(gradm_mt_init);
module_exit(gradm_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: state of grsecurity's RBAC");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_gradm");
MODULE_ALIAS("ip6t_gradm");
