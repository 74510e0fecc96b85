/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_DNETMAP_rest - what has timed out, by address and by time
 *
 * What has timed out of a block of neighbouring public addresses stands in a tree,
 * in the order of that. Blocks that have any stand in a tree by address, in which each
 * knows the least time of all that hang below it. So the one that timed out longest
 * ago is found for any range of addresses, in steps that grow with the logarithm of
 * their number; whichever prefix it was bound through.
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host. Whoever
 * includes it has dnetmap_rest_of() and dnetmap_addr_of(). All of it is called with
 * one lock.
 */
#ifndef _XT_DNETMAP_REST_H
#define _XT_DNETMAP_REST_H

#ifdef __KERNEL__
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rbtree_augmented.h>
#endif

#include "xt_DNETMAP_pure.h"

/**
 * enum dnetmap_where - where an entry waits
 * @DNETMAP_NOWHERE: it has no end
 * @DNETMAP_QUEUED:  in a list of the wheel
 * @DNETMAP_IDLE:    among those that have timed out
 */
enum dnetmap_where {
	DNETMAP_NOWHERE,
	DNETMAP_QUEUED,
	DNETMAP_IDLE,
};

/**
 * struct dnetmap_wait - an entry of a wheel
 * @queue: DNETMAP_QUEUED: in a list
 * @idle:  DNETMAP_IDLE: in the tree of its block
 * @due:   DNETMAP_QUEUED: second in which the wheel comes to it; DNETMAP_IDLE: in which
 *         it timed out, whatever a packet has made of that since. WRITE_ONCE
 * @index: the owner's
 * @where: &enum dnetmap_where
 */
struct dnetmap_wait {
	union {
		struct list_head queue;
		struct rb_node idle;
	};
	__u32 due;
	__u16 index;
	__u16 where;
};

/**
 * struct dnetmap_rest - what has timed out in a block of addresses
 * @node:   in the tree of all blocks, by @number, while there is something
 * @idle:   it, longest ago first
 * @number: of the block: its addresses without their last bits; constant
 * @oldest: @due of the first of @idle
 * @least:  the least @oldest of those that hang below @node, and its own
 * @used:   the owner's
 */
struct dnetmap_rest {
	struct rb_node node;
	struct rb_root_cached idle;
	__u32 number;
	__u32 oldest;
	__u32 least;
	__u32 used;
};

/* The block of an entry's address, and the address. */
static inline struct dnetmap_rest *dnetmap_rest_of(const struct dnetmap_wait *e);
static inline __u32 dnetmap_addr_of(const struct dnetmap_wait *e);

static inline struct dnetmap_rest *dnetmap_rest_at(const struct rb_node *node)
{
	return node ? rb_entry(node, struct dnetmap_rest, node) : NULL;
}

static inline struct dnetmap_wait *dnetmap_rest_first(const struct dnetmap_rest *r)
{
	struct rb_node *node = rb_first_cached(&r->idle);

	return node ? rb_entry(node, struct dnetmap_wait, idle) : NULL;
}

/* Of those below, or itself. */
static inline __u32 dnetmap_rest_least(const struct dnetmap_rest *r)
{
	const struct dnetmap_rest *left = dnetmap_rest_at(r->node.rb_left);
	const struct dnetmap_rest *right = dnetmap_rest_at(r->node.rb_right);
	__u32 least = r->oldest;

	if (left && left->least < least)
		least = left->least;
	if (right && right->least < least)
		least = right->least;
	return least;
}

/* For the kernel's trees: whether nothing has changed, if they ask. */
static inline bool dnetmap_rest_compute(struct dnetmap_rest *r, bool exit)
{
	__u32 least = dnetmap_rest_least(r);

	if (exit && r->least == least)
		return true;
	r->least = least;
	return false;
}

RB_DECLARE_CALLBACKS(static, dnetmap_rest_callbacks, struct dnetmap_rest, node, least,
		     dnetmap_rest_compute);

static inline void dnetmap_rest_link(struct rb_root *root, struct dnetmap_rest *r)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	struct dnetmap_rest *other;

	r->least = r->oldest;
	while (*link) {
		parent = *link;
		other = dnetmap_rest_at(parent);
		if (r->oldest < other->least)
			other->least = r->oldest;
		link = r->number < other->number ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&r->node, parent, link);
	rb_insert_augmented(&r->node, root, &dnetmap_rest_callbacks);
}

/* The first of a block is another one, or has gone. */
static inline void dnetmap_rest_update(struct rb_root *root, struct dnetmap_rest *r)
{
	const struct dnetmap_wait *first = dnetmap_rest_first(r);

	if (!first) {
		rb_erase_augmented(&r->node, root, &dnetmap_rest_callbacks);
	} else if (r->oldest != first->due) {
		r->oldest = first->due;
		dnetmap_rest_callbacks.propagate(&r->node, NULL);
	}
}

/**
 * dnetmap_rest_add - an entry has timed out
 * @root: of all blocks
 * @r:    its block
 * @e:    the entry, whose @due tells when
 */
static inline void dnetmap_rest_add(struct rb_root *root, struct dnetmap_rest *r,
				    struct dnetmap_wait *e)
{
	struct rb_node **link = &r->idle.rb_root.rb_node, *parent = NULL;
	bool first = true, empty = !*link;

	while (*link) {
		parent = *link;
		if (e->due < rb_entry(parent, struct dnetmap_wait, idle)->due) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&e->idle, parent, link);
	rb_insert_color_cached(&e->idle, &r->idle, first);
	if (empty) {
		r->oldest = e->due;
		dnetmap_rest_link(root, r);
	} else if (first) {
		dnetmap_rest_update(root, r);
	}
}

/**
 * dnetmap_rest_del - an entry is not idle any more
 * @root: of all blocks
 * @r:    its block
 * @e:    the entry
 */
static inline void dnetmap_rest_del(struct rb_root *root, struct dnetmap_rest *r,
				    struct dnetmap_wait *e)
{
	bool first = dnetmap_rest_first(r) == e;

	rb_erase_cached(&e->idle, &r->idle);
	if (first)
		dnetmap_rest_update(root, r);
}

/* Another one, in the same block or a later one up to that of @last, or NULL. */
static inline struct dnetmap_wait *dnetmap_rest_next(const struct dnetmap_wait *e,
						     __u32 last)
{
	const struct dnetmap_rest *r = dnetmap_rest_of(e);
	struct rb_node *node = rb_next((struct rb_node *)&e->idle);

	if (node)
		return rb_entry(node, struct dnetmap_wait, idle);
	r = dnetmap_rest_at(rb_next((struct rb_node *)&r->node));
	return r && r->number <= last >> DNETMAP_BLOCK_BITS ? dnetmap_rest_first(r) : NULL;
}

/* Of a block, the first within a range. */
static inline struct dnetmap_wait *dnetmap_rest_within(const struct dnetmap_rest *r,
						       __u32 first, __u32 last)
{
	struct dnetmap_wait *e;
	struct rb_node *node;

	for (node = rb_first_cached(&r->idle); node; node = rb_next(node)) {
		e = rb_entry(node, struct dnetmap_wait, idle);
		if (dnetmap_addr_of(e) >= first && dnetmap_addr_of(e) <= last)
			return e;
	}
	return NULL;
}

/* The one with the least time of all that hang below @r, and itself. */
static inline struct dnetmap_rest *dnetmap_rest_down(struct dnetmap_rest *r)
{
	struct dnetmap_rest *left;

	while (r->oldest != r->least) {
		left = dnetmap_rest_at(r->node.rb_left);
		r = left && left->least == r->least ? left :
						      dnetmap_rest_at(r->node.rb_right);
	}
	return r;
}

/* The better of two: blocks, or blocks with all that hang below them. */
struct dnetmap_rest_best {
	struct dnetmap_rest *r;
	__u32 time;
	bool below;
};

static inline void dnetmap_rest_try(struct dnetmap_rest_best *best,
				    struct dnetmap_rest *r, bool below)
{
	__u32 time;

	if (!r)
		return;
	time = below ? r->least : r->oldest;
	if (best->r && best->time <= time)
		return;
	best->r = r;
	best->time = time;
	best->below = below;
}

/* Of the blocks from @lo to @hi. Return: that with the least time, or NULL. */
static inline struct dnetmap_rest *dnetmap_rest_best(const struct rb_root *root,
						     __u32 lo, __u32 hi)
{
	struct dnetmap_rest *r = dnetmap_rest_at(root->rb_node), *top;
	struct dnetmap_rest_best best = { NULL, 0, false };

	while (r && (r->number < lo || r->number > hi))
		r = dnetmap_rest_at(r->number < lo ? r->node.rb_right : r->node.rb_left);
	if (!r)
		return NULL;
	top = r;
	dnetmap_rest_try(&best, top, false);
	for (r = dnetmap_rest_at(top->node.rb_left); r;) {
		if (r->number < lo) {
			r = dnetmap_rest_at(r->node.rb_right);
			continue;
		}
		dnetmap_rest_try(&best, r, false);
		dnetmap_rest_try(&best, dnetmap_rest_at(r->node.rb_right), true);
		r = dnetmap_rest_at(r->node.rb_left);
	}
	for (r = dnetmap_rest_at(top->node.rb_right); r;) {
		if (r->number > hi) {
			r = dnetmap_rest_at(r->node.rb_left);
			continue;
		}
		dnetmap_rest_try(&best, r, false);
		dnetmap_rest_try(&best, dnetmap_rest_at(r->node.rb_left), true);
		r = dnetmap_rest_at(r->node.rb_right);
	}
	return best.below ? dnetmap_rest_down(best.r) : best.r;
}

/* The block @number, if something of it has timed out. */
static inline struct dnetmap_rest *dnetmap_rest_find(const struct rb_root *root,
						     __u32 number)
{
	struct dnetmap_rest *r = dnetmap_rest_at(root->rb_node);

	while (r && r->number != number)
		r = dnetmap_rest_at(number < r->number ? r->node.rb_left :
							 r->node.rb_right);
	return r;
}

static inline struct dnetmap_wait *dnetmap_rest_older(struct dnetmap_wait *a,
						      struct dnetmap_wait *b)
{
	return !a || (b && b->due < a->due) ? b : a;
}

/**
 * dnetmap_rest_oldest - what timed out longest ago
 * @root:  of all blocks
 * @first: least address
 * @last:  greatest
 *
 * Return: the entry, or NULL if nothing from @first to @last has timed out.
 */
static inline struct dnetmap_wait *dnetmap_rest_oldest(const struct rb_root *root,
						       __u32 first, __u32 last)
{
	__u32 lo = first >> DNETMAP_BLOCK_BITS, hi = last >> DNETMAP_BLOCK_BITS;
	struct dnetmap_wait *e = NULL;
	struct dnetmap_rest *r;
	bool done = false;

	/* blocks at the ends, of which only a part belongs to it */
	if (~dnetmap_block_mask(lo, first, last)) {
		r = dnetmap_rest_find(root, lo);
		e = r ? dnetmap_rest_within(r, first, last) : NULL;
		done = lo == hi;
		++lo;
	}
	if (!done && ~dnetmap_block_mask(hi, first, last)) {
		r = dnetmap_rest_find(root, hi);
		e = dnetmap_rest_older(e, r ? dnetmap_rest_within(r, first, last) : NULL);
		done = lo == hi;
		--hi;
	}
	if (done)
		return e;
	r = dnetmap_rest_best(root, lo, hi);
	return dnetmap_rest_older(e, r ? dnetmap_rest_first(r) : NULL);
}

#endif /* _XT_DNETMAP_REST_H */
