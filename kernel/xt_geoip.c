// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_geoip - match packets by the country of an address
 *
 * What it does is told in xa_labels.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/netfilter/x_tables.h>

#include "xa_addrdb.h"
#include "xa_hooks.h"
#include "xa_labels.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_geoip.h"

static bool geoip_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;

	return xa_labels_match4(&info->labels, info->set, skb, par);
}

static bool geoip_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;

	return xa_labels_match6(&info->labels, info->set, skb, par);
}

/* xa_addrdb has labels of 32 bits. */
static struct xa_addrdb_set *geoip_set_get(const struct xt_mtchk_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;
	struct xa_addrdb_set *set;
	unsigned int i;
	u32 *labels;

	labels = kmalloc_array(info->labels.count, sizeof(*labels), GFP_KERNEL);
	if (!labels)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < info->labels.count; i++)
		labels[i] = info->cc[i];
	set = xa_labels_get(par, XA_ADDRDB_COUNTRY, labels);
	kfree(labels);
	return set;
}

static int geoip_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_geoip_mtinfo *info = par->matchinfo;
	struct xa_addrdb_set *set;
	int err;

	err = xa_labels_check(&info->labels, sizeof(*info->cc), XT_GEOIP_MAX);
	if (err) {
		xa_net_info(par->net, "flags %#x, %u countries: not understood\n",
			    info->labels.flags, info->labels.count);
		return err;
	}
	set = geoip_set_get(par);
	if (IS_ERR(set))
		return PTR_ERR(set);
	info->set = set;
	return 0;
}

static void geoip_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;

	xa_labels_put(par, info->set);
}

static struct xt_match geoip_mt_reg[] __read_mostly = {
	{
		.name       = "geoip",
		.revision   = XT_GEOIP_REVISION,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = geoip_mt_check,
		.match      = geoip_mt4,
		.destroy    = geoip_mt_destroy,
		.matchsize  = sizeof(struct xt_geoip_mtinfo),
		.usersize   = offsetof(struct xt_geoip_mtinfo, set),
		.me         = THIS_MODULE,
	},
	{
		.name       = "geoip",
		.revision   = XT_GEOIP_REVISION,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = geoip_mt_check,
		.match      = geoip_mt6,
		.destroy    = geoip_mt_destroy,
		.matchsize  = sizeof(struct xt_geoip_mtinfo),
		.usersize   = offsetof(struct xt_geoip_mtinfo, set),
		.me         = THIS_MODULE,
	},
};

static int __init geoip_mt_init(void)
{
	return xt_register_matches(geoip_mt_reg, ARRAY_SIZE(geoip_mt_reg));
}

static void __exit geoip_mt_exit(void)
{
	xt_unregister_matches(geoip_mt_reg, ARRAY_SIZE(geoip_mt_reg));
}

module_init(geoip_mt_init);
module_exit(geoip_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: match by the country of an address");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_geoip");
MODULE_ALIAS("ip6t_geoip");
