/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_DNETMAP_wheel - who times out next, and who has longest ago
 *
 * What can time out stands in the list of a second in which it is looked at: that
 * of its end, or the farthest that the wheel has. A hit that makes it last longer
 * moves it nowhere; it is put into another list when its second comes. What has
 * timed out stands in a tree, in the order of that.
 *
 * So each entry is looked at once in DNETMAP_WHEEL seconds at most, whatever time it
 * has. Who turns the wheel says how many entries it looks at, so that a wheel that
 * is far behind is caught up with in pieces.
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host. Whoever
 * includes it has dnetmap_expires_of(). All of it is called with one lock.
 */
#ifndef _XT_DNETMAP_WHEEL_H
#define _XT_DNETMAP_WHEEL_H

#ifdef __KERNEL__
#include <linux/list.h>
#include <linux/rbtree.h>
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
 * @idle:  DNETMAP_IDLE: in the tree
 * @due:   second in which the wheel comes to it, else 0. WRITE_ONCE
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
 * struct dnetmap_wheel - what can time out, and what has
 * @idle:       has timed out, longest ago first
 * @swept:      what timed out up to this second is in @idle
 * @queued:     entries of @pending and @second
 * @pending:    to be looked at before @swept goes on
 * @pending_of: the second that they were taken from
 * @second:     the others by @due, see dnetmap_due()
 */
struct dnetmap_wheel {
	struct rb_root_cached idle;
	__u32 swept;
	__u32 queued;
	struct list_head pending;
	__u32 pending_of;
	struct list_head second[DNETMAP_WHEEL];
};

/* The second in which an entry times out. Packets may change it at any moment. */
static inline const __u32 *dnetmap_expires_of(const struct dnetmap_wait *e);

static inline void dnetmap_wheel_init(struct dnetmap_wheel *w, __u32 now)
{
	unsigned int i;

	w->idle = RB_ROOT_CACHED;
	w->swept = now;
	w->queued = 0;
	w->pending_of = now;
	INIT_LIST_HEAD(&w->pending);
	for (i = 0; i < DNETMAP_WHEEL; ++i)
		INIT_LIST_HEAD(&w->second[i]);
}

/*
 * The present second. What was read before the lock may be older than what the
 * lock guards: a list that the wheel has left comes again only after a whole turn.
 */
static inline __u32 dnetmap_wheel_now(const struct dnetmap_wheel *w, __u32 now)
{
	return dnetmap_later(dnetmap_later(now, w->swept), w->pending_of);
}

/* To those that have timed out; the last of them, unless the wheel was behind. */
static inline void dnetmap_wheel_rest(struct dnetmap_wheel *w,
				      struct dnetmap_wait *e, __u32 expires)
{
	struct rb_node **link = &w->idle.rb_root.rb_node, *parent = NULL;
	const struct dnetmap_wait *other;
	bool first = true;

	while (*link) {
		parent = *link;
		other = rb_entry(parent, struct dnetmap_wait, idle);
		if (expires < READ_ONCE(*dnetmap_expires_of(other))) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&e->idle, parent, link);
	rb_insert_color_cached(&e->idle, &w->idle, first);
	e->where = DNETMAP_IDLE;
}

/**
 * dnetmap_wheel_remove - an entry waits nowhere
 * @w: the wheel
 * @e: the entry
 */
static inline void dnetmap_wheel_remove(struct dnetmap_wheel *w,
					struct dnetmap_wait *e)
{
	if (e->where == DNETMAP_QUEUED) {
		list_del(&e->queue);
		--w->queued;
	} else if (e->where == DNETMAP_IDLE) {
		rb_erase_cached(&e->idle, &w->idle);
	}
	e->where = DNETMAP_NOWHERE;
}

/**
 * dnetmap_wheel_place - put an entry where it is looked at in time
 * @w:   the wheel
 * @e:   the entry, which may wait in it already
 * @now: second since boot
 */
static inline void dnetmap_wheel_place(struct dnetmap_wheel *w,
				       struct dnetmap_wait *e, __u32 now)
{
	const __u32 *end = dnetmap_expires_of(e);
	__u32 expires = READ_ONCE(*end), due;

	dnetmap_wheel_remove(w, e);
	if (w->queued == 0)	/* nothing was missed meanwhile */
		w->swept = dnetmap_later(w->swept, now);
	now = dnetmap_wheel_now(w, now);
	/*
	 * A hit may shorten the time meanwhile: either we see that, or it sees
	 * that its second comes before @due.
	 */
	for (;;) {
		due = dnetmap_left(expires, now) ? dnetmap_due(expires, w->swept, now) : 0;
		WRITE_ONCE(e->due, due);
		smp_mb();	/* pairs with dnetmap_stamp() */
		if (READ_ONCE(*end) == expires)
			break;
		expires = READ_ONCE(*end);
	}
	if (!due) {
		dnetmap_wheel_rest(w, e, expires);
		return;
	}
	list_add_tail(&e->queue, &w->second[due % DNETMAP_WHEEL]);
	e->where = DNETMAP_QUEUED;
	++w->queued;
}

/**
 * dnetmap_wheel_sweep - go on with the wheel
 * @w:   the wheel
 * @now: second since boot
 * @n:   entries to look at
 *
 * Return: whether all that have timed out are among the idle.
 */
static inline bool dnetmap_wheel_sweep(struct dnetmap_wheel *w, __u32 now,
				       unsigned int n)
{
	w->swept = dnetmap_catch_up(w->swept, now);
	while (dnetmap_later(now, w->swept) != w->swept) {
		/* once: what is placed meanwhile may be for the next turn */
		if (w->pending_of != w->swept + 1) {
			w->pending_of = w->swept + 1;
			list_splice_tail_init(&w->second[w->pending_of % DNETMAP_WHEEL],
					      &w->pending);
		}
		while (!list_empty(&w->pending)) {
			if (n-- == 0)
				return false;
			dnetmap_wheel_place(w, list_first_entry(&w->pending,
								struct dnetmap_wait,
								queue), now);
		}
		w->swept = dnetmap_later(w->swept, w->pending_of);
	}
	return true;
}

/* When everything is swept: before this second nothing times out. */
static inline __u32 dnetmap_wheel_next(const struct dnetmap_wheel *w)
{
	unsigned int i;

	for (i = 1; i <= DNETMAP_WHEEL; ++i)
		if (!list_empty(&w->second[(w->swept + i) % DNETMAP_WHEEL]))
			break;
	return w->swept + i;
}

/* What timed out longest ago, or NULL. */
static inline struct dnetmap_wait *dnetmap_wheel_oldest(const struct dnetmap_wheel *w)
{
	struct rb_node *node = rb_first_cached(&w->idle);

	return node ? rb_entry(node, struct dnetmap_wait, idle) : NULL;
}

#endif /* _XT_DNETMAP_WHEEL_H */
