// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook - rules of x_tables at hooks of their own, beside nf_tables
 *
 * Each network namespace has a ruleset: chains of rules at (family, hook,
 * priority), or at ingress of a device. A rule is matches and a target as
 * iptables has them. No module of iptables or nf_tables is needed, nothing
 * appears in their listings, and `nft flush ruleset` does not know of it; with
 * nft's own rules ours talk by marks.
 *
 *	run      packets
 *	point    hooks, and the devices of ingress
 *	ruleset  lists of chains and rules, and their end
 *	rule     a rule
 *	check    what an extension may be used for
 *	slow     extensions whose check may be stuck
 *	session  rulesets that are being built
 *	netlink  verbs
 *	dump     GET
 *
 * Locks: RTNL, then points_lock; lock, then points_lock; list_lock inside of all.
 * Extensions are asked under lock, those that may be stuck by work items for which it is
 * held for a while. They are told of their end under none, by work items.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_hook_priv.h"
#include "xa_version.h"

/*
 * Loads may wait for user space. What frees memory must not wait for them, and those of
 * the initial user namespace not for those of containers.
 */
struct workqueue_struct *xa_hook_loads, *xa_hook_user_loads;
static struct workqueue_struct *xa_hook_ends, *xa_hook_user_ends;
/* What of containers is stuck must not keep root's from beginning. */
static struct workqueue_struct *xa_hook_slows, *xa_hook_user_slows;

static unsigned int xa_hook_net_id __read_mostly;

/**
 * xa_hook_of - what we have in a namespace
 * @net: namespace
 *
 * Context: any.
 * Return: it.
 */
struct xa_hook_net *xa_hook_of(struct net *net)
{
	return net_generic(net, xa_hook_net_id);
}

/**
 * xa_hook_end_queue - let something be freed that may take long
 * @hn:   its namespace
 * @work: which frees it
 *
 * Context: any.
 */
void xa_hook_end_queue(struct xa_hook_net *hn, struct work_struct *work)
{
	queue_work(hn->net->user_ns == &init_user_ns ? xa_hook_ends : xa_hook_user_ends, work);
}

/**
 * xa_hook_slow_queue - let something be done that may be stuck
 * @hn:   namespace
 * @work: which does it
 *
 * Context: any.
 */
void xa_hook_slow_queue(struct xa_hook_net *hn, struct work_struct *work)
{
	queue_work(hn->net->user_ns == &init_user_ns ? xa_hook_slows : xa_hook_user_slows, work);
}

/* ---- devices */

static int device_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		xa_hook_points_device(xa_hook_of(dev_net(dev)), dev, false);
		break;
	case NETDEV_UNREGISTER:
		xa_hook_points_device(xa_hook_of(dev_net(dev)), dev, true);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block xa_hook_devices = {
	.notifier_call = device_event,
};

/* ---- namespaces */

static int __net_init xa_hook_net_init(struct net *net)
{
	struct xa_hook_net *hn = xa_hook_of(net);

	hn->net = net;
	hn->generation = 1;
	mutex_init(&hn->lock);
	mutex_init(&hn->points_lock);
	spin_lock_init(&hn->list_lock);
	INIT_LIST_HEAD(&hn->points);
	INIT_LIST_HEAD(&hn->sessions);
	INIT_LIST_HEAD(&hn->waiting);
	INIT_WORK(&hn->load, xa_hook_sessions_load_work);
	INIT_LIST_HEAD(&hn->in_line);
	INIT_LIST_HEAD(&hn->retired);
	init_llist_head(&hn->dead_rules);
	INIT_WORK(&hn->retire, xa_hook_ruleset_retire_work);
	init_waitqueue_head(&hn->freed);
	xa_hook_slow_init(hn);
	return 0;
}

/* After this a grace period passes before exit is called. */
static void __net_exit xa_hook_net_pre_exit(struct net *net)
{
	xa_hook_points_end(xa_hook_of(net));
}

static void __net_exit xa_hook_net_exit(struct net *net)
{
	struct xa_hook_net *hn = xa_hook_of(net);
	struct xa_hook_ruleset *rs = rcu_dereference_protected(hn->ruleset, true);

	RCU_INIT_POINTER(hn->ruleset, NULL);
	xa_hook_ruleset_destroy(rs);
	xa_hook_sessions_end(hn);
	/* a session that waits holds the namespace: there is none */
	cancel_work_sync(&hn->load);
	/* nor are there checks that have not ended; their rules are freed below */
	xa_hook_slow_exit(hn);
	/* not for those of other namespaces, in which somebody may be stuck */
	wait_event(hn->freed, xa_hook_sessions_freed(hn));
	flush_work(&hn->retire);
	WARN_ON_ONCE(atomic_long_read(&hn->taken));
}

static struct pernet_operations xa_hook_net_ops = {
	.init     = xa_hook_net_init,
	.pre_exit = xa_hook_net_pre_exit,
	.exit     = xa_hook_net_exit,
	.id       = &xa_hook_net_id,
	.size     = sizeof(struct xa_hook_net),
};

/* ---- the module */

static int __init queues_init(void)
{
	xa_hook_loads = alloc_workqueue("xa_hook_loads", WQ_UNBOUND, 0);
	xa_hook_user_loads = alloc_workqueue("xa_hook_user_loads", WQ_UNBOUND, 0);
	xa_hook_ends = alloc_workqueue("xa_hook_ends", WQ_UNBOUND, 0);
	xa_hook_user_ends = alloc_workqueue("xa_hook_user_ends", WQ_UNBOUND, 0);
	xa_hook_slows = alloc_workqueue("xa_hook_slows", WQ_UNBOUND, 0);
	xa_hook_user_slows = alloc_workqueue("xa_hook_user_slows", WQ_UNBOUND, 0);
	return xa_hook_loads && xa_hook_user_loads && xa_hook_ends && xa_hook_user_ends &&
	       xa_hook_slows && xa_hook_user_slows ? 0 : -ENOMEM;
}

static void queues_exit(void)
{
	if (xa_hook_loads)
		destroy_workqueue(xa_hook_loads);
	if (xa_hook_user_loads)
		destroy_workqueue(xa_hook_user_loads);
	if (xa_hook_ends)
		destroy_workqueue(xa_hook_ends);
	if (xa_hook_user_ends)
		destroy_workqueue(xa_hook_user_ends);
	if (xa_hook_slows)
		destroy_workqueue(xa_hook_slows);
	if (xa_hook_user_slows)
		destroy_workqueue(xa_hook_user_slows);
}

static int __init xa_hook_init(void)
{
	int err = queues_init();

	if (err)
		goto queues;
	err = register_pernet_subsys(&xa_hook_net_ops);
	if (err)
		goto queues;
	err = register_netdevice_notifier(&xa_hook_devices);
	if (err)
		goto pernet;
	err = xa_hook_netlink_init();
	if (!err)
		return 0;
	unregister_netdevice_notifier(&xa_hook_devices);
pernet:
	unregister_pernet_subsys(&xa_hook_net_ops);
queues:
	queues_exit();
	return err;
}

/*
 * Loads and checks have namespaces in their hands: they end before these do, and while nobody
 * else waits who needs the list of namespaces.
 */
static void __exit xa_hook_exit(void)
{
	xa_hook_netlink_exit();
	xa_hook_sessions_stop_loads();
	flush_workqueue(xa_hook_slows);
	flush_workqueue(xa_hook_user_slows);
	unregister_netdevice_notifier(&xa_hook_devices);
	unregister_pernet_subsys(&xa_hook_net_ops);
	queues_exit();
}

module_init(xa_hook_init);
module_exit(xa_hook_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: rules at hooks of their own, beside nf_tables");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
