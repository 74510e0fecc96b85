// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_table - bindings of private to public addresses
 *
 * A binding stands on two sides of its namespace: in the hash by private address,
 * together with its neighbours, and in the index by public address, in a block of its
 * neighbours there. Both are made when they are first needed, so a /8 that nobody uses
 * costs little. In a namespace an address is bound once at most, on either side, also
 * where prefixes overlap.
 *
 * Packets read both sides under RCU. A hit writes the time into the binding, at
 * most once a second, and moves it nowhere.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "xt_DNETMAP_table.h"

static const struct rhashtable_params dnetmap_pre_params = {
	.head_offset         = offsetof(struct dnetmap_group, node),
	.key_offset          = offsetof(struct dnetmap_group, key),
	.key_len             = sizeof_field(struct dnetmap_group, key),
	.automatic_shrinking = true,
};

/**
 * dnetmap_space_alloc - the state of a namespace
 * @net:        the namespace
 * @buckets:    least size of the hash, at most U16_MAX
 * @max_memory: module parameter, see xa_budget_create()
 *
 * Context: process, may sleep.
 * Return: with one reference, or NULL without memory.
 */
struct dnetmap_space *dnetmap_space_alloc(struct net *net, unsigned int buckets,
					  const unsigned int *max_memory)
{
	struct rhashtable_params params = dnetmap_pre_params;
	struct dnetmap_space *space;

	space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	if (!space)
		return NULL;
	params.min_size = buckets;
	space->budget = xa_budget_create(net, max_memory);
	if (!space->budget)
		goto err_space;
	if (rhashtable_init(&space->pre, &params) < 0)
		goto err_budget;
	xa_init_flags(&space->post, XA_FLAGS_ALLOC);
	xa_init_flags(&space->prefixes, XA_FLAGS_ALLOC);
	space->shut = RB_ROOT_CACHED;
	space->wake = U32_MAX;
	dnetmap_wheel_init(&space->wheel, dnetmap_now());
	INIT_DELAYED_WORK(&space->turn, dnetmap_turn);
	INIT_DELAYED_WORK(&space->look, dnetmap_look_work);
	space->flow = dnetmap_now() - DNETMAP_QUIET - 1;
	space->looked = space->flow;
	space->net = net;
	spin_lock_init(&space->lock);
	refcount_set(&space->refs, 1);
	return space;

err_budget:
	xa_budget_put(space->budget);
err_space:
	kfree(space);
	return NULL;
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
	cancel_delayed_work_sync(&space->turn);
	xa_destroy(&space->post);
	xa_destroy(&space->prefixes);
	rhashtable_destroy(&space->pre);
	xa_budget_put(space->budget);
	kfree(space);
}

/* ---- the two sides */

/**
 * dnetmap_group_find - the group of a private address
 * @space: where
 * @pre:   the address
 *
 * Context: RCU or the lock.
 * Return: its group, or NULL.
 */
struct dnetmap_group *dnetmap_group_find(struct dnetmap_space *space, __be32 pre)
{
	u32 key = dnetmap_group_key(pre);

	return rhashtable_lookup_fast(&space->pre, &key, dnetmap_pre_params);
}

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
	struct dnetmap_group *group = dnetmap_group_find(space, pre);
	struct dnetmap_binding *b;

	if (!group)
		return NULL;
	b = &group->binding[dnetmap_group_index(pre)];
	return READ_ONCE(b->expires) ? b : NULL;
}

/**
 * dnetmap_block_find - the block of neighbouring public addresses
 * @space:  where
 * @number: the block's
 *
 * Context: RCU or the lock.
 * Return: the block, or NULL if none of its addresses is bound.
 */
struct dnetmap_block *dnetmap_block_find(const struct dnetmap_space *space, u32 number)
{
	return xa_load((struct xarray *)&space->post, number);
}

/* Called with the lock. Return: where the binding of a public address stands. */
static struct dnetmap_binding __rcu **dnetmap_slot(const struct dnetmap_block *block,
						   __be32 post)
{
	return &block->slot[dnetmap_block_index(post)];
}

/**
 * dnetmap_holder - who has a public address
 * @space: where
 * @post:  the address
 *
 * Context: RCU or the lock.
 * Return: its binding, through whichever prefix, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_holder(const struct dnetmap_space *space, __be32 post)
{
	struct dnetmap_block *block;

	block = dnetmap_block_find(space, dnetmap_block_number(post));
	if (!block)
		return NULL;
	return rcu_dereference_check(*dnetmap_slot(block, post),
				     lockdep_is_held(&space->lock));
}

/**
 * dnetmap_at - who has a public address through a prefix
 * @p:     the prefix
 * @index: the address's
 *
 * Context: RCU or the lock.
 * Return: its binding, timed out or not, or NULL.
 */
struct dnetmap_binding *dnetmap_at(const struct dnetmap_prefix *p, u32 index)
{
	struct dnetmap_binding *b;

	b = dnetmap_holder(p->space, htonl(p->range.base + index));
	if (b && READ_ONCE(p->overlaps) &&
	    READ_ONCE(dnetmap_care_of(b)->prefix) != p)
		return NULL;
	return b;
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

/* ---- memory */

/**
 * dnetmap_replaces - whether a binding takes no more memory than what goes for it
 * @bid:    what is to be bound
 * @holder: who has the public address, or NULL
 *
 * Context: the lock.
 * Return: true if it takes no more.
 */
bool dnetmap_replaces(const struct dnetmap_bid *bid, struct dnetmap_binding *holder)
{
	return holder && (dnetmap_group_find(bid->prefix->space, bid->pre) ||
			  dnetmap_group_of(holder)->used == 1);
}

/**
 * dnetmap_bid_init - what can be had before the lock
 * @bid: net, prefix, info, now, pre and expires are set
 * @gfp: GFP_NOWAIT for packets
 *
 * Without room in the budget nothing is taken: most likely it is for nothing.
 *
 * Context: not under the lock.
 * Return: 0, for dnetmap_bid_exit(); or -ENOMEM.
 */
int dnetmap_bid_init(struct dnetmap_bid *bid, gfp_t gfp)
{
	INIT_LIST_HEAD(&bid->gone);
	bid->lacks.group = xa_budget_room(bid->prefix->budget) &&
			   !dnetmap_group_find(bid->prefix->space, bid->pre);
	return dnetmap_bid_stock(bid, gfp);
}

static int dnetmap_bid_stock_group(struct dnetmap_bid *bid, gfp_t gfp)
{
	u32 key = dnetmap_group_key(bid->pre), i;
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_group *group;

	group = xa_budget_zalloc(p->budget, p->memcg, sizeof(*group),
				 XA_BUDGET_HASH, gfp);
	if (!group)
		return -ENOMEM;
	group->budget = p->budget;
	group->key = key;
	for (i = 0; i < DNETMAP_GROUP; ++i) {
		group->binding[i].pre = htonl(key * DNETMAP_GROUP + i);
		group->care[i].wait.index = i;
	}
	bid->group = group;
	return 0;
}

static void dnetmap_block_free(struct xa_budget *budget, struct dnetmap_block *block)
{
	if (!block)
		return;
	xa_budget_free(budget, block->slot, DNETMAP_SLOTS_SIZE, 0);
	xa_budget_free(budget, block, sizeof(*block), DNETMAP_INDEX);
}

static int dnetmap_bid_stock_block(struct dnetmap_bid *bid, gfp_t gfp)
{
	const struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_block *block;

	block = xa_budget_zalloc(p->budget, p->memcg, sizeof(*block), DNETMAP_INDEX, gfp);
	if (!block)
		return -ENOMEM;
	block->slot = xa_budget_zalloc(p->budget, p->memcg, DNETMAP_SLOTS_SIZE, 0, gfp);
	if (!block->slot) {
		dnetmap_block_free(p->budget, block);
		return -ENOMEM;
	}
	block->budget = p->budget;
	block->rest.idle = RB_ROOT_CACHED;
	bid->block = block;
	return 0;
}

/**
 * dnetmap_bid_stock - have what dnetmap_enter() missed
 * @bid: whose @lacks tells what that is
 * @gfp: GFP_NOWAIT for packets
 *
 * Context: not under the lock.
 * Return: 0 or -ENOMEM.
 */
int dnetmap_bid_stock(struct dnetmap_bid *bid, gfp_t gfp)
{
	int ret = 0;

	if (bid->lacks.group)
		ret = dnetmap_bid_stock_group(bid, gfp);
	if (ret == 0 && bid->lacks.block)
		ret = dnetmap_bid_stock_block(bid, gfp);
	return ret;
}

/**
 * dnetmap_bid_exit - give back what was not used, and what had to go
 * @bid: done with
 *
 * Context: not under the lock.
 */
void dnetmap_bid_exit(struct dnetmap_bid *bid)
{
	struct dnetmap_prefix *p = bid->prefix;

	xa_budget_free(p->budget, bid->group, sizeof(*bid->group), XA_BUDGET_HASH);
	dnetmap_block_free(p->budget, bid->block);
	dnetmap_bury(&bid->gone);
}

/* Not by kfree_rcu(): what waits for its end still is in the budget. */
static void dnetmap_group_free_rcu(struct rcu_head *rcu)
{
	struct dnetmap_group *group = container_of(rcu, struct dnetmap_group, rcu);

	xa_budget_free(group->budget, group, sizeof(*group), XA_BUDGET_HASH);
}

/**
 * dnetmap_bury - free groups
 * @gone: list that dnetmap_unbind() put them in
 *
 * Context: not under the lock. rcu_barrier() before the module goes.
 */
void dnetmap_bury(struct list_head *gone)
{
	struct dnetmap_group *group, *next;

	list_for_each_entry_safe(group, next, gone, gone) {
		list_del(&group->gone);
		call_rcu(&group->rcu, dnetmap_group_free_rcu);
	}
}

/* ---- unbinding */

static void dnetmap_block_free_rcu(struct rcu_head *rcu)
{
	struct dnetmap_block *block = container_of(rcu, struct dnetmap_block, rcu);

	dnetmap_block_free(block->budget, block);
}

/**
 * dnetmap_block_put - somebody needs a block no more
 * @space: where it is
 * @block: its @used counts who does; goes with the last of them
 *
 * Context: the lock.
 */
void dnetmap_block_put(struct dnetmap_space *space, struct dnetmap_block *block)
{
	if (--block->rest.used > 0)
		return;
	xa_erase(&space->post, block->rest.number);
	call_rcu(&block->rcu, dnetmap_block_free_rcu);
}

/**
 * dnetmap_unbind - take a binding out of both sides
 * @b:    a binding that stands in them
 * @gone: list for dnetmap_bury()
 *
 * Context: the lock. Packets that found it before may still use it.
 */
void dnetmap_unbind(struct dnetmap_binding *b, struct list_head *gone)
{
	struct dnetmap_group *group = dnetmap_group_of(b);
	struct dnetmap_care *care = dnetmap_care_of(b);
	struct dnetmap_prefix *p = care->prefix;
	struct dnetmap_space *space = p->space;
	u32 number = dnetmap_block_number(b->post);
	struct dnetmap_block *block = dnetmap_block_find(space, number);

	dnetmap_wheel_remove(&space->wheel, &care->wait);
	RCU_INIT_POINTER(*dnetmap_slot(block, b->post), NULL);
	block->taken &= ~BIT_ULL(dnetmap_block_index(b->post));
	xa_set_mark(&space->post, number, DNETMAP_FREE);
	WRITE_ONCE(p->full, false);
	dnetmap_open(p);
	WRITE_ONCE(b->expires, 0);
	dnetmap_block_put(space, block);
	if (--group->used > 0)
		return;
	rhashtable_remove_fast(&space->pre, &group->node, dnetmap_pre_params);
	list_add_tail(&group->gone, gone);
}

/**
 * dnetmap_end - a binding goes, for another one
 * @bid: keeps it for the log, and its group for dnetmap_bury()
 * @b:   a binding that stands on both sides
 *
 * Context: the lock.
 */
void dnetmap_end(struct dnetmap_bid *bid, struct dnetmap_binding *b)
{
	if (bid->ended_n < ARRAY_SIZE(bid->ended))
		bid->ended[bid->ended_n++] = (struct dnetmap_pair){ b->pre, b->post };
	dnetmap_unbind(b, &bid->gone);
}

/* ---- binding */

/*
 * Called with the lock, and with a use of the block for the caller. A new block may
 * need a node of the index, which is taken without waiting and without reserves, once
 * in 64 blocks. Return: 0; -ENOMEM.
 */
static int dnetmap_put_block(struct dnetmap_bid *bid, __be32 post,
			     struct dnetmap_block **block)
{
	struct dnetmap_space *space = bid->prefix->space;
	u32 number = dnetmap_block_number(post);
	int ret;

	*block = dnetmap_block_find(space, number);
	if (!*block) {
		bid->block->rest.number = number;
		ret = xa_insert(&space->post, number, bid->block,
				GFP_NOWAIT | __GFP_NOWARN);
		if (ret < 0)
			return ret;
		xa_set_mark(&space->post, number, DNETMAP_FREE);
		*block = bid->block;
		bid->block = NULL;
	}
	++(*block)->rest.used;
	return 0;
}

/* Called with the lock. Return: 0 or what the hash says. */
static int dnetmap_put_group(struct dnetmap_bid *bid,
			     struct dnetmap_group **group)
{
	struct dnetmap_space *space = bid->prefix->space;
	int ret;

	*group = dnetmap_group_find(space, bid->pre);
	if (*group)
		return 0;
	ret = rhashtable_insert_fast(&space->pre, &bid->group->node,
				     dnetmap_pre_params);
	if (ret < 0)
		return ret;
	*group = bid->group;
	bid->group = NULL;
	return 0;
}

/* Called with the lock. Return: whether there is all that dnetmap_enter() needs. */
static bool dnetmap_in_stock(struct dnetmap_bid *bid, __be32 post)
{
	struct dnetmap_space *space = bid->prefix->space;
	u32 number = dnetmap_block_number(post);

	bid->lacks.block = !bid->block && !dnetmap_block_find(space, number);
	bid->lacks.group = !bid->group && !dnetmap_group_find(space, bid->pre);
	return !bid->lacks.block && !bid->lacks.group;
}

/* Called with the lock, for a binding that waits nowhere. */
static void dnetmap_fill(struct dnetmap_bid *bid, struct dnetmap_binding *b,
			 struct dnetmap_block *block, __be32 post)
{
	struct dnetmap_care *care = dnetmap_care_of(b);
	struct dnetmap_space *space = bid->prefix->space;

	WRITE_ONCE(b->post, post);
	WRITE_ONCE(b->hit, bid->now);
	WRITE_ONCE(care->prefix, bid->prefix);
	/* pairs with dnetmap_post(): whoever sees this sees its address */
	smp_store_release(&b->expires, bid->expires);
	rcu_assign_pointer(*dnetmap_slot(block, post), b);
	block->taken |= BIT_ULL(dnetmap_block_index(post));
	if (!~block->taken)
		xa_clear_mark(&space->post, block->rest.number, DNETMAP_FREE);
	if (bid->expires != DNETMAP_FIXED)
		dnetmap_place(b, bid->now);
}

/**
 * dnetmap_enter - bind
 * @bid:   what is to be bound
 * @index: public address; who has it, and what the private one had, goes
 *
 * Context: the lock.
 * Return: 0; -ENOBUFS: dnetmap_bid_stock() is due, without the lock; other
 * negative errno of the hash. On failure no binding has changed.
 */
int dnetmap_enter(struct dnetmap_bid *bid, u32 index)
{
	struct dnetmap_prefix *p = bid->prefix;
	__be32 post = htonl(p->range.base + index);
	struct dnetmap_binding *b, *holder;
	struct dnetmap_block *block;
	struct dnetmap_group *group;
	int ret;

	if (!dnetmap_in_stock(bid, post))
		return -ENOBUFS;
	/* both are used, so that they do not go with what goes now */
	ret = dnetmap_put_block(bid, post, &block);
	if (ret < 0)
		return ret;
	ret = dnetmap_put_group(bid, &group);
	if (ret < 0) {
		dnetmap_block_put(p->space, block);
		return ret;
	}
	++group->used;
	b = &group->binding[dnetmap_group_index(bid->pre)];
	holder = dnetmap_holder(p->space, post);
	if (holder)
		dnetmap_end(bid, holder);
	if (READ_ONCE(b->expires))
		dnetmap_end(bid, b);
	dnetmap_fill(bid, b, block, post);
	return 0;
}
