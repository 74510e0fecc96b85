// SPDX-License-Identifier: GPL-2.0-only
/* xt_ipp2p_udp - what a UDP datagram is of */
#include "xt_ipp2p_pure.h"

/* What a datagram that begins with the byte can be of. */
static const __u16 ipp2p_udp_first[256] = {
	[0x00] = XT_IPP2P_BIT,		/* connect to a tracker */
	[0x01] = XT_IPP2P_BIT,		/* uTP, data */
	[0x41] = XT_IPP2P_BIT,		/* uTP, SYN */
	['B']  = XT_IPP2P_BIT,		/* local service discovery */
	['d']  = XT_IPP2P_BIT,		/* DHT */
	['G']  = XT_IPP2P_GNU,
	['$']  = XT_IPP2P_DC,		/* NMDC */
	['U']  = XT_IPP2P_DC,		/* ADC */
	[0xe3] = XT_IPP2P_EDK,		/* server */
	[0xe4] = XT_IPP2P_EDK,		/* Kad */
	[0xe5] = XT_IPP2P_EDK,
};

/* Gnutella's descriptor: GUID, type, TTL, hops, length of what follows */
#define IPP2P_GNU_GUID	14	/* random bytes; of the last two one is 0 */
#define IPP2P_GNU_TYPE	16
#define IPP2P_GNU_TTL	17
#define IPP2P_GNU_HOPS	18
#define IPP2P_GNU_LEN	19
#define IPP2P_GNU_HDR	23
#define IPP2P_GNU_LIFE	15	/* TTL and hops together, at most */

/* Gnutella2: more datagrams than that, of some 500 bytes, carry no message */
#define IPP2P_GNU2_PARTS	32

/* The shortest with the name of the network at its end, a ping */
#define IPP2P_KAZAA_MIN	12

/* An announcement: 1 behind eight bytes of connection id */
#define IPP2P_TRACKER_MIN	98

/**
 * ipp2p_udp_candidates - which protocols a UDP datagram can be of
 * @pay: the datagram's data, at least the first %IPP2P_FIRST bytes
 *
 * Context: any.
 * Return: XT_IPP2P_* bits, few or none for nearly all ordinary traffic.
 */
__u32 ipp2p_udp_candidates(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 can = ipp2p_udp_first[p[0]];

	if (pay->len >= IPP2P_TRACKER_MIN && ipp2p_be32(p + 8) == 1)
		can |= XT_IPP2P_BIT;
	if (pay->len >= IPP2P_GNU_HDR &&
	    ipp2p_le32(p + IPP2P_GNU_LEN) == pay->len - IPP2P_GNU_HDR)
		can |= XT_IPP2P_GNU;
	if (pay->len >= IPP2P_KAZAA_MIN && pay->len <= IPP2P_LOOK)
		can |= XT_IPP2P_KAZAA;
	return can;
}

static bool ipp2p_gnu_type(__u8 type)
{
	switch (type) {
	case 0x00:	/* ping, pong, bye */
	case 0x01:
	case 0x02:
	case 0x30:	/* query routing, vendor message */
	case 0x31:
	case 0x40:	/* push, query, hit */
	case 0x80:
	case 0x81:
		return true;
	}
	return false;
}

/*
 * A descriptor of Gnutella whose length is right. None is sent with TTL 0; an id
 * and two numbers, the first of three digits, look like one.
 */
static bool ipp2p_gnu_descriptor(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	unsigned int life;

	if (pay->len < IPP2P_GNU_HDR ||
	    ipp2p_le32(p + IPP2P_GNU_LEN) != pay->len - IPP2P_GNU_HDR)
		return false;
	life = p[IPP2P_GNU_TTL] + p[IPP2P_GNU_HOPS];
	return ipp2p_gnu_type(p[IPP2P_GNU_TYPE]) &&
	       p[IPP2P_GNU_TTL] && life <= IPP2P_GNU_LIFE &&
	       ipp2p_is_random(p, IPP2P_GNU_GUID);
}

/*
 * G2: flags, number of the datagram, part, of parts (0: an acknowledgment). The
 * upper four flags may be anything; of the lower ones two are defined, and a
 * receiver drops what has another.
 */
static bool ipp2p_gnu2_udp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	if (!ipp2p_at(pay, 0, "GND") || pay->len < 8 || p[3] & 0x0c)
		return false;
	if (p[6] < 1 || p[6] > IPP2P_GNU2_PARTS)
		return false;
	if (p[7] == 0)
		return pay->len == 8;
	return p[6] <= p[7] && p[7] <= IPP2P_GNU2_PARTS;
}

static bool ipp2p_gnu_udp(const struct ipp2p_payload *pay)
{
	return ipp2p_gnu_descriptor(pay) || ipp2p_gnu2_udp(pay) ||
	       (pay->len > 11 && ipp2p_at(pay, 0, "GNUTELLA "));
}

/**
 * ipp2p_udp - tell the protocol of a UDP datagram
 * @pay:        the datagram's data, the first %IPP2P_LOOK bytes or all
 * @candidates: those of ipp2p_udp_candidates() that are of interest
 *
 * Context: any. The work is bounded by %IPP2P_LOOK.
 * Return: one of the bits of @candidates, or 0.
 */
__u32 ipp2p_udp(const struct ipp2p_payload *pay, __u32 candidates)
{
	if (candidates & XT_IPP2P_EDK && ipp2p_edk_udp(pay))
		return XT_IPP2P_EDK;
	if (candidates & XT_IPP2P_DC && ipp2p_dc_udp(pay))
		return XT_IPP2P_DC;
	if (candidates & XT_IPP2P_GNU && ipp2p_gnu_udp(pay))
		return XT_IPP2P_GNU;
	if (candidates & XT_IPP2P_KAZAA && ipp2p_ends(pay, "KaZaA\0"))
		return XT_IPP2P_KAZAA;
	if (candidates & XT_IPP2P_BIT && ipp2p_bit_udp(pay))
		return XT_IPP2P_BIT;
	return 0;
}
