// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_table - bindings of private to public addresses
 *
 * A binding stands on two sides: in the hash of its namespace by private address,
 * and in its prefix by public address (blocks that are made when they are first
 * needed, so a /8 that nobody uses costs little). In a namespace an address is
 * bound once at most, on either side, also where prefixes overlap.
 *
 * Packets read both sides under RCU. A hit writes the time into the binding, at
 * most once a second, and moves it nowhere. Who times out is found by the wheel:
 * each binding stands in the list of a second in which it is looked at again,
 * and new bindings push the wheel on. So binding, and finding what has timed
 * out, cost the same whatever the number of bindings, and no timer runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "xt_DNETMAP_table.h"

/* Bindings that the wheel looks at while the lock is held. */
#define DNETMAP_SWEEP_MAX	256

/* Bound addresses that the search for a free one passes while it is held. */
#define DNETMAP_SEARCH_MAX	4096

static const struct rhashtable_params dnetmap_pre_params = {
	.head_offset         = offsetof(struct dnetmap_binding, node),
	.key_offset          = offsetof(struct dnetmap_binding, pre),
	.key_len             = sizeof_field(struct dnetmap_binding, pre),
	.automatic_shrinking = true,
};

/**
 * dnetmap_space_alloc - the state of a namespace
 * @buckets: least size of the hash
 *
 * Context: process, may sleep.
 * Return: with one reference, or NULL without memory.
 */
struct dnetmap_space *dnetmap_space_alloc(unsigned int buckets)
{
	struct rhashtable_params params = dnetmap_pre_params;
	struct dnetmap_space *space;

	space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	if (!space)
		return NULL;
	params.min_size = buckets;
	params.nelem_hint = buckets * 3 / 4;
	if (rhashtable_init(&space->pre, &params) < 0) {
		kfree(space);
		return NULL;
	}
	INIT_LIST_HEAD(&space->prefixes);
	spin_lock_init(&space->lock);
	refcount_set(&space->refs, 1);
	return space;
}

/**
 * dnetmap_space_get - one more user
 * @space: referenced by somebody
 *
 * Context: any.
 */
void dnetmap_space_get(struct dnetmap_space *space)
{
	refcount_inc(&space->refs);
}

/**
 * dnetmap_space_put - a user less
 * @space: may be gone then
 *
 * Context: process, may sleep.
 */
void dnetmap_space_put(struct dnetmap_space *space)
{
	if (!refcount_dec_and_test(&space->refs))
		return;
	rhashtable_destroy(&space->pre);
	kfree(space);
}

/* ---- the two sides */

/**
 * dnetmap_by_pre - look a private address up
 * @space: where
 * @pre:   the address
 *
 * Context: RCU or the lock.
 * Return: its binding, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_by_pre(struct dnetmap_space *space, __be32 pre)
{
	return rhashtable_lookup_fast(&space->pre, &pre, dnetmap_pre_params);
}

static struct dnetmap_leaf *dnetmap_leaf_of(const struct dnetmap_prefix *p,
					    u32 index)
{
	return rcu_dereference_check(p->block[index >> p->leaf_bits].leaf,
				     lockdep_is_held(&p->space->lock));
}

/* In a leaf, the place of an index. */
static u32 dnetmap_slot(const struct dnetmap_prefix *p, u32 index)
{
	return index & ((1U << p->leaf_bits) - 1);
}

/**
 * dnetmap_at - who has a public address
 * @p:     the prefix
 * @index: the address's
 *
 * Context: RCU or the lock.
 * Return: its binding, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_at(const struct dnetmap_prefix *p, u32 index)
{
	struct dnetmap_leaf *leaf = dnetmap_leaf_of(p, index);

	if (!leaf)
		return NULL;
	return rcu_dereference_check(leaf->slot[dnetmap_slot(p, index)],
				     lockdep_is_held(&p->space->lock));
}

/**
 * dnetmap_by_post - look a public address up
 * @p:    where
 * @post: the address, of this prefix or not
 *
 * Context: RCU or the lock.
 * Return: its binding in this prefix, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_by_post(const struct dnetmap_prefix *p,
					__be32 post)
{
	u32 index;

	if (!dnetmap_range_index(&p->range, ntohl(post), &index))
		return NULL;
	return dnetmap_at(p, index);
}

/* Called with the lock. */
static struct dnetmap_binding *dnetmap_elsewhere(const struct dnetmap_prefix *p,
						 u32 index)
{
	__be32 post = htonl(p->range.base + index);
	struct dnetmap_binding *b;
	struct dnetmap_prefix *q;

	if (!p->overlaps)
		return NULL;
	list_for_each_entry(q, &p->space->prefixes, list) {
		b = q == p ? NULL : dnetmap_by_post(q, post);
		if (b)
			return b;
	}
	return NULL;
}

/**
 * dnetmap_holder - who has an address in this prefix or an overlapping one
 * @p:     the prefix
 * @index: the address's
 *
 * Context: the lock.
 * Return: the binding, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_holder(struct dnetmap_prefix *p, u32 index)
{
	return dnetmap_at(p, index) ?: dnetmap_elsewhere(p, index);
}

/* ---- memory */

static size_t dnetmap_leaf_size(const struct dnetmap_prefix *p)
{
	return sizeof(void *) << p->leaf_bits;
}

/**
 * dnetmap_affordable - whether a namespace may take more memory
 * @space: its state
 *
 * Context: any.
 * Return: true if it may.
 */
bool dnetmap_affordable(const struct dnetmap_space *space)
{
	return atomic_long_read(&space->memory) >> 20 < dnetmap_max_memory;
}

/**
 * dnetmap_bid_init - what can be had before the lock
 * @bid: net, prefix, info and now are set
 * @gfp: GFP_ATOMIC for packets
 *
 * Context: not under the lock.
 * Return: 0, for dnetmap_bid_exit(); or -ENOMEM.
 */
int dnetmap_bid_init(struct dnetmap_bid *bid, gfp_t gfp)
{
	INIT_LIST_HEAD(&bid->gone);
	bid->leaf = NULL;
	bid->fresh = kzalloc(sizeof(*bid->fresh), gfp | __GFP_NOWARN);
	if (!bid->fresh)
		return -ENOMEM;
	atomic_long_add(sizeof(*bid->fresh), &bid->prefix->space->memory);
	bid->fresh->prefix = bid->prefix;
	return 0;
}

/**
 * dnetmap_bid_leaf - dnetmap_enter() missed a leaf
 * @bid: has none in stock
 * @gfp: GFP_ATOMIC for packets
 *
 * Context: not under the lock.
 * Return: 0 or -ENOMEM.
 */
int dnetmap_bid_leaf(struct dnetmap_bid *bid, gfp_t gfp)
{
	const struct dnetmap_prefix *p = bid->prefix;

	bid->leaf = kzalloc(dnetmap_leaf_size(p), gfp | __GFP_NOWARN);
	if (!bid->leaf)
		return -ENOMEM;
	atomic_long_add(dnetmap_leaf_size(p), &p->space->memory);
	return 0;
}

/**
 * dnetmap_bid_exit - give back what was not used, and who had to go
 * @bid: done with
 *
 * Context: not under the lock.
 */
void dnetmap_bid_exit(struct dnetmap_bid *bid)
{
	struct dnetmap_prefix *p = bid->prefix;

	if (bid->fresh) {
		atomic_long_sub(sizeof(*bid->fresh), &p->space->memory);
		kfree(bid->fresh);
	}
	if (bid->leaf) {
		atomic_long_sub(dnetmap_leaf_size(p), &p->space->memory);
		kfree(bid->leaf);
	}
	dnetmap_bury(p->space, &bid->gone);
}

/**
 * dnetmap_bury - free bindings
 * @space: whose
 * @gone:  list that dnetmap_unbind() put them in
 *
 * Context: not under the lock.
 */
void dnetmap_bury(struct dnetmap_space *space, struct list_head *gone)
{
	struct dnetmap_binding *b, *next;

	list_for_each_entry_safe(b, next, gone, queue) {
		list_del(&b->queue);
		atomic_long_sub(sizeof(*b), &space->memory);
		kfree_rcu(b, rcu);
	}
}

/* ---- the wheel */

/**
 * dnetmap_place - put a binding where it is looked at in time
 * @b:   a binding, not fixed; in a list of its prefix
 * @now: second since boot
 *
 * Context: the lock.
 */
void dnetmap_place(struct dnetmap_binding *b, u32 now)
{
	struct dnetmap_prefix *p = b->prefix;
	u32 expires = READ_ONCE(b->expires), due;

	/*
	 * A hit may shorten the time meanwhile: either we see that, or it sees
	 * that its second comes before @due.
	 */
	for (;;) {
		due = dnetmap_left(expires, now) ? dnetmap_due(expires, now) : 0;
		WRITE_ONCE(b->due, due);
		smp_mb();	/* pairs with dnetmap_stamp() */
		if (READ_ONCE(b->expires) == expires)
			break;
		expires = READ_ONCE(b->expires);
	}
	list_move_tail(&b->queue, due ? &p->wheel[due % DNETMAP_WHEEL] :
					&p->idle);
}

/*
 * Go on with the wheel, for at most n bindings. Called with the lock.
 * Return: whether all that have timed out are in the idle list.
 */
static bool dnetmap_sweep(struct dnetmap_prefix *p, u32 now, unsigned int n)
{
	p->swept = dnetmap_catch_up(p->swept, now);
	while (p->swept < now) {
		list_splice_tail_init(&p->wheel[(p->swept + 1) % DNETMAP_WHEEL],
				      &p->pending);
		while (!list_empty(&p->pending)) {
			if (n-- == 0)
				return false;
			dnetmap_place(list_first_entry(&p->pending,
						       struct dnetmap_binding,
						       queue), now);
		}
		++p->swept;
	}
	return true;
}

/* ---- choosing an address */

/*
 * The lowest free address. Addresses that an overlapping prefix has bound are
 * passed by; they may become free without this prefix being told, so from time
 * to time the search begins again. Called with the lock.
 */
static bool dnetmap_free_index(struct dnetmap_prefix *p, u32 now, u32 *index)
{
	unsigned int steps = DNETMAP_SEARCH_MAX + p->blocks;
	const u32 leaf_last = (1U << p->leaf_bits) - 1;
	const struct dnetmap_binding *b;

	if (p->used == dnetmap_range_size(&p->range))
		return false;
	if (p->overlaps && p->rescanned != now) {
		p->rescanned = now;
		p->next = p->range.first;
	}
	for (; p->next <= p->range.last && steps > 0; ++p->next, --steps) {
		if (p->block[p->next >> p->leaf_bits].used > leaf_last) {
			p->next |= leaf_last;
			continue;
		}
		if (dnetmap_at(p, p->next))
			continue;
		b = dnetmap_elsewhere(p, p->next);
		if (b && dnetmap_active(b, now))
			continue;
		*index = p->next;
		return true;
	}
	return false;
}

/**
 * dnetmap_choose - find an address to be bound
 * @bid:   by whom
 * @index: set to a free address, or the one that timed out longest ago
 *
 * Context: the lock.
 * Return: 0; -EAGAIN: let go the lock, and call it once more; -ENOSPC: all
 * addresses are in use.
 */
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b;
	bool swept;

	if (dnetmap_affordable(p->space) &&
	    dnetmap_free_index(p, bid->now, index)) {
		/* in passing, so that little is to be done when all are bound */
		dnetmap_sweep(p, bid->now, 2);
		return 0;
	}
	swept = dnetmap_sweep(p, bid->now, DNETMAP_SWEEP_MAX);
	while (!list_empty(&p->idle)) {
		b = list_first_entry(&p->idle, struct dnetmap_binding, queue);
		if (!dnetmap_active(b, bid->now)) {
			*index = ntohl(b->post) - p->range.base;
			return 0;
		}
		/* hit in the very moment that it was found to be late */
		dnetmap_place(b, bid->now);
	}
	return swept ? -ENOSPC : -EAGAIN;
}

/* ---- changes */

/**
 * dnetmap_unbind - take a binding out of both sides
 * @b:    a binding that stands in them
 * @gone: list for dnetmap_bury()
 *
 * Context: the lock. Packets that found it before may still use it.
 */
void dnetmap_unbind(struct dnetmap_binding *b, struct list_head *gone)
{
	struct dnetmap_prefix *p = b->prefix;
	u32 index = ntohl(b->post) - p->range.base;

	RCU_INIT_POINTER(dnetmap_leaf_of(p, index)->slot[dnetmap_slot(p, index)],
			 NULL);
	--p->block[index >> p->leaf_bits].used;
	--p->used;
	p->next = min(p->next, index);
	WRITE_ONCE(p->full, false);
	rhashtable_remove_fast(&p->space->pre, &b->node, dnetmap_pre_params);
	list_move_tail(&b->queue, gone);
}

/* Called with the lock. */
static bool dnetmap_need_leaf(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;

	if (dnetmap_leaf_of(p, index))
		return false;
	if (!bid->leaf)
		return true;
	rcu_assign_pointer(p->block[index >> p->leaf_bits].leaf, bid->leaf);
	bid->leaf = NULL;
	return false;
}

/**
 * dnetmap_enter - bind
 * @bid:   its fresh binding has the private address, and is @fixed or has times
 * @index: public address; who has it, and what the private one had, goes
 *
 * Context: the lock.
 * Return: 0; -ENOBUFS: dnetmap_bid_leaf() is due, without the lock; other
 * negative errno of the hash. On failure nothing has changed.
 */
int dnetmap_enter(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *fresh = bid->fresh, *holder, *old;
	int ret;

	if (dnetmap_need_leaf(bid, index))
		return -ENOBUFS;
	holder = dnetmap_holder(p, index);
	old = dnetmap_by_pre(p->space, fresh->pre);
	fresh->post = htonl(p->range.base + index);
	INIT_LIST_HEAD(&fresh->queue);
	ret = rhashtable_insert_fast(&p->space->pre, &fresh->node,
				     dnetmap_pre_params);
	if (ret < 0)
		return ret;
	if (holder)
		dnetmap_unbind(holder, &bid->gone);
	if (old && old != holder)
		dnetmap_unbind(old, &bid->gone);
	rcu_assign_pointer(dnetmap_leaf_of(p, index)->slot[dnetmap_slot(p, index)],
			   fresh);
	++p->block[index >> p->leaf_bits].used;
	++p->used;
	if (!fresh->fixed)
		dnetmap_place(fresh, bid->now);
	bid->fresh = NULL;
	return 0;
}

static void dnetmap_flush_block(struct dnetmap_prefix *p, unsigned int block)
{
	u32 index = block << p->leaf_bits, i;
	struct dnetmap_binding *b;
	LIST_HEAD(gone);

	spin_lock_bh(&p->space->lock);
	for (i = 0; p->block[block].used > 0 && i < 1U << p->leaf_bits; ++i) {
		b = dnetmap_at(p, index + i);
		if (b)
			dnetmap_unbind(b, &gone);
	}
	spin_unlock_bh(&p->space->lock);
	dnetmap_bury(p->space, &gone);
	cond_resched();
}

/**
 * dnetmap_flush - all bindings of a prefix go, static ones too
 * @p: the prefix
 *
 * Context: process, may sleep.
 */
void dnetmap_flush(struct dnetmap_prefix *p)
{
	unsigned int i;

	for (i = 0; i < p->blocks; ++i)
		if (rcu_access_pointer(p->block[i].leaf))
			dnetmap_flush_block(p, i);
}

static void dnetmap_count_block(struct dnetmap_prefix *p, unsigned int block,
				u32 now, struct dnetmap_stats *stats)
{
	u32 index = block << p->leaf_bits, i, left;
	const struct dnetmap_binding *b;

	rcu_read_lock();
	for (i = 0; i < 1U << p->leaf_bits; ++i) {
		b = dnetmap_at(p, index + i);
		if (!b)
			continue;
		left = dnetmap_left(READ_ONCE(b->expires), now);
		if (b->fixed) {
			++stats->fixed;
		} else if (left) {
			++stats->dynamic;
			stats->left += left;
		}
	}
	rcu_read_unlock();
	cond_resched();
}

/**
 * dnetmap_stats - count the bindings of a prefix
 * @p:     the prefix
 * @stats: set; @left is the sum over all dynamic bindings
 *
 * Context: process, may sleep.
 */
void dnetmap_stats(struct dnetmap_prefix *p, struct dnetmap_stats *stats)
{
	u32 now = dnetmap_now();
	unsigned int i;

	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < p->blocks; ++i)
		if (rcu_access_pointer(p->block[i].leaf))
			dnetmap_count_block(p, i, now, stats);
}

/* ---- prefixes */

/* Called with the lock, for a prefix that is in the list. */
static void dnetmap_count_overlaps(struct dnetmap_prefix *p, int by)
{
	struct dnetmap_prefix *q;

	list_for_each_entry(q, &p->space->prefixes, list) {
		if (q == p || !dnetmap_range_overlap(&p->range, &q->range))
			continue;
		p->overlaps += by;
		q->overlaps += by;
	}
}

/**
 * dnetmap_prefix_alloc - a prefix without bindings
 * @space: where
 * @net:   namespace
 * @range: its addresses
 *
 * Context: process, may sleep.
 * Return: the prefix, for dnetmap_prefix_free(); NULL without memory.
 */
struct dnetmap_prefix *dnetmap_prefix_alloc(struct dnetmap_space *space,
					    struct net *net,
					    const struct dnetmap_range *range)
{
	unsigned int leaf_bits = dnetmap_leaf_bits(range->len), i;
	unsigned int blocks = 1U << (32 - range->len - leaf_bits);
	struct dnetmap_prefix *p;

	p = kvzalloc(struct_size(p, block, blocks), GFP_KERNEL_ACCOUNT);
	if (!p)
		return NULL;
	p->net = net;
	p->range = *range;
	p->leaf_bits = leaf_bits;
	p->blocks = blocks;
	p->next = range->first;
	p->swept = dnetmap_now();
	INIT_LIST_HEAD(&p->idle);
	INIT_LIST_HEAD(&p->pending);
	for (i = 0; i < DNETMAP_WHEEL; ++i)
		INIT_LIST_HEAD(&p->wheel[i]);
	dnetmap_space_get(space);
	p->space = space;
	spin_lock_bh(&space->lock);
	list_add_tail_rcu(&p->list, &space->prefixes);
	dnetmap_count_overlaps(p, 1);
	spin_unlock_bh(&space->lock);
	return p;
}

static void dnetmap_prefix_free_rcu(struct rcu_head *rcu)
{
	struct dnetmap_prefix *p = container_of(rcu, struct dnetmap_prefix, rcu);
	unsigned int i;

	for (i = 0; i < p->blocks; ++i)
		kfree(rcu_access_pointer(p->block[i].leaf));
	kvfree(p);
}

/**
 * dnetmap_prefix_free - the prefix and its bindings go
 * @p: no rule and no file refers to it; packets may, through rules for all
 *     prefixes
 *
 * Context: process, may sleep. rcu_barrier() before the module goes.
 */
void dnetmap_prefix_free(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;
	unsigned int i, leaves = 0;

	spin_lock_bh(&space->lock);
	p->dead = true;
	dnetmap_count_overlaps(p, -1);
	list_del_rcu(&p->list);
	spin_unlock_bh(&space->lock);
	dnetmap_flush(p);
	for (i = 0; i < p->blocks; ++i)
		leaves += !!rcu_access_pointer(p->block[i].leaf);
	atomic_long_sub(leaves * dnetmap_leaf_size(p), &space->memory);
	call_rcu(&p->rcu, dnetmap_prefix_free_rcu);
	dnetmap_space_put(space);
}
