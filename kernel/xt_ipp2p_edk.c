// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipp2p_edk - eDonkey, eMule and Kad
 *
 * Names and layouts of the messages are those of eMule and aMule. Numbers are
 * little endian. Of the many small datagrams those are told that have more to
 * say than the two bytes of protocol and message.
 */
#include "xt_ipp2p_pure.h"

#define EDK_PLAIN	0xe3	/* TCP, and UDP of servers */
#define EDK_EMULE	0xc5
#define EDK_PACKED	0xd4	/* either of them, compressed */
#define KAD_PLAIN	0xe4
#define KAD_PACKED	0xe5

/* TCP: protocol, length of what follows, message */
#define EDK_HDR		5
#define EDK_MIN		(EDK_HDR + 1)

#define EDK_SENDINGPART	0x46	/* hash, first and last byte, the bytes */
#define EDK_PART_MIN	30

/* UDP: protocol, message */
#define EDK_UDP_HDR	2

/* First byte of a zlib stream, and the second as eMule makes it */
#define ZLIB_DEFLATE	0x78
#define ZLIB_BEST	0xda

/* First bits of what is compressed: the last block, with Huffman codes of its own */
#define ZLIB_BLOCK	0x07
#define ZLIB_LAST_DYN	0x05

/* Kad: a 128-bit id, a contact (id, IPv4 address, ports, type or version) */
#define KAD_ID		16
#define KAD_CONTACT	25
#define KAD_TCP_PORT	4662	/* unless the user chose another */
#define KAD_TYPE_MAX	4
#define KAD_VERSION_MAX	0x0f

static bool edk_plain_code(__u8 code)
{
	return code == 0x01 || code == 0x05 ||		/* hello, rejected */
	       (code >= 0x14 && code <= 0x23) ||	/* to a server */
	       (code >= 0x32 && code <= 0x64);		/* from it, of peers */
}

static bool edk_emule_code(__u8 code)
{
	return code == 0x01 || code == 0x02 || code == 0x40 ||
	       code == 0x60 || code == 0x61 || (code >= 0x81 && code <= 0xa8);
}

static bool edk_code(const __u8 *p)
{
	switch (p[0]) {
	case EDK_PLAIN:
		return edk_plain_code(p[EDK_HDR]);
	case EDK_EMULE:
		return edk_emule_code(p[EDK_HDR]);
	}
	return edk_plain_code(p[EDK_HDR]) || edk_emule_code(p[EDK_HDR]);
}

static bool edk_protocol(__u8 byte)
{
	return byte == EDK_PLAIN || byte == EDK_EMULE || byte == EDK_PACKED;
}

/* A piece of a file, of which the segment holds the beginning */
static bool edk_part(const struct ipp2p_payload *pay, __u32 size)
{
	const __u8 *p = pay->data;

	return p[0] == EDK_PLAIN && p[EDK_HDR] == EDK_SENDINGPART &&
	       pay->len >= EDK_PART_MIN &&
	       ipp2p_le32(p + 26) - ipp2p_le32(p + 22) == size - 25;
}

/**
 * ipp2p_edk_tcp - whether a TCP segment begins with a message of eDonkey
 * @pay: its data
 *
 * The message fills the segment, or another one follows, or it is a piece of a
 * file with a length that fits.
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_edk_tcp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 size, end;

	if (pay->len < EDK_MIN || !edk_protocol(p[0]) || !edk_code(p))
		return false;
	if (p[0] == EDK_PACKED &&
	    (pay->len < EDK_MIN + 1 || p[EDK_MIN] != ZLIB_DEFLATE))
		return false;
	size = ipp2p_le32(p + 1);
	if (size == pay->len - EDK_HDR || edk_part(pay, size))
		return true;
	if (size == 0 || size >= pay->have)
		return false;
	end = EDK_HDR + size;
	return end < pay->have && pay->have - end >= EDK_MIN &&
	       edk_protocol(p[end]) && edk_code(p + end) &&
	       ipp2p_be16(p + end + 3) == 0;
}

/* The marks that eMule and aMule put into what they ask a server */
static bool edk_server_ping(const __u8 *p)
{
	return ipp2p_le16(p + 4) == 0x55aa;
}

static bool edk_server_description(const __u8 *p)
{
	return ipp2p_le16(p + 2) == 0xf0ff;
}

/* A search for one word: its type, its length, and nothing else */
static bool edk_server_search(const struct ipp2p_payload *pay)
{
	return pay->len > EDK_UDP_HDR + 3 && pay->data[2] == 0x01 &&
	       ipp2p_le16(pay->data + 3) == pay->len - EDK_UDP_HDR - 3;
}

static bool edk_server_udp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	if (pay->len < 6)
		return false;
	switch (p[1]) {
	case 0x92:	/* search, of two kinds */
	case 0x98:
		return edk_server_search(pay);
	case 0x96:	/* status */
		return pay->len == 6 && edk_server_ping(p);
	case 0x97:
		return pay->len >= 14 && edk_server_ping(p);
	case 0xa2:	/* description */
		return pay->len == 6 && edk_server_description(p);
	case 0xa3:	/* and up to 255 attributes */
		return pay->len >= 10 && edk_server_description(p) &&
		       ipp2p_le32(p + 6) <= 0xff;
	}
	return false;
}

/* COUNT contacts from POS up to the end, each ending in a byte up to MOST */
static bool kad_contacts(const struct ipp2p_payload *pay, unsigned int pos,
			 unsigned int count, __u8 most)
{
	if (pay->len != pos + count * KAD_CONTACT)
		return false;
	for (pos += KAD_CONTACT; pos <= pay->have; pos += KAD_CONTACT)
		if (pay->data[pos - 1] > most)
			return false;
	return true;
}

/*
 * Whether two ids agree in their first 11 bits. An id is sent as four
 * little-endian words, the most significant word first.
 */
static bool kad_near(const __u8 *a, const __u8 *b)
{
	return a[3] == b[3] && ((a[2] ^ b[2]) & 0xe0) == 0;
}

/*
 * What is wanted: a value, storing, a node; the id that is looked for, and the
 * id of whom is asked. Both are near to each other except in the first steps of
 * a search, which are left out.
 */
static bool kad_request(const struct ipp2p_payload *pay)
{
	const __u8 *id = pay->data + EDK_UDP_HDR + 1;
	__u8 want;

	if (pay->len != EDK_UDP_HDR + 1 + 2 * KAD_ID)
		return false;
	want = pay->data[EDK_UDP_HDR];
	return (want == 0x02 || want == 0x04 || want == 0x0b) &&
	       kad_near(id, id + KAD_ID);
}

/* An id, a number of contacts (with one there is too little to check), the contacts */
static bool kad_response(const struct ipp2p_payload *pay, __u8 most)
{
	unsigned int pos = EDK_UDP_HDR + KAD_ID;

	return pay->len > pos && pay->data[pos] >= 2 &&
	       kad_contacts(pay, pos + 1, pay->data[pos], most);
}

/* An attribute with a name of one byte: type, length of the name, name */
static bool kad_attribute(const struct ipp2p_payload *pay, unsigned int pos)
{
	return pay->have > pos + 3 && (pay->data[pos] & 0x7f) <= 0x0b &&
	       ipp2p_le16(pay->data + pos + 1) == 1;
}

/*
 * Kad 2: id, TCP port, version, number of attributes, attributes. Without any,
 * only the default port tells it from random bytes.
 */
static bool kad2_hello(const struct ipp2p_payload *pay)
{
	unsigned int pos = EDK_UDP_HDR + KAD_ID;
	const __u8 *p = pay->data;

	if (pay->len < pos + 4 || p[pos + 2] > KAD_VERSION_MAX ||
	    !ipp2p_le16(p + pos))
		return false;
	if (p[pos + 3] == 0)
		return pay->len == pos + 4 &&
		       ipp2p_le16(p + pos) == KAD_TCP_PORT;
	return p[pos + 3] <= 8 && kad_attribute(pay, pos + 4);
}

/* Kad 2: id, TCP port, version, number of contacts, contacts */
static bool kad2_bootstrap(const struct ipp2p_payload *pay)
{
	unsigned int pos = EDK_UDP_HDR + KAD_ID + 3;

	return pay->len > pos + 2 &&
	       kad_contacts(pay, pos + 2, ipp2p_le16(pay->data + pos),
			    KAD_VERSION_MAX);
}

/* Kad 2: a key, perhaps where to begin, and the size of the file, below 1 TiB */
static bool kad2_search(const struct ipp2p_payload *pay, unsigned int start)
{
	unsigned int pos = EDK_UDP_HDR + KAD_ID + start;

	return pay->len == pos + 8 && pay->data[pos + 5] == 0 &&
	       ipp2p_le16(pay->data + pos + 6) == 0;
}

/* Kad 2: two ids, a number of attributes, attributes */
static bool kad2_publish(const struct ipp2p_payload *pay)
{
	unsigned int pos = EDK_UDP_HDR + 2 * KAD_ID;

	return pay->have > pos && pay->data[pos] >= 1 && pay->data[pos] <= 32 &&
	       kad_attribute(pay, pos + 1);
}

static bool kad_plain(const struct ipp2p_payload *pay)
{
	switch (pay->data[1]) {
	case 0x20:	/* who is near to an id? Kad 1, Kad 2 */
	case 0x21:
		return kad_request(pay);
	case 0x28:
		return kad_response(pay, KAD_TYPE_MAX);
	case 0x29:
		return kad_response(pay, KAD_VERSION_MAX);
	case 0x09:
		return kad2_bootstrap(pay);
	case 0x11:
	case 0x19:
		return kad2_hello(pay);
	case 0x34:	/* sources, notes */
		return kad2_search(pay, 2);
	case 0x35:
		return kad2_search(pay, 0);
	case 0x44:	/* a source, a note */
	case 0x45:
		return kad2_publish(pay);
	}
	return false;
}

/* Of the answers that can be long enough to be worth it */
static bool kad_packed(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	if (pay->len < 12 || p[2] != ZLIB_DEFLATE || p[3] != ZLIB_BEST ||
	    (p[4] & ZLIB_BLOCK) != ZLIB_LAST_DYN)
		return false;
	switch (p[1]) {
	case 0x08:	/* bootstrap, contacts, results, of Kad 1 and Kad 2 */
	case 0x09:
	case 0x28:
	case 0x29:
	case 0x38:
	case 0x3b:
	case 0x43:	/* publishing */
	case 0x44:
		return true;
	}
	return false;
}

/**
 * ipp2p_edk_udp - whether a UDP datagram is of eDonkey's servers or of Kad
 * @pay: its data
 *
 * Context: any.
 * Return: true if it is.
 */
bool ipp2p_edk_udp(const struct ipp2p_payload *pay)
{
	if (pay->len < EDK_UDP_HDR)
		return false;
	switch (pay->data[0]) {
	case EDK_PLAIN:
		return edk_server_udp(pay);
	case KAD_PLAIN:
		return kad_plain(pay);
	case KAD_PACKED:
		return kad_packed(pay);
	}
	return false;
}
