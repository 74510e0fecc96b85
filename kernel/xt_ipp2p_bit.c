// SPDX-License-Identifier: GPL-2.0-only
/* xt_ipp2p_bit - BitTorrent: peers, uTP, DHT, trackers, local discovery */
#include "xt_ipp2p_pure.h"

/* BEP 15 */
#define BIT_CONNECT_MIN		16
#define BIT_ANNOUNCE		1
#define BIT_ANNOUNCE_MIN	98
#define BIT_HASH		20
#define BIT_HASH_EDGES		5	/* more zeros and ones than that are in no hash */

/* BEP 29: the header; type and version in its first byte */
#define BIT_UTP_HDR		20
#define BIT_UTP_SYN		0x41
#define BIT_UTP_EXT_BITS	2
#define BIT_UTP_BITS_LEN	8
#define BIT_UTP_EXT_MAX		3	/* selective ack, bits, reason to close */
#define BIT_UTP_EXTS		4	/* nobody sends more than one of each */

/* BEP 5: up to the key of the node's id, and the id */
#define BIT_DHT_ID_MIN		(12 + 20)

/**
 * ipp2p_bit_tcp - whether a TCP segment begins a BitTorrent connection
 * @pay: its data
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_bit_tcp(const struct ipp2p_payload *pay)
{
	return ipp2p_at(pay, 0, IPP2P_BIT_HANDSHAKE);
}

/**
 * ipp2p_utp_data - where the data of a uTP packet begin
 * @pay: a datagram's data, maybe of uTP
 *
 * Context: any.
 * Return: their position, or 0 if there is no header or the extensions make no sense.
 */
unsigned int ipp2p_utp_data(const struct ipp2p_payload *pay)
{
	unsigned int pos = BIT_UTP_HDR, n;
	__u8 kind;

	if (pay->have < BIT_UTP_HDR)
		return 0;
	kind = pay->data[1];
	for (n = 0; kind && n < BIT_UTP_EXTS; ++n) {
		if (kind > BIT_UTP_EXT_MAX || pay->have - pos < 2)
			return 0;
		kind = pay->data[pos];
		pos += 2 + pay->data[pos + 1];
		if (pos > pay->have)
			return 0;
	}
	return kind ? 0 : pos;
}

/* A SYN has no extension but that of older clients, eight bytes of bits. */
static bool bit_utp_syn_fits(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	if (p[1] == 0)
		return pay->len == BIT_UTP_HDR;
	return p[1] == BIT_UTP_EXT_BITS && pay->len == BIT_UTP_HDR + 2 + BIT_UTP_BITS_LEN &&
	       p[BIT_UTP_HDR] == 0 && p[BIT_UTP_HDR + 1] == BIT_UTP_BITS_LEN;
}

/*
 * A SYN, which carries nothing and has neither a delay nor a packet to report;
 * or the data that begin a connection. The first sequence number is 1 in the
 * specification and random in clients of today.
 */
static bool bit_utp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	unsigned int data = ipp2p_utp_data(pay);

	if (data == 0)
		return false;
	if (p[0] == IPP2P_UTP_DATA)
		return ipp2p_at(pay, data, IPP2P_BIT_HANDSHAKE);
	return p[0] == BIT_UTP_SYN && bit_utp_syn_fits(pay) && ipp2p_be32(p + 4) &&
	       ipp2p_be32(p + 8) == 0 && ipp2p_be16(p + 18) == 0;
}

/* An answer from its key on. Before the id come the Bloom filters of a scrape, BEP 33. */
static bool bit_dht_answer(const struct ipp2p_payload *pay, unsigned int pos)
{
	return ipp2p_at(pay, pos, "1:rd2:id20:") ||
	       ipp2p_at(pay, pos, "1:rd4:BFpe256:") ||
	       ipp2p_at(pay, pos, "1:rd4:BFsd256:");
}

/* BEP 42: first the address of who asked, with its port or without, then the answer */
static bool bit_dht_ip(const struct ipp2p_payload *pay)
{
	unsigned int pos;

	if (ipp2p_at(pay, 0, "d2:ip6:"))
		pos = 7 + 6;
	else if (ipp2p_at(pay, 0, "d2:ip18:"))
		pos = 8 + 18;
	else if (ipp2p_at(pay, 0, "d2:ip4:"))
		pos = 7 + 4;
	else if (ipp2p_at(pay, 0, "d2:ip16:"))
		pos = 8 + 16;
	else
		return false;
	return bit_dht_answer(pay, pos);
}

/* A number of three digits that begins with 2, or one of the two of BEP 44; "e" */
static bool bit_dht_error(const struct ipp2p_payload *pay)
{
	if (ipp2p_at(pay, 0, "d1:eli301e") || ipp2p_at(pay, 0, "d1:eli302e"))
		return true;
	return ipp2p_at(pay, 0, "d1:eli2") && pay->have >= 10 &&
	       ipp2p_digit(pay->data[7]) && ipp2p_digit(pay->data[8]) &&
	       pay->data[9] == 'e';
}

/*
 * Keys of a dictionary are sorted, so a message begins like one of these. Before
 * the id comes the condition of a write (BEP 44).
 */
static bool bit_dht(const struct ipp2p_payload *pay)
{
	if (ipp2p_at(pay, 0, "d1:ad2:id20:") || ipp2p_at(pay, 0, "d1:rd2:id20:"))
		return pay->len >= BIT_DHT_ID_MIN;
	return ipp2p_at(pay, 0, "d1:ad3:casi") ||
	       (pay->data[0] == 'd' && bit_dht_answer(pay, 1)) ||
	       bit_dht_ip(pay) || bit_dht_error(pay);
}

/* Top two bytes of a count of bytes: nobody has moved 256 TiB. */
static bool bit_no_count(const __u8 *p)
{
	return ipp2p_be16(p) != 0;
}

/*
 * Sound and other measurements near zero, in network order, have bytes of zeros or ones
 * in each value. Of hashes one of a hundred million has six.
 */
static bool bit_is_hash(const __u8 *p)
{
	unsigned int n, edges = 0;

	for (n = 0; n < BIT_HASH; ++n)
		edges += p[n] == 0 || p[n] == 0xff;
	return edges <= BIT_HASH_EDGES && ipp2p_is_random(p, BIT_HASH);
}

/*
 * An announcement to a tracker: connection id, action, transaction id, which is random,
 * hash, peer id. The connection id is the tracker's and may be anything. Of a scrape
 * hardly more is known than the action, and much else keeps a small number in that place:
 * see ipp2p_news().
 */
static bool bit_announce(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 peers;

	if (pay->have < BIT_ANNOUNCE_MIN || ipp2p_be32(p + 8) != BIT_ANNOUNCE)
		return false;
	if (!ipp2p_is_random(p + 12, 4) || !bit_is_hash(p + 16) || !ipp2p_be32(p + 36))
		return false;
	if (bit_no_count(p + 56) || bit_no_count(p + 72))	/* down, up */
		return false;
	peers = ipp2p_be32(p + 92);
	return ipp2p_be32(p + 80) <= 3 &&			/* event */
	       (peers == ~0U || peers <= 0xffff) &&
	       ipp2p_be16(p + 96);				/* port */
}

/**
 * ipp2p_bit_udp - whether a UDP datagram is BitTorrent's
 * @pay: its data
 *
 * Context: any.
 * Return: true if it is.
 */
bool ipp2p_bit_udp(const struct ipp2p_payload *pay)
{
	if (pay->len >= BIT_CONNECT_MIN && ipp2p_at(pay, 0, IPP2P_TRACKER_CONNECT))
		return true;
	return bit_utp(pay) || bit_dht(pay) || bit_announce(pay) ||
	       ipp2p_at(pay, 0, "BT-SEARCH * HTTP/1.1\r\n");
}
