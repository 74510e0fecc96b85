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
 * the end of the device, so no reference is held. Rules own the watches: they
 * may outlive what the namespace has of ours.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_iface.h"

/**
 * struct iface_watch - a device name that rules of a namespace refer to
 * @node:  in struct iface_net's list, or alone once the namespace has gone
 * @dev:   the device of that name, or NULL
 * @rules: number of rules
 * @name:  of the device
 *
 * All is written under iface_mutex.
 */
struct iface_watch {
	struct list_head node;
	struct net_device __rcu *dev;
	unsigned int rules;
	char name[XT_IFACE_NAME_LEN];
};

struct iface_net {
	struct list_head watches;	/* iface_mutex */
};

static unsigned int iface_net_id __read_mostly;

/* Lists, watches and their counts. Innermost; the notifier has the RTNL. */
static DEFINE_MUTEX(iface_mutex);

static void iface_watch_set(struct iface_watch *watch, struct net_device *dev)
{
	rcu_assign_pointer(watch->dev, dev);
}

/* A device without this reference may come and go, and the name with it. */
static void iface_watch_update(struct iface_watch *watch, struct net_device *dev,
			       bool gone)
{
	const struct net_device *old;

	old = rcu_dereference_protected(watch->dev, lockdep_is_held(&iface_mutex));
	if (!gone && strcmp(watch->name, dev->name) == 0)
		iface_watch_set(watch, dev);
	else if (old == dev)
		iface_watch_set(watch, NULL);
}

static int iface_netdev_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct iface_net *in = net_generic(dev_net(dev), iface_net_id);
	struct iface_watch *watch;

	if (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME &&
	    event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&iface_mutex);
	list_for_each_entry(watch, &in->watches, node)
		iface_watch_update(watch, dev, event == NETDEV_UNREGISTER);
	mutex_unlock(&iface_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block iface_netdev_notifier = {
	.notifier_call = iface_netdev_event,
};

static struct iface_watch *iface_watch_find(const struct iface_net *in,
					    const char *name)
{
	struct iface_watch *watch;

	list_for_each_entry(watch, &in->watches, node)
		if (strcmp(watch->name, name) == 0)
			return watch;
	return NULL;
}

/*
 * On the list before the device is looked up: one that appears or goes
 * meanwhile is either seen here, or its notifier waits for the mutex and puts
 * the pointer right. The RTNL cannot be taken, nf_tables takes its own mutex
 * inside it.
 */
static struct iface_watch *iface_watch_create(struct net *net,
					      struct iface_net *in,
					      const char *name)
{
	struct iface_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);

	if (!watch)
		return NULL;
	strscpy(watch->name, name, sizeof(watch->name));
	list_add(&watch->node, &in->watches);
	rcu_read_lock();
	iface_watch_set(watch, dev_get_by_name_rcu(net, name));
	rcu_read_unlock();
	return watch;
}

static struct iface_watch *iface_watch_get(struct net *net, const char *name)
{
	struct iface_net *in = net_generic(net, iface_net_id);
	struct iface_watch *watch;

	mutex_lock(&iface_mutex);
	watch = iface_watch_find(in, name);
	if (!watch)
		watch = iface_watch_create(net, in, name);
	if (watch)
		++watch->rules;
	mutex_unlock(&iface_mutex);
	return watch;
}

/* No packet is in the rule any more, so the watch needs no grace period. */
static void iface_watch_put(struct iface_watch *watch)
{
	mutex_lock(&iface_mutex);
	if (--watch->rules == 0)
		list_del(&watch->node);
	else
		watch = NULL;
	mutex_unlock(&iface_mutex);
	kfree(watch);
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
	return info->watch ? 0 : -ENOMEM;
}

static void iface_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_iface_mtinfo *info = par->matchinfo;

	if (info->watch)
		iface_watch_put(info->watch);
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

	INIT_LIST_HEAD(&in->watches);
	return 0;
}

/*
 * The devices of the namespace have gone by now (a pernet subsystem exits
 * after the devices), its rules perhaps not: leave each watch to its rules.
 */
static void __net_exit iface_net_exit(struct net *net)
{
	struct iface_net *in = net_generic(net, iface_net_id);
	struct iface_watch *watch, *next;

	mutex_lock(&iface_mutex);
	list_for_each_entry_safe(watch, next, &in->watches, node) {
		iface_watch_set(watch, NULL);
		list_del_init(&watch->node);
	}
	mutex_unlock(&iface_mutex);
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
