/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_DNETMAP_wheel - who times out next, and who has longest ago
 *
 * What can time out stands in the list of a second in which it is looked at: that
 * of its end, or the farthest that the wheel has. A hit that makes it last longer
 * moves it nowhere; it is put into another list when its second comes. What has
 * timed out rests with its neighbours (xt_DNETMAP_rest.h).
 *
 * So each entry is looked at once in DNETMAP_WHEEL seconds at most, whatever time it
 * has. Who turns the wheel says how many entries it looks at, so that a wheel that
 * is far behind is caught up with in pieces.
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host. Whoever
 * includes it has dnetmap_expires_of() and what xt_DNETMAP_rest.h asks for. All of
 * it is called with one lock.
 */
#ifndef _XT_DNETMAP_WHEEL_H
#define _XT_DNETMAP_WHEEL_H

#ifdef __KERNEL__
#include <linux/list.h>
#endif

#include "xt_DNETMAP_pure.h"
#include "xt_DNETMAP_rest.h"

/**
 * struct dnetmap_wheel - what can time out, and what has
 * @idle:       has timed out, see dnetmap_rest_oldest()
 * @swept:      the lists of seconds up to this one have been looked through
 * @known:      what timed out up to this second is in @idle. Less than @swept while
 *              more than a turn is caught up with
 * @queued:     entries of @pending and @second
 * @pending:    to be looked at before @swept goes on
 * @pending_of: the second that they were taken from
 * @second:     the others by @due, see dnetmap_due()
 */
struct dnetmap_wheel {
	struct rb_root idle;
	__u32 swept;
	__u32 known;
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

	w->idle = RB_ROOT;
	w->swept = now;
	w->known = now;
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
		dnetmap_rest_del(&w->idle, dnetmap_rest_of(e), e);
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
	__u32 expires = READ_ONCE(*end);
	bool late;

	dnetmap_wheel_remove(w, e);
	if (w->queued == 0) {	/* nothing was missed meanwhile */
		w->swept = dnetmap_later(w->swept, now);
		w->known = w->swept;
	}
	now = dnetmap_wheel_now(w, now);
	/*
	 * A hit may shorten the time meanwhile: either we see that, or it sees
	 * that its second comes before @due.
	 */
	for (;;) {
		late = !dnetmap_left(expires, now);
		WRITE_ONCE(e->due, late ? expires : dnetmap_due(expires, w->swept, now));
		smp_mb();	/* pairs with dnetmap_stamp() */
		if (READ_ONCE(*end) == expires)
			break;
		expires = READ_ONCE(*end);
	}
	if (late) {
		dnetmap_rest_add(&w->idle, dnetmap_rest_of(e), e);
		e->where = DNETMAP_IDLE;
		return;
	}
	list_add_tail(&e->queue, &w->second[e->due % DNETMAP_WHEEL]);
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
	bool jump = w->known != w->swept;

	w->swept = dnetmap_catch_up(w->swept, now);
	jump |= w->known != w->swept;
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
		if (!jump)
			w->known = w->swept;
	}
	w->known = w->swept;
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

/*
 * What timed out longest ago of the addresses from @first to @last, or NULL. While the
 * wheel is behind, something that it has not come to may have timed out before: then
 * it is not known. Within one second any is as good.
 */
static inline struct dnetmap_wait *dnetmap_wheel_oldest(const struct dnetmap_wheel *w,
							__u32 first, __u32 last,
							bool swept)
{
	struct dnetmap_wait *e = dnetmap_rest_oldest(&w->idle, first, last);

	return e && !swept && e->due > w->known + 1 ? NULL : e;
}

#endif /* _XT_DNETMAP_WHEEL_H */
