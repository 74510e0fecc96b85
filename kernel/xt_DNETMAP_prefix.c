// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_prefix - what happens to a prefix as a whole
 *
 * It comes and goes with its rules, and is emptied and counted through its
 * files. All of that goes block by block, so that the lock, where it is needed,
 * is held for some hundred bindings at most.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "xt_DNETMAP_table.h"

static void dnetmap_flush_block(struct dnetmap_prefix *p, unsigned int block)
{
	u32 index = block << p->block_bits, i;
	struct dnetmap_binding *b;
	LIST_HEAD(gone);

	spin_lock_bh(&p->space->lock);
	for (i = 0; p->block[block].used > 0 && i < 1U << p->block_bits; ++i) {
		b = dnetmap_at(p, index + i);
		if (b)
			dnetmap_unbind(b, &gone);
	}
	spin_unlock_bh(&p->space->lock);
	dnetmap_bury(&gone);
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
		if (READ_ONCE(p->block[i].slot))
			dnetmap_flush_block(p, i);
}

static void dnetmap_count_block(struct dnetmap_prefix *p, unsigned int block,
				u32 now, struct dnetmap_stats *stats)
{
	u32 index = block << p->block_bits, i, left;
	const struct dnetmap_binding *b;

	rcu_read_lock();
	for (i = 0; i < 1U << p->block_bits; ++i) {
		b = dnetmap_at(p, index + i);
		if (!b)
			continue;
		left = dnetmap_left(READ_ONCE(b->expires), now);
		if (dnetmap_fixed(b)) {
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
		if (READ_ONCE(p->block[i].slot))
			dnetmap_count_block(p, i, now, stats);
}

/* Called with the lock, for a prefix that is in the list. */
static void dnetmap_count_overlaps(struct dnetmap_prefix *p, int by)
{
	struct dnetmap_prefix *q;

	list_for_each_entry(q, &p->space->prefixes, list) {
		if (q == p || !dnetmap_range_overlap(&p->range, &q->range))
			continue;
		p->overlaps += by;
		q->overlaps += by;
		q->next = q->range.first;	/* what it passed by is free now */
		WRITE_ONCE(q->none_until, 0);
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
	unsigned int block_bits = dnetmap_block_bits(range->len);
	unsigned int blocks = 1U << (32 - range->len - block_bits);
	struct dnetmap_prefix *p;

	p = kvzalloc(struct_size(p, block, blocks), GFP_KERNEL_ACCOUNT);
	if (!p)
		return NULL;
	p->net = net;
	p->range = *range;
	p->block_bits = block_bits;
	p->blocks = blocks;
	p->next = range->first;
	dnetmap_wheel_init(&p->wheel, dnetmap_now());
	INIT_DELAYED_WORK(&p->turn, dnetmap_turn);
	dnetmap_space_get(space);
	p->space = space;
	xa_budget_get(space->budget);	/* the space may go first */
	p->budget = space->budget;
	p->memcg = xa_budget_memcg_get();
	spin_lock_bh(&space->lock);
	list_add_tail_rcu(&p->list, &space->prefixes);
	++space->prefixes_n;
	dnetmap_count_overlaps(p, 1);
	spin_unlock_bh(&space->lock);
	return p;
}

static void dnetmap_prefix_free_rcu(struct rcu_head *rcu)
{
	struct dnetmap_prefix *p = container_of(rcu, struct dnetmap_prefix, rcu);
	unsigned int i;

	for (i = 0; i < p->blocks; ++i)
		xa_budget_free(p->budget, p->block[i].slot, dnetmap_slots_size(p), 0);
	xa_budget_memcg_put(p->memcg);
	xa_budget_put(p->budget);
	kvfree(p);
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
	dnetmap_count_overlaps(p, -1);
	list_del_rcu(&p->list);
	--space->prefixes_n;
	spin_unlock_bh(&space->lock);
	cancel_delayed_work_sync(&p->turn);
	dnetmap_flush(p);
}

/**
 * dnetmap_prefix_free - the prefix goes
 * @p: retired, and no file refers to it; packets may still look at it
 *
 * Context: process, may sleep. rcu_barrier() before the module goes.
 */
void dnetmap_prefix_free(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;

	cancel_delayed_work_sync(&p->turn);	/* a file may have asked for it */
	call_rcu(&p->rcu, dnetmap_prefix_free_rcu);
	dnetmap_space_put(space);
}
