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
 * Ports that were answered
 *
 * A packet that connection tracking knows brings its connection along, and that is
 * noted beside the port (for the last PSD_FLOWS ports of a suspect, which is all of
 * them unless the threshold is large). Only when another port would reach the
 * threshold are the noted connections looked up, and the weight of those that were
 * answered by then is taken back; their ports stay known until the place is needed.
 * So nothing is done for the packets of a connection, and a source whose
 * connections are answered is looked at again every few ports. A source that is over
 * the threshold is looked at again with each new port that is written down: it may
 * have opened many connections at once, which were answered later.
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

#include "xt_psd_state.h"

/* ---- suspects */

static inline struct psd_suspect *
psd_suspect_at(const struct psd_params *p, void *suspects, unsigned int i)
{
	return (struct psd_suspect *)((char *)suspects + i * p->size);
}

static inline struct psd_flows *
psd_flows_at(const struct psd_params *p, const struct psd_place *at, unsigned int i)
{
	return (struct psd_flows *)(at->flows + i * p->flows_words);
}

/* Where a source is if it can: the Nth place that is looked at */
static inline unsigned int psd_suspect_nth(__u64 source, unsigned int n)
{
	return (unsigned int)((source >> 32) + n) % PSD_SUSPECTS;
}

/* Where the source is, or PSD_SUSPECTS */
static inline unsigned int psd_suspect_find(struct psd_set *set, __u64 source)
{
	unsigned int n, i;

	for (n = 0; n < PSD_SUSPECTS; ++n) {
		i = psd_suspect_nth(source, n);
		if (READ_ONCE(set->source[i]) == source)
			return i;
	}
	return PSD_SUSPECTS;
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
	__u8 matches = smp_load_acquire(&s->matches);	/* before the ports */
	__u32 seen = READ_ONCE(s->seen);

	if (psd_is_over(p, seen, now))
		return PSD_UNKNOWN;
	if (psd_is_counted(p, s, port))
		return PSD_PASS;
	if (!matches)
		return PSD_CHANGE;
	if (!psd_is_past(seen, now, p->delay / PSD_RENEW_PART) ||
	    psd_has(psd_matched(p, s), matches, port))
		return PSD_MATCH;
	return PSD_CHANGE;
}

/* ---- what was answered, with the lock of the suspect */

static inline __u16 *psd_conn_at(const struct psd_params *p, struct psd_flows *flows,
				 unsigned int i)
{
	return flows->conns + i * p->conn_words;
}

static inline struct psd_flows *psd_flows_init(struct psd_suspect *s,
					       struct psd_flows *flows)
{
	if (!s->noted) {
		s->noted = 1;
		flows->pending = 0;
		flows->answered = 0;
		flows->hand = 0;
	}
	return flows;
}

/* Takes the weight back if the connection of a port was answered. */
static inline void psd_review_port(const struct psd_params *p,
				   const struct psd_place *at, struct psd_suspect *s,
				   struct psd_flows *flows, unsigned int i)
{
	__u32 bit = 1U << i;

	if (!(flows->pending & bit) ||
	    !psd_conn_is_answered(at, psd_conn_at(p, flows, i)))
		return;
	flows->pending &= ~bit;
	flows->answered |= bit;
	s->sum -= psd_weight(p, s->ports[i]);
}

static inline void psd_review(const struct psd_params *p, const struct psd_place *at,
			      struct psd_suspect *s, struct psd_flows *flows)
{
	unsigned int i;

	for (i = 0; flows->pending && i < p->flows; ++i)
		psd_review_port(p, at, s, flows, i);
}

/* Is a port of WEIGHT more a scan? One that no other stands beside never is. */
static inline bool psd_is_scan(const struct psd_params *p, const struct psd_place *at,
			       struct psd_suspect *s, struct psd_flows *flows,
			       __u32 weight)
{
	if (s->noted && s->sum + weight >= p->threshold)
		psd_review(p, at, s, flows);
	return s->sum && s->sum + weight >= p->threshold;
}

/*
 * Place of a port that does not match. There is one: ports that were not answered are
 * fewer than psd_params.room, or the sum would have reached the threshold.
 */
static inline unsigned int psd_port_place(const struct psd_params *p,
					  const struct psd_place *at,
					  struct psd_suspect *s,
					  struct psd_flows *flows)
{
	unsigned int n, i;

	if (!s->noted || s->counted < p->flows)
		return s->counted;
	for (n = 0; n < p->flows; ++n) {
		i = flows->hand;
		flows->hand = (i + 1) % p->flows;
		if (flows->answered >> i & 1)
			return i;
	}
	i = flows->hand;
	psd_review_port(p, at, s, flows, i);
	if (flows->answered >> i & 1)
		return i;
	if (!at->conn)
		return s->counted;
	/* the oldest counts for good; it is known at both places meanwhile */
	flows->hand = (i + 1) % p->flows;
	WRITE_ONCE(s->ports[s->counted], s->ports[i]);
	smp_store_release(&s->counted, s->counted + 1);	/* the port before it */
	return i;
}

static inline void psd_port_keep(const struct psd_params *p,
				 const struct psd_place *at, struct psd_suspect *s,
				 struct psd_flows *flows, __u16 port)
{
	unsigned int i;

	if (at->conn)
		psd_flows_init(s, flows);
	i = psd_port_place(p, at, s, flows);
	WRITE_ONCE(s->ports[i], port);
	WRITE_ONCE(s->filter, s->filter | psd_bit(port));
	if (i == s->counted)
		WRITE_ONCE(s->counted, s->counted + 1);
	s->sum += psd_weight(p, port);
	if (!s->noted || i >= p->flows)
		return;
	flows->answered &= ~(1U << i);
	flows->pending &= ~(1U << i);
	if (at->conn) {
		psd_conn_note(at, psd_conn_at(p, flows, i));
		flows->pending |= 1U << i;
	}
}

/* Not over the threshold any more: what matched is forgotten. */
static inline void psd_suspect_relent(const struct psd_params *p,
				      struct psd_suspect *s,
				      const struct psd_flows *flows)
{
	unsigned int i;

	WRITE_ONCE(s->matches, 0);
	s->next = 0;
	s->sum = 0;
	for (i = 0; i < s->counted; ++i)
		if (i >= p->flows || !(flows->answered >> i & 1))
			s->sum += psd_weight(p, s->ports[i]);
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
	s->noted = 0;
}

static inline void psd_suspect_match(const struct psd_params *p,
				     struct psd_suspect *s, __u16 port)
{
	if (s->sum < PSD_SUM_MAX)
		s->sum += psd_weight(p, port);
	WRITE_ONCE(psd_matched(p, s)[s->next], port);
	s->next = (s->next + 1) % PSD_MATCHED;
	if (s->matches < PSD_MATCHED)
		smp_store_release(&s->matches, s->matches + 1);	/* behind all ports */
}

/* A new port. Return: whether it matches. */
static inline bool psd_suspect_add(const struct psd_params *p,
				   const struct psd_place *at, struct psd_suspect *s,
				   struct psd_flows *flows, __u16 port, __u32 now)
{
	lockdep_assert_held(&s->lock);
	WRITE_ONCE(s->seen, now);
	if (psd_is_scan(p, at, s, flows, psd_weight(p, port))) {
		psd_suspect_match(p, s, port);
		return true;
	}
	if (s->matches)
		psd_suspect_relent(p, s, flows);
	psd_port_keep(p, at, s, flows, port);
	return false;
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
			verdict = psd_suspect_add(p, at, s,
						  psd_flows_at(p, at, i), port, now) ?
				  PSD_MATCH : PSD_PASS;
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
					     const struct psd_place *at,
					     __u64 source, __u32 now)
{
	unsigned int n, i;

	lockdep_assert_held(&at->set->lock);
	for (n = 0; n < PSD_SUSPECTS; ++n) {
		i = psd_suspect_nth(source, n);
		if (!at->set->source[i] ||
		    psd_is_over(p, READ_ONCE(psd_suspect_at(p, at->suspects, i)->seen),
				now))
			return i;
	}
	return psd_suspect_force(p, at, now);
}

/* With both locks: nobody finds the suspect while it changes. */
static inline bool psd_suspect_begin(const struct psd_params *p,
				     const struct psd_place *at, unsigned int i,
				     __u64 source, const __u16 ports[2],
				     const __u16 *conn, __u32 now)
{
	struct psd_suspect *s = psd_suspect_at(p, at->suspects, i);
	struct psd_flows *flows = psd_flows_at(p, at, i);
	bool hit;

	WRITE_ONCE(at->set->source[i], 0);
	smp_wmb();	/* before anything of the other; see psd_suspect_probe() */
	psd_suspect_init(p, s, ports[0], now);
	if (conn) {
		psd_flows_init(s, flows)->pending = 1;
		psd_conn_copy(p, psd_conn_at(p, flows, 0), conn);
	}
	hit = psd_suspect_add(p, at, s, flows, ports[1], now);
	smp_wmb();	/* all of it before who it is */
	WRITE_ONCE(at->set->source[i], source);
	return hit;
}

/*
 * A newcomer with two ports becomes a suspect, if there is room. @conn: connection of
 * the first of them, or NULL.
 */
static inline bool psd_admit(const struct psd_params *p, const struct psd_place *at,
			     __u64 source, const __u16 ports[2], const __u16 *conn,
			     __u32 now)
{
	struct psd_set *set = at->set;
	struct psd_suspect *s;
	bool hit = false;
	unsigned int i;

	spin_lock_bh(&set->lock);
	i = psd_suspect_find(set, source);	/* of old, or by another CPU */
	if (i == PSD_SUSPECTS)
		i = psd_suspect_place(p, at, source, now);
	if (i < PSD_SUSPECTS) {
		s = psd_suspect_at(p, at->suspects, i);
		spin_lock(&s->lock);
		if (set->source[i] != source || psd_is_over(p, s->seen, now)) {
			hit = psd_suspect_begin(p, at, i, source, ports, conn,
						now);
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
	__u16 conn[PSD_CONN_WORDS];
	__u16 ports[2] = { 0, port };
	bool noted;
	__u64 old;

	if (i == PSD_NEWCOMERS) {
		psd_newcomer_add(p, at, source, port, now);
		return false;
	}
	old = READ_ONCE(at->newcomers[i]);
	if (psd_newcomer_is_over(p, old, now)) {
		psd_newcomer_write(p, at, i, source, port, now);
		return false;
	}
	ports[0] = psd_newcomer_port(old);
	if (ports[0] == port)
		return false;
	noted = psd_newcomer_conn(p, at, i, old, conn);
	return psd_admit(p, at, source, ports, noted ? conn : NULL, now);
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
	enum psd_verdict verdict;
	unsigned int i;

	/* mostly it is there, and needs not wait for the line of the set */
	__builtin_prefetch(psd_suspect_at(p, at->suspects, psd_suspect_nth(source, 0)));
	i = psd_suspect_find(at->set, source);
	if (i < PSD_SUSPECTS) {
		verdict = psd_suspect_probe(p, at, i, source, port, now);
		if (verdict != PSD_UNKNOWN)
			return verdict == PSD_MATCH;
	}
	return psd_newcomer_probe(p, at, source, port, now);
}

#endif /* _XT_PSD_DETECT_H */
