// SPDX-License-Identifier: GPL-2.0-only
/* fuzzy - the curve of the controller: limits, slope, and no step anywhere; its clock */
#include <stdio.h>
#include <stdlib.h>

#include "xt_fuzzy.h"
#include "xt_fuzzy_accept.h"

static unsigned int failed, passed;

static void expect(const char *what, __u64 rate, __u32 lower, __u32 upper,
		   double expected, double tolerance)
{
	double actual = fuzzy_accept(rate, lower, upper);

	if (actual >= expected - tolerance && actual <= expected + tolerance) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: %s: %llu of %u to %u (expected %.1f, got %.0f)\n",
	       what, (unsigned long long)rate, lower, upper, expected, actual);
}

/* Real numbers, and one in a hundred at least */
static double curve(double rate, double lower, double upper)
{
	double share = 10000 * (upper - rate) / (upper - lower);

	if (share > 10000)
		return 10000;
	return share > 100 ? share : 100;
}

static void known(void)
{
	expect("idle", 0, 1000, 2000, 10000, 0);
	expect("lower limit", 1000, 1000, 2000, 10000, 0);
	expect("one over it", 1001, 1000, 2000, 9990, 0);
	expect("a quarter", 1250, 1000, 2000, 7500, 0);
	expect("half", 1500, 1000, 2000, 5000, 0);
	expect("nearly all", 1989, 1000, 2000, 110, 0);
	expect("one before the floor", 1990, 1000, 2000, 100, 0);
	expect("floor", 1999, 1000, 2000, 100, 0);
	expect("upper limit", 2000, 1000, 2000, 100, 0);
	expect("over it", 2001, 1000, 2000, 100, 0);
	expect("more than 32 bits", 1ULL << 33, 1000, 2000, 100, 0);
	expect("narrowest", 3, 3, 4, 10000, 0);
	expect("narrowest", 4, 3, 4, 100, 0);
}

static void everywhere(void)
{
	__u32 lower, upper, rate;
	unsigned int n;

	srand(1);
	for (n = 0; n < 500000 && failed < 10; ++n) {
		lower = XT_FUZZY_LOWER_MIN + rand() % (XT_FUZZY_UPPER_MAX - XT_FUZZY_LOWER_MIN);
		upper = lower + 1 + rand() % (XT_FUZZY_UPPER_MAX - lower);
		if (n % 2)
			upper = lower + 1 + (upper - lower - 1) % 500000;
		if (upper > XT_FUZZY_UPPER_MAX)
			upper = XT_FUZZY_UPPER_MAX;
		rate = rand() % (XT_FUZZY_UPPER_MAX + 1000);
		if (n % 4)
			rate = lower + rate % (upper - lower + 1);
		expect("anywhere", rate, lower, upper, curve(rate, lower, upper), 2);
	}
}

static void due(const char *what, bool expected, __u32 last, __u32 silence)
{
	if (fuzzy_due(last + silence, last, 100) == expected) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: %s: due %u ticks after %u (expected %d)\n", what, silence,
	       last, expected);
}

/* Whatever jiffies are, and however long there was silence */
static void clocks(void)
{
	static const __u32 lasts[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffff9c, 0xffffffff };
	unsigned int i;

	for (i = 0; i < sizeof(lasts) / sizeof(*lasts); ++i) {
		due("at once", false, lasts[i], 0);
		due("one before", false, lasts[i], 99);
		due("the interval", true, lasts[i], 100);
		due("one after", true, lasts[i], 101);
		due("before half of the clock", true, lasts[i], 0x7fffffff);
		due("half of the clock", true, lasts[i], 0x80000000);
		due("more than half of it", true, lasts[i], 0x80000080);
		due("nearly all of it", true, lasts[i], 0xffffffff);
	}
}

static void skip(const char *what, __u32 random, __u32 expected)
{
	if (fuzzy_skip(random) == expected) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: %s: skips %u (expected %u)\n", what, fuzzy_skip(random),
	       expected);
}

static void rate(const char *what, __u64 packets, __u64 ns, __u64 expected)
{
	__u64 actual = fuzzy_rate(packets, ns);

	if (actual == expected) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: %s: %llu packets in %llu ns (expected %llu a second, got %llu)\n",
	       what, (unsigned long long)packets, (unsigned long long)ns,
	       (unsigned long long)expected, (unsigned long long)actual);
}

static void rates(void)
{
	rate("the interval", 100, 100000000, 1000);
	rate("a clock that stands", 5, 0, 5000000000ULL);
	rate("rounded down", 2, 300000000, 6);
	rate("bursts, a fourth of a second apart", 1000, 250000000, 4000);
	rate("one before a second", 100000, 999999999, 100000);
	rate("a second", 100000, 1000000000, 100000);
	rate("a minute behind a flood", 100000, 60000000000ULL, 1666);
	rate("a month behind it", 100000000, 2592000000000000ULL, 38);
	rate("more than 32 bits", 100000, (1ULL << 32) * 3 + 100000000, 7701);
	rate("a flood of all links", 1ULL << 34, 999999999, 17179869201ULL);
}

/*
 * A flood that comes in pulses, each over before it is measured: of what is sent no more
 * than the upper limit is let through in the mean, but for the first pulse.
 */
static void pulses(unsigned int pulse_ms, unsigned int period_ms)
{
	const __u32 lower = 1000, upper = 2000, per_ms = 100, periods = 40;
	__u64 ms, n, counted = 0, start = 0, sent = 0, let = 0;
	__u64 part = FUZZY_ACCEPT_ALL, last = 0, mean;

	for (ms = 1; ms < (__u64)periods * period_ms; ++ms) {
		if (ms % period_ms >= pulse_ms)
			continue;
		for (n = 0; n < per_ms; ++n) {
			++sent;
			if (fuzzy_due(ms, last, 100)) {
				part = fuzzy_accept(fuzzy_rate(sent - counted,
							       (ms - start) * 1000000),
						    lower, upper);
				start = ms;
				counted = sent;
				last = ms;
			}
			if (ms > period_ms)
				let += part;
		}
	}
	mean = let * 1000 / FUZZY_ACCEPT_ALL / ((__u64)(periods - 1) * period_ms);
	if (mean <= upper + upper / 10) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: pulses of %u ms every %u ms: %llu a second are let through (expected %u at most)\n",
	       pulse_ms, period_ms, (unsigned long long)mean, upper + upper / 10);
}

static void pulsed(void)
{
	static const unsigned int periods[] = { 100, 150, 300, 900, 1000, 1100, 2000, 5000, 20000 };
	unsigned int i;

	for (i = 0; i < sizeof(periods) / sizeof(*periods); ++i) {
		pulses(95, periods[i]);
		pulses(40, periods[i]);
		pulses(99, periods[i]);
	}
}

/* Over the upper limit one in a hundred is let through. */
static void skips(void)
{
	__u64 sum = 0;
	__u32 n;

	skip("the least", 0, 0);
	skip("one more", 0x0149539f, 1);	/* 2^32 / 199, rounded up */
	skip("not yet", 0x0149539e, 0);
	skip("the largest", 0xffffffff, 198);
	for (n = 0; n < 1990000; ++n)
		sum += 1 + fuzzy_skip((__u64)n * (1ULL << 32) / 1990000);
	if (sum >= 1990000ULL * 100 - 10000 && sum <= 1990000ULL * 100 + 10000) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/fuzzy: packets for each that is let through (expected 100, got %.3f)\n",
	       sum / 1990000.0);
}

int main(void)
{
	known();
	skips();
	rates();
	pulsed();
	clocks();
	everywhere();
	if (!failed)
		printf("ok unit/fuzzy: %u rates and times\n", passed);
	return failed != 0;
}
