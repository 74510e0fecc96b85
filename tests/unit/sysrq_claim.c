// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysrq_claim - several requests at the same time: each number has one owner
 *
 * The atomic operations are played here, with another request between any two
 * of them: it is carried out there from beginning to end.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <linux/types.h>

#define MOST	4	/* numbers are 0 to MOST */
#define OTHERS	2	/* requests that come in between */
#define STEPS	6	/* operations before one of which they come */

typedef __s64 s64;
typedef struct {
	s64 counter;
} atomic64_t;

static void step(void);

static inline s64 atomic64_read(const atomic64_t *v)
{
	s64 value;

	step();
	value = v->counter;
	return value;
}

static inline bool atomic64_try_cmpxchg(atomic64_t *v, s64 *old, s64 new)
{
	step();
	if (v->counter != *old) {
		*old = v->counter;
		return false;
	}
	v->counter = new;
	return true;
}

static inline void atomic64_set(atomic64_t *v, s64 value)
{
	step();
	v->counter = value;
}

#include "xt_SYSRQ_claim.h"	/* what is tested */

static atomic64_t last;
static unsigned int owners[MOST + 1], steps;
static struct other {
	unsigned int at;	/* step */
	s64 number;
} others[OTHERS];

static void request(s64 number)
{
	if (number > atomic64_read(&last) && sysrq_claim(&last, number))
		++owners[number];
}

static void step(void)
{
	unsigned int now = steps++, i;

	for (i = 0; i < OTHERS; ++i)
		if (others[i].at == now)
			request(others[i].number);
}

static bool is_right(s64 first, s64 number)
{
	s64 most = number, n;
	unsigned int i;

	for (i = 0; i < OTHERS; ++i)
		if (others[i].at < steps && others[i].number > most)
			most = others[i].number;
	for (n = 0; n <= MOST; ++n)
		if (owners[n] > 1 || (owners[n] && n <= first))
			return false;
	return most <= first ? last.counter == first :
	       last.counter == most && owners[most] == 1;
}

static bool one(s64 first, s64 number)
{
	memset(owners, 0, sizeof(owners));
	steps = 0;
	last.counter = first;
	request(number);
	if (is_right(first, number))
		return true;
	printf("not ok unit/sysrq_claim: last %lld, number %lld, %lld at %u, %lld at %u (expected one owner of each, last %lld)\n",
	       (long long)first, (long long)number, (long long)others[0].number, others[0].at,
	       (long long)others[1].number, others[1].at, (long long)last.counter);
	return false;
}

int main(void)
{
	unsigned int passed = 0, failed = 0, i;

	/* all numbers and moments, as the digits of one number */
	for (i = 0; i < STEPS * STEPS * 625; ++i) {
		others[0] = (struct other){ i / 625 % STEPS, i / 25 % 5 };
		others[1] = (struct other){ i / 625 / STEPS, i / 125 % 5 };
		if (one(i % 5, i / 5 % 5))
			++passed;
		else if (++failed == 5)
			break;
	}
	if (!failed)
		printf("ok unit/sysrq_claim: %u interleavings\n", passed);
	return failed != 0;
}
