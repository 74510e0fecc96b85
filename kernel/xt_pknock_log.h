/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_pknock_log - no authenticated knock is accepted twice
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 *
 * A knock is known by its digest, whichever rule accepted it: the log is that
 * of all rules of a namespace, so one knock opens one door. The log holds the
 * knocks that were accepted. When it is full, the one of the
 * earliest minute is forgotten, and from then on no knock of that minute, or
 * of an earlier one, is accepted from anybody. So a replay is refused however
 * old it is, and however the clock was set meanwhile, with a log of fixed
 * size: the price is that more than PKNOCK_LOG_LEN knocks within the three
 * minutes in which a knock is valid are not all accepted.
 */
#ifndef _XT_PKNOCK_LOG_H
#define _XT_PKNOCK_LOG_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#define PKNOCK_LOG_LEN	1024U

/* How soon a sender may knock again */
enum pknock_gap {
	PKNOCK_NO_GAP,
	PKNOCK_OPEN_GAP = 60,	/* seconds from one accepted knock to the next */
};

/**
 * struct pknock_logged - a knock that was accepted
 * @digest: the knock: part of an HMAC
 * @who:    sender, name and purpose, as one number
 * @when:   second of its acceptance, by a clock that nobody sets
 * @minute: the minute that it was made for
 */
struct pknock_logged {
	__u64 digest;
	__u64 who;
	__u64 when;
	__u32 minute;
};

/**
 * struct pknock_log - knocks that were accepted; zero to begin with
 * @floor: first minute of which knocks are accepted
 * @len:   entries in use
 * @entry: in no order
 */
struct pknock_log {
	__u64 floor;
	unsigned int len;
	struct pknock_logged entry[PKNOCK_LOG_LEN];
};

/* The place for one more: unused, or that of the earliest minute. */
static inline struct pknock_logged *pknock_log_room(struct pknock_log *log,
						    __u32 minute)
{
	struct pknock_logged *least = &log->entry[0];
	unsigned int i;

	if (log->len < PKNOCK_LOG_LEN)
		return &log->entry[log->len++];
	for (i = 1; i < log->len; ++i)
		if (log->entry[i].minute < least->minute)
			least = &log->entry[i];
	if (least->minute >= minute) {	/* the new one is the earliest */
		log->floor = (__u64)minute + 1;
		return NULL;
	}
	log->floor = (__u64)least->minute + 1;
	return least;
}

/**
 * pknock_log_first - the first minute of which knocks are no replays
 * @now: seconds since 1970
 * @age: seconds since the log began, by a clock that nobody sets
 *
 * What was accepted before the log began is not in it. It was made for the
 * minute after that at the latest. The clock may have been set since: all is
 * told by the clock as it is now.
 *
 * Return: that minute.
 */
static inline __s64 pknock_log_first(__s64 now, __s64 age)
{
	/* a second more, as the two do not tick at the same time */
	__s64 began = now - age + 1;

	return began < 0 ? 0 : (__s64)((__u32)began / 60) + 2;
}

/**
 * pknock_log_accept - accept a knock, if it is the first of its kind
 * @log:    what was accepted before; the caller keeps others out
 * @digest: the knock: part of an HMAC
 * @who:    sender, name and purpose, as one number
 * @minute: the minute that it was made for
 * @now:    second, by a clock that nobody sets
 * @gap:    seconds that have to pass since the last one of @who: enum pknock_gap
 *
 * Return: true if it is accepted, and will not be again.
 */
static inline bool pknock_log_accept(struct pknock_log *log, __u64 digest,
				     __u64 who, __u32 minute, __u64 now,
				     __u32 gap)
{
	struct pknock_logged *e;
	unsigned int i;

	if (minute < log->floor)
		return false;
	for (i = 0; i < log->len; ++i) {
		e = &log->entry[i];
		if (e->digest == digest || (e->who == who && now - e->when < gap))
			return false;
	}
	e = pknock_log_room(log, minute);
	if (e) {
		e->digest = digest;
		e->who = who;
		e->when = now;
		e->minute = minute;
	}
	return true;
}

#endif /* _XT_PKNOCK_LOG_H */
