/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_psd_detect - the port scan detector
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 *
 * How a scan is told from a crowd
 *
 * A source that has tried one port is a newcomer: 16 bytes. With its second
 * port it becomes a suspect, which remembers its ports and the sum of their
 * weights:
 *
 *	port 22		newcomer
 *	port 22		(nothing changes, however often)
 *	port 23		suspect, sum 6
 *	ports 24...28	sum 9, 12, 15, 18, 21: the threshold is reached, and the
 *			packet to port 28 matches
 *	port 23		counted before that: does not match
 *	ports 28, 29	match
 *	(delay)		forgotten
 *
 * So a verdict on a port stands, and the retransmission of a packet that was
 * dropped is dropped.
 *
 * Memory is fixed. Newcomers and suspects live in small sets, chosen by a keyed
 * hash of the source. Whoever is out of date makes room. Else, in a full set:
 *
 * - Half of the places for newcomers are kept until they are out of date, the
 *   others are overwritten. So a second port is noticed if it follows the first
 *   at once, and also if it comes much later, for some of the sources; a scanner
 *   is one of them sooner or later.
 * - No suspect gives way before it is out of date, unless nobody could be
 *   admitted to the set for a PSD_FORCE_PART of a delay; then each of them does in
 *   turn, and those that are not yet over the threshold are passed over
 *   PSD_SPARE times. So a flood of new sources admits only as many as go out of
 *   date, scanners among them, and leaves them all the time they want; and
 *   sources that try a port now and then, to stay, cannot keep others out.
 *
 * What a packet costs other CPUs
 *
 * A port that is known, and a source over the threshold, are read without a
 * lock, and nothing is written (of the latter, the time of the last new port is
 * brought up to date every PSD_RENEW_PART of a delay). A new port of a suspect
 * writes the suspect's first cache line, where its lock is, too. A newcomer is
 * one word. The cache line of a set that is read by all has no more than
 * the hashes of its suspects.
 *
 * Sources are known by a keyed 64-bit hash alone; 0 is an empty place. Times
 * are ticks of any clock, 32 bits of it, and 24 of newcomers (in units that are
 * some hundredths of the delay at most). What shows again after a wrap can
 * revive a source that was silent all the time: once in days, for the delay
 * only.
 */
#ifndef _XT_PSD_DETECT_H
#define _XT_PSD_DETECT_H

#include <linux/stddef.h>
#include <linux/types.h>

#include "xt_psd.h"

/* Elements of a set, powers of 2. */
#define PSD_NEWCOMERS	16
#define PSD_KEPT	8	/* of them, those that are not overwritten */
#define PSD_SUSPECTS	8

/* Matched ports that a suspect remembers, so that repeats are no new ports. */
#define PSD_MATCHED	16

/* Parts of the delay, see above. */
#define PSD_FORCE_PART	4
#define PSD_RENEW_PART	8

/* How often the turn passes over a suspect that is not over the threshold */
#define PSD_SPARE	3

/* A clock that was read a little earlier is not one that has gone round. */
#define PSD_LAG		4096U

/* A newcomer: 24 bits of the hash, 16 of the port, 24 of the time; 0: empty */
#define PSD_TIME_BITS	24
#define PSD_TIME_MASK	((1U << PSD_TIME_BITS) - 1)
#define PSD_PORT_SHIFT	PSD_TIME_BITS
#define PSD_TAG_SHIFT	(PSD_PORT_SHIFT + 16)

#define PSD_LINE	64	/* bytes: a suspect is a multiple of it */

/**
 * struct psd_params - a rule, as the detector wants it
 * @threshold: sum of weights that is a scan
 * @delay:     ticks after which a source without a new port is forgotten
 * @shift:     of ticks, to the units of newcomers
 * @lo:        weight of a port up to XT_PSD_LOW_PORT
 * @hi:        weight of the others
 * @room:      ports that a source can try without reaching the threshold
 * @size:      bytes of a suspect
 */
struct psd_params {
	__u32 threshold;
	__u32 delay;
	__u32 shift;
	__u32 lo;
	__u32 hi;
	__u32 room;
	__u32 size;
};

/**
 * struct psd_set - suspects whose hashes agree in some bits
 * @source: hash of each, or 0. Read without a lock; written with @lock and that
 *          of the suspect
 * @lock:   of admission: @source, @admitted, @hand, @spared
 * @admitted: time of the last admission
 * @hand:   suspect that is next in turn
 * @spared: how often each was passed over
 */
struct psd_set {
	__u64 source[PSD_SUSPECTS];

	spinlock_t lock;
	__u32 admitted;
	__u8 hand;
	__u8 spared[PSD_SUSPECTS];
} __aligned(PSD_LINE);

/**
 * struct psd_suspect - a source that tried at least two ports
 * @lock:    of all that follows; also read without it
 * @seen:    time of the last new port
 * @filter:  a bit of each element of @ports, see psd_bit()
 * @sum:     of weights; not raised further from the threshold on
 * @counted: elements of @ports in use
 * @matches: elements of psd_matched() in use; with one, the threshold was reached
 * @next:    element of psd_matched() to be used next
 * @ports:   ports tried below the threshold; behind them, those that matched, the
 *           last PSD_MATCHED ones
 */
struct psd_suspect {
	spinlock_t lock;
	__u32 seen;
	__u64 filter;
	__u16 sum;
	__u16 counted;
	__u8 matches;
	__u8 next;
	__u16 ports[];
};

/**
 * struct psd_place - where a source is looked for
 * @newcomers: PSD_NEWCOMERS words
 * @set:       with the hashes of the suspects
 * @suspects:  PSD_SUSPECTS elements of psd_params.size bytes
 */
struct psd_place {
	__u64 *newcomers;
	struct psd_set *set;
	void *suspects;
};

/**
 * psd_params_init - fill in what follows from a rule
 * @p:     filled
 * @info:  a valid rule
 * @delay: its delay in ticks, less than 2^17
 */
static inline void psd_params_init(struct psd_params *p,
				   const struct xt_psd_mtinfo *info, __u32 delay)
{
	__u32 least;

	p->threshold = info->weight_threshold;
	p->delay = delay;
	for (p->shift = 0; delay >> p->shift >= 512; )
		++p->shift;
	p->lo = info->lo_ports_weight;
	p->hi = info->hi_ports_weight;
	least = !p->lo || (p->hi && p->hi < p->lo) ? p->hi : p->lo;
	p->room = (p->threshold - 1) / least;
	if (p->room == 0)
		p->room = 1;	/* the first port never matches */
	p->size = offsetof(struct psd_suspect, ports) +
		  2 * (p->room + PSD_MATCHED);
	p->size = (p->size + PSD_LINE - 1) & ~(PSD_LINE - 1);
}

/**
 * psd_weight - what a port adds
 * @p:    rule
 * @port: destination port
 *
 * Return: weight, 0 for a port that does not count at all.
 */
static inline __u32 psd_weight(const struct psd_params *p, __u16 port)
{
	return port <= XT_PSD_LOW_PORT ? p->lo : p->hi;
}

/* Whether more than SPAN has passed; SEEN may be of a clock read later than NOW. */
static inline bool psd_is_past(__u32 seen, __u32 now, __u32 span)
{
	return now - seen > span && now - seen < -PSD_LAG;
}

static inline bool psd_is_over(const struct psd_params *p, __u32 seen, __u32 now)
{
	return psd_is_past(seen, now, p->delay);
}

/* ---- newcomers */

static inline __u64 psd_newcomer(const struct psd_params *p, __u64 source,
				 __u16 port, __u32 now)
{
	/* bits that do not choose the set, at least one of them set */
	return (source >> PSD_TAG_SHIFT | 1) << PSD_TAG_SHIFT |
	       (__u64)port << PSD_PORT_SHIFT |
	       ((now >> p->shift) & PSD_TIME_MASK);
}

static inline __u16 psd_newcomer_port(__u64 newcomer)
{
	return newcomer >> PSD_PORT_SHIFT;
}

static inline bool psd_newcomer_is_over(const struct psd_params *p,
					__u64 newcomer, __u32 now)
{
	__u32 age = ((now >> p->shift) - (__u32)newcomer) & PSD_TIME_MASK;

	return age > p->delay >> p->shift && age < PSD_TIME_MASK - PSD_LAG;
}

/* Where the source is, or PSD_NEWCOMERS */
static inline unsigned int psd_newcomer_find(const struct psd_params *p,
					     const __u64 *set, __u64 source)
{
	__u64 tag = source >> PSD_TAG_SHIFT | 1;
	unsigned int i;

	for (i = 0; i < PSD_NEWCOMERS; ++i)
		if (READ_ONCE(set[i]) >> PSD_TAG_SHIFT == tag)
			break;
	return i;
}

/* Without a lock: if two CPUs take the same place, one newcomer is forgotten. */
static inline void psd_newcomer_add(const struct psd_params *p, __u64 *set,
				    __u64 source, __u16 port, __u32 now)
{
	/* nobody can aim at the place that is overwritten */
	unsigned int to = PSD_KEPT + ((unsigned int)(source >> 48) + now) %
				     (PSD_NEWCOMERS - PSD_KEPT);
	unsigned int i;
	__u64 old;

	for (i = 0; i < PSD_NEWCOMERS; ++i) {
		old = READ_ONCE(set[i]);
		if (!old || psd_newcomer_is_over(p, old, now)) {
			to = i;
			break;
		}
	}
	WRITE_ONCE(set[to], psd_newcomer(p, source, port, now));
}

/* ---- suspects */

static inline struct psd_suspect *
psd_suspect_at(const struct psd_params *p, void *suspects, unsigned int i)
{
	return (struct psd_suspect *)((char *)suspects + i * p->size);
}

/* Where the source is, or PSD_SUSPECTS */
static inline unsigned int psd_suspect_find(struct psd_set *set, __u64 source)
{
	unsigned int i;

	for (i = 0; i < PSD_SUSPECTS; ++i)
		if (READ_ONCE(set->source[i]) == source)
			break;
	return i;
}

static inline __u16 *psd_matched(const struct psd_params *p, struct psd_suspect *s)
{
	return s->ports + p->room;
}

/* Neighbouring ports have bits of their own. */
static inline __u64 psd_bit(__u16 port)
{
	return 1ULL << ((port ^ port >> 6) & 63);
}

static inline bool psd_has(const __u16 *ports, unsigned int n, __u16 port)
{
	while (n--)
		if (READ_ONCE(ports[n]) == port)
			return true;
	return false;
}

static inline bool psd_is_counted(const struct psd_params *p,
				  struct psd_suspect *s, __u16 port)
{
	return READ_ONCE(s->filter) & psd_bit(port) &&
	       psd_has(s->ports, READ_ONCE(s->counted), port);
}

enum psd_verdict {
	PSD_PASS,
	PSD_MATCH,
	PSD_CHANGE,	/* the suspect must be changed */
	PSD_UNKNOWN,	/* it is another one, or out of date */
};

/* What can be said without a lock, and without writing */
static inline enum psd_verdict psd_suspect_read(const struct psd_params *p,
						struct psd_suspect *s,
						__u16 port, __u32 now)
{
	__u32 seen = READ_ONCE(s->seen);

	if (psd_is_over(p, seen, now))
		return PSD_UNKNOWN;
	if (psd_is_counted(p, s, port))
		return PSD_PASS;
	if (!READ_ONCE(s->matches))
		return PSD_CHANGE;
	if (!psd_is_past(seen, now, p->delay / PSD_RENEW_PART) ||
	    psd_has(psd_matched(p, s), READ_ONCE(s->matches), port))
		return PSD_MATCH;
	return PSD_CHANGE;
}

static inline void psd_suspect_init(const struct psd_params *p,
				    struct psd_suspect *s, __u16 port, __u32 now)
{
	WRITE_ONCE(s->seen, now);
	WRITE_ONCE(s->filter, psd_bit(port));
	WRITE_ONCE(s->ports[0], port);
	WRITE_ONCE(s->counted, 1);
	WRITE_ONCE(s->matches, 0);
	s->sum = psd_weight(p, port);
	s->next = 0;
}

/* A new port. Return: whether it matches. */
static inline bool psd_suspect_add(const struct psd_params *p,
				   struct psd_suspect *s, __u16 port, __u32 now)
{
	WRITE_ONCE(s->seen, now);
	if (!s->matches)
		s->sum += psd_weight(p, port);
	if (s->sum < p->threshold) {
		WRITE_ONCE(s->ports[s->counted], port);
		WRITE_ONCE(s->filter, s->filter | psd_bit(port));
		WRITE_ONCE(s->counted, s->counted + 1);
		return false;
	}
	WRITE_ONCE(psd_matched(p, s)[s->next], port);
	s->next = (s->next + 1) % PSD_MATCHED;
	if (s->matches < PSD_MATCHED)
		WRITE_ONCE(s->matches, s->matches + 1);
	return true;
}

/* With the lock; PSD_UNKNOWN: the source is forgotten, or was before. */
static inline enum psd_verdict
psd_suspect_write(const struct psd_params *p, const struct psd_place *at,
		  unsigned int i, __u64 source, __u16 port, __u32 now)
{
	struct psd_suspect *s = psd_suspect_at(p, at->suspects, i);
	enum psd_verdict verdict = PSD_UNKNOWN;

	spin_lock_bh(&s->lock);
	if (READ_ONCE(at->set->source[i]) == source &&
	    !psd_is_over(p, s->seen, now)) {
		if (psd_is_counted(p, s, port))
			verdict = PSD_PASS;
		else if (psd_has(psd_matched(p, s), s->matches, port))
			verdict = PSD_MATCH;
		else
			verdict = psd_suspect_add(p, s, port, now) ? PSD_MATCH :
								     PSD_PASS;
	}
	spin_unlock_bh(&s->lock);
	return verdict;
}

static inline enum psd_verdict
psd_suspect_probe(const struct psd_params *p, const struct psd_place *at,
		  unsigned int i, __u64 source, __u16 port, __u32 now)
{
	enum psd_verdict verdict;

	smp_rmb();	/* the hash before what is about its source */
	verdict = psd_suspect_read(p, psd_suspect_at(p, at->suspects, i), port, now);
	smp_rmb();	/* and still the same behind it */
	if (READ_ONCE(at->set->source[i]) != source)
		return PSD_UNKNOWN;
	if (verdict != PSD_CHANGE)
		return verdict;
	return psd_suspect_write(p, at, i, source, port, now);
}

/* ---- admission, with the lock of the set */

/* The place of another, in turn; PSD_SUSPECTS: it is too early */
static inline unsigned int psd_suspect_force(const struct psd_params *p,
					     const struct psd_place *at, __u32 now)
{
	struct psd_set *set = at->set;
	unsigned int i;

	if (!psd_is_past(set->admitted, now, p->delay / PSD_FORCE_PART))
		return PSD_SUSPECTS;
	do {
		i = set->hand;
		set->hand = (i + 1) % PSD_SUSPECTS;
	} while (!READ_ONCE(psd_suspect_at(p, at->suspects, i)->matches) &&
		 set->spared[i]++ < PSD_SPARE);
	return i;
}

static inline unsigned int psd_suspect_place(const struct psd_params *p,
					     const struct psd_place *at, __u32 now)
{
	unsigned int i;

	for (i = 0; i < PSD_SUSPECTS; ++i)
		if (!at->set->source[i] ||
		    psd_is_over(p, READ_ONCE(psd_suspect_at(p, at->suspects, i)->seen),
				now))
			return i;
	return psd_suspect_force(p, at, now);
}

/* With both locks: nobody finds the suspect while it changes. */
static inline bool psd_suspect_begin(const struct psd_params *p,
				     const struct psd_place *at, unsigned int i,
				     __u64 source, const __u16 ports[2], __u32 now)
{
	struct psd_suspect *s = psd_suspect_at(p, at->suspects, i);
	bool hit;

	WRITE_ONCE(at->set->source[i], 0);
	smp_wmb();	/* before anything of the other; see psd_suspect_probe() */
	psd_suspect_init(p, s, ports[0], now);
	hit = psd_suspect_add(p, s, ports[1], now);
	smp_wmb();	/* all of it before who it is */
	WRITE_ONCE(at->set->source[i], source);
	return hit;
}

/* A newcomer with two ports becomes a suspect, if there is room. */
static inline bool psd_admit(const struct psd_params *p, const struct psd_place *at,
			     __u64 source, const __u16 ports[2], __u32 now)
{
	struct psd_set *set = at->set;
	struct psd_suspect *s;
	bool hit = false;
	unsigned int i;

	spin_lock_bh(&set->lock);
	i = psd_suspect_find(set, source);	/* of old, or by another CPU */
	if (i == PSD_SUSPECTS)
		i = psd_suspect_place(p, at, now);
	if (i < PSD_SUSPECTS) {
		s = psd_suspect_at(p, at->suspects, i);
		spin_lock(&s->lock);
		if (set->source[i] != source || psd_is_over(p, s->seen, now)) {
			hit = psd_suspect_begin(p, at, i, source, ports, now);
			set->spared[i] = 0;
			set->admitted = now;
		}
		spin_unlock(&s->lock);
	}
	spin_unlock_bh(&set->lock);
	return hit;
}

static inline bool psd_newcomer_probe(const struct psd_params *p,
				      const struct psd_place *at, __u64 source,
				      __u16 port, __u32 now)
{
	unsigned int i = psd_newcomer_find(p, at->newcomers, source);
	__u16 ports[2] = { 0, port };
	__u64 old;

	if (i == PSD_NEWCOMERS) {
		psd_newcomer_add(p, at->newcomers, source, port, now);
		return false;
	}
	old = READ_ONCE(at->newcomers[i]);
	if (psd_newcomer_is_over(p, old, now)) {
		WRITE_ONCE(at->newcomers[i], psd_newcomer(p, source, port, now));
		return false;
	}
	ports[0] = psd_newcomer_port(old);
	if (ports[0] == port)
		return false;
	return psd_admit(p, at, source, ports, now);
}

/**
 * psd_probe - a source tries a port
 * @p:      rule
 * @at:     the sets of the source
 * @source: hash, not 0
 * @port:   destination port, one that has a weight
 * @now:    time; on another CPU it may be a little later
 *
 * A source stays a newcomer when it is admitted: once it is no suspect any more,
 * its place is as old as its first port.
 *
 * Context: any but hard interrupts.
 * Return: whether the packet is part of a scan.
 */
static inline bool psd_probe(const struct psd_params *p, const struct psd_place *at,
			     __u64 source, __u16 port, __u32 now)
{
	unsigned int i = psd_suspect_find(at->set, source);
	enum psd_verdict verdict;

	if (i < PSD_SUSPECTS) {
		verdict = psd_suspect_probe(p, at, i, source, port, now);
		if (verdict != PSD_UNKNOWN)
			return verdict == PSD_MATCH;
	}
	return psd_newcomer_probe(p, at, source, port, now);
}

#endif /* _XT_PSD_DETECT_H */
