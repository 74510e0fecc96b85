// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipp2p_learn - who is taken for a peer of BitTorrent, and what is sent to one
 *
 * DOC: what is learned, and from whom
 *
 * Hosts are known by the addresses of the connection, without NAT: its opener is the
 * source of connection tracking's original direction, its server that of the reply
 * direction; and by its zone, which both directions have, whether or not it is that of
 * both. A packet without a connection neither teaches nor matches anything.
 *
 *	a handshake of BitTorrent over	the server is a peer, for everybody: TCP has
 *	TCP, of the server		proved its address
 *	the same over uTP		the server is one, for the opener
 *	a query of the DHT, or to a	who asked whom, for half a minute
 *	tracker, or for a connection
 *	to one over UDP
 *	an answer, if the query was	the peers that it names, for who asked alone; of
 *	seen				the DHT the node as well; of a tracker the port
 *					that who asked had announced, for everybody
 *
 * Whoever answers may name any address. So what was named counts for the host that
 * asked and no other, and a host that asks nothing has no such peers. At most
 * %PEERS_NAMED are taken for each query. No port below 1024 is taken from anybody
 * but the host that has it and speaks TCP there.
 *
 * Much that is encrypted has segments in its midst that look like the key which a
 * connection between peers begins with. So it counts only as the first data of a
 * direction. Connection tracking does not remember where these begin: the SYN+ACK
 * says it for both, and if it is a peer's that is noted for half a minute. (What Fast Open
 * brought with the SYN comes before.)
 */
#include <linux/in.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "xt_ipp2p_news.h"
#include "xt_ipp2p_peers.h"

/**
 * struct peers_flow - the two ends of a packet's connection
 * @end:    the opener, the server
 * @port:   of each
 * @from:   index of the sender
 * @zone:   of connection tracking
 * @family: of the addresses
 */
struct peers_flow {
	union nf_inet_addr end[2];
	__be16 port[2];
	unsigned int from;
	u16 zone;
	u8 family;
};

enum { PEERS_OPENER, PEERS_SERVER };

static bool peers_flow(const struct sk_buff *skb, u8 proto, struct peers_flow *flow)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	const struct nf_conntrack_tuple *orig, *reply;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || nf_ct_is_template(ct) || nf_ct_protonum(ct) != proto)
		return false;
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	flow->end[PEERS_OPENER] = orig->src.u3;
	flow->port[PEERS_OPENER] = orig->src.u.all;
	flow->end[PEERS_SERVER] = reply->src.u3;
	flow->port[PEERS_SERVER] = reply->src.u.all;
	flow->from = CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY ? PEERS_SERVER : PEERS_OPENER;
	flow->zone = nf_ct_zone(ct)->id;
	flow->family = nf_ct_l3num(ct);
	return true;
#else
	return false;
#endif
}

/* A peer for @host, or for all if that is NULL. */
static struct peers_key peers_known_key(const struct peers_flow *flow,
					const union nf_inet_addr *host,
					const union nf_inet_addr *peer, __be16 port)
{
	struct peers_key key = {
		.peer   = *peer,
		.port   = port,
		.zone   = flow->zone,
		.family = flow->family,
		.kind   = PEERS_KNOWN,
	};

	if (host)
		key.host = *host;
	return key;
}

/* The query that a packet is, or is the answer to */
static struct peers_key peers_query_key(const struct peers_flow *flow,
					unsigned int asker, enum ipp2p_news query,
					u32 id)
{
	return (struct peers_key){
		.host   = flow->end[asker],
		.peer   = flow->end[!asker],
		.id     = htonl(id),
		.source = flow->port[asker],
		.port   = flow->port[!asker],
		.zone   = flow->zone,
		.family = flow->family,
		.kind   = PEERS_ASKED + query,
	};
}

static void peers_learn_named(struct ipp2p_peers *peers, const struct peers_flow *flow,
			      const union nf_inet_addr *host,
			      const union nf_inet_addr *peer, __be16 port,
			      struct peers_entry *query)
{
	struct peers_key key;

	if (!ipp2p_may_be_named((const u8 *)peer, flow->family == NFPROTO_IPV6, ntohs(port)))
		return;
	key = peers_known_key(flow, host, peer, port);
	ipp2p_peers_learn(peers, &key, 0, query);
}

static void peers_learn_list(struct ipp2p_peers *peers, const struct peers_flow *flow,
			     const struct ipp2p_payload *pay, enum ipp2p_news news,
			     struct peers_entry *query)
{
	const union nf_inet_addr *host = &flow->end[!flow->from];
	bool six = flow->family == NFPROTO_IPV6;
	unsigned int size = six ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	struct ipp2p_named named;
	const u8 *p;

	if (!ipp2p_named_first(pay, news, six, &named))
		return;
	while ((p = ipp2p_named_next(pay, &named))) {
		union nf_inet_addr peer = {};
		__be16 port;

		memcpy(&peer, p, size);
		memcpy(&port, p + size, sizeof(port));
		peers_learn_named(peers, flow, host, &peer, port, query);
	}
}

/* Return: whether the query was seen; then it is an answer. */
static bool peers_answer(struct ipp2p_peers *peers, const struct peers_flow *flow,
			 const struct ipp2p_payload *pay, enum ipp2p_news news)
{
	const unsigned int asker = !flow->from;
	const union nf_inet_addr *host = &flow->end[asker];
	struct peers_entry *query;
	struct peers_key key;
	__be16 own;

	key = peers_query_key(flow, asker, news - 1, ipp2p_news_id(pay, news));
	query = ipp2p_peers_asked(peers, &key);
	if (!query)
		return false;
	own = READ_ONCE(query->own);
	if (news == IPP2P_DHT_ANSWER)
		peers_learn_named(peers, flow, host, &flow->end[flow->from],
				  flow->port[flow->from], query);
	else
		peers_learn_named(peers, flow, NULL, host, own, query);
	peers_learn_list(peers, flow, pay, news, query);
	return true;
}

static void peers_query(struct ipp2p_peers *peers, const struct peers_flow *flow,
			const struct ipp2p_payload *pay, enum ipp2p_news news)
{
	struct peers_key key = peers_query_key(flow, flow->from, news,
					       ipp2p_news_id(pay, news));

	ipp2p_peers_learn(peers, &key, htons(ipp2p_news_port(pay, news)), NULL);
}

/* The connect request says enough: the answer to it is not waited for. */
static bool peers_scrape(struct ipp2p_peers *peers, const struct peers_flow *flow)
{
	struct peers_key key = peers_query_key(flow, flow->from, IPP2P_UDP_CONNECT, 0);

	return ipp2p_peers_asked(peers, &key);
}

/* TCP has proved the server's address; UDP has not. */
static void peers_handshake(struct ipp2p_peers *peers, const struct peers_flow *flow,
			    u8 proto)
{
	const union nf_inet_addr *server = &flow->end[PEERS_SERVER];
	__be16 port = flow->port[PEERS_SERVER];
	struct peers_key key;

	if (flow->from != PEERS_SERVER)
		return;
	if (proto == IPPROTO_UDP) {
		peers_learn_named(peers, flow, &flow->end[PEERS_OPENER], server, port, NULL);
		return;
	}
	key = peers_known_key(flow, NULL, server, port);
	ipp2p_peers_learn(peers, &key, 0, NULL);
}

/* Whether the end is a peer, for all or for the other end */
static bool peers_is_known(struct ipp2p_peers *peers, const struct peers_flow *flow,
			   unsigned int end)
{
	struct peers_key key;

	key = peers_known_key(flow, NULL, &flow->end[end], flow->port[end]);
	if (ipp2p_peers_find(peers, &key))
		return true;
	key.host = flow->end[!end];
	return ipp2p_peers_find(peers, &key);
}

/*
 * Over TCP the opener's port is drawn for each connection; uTP has one for both
 * directions.
 */
static bool peers_known(struct ipp2p_peers *peers, const struct peers_flow *flow,
			u8 proto)
{
	return peers_is_known(peers, flow, PEERS_SERVER) ||
	       (proto == IPPROTO_UDP && peers_is_known(peers, flow, PEERS_OPENER));
}

static struct peers_key peers_begin_key(const struct peers_flow *flow,
					unsigned int from, u32 seq)
{
	struct peers_key key = peers_query_key(flow, from, IPP2P_NEWS_NONE, seq);

	key.kind = PEERS_BEGINS;
	return key;
}

/**
 * ipp2p_peers_begin - note where the data of a connection begin, if it is to a known peer
 * @peers:  what the namespace knows
 * @skb:    the SYN+ACK, with its connection
 * @server: the sequence number of the server's first byte
 * @opener: and of the opener's
 *
 * Context: RCU read side.
 */
void ipp2p_peers_begin(struct ipp2p_peers *peers, const struct sk_buff *skb,
		       u32 server, u32 opener)
{
	struct peers_flow flow;
	struct peers_key key;

	if (!peers_flow(skb, IPPROTO_TCP, &flow) || flow.from != PEERS_SERVER ||
	    !peers_known(peers, &flow, IPPROTO_TCP))
		return;
	key = peers_begin_key(&flow, PEERS_SERVER, server);
	ipp2p_peers_learn(peers, &key, 0, NULL);
	key = peers_begin_key(&flow, PEERS_OPENER, opener);
	ipp2p_peers_learn(peers, &key, 0, NULL);
}

/* Over TCP the server was known when the connection began. */
static bool peers_between(struct ipp2p_peers *peers, const struct peers_flow *flow,
			  u8 proto, u32 seq)
{
	struct peers_key key;

	if (proto == IPPROTO_UDP)
		return peers_known(peers, flow, proto);
	key = peers_begin_key(flow, flow->from, seq);
	return ipp2p_peers_asked(peers, &key);
}

/**
 * ipp2p_peers_match - learn from a packet, and whether it is one between peers
 * @peers: what the namespace knows
 * @skb:   the packet, with its connection
 * @pay:   its payload, as much as there is of the first %IPP2P_LOOK bytes
 * @proto: %IPPROTO_TCP or %IPPROTO_UDP
 * @seq:   of TCP, the number of the payload's first byte
 * @bit:   whether its payload is known to be BitTorrent's
 *
 * Context: RCU read side.
 * Return: whether it is between peers that are known, or is the answer of a tracker.
 */
bool ipp2p_peers_match(struct ipp2p_peers *peers, const struct sk_buff *skb,
		       const struct ipp2p_payload *pay, u8 proto, u32 seq, bool bit)
{
	bool tcp = proto == IPPROTO_TCP;
	enum ipp2p_news news = ipp2p_news(pay, tcp, bit);
	struct peers_flow flow;

	if (!peers_flow(skb, proto, &flow))
		return false;
	switch (news) {
	case IPP2P_DHT_QUERY:
	case IPP2P_UDP_QUERY:
	case IPP2P_UDP_CONNECT:
	case IPP2P_HTTP_QUERY:
		peers_query(peers, &flow, pay, news);
		return true;
	case IPP2P_NEWS_HANDSHAKE:
		peers_handshake(peers, &flow, proto);
		return true;
	case IPP2P_DHT_ANSWER:
	case IPP2P_UDP_ANSWER:
	case IPP2P_HTTP_ANSWER:
		if (peers_answer(peers, &flow, pay, news))
			return true;
		break;
	case IPP2P_UDP_SCRAPE:
		if (peers_scrape(peers, &flow))
			return true;
		break;
	case IPP2P_NEWS_NONE:
		break;
	}
	return ipp2p_is_peer(pay, tcp) && peers_between(peers, &flow, proto, seq);
}
