// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ACCOUNT - count the packets and bytes of each host of a network
 *
 * A rule names a table of its network namespace and the network that the
 * table is for; all rules with that name and network feed the same table. The
 * packet goes on to the next rule. Clients read tables through socket options
 * (xt_ACCOUNT_sockopt.c).
 *
 * State: tables, owned by their rules (xa_named); handles, owned by the
 * namespace. The packet path takes no lock and, but for the first packet of a
 * host, no memory (xt_ACCOUNT_table.c, xt_ACCOUNT_hosts6.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/netfilter/x_tables.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_ACCOUNT_table.h"

static unsigned int max_tables_limit = 128;
module_param(max_tables_limit, uint, 0);
MODULE_PARM_DESC(max_tables_limit, "tables in a network namespace");
unsigned int account_max_hosts6 = 65536;
module_param_named(max_hosts6, account_max_hosts6, uint, 0444);
MODULE_PARM_DESC(max_hosts6, "hosts in an IPv6 table");
static unsigned int account_max_memory;
module_param_named(max_memory, account_max_memory, uint, 0444);
MODULE_PARM_DESC(max_memory, "MiB of counters in a network namespace (0: as xa_budget says)");

/* So that sizes of what is read stay sane. */
#define ACCOUNT_HOSTS6_MOST	(1U << 20)

static unsigned int account_net_id __read_mostly;

/**
 * account_pernet - state of a namespace
 * @net: namespace
 *
 * Return: its state, never NULL.
 */
struct account_net *account_pernet(struct net *net)
{
	return net_generic(net, account_net_id);
}

static unsigned int account_tg4(struct sk_buff *skb,
				const struct xt_action_param *par)
{
	const struct xt_account_tginfo *info = par->targinfo;
	const struct iphdr *iph = ip_hdr(skb);
	struct xa_units units = xa_units(skb);

	account_add4(info->table, iph->saddr, iph->daddr, &units);
	return XT_CONTINUE;
}

static unsigned int account_tg6(struct sk_buff *skb,
				const struct xt_action_param *par)
{
	const struct xt_account_tginfo *info = par->targinfo;
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct xa_units units = xa_units(skb);

	account_add6(info->table, &ip6h->saddr, &ip6h->daddr, &units);
	return XT_CONTINUE;
}

static bool account_net_ok4(const struct xt_account_tginfo *info)
{
	u32 bits = 32 - info->prefix_len;

	if (info->prefix_len == 0)
		return info->host_len == 0 && info->net.ip == 0;
	if (info->prefix_len < 8 || info->prefix_len > 32 ||
	    info->host_len != 32)
		return false;
	return (ntohl(info->net.ip) & ((1ULL << bits) - 1)) == 0;
}

static bool account_net_ok6(const struct xt_account_tginfo *info)
{
	struct in6_addr net;

	if (info->prefix_len == 0)
		return info->host_len == 0 && ipv6_addr_any(&info->net.in6);
	if (info->prefix_len < 16 || info->host_len > 128 ||
	    info->host_len < info->prefix_len)
		return false;
	ipv6_addr_prefix(&net, &info->net.in6, info->prefix_len);
	return ipv6_addr_equal(&net, &info->net.in6);
}

/* For xa_named: what a rule asks for. */
struct account_request {
	const struct xt_account_tginfo *info;
	struct xa_budget *budget;
	u8 family;
};

static struct xa_named *account_create(struct net *net, const void *arg)
{
	const struct account_request *req = arg;
	struct account_table *t;

	t = account_table_alloc(net, req->info, req->family, req->budget);
	return t ? &t->named : ERR_PTR(-ENOMEM);
}

static int account_match(const struct xa_named *obj, const void *arg)
{
	const struct account_table *t =
		container_of(obj, struct account_table, named);
	const struct account_request *req = arg;

	if (t->family == req->family &&
	    t->prefix_len == req->info->prefix_len &&
	    t->host_len == req->info->host_len &&
	    memcmp(&t->net, &req->info->net, sizeof(t->net)) == 0)
		return 0;
	return -EINVAL;
}

static void account_destroy(struct xa_named *obj)
{
	account_table_free(container_of(obj, struct account_table, named));
}

static const struct xa_named_type account_type = {
	.owner   = THIS_MODULE,
	.max     = &max_tables_limit,
	.create  = account_create,
	.match   = account_match,
	.destroy = account_destroy,
};

static int account_tg_validate(const struct xt_tgchk_param *par)
{
	const struct xt_account_tginfo *info = par->targinfo;

	if (xa_named_check(&account_type, info->name,
			   sizeof(info->name)) < 0) {
		xa_net_info(par->net, "table name is empty, too long, or has a control character\n");
		return -EINVAL;
	}
	if (memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "padding is not zero\n");
		return -EINVAL;
	}
	if (par->family == NFPROTO_IPV4 ?
	    !account_net_ok4(info) || info->net.all[1] || info->net.all[2] ||
	    info->net.all[3] : !account_net_ok6(info)) {
		xa_net_info(par->net, "table %s: prefix length %u, host length %u or network not valid\n",
			    info->name, info->prefix_len, info->host_len);
		return -EINVAL;
	}
	return 0;
}

static int account_tg_check(const struct xt_tgchk_param *par)
{
	struct xt_account_tginfo *info = par->targinfo;
	struct account_net *an = account_pernet(par->net);
	struct account_request req = {
		.info   = info,
		.budget = an->budget,
		.family = par->family,
	};
	struct xa_named *obj;
	int ret = account_tg_validate(par);

	if (ret < 0)
		return ret;
	obj = xa_named_get(an->tables, info->name, &req);
	if (IS_ERR(obj)) {
		if (PTR_ERR(obj) == -EINVAL)
			xa_net_info(par->net, "table %s is for another network\n",
				    info->name);
		else if (PTR_ERR(obj) == -ENOSPC)
			xa_net_info(par->net, "table %s: there are %u tables already (max_tables_limit)\n",
				    info->name, max_tables_limit);
		return PTR_ERR(obj);
	}
	info->table = container_of(obj, struct account_table, named);
	atomic_inc(&info->table->rules);
	return 0;
}

static void account_tg_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_account_tginfo *info = par->targinfo;

	atomic_dec(&info->table->rules);
	xa_named_put(&info->table->named);
}

static struct xt_target account_tg_reg[] __read_mostly = {
	{
		.name       = "ACCOUNT",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = account_tg_check,
		.target     = account_tg4,
		.destroy    = account_tg_destroy,
		.targetsize = sizeof(struct xt_account_tginfo),
		.usersize   = offsetof(struct xt_account_tginfo, table),
		.me         = THIS_MODULE,
	},
	{
		.name       = "ACCOUNT",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = account_tg_check,
		.target     = account_tg6,
		.destroy    = account_tg_destroy,
		.targetsize = sizeof(struct xt_account_tginfo),
		.usersize   = offsetof(struct xt_account_tginfo, table),
		.me         = THIS_MODULE,
	},
};

static int __net_init account_net_init(struct net *net)
{
	struct account_net *an = account_pernet(net);
	int ret = -ENOMEM;

	mutex_init(&an->lock);
	an->budget = xa_budget_create(net, &account_max_memory);
	if (!an->budget)
		return -ENOMEM;
	an->copies = xa_budget_create_copies(net);
	if (!an->copies)
		goto err_budget;
	an->tables = xa_named_net_create(net, &account_type);
	if (IS_ERR(an->tables)) {
		ret = PTR_ERR(an->tables);
		goto err_copies;
	}
	return 0;

err_copies:
	xa_budget_put(an->copies);
err_budget:
	xa_budget_put(an->budget);
	return ret;
}

static void __net_exit account_net_exit(struct net *net)
{
	struct account_net *an = account_pernet(net);

	account_handles_free(an);
	xa_named_net_release(an->tables);
	xa_budget_put(an->copies);
	xa_budget_put(an->budget);
}

static struct pernet_operations account_net_ops = {
	.init = account_net_init,
	.exit = account_net_exit,
	.id   = &account_net_id,
	.size = sizeof(struct account_net),
};

static int __init account_tg_init(void)
{
	int ret;

	account_max_hosts6 = min(account_max_hosts6, ACCOUNT_HOSTS6_MOST);
	ret = register_pernet_subsys(&account_net_ops);
	if (ret < 0)
		return ret;
	ret = account_sockopt_init();
	if (ret < 0)
		goto err_pernet;
	ret = xt_register_targets(account_tg_reg, ARRAY_SIZE(account_tg_reg));
	if (ret < 0)
		goto err_sockopt;
	return 0;

err_sockopt:
	account_sockopt_exit();
err_pernet:
	unregister_pernet_subsys(&account_net_ops);
	return ret;
}

static void __exit account_tg_exit(void)
{
	xt_unregister_targets(account_tg_reg, ARRAY_SIZE(account_tg_reg));
	account_sockopt_exit();
	unregister_pernet_subsys(&account_net_ops);
}

module_init(account_tg_init);
module_exit(account_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: count the traffic of each host of a network");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_ACCOUNT");
MODULE_ALIAS("ip6t_ACCOUNT");
