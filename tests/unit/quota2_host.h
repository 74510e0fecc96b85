/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * quota2_host - what xt_quota2_credit.h needs of the kernel, on the host
 *
 * Before including it a test may define
 *	HOST_STEP(word, writes)	called before each access to a shared word
 *	HOST_LOCK(lock), HOST_UNLOCK(lock)
 */
#ifndef QUOTA2_HOST_H
#define QUOTA2_HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

typedef uint64_t u64;
typedef int64_t s64;

#define U64_MAX	UINT64_MAX
#define S64_MAX	INT64_MAX

#ifndef HOST_STEP
#define HOST_STEP(word, writes)	((void)(word), (void)(writes))
#endif
#ifndef HOST_LOCK
#define HOST_LOCK(l)		pthread_mutex_lock(&(l)->mutex)
#define HOST_UNLOCK(l)		pthread_mutex_unlock(&(l)->mutex)
#endif

#define noinline				__attribute__((noinline))
#define ____cacheline_aligned_in_smp	__attribute__((aligned(64)))
#define __percpu

#define HOST_CPUS_MAX	8

/* CPUs that there are; set before a quota is initialized */
static unsigned int host_cpus;

static inline unsigned int *host_first_cpu(unsigned int *cpu)
{
	*cpu = 0;
	return cpu;
}

#define for_each_possible_cpu(cpu)					\
	for (unsigned int *host_cpu = host_first_cpu(&(cpu));		\
	     *host_cpu < host_cpus; ++*host_cpu)
#define per_cpu_ptr(array, cpu)		(&(array)[cpu])

static inline unsigned int order_base_2(unsigned int n)
{
	return n > 1 ? 32 - __builtin_clz(n - 1) : 0;
}

/* ---- words; each a cache line, as those of CPUs are */

typedef struct {
	s64 value;
} __attribute__((aligned(64))) atomic64_t;

static inline s64 atomic64_read(const atomic64_t *v)
{
	HOST_STEP(v, false);
	return __atomic_load_n(&v->value, __ATOMIC_RELAXED);
}

static inline s64 atomic64_read_acquire(const atomic64_t *v)
{
	HOST_STEP(v, false);
	return __atomic_load_n(&v->value, __ATOMIC_ACQUIRE);
}

static inline void atomic64_set(atomic64_t *v, s64 value)
{
	HOST_STEP(v, true);
	__atomic_store_n(&v->value, value, __ATOMIC_RELAXED);
}

static inline void atomic64_set_release(atomic64_t *v, s64 value)
{
	HOST_STEP(v, true);
	__atomic_store_n(&v->value, value, __ATOMIC_RELEASE);
}

static inline s64 atomic64_xchg(atomic64_t *v, s64 value)
{
	HOST_STEP(v, true);
	return __atomic_exchange_n(&v->value, value, __ATOMIC_SEQ_CST);
}

static inline bool atomic64_try_cmpxchg(atomic64_t *v, s64 *old, s64 value)
{
	HOST_STEP(v, true);
	return __atomic_compare_exchange_n(&v->value, old, value, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- the lock */

typedef struct {
	pthread_mutex_t mutex;
	int held;
} spinlock_t;

static inline void spin_lock_init(spinlock_t *l)
{
	pthread_mutex_init(&l->mutex, NULL);
	l->held = 0;
}

static inline void spin_lock_bh(spinlock_t *l)
{
	HOST_LOCK(l);
}

static inline void spin_unlock_bh(spinlock_t *l)
{
	HOST_UNLOCK(l);
}

/* ---- what a quota is, without any art */

enum quota2_kind { TAKE, PEEK, GROW, READ, SET, ADD, SUB };

struct quota2_op {
	enum quota2_kind kind;
	unsigned int slot;
	u64 n;
};

/* One operation on the plain number; its result. */
static inline u64 spec_do(u64 *quota, const struct quota2_op *op)
{
	bool enough = *quota >= op->n;

	switch (op->kind) {
	case TAKE:
		*quota = enough ? *quota - op->n : 0;
		return enough;
	case PEEK:
		return enough;
	case READ:
		return *quota;
	case SET:
		*quota = op->n;
		return 0;
	case SUB:
		*quota = enough ? *quota - op->n : 0;
		return 0;
	default:
		*quota = *quota + op->n < op->n ? U64_MAX : *quota + op->n;
		return 0;
	}
}

#endif /* QUOTA2_HOST_H */
