// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_choose - the address that is bound next
 *
 * A free one, or that of the binding which timed out longest ago. Who times out is
 * found by the wheel: each binding stands in the list of a second in which it is
 * looked at again, and new bindings push the wheel on. So binding, and finding what
 * has timed out, cost the same whatever the number of bindings, and no timer runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "xt_DNETMAP_table.h"

/* Bindings that the wheel looks at while the lock is held. */
#define DNETMAP_SWEEP_MAX	256

/* Addresses, bound through overlapping prefixes, that one search passes by. */
#define DNETMAP_PROBES_MAX	128

/* Bindings that have timed out, whose groups are looked at for one to be freed. */
#define DNETMAP_GROUPS_MAX	32

/* ---- the wheel */

static struct dnetmap_binding *dnetmap_cared_for(struct dnetmap_care *care)
{
	struct dnetmap_group *group;

	group = container_of(care - care->index, struct dnetmap_group, care[0]);
	return &group->binding[care->index];
}

/**
 * dnetmap_place - put a binding where it is looked at in time
 * @b:   a binding, not static; in a list of its prefix
 * @now: second since boot
 *
 * Context: the lock.
 */
void dnetmap_place(struct dnetmap_binding *b, u32 now)
{
	struct dnetmap_care *care = dnetmap_care_of(b);
	struct dnetmap_prefix *p = care->prefix;
	u32 expires = READ_ONCE(b->expires), due;

	/*
	 * A hit may shorten the time meanwhile: either we see that, or it sees
	 * that its second comes before @due.
	 */
	for (;;) {
		due = dnetmap_left(expires, now) ? dnetmap_due(expires, now) : 0;
		WRITE_ONCE(care->due, due);
		smp_mb();	/* pairs with dnetmap_stamp() */
		if (READ_ONCE(b->expires) == expires)
			break;
		expires = READ_ONCE(b->expires);
	}
	list_move_tail(&care->queue, due ? &p->wheel[due % DNETMAP_WHEEL] :
					   &p->idle);
}

static struct dnetmap_binding *dnetmap_first(const struct list_head *list)
{
	return dnetmap_cared_for(list_first_entry(list, struct dnetmap_care, queue));
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
			dnetmap_place(dnetmap_first(&p->pending), now);
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
	struct dnetmap_care *care;

	list_for_each_entry(care, &p->idle, queue) {
		if (n-- == 0)
			return false;
		b = dnetmap_cared_for(care);
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

	while (!list_empty(&p->idle)) {
		b = dnetmap_first(&p->idle);
		if (!dnetmap_active(b, bid->now)) {
			*index = ntohl(b->post) - p->range.base;
			return true;
		}
		/* hit in the very moment that it was found to be late */
		dnetmap_place(b, bid->now);
	}
	return false;
}

/**
 * dnetmap_choose - find an address to be bound
 * @bid:   by whom
 * @index: set to a free address, or the one that timed out longest ago
 *
 * Context: the lock.
 * Return: 0; -EAGAIN: let go the lock, and call it once more; -ENOBUFS:
 * dnetmap_bid_stock() is due, without the lock; -ENOSPC: all addresses are in use,
 * or there is no memory for another one.
 */
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index)
{
	struct dnetmap_prefix *p = bid->prefix;
	bool affordable = dnetmap_affordable(p->space), found, swept;

	if (affordable && dnetmap_free_index(p, bid->now, index)) {
		/* in passing, so that little is to be done when all are bound */
		dnetmap_sweep(p, bid->now, 2);
		return 0;
	}
	swept = dnetmap_sweep(p, bid->now, DNETMAP_SWEEP_MAX);
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
	return swept ? -ENOSPC : -EAGAIN;
}
