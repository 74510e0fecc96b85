// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_iface - match the state of an interface
 *
 * A rule looks at the interface on which the packet came in, at the one on
 * which it goes out, or at the one that has a name, whichever device of the
 * rule's namespace that is at the moment; without a device it does not match.
 *
 * Rules that give the same name in a namespace share a watch: name and cached
 * pointer to the device, kept right by a netdevice notifier. Packets read the
 * pointer under RCU; the core waits for them between NETDEV_UNREGISTER and
 * the end of the device, so no reference is held. xa_named owns the watches'
 * lifetime and finds them.
 *
 * The name of a device is what dev->name says. Its alternative names are none:
 * the core tells nobody when they come and go.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/if.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_named.h"
#include "xa_version.h"
#include "xt_iface.h"

/**
 * struct iface_watch - a device name that rules of a namespace refer to
 * @named: lifetime and name
 * @dev:   the device of that name, or NULL; the registry's lock to change
 * @node:  in struct iface_net's @found while there is a device; likewise
 */
struct iface_watch {
	struct xa_named named;
	struct net_device __rcu *dev;
	struct hlist_node node;
};

static unsigned int iface_net_id __read_mostly;

/**
 * struct iface_net - the watches of a namespace
 * @watches: all, by name. Its lock is taken within the RTNL by the notifier,
 *           so nothing takes the RTNL within it
 * @found:   those that have a device, by device; @watches' lock
 */
struct iface_net {
	struct xa_named_net *watches;
	DECLARE_HASHTABLE(found, 6);
};

/* For xa_named: what a rule asks for. */
struct iface_request {
	struct iface_net *in;
	const char *name;
};

static struct iface_watch *iface_watch_of(struct xa_named *obj)
{
	return container_of(obj, struct iface_watch, named);
}

/* @dev or NULL. Called with the registry locked. */
static void iface_watch_set(struct iface_net *in, struct iface_watch *watch,
			    struct net_device *dev)
{
	if (!hlist_unhashed(&watch->node))
		hash_del(&watch->node);
	if (dev)
		hash_add(in->found, &watch->node, (unsigned long)dev);
	rcu_assign_pointer(watch->dev, dev);
}

/*
 * Of the watches of @dev only @keep, or none, keeps it. There can be several:
 * a device is found by its new name before the notifiers are told of that, and
 * a rule can be inserted in between. Called with the registry locked.
 */
static void iface_watches_clear(struct iface_net *in,
				const struct net_device *dev,
				const struct iface_watch *keep)
{
	struct iface_watch *watch;
	struct hlist_node *next;

	hash_for_each_possible_safe(in->found, watch, next, node,
				    (unsigned long)dev)
		if (watch != keep && rcu_access_pointer(watch->dev) == dev)
			iface_watch_set(in, watch, NULL);
}

/*
 * The device may have come, gone, or changed its name, and need not be held:
 * it and its name stay until this returns.
 */
static int iface_netdev_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct iface_net *in = net_generic(dev_net(dev), iface_net_id);
	struct iface_watch *has = NULL;
	struct xa_named *obj;

	if (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME &&
	    event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	if (!in->watches)	/* the namespace is not set up yet, or has gone */
		return NOTIFY_DONE;
	xa_named_lock(in->watches);
	obj = event == NETDEV_UNREGISTER ? NULL :
					   xa_named_find(in->watches, dev->name);
	if (obj)
		has = iface_watch_of(obj);
	iface_watches_clear(in, dev, has);
	if (has)
		iface_watch_set(in, has, dev);
	xa_named_unlock(in->watches);
	return NOTIFY_DONE;
}

static struct notifier_block iface_netdev_notifier = {
	.notifier_call = iface_netdev_event,
};

/*
 * With the registry locked, and found by the notifier when it is not: a device
 * that appears or goes meanwhile is either seen here, or its notifier waits for
 * the lock and puts the pointer right. The RTNL cannot be taken, nf_tables
 * takes its own mutex inside it.
 */
static struct xa_named *iface_create(struct net *net, const void *arg)
{
	struct iface_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	const struct iface_request *req = arg;
	struct net_device *dev;

	if (!watch)
		return ERR_PTR(-ENOMEM);
	INIT_HLIST_NODE(&watch->node);
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, req->name);
	/* this also finds alternative names */
	if (dev && strcmp(dev->name, req->name) == 0)
		iface_watch_set(req->in, watch, dev);
	rcu_read_unlock();
	return &watch->named;
}

/* No packet is in the rule any more, so the watch needs no grace period. */
static void iface_destroy(struct xa_named *obj)
{
	struct iface_watch *watch = iface_watch_of(obj);

	/* the notifier may still find it by its device */
	xa_named_lock(obj->nn);
	if (!hlist_unhashed(&watch->node))
		hash_del(&watch->node);
	xa_named_unlock(obj->nn);
	kfree(watch);
}

static const struct xa_named_type iface_type = {
	.owner   = THIS_MODULE,
	.create  = iface_create,
	.destroy = iface_destroy,
};

static struct iface_watch *iface_watch_get(struct net *net, const char *name)
{
	struct iface_net *in = net_generic(net, iface_net_id);
	struct iface_request req = { .in = in, .name = name };
	struct xa_named *obj = xa_named_get(in->watches, name, &req);

	return IS_ERR(obj) ? ERR_CAST(obj) : iface_watch_of(obj);
}

/* These states are not in dev->flags: they follow the operational state. */
#define IFACE_LIVE	(IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)

/* As dev_get_flags(), but dormant also if a supplicant says so (mode dormant). */
static unsigned int iface_live_flags(const struct net_device *dev)
{
	unsigned int live = 0;

	if (!netif_running(dev))
		return 0;
	if (netif_oper_up(dev))
		live |= IFF_RUNNING;
	if (netif_carrier_ok(dev))
		live |= IFF_LOWER_UP;
	if (netif_dormant(dev) || READ_ONCE(dev->operstate) == IF_OPER_DORMANT)
		live |= IFF_DORMANT;
	return live;
}

static const struct net_device *iface_dev(const struct xt_iface_mtinfo *info,
					  const struct xt_action_param *par)
{
	if (info->watch)
		return rcu_dereference(info->watch->dev);
	return info->flags & XT_IFACE_DEV_IN ? xt_in(par) : xt_out(par);
}

static bool iface_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_iface_mtinfo *info = par->matchinfo;
	const struct net_device *dev = iface_dev(info, par);
	unsigned int flags;

	if (!dev)
		return false;
	flags = dev->flags & ~IFACE_LIVE;
	if (info->iff_mask & IFACE_LIVE)
		flags |= iface_live_flags(dev);
	return (flags & info->iff_mask) == info->iff_on;
}

/* The device flags that stand for bits of the rule. */
static u32 iface_iff(u16 states)
{
	static const u32 iff[] = {
		IFF_UP, IFF_BROADCAST, IFF_LOOPBACK, IFF_POINTOPOINT,
		IFF_RUNNING, IFF_NOARP, IFF_PROMISC, IFF_MULTICAST,
		IFF_DYNAMIC, IFF_LOWER_UP, IFF_DORMANT,
	};
	unsigned int bit;
	u32 flags = 0;

	for (bit = 0; bit < ARRAY_SIZE(iff); ++bit)
		if (states & BIT(bit))
			flags |= iff[bit];
	return flags;
}

static int iface_check_name(const struct xt_iface_mtinfo *info)
{
	size_t len = strnlen(info->ifname, sizeof(info->ifname));

	if (info->flags & (XT_IFACE_DEV_IN | XT_IFACE_DEV_OUT))
		return len == 0 ? 0 : -EINVAL;
	if (len == sizeof(info->ifname) || !dev_valid_name(info->ifname))
		return -EINVAL;
	return strpbrk(info->ifname, "+!*") ? -EINVAL : 0;
}

static int iface_check_info(const struct xt_iface_mtinfo *info)
{
	size_t len = strnlen(info->ifname, sizeof(info->ifname));

	if (info->pad || info->flags & ~XT_IFACE_ALL ||
	    memchr_inv(info->ifname + len, 0, sizeof(info->ifname) - len))
		return -EINVAL;
	if (info->flags & XT_IFACE_DEV_IN && info->flags & XT_IFACE_DEV_OUT)
		return -EINVAL;
	if (!(info->flags & XT_IFACE_STATES) ||
	    info->invflags & ~(info->flags & XT_IFACE_STATES))
		return -EINVAL;
	return iface_check_name(info);
}

static int iface_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_iface_mtinfo *info = par->matchinfo;
	int ret = iface_check_info(info);

	if (ret < 0) {
		xa_net_info(par->net, "one interface and known states are needed, not flags %#x, inverted %#x\n",
			    info->flags, info->invflags);
		return ret;
	}
	info->iff_mask = iface_iff(info->flags);
	info->iff_on = iface_iff(info->flags & ~info->invflags);
	info->watch = NULL;
	if (info->flags & (XT_IFACE_DEV_IN | XT_IFACE_DEV_OUT))
		return 0;
	info->watch = iface_watch_get(par->net, info->ifname);
	return PTR_ERR_OR_ZERO(info->watch);
}

static void iface_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_iface_mtinfo *info = par->matchinfo;

	if (info->watch)
		xa_named_put(&info->watch->named);
}

static struct xt_match iface_mt_reg[] __read_mostly = {
	{
		.name       = "iface",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = iface_mt_check,
		.match      = iface_mt,
		.destroy    = iface_mt_destroy,
		.matchsize  = sizeof(struct xt_iface_mtinfo),
		.usersize   = offsetof(struct xt_iface_mtinfo, watch),
		.me         = THIS_MODULE,
	},
	{
		.name       = "iface",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = iface_mt_check,
		.match      = iface_mt,
		.destroy    = iface_mt_destroy,
		.matchsize  = sizeof(struct xt_iface_mtinfo),
		.usersize   = offsetof(struct xt_iface_mtinfo, watch),
		.me         = THIS_MODULE,
	},
};

static int __net_init iface_net_init(struct net *net)
{
	struct iface_net *in = net_generic(net, iface_net_id);

	hash_init(in->found);
	in->watches = xa_named_net_create(net, &iface_type);
	return PTR_ERR_OR_ZERO(in->watches);
}

/*
 * The devices of the namespace have gone by now (a pernet subsystem exits
 * after the devices), its rules perhaps not. What is left of @found goes with
 * the namespace.
 */
static void __net_exit iface_net_exit(struct net *net)
{
	struct iface_net *in = net_generic(net, iface_net_id);
	struct iface_watch *watch;
	struct hlist_node *next;
	unsigned int i;

	xa_named_lock(in->watches);
	hash_for_each_safe(in->found, i, next, watch, node) {
		hash_del(&watch->node);
		RCU_INIT_POINTER(watch->dev, NULL);
	}
	xa_named_unlock(in->watches);
	xa_named_net_release(in->watches);
	in->watches = NULL;
}

static struct pernet_operations iface_net_ops = {
	.init = iface_net_init,
	.exit = iface_net_exit,
	.id   = &iface_net_id,
	.size = sizeof(struct iface_net),
};

static int __init iface_mt_init(void)
{
	int ret = register_pernet_subsys(&iface_net_ops);

	if (ret < 0)
		return ret;
	ret = register_netdevice_notifier(&iface_netdev_notifier);
	if (ret < 0)
		goto unregister_pernet;
	ret = xt_register_matches(iface_mt_reg, ARRAY_SIZE(iface_mt_reg));
	if (ret < 0)
		goto unregister_notifier;
	return 0;

unregister_notifier:
	unregister_netdevice_notifier(&iface_netdev_notifier);
unregister_pernet:
	unregister_pernet_subsys(&iface_net_ops);
	return ret;
}

static void __exit iface_mt_exit(void)
{
	xt_unregister_matches(iface_mt_reg, ARRAY_SIZE(iface_mt_reg));
	unregister_netdevice_notifier(&iface_netdev_notifier);
	unregister_pernet_subsys(&iface_net_ops);
}

module_init(iface_mt_init);
module_exit(iface_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: state of an interface");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_iface");
MODULE_ALIAS("ip6t_iface");
