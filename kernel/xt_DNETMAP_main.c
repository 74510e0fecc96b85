// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP - dynamic two-way 1:1 NAT
 *
 * In POSTROUTING and OUTPUT a new flow's source gets an address of the rule's
 * prefix, the same for all flows of that source as long as the binding lasts;
 * in PREROUTING a flow to an address that is bound goes to whom it is bound to.
 * What gets no binding continues with the next rule. The NAT itself is the
 * kernel's, and so conntrack's: this is asked once a flow.
 *
 * State: prefixes, owned by the rules that name them (xa_named), and those that
 * are persistent by the namespace. One space a namespace holds all bindings, so
 * that a private address has one public address, and the other way round. Locks
 * and lifetimes: xt_DNETMAP_table.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ip.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "xa_log.h"
#include "xa_version.h"
#include "xt_DNETMAP_table.h"

unsigned int dnetmap_default_ttl = 600;
module_param_named(default_ttl, dnetmap_default_ttl, uint, 0400);
MODULE_PARM_DESC(default_ttl, "seconds that a binding lasts after a hit");
static unsigned int hash_size = 256;
module_param(hash_size, uint, 0400);
MODULE_PARM_DESC(hash_size, "least buckets of a namespace's hash, a power of two");
unsigned int dnetmap_disable_log;
module_param_named(disable_log, dnetmap_disable_log, uint, 0400);
MODULE_PARM_DESC(disable_log, "1: bindings are not logged");
static unsigned int whole_prefix = 1;
module_param(whole_prefix, uint, 0400);
MODULE_PARM_DESC(whole_prefix, "0: first and last address of a prefix are not used");
static unsigned int max_memory;
module_param(max_memory, uint, 0400);
MODULE_PARM_DESC(max_memory, "MiB of bindings in a network namespace (0: as xa_budget says)");

#define DNETMAP_HASH_SIZE	256
#define DNETMAP_HASH_SIZE_MAX	32768U	/* more comes by itself */

static const unsigned int dnetmap_prefixes_max = 1024;
static const unsigned int dnetmap_mode = 0644;
static const unsigned int dnetmap_owner;

static unsigned int dnetmap_net_id __read_mostly;

struct dnetmap_net {
	struct dnetmap_space *space;
	struct xa_named_net *prefixes;
};

/* For xa_named: what a rule asks for. */
struct dnetmap_request {
	struct dnetmap_space *space;
	struct dnetmap_range range;
	bool persistent;
};

static struct xa_named *dnetmap_create(struct net *net, const void *arg)
{
	const struct dnetmap_request *req = arg;
	__be32 base = htonl(req->range.base);
	struct dnetmap_prefix *p;

	p = dnetmap_prefix_alloc(req->space, net, &req->range);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->persistent = req->persistent;
	dnetmap_log(net, "new prefix %pI4/%u\n", &base, req->range.len);
	return &p->named;
}

static bool dnetmap_keep(const struct xa_named *obj)
{
	return READ_ONCE(container_of(obj, struct dnetmap_prefix,
				      named)->persistent);
}

static void dnetmap_retire(struct xa_named *obj)
{
	dnetmap_prefix_retire(container_of(obj, struct dnetmap_prefix, named));
}

static void dnetmap_destroy(struct xa_named *obj)
{
	dnetmap_prefix_free(container_of(obj, struct dnetmap_prefix, named));
}

static const struct xa_named_type dnetmap_type = {
	.owner   = THIS_MODULE,
	.dir     = "xt_DNETMAP",
	.file    = &dnetmap_file,
	.suffix  = "_stat",
	.file2   = &dnetmap_stat_file,
	.mode    = &dnetmap_mode,
	.uid     = &dnetmap_owner,
	.gid     = &dnetmap_owner,
	.max     = &dnetmap_prefixes_max,
	.create  = dnetmap_create,
	.keep    = dnetmap_keep,
	.retire  = dnetmap_retire,
	.destroy = dnetmap_destroy,
};

static unsigned int dnetmap_tg(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_dnetmap_tginfo *info = par->targinfo;
	bool in = xt_hooknum(par) == NF_INET_PRE_ROUTING;
	enum nf_nat_manip_type manip = in ? NF_NAT_MANIP_DST : NF_NAT_MANIP_SRC;
	struct nf_nat_range2 range = { .flags = NF_NAT_RANGE_MAP_IPS };
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	__be32 addr;
	int ret;

	/* not tracked; or settled, by an earlier chain of this or another hook */
	if (!ct || nf_ct_is_confirmed(ct) || nf_nat_initialized(ct, manip))
		return XT_CONTINUE;
	if (in)
		ret = dnetmap_dnat(info, xt_net(par), ip_hdr(skb)->daddr, &addr);
	else
		ret = dnetmap_snat(info, xt_net(par), ip_hdr(skb)->saddr, &addr);
	/* not with its private source, only because the answer takes longer */
	if (ret == -EAGAIN)
		return NF_DROP;
	if (ret < 0)
		return XT_CONTINUE;
	range.min_addr.ip = addr;
	range.max_addr.ip = addr;
	return nf_nat_setup_info(ct, &range, manip);
}

/* What the flags say and what is given agree. */
static bool dnetmap_info_ok(const struct xt_dnetmap_tginfo *info)
{
	if ((info->flags & ~XT_DNETMAP_FLAGS) ||
	    memchr_inv(info->pad, 0, sizeof(info->pad)) ||
	    memchr_inv(info->pad2, 0, sizeof(info->pad2)))
		return false;
	if (!(info->flags & XT_DNETMAP_TTL) && info->ttl != 0)
		return false;
	if (!(info->flags & XT_DNETMAP_PREFIX))
		return !(info->flags & XT_DNETMAP_PERSISTENT) &&
		       info->net == 0 && info->len == 0;
	return info->len >= XT_DNETMAP_LEN_MIN &&
	       info->len <= XT_DNETMAP_LEN_MAX;
}

static struct dnetmap_prefix *
dnetmap_prefix_get(const struct xt_tgchk_param *par, struct dnetmap_net *dn)
{
	const struct xt_dnetmap_tginfo *info = par->targinfo;
	struct dnetmap_request req = {
		.space      = dn->space,
		.persistent = info->flags & XT_DNETMAP_PERSISTENT,
	};
	char name[XA_NAMED_LEN];
	struct xa_named *obj;

	if (!dnetmap_range_init(&req.range, ntohl(info->net), info->len,
				whole_prefix)) {
		xa_net_info(par->net, "prefix %pI4/%u has host bits\n",
			    &info->net, info->len);
		return ERR_PTR(-EINVAL);
	}
	snprintf(name, sizeof(name), "%pI4_%u", &info->net, info->len);
	obj = xa_named_get(dn->prefixes, name, &req);
	if (IS_ERR(obj)) {
		if (PTR_ERR(obj) == -ENOSPC)
			xa_net_info(par->net, "there are %u prefixes already\n",
				    dnetmap_prefixes_max);
		return ERR_CAST(obj);
	}
	return container_of(obj, struct dnetmap_prefix, named);
}

static int dnetmap_tg_check(const struct xt_tgchk_param *par)
{
	struct xt_dnetmap_tginfo *info = par->targinfo;
	struct dnetmap_net *dn = net_generic(par->net, dnetmap_net_id);
	int ret;

	if (!dnetmap_info_ok(info)) {
		xa_net_info(par->net, "flags, prefix length or padding not valid\n");
		return -EINVAL;
	}
	ret = nf_ct_netns_get(par->net, par->family);
	if (ret < 0)
		return ret;
	info->prefix = NULL;
	if (info->flags & XT_DNETMAP_PREFIX) {
		info->prefix = dnetmap_prefix_get(par, dn);
		if (IS_ERR(info->prefix)) {
			nf_ct_netns_put(par->net, par->family);
			return PTR_ERR(info->prefix);
		}
	}
	dnetmap_space_get(dn->space);
	info->space = dn->space;
	if (info->prefix && !xchg(&info->prefix->known, 1))
		dnetmap_look_new(dn->space);
	return 0;
}

static void dnetmap_tg_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_dnetmap_tginfo *info = par->targinfo;

	if (info->prefix)
		xa_named_put(&info->prefix->named);
	dnetmap_space_put(info->space);
	nf_ct_netns_put(par->net, par->family);
}

static struct xt_target dnetmap_tg_reg __read_mostly = {
	.name       = "DNETMAP",
	.revision   = 1,
	.family     = NFPROTO_IPV4,
	.table      = "nat",
	.hooks      = (1 << NF_INET_PRE_ROUTING) | (1 << NF_INET_LOCAL_OUT) |
		      (1 << NF_INET_POST_ROUTING),
	.checkentry = dnetmap_tg_check,
	.target     = dnetmap_tg,
	.destroy    = dnetmap_tg_destroy,
	.targetsize = sizeof(struct xt_dnetmap_tginfo),
	.usersize   = offsetof(struct xt_dnetmap_tginfo, space),
	.me         = THIS_MODULE,
};

static int __net_init dnetmap_net_init(struct net *net)
{
	struct dnetmap_net *dn = net_generic(net, dnetmap_net_id);

	dn->space = dnetmap_space_alloc(net, hash_size, &max_memory);
	if (!dn->space)
		return -ENOMEM;
	dn->prefixes = xa_named_net_create(net, &dnetmap_type);
	if (IS_ERR(dn->prefixes)) {
		dnetmap_space_put(dn->space);
		return PTR_ERR(dn->prefixes);
	}
	return 0;
}

static void __net_exit dnetmap_net_exit(struct net *net)
{
	struct dnetmap_net *dn = net_generic(net, dnetmap_net_id);

	xa_named_net_release(dn->prefixes);
	cancel_delayed_work_sync(&dn->space->look);
	dnetmap_space_put(dn->space);
}

static struct pernet_operations dnetmap_net_ops = {
	.init = dnetmap_net_init,
	.exit = dnetmap_net_exit,
	.id   = &dnetmap_net_id,
	.size = sizeof(struct dnetmap_net),
};

static void __init dnetmap_check_parameters(void)
{
	if (!is_power_of_2(hash_size)) {
		pr_warn("hash_size %u is not a power of two: %u is used\n",
			hash_size, DNETMAP_HASH_SIZE);
		hash_size = DNETMAP_HASH_SIZE;
	}
	if (hash_size > DNETMAP_HASH_SIZE_MAX) {
		pr_warn("hash_size %u is too large: %u is used\n",
			hash_size, DNETMAP_HASH_SIZE_MAX);
		hash_size = DNETMAP_HASH_SIZE_MAX;
	}
	if (dnetmap_default_ttl > S32_MAX) {
		pr_warn("default_ttl %u is too long: %u is used\n",
			dnetmap_default_ttl, (u32)S32_MAX);
		dnetmap_default_ttl = S32_MAX;
	}
}

static int __init dnetmap_tg_init(void)
{
	int ret;

	dnetmap_check_parameters();
	ret = register_pernet_subsys(&dnetmap_net_ops);
	if (ret < 0)
		return ret;
	ret = xt_register_target(&dnetmap_tg_reg);
	if (ret < 0)
		unregister_pernet_subsys(&dnetmap_net_ops);
	return ret;
}

static void __exit dnetmap_tg_exit(void)
{
	xt_unregister_target(&dnetmap_tg_reg);
	unregister_pernet_subsys(&dnetmap_net_ops);
	rcu_barrier();	/* prefixes are freed by code of this module */
}

module_init(dnetmap_tg_init);
module_exit(dnetmap_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: dynamic two-way 1:1 NAT");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_DNETMAP");
