// SPDX-License-Identifier: GPL-2.0-only
/* xt_ipp2p_tcp - what a TCP segment is of */
#include "xt_ipp2p_pure.h"

/* What a segment that begins with the byte can be of. */
static const __u16 ipp2p_tcp_first[256] = {
	['$']  = XT_IPP2P_DC,		/* NMDC */
	['C']  = XT_IPP2P_DC,		/* ADC */
	['H']  = XT_IPP2P_DC | XT_IPP2P_GNU,
	['I']  = XT_IPP2P_DC,
	['G']  = XT_IPP2P_GNU | XT_IPP2P_KAZAA | XT_IPP2P_BIT | XT_IPP2P_WINMX |
		 XT_IPP2P_WASTE,
	['P']  = XT_IPP2P_MUTE | XT_IPP2P_XDCC | XT_IPP2P_GNU,
	['S']  = XT_IPP2P_WINMX,
	['a']  = XT_IPP2P_APPLE,
	[0x13] = XT_IPP2P_BIT,
	[0xc5] = XT_IPP2P_EDK,
	[0xd4] = XT_IPP2P_EDK,
	[0xe3] = XT_IPP2P_EDK,
};

/* The message to connect, with three bytes of content */
#define IPP2P_ARES_MIN	6

/* A length, and then a code of four bytes; no message that is told is shorter */
#define IPP2P_SOUL_MIN	9

/**
 * ipp2p_tcp_candidates - which protocols a TCP segment can be of
 * @pay: the segment's data, at least the first %IPP2P_FIRST bytes
 *
 * Context: any.
 * Return: XT_IPP2P_* bits, 0 for nearly all ordinary traffic.
 */
__u32 ipp2p_tcp_candidates(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 can = ipp2p_tcp_first[p[0]];

	if (pay->len >= IPP2P_SOUL_MIN && ipp2p_le32(p) - 5 <= pay->len - 9)
		can |= XT_IPP2P_SOUL;
	if (pay->len == IPP2P_ARES_MIN && ipp2p_le16(p) == pay->len - 3)
		can |= XT_IPP2P_ARES;
	return can;
}

/* A GUID in hexadecimal digits from POS on, and then END */
static bool ipp2p_gnu_guid(const struct ipp2p_payload *pay, unsigned int pos, __u8 end)
{
	unsigned int n;

	if (pos + 32 >= pay->have)
		return false;
	for (n = 0; n < 32; ++n)
		if (!ipp2p_hex_digit(pay->data[pos + n]))
			return false;
	return pay->data[pos + 32] == end;
}

/* Gnutella 0.4, an answer to a push: "GIV INDEX:GUID/NAME" */
static bool ipp2p_gnu_giv(const struct ipp2p_payload *pay)
{
	unsigned int pos = 4;

	while (pos < pay->have && pos < 4 + 10 && ipp2p_digit(pay->data[pos]))
		++pos;
	return pos > 4 && ipp2p_at(pay, pos, ":") && ipp2p_gnu_guid(pay, pos + 1, '/');
}

/* How a connection begins, 0.4 or 0.6, and how it is answered; a push */
static bool ipp2p_gnu_tcp(const struct ipp2p_payload *pay)
{
	if (ipp2p_at(pay, 0, "GNUTELLA CONNECT/"))
		return pay->have > 17 && ipp2p_digit(pay->data[17]);
	if (ipp2p_at(pay, 0, "GNUTELLA OK\n\n"))
		return true;
	if (ipp2p_at(pay, 0, "GIV "))
		return ipp2p_gnu_giv(pay);
	if (ipp2p_at(pay, 0, "PUSH guid:"))		/* Gnutella2 */
		return ipp2p_gnu_guid(pay, 10, '\r');
	return ipp2p_at(pay, 0, "GNUTELLA/") && pay->have > 9 &&
	       ipp2p_digit(pay->data[9]);
}

/* "GIVE NUMBER", the answer to a push */
static bool ipp2p_kazaa_tcp(const struct ipp2p_payload *pay)
{
	unsigned int pos = 5;

	if (!ipp2p_at(pay, 0, "GIVE "))
		return false;
	while (pos < pay->have && pos < 5 + 10 && ipp2p_digit(pay->data[pos]))
		++pos;
	return pos > 5 && ipp2p_at(pay, pos, "\r\n");
}

/* Length, type, content: connect with its version */
static bool ipp2p_ares_tcp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	return pay->len == IPP2P_ARES_MIN && ipp2p_le16(p) == 3 &&
	       p[2] == 0x5a && p[5] == 0x05;
}

/* The keys are of 512 to 4096 bits, and nothing else is sent with them. */
static bool ipp2p_mute_tcp(const struct ipp2p_payload *pay)
{
	switch (pay->len) {
	case 209:
	case 345:
	case 473:
	case 609:
	case 1121:
		return ipp2p_at(pay, 0, "PublicKey: ");
	}
	return false;
}

/**
 * ipp2p_tcp - tell the protocol of a TCP segment
 * @pay:        the segment's data, the first %IPP2P_LOOK bytes or all
 * @candidates: those of ipp2p_tcp_candidates() that are of interest
 *
 * Context: any. The work is bounded by %IPP2P_LOOK.
 * Return: one of the bits of @candidates, or 0.
 */
__u32 ipp2p_tcp(const struct ipp2p_payload *pay, __u32 candidates)
{
	if (candidates & XT_IPP2P_EDK && ipp2p_edk_tcp(pay))
		return XT_IPP2P_EDK;
	if (candidates & XT_IPP2P_DC && ipp2p_dc_tcp(pay))
		return XT_IPP2P_DC;
	if (candidates & XT_IPP2P_GNU && ipp2p_gnu_tcp(pay))
		return XT_IPP2P_GNU;
	if (candidates & XT_IPP2P_KAZAA && ipp2p_kazaa_tcp(pay))
		return XT_IPP2P_KAZAA;
	if (candidates & XT_IPP2P_BIT && ipp2p_bit_tcp(pay))
		return XT_IPP2P_BIT;
	if (candidates & XT_IPP2P_APPLE && ipp2p_at(pay, 0, "ajprot\r\n"))
		return XT_IPP2P_APPLE;
	if (candidates & XT_IPP2P_SOUL && ipp2p_soul_tcp(pay))
		return XT_IPP2P_SOUL;
	if (candidates & XT_IPP2P_WINMX && ipp2p_winmx_tcp(pay))
		return XT_IPP2P_WINMX;
	if (candidates & XT_IPP2P_ARES && ipp2p_ares_tcp(pay))
		return XT_IPP2P_ARES;
	if (candidates & XT_IPP2P_MUTE && ipp2p_mute_tcp(pay))
		return XT_IPP2P_MUTE;
	if (candidates & XT_IPP2P_WASTE && ipp2p_at(pay, 0, "GET.sha1:"))
		return XT_IPP2P_WASTE;
	if (candidates & XT_IPP2P_XDCC && ipp2p_xdcc_tcp(pay))
		return XT_IPP2P_XDCC;
	return ipp2p_http(pay, candidates);
}
