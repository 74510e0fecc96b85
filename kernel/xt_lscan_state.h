/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_lscan_state - what a TCP connection looks like to lscan
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 *
 * A connection walks through few states, and they are kept in its connection
 * mark. What moves it are packets of the client, the side that began; so it
 * comes out the same whether a rule sees both directions or only that one:
 *
 *	        SYN          ACK       ACK of data
 *	  none -----> synrcv -----> estab1 -----> estab2
 *	                |             |             |
 *	            RST |     FIN,RST |     FIN,RST |
 *	                v             v             v
 *	             synscan        cnscan        grscan
 *
 * The first ACK ends the handshake; one that acknowledges more is about what the
 * server said, and one that does not (keepalive) is about nothing. A FIN or RST that is
 * the first to do so goes the same way, from estab1 to grscan. Data of the
 * client lead to valid from everywhere on the upper line if they follow what the
 * server has acknowledged, or if it acknowledged them with the SYN (Fast Open);
 * the end of the connection by the server leads to closed.
 */
#ifndef _XT_LSCAN_STATE_H
#define _XT_LSCAN_STATE_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <linux/types.h>
#define READ_ONCE(x) (x)
#endif

/* In the order of the module parameters mark_*. */
enum lscan_state {
	LSCAN_NONE,
	LSCAN_SYNRCV,
	LSCAN_CLOSED,
	LSCAN_SYNSCAN,
	LSCAN_ESTAB1,
	LSCAN_ESTAB2,
	LSCAN_CNSCAN,
	LSCAN_GRSCAN,
	LSCAN_VALID,
	LSCAN_STATES,
};

enum lscan_event {
	LSCAN_IDLE,	/* nothing that counts */
	LSCAN_OPEN,	/* the client's SYN */
	LSCAN_ACK,	/* the client acknowledges, nothing else */
	LSCAN_ACK_DATA,	/* it acknowledges more than before: data */
	LSCAN_TALK,	/* a session: data of the client, or very many of the server */
	LSCAN_FINISH,	/* the client says that it has no data (more) */
	LSCAN_FINISH_DATA, /* the same, and acknowledges more than before */
	LSCAN_RESET,	/* the client resets */
	LSCAN_LEAVE,	/* the connection ends, but not by the client's will */
	LSCAN_TRUST,	/* known to be no scan */
	LSCAN_EVENTS,
};

/* Of the TCP header's 14th byte. */
#define LSCAN_TCP_FIN	0x01
#define LSCAN_TCP_SYN	0x02
#define LSCAN_TCP_RST	0x04
#define LSCAN_TCP_ACK	0x10

/* More of the server's data than this on the way at once is no banner. */
#define LSCAN_BANNER_MAX	4096

/**
 * struct lscan_segment - a packet, and what connection tracking knows
 * @flags:    of the TCP header
 * @len:      bytes of payload
 * @flying:   bytes of the server that this packet does not acknowledge yet; 0 if it
 *            acknowledges nothing
 * @client:   from the side that began the connection
 * @opening:  the server has not answered before this packet was tracked
 * @answered: the server has answered
 * @left:     the server ended the connection before the client did
 * @next:     the server has acknowledged all before this packet, and no more
 * @taken:    the server has acknowledged the data of the SYN
 * @fresh:    acknowledges more than the ACK that ended the handshake did
 * @old:      acknowledges less than the handshake does: the server will not look at it, and
 *            @flying says nothing
 * @trusted:  expected by a helper, or not all packets come by here
 */
struct lscan_segment {
	__u8 flags;
	unsigned int len;
	__s32 flying;
	bool client;
	bool opening;
	bool answered;
	bool left;
	bool next;
	bool taken;
	bool fresh;
	bool old;
	bool trusted;
};

/**
 * lscan_ends - does a packet end a connection?
 * @flags: of the TCP header
 *
 * Return: true for FIN and RST.
 */
static inline bool lscan_ends(__u8 flags)
{
	return flags & (LSCAN_TCP_FIN | LSCAN_TCP_RST);
}

/**
 * lscan_opens - is a packet a SYN and nothing else, as --syn has it?
 * @flags: of the TCP header
 *
 * Return: true if it is.
 */
static inline bool lscan_opens(__u8 flags)
{
	return (flags & (LSCAN_TCP_FIN | LSCAN_TCP_SYN | LSCAN_TCP_RST |
			 LSCAN_TCP_ACK)) == LSCAN_TCP_SYN;
}

/**
 * lscan_stealthy - can a packet outside of all connections be a probe?
 * @flags: of the TCP header
 *
 * A SYN begins a connection, and a lone RST or RST+ACK is what a host
 * answers by: both come without a connection from hosts that scan nobody.
 *
 * Return: true if it can.
 */
static inline bool lscan_stealthy(__u8 flags)
{
	if (lscan_opens(flags))
		return false;
	return !(flags & LSCAN_TCP_RST) ||
	       flags & (LSCAN_TCP_FIN | LSCAN_TCP_SYN);
}

/* The client's FIN or RST. It may acknowledge as well, and be the first to do so. */
static inline enum lscan_event lscan_end_event(const struct lscan_segment *seg)
{
	bool reset = seg->flags & LSCAN_TCP_RST;

	if (seg->left || (reset && !seg->answered))
		return LSCAN_LEAVE;
	if (seg->flying > LSCAN_BANNER_MAX && !seg->old)
		return LSCAN_TALK;
	if (seg->fresh)
		return LSCAN_FINISH_DATA;
	return reset ? LSCAN_RESET : LSCAN_FINISH;
}

/**
 * lscan_event - what a packet means for its connection
 * @seg: the packet
 *
 * Return: the event.
 */
static inline enum lscan_event lscan_event(const struct lscan_segment *seg)
{
	if (seg->trusted)
		return LSCAN_TRUST;
	if (!seg->client)
		return lscan_ends(seg->flags) ? LSCAN_LEAVE : LSCAN_IDLE;
	if (seg->flags & LSCAN_TCP_SYN)
		return seg->opening && lscan_opens(seg->flags) ? LSCAN_OPEN :
								 LSCAN_IDLE;
	if (seg->taken)
		return LSCAN_TALK;
	if (seg->len > 0 && seg->next && !(seg->flags & LSCAN_TCP_RST))
		return LSCAN_TALK;
	if (lscan_ends(seg->flags))
		return lscan_end_event(seg);
	if (!(seg->flags & LSCAN_TCP_ACK) || !seg->next || seg->old)
		return LSCAN_IDLE;
	if (seg->flying > LSCAN_BANNER_MAX)
		return LSCAN_TALK;
	return seg->fresh ? LSCAN_ACK_DATA : LSCAN_ACK;
}

/**
 * lscan_next - where an event leads to
 * @state: of the connection
 * @event: what happens
 *
 * Each event leads to the same state however often it is taken for one packet:
 * several rules may look at it. (The ACK that ends the handshake is not fresh.)
 *
 * Return: the new state; @state if the event changes nothing.
 */
static inline enum lscan_state lscan_next(enum lscan_state state,
					  enum lscan_event event)
{
	/* not listed: LSCAN_NONE, which stands for "stays" */
	static const __u8 next[LSCAN_STATES][LSCAN_EVENTS] = {
		[LSCAN_SYNRCV] = {
			[LSCAN_ACK]    = LSCAN_ESTAB1,
			[LSCAN_ACK_DATA] = LSCAN_ESTAB1,
			[LSCAN_TALK]   = LSCAN_VALID,
			[LSCAN_FINISH] = LSCAN_CNSCAN,
			[LSCAN_FINISH_DATA] = LSCAN_CNSCAN,
			[LSCAN_RESET]  = LSCAN_SYNSCAN,
			[LSCAN_LEAVE]  = LSCAN_CLOSED,
		},
		[LSCAN_ESTAB1] = {
			[LSCAN_ACK_DATA] = LSCAN_ESTAB2,
			[LSCAN_TALK]   = LSCAN_VALID,
			[LSCAN_FINISH] = LSCAN_CNSCAN,
			[LSCAN_FINISH_DATA] = LSCAN_GRSCAN,
			[LSCAN_RESET]  = LSCAN_CNSCAN,
			[LSCAN_LEAVE]  = LSCAN_CLOSED,
		},
		[LSCAN_ESTAB2] = {
			[LSCAN_TALK]   = LSCAN_VALID,
			[LSCAN_FINISH] = LSCAN_GRSCAN,
			[LSCAN_FINISH_DATA] = LSCAN_GRSCAN,
			[LSCAN_RESET]  = LSCAN_GRSCAN,
			[LSCAN_LEAVE]  = LSCAN_CLOSED,
		},
	};

	if (event == LSCAN_TRUST)
		return LSCAN_VALID;
	if (event == LSCAN_OPEN)
		return LSCAN_SYNRCV;
	return next[state][event] ? next[state][event] : state;
}

/**
 * lscan_fast_open - does a SYN carry a cookie of TCP Fast Open (RFC 7413)?
 * @opt: first byte behind the fixed header
 * @len: bytes of options
 *
 * Return: true if the options are well-formed up to a cookie.
 */
static inline bool lscan_fast_open(const __u8 *opt, unsigned int len)
{
	unsigned int pos = 0;

	while (pos < len && opt[pos] != 0) {	/* end of list */
		if (opt[pos] == 1) {		/* no operation */
			++pos;
			continue;
		}
		if (len - pos < 2 || opt[pos + 1] < 2 ||
		    opt[pos + 1] > len - pos)
			return false;
		if (opt[pos] == 34)
			return opt[pos + 1] > 2;
		pos += opt[pos + 1];
	}
	return false;
}

/*
 * Connections' numbers are in sets of one cache line. A word has the number (32 bits), the
 * tag of its connection (24) and when it was written (8 bits of seconds).
 */
#define LSCAN_SET_BITS	11
#define LSCAN_WAYS	8U
#define LSCAN_TAG	0xffffffU

/**
 * lscan_place - where a connection has its number
 * @address: of the connection in memory
 * @tag:     set to what tells it from others of the same set
 *
 * Return: the set.
 */
static inline __u32 lscan_place(__u64 address, __u32 *tag)
{
	/* hash_64() has 32 bits only; the lowest ones are those of an aligned address */
	__u64 hash = address * 0x61c8864680b583ebULL;

	*tag = (hash >> 16 & LSCAN_TAG) | 1;	/* never that of an empty word */
	return hash >> (64 - LSCAN_SET_BITS);
}

/**
 * lscan_word - what a set has of a connection
 * @tag:    of the connection
 * @now:    seconds of any clock
 * @number: its number
 *
 * Return: the word.
 */
static inline __u64 lscan_word(__u32 tag, __u32 now, __u32 number)
{
	return (__u64)tag << 40 | (__u64)(now & 0xff) << 32 | number;
}

/**
 * lscan_is_of - whether a word is that of a connection
 * @word: of a set
 * @tag:  of the connection
 *
 * Return: true if it is.
 */
static inline bool lscan_is_of(__u64 word, __u32 tag)
{
	return word >> 40 == tag;
}

/**
 * lscan_find - what a set has of a connection
 * @set: %LSCAN_WAYS words, which others may write
 * @tag: of the connection
 *
 * Return: the word; 0: none.
 */
static inline __u64 lscan_find(const __u64 *set, __u32 tag)
{
	unsigned int i;
	__u64 word;

	for (i = 0; i < LSCAN_WAYS; ++i) {
		word = READ_ONCE(set[i]);
		if (lscan_is_of(word, tag))
			return word;
	}
	return 0;
}

/**
 * lscan_way - which word of a set is for a connection
 * @set: %LSCAN_WAYS words, which others may write
 * @tag: of the connection
 * @now: seconds, of the clock that the words have
 *
 * Return: its own, or else the oldest one. What is older than four minutes may look young.
 */
static inline unsigned int lscan_way(const __u64 *set, __u32 tag, __u32 now)
{
	unsigned int i, oldest = 0;
	__u8 age, most = 0;
	__u64 word;

	for (i = 0; i < LSCAN_WAYS; ++i) {
		word = READ_ONCE(set[i]);
		if (lscan_is_of(word, tag))
			return i;
		age = word ? now - (__u32)(word >> 32) : 0xff;
		if (age > most) {
			most = age;
			oldest = i;
		}
	}
	return oldest;
}

/**
 * lscan_marks_fit - can the marks of the states be told apart?
 * @marks: of each state; that of LSCAN_NONE does not count
 * @mask:  bits of the mark that they may use
 *
 * Return: true if they differ, none is 0, and all fit in the mask.
 */
static inline bool lscan_marks_fit(const unsigned int *marks, unsigned int mask)
{
	unsigned int i, k;

	for (i = LSCAN_SYNRCV; i < LSCAN_STATES; ++i) {
		if (marks[i] == 0 || marks[i] & ~mask)
			return false;
		for (k = LSCAN_SYNRCV; k < i; ++k)
			if (marks[k] == marks[i])
				return false;
	}
	return true;
}

#endif /* _XT_LSCAN_STATE_H */
