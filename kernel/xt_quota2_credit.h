/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_quota2_credit - an exact quota without a shared cache line
 *
 * Pure code: compiles in the kernel and, for the unit test and the model
 * check of all interleavings, on the host.
 *
 * DOC: credits
 *
 * What a quota is, is told by this, one operation at a time:
 *
 *	take(n)		if quota >= n: quota -= n, true; else quota = 0, false
 *	peek(n)		quota >= n
 *	grow(n)		quota += n, 2^64 - 1 at most
 *	read, write	from process context
 *
 * Its value lies in a pool, which a lock guards, and in slots, one a CPU. A slot
 * is open, and then holds credit, or closed:
 *
 *	quota = pool + credit of the open slots
 *
 * An open slot is changed by cmpxchg, without the lock: who finds enough
 * credit takes it, since then the quota is enough too. Who does not takes the
 * lock, closes slots and adds their credit to the pool (all slots, if it must
 * know the whole), decides, and opens its own slot with a share of what is
 * left. Shares shrink with the pool, so the lock is taken a few hundred times
 * in the life of a quota, however large it is, and at its very end.
 *
 * Only the lock opens slots. While one thread closes them all, others may
 * still use the open ones, but nobody gets past a closed one. So it has seen
 * the quota as it was when the last slot was closed: an exact figure, and an
 * exact decision.
 *
 * While all slots are closed, the value may also be published in @known. A
 * used-up quota is known to be 0: then packets read two words and write none.
 * What is in the pool alone is published in @least: the quota is no less, so
 * who only asks for that much need not lock, whatever the slots hold.
 *
 * An example, two CPUs that share a quota of 1000 (shares are a quarter):
 *
 *	                        pool  slot 0  slot 1  known
 *	write 1000              1000  closed  closed   1000
 *	CPU 0: take 100          675     225  closed      -	by lock
 *	CPU 0: take 100          675     125  closed      -
 *	CPU 1: take 600           75     125  closed      -	by lock
 *	CPU 1: take 200            0  closed  closed      0	by lock, all closed
 *	CPU 0: take 1              0  closed  closed      0	false, by known
 *
 * Orders: read-modify-writes are full barriers; opening and publishing
 * release, and what was known is unknown before @least changes. A plain read
 * that decides for a packet decides by one word, which was the quota when it
 * was read, or a part of it, and nothing else is read by it.
 */
#ifndef _XT_QUOTA2_CREDIT_H
#define _XT_QUOTA2_CREDIT_H

#ifdef __KERNEL__
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#endif

/* A slot that is not open; a quota that is not known. */
#define QUOTA2_CLOSED	(-1LL)
#define QUOTA2_UNKNOWN	(-1LL)

/* Credit to which a slot is added to without the lock. */
#define QUOTA2_FULL	(S64_MAX / 2)

/**
 * struct quota2_credit - a quota
 * @slot:  of each CPU: credit, or QUOTA2_CLOSED
 * @known: the quota if all slots are closed, or QUOTA2_UNKNOWN; written with
 *         @lock held
 * @shift: a share is the pool shifted right by this; constant
 * @lock:  guards @pool, @open, and the opening of slots
 * @pool:  the part of the quota that is in no slot
 * @least: the same, S64_MAX at most, to be read without the lock
 * @open:  number of open slots
 */
struct quota2_credit {
	atomic64_t __percpu *slot;
	atomic64_t known;
	unsigned int shift;

	spinlock_t lock ____cacheline_aligned_in_smp;
	u64 pool;
	atomic64_t least;
	unsigned int open;
};

/* With the lock held; the quota is not what was known, or soon in two places. */
static inline void quota2_not_known(struct quota2_credit *c)
{
	if (atomic64_read(&c->known) != QUOTA2_UNKNOWN)
		atomic64_set_release(&c->known, QUOTA2_UNKNOWN);
}

/*
 * With the lock held; before a slot is opened with what is taken from it. Who
 * sees the new amount must not see afterwards what was known before.
 */
static inline void quota2_set_pool(struct quota2_credit *c, u64 pool)
{
	if (pool == c->pool)
		return;
	quota2_not_known(c);
	c->pool = pool;
	atomic64_set_release(&c->least, pool <= S64_MAX ? (s64)pool : S64_MAX);
}

/**
 * quota2_credit_init - a quota in the pool, known, all slots closed
 * @c:     @slot is allocated
 * @quota: the value
 * @cpus:  how many share it
 */
static inline void quota2_credit_init(struct quota2_credit *c, u64 quota,
				      unsigned int cpus)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		atomic64_set(per_cpu_ptr(c->slot, cpu), QUOTA2_CLOSED);
	spin_lock_init(&c->lock);
	c->pool = quota;
	atomic64_set(&c->least, quota <= S64_MAX ? (s64)quota : S64_MAX);
	c->open = 0;
	c->shift = 2 + order_base_2(cpus);
	atomic64_set(&c->known, quota <= S64_MAX ? (s64)quota : QUOTA2_UNKNOWN);
}

static inline u64 quota2_sum(u64 a, u64 b)
{
	return a + b < a ? U64_MAX : a + b;
}

/* With the lock held; others may use the slot until it is closed. */
static inline void quota2_close(struct quota2_credit *c, atomic64_t *slot)
{
	if (atomic64_read(slot) == QUOTA2_CLOSED)
		return;
	quota2_set_pool(c, quota2_sum(c->pool,
				      atomic64_xchg(slot, QUOTA2_CLOSED)));
	--c->open;
}

/* With the lock held: the pool is the quota then. */
static inline void quota2_gather(struct quota2_credit *c)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!c->open)
			break;
		quota2_close(c, per_cpu_ptr(c->slot, cpu));
	}
}

/* With the lock held, slot closed: a share, if it is worth @least. */
static inline void quota2_open(struct quota2_credit *c, atomic64_t *slot,
			       u64 least)
{
	u64 credit = c->pool >> c->shift;

	if (credit < least)
		return;
	quota2_not_known(c);
	quota2_set_pool(c, c->pool - credit);
	++c->open;
	atomic64_set_release(slot, credit);
}

/*
 * With the lock held, at the end: publish the quota if it is known. True if
 * it has come to 0, once each time it does.
 */
static inline bool quota2_settle(struct quota2_credit *c)
{
	s64 was = atomic64_read(&c->known), known = QUOTA2_UNKNOWN;

	if (!c->open && c->pool <= S64_MAX)
		known = c->pool;
	if (known == was)
		return false;
	atomic64_set_release(&c->known, known);
	return known == 0;
}

/* take or peek, when the slot has not enough */
static noinline bool quota2_draw(struct quota2_credit *c, atomic64_t *slot,
				 u64 need, bool take, bool *used_up)
{
	bool enough;

	spin_lock_bh(&c->lock);
	quota2_close(c, slot);
	if (c->pool < need)
		quota2_gather(c);
	enough = c->pool >= need;
	if (take)
		quota2_set_pool(c, enough ? c->pool - need : 0);
	if (enough)
		quota2_open(c, slot, need);
	*used_up = quota2_settle(c);
	spin_unlock_bh(&c->lock);
	return enough;
}

/**
 * quota2_take - use a part of the quota, or end it
 * @c:       quota
 * @slot:    of this CPU, as a rule; any is right
 * @need:    1 or more, S64_MAX at most
 * @used_up: set if this call has seen the quota come to 0
 *
 * Context: process or softirq.
 * Return: whether the quota was enough.
 */
static inline bool quota2_take(struct quota2_credit *c, atomic64_t *slot,
			       u64 need, bool *used_up)
{
	s64 credit = atomic64_read(slot);

	while (credit >= (s64)need)
		if (atomic64_try_cmpxchg(slot, &credit, credit - need))
			return true;
	if (credit == QUOTA2_CLOSED && atomic64_read(&c->known) == 0)
		return false;
	return quota2_draw(c, slot, need, true, used_up);
}

/**
 * quota2_peek - whether the quota is enough; it stays as it is
 * @c:       quota
 * @slot:    see quota2_take()
 * @need:    see quota2_take()
 * @used_up: set if this call has found that the quota came to 0
 *
 * Context: process or softirq.
 * Return: true if it is.
 */
static inline bool quota2_peek(struct quota2_credit *c, atomic64_t *slot,
			       u64 need, bool *used_up)
{
	s64 known;

	if (atomic64_read(slot) >= (s64)need)
		return true;
	known = atomic64_read(&c->known);
	if (known != QUOTA2_UNKNOWN)
		return known >= (s64)need;
	if (atomic64_read_acquire(&c->least) >= (s64)need)
		return true;
	return quota2_draw(c, slot, need, false, used_up);
}

/* grow, when the slot is closed or full */
static noinline void quota2_grow_pool(struct quota2_credit *c,
				      atomic64_t *slot, u64 more)
{
	spin_lock_bh(&c->lock);
	quota2_close(c, slot);
	quota2_set_pool(c, quota2_sum(c->pool, more));
	quota2_open(c, slot, 0);
	quota2_settle(c);
	spin_unlock_bh(&c->lock);
}

/**
 * quota2_grow - add to the quota
 * @c:    quota
 * @slot: see quota2_take()
 * @more: S64_MAX / 2 at most
 *
 * Context: process or softirq.
 */
static inline void quota2_grow(struct quota2_credit *c, atomic64_t *slot,
			       u64 more)
{
	s64 credit = atomic64_read(slot);

	while (credit != QUOTA2_CLOSED && credit <= QUOTA2_FULL)
		if (atomic64_try_cmpxchg(slot, &credit, credit + more))
			return;
	quota2_grow_pool(c, slot, more);
}

/**
 * quota2_read - the value
 * @c:       quota
 * @used_up: set if this call has found that the quota came to 0
 *
 * Context: process or softirq.
 * Return: the quota.
 */
static inline u64 quota2_read(struct quota2_credit *c, bool *used_up)
{
	s64 known = atomic64_read_acquire(&c->known);
	u64 quota;

	if (known != QUOTA2_UNKNOWN)
		return known;
	spin_lock_bh(&c->lock);
	quota2_gather(c);
	quota = c->pool;
	*used_up = quota2_settle(c);
	spin_unlock_bh(&c->lock);
	return quota;
}

/**
 * quota2_write - set the value, or change it
 * @c:    quota
 * @sign: '=': to @n; '+': by @n, 2^64 - 1 at most; '-': down by @n, 0 at least
 * @n:    any
 *
 * Context: process or softirq.
 */
static inline void quota2_write(struct quota2_credit *c, char sign, u64 n)
{
	spin_lock_bh(&c->lock);
	quota2_gather(c);
	if (sign == '+')
		quota2_set_pool(c, quota2_sum(c->pool, n));
	else if (sign == '-')
		quota2_set_pool(c, c->pool - (n < c->pool ? n : c->pool));
	else
		quota2_set_pool(c, n);
	quota2_settle(c);
	spin_unlock_bh(&c->lock);
}

#endif /* _XT_QUOTA2_CREDIT_H */
