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
	u32 expires, before, hit = READ_ONCE(b->hit);

	/* another CPU may have read the clock later: time does not go back */
	if (dnetmap_later(now, hit) != hit)
		WRITE_ONCE(b->hit, now);
	else
		now = hit;
	if (ttl < 0)
		return false;
	expires = dnetmap_expiry(now, ttl);
	before = READ_ONCE(b->expires);
	/* what was taken away or made static meanwhile stays so */
	if (before == expires || before == 0 || before == DNETMAP_FIXED ||
	    cmpxchg(&b->expires, before, expires) != before)
		return false;
	if (before < expires)
		return false;
	smp_mb();	/* pairs with dnetmap_place() */
	return expires < READ_ONCE(dnetmap_care_of(b)->wait.due);
}

/* Called under RCU, for what was found active. */
static void dnetmap_touch(struct dnetmap_binding *b,
			  const struct xt_dnetmap_tginfo *info, u32 now)
{
	struct dnetmap_space *space = info->space;

	if (dnetmap_fixed(b) || !dnetmap_stamp(b, dnetmap_ttl(info), now))
		return;
	spin_lock_bh(&space->lock);
	if (READ_ONCE(b->expires) && !dnetmap_fixed(b))
		dnetmap_place(b, now);
	spin_unlock_bh(&space->lock);
}

/* Called with the lock. Return: whether the flow goes on with this binding. */
static bool dnetmap_revive(const struct dnetmap_bid *bid,
			   struct dnetmap_binding *b)
{
	const struct xt_dnetmap_tginfo *info = bid->info;
	bool active = dnetmap_active(b, bid->now);

	if (dnetmap_fixed(b))
		return true;
	if (!active && !(info->flags & XT_DNETMAP_REUSE) && info->prefix &&
	    info->prefix != dnetmap_care_of(b)->prefix)
		return false;
	dnetmap_stamp(b, active ? dnetmap_ttl(info) : dnetmap_first_ttl(info),
		      bid->now);
	dnetmap_place(b, bid->now);
	return true;
}

/* The time, read with the lock. */
static void dnetmap_bid_time(struct dnetmap_bid *bid)
{
	bid->now = dnetmap_wheel_now(&bid->prefix->space->wheel, dnetmap_now());
	if (bid->info)
		bid->expires = dnetmap_expiry(bid->now, dnetmap_first_ttl(bid->info));
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
	dnetmap_bid_time(bid);
	b = dnetmap_by_pre(p->space, bid->pre);
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
	unsigned int i;

	for (i = 0; i < bid->ended_n; ++i)
		dnetmap_log(bid->net, "timeout binding %pI4 -> %pI4\n",
			    &bid->ended[i].pre, &bid->ended[i].post);
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
			__be32 *post)
{
	struct dnetmap_bid bid = {
		.net    = net,
		.prefix = p,
		.info   = info,
		.pre    = pre,
	};
	int ret = dnetmap_bid_init(&bid, GFP_NOWAIT);

	if (ret < 0)
		return ret;
	do {
		spin_lock_bh(&p->space->lock);
		ret = dnetmap_bid_try(&bid, post);
		spin_unlock_bh(&p->space->lock);
	} while (ret == -ENOBUFS && dnetmap_bid_stock(&bid, GFP_NOWAIT) == 0);
	dnetmap_log_timeouts(&bid);
	if (ret == 0)
		dnetmap_log(net, "add binding %pI4 -> %pI4\n", &pre, post);
	else if (ret == -ENOSPC)
		dnetmap_log_full(&bid, pre);
	dnetmap_bid_exit(&bid);
	return min(ret, 0);
}

/* Prefixes that one flow tries. */
#define DNETMAP_TRIED_MAX	64

/*
 * A rule for all prefixes: the first of those that may have an address. One that has
 * none is not asked again soon, so if there are many of them, the next flow goes on
 * where this one gives up. Called under RCU. Return: as dnetmap_snat().
 */
static int dnetmap_bind_any(const struct xt_dnetmap_tginfo *info,
			    const struct net *net, __be32 pre, u32 now, __be32 *post)
{
	struct dnetmap_space *space = info->space;
	unsigned int n = DNETMAP_TRIED_MAX;
	int ret = -ENOENT, last;
	struct dnetmap_prefix *p;
	unsigned long id;

	dnetmap_wake(space, now);
	xa_for_each_marked(&space->prefixes, id, p, DNETMAP_OPEN) {
		if (n-- == 0)
			return ret == -ENOMEM ? ret : -EAGAIN;
		last = dnetmap_bind(p, net, info, pre, post);
		if (last == 0)
			return 0;
		if (last == -EAGAIN || ret != -EAGAIN)
			ret = last;
	}
	return ret;
}

/*
 * The source has a binding that has timed out: go on with it, wherever it is. Called
 * under RCU. Return: as dnetmap_snat().
 */
static int dnetmap_bind_again(struct dnetmap_binding *b,
			      const struct xt_dnetmap_tginfo *info,
			      const struct net *net, u32 now, __be32 *post)
{
	struct dnetmap_prefix *p = READ_ONCE(dnetmap_care_of(b)->prefix);
	int ret = dnetmap_bind(p, net, info, b->pre, post);

	return ret == 0 ? 0 : dnetmap_bind_any(info, net, b->pre, now, post);
}

/* Where prefixes overlap, one is not told that another gave an address back. */
static bool dnetmap_known_none(const struct dnetmap_prefix *p, u32 now)
{
	return now < READ_ONCE(p->none_until) && !READ_ONCE(p->overlaps);
}

/**
 * dnetmap_snat - the public address for a flow of a private one
 * @info: the rule
 * @net:  for the log
 * @pre:  source of the flow
 * @post: set
 *
 * Context: RCU, softirq or process.
 * Return: 0; -EAGAIN: it is not known yet whether there is one; other negative
 * errno: the flow has none.
 */
int dnetmap_snat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 pre, __be32 *post)
{
	u32 now = dnetmap_now();
	enum dnetmap_await wait = dnetmap_flow(info->space, net, now);
	struct dnetmap_binding *b = dnetmap_by_pre(info->space, pre);

	if (b && dnetmap_active(b, now)) {
		if (!dnetmap_fixed(b) && (info->flags & XT_DNETMAP_STATIC))
			return -ENOENT;
		*post = dnetmap_post(b);
		dnetmap_touch(b, info, now);
		return 0;
	}
	if (!pre || (info->flags & XT_DNETMAP_STATIC))
		return -ENOENT;
	if (wait == DNETMAP_ALL_WAIT)
		return -EAGAIN;
	if (!info->prefix && b)
		return dnetmap_bind_again(b, info, net, now, post);
	if (!info->prefix)
		return dnetmap_bind_any(info, net, pre, now, post);
	if (!b && dnetmap_known_none(info->prefix, now))
		return -ENOSPC;
	return dnetmap_bind(info->prefix, net, info, pre, post);
}

/* Whether @b, found under @post, is still that and leads in. Called under RCU. */
static bool dnetmap_leads_in(const struct xt_dnetmap_tginfo *info,
			     const struct dnetmap_binding *b, __be32 post,
			     u32 now)
{
	return b && dnetmap_active(b, now) && dnetmap_post(b) == post &&
	       (dnetmap_fixed(b) || !(info->flags & XT_DNETMAP_STATIC));
}

/* Whether an address belongs to the rule's prefix, or, without one, to any. */
static bool dnetmap_is_public(const struct xt_dnetmap_tginfo *info, __be32 post)
{
	const struct dnetmap_prefix *p;
	unsigned long id;
	u32 index;

	if (info->prefix)
		return dnetmap_range_index(&info->prefix->range, ntohl(post), &index);
	xa_for_each(&info->space->prefixes, id, p)
		if (dnetmap_range_index(&p->range, ntohl(post), &index))
			return true;
	return false;
}

/**
 * dnetmap_dnat - the private address for a flow to a public one
 * @info: the rule
 * @net:  the namespace
 * @post: destination of the flow
 * @pre:  set
 *
 * Context: RCU, softirq or process.
 * Return: 0; -ENOENT: there is no active binding; -EAGAIN: that is not known yet.
 */
int dnetmap_dnat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 post, __be32 *pre)
{
	/* before the bindings, with dnetmap_look_work() */
	enum dnetmap_await wait = smp_load_acquire(&info->space->awaited);
	struct dnetmap_binding *b;
	u32 now = dnetmap_now();

	if (info->prefix)
		b = dnetmap_by_post(info->prefix, post);
	else
		b = dnetmap_holder(info->space, post);
	if (!dnetmap_leads_in(info, b, post, now)) {
		/* what others are sent is no flow; to look for that takes longer */
		if (!wait && !dnetmap_resumes(READ_ONCE(info->space->flow), now))
			return -ENOENT;
		return dnetmap_is_public(info, post) &&
		       (dnetmap_flow(info->space, net, now) || wait) ?
		       -EAGAIN : -ENOENT;
	}
	dnetmap_flow(info->space, net, now);
	dnetmap_touch(b, info, now);
	*pre = b->pre;
	return 0;
}

/* ---- from entries of connection tracking */

/* Called with the lock. Return: as dnetmap_enter(), -EEXIST, -ENOENT or -ENOMEM. */
static int dnetmap_adopt_try(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b, *holder;

	if (p->dead)
		return -ENOENT;
	dnetmap_bid_time(bid);
	bid->expires = dnetmap_expiry(bid->now, dnetmap_default_ttl);
	b = dnetmap_by_pre(p->space, bid->pre);
	holder = dnetmap_holder(p->space, htonl(p->range.base + index));
	if ((b && dnetmap_active(b, bid->now)) ||
	    (holder && dnetmap_active(holder, bid->now)))
		return -EEXIST;
	if (!xa_budget_room(p->budget) && !dnetmap_replaces(bid, holder))
		return -ENOMEM;
	return dnetmap_enter(bid, index);
}

/**
 * dnetmap_adopt - a private address is known to have had a public one
 * @p:     the prefix
 * @pre:   private address
 * @index: public address
 *
 * Bound for the default time, if neither is bound to another and there is memory.
 *
 * Context: RCU, process.
 */
void dnetmap_adopt(struct dnetmap_prefix *p, __be32 pre, u32 index)
{
	struct dnetmap_bid bid = {
		.net    = p->net,
		.prefix = p,
		.pre    = pre,
	};
	__be32 post = htonl(p->range.base + index);
	int ret = dnetmap_bid_init(&bid, GFP_NOWAIT);

	if (ret < 0)
		return;
	do {
		spin_lock_bh(&p->space->lock);
		ret = dnetmap_adopt_try(&bid, index);
		spin_unlock_bh(&p->space->lock);
	} while (ret == -ENOBUFS && dnetmap_bid_stock(&bid, GFP_NOWAIT) == 0);
	dnetmap_log_timeouts(&bid);
	if (ret == 0)
		dnetmap_log(p->net, "take back binding %pI4 -> %pI4\n", &pre, &post);
	dnetmap_bid_exit(&bid);
}

/* ---- by hand */

/*
 * Called with the lock. Return: as dnetmap_enter(), -ENOSPC, or -ENOENT: the
 * last rule has gone since the file was opened.
 */
static int dnetmap_fix_try(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b;

	if (p->dead)
		return -ENOENT;
	dnetmap_bid_time(bid);
	b = dnetmap_at(p, index);
	if (b && dnetmap_fixed(b) && b->pre == bid->pre)
		return 0;
	b = dnetmap_holder(p->space, htonl(p->range.base + index));
	if (!xa_budget_room(p->budget) && !dnetmap_replaces(bid, b))
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
 * Return: 0; -EINVAL: @post cannot be bound; -ENOMEM; -ENOSPC; -ENOENT.
 */
int dnetmap_fix(struct dnetmap_prefix *p, __be32 pre, __be32 post)
{
	struct dnetmap_bid bid = {
		.net    = p->net,
		.prefix = p,
		.pre    = pre,
		.expires = DNETMAP_FIXED,
	};
	u32 index;
	int ret;

	if (!dnetmap_range_index(&p->range, ntohl(post), &index))
		return -EINVAL;
	ret = dnetmap_bid_init(&bid, GFP_KERNEL);
	if (ret < 0)
		return ret;
	do {
		spin_lock_bh(&p->space->lock);
		ret = dnetmap_fix_try(&bid, index);
		spin_unlock_bh(&p->space->lock);
		if (ret == -ENOBUFS)
			ret = dnetmap_bid_stock(&bid, GFP_KERNEL) ?:
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
	struct dnetmap_pair pair = {};
	struct dnetmap_binding *b;
	bool found;
	LIST_HEAD(gone);

	spin_lock_bh(&p->space->lock);
	b = dnetmap_by_post(p, addr) ?: dnetmap_by_pre(p->space, addr);
	found = b && dnetmap_care_of(b)->prefix == p;
	if (found) {
		pair = (struct dnetmap_pair){ b->pre, b->post };
		dnetmap_unbind(b, &gone);
	}
	spin_unlock_bh(&p->space->lock);
	if (!found)
		return -EINVAL;
	dnetmap_log(p->net, "remove binding %pI4 -> %pI4\n", &pair.pre, &pair.post);
	dnetmap_bury(&gone);
	return 0;
}
