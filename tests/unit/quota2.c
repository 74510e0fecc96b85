// SPDX-License-Identifier: GPL-2.0-only
/*
 * The credits of quota2 on the host: alone against the plain number, and with
 * threads for what passes in all.
 * links: -pthread
 */
#include <stdio.h>
#include <stdlib.h>

#include "quota2_host.h"
#include "xt_quota2_credit.h"

static unsigned int failed, passed;

static void expect(const char *what, u64 expected, u64 actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	if (++failed < 20)
		printf("not ok unit/quota2: %s (expected %llu, got %llu)\n", what,
		       (unsigned long long)expected, (unsigned long long)actual);
}

static atomic64_t slots[HOST_CPUS_MAX];
static struct quota2_credit credit;

static void begin(u64 quota, unsigned int cpus)
{
	host_cpus = cpus;
	credit.slot = slots;
	quota2_credit_init(&credit, quota, cpus);
}

static u64 credit_do(const struct quota2_op *op, bool *used_up)
{
	static const char sign[] = { [SET] = '=', [ADD] = '+', [SUB] = '-' };
	atomic64_t *slot = &slots[op->slot];

	switch (op->kind) {
	case TAKE:
		return quota2_take(&credit, slot, op->n, used_up);
	case PEEK:
		return quota2_peek(&credit, slot, op->n, used_up);
	case GROW:
		quota2_grow(&credit, slot, op->n);
		return 0;
	case READ:
		return quota2_read(&credit, used_up);
	default:
		quota2_write(&credit, sign[op->kind], op->n);
		return 0;
	}
}

/* The state is what the comments say it is. */
static void invariants(void)
{
	unsigned int cpu, open = 0;
	s64 known = credit.known.value;

	for (cpu = 0; cpu < host_cpus; ++cpu)
		open += slots[cpu].value != QUOTA2_CLOSED;
	expect("open slots are counted", open, credit.open);
	if (known != QUOTA2_UNKNOWN) {
		expect("known: all slots are closed", 0, open);
		expect("known: the quota", credit.pool, known);
	}
}

/* ---- one thread: each result is that of the plain number */

static u64 some(u64 below)
{
	return (((u64)rand() << 31) ^ rand()) % below;
}

static struct quota2_op some_op(u64 largest)
{
	static const enum quota2_kind kinds[] = {
		TAKE, TAKE, TAKE, TAKE, TAKE, PEEK, PEEK, GROW, READ, SET, ADD, SUB,
	};
	struct quota2_op op = {
		.kind = kinds[some(12)],
		.slot = some(host_cpus),
		.n    = 1 + some(largest),
	};

	if (op.kind == SET)
		op.n = some(40) ? some(largest * 50) : 0;
	return op;
}

static void alone(unsigned int cpus, u64 largest)
{
	u64 quota = some(largest * 50);
	bool used_up = false;
	unsigned int n;

	begin(quota, cpus);
	for (n = 0; n < 200000 && failed < 20; ++n) {
		struct quota2_op op = some_op(largest);
		u64 wanted = spec_do(&quota, &op);

		expect("one thread, as a plain number", wanted, credit_do(&op, &used_up));
		invariants();
	}
	expect("one thread, at the end", quota, quota2_read(&credit, &used_up));
}

static void extremes(void)
{
	bool used_up = false;

	begin(U64_MAX, 2);
	expect("the largest quota", U64_MAX, quota2_read(&credit, &used_up));
	expect("something is taken", 1, quota2_take(&credit, &slots[0], 15, &used_up));
	expect("and missing", U64_MAX - 15, quota2_read(&credit, &used_up));
	quota2_write(&credit, '+', 16);
	expect("it goes no higher", U64_MAX, quota2_read(&credit, &used_up));
	quota2_grow(&credit, &slots[1], 5);
	expect("by packets neither", U64_MAX, quota2_read(&credit, &used_up));
	quota2_write(&credit, '-', U64_MAX);
	expect("down to 0", 0, quota2_read(&credit, &used_up));
	quota2_write(&credit, '-', 1);
	expect("and no lower", 0, quota2_read(&credit, &used_up));
	expect("a write is no use", 0, used_up);
	quota2_grow(&credit, &slots[1], QUOTA2_FULL);
	quota2_grow(&credit, &slots[1], QUOTA2_FULL);
	quota2_grow(&credit, &slots[1], QUOTA2_FULL);
	quota2_grow(&credit, &slots[1], 3);
	expect("a slot does not run over", 3 * (u64)QUOTA2_FULL + 3,
	       quota2_read(&credit, &used_up));
	/* the first goes to the pool; 4 * QUOTA2_FULL + 3 would be QUOTA2_CLOSED */
	begin(0, 2);
	for (unsigned int i = 0; i < 5; i++)
		quota2_grow(&credit, &slots[1], QUOTA2_FULL);
	quota2_grow(&credit, &slots[1], 3);
	expect("a slot that would is not taken for a closed one", U64_MAX,
	       quota2_read(&credit, &used_up));
}

/* Told once, by the packet that ends it, or by the next that looks. */
static void told(void)
{
	bool used_up = false;

	begin(100, 2);
	expect("enough", 1, quota2_take(&credit, &slots[0], 60, &used_up));
	expect("not used up", 0, used_up);
	expect("too little", 0, quota2_take(&credit, &slots[1], 60, &used_up));
	expect("used up", 1, used_up);
	used_up = false;
	expect("still", 0, quota2_take(&credit, &slots[0], 1, &used_up));
	expect("still", 0, quota2_peek(&credit, &slots[1], 1, &used_up));
	expect("told once", 0, used_up);
	/* a packet on another CPU that waited for the lock meanwhile */
	used_up = true;
	expect("still", 0, quota2_draw(&credit, &slots[1], 60, true, &used_up));
	expect("told once, whoever waited", 0, used_up);
	quota2_grow(&credit, &slots[0], 10);
	expect("to the unit", 1, quota2_take(&credit, &slots[1], 10, &used_up));
	expect("nothing left", 0, quota2_read(&credit, &used_up));
	expect("told again", 1, used_up);
	used_up = false;
	quota2_write(&credit, '=', 5);
	expect("to the unit", 1, quota2_take(&credit, &slots[0], 5, &used_up));
	expect("told at once if it is seen", 1, used_up);
	used_up = false;
	quota2_write(&credit, '=', 5);
	quota2_write(&credit, '=', 0);
	expect("0 was written", 0, quota2_take(&credit, &slots[0], 5, &used_up));
	expect("not used up by packets", 0, used_up);
}

/* A used-up quota is only read, on every CPU. */
static void exhausted(void)
{
	bool used_up = false;
	unsigned int n;

	begin(10, 4);
	quota2_take(&credit, &slots[0], 11, &used_up);
	for (n = 0; n < 4; ++n)
		expect("closed", QUOTA2_CLOSED, slots[n].value);
	expect("known", 0, credit.known.value);
	pthread_mutex_lock(&credit.lock.mutex);	/* who wanted it would hang */
	for (n = 0; n < 4; ++n)
		expect("no lock", 0, quota2_take(&credit, &slots[n], 1, &used_up));
	pthread_mutex_unlock(&credit.lock.mutex);
}

/*
 * Who only asks takes no lock for it, or once, though another CPU has a share
 * and one of his own would be smaller than his packet.
 */
static void asked(u64 quota, u64 need, bool enough)
{
	bool used_up = false;
	unsigned int n;

	begin(quota, 2);
	quota2_take(&credit, &slots[1], 100, &used_up);
	expect("the other has a share", 1, slots[1].value > 0);
	expect("asked", enough, quota2_peek(&credit, &slots[0], need, &used_up));
	pthread_mutex_lock(&credit.lock.mutex);	/* who wanted it would hang */
	for (n = 0; n < 4; ++n)
		expect("asked again", enough,
		       quota2_peek(&credit, &slots[0], need, &used_up));
	pthread_mutex_unlock(&credit.lock.mutex);
	expect("nothing was taken", quota - 100, quota2_read(&credit, &used_up));
}

/* ---- threads: what passes in all is what there was */

struct worker {
	pthread_t thread;
	unsigned int slot;
	unsigned int seed;
	u64 largest, passed, grown;
	bool used_up;
};

static bool stop_growing;

static void *taker(void *arg)
{
	struct worker *w = arg;
	unsigned int misses = 0;

	while (misses < 1000) {
		u64 n = 1 + rand_r(&w->seed) % w->largest;

		if (quota2_take(&credit, &slots[w->slot], n, &w->used_up))
			w->passed += n;
		else
			++misses;
	}
	return NULL;
}

static void *grower(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&stop_growing, __ATOMIC_RELAXED)) {
		u64 n = 1 + rand_r(&w->seed) % w->largest;

		quota2_grow(&credit, &slots[w->slot], n);
		w->grown += n;
	}
	return NULL;
}

/* Of single units all pass; a slot may be shared by two threads. */
static void together(u64 quota, unsigned int threads, unsigned int cpus)
{
	struct worker w[HOST_CPUS_MAX] = { { .slot = 0 } };
	u64 sum = 0, told_n = 0;
	unsigned int n;

	begin(quota, cpus);
	for (n = 0; n < threads; ++n) {
		w[n].slot = n % cpus;
		w[n].seed = n;
		w[n].largest = 1;
		pthread_create(&w[n].thread, NULL, taker, &w[n]);
	}
	for (n = 0; n < threads; ++n) {
		pthread_join(w[n].thread, NULL);
		sum += w[n].passed;
		told_n += w[n].used_up;
	}
	expect("threads, all that there was", quota, sum);
	expect("told by one of them", 1, told_n);
}

/* Two that only grow, read meanwhile: never less, and all of it at the end. */
static void growing(void)
{
	struct worker w[2] = { { .slot = 0, .seed = 1, .largest = 9 },
			       { .slot = 1, .seed = 2, .largest = 9 } };
	bool used_up = false;
	u64 was = 0, now;
	unsigned int n;

	begin(0, 2);
	stop_growing = false;
	for (n = 0; n < 2; ++n)
		pthread_create(&w[n].thread, NULL, grower, &w[n]);
	for (n = 0; n < 20000; ++n) {
		now = quota2_read(&credit, &used_up);
		expect("readings do not go back", 1, now >= was);
		was = now;
	}
	__atomic_store_n(&stop_growing, true, __ATOMIC_RELAXED);
	for (n = 0; n < 2; ++n)
		pthread_join(w[n].thread, NULL);
	expect("all that grew", w[0].grown + w[1].grown,
	       quota2_read(&credit, &used_up));
}

int main(void)
{
	srand(1);
	extremes();
	told();
	asked(4000, 1500, true);
	asked(1600, 1500, true);
	asked(1600, 1501, false);
	exhausted();
	alone(1, 3);
	alone(2, 10);
	alone(2, 1500);
	alone(3, 7);
	alone(8, 65000);
	together(1, 2, 2);
	together(1000, 4, 2);
	together(3000000, 2, 2);
	together(1000000, 8, 3);
	growing();
	if (!failed)
		printf("ok unit/quota2: %u results\n", passed);
	return failed != 0;
}
