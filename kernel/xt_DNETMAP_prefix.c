// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_prefix - what happens to a prefix as a whole
 *
 * It comes and goes with its rules, and is emptied and counted through its
 * files. All of that goes block by block, so that the lock, where it is needed,
 * is held for some hundred bindings at most.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "xt_DNETMAP_table.h"

static void dnetmap_flush_block(struct dnetmap_prefix *p, u32 number)
{
	u32 first = max(number << DNETMAP_BLOCK_BITS, dnetmap_first(p)), i;
	u64 mask = dnetmap_block_mask(number, dnetmap_first(p), dnetmap_last(p));
	struct dnetmap_binding *b;
	LIST_HEAD(gone);

	spin_lock_bh(&p->space->lock);
	for (i = 0; i < hweight64(mask); ++i) {
		b = dnetmap_at(p, first + i - p->range.base);
		if (b)
			dnetmap_unbind(b, &gone);
	}
	spin_unlock_bh(&p->space->lock);
	dnetmap_bury(&gone);
	cond_resched();
}

/* From block @number on. Return: the next block of the prefix, or false. */
static bool dnetmap_next_block(const struct dnetmap_prefix *p, unsigned long *number)
{
	unsigned long end = dnetmap_last(p) >> DNETMAP_BLOCK_BITS;

	return *number <= end && xa_find(&p->space->post, number, end, XA_PRESENT);
}

/**
 * dnetmap_flush - all bindings of a prefix go, static ones too
 * @p: the prefix
 *
 * Context: process, may sleep.
 */
void dnetmap_flush(struct dnetmap_prefix *p)
{
	unsigned long number = dnetmap_first(p) >> DNETMAP_BLOCK_BITS;

	for (; dnetmap_next_block(p, &number); ++number)
		dnetmap_flush_block(p, number);
}

static void dnetmap_count(const struct dnetmap_binding *b, u32 now,
			  struct dnetmap_stats *stats)
{
	u32 left = dnetmap_left(READ_ONCE(b->expires), now);

	if (dnetmap_fixed(b)) {
		++stats->fixed;
	} else if (left) {
		++stats->dynamic;
		stats->left += left;
	}
}

static void dnetmap_count_block(struct dnetmap_prefix *p, u32 number, u32 now,
				struct dnetmap_stats *stats)
{
	u32 first = max(number << DNETMAP_BLOCK_BITS, dnetmap_first(p)), i;
	u64 mask = dnetmap_block_mask(number, dnetmap_first(p), dnetmap_last(p));
	const struct dnetmap_binding *b;

	rcu_read_lock();
	for (i = 0; i < hweight64(mask); ++i) {
		b = dnetmap_at(p, first + i - p->range.base);
		if (b)
			dnetmap_count(b, now, stats);
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
	unsigned long number = dnetmap_first(p) >> DNETMAP_BLOCK_BITS;
	u32 now = dnetmap_now();

	memset(stats, 0, sizeof(*stats));
	for (; dnetmap_next_block(p, &number); ++number)
		dnetmap_count_block(p, number, now, stats);
}

/* Called with the lock. */
static void dnetmap_count_overlaps(struct dnetmap_prefix *p, int by)
{
	struct dnetmap_prefix *q;
	unsigned long id;

	xa_for_each(&p->space->prefixes, id, q) {
		if (q == p || !dnetmap_range_overlap(&p->range, &q->range))
			continue;
		WRITE_ONCE(p->overlaps, p->overlaps + by);
		WRITE_ONCE(q->overlaps, q->overlaps + by);
		dnetmap_open(q);	/* addresses of the other are free now */
	}
}

/* Into the space. Return: 0 or -ENOMEM. */
static int dnetmap_prefix_enlist(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;
	int ret;

	/* a place that nobody sees */
	ret = xa_alloc_cyclic_bh(&space->prefixes, &p->id, NULL, xa_limit_32b,
				 &space->last_id, GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret;
	spin_lock_bh(&space->lock);
	dnetmap_count_overlaps(p, 1);
	xa_store(&space->prefixes, p->id, p, GFP_NOWAIT);	/* has its place */
	xa_set_mark(&space->prefixes, p->id, DNETMAP_OPEN);
	spin_unlock_bh(&space->lock);
	return 0;
}

static void dnetmap_prefix_free_rcu(struct rcu_head *rcu)
{
	struct dnetmap_prefix *p = container_of(rcu, struct dnetmap_prefix, rcu);

	xa_budget_memcg_put(p->memcg);
	xa_budget_put(p->budget);
	kfree(p);
}

/**
 * dnetmap_prefix_free - the prefix goes
 * @p: retired, or never in the space, and no file refers to it; packets may still
 *     look at it
 *
 * Context: process, may sleep. rcu_barrier() before the module goes.
 */
void dnetmap_prefix_free(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;

	call_rcu(&p->rcu, dnetmap_prefix_free_rcu);
	dnetmap_space_put(space);
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
	struct dnetmap_prefix *p;

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return NULL;
	p->net = net;
	p->range = *range;
	dnetmap_space_get(space);
	p->space = space;
	xa_budget_get(space->budget);	/* the space may go first */
	p->budget = space->budget;
	p->memcg = xa_budget_memcg_get();
	if (dnetmap_prefix_enlist(p) < 0) {
		dnetmap_prefix_free(p);
		return NULL;
	}
	return p;
}

/**
 * dnetmap_prefix_retire - the prefix takes no more bindings, and has none
 * @p: no rule refers to it; packets may, through rules for all prefixes, and
 *     so may files
 *
 * Context: process, may sleep.
 */
void dnetmap_prefix_retire(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;

	spin_lock_bh(&space->lock);
	p->dead = true;
	dnetmap_open(p);
	xa_clear_mark(&space->prefixes, p->id, DNETMAP_OPEN);
	spin_unlock_bh(&space->lock);
	dnetmap_flush(p);
	/* until here others cannot be sure of having no address */
	spin_lock_bh(&space->lock);
	xa_erase(&space->prefixes, p->id);
	dnetmap_count_overlaps(p, -1);
	spin_unlock_bh(&space->lock);
}
