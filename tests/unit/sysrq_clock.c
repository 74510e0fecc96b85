// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysrq_clock - nothing that was accepted once is accepted again, over reboots
 *
 * A machine boots again and again, with a clock that is right, that begins in 1970
 * and is set later, or that is set back and forth. Senders have clocks of their own.
 * Somebody overhears all requests that are accepted, and tries each of them again
 * at every second.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_SYSRQ_clock.h"

#define EPOCH	1800000000LL	/* the true time is this and @time */
#define BOOTS	40
#define RUN	500		/* seconds at most that the machine runs */
#define SLACK	60

static unsigned int failed, passed;

static void expect(const char *what, __s64 expected, __s64 actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	if (++failed < 20)
		printf("not ok unit/sysrq_clock: %s (expected %lld, got %lld)\n", what,
		       (long long)expected, (long long)actual);
}

/* Whether the machine accepts a number: what xt_SYSRQ.c does with one */
static bool accept(const struct sysrq_clock *clock, __s64 *last, __s64 seqno)
{
	if (seqno <= *last || seqno <= sysrq_clock_floor(clock) ||
	    sysrq_clock_too_far(clock, seqno))
		return false;
	*last = seqno;
	return true;
}

static __s64 heard[BOOTS * RUN];
static unsigned int heard_count;

/* Nobody is there but the one who overheard it all. */
static void replay(const struct sysrq_clock *clock, const __s64 *last)
{
	unsigned int i;

	for (i = 0; i < heard_count; ++i) {
		__s64 copy = *last;

		if (accept(clock, &copy, heard[i])) {
			expect("accepted again", 0, heard[i] - EPOCH);
			return;
		}
	}
	++passed;
}

/* One run of the machine; the module's clocks tick at different moments. */
static __s64 boot(__s64 time, bool from_1970)
{
	__s64 last = -1, loaded = time, until = time + 2 + rand() % RUN;
	__s64 known = from_1970 ? time + rand() % RUN : time;
	unsigned int late = rand() % 2;
	struct sysrq_clock clock = { .slack = SLACK };

	for (; time < until; ++time) {
		clock.now = time < known ? time - loaded : EPOCH + time;
		clock.age = time - loaded + late;
		replay(&clock, &last);
		/* senders are up to two minutes off */
		if (rand() % 16 == 0) {
			__s64 seqno = EPOCH + time - 120 + rand() % 241;

			if (accept(&clock, &last, seqno)) {
				expect("not while the time is not known", true, time >= known);
				heard[heard_count++] = seqno;
			}
		}
	}
	return time;
}

static void boots(unsigned int seed, unsigned int in_1970)
{
	__s64 time = 0;
	unsigned int i;

	srand(seed);
	heard_count = 0;
	for (i = 0; i < BOOTS; ++i)
		/* a module that is loaded anew begins in the same second */
		time = boot(time, in_1970 && rand() % in_1970 == 0) +
		       (rand() % 4 ? 0 : rand() % 90);
	expect("requests are accepted", true, heard_count > 10);
}

/* The limits, one at a time */
static void limits(void)
{
	struct sysrq_clock clock = { .now = EPOCH + 100, .age = 100, .slack = SLACK };
	__s64 last = -1;

	expect("the floor", EPOCH + SLACK + 1, sysrq_clock_floor(&clock));
	expect("at the slack", false, sysrq_clock_too_far(&clock, EPOCH + 100 + SLACK));
	expect("a second more", true, sysrq_clock_too_far(&clock, EPOCH + 101 + SLACK));
	expect("at the floor", false, accept(&clock, &last, EPOCH + SLACK + 1));
	expect("above the floor", true, accept(&clock, &last, EPOCH + SLACK + 2));
	clock.slack = 0;
	expect("no slack: now", false, sysrq_clock_too_far(&clock, EPOCH + 100));
	expect("no slack: a second later", true, sysrq_clock_too_far(&clock, EPOCH + 101));
	clock.slack = SYSRQ_SLACK_NONE;
	expect("no clock", false, sysrq_clock_too_far(&clock, 0x7fffffffffffffffLL));
	expect("no clock: begins at loading", EPOCH + 1, sysrq_clock_floor(&clock));
	clock = (struct sysrq_clock){ .now = -5, .age = 3, .slack = SYSRQ_SLACK_MAX };
	expect("before 1970", SYSRQ_SLACK_MAX - 7, sysrq_clock_floor(&clock));
}

/* In the second after the slack whose clock is right gets in, and not before. */
static void wait(void)
{
	struct sysrq_clock clock = { .slack = SLACK };
	__s64 last = -1, first = -1;

	for (clock.age = 0; clock.age < 200 && first < 0; ++clock.age) {
		clock.now = EPOCH + clock.age;
		if (accept(&clock, &last, clock.now))
			first = clock.age;
	}
	expect("seconds until senders are heard", SLACK + 2, first);
}

int main(void)
{
	unsigned int seed;

	limits();
	wait();
	for (seed = 0; seed < 4; ++seed) {
		boots(seed, 0);
		boots(seed, 1);
		boots(seed, 3);
	}
	if (!failed)
		printf("ok unit/sysrq_clock: %u checks\n", passed);
	return failed != 0;
}
