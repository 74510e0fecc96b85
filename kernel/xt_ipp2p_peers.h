/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_ipp2p_peers - the peers that a network namespace knows, for --learn */
#ifndef _XT_IPP2P_PEERS_H
#define _XT_IPP2P_PEERS_H

#include <linux/build_bug.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

struct ipp2p_payload;
struct ipp2p_peers;
struct sk_buff;
struct xa_budget;
struct xt_mtchk_param;
struct xt_mtdtor_param;

enum peers_kind {
	PEERS_KNOWN,	/* @peer is a peer, for @host or for all (zero) */
	PEERS_BEGINS,	/* over TCP, the data of @host for @peer begin at the number @id */
	PEERS_ASKED,	/* @host has asked @peer; and one for each kind of query */
};

/**
 * struct peers_key - what an entry is found by; without padding
 * @host:   who asked or sends, or zero
 * @peer:   who was asked or is sent to, or is a peer
 * @id:     of a query, or a sequence number
 * @source: port of @host
 * @port:   of @peer
 * @zone:   of connection tracking, of their connection: elsewhere the same addresses are
 *          other hosts
 * @family: of both addresses
 * @kind:   %PEERS_KNOWN, %PEERS_BEGINS, or %PEERS_ASKED and the kind of query
 */
struct peers_key {
	union nf_inet_addr host;
	union nf_inet_addr peer;
	__be32 id;
	__be16 source;
	__be16 port;
	u16 zone;
	u8 family;
	u8 kind;
};

static_assert(sizeof(struct peers_key) == 44);

/**
 * struct peers_entry - a query, a peer, or a connection that has just begun
 * @node:    in the hash
 * @key:     constant
 * @used:    a packet has found it since it began. READ_ONCE/WRITE_ONCE
 * @own:     port that a query announces. READ_ONCE/WRITE_ONCE
 * @left:    so many peers may still be named in answers to a query. READ_ONCE/WRITE_ONCE,
 *           the lock to count down
 * @asked:   of a query or a connection, jiffies when it was made last.
 *           READ_ONCE/WRITE_ONCE
 * @begun:   when its time began: at the end of it, it goes if it was not used; the lock
 * @list:    in its queue; the lock
 * @rcu:     frees it
 * @budget:  that it was taken of
 */
struct peers_entry {
	struct rhash_head node;
	struct peers_key key;
	bool used;
	__be16 own;
	u16 left;
	u32 asked;
	unsigned long begun;
	union {
		struct list_head list;
		struct rcu_head rcu;
	};
	struct xa_budget *budget;
};

/* xt_ipp2p_peers.c: what is known */
struct ipp2p_peers *ipp2p_peers_get(const struct xt_mtchk_param *par);
void ipp2p_peers_put(const struct xt_mtdtor_param *par, struct ipp2p_peers *peers);
struct peers_entry *ipp2p_peers_find(struct ipp2p_peers *peers,
				     const struct peers_key *key);
struct peers_entry *ipp2p_peers_asked(struct ipp2p_peers *peers,
				      const struct peers_key *key);
void ipp2p_peers_learn(struct ipp2p_peers *peers, const struct peers_key *key,
		       __be16 own, struct peers_entry *query);

int ipp2p_peers_init(void);
void ipp2p_peers_exit(void);

/* xt_ipp2p_learn.c: who is a peer */
bool ipp2p_peers_match(struct ipp2p_peers *peers, const struct sk_buff *skb,
		       const struct ipp2p_payload *pay, u8 proto, u32 seq, bool bit);
void ipp2p_peers_begin(struct ipp2p_peers *peers, const struct sk_buff *skb,
		       u32 server, u32 opener);

#endif /* _XT_IPP2P_PEERS_H */
