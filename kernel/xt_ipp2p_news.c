// SPDX-License-Identifier: GPL-2.0-only
/* xt_ipp2p_news - what payloads tell of the peers of BitTorrent, for --learn */
#include "xt_ipp2p_news.h"

#ifdef __KERNEL__
#include <linux/bitops.h>
#else
#define hweight64(word) ((unsigned int)__builtin_popcountll(word))
#endif

/* BEP 15: the announcement and its answer, the scrape */
#define NEWS_ANNOUNCE		1
#define NEWS_ANNOUNCE_MIN	98
#define NEWS_ANNOUNCE_PORT	96
#define NEWS_PEERS		20
#define NEWS_SCRAPE		2
#define NEWS_SCRAPE_HDR		16
#define NEWS_SCRAPE_HASHES	74
#define NEWS_HASH		20

/* No port below is taken from anybody but the host that has it. */
#define NEWS_LOW_PORT		1024

/*
 * Message stream encryption: a connection begins in both directions with a key of 96
 * bytes and up to 512 bytes more, all of them random.
 */
#define NEWS_KEY		96
#define NEWS_KEY_MOST		(NEWS_KEY + 512)

/*
 * So far from the mean may be how many bits of the key are set, and how many of the
 * first bits of its bytes: four and a half standard deviations.
 */
#define NEWS_KEY_BITS		62
#define NEWS_KEY_FIRST_BITS	22

/* BEP 29 */
#define NEWS_UTP_VERSION	1
#define NEWS_UTP_TYPE_MAX	4
#define NEWS_UTP_EXT_MAX	3
#define NEWS_UTP_SACK		1	/* first extension: so many bits, in words */
#define NEWS_UTP_SACK_LEN	21

static enum ipp2p_news news_tcp(const struct ipp2p_payload *pay, bool bit)
{
	if (bit)
		return pay->data[0] == 'G' ? IPP2P_HTTP_QUERY : IPP2P_NEWS_HANDSHAKE;
	/* the header, or the body if it comes in a segment of its own */
	if (ipp2p_at(pay, 0, "HTTP/1.") || ipp2p_at(pay, 0, "d8:") ||
	    ipp2p_at(pay, 0, "d5:peers"))
		return IPP2P_HTTP_ANSWER;
	return IPP2P_NEWS_NONE;
}

static enum ipp2p_news news_udp_bit(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;

	if (ipp2p_at(pay, 0, "d1:a"))
		return IPP2P_DHT_QUERY;
	if (ipp2p_at(pay, 0, "d1:r") || ipp2p_at(pay, 0, "d2:ip"))
		return IPP2P_DHT_ANSWER;
	if (p[0] == IPP2P_UTP_DATA &&
	    ipp2p_at(pay, ipp2p_utp_data(pay), IPP2P_BIT_HANDSHAKE))
		return IPP2P_NEWS_HANDSHAKE;
	if (ipp2p_at(pay, 0, IPP2P_TRACKER_CONNECT))
		return IPP2P_UDP_CONNECT;
	if (pay->len >= NEWS_ANNOUNCE_MIN && ipp2p_be32(p + 8) == NEWS_ANNOUNCE)
		return IPP2P_UDP_QUERY;
	return IPP2P_NEWS_NONE;
}

static bool news_may_be_scrape(const struct ipp2p_payload *pay)
{
	unsigned int hashes = pay->len - NEWS_SCRAPE_HDR;

	return pay->len >= NEWS_SCRAPE_HDR + NEWS_HASH &&
	       ipp2p_be32(pay->data + 8) == NEWS_SCRAPE &&
	       hashes % NEWS_HASH == 0 && hashes / NEWS_HASH <= NEWS_SCRAPE_HASHES;
}

/**
 * ipp2p_news - what a payload can tell
 * @pay: at least the first %IPP2P_FIRST bytes
 * @tcp: TCP or UDP
 * @bit: whether it is BitTorrent's, as ipp2p_tcp() or ipp2p_udp() say
 *
 * Context: any.
 * Return: see there. More is said if @pay has %IPP2P_LOOK bytes.
 */
enum ipp2p_news ipp2p_news(const struct ipp2p_payload *pay, bool tcp, bool bit)
{
	if (tcp)
		return news_tcp(pay, bit);
	if (bit)
		return news_udp_bit(pay);
	if (pay->len >= NEWS_PEERS && ipp2p_be32(pay->data) == NEWS_ANNOUNCE)
		return IPP2P_UDP_ANSWER;
	if (news_may_be_scrape(pay))
		return IPP2P_UDP_SCRAPE;
	return IPP2P_NEWS_NONE;
}

/**
 * ipp2p_news_id - what a query to a tracker and its answer have in common
 * @pay:  the payload
 * @news: what ipp2p_news() said
 *
 * Context: any.
 * Return: the transaction id of a tracker over UDP, else 0.
 */
__u32 ipp2p_news_id(const struct ipp2p_payload *pay, enum ipp2p_news news)
{
	if (news == IPP2P_UDP_QUERY)
		return ipp2p_be32(pay->data + 12);
	return news == IPP2P_UDP_ANSWER ? ipp2p_be32(pay->data + 4) : 0;
}

/* Where the text begins, or the end of what is there */
static unsigned int news_find(const struct ipp2p_payload *pay, const char *text,
			      unsigned int len)
{
	unsigned int pos;

	for (pos = 0; pos < pay->have; ++pos)
		if (pay->data[pos] == (__u8)*text && ipp2p_has(pay, pos, text, len))
			return pos;
	return pay->have;
}

/* A number of up to five digits at @pos, which moves behind it; 0 without one */
static unsigned int news_number(const struct ipp2p_payload *pay, unsigned int *pos)
{
	unsigned int value = 0, most = *pos + 5;

	for (; *pos < pay->have && *pos < most && ipp2p_digit(pay->data[*pos]); ++*pos)
		value = 10 * value + pay->data[*pos] - '0';
	return value;
}

/**
 * ipp2p_news_port - where the sender of a query to a tracker can be reached
 * @pay:  the payload, as much as there is
 * @news: what ipp2p_news() said
 *
 * Context: any.
 * Return: the port, or 0 if none is told.
 */
__u16 ipp2p_news_port(const struct ipp2p_payload *pay, enum ipp2p_news news)
{
	unsigned int pos, port;

	if (news == IPP2P_UDP_QUERY && pay->have >= NEWS_ANNOUNCE_MIN)
		return ipp2p_be16(pay->data + NEWS_ANNOUNCE_PORT);
	if (news != IPP2P_HTTP_QUERY)
		return 0;
	pos = news_find(pay, "&port=", 6);
	if (pos == pay->have)
		pos = news_find(pay, "?port=", 6);
	if (pos == pay->have)
		return 0;
	pos += 6;
	port = news_number(pay, &pos);
	return port <= 0xffff ? port : 0;
}

static bool named_http(const struct ipp2p_payload *pay, struct ipp2p_named *named)
{
	unsigned int pos, bytes;

	pos = named->size == IPP2P_PEER4 ? news_find(pay, "5:peers", 7) :
					   news_find(pay, "6:peers6", 8);
	if (pos == pay->have)
		return false;
	pos += named->size == IPP2P_PEER4 ? 7 : 8;
	bytes = news_number(pay, &pos);
	if (bytes == 0 || bytes % named->size || !ipp2p_at(pay, pos, ":"))
		return false;
	named->pos = pos + 1;
	named->end = pay->have - named->pos < bytes ? pay->have : named->pos + bytes;
	return true;
}

static bool named_dht(const struct ipp2p_payload *pay, struct ipp2p_named *named)
{
	unsigned int pos = news_find(pay, "6:valuesl", 9);

	named->dht = true;
	named->pos = pos + 9;
	return pos < pay->have;
}

/**
 * ipp2p_named_first - the list of peers of an answer
 * @pay:   the payload, as much as there is
 * @news:  what ipp2p_news() said: an answer
 * @six:   whether IPv6 is wanted, or IPv4
 * @named: set to the beginning of the list
 *
 * Context: any.
 * Return: whether there is one.
 */
bool ipp2p_named_first(const struct ipp2p_payload *pay, enum ipp2p_news news,
		       bool six, struct ipp2p_named *named)
{
	named->size = six ? IPP2P_PEER6 : IPP2P_PEER4;
	named->end = pay->have;
	named->dht = false;
	switch (news) {
	case IPP2P_DHT_ANSWER:
		return named_dht(pay, named);
	case IPP2P_HTTP_ANSWER:
		return named_http(pay, named);
	case IPP2P_UDP_ANSWER:
		named->pos = NEWS_PEERS;
		return pay->len > NEWS_PEERS &&
		       (pay->len - NEWS_PEERS) % named->size == 0;
	default:
		return false;
	}
}

/**
 * ipp2p_named_next - the next peer of a list
 * @pay:   the payload
 * @named: of ipp2p_named_first()
 *
 * Context: any.
 * Return: address and port, or NULL at the end.
 */
const __u8 *ipp2p_named_next(const struct ipp2p_payload *pay,
			     struct ipp2p_named *named)
{
	const __u8 *peer;

	if (named->dht) {
		if (named->size == IPP2P_PEER4 ? !ipp2p_at(pay, named->pos, "6:") :
						 !ipp2p_at(pay, named->pos, "18:"))
			return NULL;
		named->pos += named->size == IPP2P_PEER4 ? 2 : 3;
	}
	if (named->pos > named->end || named->end - named->pos < named->size)
		return NULL;
	peer = pay->data + named->pos;
	named->pos += named->size;
	return peer;
}

/**
 * ipp2p_may_be_named - whether somebody else may say that a peer is there
 * @addr: an address, in network order
 * @six:  of IPv6, or of IPv4
 * @port: a port
 *
 * Context: any.
 * Return: false for ports of services, and for what is the address of no host: the
 * unspecified one, those of the host itself, multicast and broadcast.
 */
bool ipp2p_may_be_named(const __u8 *addr, bool six, __u16 port)
{
	unsigned int n;

	if (port < NEWS_LOW_PORT)
		return false;
	if (!six)
		return addr[0] != 0 && addr[0] != 127 && addr[0] >> 4 != 14 &&
		       ipp2p_be32(addr) != ~0U;
	for (n = 0; n < 15; ++n)
		if (addr[n])
			return addr[0] != 0xff;
	return addr[15] > 1;
}

/**
 * ipp2p_may_be_peer - whether it is worth a look whether the ends are peers
 * @pay: at least the first %IPP2P_FIRST bytes
 * @tcp: TCP or UDP
 *
 * Context: any.
 * Return: false if ipp2p_is_peer() is sure to say so.
 */
bool ipp2p_may_be_peer(const struct ipp2p_payload *pay, bool tcp)
{
	const __u8 *p = pay->data;

	if (tcp)
		return pay->len >= NEWS_KEY && pay->len <= NEWS_KEY_MOST;
	return pay->have >= 2 && (p[0] & 0x0f) == NEWS_UTP_VERSION &&
	       p[0] >> 4 <= NEWS_UTP_TYPE_MAX && p[1] <= NEWS_UTP_EXT_MAX;
}

/* Any packet of uTP; only those of one type carry data. */
static bool news_is_utp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	unsigned int data = ipp2p_utp_data(pay);

	if (data == 0 || ipp2p_be16(p + 2) == 0 || ipp2p_be32(p + 4) == 0)
		return false;
	if (p[1] == NEWS_UTP_SACK &&
	    (p[NEWS_UTP_SACK_LEN] == 0 || p[NEWS_UTP_SACK_LEN] % 4))
		return false;
	return p[0] == IPP2P_UTP_DATA ? pay->len > data : pay->len == data;
}

static bool news_near(unsigned int value, unsigned int mean, unsigned int most)
{
	return value + most >= mean && value <= mean + most;
}

/* Neither text nor numbers nor a record of TLS: these are not that random. */
static bool news_is_key(const struct ipp2p_payload *pay)
{
	const __u64 first_bits = 0x8080808080808080ULL;
	unsigned int n, bits = 0, first = 0;
	__u64 word;

	if (pay->have < NEWS_KEY)
		return false;
	if (pay->data[0] >= 0x14 && pay->data[0] <= 0x17 && pay->data[1] == 3)
		return false;
	for (n = 0; n < NEWS_KEY; n += 8) {
		memcpy(&word, pay->data + n, 8);
		bits += hweight64(word);
		first += hweight64(word & first_bits);
	}
	return news_near(bits, 8 * NEWS_KEY / 2, NEWS_KEY_BITS) &&
	       news_near(first, NEWS_KEY / 2, NEWS_KEY_FIRST_BITS);
}

/**
 * ipp2p_is_peer - whether a payload is what peers send each other, if they are peers
 * @pay: the payload, as much as there is of the first %IPP2P_LOOK bytes
 * @tcp: TCP or UDP
 *
 * Much else is, too: it only counts between those who are known.
 *
 * Context: any.
 * Return: whether it has the form of uTP, or of a key of message stream encryption.
 */
bool ipp2p_is_peer(const struct ipp2p_payload *pay, bool tcp)
{
	return ipp2p_may_be_peer(pay, tcp) &&
	       (tcp ? news_is_key(pay) : news_is_utp(pay));
}
