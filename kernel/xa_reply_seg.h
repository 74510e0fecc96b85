/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_reply_seg - which segment answers a TCP segment; no kernel needed */
#ifndef _XA_REPLY_SEG_H
#define _XA_REPLY_SEG_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* Flags of the 14th byte of a TCP header (RFC 9293) that decide something. */
enum {
	XA_SEG_FIN = 1 << 0,
	XA_SEG_SYN = 1 << 1,
	XA_SEG_RST = 1 << 2,
	XA_SEG_PSH = 1 << 3,
	XA_SEG_ACK = 1 << 4,
};

/**
 * enum xa_reply_mode - how TCP segments are answered
 * @XA_REPLY_TARPIT:   accept a connection and keep its window at 0
 * @XA_REPLY_HONEYPOT: accept a connection, take and acknowledge its data
 * @XA_REPLY_RESET:    reset at once
 * @XA_REPLY_DELUDE:   SYN+ACK to a SYN, reset to all that follows
 * @XA_REPLY_MODES:    number of modes
 */
enum xa_reply_mode {
	XA_REPLY_TARPIT,
	XA_REPLY_HONEYPOT,
	XA_REPLY_RESET,
	XA_REPLY_DELUDE,
	XA_REPLY_MODES,
};

/**
 * struct xa_reply_traits - what else distinguishes a mode
 * @copy_tos:  IPv4: the answer has the type of service of what it answers
 * @negate_id: IPv4: the answer has the negated identification, else 0
 * @plain_ip:  packets with IPv4 options or IPv6 extension headers go unanswered
 * @random:    answers want random numbers
 */
struct xa_reply_traits {
	bool copy_tos;
	bool negate_id;
	bool plain_ip;
	bool random;
};

extern const struct xa_reply_traits xa_reply_traits[XA_REPLY_MODES];

/**
 * struct xa_reply_seg - the fields of a TCP segment that matter, host order
 * @seq:    sequence number
 * @ack:    acknowledgment number, whether or not ACK is set
 * @len:    bytes of data, without TCP options
 * @window: window as it stands in the header
 * @flags:  XA_SEG_*; other bits are ignored
 */
struct xa_reply_seg {
	__u32 seq;
	__u32 ack;
	__u32 len;
	__u16 window;
	__u8  flags;
};

bool xa_reply_seg(enum xa_reply_mode mode, const struct xa_reply_seg *in,
		  __u64 rnd, struct xa_reply_seg *out);

#endif /* _XA_REPLY_SEG_H */
