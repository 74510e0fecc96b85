// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_choose - the address that is bound next
 *
 * A free one, or that of the binding which timed out longest ago, which the wheel
 * knows (xt_DNETMAP_wheel.h). Once a second a work turns it, as long as there are
 * bindings that can time out. A packet that finds it behind looks at some bindings
 * itself, but never at all of them. So binding, and finding what has timed out, cost
 * the same whatever the number of bindings and however long there was silence.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/minmax.h>
#include <linux/sched.h>

#include "xt_DNETMAP_table.h"

/* Bindings that the wheel looks at while the lock is held: some 20 microseconds. */
#define DNETMAP_SWEEP_MAX	64

/* Addresses, bound through overlapping prefixes, that one search passes by. */
#define DNETMAP_PROBES_MAX	128U

/* Prefixes that are asked for them. */
#define DNETMAP_VISITS_MAX	4096U

/* Bindings that have timed out, whose groups are looked at for one to be freed. */
#define DNETMAP_GROUPS_MAX	32

/* ---- the wheel */

/* The work is due in a second, or at once. Called with the lock. */
static void dnetmap_turn_soon(struct dnetmap_prefix *p, bool at_once)
{
	if (p->dead || (p->turning && !at_once))
		return;
	p->turning = true;
	mod_delayed_work(system_power_efficient_wq, &p->turn, at_once ? 0 : HZ);
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

	dnetmap_wheel_place(&p->wheel, &care->wait, now);
	if (care->wait.where == DNETMAP_IDLE || care->wait.due < p->none_until)
		WRITE_ONCE(p->none_until, 0);
	if (p->wheel.queued > 0)
		dnetmap_turn_soon(p, false);
}

/**
 * dnetmap_turn - go on with the wheel until it is here
 * @work: of a prefix
 *
 * Context: process. The prefix is there: it cancels its work before it goes.
 */
void dnetmap_turn(struct work_struct *work)
{
	struct dnetmap_prefix *p = container_of(to_delayed_work(work),
						struct dnetmap_prefix, turn);
	bool done;

	do {
		spin_lock_bh(&p->space->lock);
		done = p->dead || dnetmap_wheel_sweep(&p->wheel, dnetmap_now(),
						      DNETMAP_SWEEP_MAX);
		if (done) {
			p->turning = false;
			if (p->wheel.queued > 0)
				dnetmap_turn_soon(p, false);
		}
		spin_unlock_bh(&p->space->lock);
		cond_resched();
	} while (!done);
}

/* ---- choosing an address */

/* Addresses that an overlapping prefix may have, which are looked at: by prefixes. */
static unsigned int dnetmap_probes(const struct dnetmap_space *space)
{
	return clamp(DNETMAP_VISITS_MAX / space->prefixes_n, 8U, DNETMAP_PROBES_MAX);
}

/*
 * An address is bound by another prefix, which also has all others of that block,
 * and none that has timed out: the last of them. Else the address itself.
 */
static u32 dnetmap_busy_up_to(const struct dnetmap_prefix *p, u32 index,
			      struct dnetmap_binding *b)
{
	const struct dnetmap_prefix *q = dnetmap_care_of(b)->prefix;
	u32 at = p->range.base + index - q->range.base;
	u32 last = at | ((1U << q->block_bits) - 1);

	if (q->block[at >> q->block_bits].used < 1U << q->block_bits ||
	    dnetmap_wheel_oldest(&q->wheel))
		return index;
	return min(index + (last - at), p->range.last);
}

/*
 * The lowest free address. Those that an overlapping prefix has bound are passed
 * by, a limited number at a time; the next search goes on there. They may become
 * free without this prefix being told, so after the end it begins again, once a
 * second. Called with the lock.
 * Return: 0; -ENOSPC: there is none; -EAGAIN: there may be one further on.
 */
static int dnetmap_free_index(struct dnetmap_prefix *p, u32 now, u32 *index)
{
	const u32 block_last = (1U << p->block_bits) - 1;
	unsigned int probes = dnetmap_probes(p->space);
	struct dnetmap_binding *b;

	if (p->used == dnetmap_range_size(&p->range))
		return -ENOSPC;
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
			return 0;
		}
		p->next = dnetmap_busy_up_to(p, p->next, b);
		if (--probes == 0) {
			++p->next;
			return p->next > p->range.last ? -ENOSPC : -EAGAIN;
		}
	}
	return -ENOSPC;
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

/*
 * No memory for a group of the private address: free another one, of bindings that
 * have all timed out. Called with the lock. Return: whether there was one; @index is
 * that of an address which is free then.
 */
static bool dnetmap_free_group(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	unsigned int n = DNETMAP_GROUPS_MAX, i;
	struct dnetmap_group *group;
	struct dnetmap_binding *b;
	struct rb_node *node;

	for (node = rb_first_cached(&p->wheel.idle); node; node = rb_next(node)) {
		if (n-- == 0)
			return false;
		b = dnetmap_waiting(rb_entry(node, struct dnetmap_wait, idle));
		group = dnetmap_group_of(b);
		if (!dnetmap_group_idle(group, bid->now))
			continue;
		*index = ntohl(b->post) - p->range.base;
		for (i = 0; i < DNETMAP_GROUP; ++i)
			if (READ_ONCE(group->binding[i].expires))
				dnetmap_end(bid, &group->binding[i]);
		return true;
	}
	return false;
}

/* The address that timed out longest ago. Called with the lock. */
static bool dnetmap_oldest(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	struct dnetmap_binding *b;
	struct dnetmap_wait *e;

	while ((e = dnetmap_wheel_oldest(&p->wheel))) {
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
	WRITE_ONCE(p->none_until, p->overlaps ? now + 1 : dnetmap_wheel_next(&p->wheel));
}

/**
 * dnetmap_choose - find an address to be bound
 * @bid:   by whom
 * @index: set to a free address, or the one that timed out longest ago
 *
 * Context: the lock.
 * Return: 0; -EAGAIN: not known yet, the wheel is behind or many addresses are bound
 * through overlapping prefixes; -ENOBUFS: dnetmap_bid_stock() is due, without the
 * lock; -ENOSPC: all addresses are in use; -ENOMEM: there is no memory for another.
 */
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	bool affordable = xa_budget_room(p->budget), found, swept;
	int ret = -ENOMEM;

	if (affordable)
		ret = dnetmap_free_index(p, bid->now, index);
	if (ret == 0) {
		/* in passing, so that little is to be done when all are bound */
		dnetmap_wheel_sweep(&p->wheel, bid->now, 2);
		return 0;
	}
	swept = dnetmap_wheel_sweep(&p->wheel, bid->now, DNETMAP_SWEEP_MAX);
	if (affordable || dnetmap_group_find(p->space, bid->pre)) {
		found = dnetmap_oldest(bid, index);
	} else {
		/* nothing is taken away in vain: dnetmap_enter() will have all */
		bid->lacks.group = !bid->group;
		bid->lacks.slot = false;
		if (bid->lacks.group)
			return -ENOBUFS;
		found = dnetmap_free_group(bid, index);
	}
	if (found)
		return 0;
	if (!swept) {
		dnetmap_turn_soon(p, true);
		return -EAGAIN;
	}
	if (ret == -ENOSPC)
		dnetmap_has_none(p, bid->now);
	return ret;
}
