// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_point - the hooks that the chains stand at
 *
 * There is a hook for each chain, and none where no chain is. A commit registers
 * the hooks that are new, while their chains are not there yet; then publishes
 * the ruleset, by one pointer; then takes the hooks away that have no chain any
 * more. At no time a packet sees a part of one ruleset and a part of another.
 *
 * A chain at ingress belongs to the name of a device, as "-i" does: when a device
 * gets that name the hook is registered there, when it loses it or goes the
 * hook does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "xa_hook_priv.h"
#include "xa_log.h"

static bool point_is_at(const struct xa_hook_point *point, const struct xa_hook_key *key)
{
	return point->key.family == key->family && point->key.hook == key->hook &&
	       point->key.priority == key->priority && !strcmp(point->key.device, key->device);
}

static struct xa_hook_point *point_find(const struct xa_hook_net *hn,
					const struct xa_hook_key *key)
{
	struct xa_hook_point *point;

	list_for_each_entry(point, &hn->points, list)
		if (point_is_at(point, key))
			return point;
	return NULL;
}

static int point_register(struct xa_hook_point *point)
{
	int err = nf_register_net_hook(point->hn->net, &point->ops);

	point->registered = !err;
	if (err)
		point->ops.dev = NULL;
	return err;
}

static void point_unregister(struct xa_hook_point *point)
{
	if (point->registered)
		nf_unregister_net_hook(point->hn->net, &point->ops);
	point->registered = false;
	point->ops.dev = NULL;
}

/* An alternative name is none of the device's own: notifiers do not tell of it. */
static int point_attach(struct xa_hook_point *point, struct net_device *dev)
{
	if (strcmp(dev->name, point->key.device))
		return 0;
	point->ops.dev = dev;
	return point_register(point);
}

static int point_attach_by_name(struct xa_hook_point *point)
{
	struct net_device *dev = dev_get_by_name(point->hn->net, point->key.device);
	int err = 0;

	if (dev)
		err = point_attach(point, dev);
	dev_put(dev);
	return err;
}

static void point_init(struct xa_hook_point *point, struct xa_hook_net *hn,
		       const struct xa_hook_key *key)
{
	struct nf_hook_ops *ops = &point->ops;

	point->hn = hn;
	point->key = *key;
	point->ethertype = htons(key->family == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6);
	ops->priv = point;
	ops->priority = key->priority;
	if (key->hook == XA_HOOK_INGRESS) {
		ops->hook = xa_hook_run_ingress;
		ops->pf = NFPROTO_NETDEV;
		ops->hooknum = NF_NETDEV_INGRESS;
	} else {
		ops->hook = key->family == NFPROTO_IPV4 ? xa_hook_run4 : xa_hook_run6;
		ops->pf = key->family;
		ops->hooknum = key->hook;
	}
}

static void point_destroy(struct xa_hook_point *point)
{
	point_unregister(point);
	list_del(&point->list);
	clear_bit(point->slot, point->hn->used);
	kfree_rcu(point, rcu);
}

/* Return: hook of the chain, or an ERR_PTR(). */
static struct xa_hook_point *point_create(struct xa_hook_net *hn, const struct xa_hook_key *key)
{
	struct xa_hook_point *point = kzalloc(sizeof(*point), GFP_KERNEL_ACCOUNT);
	int err;

	if (!point)
		return ERR_PTR(-ENOMEM);
	point_init(point, hn, key);
	/* there are twice as many as a ruleset has chains */
	point->slot = find_first_zero_bit(hn->used, XA_HOOK_SLOTS);
	if (WARN_ON_ONCE(point->slot >= XA_HOOK_SLOTS)) {
		kfree(point);
		return ERR_PTR(-E2BIG);
	}
	set_bit(point->slot, hn->used);
	list_add_tail(&point->list, &hn->points);
	err = key->hook == XA_HOOK_INGRESS ? point_attach_by_name(point) : point_register(point);
	if (!err)
		return point;
	point_destroy(point);
	return ERR_PTR(err);
}

/* Those that no chain of the last ruleset stands at. */
static void points_sweep(struct xa_hook_net *hn)
{
	struct xa_hook_point *point, *next;

	list_for_each_entry_safe(point, next, &hn->points, list)
		if (!point->used)
			point_destroy(point);
}

static void points_mark(struct xa_hook_net *hn, const struct xa_hook_ruleset *rs)
{
	struct xa_hook_point *point;
	u32 i;

	list_for_each_entry(point, &hn->points, list)
		point->used = false;
	for (i = 0; rs && i < rs->n_chains; i++)
		rs->chains[i]->point->used = true;
}

static int points_prepare(struct xa_hook_net *hn, struct xa_hook_ruleset *rs)
{
	struct xa_hook_chain *chain;
	struct xa_hook_point *point;
	u32 i;

	for (i = 0; i < rs->n_chains; i++) {
		chain = rs->chains[i];
		point = point_find(hn, &chain->key);
		if (!point)
			point = point_create(hn, &chain->key);
		if (IS_ERR(point))
			return PTR_ERR(point);
		chain->point = point;
		rs->slots[point->slot] = chain;
	}
	return 0;
}

/**
 * xa_hook_points_commit - let packets see a ruleset
 * @hn: namespace
 * @rs: ruleset; the one that was there before is the caller's to retire
 *
 * Context: process, may sleep; holds @hn->lock.
 * Return: 0; or an error, and nothing has changed.
 */
int xa_hook_points_commit(struct xa_hook_net *hn, struct xa_hook_ruleset *rs)
{
	int err;

	mutex_lock(&hn->points_lock);
	err = points_prepare(hn, rs);
	if (err) {
		memset(rs->slots, 0, sizeof(rs->slots));
		points_mark(hn, xa_hook_ruleset_locked(hn));
	} else {
		rcu_assign_pointer(hn->ruleset, rs);
		points_mark(hn, rs);
	}
	points_sweep(hn);
	mutex_unlock(&hn->points_lock);
	return err;
}

/**
 * xa_hook_points_device - a device has come, gone, or has another name
 * @hn:   namespace
 * @dev:  device
 * @gone: it is going
 *
 * Context: process, holds the RTNL.
 */
void xa_hook_points_device(struct xa_hook_net *hn, struct net_device *dev, bool gone)
{
	struct xa_hook_point *point;

	ASSERT_RTNL();
	mutex_lock(&hn->points_lock);
	list_for_each_entry(point, &hn->points, list) {
		if (point->key.hook != XA_HOOK_INGRESS)
			continue;
		if (point->ops.dev == dev && (gone || strcmp(dev->name, point->key.device)))
			point_unregister(point);
	}
	list_for_each_entry(point, &hn->points, list) {
		if (gone || hn->dead || point->key.hook != XA_HOOK_INGRESS || point->registered)
			continue;
		if (point_attach(point, dev))
			xa_net_info(hn->net, "no hook at ingress of %s: its rules are not run\n",
				    dev->name);
	}
	mutex_unlock(&hn->points_lock);
}

/**
 * xa_hook_points_end - no more packets
 * @hn: namespace that is ending
 *
 * Context: process, may sleep.
 */
void xa_hook_points_end(struct xa_hook_net *hn)
{
	struct xa_hook_point *point;

	mutex_lock(&hn->points_lock);
	hn->dead = true;
	list_for_each_entry(point, &hn->points, list)
		point->used = false;
	points_sweep(hn);
	mutex_unlock(&hn->points_lock);
}

/**
 * xa_hook_attached - whether a chain's device is there
 * @hn:  namespace
 * @key: place of the chain
 *
 * Context: process, may sleep.
 * Return: true if packets can meet it.
 */
bool xa_hook_attached(struct xa_hook_net *hn, const struct xa_hook_key *key)
{
	const struct xa_hook_point *point;
	bool attached;

	mutex_lock(&hn->points_lock);
	point = point_find(hn, key);
	attached = point && point->registered;
	mutex_unlock(&hn->points_lock);
	return attached;
}
