/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_ipp2p_news - what payloads tell of the peers of BitTorrent, for --learn
 *
 * Pure: it also compiles on the host, for unit tests and fuzzers.
 */
#ifndef _XT_IPP2P_NEWS_H
#define _XT_IPP2P_NEWS_H

#include "xt_ipp2p_pure.h"

/**
 * enum ipp2p_news - what a payload can tell
 * @IPP2P_NEWS_NONE:      nothing
 * @IPP2P_NEWS_HANDSHAKE: the sender is a peer
 * @IPP2P_DHT_QUERY:      the sender asks a node of the DHT
 * @IPP2P_DHT_ANSWER:     such a node answers; it may name peers (values)
 * @IPP2P_UDP_QUERY:      the sender announces itself to a tracker over UDP
 * @IPP2P_UDP_ANSWER:     may be the answer, which names peers
 * @IPP2P_UDP_CONNECT:    the sender asks a tracker over UDP for a connection
 * @IPP2P_UDP_SCRAPE:     may be a scrape, a request over this connection
 * @IPP2P_HTTP_QUERY:     the sender announces itself to a tracker over HTTP
 * @IPP2P_HTTP_ANSWER:    may be the answer, or a part of it
 *
 * The answers of trackers look like much else, and so do scrapes. They are answers only
 * where the query was seen, and scrapes only behind a connect. An answer is one more
 * than its query.
 */
enum ipp2p_news {
	IPP2P_NEWS_NONE,
	IPP2P_NEWS_HANDSHAKE,
	IPP2P_DHT_QUERY,
	IPP2P_DHT_ANSWER,
	IPP2P_UDP_QUERY,
	IPP2P_UDP_ANSWER,
	IPP2P_UDP_CONNECT,
	IPP2P_UDP_SCRAPE,
	IPP2P_HTTP_QUERY,
	IPP2P_HTTP_ANSWER,
};

/* A peer in the compact form: address and port, in network order */
#define IPP2P_PEER4	6
#define IPP2P_PEER6	18

/**
 * struct ipp2p_named - a list of peers in an answer
 * @pos:  of the next one
 * @end:  of the list, or of what there is of it
 * @size: of a peer, %IPP2P_PEER4 or %IPP2P_PEER6
 * @dht:  each has its length before it
 */
struct ipp2p_named {
	unsigned int pos;
	unsigned int end;
	unsigned int size;
	bool dht;
};

/* Seconds that an answer may take */
#define IPP2P_ASKED_FOR	30

/**
 * ipp2p_is_asked - whether an answer comes in time
 * @now:   ticks of a clock, 32 bits of it
 * @asked: those of the query, not more than 2^31 ticks ago; another CPU may have read
 *         a little later
 * @hz:    ticks of a second
 *
 * Return: true if it does.
 */
static inline bool ipp2p_is_asked(__u32 now, __u32 asked, unsigned int hz)
{
	return (__s32)(now - asked) <= (__s32)(IPP2P_ASKED_FOR * hz);
}

enum ipp2p_news ipp2p_news(const struct ipp2p_payload *pay, bool tcp, bool bit);
__u32 ipp2p_news_id(const struct ipp2p_payload *pay, enum ipp2p_news news);
__u16 ipp2p_news_port(const struct ipp2p_payload *pay, enum ipp2p_news news);
bool ipp2p_named_first(const struct ipp2p_payload *pay, enum ipp2p_news news,
		       bool six, struct ipp2p_named *named);
const __u8 *ipp2p_named_next(const struct ipp2p_payload *pay,
			     struct ipp2p_named *named);
bool ipp2p_may_be_named(const __u8 *addr, bool six, __u16 port);
bool ipp2p_may_be_peer(const struct ipp2p_payload *pay, bool tcp);
bool ipp2p_is_peer(const struct ipp2p_payload *pay, bool tcp);

#endif /* _XT_IPP2P_NEWS_H */
