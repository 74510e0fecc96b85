// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_asn - match packets by the autonomous system of an address
 *
 * What it does is told in xa_labels.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>

#include "xa_addrdb.h"
#include "xa_hooks.h"
#include "xa_labels.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_asn.h"

static bool asn_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_asn_mtinfo *info = par->matchinfo;

	return xa_labels_match4(&info->labels, info->set, skb, par);
}

static bool asn_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_asn_mtinfo *info = par->matchinfo;

	return xa_labels_match6(&info->labels, info->set, skb, par);
}

static int asn_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_asn_mtinfo *info = par->matchinfo;
	struct xa_addrdb_set *set;
	int err;

	err = xa_labels_check(&info->labels, sizeof(*info->asn), XT_ASN_MAX);
	if (err) {
		xa_net_info(par->net, "flags %#x, %u AS numbers: not understood\n",
			    info->labels.flags, info->labels.count);
		return err;
	}
	set = xa_labels_get(par, XA_ADDRDB_ASN, info->asn);
	if (IS_ERR(set))
		return PTR_ERR(set);
	info->set = set;
	return 0;
}

static void asn_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_asn_mtinfo *info = par->matchinfo;

	xa_labels_put(par, info->set);
}

static struct xt_match asn_mt_reg[] __read_mostly = {
	{
		.name       = "asn",
		.revision   = XT_ASN_REVISION,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = asn_mt_check,
		.match      = asn_mt4,
		.destroy    = asn_mt_destroy,
		.matchsize  = sizeof(struct xt_asn_mtinfo),
		.usersize   = offsetof(struct xt_asn_mtinfo, set),
		.me         = THIS_MODULE,
	},
	{
		.name       = "asn",
		.revision   = XT_ASN_REVISION,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = asn_mt_check,
		.match      = asn_mt6,
		.destroy    = asn_mt_destroy,
		.matchsize  = sizeof(struct xt_asn_mtinfo),
		.usersize   = offsetof(struct xt_asn_mtinfo, set),
		.me         = THIS_MODULE,
	},
};

static int __init asn_mt_init(void)
{
	return xt_register_matches(asn_mt_reg, ARRAY_SIZE(asn_mt_reg));
}

static void __exit asn_mt_exit(void)
{
	xt_unregister_matches(asn_mt_reg, ARRAY_SIZE(asn_mt_reg));
}

module_init(asn_mt_init);
module_exit(asn_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: match by the autonomous system of an address");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_asn");
MODULE_ALIAS("ip6t_asn");
