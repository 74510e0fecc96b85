// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_choose - the address that is bound next
 *
 * A free one, which the marks of the index lead to, or that of the binding which timed
 * out longest ago (xt_DNETMAP_rest.h), which the wheel finds (xt_DNETMAP_wheel.h).
 * Once a second a work turns it, as long as there are bindings that can time out. A
 * packet that finds it behind looks at some bindings itself, but never at all of them.
 * So binding, and finding what has timed out, cost nearly the same whatever the number
 * of bindings and however long there was silence.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/sched.h>

#include "xt_DNETMAP_table.h"

/* Bindings that the wheel looks at while the lock is held: some 20 microseconds. */
#define DNETMAP_SWEEP_MAX	32

/* Bindings that have timed out, whose groups are looked at for one to be freed. */
#define DNETMAP_GROUPS_MAX	32

/* Prefixes that one packet finds to be worth another look. */
#define DNETMAP_WAKE_MAX	64

/* ---- prefixes that have no address, and those that may */

static void dnetmap_shut_changed(struct dnetmap_space *space)
{
	struct rb_node *node = rb_first_cached(&space->shut);

	WRITE_ONCE(space->wake, node ?
		   rb_entry(node, struct dnetmap_prefix, shut)->none_until : U32_MAX);
}

/**
 * dnetmap_open - a prefix may have an address for a new binding
 * @p: the prefix
 *
 * Context: the lock.
 */
void dnetmap_open(struct dnetmap_prefix *p)
{
	struct dnetmap_space *space = p->space;

	if (!p->none_until)
		return;
	WRITE_ONCE(p->none_until, 0);
	rb_erase_cached(&p->shut, &space->shut);
	dnetmap_shut_changed(space);
	xa_set_mark(&space->prefixes, p->id, DNETMAP_OPEN);
}

/* Before second @until it has none. Called with the lock. */
static void dnetmap_shut(struct dnetmap_prefix *p, u32 until)
{
	struct rb_node **link, *parent = NULL;
	struct dnetmap_space *space = p->space;
	bool first = true;

	dnetmap_open(p);
	WRITE_ONCE(p->none_until, until);
	link = &space->shut.rb_root.rb_node;
	while (*link) {
		parent = *link;
		if (until < rb_entry(parent, struct dnetmap_prefix, shut)->none_until) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&p->shut, parent, link);
	rb_insert_color_cached(&p->shut, &space->shut, first);
	dnetmap_shut_changed(space);
	xa_clear_mark(&space->prefixes, p->id, DNETMAP_OPEN);
}

/**
 * dnetmap_wake - look for prefixes that may have an address again
 * @space: theirs
 * @now:   second since boot
 *
 * Context: any, not under the lock.
 */
void dnetmap_wake(struct dnetmap_space *space, u32 now)
{
	unsigned int n = DNETMAP_WAKE_MAX;
	struct rb_node *node;

	if (now < READ_ONCE(space->wake))
		return;
	spin_lock_bh(&space->lock);
	while (n-- > 0 && space->wake <= now) {
		node = rb_first_cached(&space->shut);
		if (!node)
			break;
		dnetmap_open(rb_entry(node, struct dnetmap_prefix, shut));
	}
	spin_unlock_bh(&space->lock);
}

/* ---- the wheel */

/* The work is due in a second, or at once. Called with the lock. */
static void dnetmap_turn_soon(struct dnetmap_space *space, bool at_once)
{
	if (space->turning && !at_once)
		return;
	space->turning = true;
	mod_delayed_work(system_power_efficient_wq, &space->turn, at_once ? 0 : HZ);
}

/**
 * dnetmap_place - put a binding where it is looked at in time
 * @b:   a binding, not static
 * @now: second since boot
 *
 * Context: the lock.
 */
void dnetmap_place(struct dnetmap_binding *b, u32 now)
{
	struct dnetmap_care *care = dnetmap_care_of(b);
	struct dnetmap_prefix *p = care->prefix;
	struct dnetmap_space *space = p->space;

	dnetmap_wheel_place(&space->wheel, &care->wait, now);
	if (care->wait.where == DNETMAP_IDLE || care->wait.due < p->none_until)
		dnetmap_open(p);
	if (space->wheel.queued > 0)
		dnetmap_turn_soon(space, false);
}

/**
 * dnetmap_turn - go on with the wheel until it is here
 * @work: of a space
 *
 * Context: process. The space is there: it cancels its work before it goes.
 */
void dnetmap_turn(struct work_struct *work)
{
	struct dnetmap_space *space = container_of(to_delayed_work(work),
						   struct dnetmap_space, turn);
	bool done;

	do {
		spin_lock_bh(&space->lock);
		done = dnetmap_wheel_sweep(&space->wheel, dnetmap_now(), DNETMAP_SWEEP_MAX);
		if (done) {
			space->turning = false;
			if (space->wheel.queued > 0)
				dnetmap_turn_soon(space, false);
		}
		spin_unlock_bh(&space->lock);
		cond_resched();
	} while (!done);
}

/* ---- choosing an address */

/*
 * The lowest free address. The mark is on blocks that have one, and on those that are
 * not there; of the first and the last block only a part may belong to the prefix.
 * Called with the lock and RCU. Return: whether there is one.
 */
static bool dnetmap_free_index(const struct dnetmap_prefix *p, u32 *index)
{
	const u32 first = dnetmap_first(p), last = dnetmap_last(p);
	const u32 end = last >> DNETMAP_BLOCK_BITS;
	XA_STATE(xas, &p->space->post, first >> DNETMAP_BLOCK_BITS);
	const struct dnetmap_block *block;
	u32 number;
	u64 free;

	for (;;) {
		block = xas_find_marked(&xas, end, DNETMAP_FREE);
		if (xas.xa_node == XAS_RESTART)
			return false;
		number = xas.xa_index;
		free = dnetmap_block_mask(number, first, last);
		if (block)
			free &= ~block->taken;
		if (free) {
			*index = (number << DNETMAP_BLOCK_BITS) + __ffs64(free) -
				 p->range.base;
			return true;
		}
		if (number == end)
			return false;
		xas_set(&xas, number + 1);
	}
}

/* Whether nobody uses any binding of a group. Called with the lock. */
static bool dnetmap_group_idle(const struct dnetmap_group *group, u32 now)
{
	unsigned int i;

	for (i = 0; i < DNETMAP_GROUP; ++i)
		if (dnetmap_active(&group->binding[i], now))
			return false;
	return true;
}

/* Its addresses are free then, and the block of @b stays. Called with the lock. */
static void dnetmap_end_group(struct dnetmap_bid *bid, struct dnetmap_binding *b)
{
	struct dnetmap_space *space = bid->prefix->space;
	struct dnetmap_group *group = dnetmap_group_of(b);
	struct dnetmap_block *block;
	unsigned int i;

	block = dnetmap_block_find(space, dnetmap_block_number(b->post));
	++block->rest.used;
	for (i = 0; i < DNETMAP_GROUP; ++i)
		if (READ_ONCE(group->binding[i].expires))
			dnetmap_end(bid, &group->binding[i]);
	--block->rest.used;	/* dnetmap_enter() uses it, or dnetmap_flush() */
}

/*
 * No memory for a group of the private address: free another one, of bindings that
 * have all timed out. Called with the lock. Return: whether there was one; @index is
 * that of an address which is free then.
 */
static bool dnetmap_free_group(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	u32 first = dnetmap_first(p), last = dnetmap_last(p);
	unsigned int n = DNETMAP_GROUPS_MAX;
	struct dnetmap_binding *b;
	struct dnetmap_wait *e;

	e = dnetmap_rest_oldest(&p->space->wheel.idle, first, last);
	for (; e; e = dnetmap_rest_next(e, last)) {
		if (n-- == 0)
			return false;
		b = dnetmap_waiting(e);
		if (dnetmap_addr_of(e) < first || dnetmap_addr_of(e) > last ||
		    !dnetmap_group_idle(dnetmap_group_of(b), bid->now))
			continue;
		*index = ntohl(b->post) - p->range.base;
		dnetmap_end_group(bid, b);
		return true;
	}
	return false;
}

/*
 * The address that timed out longest ago, if that is known. Called with the lock.
 * @swept: the wheel is here.
 */
static bool dnetmap_oldest(struct dnetmap_bid *bid, u32 *index, bool swept)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b;
	struct dnetmap_wait *e;

	while ((e = dnetmap_wheel_oldest(&p->space->wheel, dnetmap_first(p),
					 dnetmap_last(p), swept))) {
		b = dnetmap_waiting(e);
		if (!dnetmap_active(b, bid->now)) {
			*index = ntohl(b->post) - p->range.base;
			return true;
		}
		/* hit in the very moment that it was found to be late */
		dnetmap_place(b, bid->now);
	}
	return false;
}

/*
 * All addresses are in use, and the wheel is here. An overlapping prefix may give one
 * back without this one being told. Called with the lock.
 */
static void dnetmap_has_none(struct dnetmap_prefix *p, u32 now)
{
	dnetmap_shut(p, p->overlaps ? now + 1 : dnetmap_wheel_next(&p->space->wheel));
}

/**
 * dnetmap_choose - find an address to be bound
 * @bid:   by whom
 * @index: set to a free address, or the one that timed out longest ago
 *
 * Context: the lock.
 * Return: 0; -EAGAIN: not known yet, the wheel is behind; -ENOBUFS:
 * dnetmap_bid_stock() is due, without the lock; -ENOSPC: all addresses are in use;
 * -ENOMEM: there is no memory for another.
 */
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_space *space = p->space;
	bool affordable = xa_budget_room(p->budget), found, swept;

	if (affordable && dnetmap_free_index(p, index)) {
		/* in passing, so that little is to be done when all are bound */
		dnetmap_wheel_sweep(&space->wheel, bid->now, 2);
		return 0;
	}
	swept = dnetmap_wheel_sweep(&space->wheel, bid->now, DNETMAP_SWEEP_MAX);
	if (affordable || dnetmap_group_find(space, bid->pre)) {
		found = dnetmap_oldest(bid, index, swept);
	} else {
		/* no binding is reclaimed unless dnetmap_enter() will succeed */
		bid->lacks.group = !bid->group;
		bid->lacks.block = false;
		if (bid->lacks.group)
			return -ENOBUFS;
		found = dnetmap_free_group(bid, index);
	}
	if (found)
		return 0;
	if (!swept) {
		dnetmap_turn_soon(space, true);
		return -EAGAIN;
	}
	if (!affordable)
		return -ENOMEM;
	dnetmap_has_none(p, bid->now);
	return -ENOSPC;
}
