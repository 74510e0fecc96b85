/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_SYSRQ_clock - which sequence numbers the machine's clock allows
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 *
 * Sequence numbers are times. What was accepted before the module was loaded,
 * in an earlier boot perhaps, is not known any more, but none of it was more
 * than the slack ahead of the clock. So numbers begin where the time of loading
 * and the slack end, and none accepted before is good again.
 *
 * The time of loading is told by the clock as it is now: a machine that begins
 * in 1970 and learns the time later was loaded a minute before that, not
 * decades. Until it learns the time, requests are too far ahead.
 */
#ifndef _XT_SYSRQ_CLOCK_H
#define _XT_SYSRQ_CLOCK_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* The slack of a machine whose clock says nothing */
#define SYSRQ_SLACK_NONE	(-1)

/* A week: beyond that a clock is wrong */
#define SYSRQ_SLACK_MAX		604800

/**
 * struct sysrq_clock - what the clocks say when a request comes
 * @now:   seconds since 1970
 * @age:   seconds since the module was loaded, by a clock that nobody sets
 * @slack: seconds that a sender may be ahead, or %SYSRQ_SLACK_NONE
 */
struct sysrq_clock {
	__s64 now;
	__s64 age;
	__s64 slack;
};

/**
 * sysrq_clock_floor - the last number that may have been accepted before loading
 * @clock: what the clocks say
 *
 * Without a slack there is no such number: the time of loading is as good as any.
 * @now and @age are whole seconds, of clocks that do not tick at the same time:
 * a second is added for that.
 *
 * Return: a number that requests must exceed.
 */
static inline __s64 sysrq_clock_floor(const struct sysrq_clock *clock)
{
	__s64 slack = clock->slack == SYSRQ_SLACK_NONE ? 0 : clock->slack;

	return clock->now - clock->age + 1 + slack;
}

/**
 * sysrq_clock_too_far - whether a number is too far ahead of the clock
 * @clock: what the clocks say
 * @seqno: the number
 *
 * Return: true if it is refused.
 */
static inline bool sysrq_clock_too_far(const struct sysrq_clock *clock,
				       __s64 seqno)
{
	return clock->slack != SYSRQ_SLACK_NONE &&
	       seqno > clock->now + clock->slack;
}

#endif /* _XT_SYSRQ_CLOCK_H */
