/* SPDX-License-Identifier: GPL-2.0-only */
/* The port scan detector on the host: locks, connections, and a table as the module's */
#ifndef PSD_HOST_H
#define PSD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_ONCE(x)		(x)
#define smp_load_acquire(p)	(*(p))	/* one thread */
#define smp_store_release(p, value)	(*(p) = (value))	/* one thread */
#define WRITE_ONCE(x, value)	((x) = (value))
#define smp_rmb()		((void)0)	/* one thread */
#define smp_wmb()		((void)0)	/* one thread */
#define __aligned(n)		__attribute__((aligned(n)))

typedef struct { int held; } spinlock_t;

/* Taken twice, or given back by another: the program ends. */
static void spin_lock(spinlock_t *lock)
{
	if (lock->held++)
		abort();
}

static void spin_unlock(spinlock_t *lock)
{
	if (--lock->held)
		abort();
}

static void lockdep_assert_held(const spinlock_t *lock)
{
	if (lock->held != 1)
		abort();
}

#define spin_lock_bh(lock)	spin_lock(lock)
#define spin_unlock_bh(lock)	spin_unlock(lock)

#include "xt_psd.h"
#include "xt_psd_detect.h"

#define CONN_WORDS 5

/* ---- connections, as if connection tracking knew them: one for each number */

static struct {
	bool answered[65536];
	unsigned long asked;
} conns;

static const bool *conn_now;	/* of the next packet */

static void psd_conn_note(const struct psd_place *at, __u16 *conn)
{
	conn[0] = (const bool *)at->conn - conns.answered;
	conn[CONN_WORDS - 1] = (__u16)~conn[0];
}

static bool psd_conn_is_answered(const struct psd_place *at, const __u16 *conn)
{
	(void)at;
	if ((__u16)(conn[0] ^ conn[CONN_WORDS - 1]) != 0xffff)
		abort();
	++conns.asked;
	return conns.answered[conn[0]];
}

static unsigned int failed, passed;

static void expect(const char *what, long expected, long actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	++failed;
	printf("not ok %s: %s (expected %ld, got %ld)\n", PSD_SPEC, what, expected, actual);
}

/* ---- a table, as the module has it */

struct table {
	struct psd_params p;
	unsigned int newcomer_sets, suspect_sets;
	__u64 *newcomers;
	struct psd_set *sets;
	char *suspects;
	__u16 *conns;
	__u32 *flows;
};

/* HOSTS as the module's parameter; 16 is the least that there can be */
static void table_init(struct table *t, unsigned int hosts, unsigned int threshold,
		       unsigned int lo, unsigned int hi, __u32 delay)
{
	struct xt_psd_mtinfo info = {
		.weight_threshold = threshold,
		.lo_ports_weight = lo, .hi_ports_weight = hi,
	};

	psd_params_init(&t->p, &info, delay, CONN_WORDS);
	t->newcomer_sets = hosts / PSD_NEWCOMERS;
	t->suspect_sets = hosts < 4 * PSD_SUSPECTS ? 1 : hosts / 4 / PSD_SUSPECTS;
	t->newcomers = calloc(t->newcomer_sets * PSD_NEWCOMERS, sizeof(*t->newcomers));
	t->sets = aligned_alloc(PSD_LINE, t->suspect_sets * sizeof(*t->sets));
	memset(t->sets, 0, t->suspect_sets * sizeof(*t->sets));
	t->suspects = calloc(t->suspect_sets * PSD_SUSPECTS, t->p.size);
	t->conns = calloc(t->newcomer_sets * PSD_NEWCOMERS * CONN_WORDS, sizeof(*t->conns));
	t->flows = calloc(t->suspect_sets * PSD_SUSPECTS * t->p.flows_words,
			  sizeof(__u32));
}

static void table_free(struct table *t)
{
	free(t->newcomers);
	free(t->sets);
	free(t->suspects);
	free(t->conns);
	free(t->flows);
}

/* any mixing will do here (splitmix64) */
static __u64 hash(__u64 x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	x ^= x >> 31;
	return x ? x : 1;
}

static struct psd_place place(struct table *t, __u64 source)
{
	size_t set = source % t->suspect_sets;
	size_t newcomer = source % t->newcomer_sets * PSD_NEWCOMERS;

	return (struct psd_place){
		.newcomers = t->newcomers + newcomer,
		.set = t->sets + set,
		.suspects = t->suspects + set * PSD_SUSPECTS * t->p.size,
		.conns = t->conns + newcomer * CONN_WORDS,
		.flows = t->flows + set * PSD_SUSPECTS * t->p.flows_words,
		.conn = conn_now,
	};
}

static bool probe(struct table *t, unsigned int who, __u16 port, __u32 now)
{
	__u64 source = hash(who);
	struct psd_place at = place(t, source);

	return psd_probe(&t->p, &at, source, port, now);
}

#endif
