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
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "xt_DNETMAP_table.h"

/* Bindings that the wheel looks at while the lock is held. */
#define DNETMAP_SWEEP_MAX	256

/* Addresses, bound through overlapping prefixes, that one search passes by. */
#define DNETMAP_PROBES_MAX	128

static const struct rhashtable_params dnetmap_pre_params = {
	.head_offset         = offsetof(struct dnetmap_binding, node),
	.key_offset          = offsetof(struct dnetmap_binding, pre),
	.key_len             = sizeof_field(struct dnetmap_binding, pre),
	.automatic_shrinking = true,
};

/**
 * dnetmap_space_alloc - the state of a namespace
 * @buckets: least size of the hash, at most U16_MAX
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

/* Where the binding of an index stands, or NULL if its block has no slots. */
static struct dnetmap_binding __rcu **
dnetmap_slot(const struct dnetmap_prefix *p, u32 index)
{
	const struct dnetmap_block *block = &p->block[index >> p->block_bits];
	struct dnetmap_binding __rcu **slot;

	slot = smp_load_acquire(&block->slot);	/* see dnetmap_need_slots() */
	return slot ? &slot[index & ((1U << p->block_bits) - 1)] : NULL;
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
	struct dnetmap_binding __rcu **slot = dnetmap_slot(p, index);

	if (!slot)
		return NULL;
	return rcu_dereference_check(*slot, lockdep_is_held(&p->space->lock));
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
	bid->slot = NULL;
	bid->fresh = kzalloc(sizeof(*bid->fresh), gfp | __GFP_NOWARN);
	if (!bid->fresh)
		return -ENOMEM;
	atomic_long_add(sizeof(*bid->fresh), &bid->prefix->space->memory);
	bid->fresh->prefix = bid->prefix;
	return 0;
}

/**
 * dnetmap_bid_slots - dnetmap_enter() missed them
 * @bid: has none in stock
 * @gfp: GFP_ATOMIC for packets
 *
 * Context: not under the lock.
 * Return: 0 or -ENOMEM.
 */
int dnetmap_bid_slots(struct dnetmap_bid *bid, gfp_t gfp)
{
	const struct dnetmap_prefix *p = bid->prefix;

	bid->slot = kzalloc(dnetmap_slots_size(p), gfp | __GFP_NOWARN);
	if (!bid->slot)
		return -ENOMEM;
	atomic_long_add(dnetmap_slots_size(p), &p->space->memory);
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
	if (bid->slot) {
		atomic_long_sub(dnetmap_slots_size(p), &p->space->memory);
		kfree(bid->slot);
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
		/* once: what is placed meanwhile may be for the next turn */
		if (p->pending_of != p->swept + 1) {
			p->pending_of = p->swept + 1;
			list_splice_tail_init(&p->wheel[p->pending_of % DNETMAP_WHEEL],
					      &p->pending);
		}
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
 * The lowest free address. Those that an overlapping prefix has bound are passed
 * by, a limited number at a time; the next search goes on there. They may become
 * free without this prefix being told, so after the end it begins again, once a
 * second. Called with the lock.
 */
static bool dnetmap_free_index(struct dnetmap_prefix *p, u32 now, u32 *index)
{
	const u32 block_last = (1U << p->block_bits) - 1;
	unsigned int probes = DNETMAP_PROBES_MAX;
	const struct dnetmap_binding *b;

	if (p->used == dnetmap_range_size(&p->range))
		return false;
	if (p->next > p->range.last && p->rescanned != now) {
		p->rescanned = now;
		p->next = p->range.first;
	}
	for (; p->next <= p->range.last; ++p->next) {
		if (p->block[p->next >> p->block_bits].used > block_last) {
			p->next |= block_last;
			continue;
		}
		if (dnetmap_at(p, p->next))
			continue;
		b = dnetmap_elsewhere(p, p->next);
		if (!b || !dnetmap_active(b, now)) {
			*index = p->next;
			return true;
		}
		if (--probes == 0)
			return false;
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

	RCU_INIT_POINTER(*dnetmap_slot(p, index), NULL);
	--p->block[index >> p->block_bits].used;
	--p->used;
	p->next = min(p->next, index);
	WRITE_ONCE(p->full, false);
	rhashtable_remove_fast(&p->space->pre, &b->node, dnetmap_pre_params);
	list_move_tail(&b->queue, gone);
}

/* Called with the lock. */
static bool dnetmap_need_slots(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;

	if (dnetmap_slot(p, index))
		return false;
	if (!bid->slot)
		return true;
	/* pairs with dnetmap_slot(): they are seen empty, not as memory was */
	smp_store_release(&p->block[index >> p->block_bits].slot, bid->slot);
	bid->slot = NULL;
	return false;
}

/**
 * dnetmap_enter - bind
 * @bid:   its fresh binding has the private address, and is @fixed or has times
 * @index: public address; who has it, and what the private one had, goes
 *
 * Context: the lock.
 * Return: 0; -ENOBUFS: dnetmap_bid_slots() is due, without the lock; other
 * negative errno of the hash. On failure nothing has changed.
 */
int dnetmap_enter(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *fresh = bid->fresh, *holder, *old;
	int ret;

	if (dnetmap_need_slots(bid, index))
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
	rcu_assign_pointer(*dnetmap_slot(p, index), fresh);
	++p->block[index >> p->block_bits].used;
	++p->used;
	if (!fresh->fixed)
		dnetmap_place(fresh, bid->now);
	bid->fresh = NULL;
	return 0;
}
