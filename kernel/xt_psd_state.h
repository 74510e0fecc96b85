/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_psd_state - what the port scan detector remembers, and its newcomers
 *
 * Pure code, see xt_psd_detect.h, which tells the whole.
 */
#ifndef _XT_PSD_STATE_H
#define _XT_PSD_STATE_H

#include <linux/stddef.h>
#include <linux/types.h>

#include "xt_psd.h"

/* Elements of a set, powers of 2. */
#define PSD_NEWCOMERS	16
#define PSD_KEPT	8	/* of them, those that are not overwritten */
#define PSD_SUSPECTS	8

/* Connections that are noted for a suspect, at most 32; and words of 16 bits of one */
#define PSD_FLOWS	32
#define PSD_CONN_WORDS	19

/* Matched ports that a suspect remembers, so that repeats are no new ports. */
#define PSD_MATCHED	16

/* Parts of the delay, see above. */
#define PSD_FORCE_PART	4
#define PSD_RENEW_PART	8

/* How often the turn passes over a suspect that is not over the threshold */
#define PSD_SPARE	3

/* A clock that was read a little earlier is not one that has gone round. */
#define PSD_LAG		4096U

/*
 * A newcomer: 23 bits of the hash, one that tells that its connection is noted, 16 of
 * the port, 24 of the time; 0: empty
 */
#define PSD_TIME_BITS	24
#define PSD_TIME_MASK	((1U << PSD_TIME_BITS) - 1)
#define PSD_PORT_SHIFT	PSD_TIME_BITS
#define PSD_CONN_SHIFT	(PSD_PORT_SHIFT + 16)
#define PSD_TAG_SHIFT	(PSD_CONN_SHIFT + 1)

#define PSD_LINE	64	/* bytes: a suspect is a multiple of it */

/*
 * Where ports of many hosts must be told apart, memory limits the hosts: bytes for
 * ports, and for each word of a connection.
 */
#define PSD_BYTES_PER_HOST	128
#define PSD_BYTES_PER_WORD	16
#define PSD_SETS_MIN		8U
#define PSD_HOSTS_PER_SUSPECT	4

/**
 * struct psd_params - a rule, as the detector wants it
 * @threshold: sum of weights that is a scan
 * @delay:     ticks after which a source without a new port is forgotten
 * @shift:     of ticks, to the units of newcomers
 * @lo:        weight of a port up to XT_PSD_LOW_PORT
 * @hi:        weight of the others
 * @room:      ports that a source can try without reaching the threshold
 * @size:      bytes of a suspect
 * @conn_words: words of 16 bits of a connection, 1 to PSD_CONN_WORDS
 * @flows:     connections that are noted for a suspect
 * @flows_words: words of 32 bits of a struct psd_flows
 */
struct psd_params {
	__u32 threshold;
	__u32 delay;
	__u32 shift;
	__u32 lo;
	__u32 hi;
	__u32 room;
	__u32 size;
	__u32 conn_words;
	__u32 flows;
	__u32 flows_words;
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
 * @sum:     of the weights of @ports that were not answered; from the threshold on
 *           also of those that matched, up to PSD_SUM_MAX
 * @counted: elements of @ports in use
 * @matches: elements of psd_matched() in use; with one, the threshold was reached.
 *           Read before @ports, which keep their places from then on
 * @next:    element of psd_matched() to be used next
 * @noted:   whether its struct psd_flows is in use
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
	__u8 noted;
	__u16 ports[];
};

/* Far more than a threshold, and what is added to it still fits. */
#define PSD_SUM_MAX	(4 * XT_PSD_MAX)

/**
 * struct psd_flows - connections of the first psd_params.flows ports of a suspect
 * @pending:  ports with a connection in @conns that was not answered so far
 * @answered: ports whose weight was taken back
 * @hand:     port that gives way next
 * @conns:    psd_params.conn_words for each
 *
 * All with the suspect's lock.
 */
struct psd_flows {
	__u32 pending;
	__u32 answered;
	__u32 hand;
	__u16 conns[];
};

/**
 * struct psd_place - where a source is looked for
 * @newcomers: PSD_NEWCOMERS words
 * @set:       with the hashes of the suspects
 * @suspects:  PSD_SUSPECTS elements of psd_params.size bytes
 * @conns:     a connection for each of @newcomers
 * @flows:     PSD_SUSPECTS elements of psd_params.flows_words words
 * @net:       of the packet; the includer's
 * @conn:      connection of the packet, or NULL; the includer's
 * @host:      source address, if it is that of all connections that are noted here, or
 *             NULL; the includer's
 * @family:    of the packet; the includer's
 */
struct psd_place {
	__u64 *newcomers;
	struct psd_set *set;
	void *suspects;
	__u16 *conns;
	__u32 *flows;
	void *net;
	const void *conn;
	const void *host;
	__u8 family;
};

/* Of the includer: the words that tell which connection @at->conn is */
static void psd_conn_note(const struct psd_place *at, __u16 *conn);

/* Of the includer: whether that connection was answered meanwhile */
static bool psd_conn_is_answered(const struct psd_place *at, const __u16 *conn);

/**
 * psd_ticks - a delay in ticks
 * @delay: in hundredths of a second, at most XT_PSD_MAX
 * @hz:    ticks of a second
 *
 * Return: the ticks, rounded up.
 */
static inline __u32 psd_ticks(unsigned int delay, unsigned int hz)
{
	return (delay * hz + 99) / 100;
}

/**
 * psd_params_init - fill in what follows from a rule
 * @p:     filled
 * @info:  a valid rule
 * @delay: its delay in ticks, less than 2^17
 * @conn_words: of a connection
 */
static inline void psd_params_init(struct psd_params *p,
				   const struct xt_psd_mtinfo *info, __u32 delay,
				   __u32 conn_words)
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
	p->conn_words = conn_words;
	p->flows = p->room < PSD_FLOWS ? p->room : PSD_FLOWS;
	p->flows_words = sizeof(struct psd_flows) / sizeof(__u32) +
			 (p->flows * conn_words + 1) / 2;
}

/**
 * psd_suspect_sets - how many sets of suspects there are
 * @p:     of the rule
 * @hosts: with one port
 *
 * Return: a power of 2.
 */
static inline __u32 psd_suspect_sets(const struct psd_params *p, __u32 hosts)
{
	__u64 set = PSD_SUSPECTS * (p->size + p->flows_words * sizeof(__u32));
	__u64 bytes = PSD_BYTES_PER_HOST + PSD_BYTES_PER_WORD * p->conn_words;
	__u32 sets = PSD_SETS_MIN;

	/* without a division of 64 bits */
	while (2 * sets * set <= hosts * bytes &&
	       sets * PSD_SUSPECTS * PSD_HOSTS_PER_SUSPECT < hosts)
		sets *= 2;
	return sets;
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

static inline bool psd_newcomer_has_conn(__u64 newcomer)
{
	return newcomer >> PSD_CONN_SHIFT & 1;
}

static inline void psd_conn_copy(const struct psd_params *p, __u16 *to,
				 const __u16 *from)
{
	unsigned int i;

	for (i = 0; i < p->conn_words; ++i)
		WRITE_ONCE(to[i], READ_ONCE(from[i]));
}

/*
 * Without a lock. Two CPUs that take the same place mix up the connections of two
 * newcomers, and what comes of that is none that there is.
 */
static inline void psd_newcomer_write(const struct psd_params *p,
				      const struct psd_place *at, unsigned int i,
				      __u64 source, __u16 port, __u32 now)
{
	__u64 newcomer = psd_newcomer(p, source, port, now);
	__u16 conn[PSD_CONN_WORDS];

	if (at->conn) {
		psd_conn_note(at, conn);
		psd_conn_copy(p, at->conns + i * p->conn_words, conn);
		newcomer |= 1ULL << PSD_CONN_SHIFT;
		smp_wmb();	/* the connection before what refers to it */
	}
	WRITE_ONCE(at->newcomers[i], newcomer);
}

/* Of the newcomer @old. Return: whether it is noted in @conn. */
static inline bool psd_newcomer_conn(const struct psd_params *p,
				     const struct psd_place *at, unsigned int i,
				     __u64 old, __u16 *conn)
{
	if (!psd_newcomer_has_conn(old))
		return false;
	smp_rmb();	/* what refers to it before the connection */
	psd_conn_copy(p, conn, at->conns + i * p->conn_words);
	return READ_ONCE(at->newcomers[i]) == old;
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
static inline void psd_newcomer_add(const struct psd_params *p,
				    const struct psd_place *at, __u64 source,
				    __u16 port, __u32 now)
{
	/* nobody can aim at the place that is overwritten */
	unsigned int to = PSD_KEPT + ((unsigned int)(source >> 48) + now) %
				     (PSD_NEWCOMERS - PSD_KEPT);
	unsigned int i;
	__u64 old;

	for (i = 0; i < PSD_NEWCOMERS; ++i) {
		old = READ_ONCE(at->newcomers[i]);
		if (!old || psd_newcomer_is_over(p, old, now)) {
			to = i;
			break;
		}
	}
	psd_newcomer_write(p, at, to, source, port, now);
}

#endif /* _XT_PSD_STATE_H */
