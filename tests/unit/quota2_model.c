// SPDX-License-Identifier: GPL-2.0-only
/*
 * The credits of quota2 in every order that two or three threads can have.
 *
 * Threads are coroutines that stop before each access to a shared word or the
 * lock. A depth-first search runs the same code again and again until each
 * order of accesses has been seen, but for those that differ only in the order
 * of accesses which do not touch each other (sleep sets). After each run the
 * results, and when operations began and ended, must be explained by some
 * order of the operations on a plain number: that is linearizability.
 *
 * Two operations that are made wrong on purpose must be found out.
 *
 * The search is that of sequentially consistent memory. ASan does not know
 * coroutines.
 * links: -fno-sanitize=address -pthread
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static void step(const void *word, bool writes);
static void model_lock(void *lock);
static void model_unlock(void *lock);

#define HOST_STEP(word, writes)	step(word, writes)
#define HOST_LOCK(l)		model_lock(l)
#define HOST_UNLOCK(l)		model_unlock(l)

#include "quota2_host.h"
#include "xt_quota2_credit.h"

#define THREADS_MAX	3
#define OPS_MAX		8		/* of all threads, and the last reading */
#define DEPTH_MAX	200
#define STACK_SIZE	(256 * 1024)

/* Wrong: adds the slots up while they change. */
#define NAIVE_READ	((enum quota2_kind)100)
/* Wrong: takes all there is to look at it, and gives it back. */
#define NAIVE_PEEK	((enum quota2_kind)101)

/* ---- what is tried */

struct program {
	u64 quota;		/* at the beginning */
	u64 warm;		/* so much is taken on each slot before */
	unsigned int cpus;
	unsigned int threads;
	unsigned int ops[THREADS_MAX];
	struct quota2_op op[THREADS_MAX][2];
};

/* ---- the run */

enum touch { LOAD, STORE, END };

struct access {
	const void *word;
	enum touch touch;
	bool begins;		/* the first of an operation */
};

struct thread {
	ucontext_t context;	/* where it begins */
	jmp_buf at;		/* where it has stopped */
	bool started;
	struct access next;
	bool finished, begins;
	unsigned int began;	/* its operation */
};

struct record {
	struct quota2_op op;
	unsigned int began, ended;
	u64 result;
};

static const struct program *program;
static struct quota2_credit credit;
static atomic64_t slots[HOST_CPUS_MAX];
static struct thread thread[THREADS_MAX];
static char stacks[THREADS_MAX][STACK_SIZE] __attribute__((aligned(16)));
static struct record record[OPS_MAX];
static unsigned int records, clock_now, current, told;
static bool running;		/* threads stop at accesses */
static jmp_buf scheduler;
static unsigned long runs, pruned;

static noinline void stop_at(const void *word, enum touch touch)
{
	struct thread *t = &thread[current];

	if (!running)
		return;
	t->next = (struct access){ word, touch, t->begins };
	if (!_setjmp(t->at))
		_longjmp(scheduler, 1);
	if (t->begins)
		t->began = clock_now++;
	t->begins = false;
}

static void step(const void *word, bool writes)
{
	stop_at(word, writes ? STORE : LOAD);
}

static void model_lock(void *lock)
{
	stop_at(lock, STORE);	/* goes on when nobody holds it */
	((spinlock_t *)lock)->held = 1 + current;
}

static void model_unlock(void *lock)
{
	stop_at(lock, STORE);
	((spinlock_t *)lock)->held = 0;
}

static u64 naive_read(void)
{
	unsigned int cpu;
	u64 sum;
	s64 n;

	spin_lock_bh(&credit.lock);
	sum = credit.pool;
	for_each_possible_cpu(cpu) {
		n = atomic64_read(&slots[cpu]);
		sum += n == QUOTA2_CLOSED ? 0 : n;
	}
	spin_unlock_bh(&credit.lock);
	return sum;
}

/* Of slot 0, which is open: others find it emptier than it is. */
static u64 naive_peek(u64 n)
{
	s64 credit_had = atomic64_xchg(&slots[0], 0);

	atomic64_set(&slots[0], credit_had);
	return (u64)credit_had >= n;
}

static u64 credit_do(const struct quota2_op *op)
{
	atomic64_t *slot = &slots[op->slot];
	bool used_up = false;
	u64 result = 0;

	switch (op->kind) {
	case TAKE:
		result = quota2_take(&credit, slot, op->n, &used_up);
		break;
	case PEEK:
		result = quota2_peek(&credit, slot, op->n, &used_up);
		break;
	case GROW:
		quota2_grow(&credit, slot, op->n);
		break;
	case READ:
		result = quota2_read(&credit, &used_up);
		break;
	case SET:
		quota2_write(&credit, '=', op->n);
		break;
	case ADD:
		quota2_write(&credit, '+', op->n);
		break;
	case SUB:
		quota2_write(&credit, '-', op->n);
		break;
	default:
		result = op->kind == NAIVE_READ ? naive_read() : naive_peek(op->n);
	}
	told += used_up;
	return result;
}

/* An operation begins with its first access, and ends after its last. */
static void operate(const struct quota2_op *op)
{
	struct record r = { .op = *op };

	thread[current].begins = running;
	thread[current].began = running ? 0 : clock_now++;
	r.result = credit_do(op);
	stop_at(NULL, END);
	r.began = thread[current].began;
	r.ended = clock_now++;
	record[records++] = r;
}

static void thread_main(void)
{
	unsigned int n, me = current;

	for (n = 0; n < program->ops[me]; ++n)
		operate(&program->op[me][n]);
	thread[me].finished = true;
	_longjmp(scheduler, 1);
}

static noinline void resume(unsigned int t)
{
	current = t;
	if (_setjmp(scheduler))
		return;
	if (thread[t].started)
		_longjmp(thread[t].at, 1);
	thread[t].started = true;
	setcontext(&thread[t].context);
}

static noinline void prepare(struct thread *t, char *stack)
{
	getcontext(&t->context);
	t->context.uc_stack.ss_sp = stack;
	t->context.uc_stack.ss_size = STACK_SIZE;
	t->context.uc_link = NULL;
}

static void start(void)
{
	unsigned int n;

	running = false;
	records = clock_now = told = 0;
	host_cpus = program->cpus;
	credit.slot = slots;
	quota2_credit_init(&credit, program->quota, program->cpus);
	credit.shift = 1;	/* shares of small numbers */
	for (n = 0; program->warm && n < host_cpus; ++n)
		operate(&(struct quota2_op){ TAKE, n, program->warm });
	running = true;
	for (n = 0; n < program->threads; ++n) {
		thread[n].finished = thread[n].started = false;
		makecontext(&thread[n].context, thread_main, 0);
		resume(n);
	}
}

/* ---- is there an order that explains it? */

static bool explain(u64 quota, unsigned int left)
{
	unsigned int i, j;

	if (!left)
		return true;
	for (i = 0; i < records; ++i) {
		u64 q = quota;

		if (!(left & (1U << i)))
			continue;
		for (j = 0; j < records; ++j)
			if ((left & (1U << j)) && record[j].ended < record[i].began)
				break;
		if (j < records)
			continue;	/* another one has to be before */
		if (spec_do(&q, &record[i].op) == record[i].result &&
		    explain(q, left & ~(1U << i)))
			return true;
	}
	return false;
}

/* At rest: what is known is so, and who came to 0 has been told. */
static bool at_rest(u64 quota)
{
	unsigned int n, refills = 0;

	if (credit.open || credit.lock.held)
		return false;
	if (credit.known.value != (s64)quota)
		return false;
	for (n = 0; n < records; ++n) {
		enum quota2_kind kind = record[n].op.kind;

		if (kind == SET || kind == SUB)
			return true;	/* 0 may have been written */
		refills += kind == GROW || kind == ADD;
	}
	return told <= 1 + refills && (quota || !program->quota || told);
}

static bool good(void)
{
	unsigned int n;

	running = false;
	operate(&(struct quota2_op){ READ, 0, 0 });
	for (n = 0; n < records; ++n) {
		if (record[n].op.kind == NAIVE_READ)
			record[n].op.kind = READ;
		if (record[n].op.kind == NAIVE_PEEK)
			record[n].op.kind = PEEK;
	}
	return explain(program->quota, (1U << records) - 1) &&
	       at_rest(record[records - 1].result);
}

/* ---- the search */

struct node {
	unsigned int enabled, asleep, chosen;
	struct access next[THREADS_MAX];
};

static struct node node[DEPTH_MAX];

static bool independent(const struct access *a, const struct access *b)
{
	/* whether one operation ended before another began */
	if ((a->begins && b->touch == END) || (b->begins && a->touch == END))
		return false;
	if (!a->word || a->word != b->word)
		return true;
	return a->touch == LOAD && b->touch == LOAD;
}

static void look(struct node *here)
{
	unsigned int n;

	here->enabled = 0;
	for (n = 0; n < program->threads; ++n) {
		here->next[n] = thread[n].next;
		if (thread[n].finished)
			continue;
		/* waits for the lock; who holds it may go on to give it back */
		if (thread[n].next.word == &credit.lock && credit.lock.held &&
		    credit.lock.held != 1 + (int)n)
			continue;
		here->enabled |= 1U << n;
	}
}

/* Who sleeps on: what was tried before, and does not mind what is done now. */
static unsigned int sleep_on(const struct node *parent)
{
	unsigned int n, asleep = 0;

	for (n = 0; n < program->threads; ++n)
		if ((parent->asleep & (1U << n)) &&
		    independent(&parent->next[n], &parent->next[parent->chosen]))
			asleep |= 1U << n;
	return asleep;
}

/* One run along node[0..depth), and on to its end, or until all sleep. Its length */
static unsigned int run(unsigned int depth)
{
	unsigned int d;

	start();
	for (d = 0; ; ++d) {
		struct node *here = &node[d];
		unsigned int ready;

		if (d == DEPTH_MAX)
			abort();
		if (d >= depth) {
			look(here);
			if (!here->enabled)
				return d;
			here->asleep = d ? sleep_on(&node[d - 1]) : 0;
			ready = here->enabled & ~here->asleep;
			if (!ready) {
				++pruned;
				return d;
			}
			here->chosen = __builtin_ctz(ready);
		}
		resume(here->chosen);
	}
}

static bool all_finished(void)
{
	unsigned int n;

	for (n = 0; n < program->threads; ++n)
		if (!thread[n].finished)
			return false;
	return true;
}

/* Back to the last choice that had another way. Depth to run to; 0: none */
static unsigned int back(unsigned int depth)
{
	while (depth) {
		struct node *last = &node[depth - 1];
		unsigned int ready;

		last->asleep |= 1U << last->chosen;
		ready = last->enabled & ~last->asleep;
		if (ready) {
			last->chosen = __builtin_ctz(ready);
			return depth;
		}
		--depth;
	}
	return 0;
}

/* All orders of a program: true if each has an explanation */
static bool explore(const struct program *p)
{
	unsigned int depth = 0, length;
	unsigned long before = pruned;

	program = p;
	do {
		length = run(depth);
		++runs;
		if (pruned == before && (!all_finished() || !good()))
			return false;
		before = pruned;
		depth = back(length);
	} while (depth);
	return true;
}

/* ---- programs */

static unsigned int failed, programs;

static void show(const struct program *p)
{
	static const char *const name[] = {
		"take", "peek", "grow", "read", "set", "add", "sub",
	};
	unsigned int t, n;

	printf("not ok unit/quota2_model: quota %llu, warm %llu, %u CPUs:",
	       (unsigned long long)p->quota, (unsigned long long)p->warm, p->cpus);
	for (t = 0; t < p->threads; ++t) {
		printf(" |");
		for (n = 0; n < p->ops[t]; ++n)
			printf(" %s(%llu)@%u", name[p->op[t][n].kind],
			       (unsigned long long)p->op[t][n].n, p->op[t][n].slot);
	}
	printf(" (expected an order that explains:");
	for (n = 0; n < records; ++n)
		printf(" %s(%llu)=%llu[%u,%u]", name[record[n].op.kind],
		       (unsigned long long)record[n].op.n,
		       (unsigned long long)record[n].result, record[n].began,
		       record[n].ended);
	printf(", told %u)\n", told);
}

static void check(const struct program *p)
{
	++programs;
	if (explore(p))
		return;
	if (++failed < 10)
		show(p);
}

static const struct quota2_op alphabet[] = {
	{ TAKE, 0, 1 }, { TAKE, 0, 3 }, { PEEK, 0, 2 }, { GROW, 0, 2 },
	{ READ, 0, 0 }, { SET, 0, 2 }, { SUB, 0, 2 },
};

#define LETTERS		(sizeof(alphabet) / sizeof(alphabet[0]))

/* How a program begins: quota and what is taken of it on each slot */
static const struct {
	u64 quota, warm;
} beginnings[] = {
	{ 0, 0 }, { 2, 0 }, { 4, 0 }, { 8, 1 }, { 13, 1 }, { 3, 1 },
};

#define BEGINNINGS	(sizeof(beginnings) / sizeof(beginnings[0]))

static struct program begin(unsigned int b, unsigned int cpus,
			    unsigned int threads)
{
	return (struct program){
		.quota = beginnings[b].quota, .warm = beginnings[b].warm,
		.cpus = cpus, .threads = threads,
	};
}

static void place(struct program *p, unsigned int t, unsigned int n,
		  unsigned int letter, unsigned int slot)
{
	p->op[t][n] = alphabet[letter];
	p->op[t][n].slot = slot;
	if (p->ops[t] <= n)
		p->ops[t] = n + 1;
}

/* Three threads, an operation each, on two CPUs: two threads share a slot */
static void three_threads(unsigned int b)
{
	unsigned int i, j, k;

	for (i = 0; i < LETTERS; ++i)
		for (j = 0; j < LETTERS; ++j)
			for (k = j; k < LETTERS; ++k) {
				struct program p = begin(b, 2, 3);

				place(&p, 0, 0, i, 0);
				place(&p, 1, 0, j, 1);
				place(&p, 2, 0, k, 1);
				check(&p);
			}
}

/* Two threads, two operations each */
static void two_threads(unsigned int b)
{
	const unsigned int letters = LETTERS;
	unsigned int n;

	for (n = 0; n < letters * letters * letters * letters; ++n) {
		struct program p = begin(b, 2, 2);

		place(&p, 0, 0, n % letters, 0);
		place(&p, 0, 1, n / letters % letters, 0);
		place(&p, 1, 0, n / letters / letters % letters, 1);
		place(&p, 1, 1, n / letters / letters / letters, 1);
		check(&p);
	}
}

/* Three CPUs: credits are gathered while two others use theirs */
static void three_cpus(unsigned int b)
{
	unsigned int i, j, k;

	for (i = 0; i < LETTERS; ++i)
		for (j = 0; j < LETTERS; ++j)
			for (k = 0; k < LETTERS; ++k) {
				struct program p = begin(b, 3, 3);

				place(&p, 0, 0, i, 0);
				place(&p, 1, 0, j, 1);
				place(&p, 2, 0, k, 2);
				check(&p);
			}
}

/* If the search did not find these, its silence would mean nothing. */
static void finds(const char *what, const struct program *p)
{
	if (!explore(p))
		return;
	++failed;
	printf("not ok unit/quota2_model: %s is found out\n", what);
}

static void teeth(void)
{
	static const struct program sum = {
		.quota = 32, .warm = 1, .cpus = 2, .threads = 2, .ops = { 1, 2 },
		.op = { { { NAIVE_READ, 0, 0 } },
			{ { TAKE, 0, 1 }, { TAKE, 1, 2 } } },
	};
	static const struct program undo = {
		.quota = 8, .warm = 1, .cpus = 2, .threads = 2, .ops = { 1, 1 },
		.op = { { { NAIVE_PEEK, 0, 9 } }, { { TAKE, 1, 4 } } },
	};

	finds("a sum over slots that change", &sum);
	finds("taking and giving back", &undo);
}

int main(void)
{
	unsigned int n;

	for (n = 0; n < THREADS_MAX; ++n)
		prepare(&thread[n], stacks[n]);
	teeth();
	for (n = 0; n < BEGINNINGS; ++n) {
		three_threads(n);
		two_threads(n);
		three_cpus(n);
	}
	if (!failed)
		printf("ok unit/quota2_model: %u programs, %lu orders, all explained\n",
		       programs, runs - pruned);
	return failed != 0;
}
