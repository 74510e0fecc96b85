// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_geoip - match packets by the country of an address
 *
 * A rule carries countries and says whether the source or the destination
 * must be in one of them. Which addresses a country has is the business of
 * xa_addrdb, which holds one database for the machine; the rule holds a set
 * of labels there. Nothing here takes a lock.
 *
 * With ORIG it is the host that opened the connection (xa_opener), which connection
 * tracking tells: such rules, and no others, keep it on in their namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/netfilter/x_tables.h>

#include "xa_addrdb.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_opener.h"
#include "xa_version.h"
#include "xt_geoip.h"

static bool geoip_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;
	const struct iphdr *iph = ip_hdr(skb);
	__be32 addr;

	if (info->flags & XT_GEOIP_ORIG)
		return xa_opener_match4(info->set, info->flags & XT_GEOIP_INV, skb, par);
	addr = info->flags & XT_GEOIP_SRC ? iph->saddr : iph->daddr;
	return xa_addrdb_match4(info->set, addr, info->flags & XT_GEOIP_INV);
}

static bool geoip_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;
	const struct ipv6hdr *iph = ipv6_hdr(skb);

	if (info->flags & XT_GEOIP_ORIG)
		return xa_opener_match6(info->set, info->flags & XT_GEOIP_INV, skb, par);
	return xa_addrdb_match6(info->set, info->flags & XT_GEOIP_SRC ?
				&iph->saddr : &iph->daddr,
				info->flags & XT_GEOIP_INV);
}

static int geoip_mt_valid(const struct xt_geoip_mtinfo *info)
{
	unsigned int way = info->flags & (XT_GEOIP_SRC | XT_GEOIP_DST);
	unsigned int i;

	if (info->flags & ~XT_GEOIP_ALL || info->pad ||
	    (way != XT_GEOIP_SRC && way != XT_GEOIP_DST) ||
	    (info->flags & XT_GEOIP_ORIG && way != XT_GEOIP_SRC))
		return -EINVAL;
	if (!info->count || info->count > XT_GEOIP_MAX)
		return -ERANGE;
	for (i = info->count; i < XT_GEOIP_MAX; i++)
		if (info->cc[i])
			return -EINVAL;
	return 0;
}

static int geoip_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_geoip_mtinfo *info = par->matchinfo;
	struct xa_addrdb_set *set;
	u32 *labels;
	unsigned int i;
	int err = geoip_mt_valid(info);

	if (err) {
		xa_net_info(par->net, "flags %#x, %u countries: not understood\n",
			    info->flags, info->count);
		return err;
	}
	labels = kmalloc_array(info->count, sizeof(*labels), GFP_KERNEL);
	if (!labels)
		return -ENOMEM;
	for (i = 0; i < info->count; i++)
		labels[i] = info->cc[i];
	set = xa_addrdb_set_get(par->net, XA_ADDRDB_COUNTRY, labels, info->count);
	kfree(labels);
	if (IS_ERR(set))
		return PTR_ERR(set);
	if (info->flags & XT_GEOIP_ORIG)
		err = xa_opener_get(par->net, par->family);
	if (err) {
		xa_addrdb_set_put(set);
		return err;
	}
	info->set = set;
	return 0;
}

static void geoip_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_geoip_mtinfo *info = par->matchinfo;

	if (info->flags & XT_GEOIP_ORIG)
		xa_opener_put(par->net, par->family);
	xa_addrdb_set_put(info->set);
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
