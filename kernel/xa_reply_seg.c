// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_reply_seg - which segment answers a TCP segment
 *
 * Each mode is a list of rows; the first row whose flags fit says what the
 * answer is made of, or that there is none. A segment that fits no row has no
 * answer. Pure arithmetic: the same file is built for the host and tested there.
 *
 * No two answering hosts can keep each other busy: a RST is never answered,
 * RST and SYN+ACK lead to a RST or to silence, and of ACKs, those that say
 * nothing (no data, window 0) are not answered. The latter is what tarpit
 * itself sends; honeypot's windows lose bits with each turn until none is left,
 * and then there is no answer.
 */
#include "xa_reply_seg.h"

/* An ACK without data and with window 0; beside the flags of the header. */
#define SEG_MUTE	(1 << 8)

enum seq_from { SEQ_ZERO, SEQ_RANDOM, SEQ_ACK };
enum ack_from { ACK_ZERO, ACK_SEQ, ACK_SYN, ACK_DATA, ACK_ALL, ACK_ACK, ACK_BEEF };
enum win_from { WIN_ZERO, WIN_FIVE, WIN_PEER };

struct seg_row {
	__u16 mask;	/* these of the flags ... */
	__u16 want;	/* ... are just so */
	__u8  flags;	/* of the answer; 0: there is none */
	enum seq_from seq;
	enum ack_from ack;
	enum win_from win;
};

#define FIN XA_SEG_FIN
#define SYN XA_SEG_SYN
#define RST XA_SEG_RST
#define PSH XA_SEG_PSH
#define ACK XA_SEG_ACK

#define END { 0, 0, 0, 0, 0, 0 }

static const struct seg_row tarpit[] = {
	{ RST,	     RST,	0, 0, 0, 0 },
	{ FIN,	     FIN,	0, 0, 0, 0 },
	{ SYN | ACK, SYN | ACK, RST,	   SEQ_ACK,    ACK_ZERO, WIN_ZERO },
	{ SYN,	     SYN,	SYN | ACK, SEQ_ZERO,   ACK_SYN,	 WIN_FIVE },
	{ SEG_MUTE,  SEG_MUTE,	0, 0, 0, 0 },
	{ ACK,	     ACK,	ACK,	   SEQ_ACK,    ACK_SEQ,	 WIN_ZERO },
	END
};

static const struct seg_row honeypot[] = {
	{ RST,	     RST,	0, 0, 0, 0 },
	{ FIN,	     FIN,	RST,	   SEQ_ACK,    ACK_ACK,	 WIN_ZERO },
	{ SYN | ACK, SYN | ACK, RST | PSH, SEQ_ACK,    ACK_BEEF, WIN_ZERO },
	{ SYN,	     SYN,	SYN | ACK, SEQ_RANDOM, ACK_SYN,	 WIN_PEER },
	{ SEG_MUTE,  SEG_MUTE,	0, 0, 0, 0 },
	{ ACK,	     ACK,	ACK,	   SEQ_ACK,    ACK_DATA, WIN_PEER },
	END
};

/* Without ACK in it a RST does not stop a connection that has yet to be made. */
static const struct seg_row reset[] = {
	{ RST,	     RST,	0, 0, 0, 0 },
	{ ACK,	     ACK,	RST,	   SEQ_ACK,    ACK_SEQ,	 WIN_ZERO },
	{ 0,	     0,		RST | ACK, SEQ_ZERO,   ACK_ALL,	 WIN_ZERO },
};

static const struct seg_row delude[] = {
	{ RST,	     RST,	0, 0, 0, 0 },
	{ SYN | ACK | FIN, SYN,	SYN | ACK, SEQ_RANDOM, ACK_ALL,	 WIN_ZERO },
	{ ACK,	     ACK,	RST,	   SEQ_ACK,    ACK_ZERO, WIN_ZERO },
	{ 0,	     0,		RST | ACK, SEQ_ZERO,   ACK_ALL,	 WIN_ZERO },
};

static const struct seg_row *const modes[XA_REPLY_MODES] = {
	[XA_REPLY_TARPIT]   = tarpit,
	[XA_REPLY_HONEYPOT] = honeypot,
	[XA_REPLY_RESET]    = reset,
	[XA_REPLY_DELUDE]   = delude,
};

const struct xa_reply_traits xa_reply_traits[XA_REPLY_MODES] = {
	[XA_REPLY_TARPIT]   = { .copy_tos = true, .plain_ip = true },
	[XA_REPLY_HONEYPOT] = { .copy_tos = true, .plain_ip = true,
				.negate_id = true, .random = true },
	[XA_REPLY_RESET]    = { .copy_tos = true, .plain_ip = true },
	[XA_REPLY_DELUDE]   = { .random = true },
};

static __u32 seg_seq(const struct seg_row *row, const struct xa_reply_seg *in,
		     __u64 rnd)
{
	switch (row->seq) {
	case SEQ_RANDOM:
		return (__u32)rnd;
	case SEQ_ACK:
		return in->ack;
	default:
		return 0;
	}
}

static __u32 seg_ack(const struct seg_row *row, const struct xa_reply_seg *in)
{
	switch (row->ack) {
	case ACK_SEQ:
		return in->seq;
	case ACK_SYN:
		return in->seq + 1;
	case ACK_DATA:
		return in->seq + in->len;
	case ACK_ALL:
		return in->seq + in->len + !!(in->flags & SYN) + !!(in->flags & FIN);
	case ACK_ACK:
		return in->ack;
	case ACK_BEEF:
		return 0xefbeadde;	/* on the wire ef be ad de */
	default:
		return 0;
	}
}

static bool is_bare_ack(const struct xa_reply_seg *in)
{
	return !in->len && !(in->flags & SYN);
}

/*
 * A window of 0 that honeypot told would stay shut: the number that the answer to a
 * probe acknowledges is an old one, and so its window is not looked at.
 */
static __u16 seg_window(const struct seg_row *row, const struct xa_reply_seg *in,
			__u64 rnd)
{
	__u16 window;

	switch (row->win) {
	case WIN_FIVE:
		return 5;
	case WIN_PEER:
		window = in->window & (__u16)(rnd >> 32);
		return window || is_bare_ack(in) ? window : in->window ?: 1;
	default:
		return 0;
	}
}

/**
 * xa_reply_seg - which segment answers a TCP segment
 * @mode: one of the modes
 * @in:   the segment that came in
 * @rnd:  random bits, used by the modes whose traits say random
 * @out:  the answer; untouched if there is none
 *
 * Context: any.
 * Return: whether there is an answer.
 */
bool xa_reply_seg(enum xa_reply_mode mode, const struct xa_reply_seg *in,
		  __u64 rnd, struct xa_reply_seg *out)
{
	const struct seg_row *row = modes[mode];
	__u16 flags = in->flags, window;

	if ((flags & ACK) && !in->len && !in->window)
		flags |= SEG_MUTE;
	while ((flags & row->mask) != row->want)
		++row;
	if (!row->flags)
		return false;
	window = seg_window(row, in, rnd);
	if (!window && row->win == WIN_PEER)
		return false;
	*out = (struct xa_reply_seg){
		.seq	= seg_seq(row, in, rnd),
		.ack	= seg_ack(row, in),
		.window	= window,
		.flags	= row->flags,
	};
	return true;
}
