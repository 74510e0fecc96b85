/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_fuzzy_accept - the curve of the fuzzy logic controller
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 *
 * Two fuzzy sets, "low" and "high", share the interval between the limits; a
 * rate's membership in "low" falls from 1 at the lower limit to 0 at the upper
 * one, and is the part of the packets that is let through:
 *
 *	accepted
 *	100 % ------.
 *	             `.
 *	               `.
 *	  1 %            `--------
 *	          lower   upper      rate
 *
 * One in a hundred gets through at any rate, so that a flood does not end all.
 */
#ifndef _XT_FUZZY_ACCEPT_H
#define _XT_FUZZY_ACCEPT_H

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <linux/types.h>
#define div64_u64(dividend, divisor) ((dividend) / (divisor))
#endif

#define FUZZY_ACCEPT_ALL	10000U
#define FUZZY_ACCEPT_LEAST	100U

/**
 * fuzzy_accept - part of the packets to let through
 * @rate:  packets per second
 * @lower: lower limit
 * @upper: upper limit, more than @lower, at most XT_FUZZY_UPPER_MAX
 *
 * Return: ten-thousandths, FUZZY_ACCEPT_LEAST to FUZZY_ACCEPT_ALL.
 */
static inline __u32 fuzzy_accept(__u64 rate, __u32 lower, __u32 upper)
{
	__u32 least = FUZZY_ACCEPT_LEAST, share, part, span;

	if (rate <= lower)
		return FUZZY_ACCEPT_ALL;
	if (rate >= upper)
		return least;
	/* 32 bits are enough for the product below this span */
	part = upper - (__u32)rate;
	span = upper - lower;
	if (span > 400000) {
		part /= 32;
		span /= 32;
	}
	share = part * FUZZY_ACCEPT_ALL / span;
	return share > least ? share : least;
}

#define FUZZY_NS_PER_SEC	1000000000ULL

/**
 * fuzzy_rate - what is measured
 * @packets: counted since the last measurement, the one that measures included
 * @ns:      that have passed since
 *
 * Every packet behind the interval measures. So where @ns are many, all but the last came
 * within the interval, before a silence. That silence counts: were it a reason to forget
 * them, whoever sends in pulses shorter than the interval would never be over a limit.
 *
 * Return: packets per second.
 */
static inline __u64 fuzzy_rate(__u64 packets, __u64 ns)
{
	return div64_u64(packets * FUZZY_NS_PER_SEC, ns ? ns : 1);
}

/* The most packets that match before one is let through over the upper limit */
#define FUZZY_SKIP_MAX	(2 * (FUZZY_ACCEPT_ALL / FUZZY_ACCEPT_LEAST - 1))

/**
 * fuzzy_skip - packets that match before the next one is let through
 * @random: number that is drawn for it
 *
 * So FUZZY_ACCEPT_LEAST of FUZZY_ACCEPT_ALL packets are let through in the mean, and no
 * number has to be drawn for the others.
 *
 * Return: 0 to FUZZY_SKIP_MAX, each as often as any other.
 */
static inline __u32 fuzzy_skip(__u32 random)
{
	return (__u64)random * (FUZZY_SKIP_MAX + 1) >> 32;
}

/**
 * fuzzy_due - whether it is time to measure
 * @now:      the lower 32 bits of jiffies
 * @last:     those of the last measurement, read before @now
 * @interval: ticks between two of them
 *
 * Not by time_after(): behind a silence of 2^31 ticks, which is 25 days at 1000 Hz,
 * that would say no for as long again.
 *
 * Return: true after any silence, but for one interval every 2^32 ticks.
 */
static inline bool fuzzy_due(__u32 now, __u32 last, __u32 interval)
{
	return now - last >= interval;
}

#endif /* _XT_FUZZY_ACCEPT_H */
