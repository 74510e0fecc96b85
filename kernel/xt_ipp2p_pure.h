/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_ipp2p_pure - which peer-to-peer protocol a payload is of
 *
 * DOC: how a payload is looked at
 *
 * Each packet is looked at by itself. First ipp2p_tcp_candidates() and
 * ipp2p_udp_candidates() say, from the first %IPP2P_FIRST bytes and the length,
 * which protocols it can be of at all: a table of the first byte, and for
 * protocols that begin with a length or an identifier one comparison each.
 * Nearly all traffic ends there. What is left goes to ipp2p_tcp() and
 * ipp2p_udp(), which look at %IPP2P_LOOK bytes at most.
 *
 * A signature has to check 31 bits or more of what the payload says: fixed bytes,
 * fields with few values, a length that is given in the payload. That a payload
 * has a certain length counts for nothing: all packets of an encrypted flow may
 * have it. So of a thousand million random payloads of any one length fewer than
 * one matches, all signatures together; tests/unit/ipp2p.c draws them. What is
 * weaker is left out, however common it is in the protocol.
 *
 * All of it is pure and also compiles on the host, for unit tests and fuzzers.
 */
#ifndef _XT_IPP2P_PURE_H
#define _XT_IPP2P_PURE_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stdbool.h>
#include <string.h>
#endif

#include "xt_ipp2p.h"

#define IPP2P_FIRST	32
#define IPP2P_LOOK	512

/* BEP 3: how a peer begins, at least the name of the protocol */
#define IPP2P_BIT_HANDSHAKE	"\023BitTorrent protocol"

/* BEP 15: the request for a connection to a tracker, before a transaction id */
#define IPP2P_TRACKER_CONNECT	"\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00\x00"

/* BEP 29: type and version, the first byte of a uTP packet with data */
#define IPP2P_UTP_DATA		0x01

/**
 * struct ipp2p_payload - what a TCP segment or a UDP datagram carries
 * @data: its first bytes
 * @have: how many of them are there: @len, if that is not more than the reader
 *        asks for
 * @len:  length of the whole, at least 1
 */
struct ipp2p_payload {
	const __u8 *data;
	unsigned int have;
	unsigned int len;
};

static inline __u16 ipp2p_be16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline __u32 ipp2p_be32(const __u8 *p)
{
	return (__u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static inline __u16 ipp2p_le16(const __u8 *p)
{
	return p[1] << 8 | p[0];
}

static inline __u32 ipp2p_le32(const __u8 *p)
{
	return (__u32)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

/*
 * Whether ids and hashes can be in COUNT bytes, an even number: two zeros in one
 * place are rare there, and usual in numbers of any byte order.
 */
static inline bool ipp2p_is_random(const __u8 *p, unsigned int count)
{
	unsigned int n;

	for (n = 0; n < count; n += 2)
		if (ipp2p_be16(p + n) == 0)
			return false;
	return true;
}

static inline bool ipp2p_has(const struct ipp2p_payload *pay, unsigned int pos,
			     const void *bytes, unsigned int count)
{
	return pos <= pay->have && pay->have - pos >= count &&
	       memcmp(pay->data + pos, bytes, count) == 0;
}

/* Whether TEXT, a literal, stands at POS */
#define ipp2p_at(pay, pos, text)					\
	ipp2p_has(pay, pos, text, sizeof(text) - 1)

static inline bool ipp2p_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

static inline bool ipp2p_hex_digit(__u8 c)
{
	return ipp2p_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static inline bool ipp2p_has_end(const struct ipp2p_payload *pay,
				 const void *bytes, unsigned int count)
{
	return pay->have == pay->len && pay->len >= count &&
	       ipp2p_has(pay, pay->len - count, bytes, count);
}

/* Whether all of the payload is there and ends with TEXT, a literal */
#define ipp2p_ends(pay, text)						\
	ipp2p_has_end(pay, text, sizeof(text) - 1)

__u32 ipp2p_tcp_candidates(const struct ipp2p_payload *pay);
__u32 ipp2p_udp_candidates(const struct ipp2p_payload *pay);
__u32 ipp2p_tcp(const struct ipp2p_payload *pay, __u32 candidates);
__u32 ipp2p_udp(const struct ipp2p_payload *pay, __u32 candidates);

bool ipp2p_edk_tcp(const struct ipp2p_payload *pay);
bool ipp2p_edk_udp(const struct ipp2p_payload *pay);
bool ipp2p_bit_tcp(const struct ipp2p_payload *pay);
bool ipp2p_bit_udp(const struct ipp2p_payload *pay);
bool ipp2p_soul_tcp(const struct ipp2p_payload *pay);
bool ipp2p_winmx_tcp(const struct ipp2p_payload *pay);
bool ipp2p_xdcc_tcp(const struct ipp2p_payload *pay);
bool ipp2p_dc_tcp(const struct ipp2p_payload *pay);
bool ipp2p_dc_udp(const struct ipp2p_payload *pay);
__u32 ipp2p_http(const struct ipp2p_payload *pay, __u32 candidates);
unsigned int ipp2p_utp_data(const struct ipp2p_payload *pay);

#endif /* _XT_IPP2P_PURE_H */
