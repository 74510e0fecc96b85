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
 * hash of the source. A full set gives up what is out of date; else a newcomer
 * takes the place of another newcomer, and a suspect the place of the one with
 * the least sum. So sources without end that try one port each push out one
 * another, and no suspect; and a scanner outlives sources with fewer ports.
 *
 * Sources are known by a keyed 64-bit hash alone; 0 is an empty place. Times
 * are 32 bits of any clock. What it shows again after its wrap can revive a
 * source that was silent all the time: once in weeks, and for the delay only.
 */
#ifndef _XT_PSD_DETECT_H
#define _XT_PSD_DETECT_H

#include <linux/stddef.h>
#include <linux/types.h>

#include "xt_psd.h"

/* Elements of a set, powers of 2. */
#define PSD_NEWCOMERS	16
#define PSD_SUSPECTS	4

/* Matched ports that a suspect remembers, so that repeats are no new ports. */
#define PSD_MATCHED	16

/**
 * struct psd_params - a rule, as the detector wants it
 * @threshold: sum of weights that is a scan
 * @delay:     ticks after which a source without a new port is forgotten
 * @lo:        weight of a port up to XT_PSD_LOW_PORT
 * @hi:        weight of the others
 * @room:      ports that a source can try without reaching the threshold
 * @size:      bytes of a suspect
 */
struct psd_params {
	__u32 threshold;
	__u32 delay;
	__u32 lo;
	__u32 hi;
	__u32 room;
	__u32 size;
};

/* Read without a lock by psd_repeats(). */
struct psd_newcomer {
	__u64 source;
	__u32 seen;
	__u16 port;
};

/**
 * struct psd_suspect - a source that tried at least two ports
 * @source:  hash, or 0
 * @seen:    time of the last new port
 * @sum:     of weights; not raised further from the threshold on
 * @counted: elements of @ports in use
 * @matches: elements of @matched in use; with one, the threshold was reached
 * @next:    element of @matched to be used next
 * @matched: ports that matched, the last PSD_MATCHED ones
 * @ports:   ports tried below the threshold
 */
struct psd_suspect {
	__u64 source;
	__u32 seen;
	__u32 sum;
	__u16 counted;
	__u8 matches;
	__u8 next;
	__u16 matched[PSD_MATCHED];
	__u16 ports[];
};

/**
 * psd_params_init - fill in what follows from a rule
 * @p:     filled
 * @info:  a valid rule
 * @delay: its delay in ticks
 */
static inline void psd_params_init(struct psd_params *p,
				   const struct xt_psd_mtinfo *info, __u32 delay)
{
	__u32 least;

	p->threshold = info->weight_threshold;
	p->delay = delay;
	p->lo = info->lo_ports_weight;
	p->hi = info->hi_ports_weight;
	least = !p->lo || (p->hi && p->hi < p->lo) ? p->hi : p->lo;
	p->room = (p->threshold - 1) / least;
	if (p->room == 0)
		p->room = 1;	/* the first port never matches */
	p->size = offsetof(struct psd_suspect, ports) + 2 * p->room;
	p->size = (p->size + 7) & ~7U;
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

static inline bool psd_is_over(const struct psd_params *p, __u32 seen, __u32 now)
{
	return now - seen > p->delay;
}

/**
 * psd_repeats - whether a newcomer tries its port again
 * @p:      rule
 * @set:    PSD_NEWCOMERS elements
 * @source: hash
 * @port:   destination port
 * @now:    time
 *
 * For the many packets of clients of one port: without the lock that the other
 * functions want. If a place changes hands meanwhile a single port may be
 * taken for a repeat.
 *
 * Return: true if the packet changes nothing and does not match.
 */
static inline bool psd_repeats(const struct psd_params *p,
			       const struct psd_newcomer *set, __u64 source,
			       __u16 port, __u32 now)
{
	unsigned int i;

	for (i = 0; i < PSD_NEWCOMERS; ++i)
		if (READ_ONCE(set[i].source) == source)
			return READ_ONCE(set[i].port) == port &&
			       !psd_is_over(p, READ_ONCE(set[i].seen), now);
	return false;
}

static inline void psd_newcomer_set(struct psd_newcomer *n, __u64 source,
				    __u16 port, __u32 now)
{
	WRITE_ONCE(n->source, source);
	WRITE_ONCE(n->port, port);
	WRITE_ONCE(n->seen, now);
}

/* Where a full set is looked at first: nobody can aim at it. */
static inline unsigned int psd_start(__u64 source, __u32 now)
{
	return (unsigned int)(source >> 48) + now;
}

/* The source's own place, or else the one that it takes. */
static inline struct psd_newcomer *
psd_newcomer_place(const struct psd_params *p, struct psd_newcomer *set,
		   __u64 source, __u32 now)
{
	unsigned int start = psd_start(source, now), i;
	struct psd_newcomer *n, *victim = &set[start % PSD_NEWCOMERS];

	for (i = 0; i < PSD_NEWCOMERS; ++i) {
		n = &set[i];
		if (n->source == source)
			return n;
		if (!n->source || psd_is_over(p, n->seen, now))
			victim = n;
	}
	return victim;
}

static inline struct psd_suspect *
psd_suspect_at(const struct psd_params *p, void *set, unsigned int i)
{
	return (struct psd_suspect *)((char *)set + i * p->size);
}

static inline struct psd_suspect *
psd_suspect_find(const struct psd_params *p, void *set, __u64 source, __u32 now)
{
	struct psd_suspect *s;
	unsigned int i;

	for (i = 0; i < PSD_SUSPECTS; ++i) {
		s = psd_suspect_at(p, set, i);
		if (s->source != source)
			continue;
		if (!psd_is_over(p, s->seen, now))
			return s;
		s->source = 0;
		return NULL;
	}
	return NULL;
}

/* What an element is worth to keep. */
static inline __u32 psd_suspect_worth(const struct psd_params *p,
				      const struct psd_suspect *s, __u32 now)
{
	return !s->source || psd_is_over(p, s->seen, now) ? 0 : s->sum;
}

static inline struct psd_suspect *
psd_suspect_place(const struct psd_params *p, void *set, __u64 source, __u32 now)
{
	unsigned int start = psd_start(source, now), i;
	struct psd_suspect *s, *victim = NULL;

	for (i = 0; i < PSD_SUSPECTS; ++i) {
		s = psd_suspect_at(p, set, (start + i) % PSD_SUSPECTS);
		if (!victim || psd_suspect_worth(p, s, now) <
			       psd_suspect_worth(p, victim, now))
			victim = s;
	}
	return victim;
}

static inline void psd_suspect_init(const struct psd_params *p,
				    struct psd_suspect *s, __u64 source,
				    __u16 port)
{
	s->source = source;
	s->sum = psd_weight(p, port);
	s->ports[0] = port;
	s->counted = 1;
	s->matches = 0;
	s->next = 0;
}

static inline bool psd_has(const __u16 *ports, unsigned int n, __u16 port)
{
	while (n--)
		if (ports[n] == port)
			return true;
	return false;
}

/* A new port. Return: whether it matches. */
static inline bool psd_suspect_add(const struct psd_params *p,
				   struct psd_suspect *s, __u16 port, __u32 now)
{
	s->seen = now;
	if (!s->matches)
		s->sum += psd_weight(p, port);
	if (s->sum < p->threshold) {
		s->ports[s->counted++] = port;
		return false;
	}
	s->matched[s->next] = port;
	s->next = (s->next + 1) % PSD_MATCHED;
	if (s->matches < PSD_MATCHED)
		++s->matches;
	return true;
}

static inline bool psd_suspect_probe(const struct psd_params *p,
				     struct psd_suspect *s, __u16 port, __u32 now)
{
	if (psd_has(s->ports, s->counted, port))
		return false;
	if (psd_has(s->matched, s->matches, port))
		return true;
	return psd_suspect_add(p, s, port, now);
}

/**
 * psd_probe - a source tries a port
 * @p:         rule
 * @newcomers: set of the source, PSD_NEWCOMERS elements
 * @suspects:  set of the source, PSD_SUSPECTS elements of @p->size bytes
 * @source:    hash, not 0
 * @port:      destination port, one that has a weight
 * @now:       time, not before that of an earlier call for these sets
 *
 * Context: both sets are the caller's alone, except for psd_repeats().
 * Return: whether the packet is part of a scan.
 */
static inline bool psd_probe(const struct psd_params *p,
			     struct psd_newcomer *newcomers, void *suspects,
			     __u64 source, __u16 port, __u32 now)
{
	struct psd_suspect *s = psd_suspect_find(p, suspects, source, now);
	struct psd_newcomer *n;

	if (s)
		return psd_suspect_probe(p, s, port, now);
	n = psd_newcomer_place(p, newcomers, source, now);
	if (n->source != source || psd_is_over(p, n->seen, now)) {
		psd_newcomer_set(n, source, port, now);
		return false;
	}
	if (n->port == port)
		return false;
	s = psd_suspect_place(p, suspects, source, now);
	psd_suspect_init(p, s, source, n->port);
	psd_newcomer_set(n, 0, 0, 0);
	return psd_suspect_add(p, s, port, now);
}

#endif /* _XT_PSD_DETECT_H */
