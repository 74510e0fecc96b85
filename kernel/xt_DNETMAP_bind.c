// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_bind - what rules and users want of bindings
 *
 * A flow whose binding is active reads, and writes nothing but the time. All
 * else takes the lock of the namespace, for as long as it takes to change some
 * pointers: memory is there before, logs are written after.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "xa_log.h"
#include "xt_DNETMAP_table.h"

static s32 dnetmap_ttl(const struct xt_dnetmap_tginfo *info)
{
	return info->flags & XT_DNETMAP_TTL ? info->ttl :
					      (s32)dnetmap_default_ttl;
}

/* For what had no time, a rule that leaves it as it is has none to keep. */
static s32 dnetmap_first_ttl(const struct xt_dnetmap_tginfo *info)
{
	s32 ttl = dnetmap_ttl(info);

	return ttl < 0 ? (s32)dnetmap_default_ttl : ttl;
}

/*
 * A hit: sets the times. Return: whether the binding has to be looked at earlier
 * than the wheel would.
 */
static bool dnetmap_stamp(struct dnetmap_binding *b, s32 ttl, u32 now)
{
	u32 expires, before;

	if (READ_ONCE(b->hit) != now)
		WRITE_ONCE(b->hit, now);
	if (ttl < 0)
		return false;
	expires = dnetmap_expiry(now, ttl);
	before = READ_ONCE(b->expires);
	if (before == expires)
		return false;
	WRITE_ONCE(b->expires, expires);
	if (before < expires)
		return false;
	smp_mb();	/* pairs with dnetmap_place() */
	return expires < READ_ONCE(b->due);
}

/* Called under RCU. */
static void dnetmap_touch(struct dnetmap_binding *b,
			  const struct xt_dnetmap_tginfo *info, u32 now)
{
	struct dnetmap_space *space = info->space;

	if (b->fixed || !dnetmap_stamp(b, dnetmap_ttl(info), now))
		return;
	spin_lock_bh(&space->lock);
	if (dnetmap_by_post(b->prefix, b->post) == b)
		dnetmap_place(b, now);
	spin_unlock_bh(&space->lock);
}

/* Called with the lock. Return: whether the flow goes on with this binding. */
static bool dnetmap_revive(const struct dnetmap_bid *bid,
			   struct dnetmap_binding *b)
{
	const struct xt_dnetmap_tginfo *info = bid->info;
	bool active = dnetmap_active(b, bid->now);

	if (b->fixed)
		return true;
	if (!active && !(info->flags & XT_DNETMAP_REUSE) && info->prefix &&
	    info->prefix != b->prefix)
		return false;
	dnetmap_stamp(b, active ? dnetmap_ttl(info) : dnetmap_first_ttl(info),
		      bid->now);
	dnetmap_place(b, bid->now);
	return true;
}

/*
 * Bind, or go on with what the private address has. Called with the lock.
 * Return: 0; 1: it had one; -ENOENT: the prefix is going; else as
 * dnetmap_choose() and dnetmap_enter() say.
 */
static int dnetmap_bid_try(struct dnetmap_bid *bid, __be32 *post)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b;
	u32 index;
	int ret;

	if (p->dead)
		return -ENOENT;
	b = dnetmap_by_pre(p->space, bid->fresh->pre);
	if (b && dnetmap_revive(bid, b)) {
		*post = b->post;
		return 1;
	}
	ret = dnetmap_choose(bid, &index);
	if (ret == 0)
		ret = dnetmap_enter(bid, index);
	if (ret == 0)
		*post = htonl(p->range.base + index);
	return ret;
}

static void dnetmap_log_timeouts(const struct dnetmap_bid *bid)
{
	const struct dnetmap_binding *b;

	list_for_each_entry(b, &bid->gone, queue)
		dnetmap_log(bid->net, "timeout binding %pI4 -> %pI4\n",
			    &b->pre, &b->post);
}

/* Once for each time that a prefix runs full. */
static void dnetmap_log_full(const struct dnetmap_bid *bid, __be32 pre)
{
	struct dnetmap_prefix *p = bid->prefix;
	__be32 base = htonl(p->range.base);

	if (READ_ONCE(p->full))
		return;
	WRITE_ONCE(p->full, true);
	dnetmap_log(bid->net, "ip %pI4 - no free addresses in prefix %pI4/%u\n",
		    &pre, &base, p->range.len);
}

/* A flow of @pre wants an address of @p. Called under RCU. Return: 0 if it has. */
static int dnetmap_bind(struct dnetmap_prefix *p, const struct net *net,
			const struct xt_dnetmap_tginfo *info, __be32 pre,
			u32 now, __be32 *post)
{
	struct dnetmap_bid bid = {
		.net    = net,
		.prefix = p,
		.info   = info,
		.now    = now,
	};
	int ret = dnetmap_bid_init(&bid, GFP_ATOMIC);

	if (ret < 0)
		return ret;
	bid.fresh->pre = pre;
	bid.fresh->hit = now;
	bid.fresh->expires = dnetmap_expiry(now, dnetmap_first_ttl(info));
	do {
		spin_lock_bh(&p->space->lock);
		ret = dnetmap_bid_try(&bid, post);
		spin_unlock_bh(&p->space->lock);
		if (ret == -ENOBUFS && dnetmap_bid_slots(&bid, GFP_ATOMIC) == 0)
			ret = -EAGAIN;
	} while (ret == -EAGAIN);
	dnetmap_log_timeouts(&bid);
	if (ret == 0)
		dnetmap_log(net, "add binding %pI4 -> %pI4\n", &pre, post);
	else if (ret == -ENOSPC)
		dnetmap_log_full(&bid, pre);
	dnetmap_bid_exit(&bid);
	return min(ret, 0);
}

/**
 * dnetmap_snat - the public address for a flow of a private one
 * @info: the rule
 * @net:  for the log
 * @pre:  source of the flow
 * @post: set
 *
 * Context: RCU, softirq or process.
 * Return: 0; negative errno: the flow has none.
 */
int dnetmap_snat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 pre, __be32 *post)
{
	struct dnetmap_binding *b = dnetmap_by_pre(info->space, pre);
	u32 now = dnetmap_now();
	struct dnetmap_prefix *p;

	if (b && dnetmap_active(b, now)) {
		if (!b->fixed && (info->flags & XT_DNETMAP_STATIC))
			return -ENOENT;
		dnetmap_touch(b, info, now);
		*post = b->post;
		return 0;
	}
	if (!pre || (info->flags & XT_DNETMAP_STATIC))
		return -ENOENT;
	if (info->prefix)
		return dnetmap_bind(info->prefix, net, info, pre, now, post);
	list_for_each_entry_rcu(p, &info->space->prefixes, list)
		if (dnetmap_bind(p, net, info, pre, now, post) == 0)
			return 0;
	return -ENOENT;
}

/* Called under RCU. */
static bool dnetmap_leads_in(const struct xt_dnetmap_tginfo *info,
			     const struct dnetmap_binding *b, u32 now)
{
	return b && dnetmap_active(b, now) &&
	       (b->fixed || !(info->flags & XT_DNETMAP_STATIC));
}

/**
 * dnetmap_dnat - the private address for a flow to a public one
 * @info: the rule
 * @post: destination of the flow
 * @pre:  set
 *
 * Context: RCU, softirq or process.
 * Return: 0; -ENOENT: there is no active binding.
 */
int dnetmap_dnat(const struct xt_dnetmap_tginfo *info, __be32 post, __be32 *pre)
{
	struct dnetmap_binding *b = NULL;
	u32 now = dnetmap_now();
	struct dnetmap_prefix *p;

	if (info->prefix) {
		b = dnetmap_by_post(info->prefix, post);
	} else {
		list_for_each_entry_rcu(p, &info->space->prefixes, list) {
			b = dnetmap_by_post(p, post);
			if (b)
				break;
		}
	}
	if (!dnetmap_leads_in(info, b, now))
		return -ENOENT;
	dnetmap_touch(b, info, now);
	*pre = b->pre;
	return 0;
}

/* ---- by hand */

/* Called with the lock. Return: as dnetmap_enter(), or -ENOSPC. */
static int dnetmap_fix_try(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	const struct dnetmap_binding *b = dnetmap_at(p, index);

	if (b && b->fixed && b->pre == bid->fresh->pre)
		return 0;
	if (!b && !dnetmap_affordable(p->space))
		return -ENOSPC;
	return dnetmap_enter(bid, index);
}

/**
 * dnetmap_fix - make a static binding
 * @p:    the prefix
 * @pre:  private address
 * @post: public address
 *
 * What either address was bound to before goes.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL: @post cannot be bound; -ENOMEM; -ENOSPC.
 */
int dnetmap_fix(struct dnetmap_prefix *p, __be32 pre, __be32 post)
{
	struct dnetmap_bid bid = {
		.net    = p->net,
		.prefix = p,
		.now    = dnetmap_now(),
	};
	u32 index;
	int ret;

	if (!dnetmap_range_index(&p->range, ntohl(post), &index))
		return -EINVAL;
	ret = dnetmap_bid_init(&bid, GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret;
	bid.fresh->pre = pre;
	bid.fresh->fixed = true;
	do {
		spin_lock_bh(&p->space->lock);
		ret = dnetmap_fix_try(&bid, index);
		spin_unlock_bh(&p->space->lock);
		if (ret == -ENOBUFS)
			ret = dnetmap_bid_slots(&bid, GFP_KERNEL_ACCOUNT) ?:
			      -EAGAIN;
	} while (ret == -EAGAIN);
	dnetmap_log_timeouts(&bid);
	if (ret == 0)
		dnetmap_log(p->net, "adding static binding %pI4:%pI4\n",
			    &pre, &post);
	dnetmap_bid_exit(&bid);
	return ret;
}

/**
 * dnetmap_release - take a binding away
 * @p:    the prefix
 * @addr: its public or private address
 *
 * Context: process.
 * Return: 0; -EINVAL: there is none in this prefix.
 */
int dnetmap_release(struct dnetmap_prefix *p, __be32 addr)
{
	struct dnetmap_binding *b;
	LIST_HEAD(gone);

	spin_lock_bh(&p->space->lock);
	b = dnetmap_by_post(p, addr) ?: dnetmap_by_pre(p->space, addr);
	if (b && b->prefix == p)
		dnetmap_unbind(b, &gone);
	spin_unlock_bh(&p->space->lock);
	if (list_empty(&gone))
		return -EINVAL;
	dnetmap_log(p->net, "remove binding %pI4 -> %pI4\n", &b->pre, &b->post);
	dnetmap_bury(p->space, &gone);
	return 0;
}
