// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_GEOMARK - write the country or the AS number of an address into a mark
 *
 * The number goes into a field of the packet mark, of the connection mark, or of
 * both; the other bits stay. It comes from the database of geoip or asn
 * (xa_addrdb) by one lookup. An address without a number gives 0, and so does a
 * number that is too large for the field.
 *
 * A rule keeps the database loaded; until there is one, all numbers are 0. One that
 * writes a connection mark, or looks for the host that opened the connection, keeps
 * connection tracking on in its namespace. Nothing here takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>
#include <net/netfilter/nf_conntrack_ecache.h>

#include "xa_addrdb.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_opener.h"
#include "xa_version.h"
#include "xt_GEOMARK.h"

/* A mark with the number in its field. */
static u32 geomark_put(u32 mask, u32 mark, u32 number)
{
	unsigned int shift = __ffs(mask);

	if (number > mask >> shift)
		number = 0;
	return (mark & ~mask) | number << shift;
}

static void geomark_connection(struct sk_buff *skb, u32 mask, u32 number)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	u32 old, new;

	if (!ct || nf_ct_is_template(ct))
		return;
	old = READ_ONCE(ct->mark);
	new = geomark_put(mask, old, number);
	if (old == new)
		return;
	WRITE_ONCE(ct->mark, new);
	nf_conntrack_event_cache(IPCT_MARK, ct);
#endif
}

static unsigned int geomark_set(struct sk_buff *skb, u32 number,
				const struct xt_geomark_tginfo *info)
{
	if (info->mask)
		skb->mark = geomark_put(info->mask, skb->mark, number);
	if (info->ctmask)
		geomark_connection(skb, info->ctmask, number);
	return XT_CONTINUE;
}

static enum xa_addrdb_id geomark_id(const struct xt_geomark_tginfo *info)
{
	return info->flags & XT_GEOMARK_ASN ? XA_ADDRDB_ASN : XA_ADDRDB_COUNTRY;
}

static unsigned int geomark_tg4(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_geomark_tginfo *info = par->targinfo;
	const struct iphdr *iph = ip_hdr(skb);
	__be32 addr = info->addr == XT_GEOMARK_DST ? iph->daddr : iph->saddr;
	bool answer;

	if (info->addr == XT_GEOMARK_ORIG)
		addr = xa_opener_addr(skb, NFPROTO_IPV4, &iph->saddr, &answer)->ip;
	return geomark_set(skb, xa_addrdb_number4(geomark_id(info), addr), info);
}

static unsigned int geomark_tg6(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_geomark_tginfo *info = par->targinfo;
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	const struct in6_addr *addr = info->addr == XT_GEOMARK_DST ? &iph->daddr : &iph->saddr;
	bool answer;

	if (info->addr == XT_GEOMARK_ORIG)
		addr = &xa_opener_addr(skb, NFPROTO_IPV6, &iph->saddr, &answer)->in6;
	return geomark_set(skb, xa_addrdb_number6(geomark_id(info), addr), info);
}

/* Whether bits lie side by side and have room for the numbers; 0 is no field. */
static bool geomark_field(u32 mask, u32 bits)
{
	u32 most;

	if (!mask)
		return true;
	most = mask >> __ffs(mask);
	return !(most & (most + 1)) && most >> (bits - 1);
}

static bool geomark_valid(const struct xt_geomark_tginfo *info)
{
	u32 bits = info->flags & XT_GEOMARK_ASN ? XT_GEOMARK_BITS_ASN : XT_GEOMARK_BITS_COUNTRY;

	return info->addr <= XT_GEOMARK_ADDR_MAX && !(info->flags & ~XT_GEOMARK_ALL) &&
	       !memchr_inv(info->pad, 0, sizeof(info->pad)) &&
	       (info->mask || info->ctmask) &&
	       geomark_field(info->mask, bits) && geomark_field(info->ctmask, bits);
}

static bool geomark_needs_conntrack(const struct xt_geomark_tginfo *info)
{
	return info->ctmask || info->addr == XT_GEOMARK_ORIG;
}

static int geomark_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_geomark_tginfo *info = par->targinfo;
	int err = 0;

	if (!geomark_valid(info)) {
		xa_net_info(par->net, "address %u, flags %#x, masks %#x and %#x: not understood, or no field for the numbers\n",
			    info->addr, info->flags, info->mask, info->ctmask);
		return -EINVAL;
	}
	if (info->ctmask && !IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)) {
		xa_net_info(par->net, "this kernel has no connection marks\n");
		return -EOPNOTSUPP;
	}
	xa_addrdb_hold(par->net, geomark_id(info));
	if (geomark_needs_conntrack(info))
		err = xa_opener_get(par->net, par->family);
	if (err)
		xa_addrdb_release(geomark_id(info));
	return err;
}

static void geomark_tg_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_geomark_tginfo *info = par->targinfo;

	if (geomark_needs_conntrack(info))
		xa_opener_put(par->net, par->family);
	xa_addrdb_release(geomark_id(info));
}

static struct xt_target geomark_tg_reg[] __read_mostly = {
	{
		.name       = "GEOMARK",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = geomark_tg_check,
		.target     = geomark_tg4,
		.destroy    = geomark_tg_destroy,
		.targetsize = sizeof(struct xt_geomark_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "GEOMARK",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = geomark_tg_check,
		.target     = geomark_tg6,
		.destroy    = geomark_tg_destroy,
		.targetsize = sizeof(struct xt_geomark_tginfo),
		.me         = THIS_MODULE,
	},
};

static int __init geomark_tg_init(void)
{
	return xt_register_targets(geomark_tg_reg, ARRAY_SIZE(geomark_tg_reg));
}

static void __exit geomark_tg_exit(void)
{
	xt_unregister_targets(geomark_tg_reg, ARRAY_SIZE(geomark_tg_reg));
}

module_init(geomark_tg_init);
module_exit(geomark_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: country or AS number of an address as a mark");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_GEOMARK");
MODULE_ALIAS("ip6t_GEOMARK");
