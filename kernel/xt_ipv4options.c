// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipv4options - match the options of the IPv4 header
 *
 * A rule lists options that shall appear and options that shall not; all of
 * these conditions have to hold or, with the flag, one of them. No condition
 * at all holds for every packet. The rule has no state; nothing here takes a
 * lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>
#include <net/ip.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_ipv4options.h"
#include "xt_ipv4options_seen.h"

/* 15 words of header are the most there can be, 5 of them are fixed. */
#define IPV4OPTIONS_LEN_MAX	40

static bool ipv4options_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_ipv4options_mtinfo *info = par->matchinfo;
	unsigned int len = ip_hdrlen(skb);
	u8 buf[IPV4OPTIONS_LEN_MAX] __uninitialized;
	const u8 *opt;
	u32 seen = 0;

	if (len > sizeof(struct iphdr)) {
		len -= sizeof(struct iphdr);
		opt = skb_header_pointer(skb, skb_network_offset(skb) +
					 sizeof(struct iphdr), len, buf);
		if (!opt)
			return false;
		seen = ipv4options_seen(opt, len);
	}
	if (info->flags & XT_V4OPTS_ANY)
		return info->present & seen || info->absent & ~seen;
	return !(info->present & ~seen || info->absent & seen);
}

static int ipv4options_mt_check(const struct xt_mtchk_param *par)
{
	const struct xt_ipv4options_mtinfo *info = par->matchinfo;

	if (info->flags & ~XT_V4OPTS_ALL || memchr_inv(info->pad, 0, sizeof(info->pad)))
		return -EINVAL;
	if (info->present & info->absent) {
		xa_net_info(par->net, "options %#x shall appear and not appear\n",
			    info->present & info->absent);
		return -EINVAL;
	}
	if (info->flags & XT_V4OPTS_ANY && !(info->present | info->absent)) {
		xa_net_info(par->net, "any of no options never matches\n");
		return -EINVAL;
	}
	return 0;
}

static struct xt_match ipv4options_mt_reg __read_mostly = {
	.name       = "ipv4options",
	.revision   = 2,
	.family     = NFPROTO_IPV4,
	.hooks      = XA_HOOKS_ANY,
	.checkentry = ipv4options_mt_check,
	.match      = ipv4options_mt,
	.matchsize  = sizeof(struct xt_ipv4options_mtinfo),
	.me         = THIS_MODULE,
};

static int __init ipv4options_mt_init(void)
{
	return xt_register_match(&ipv4options_mt_reg);
}

static void __exit ipv4options_mt_exit(void)
{
	xt_unregister_match(&ipv4options_mt_reg);
}

module_init(ipv4options_mt_init);
module_exit(ipv4options_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: options of the IPv4 header");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_ipv4options");
