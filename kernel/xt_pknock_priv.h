/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_pknock_priv - what the parts of xt_pknock know of each other */
#ifndef _XT_PKNOCK_PRIV_H
#define _XT_PKNOCK_PRIV_H

#include <linux/compiler.h>
#include <linux/jhash.h>
#include <linux/netfilter.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <asm/barrier.h>

#include "xa_named.h"
#include "xt_pknock.h"
#include "xt_pknock_log.h"

struct net;
struct seq_file;
struct sk_buff;
struct xa_digest;
struct pknock_accepted;
struct pknock_keys;
struct pknock_waiting;

/**
 * struct pknock_src - the sender of a packet
 * @ip:     address; of IPv4 the first word, the others are 0
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct pknock_src {
	__be32 ip[4];
	u32 family;
};

static inline bool pknock_src_equal(const struct pknock_src *a,
				    const struct pknock_src *b)
{
	return a->family == b->family && a->ip[0] == b->ip[0] &&
	       a->ip[1] == b->ip[1] && a->ip[2] == b->ip[2] &&
	       a->ip[3] == b->ip[3];
}

/**
 * struct pknock_list - those hosts that are let in whose hash leads here
 * @first: packets read it under RCU; pknock_name.lock to change
 * @mask:  a bit for the hash of each host on the list, so that others, which
 *         most packets come from, need not look at it; as @first. Where 64 bits
 *         are two reads, each bit still is in one of them
 */
struct pknock_list {
	struct hlist_head first;
	u64 mask;
};

/**
 * struct pknock_name - the hosts of a name, shared by its rules
 * @named:   head
 * @buckets: of @waiting, a power of two; constant
 * @heads:   length of @open, a power of two; set once, behind @open
 * @open:    hosts that are let in, packets read it under RCU; @lock to change.
 *           Of a name that no rule lets hosts in at, one empty list of all such
 *           names; set once, by the first rule that does
 * @keys:    secrets of the hash of @open; constant
 * @seed:    secret of the hash of @waiting; constant
 * @opened:  how many are in @open; @lock
 * @waiters: how many are in @waiting; @lock to change, packets read it
 * @lock:    taken by knocks, with bottom halves off
 * @swept:   second in which @open was looked through for room; @lock
 * @waiting: hosts between two knocks; set once, by the first rule that takes
 *           more than one knock
 * @gc:      forgets what has expired
 *
 * What each packet reads, @heads to @keys, is in one cache line, which knocks
 * do not write to.
 */
struct pknock_name {
	struct xa_named named;
	u32 buckets;
	u32 heads;
	struct pknock_list *open;
	u64 keys[4];
	u32 seed;
	unsigned int opened;
	unsigned int waiters;
	u32 swept;
	spinlock_t lock;	/* open, opened, waiters, swept, waiting, what is in them */
	struct pknock_waiting *waiting;
	struct delayed_work gc;
};

static inline u32 pknock_hash(const struct pknock_name *n,
			      const struct pknock_src *src)
{
	const u32 *ip = (const u32 __force *)src->ip;

	if (src->family == NFPROTO_IPV4)
		return jhash_1word(ip[0], n->seed);
	return jhash2(ip, 4, n->seed);
}

/*
 * Two different hosts have the same hash with a probability of at most 2^-31,
 * whatever they are: sums of products with secret factors (Dietzfelbinger 1996).
 * Of 64 bits the upper ones are the good ones.
 */
static inline u64 pknock_open_hash(const struct pknock_name *n,
				   const __be32 *addr, u8 family)
{
	const u32 *ip = (const u32 __force *)addr;
	u64 sum = ip[0] * n->keys[0];

	if (family != NFPROTO_IPV4)
		sum += ip[1] * n->keys[1] + ip[2] * n->keys[2] + ip[3] * n->keys[3];
	return sum;
}

static inline struct pknock_list *pknock_list_of(const struct pknock_name *n,
						 u64 hash)
{
	u32 heads = smp_load_acquire(&n->heads);	/* with pknock_open_attach() */

	return &READ_ONCE(n->open)[(u32)(hash >> 32) & (heads - 1)];
}

/* The bit of a hash in the mask of its list: not of the bits that led there. */
static inline u64 pknock_list_bit(u64 hash)
{
	return 1ULL << (hash >> 58);
}

/*
 * Whether it is worth the call of pknock_is_open() for a host, which is one word
 * or four: rarely, if it is not in. Context: RCU read side.
 */
static inline bool pknock_may_be_open(const struct pknock_name *n,
				      const __be32 *addr, u8 family)
{
	u64 hash = pknock_open_hash(n, addr, family);

	return READ_ONCE(pknock_list_of(n, hash)->mask) & pknock_list_bit(hash);
}

/**
 * struct pknock_rule - what a rule keeps in the kernel; constant
 * @name:        hosts, referenced
 * @accepted:    authenticated knocks of the namespace, referenced, or NULL
 * @open:        digest of the knock that opens, NULL: not authenticated
 * @close:       digest of the knock that closes
 * @keys:        of knocks of the second form, NULL if knocks are not authenticated
 * @sequence:    number of the ports and the protocol: rules with others do not
 *               continue each other's knocks
 * @time:        seconds between two knocks at most
 * @autoclose:   minutes until a host is forgotten, 0: never
 * @ports:       to be knocked at
 * @ports_count: how many, 0: the rule asks only
 * @proto:       IPPROTO_TCP or IPPROTO_UDP
 * @strict:      a wrong port ends it all
 * @nat:         knocks need not name the address that they come from
 */
struct pknock_rule {
	struct pknock_name *name;
	struct pknock_accepted *accepted;
	struct xa_digest *open;
	struct xa_digest *close;
	struct pknock_keys *keys;
	u32 sequence;
	u32 time;
	u32 autoclose;
	u16 ports[XT_PKNOCK_PORTS_MAX];
	u8 ports_count;
	u8 proto;
	bool strict;
	bool nat;
};

/* main: module parameters, valid once the module has been loaded */
extern int pknock_peer_hashsize;
extern int pknock_gc_expir_time;
extern int pknock_nl_multicast_group;
extern bool pknock_early_knocks;	/* may change at any time */

/* check: what a rule may say */
const char *pknock_wrong(const struct xt_pknock_mtinfo3 *info, u16 proto);

/* name: what the rules of a name share, and its file */
extern const struct xa_named_type pknock_name_type;
u32 pknock_now(void);
void pknock_gc_later(struct pknock_name *n);
void pknock_show_host(struct seq_file *m, const struct pknock_src *src,
		      u8 proto, const char *status, unsigned int knocks);

/* open: hosts that are let in */
void pknock_open_init(struct pknock_name *n);
int pknock_open_attach(struct pknock_name *n);
u32 pknock_open_heads(const struct pknock_name *n);
bool pknock_is_open(const struct pknock_name *n, const struct pknock_src *src);
bool pknock_open(const struct net *net, const struct pknock_rule *rule,
		 const struct pknock_src *src);
int pknock_let_in(struct pknock_name *n, const struct pknock_src *src, u32 seconds);
bool pknock_close(struct pknock_name *n, const struct pknock_src *src);
bool pknock_open_sweep(struct pknock_name *n, u32 head);
void pknock_open_free(struct pknock_name *n);
void pknock_open_show(struct seq_file *m, const struct pknock_name *n,
		      u32 head);

/* waiting: hosts between two knocks */
int pknock_waiting_attach(struct pknock_name *n);
bool pknock_knock(const struct net *net, const struct pknock_rule *rule,
		  const struct pknock_src *src, u16 port);
bool pknock_waiting_sweep(struct pknock_name *n, u32 bucket);
void pknock_waiting_show(struct seq_file *m, struct pknock_name *n, u32 bucket);

/* write: commands for the file of a name */
ssize_t pknock_write(struct xa_named *obj, const char __user *ubuf, size_t len,
		     loff_t *ppos);

/* spa: authenticated knocks */
struct pknock_accepted *pknock_accepted_create(s64 began);
struct pknock_accepted *pknock_accepted_hold(struct pknock_accepted *accepted);
void pknock_accepted_put(struct pknock_accepted *accepted);
enum pknock_event {
	PKNOCK_NOTHING,
	PKNOCK_LET_IN,
	PKNOCK_SHUT_OUT,
};

bool pknock_spa_accept(const struct net *net, const struct pknock_rule *rule,
		       const struct pknock_src *src, u64 digest, u32 minute,
		       enum pknock_gap gap);
enum pknock_event pknock_spa(const struct net *net,
			     const struct pknock_rule *rule,
			     const struct pknock_src *src,
			     const struct sk_buff *skb, unsigned int thoff,
			     bool is_open);

/* keys: authenticated knocks of the second form */
int pknock_keys_init(struct pknock_rule *rule, const char *alg,
		     const struct xt_pknock_mtinfo3 *info);
void pknock_keys_free(struct pknock_rule *rule);
enum pknock_event pknock_form2(const struct net *net,
			       const struct pknock_rule *rule,
			       const struct pknock_src *src,
			       const struct sk_buff *skb, const u8 *udp,
			       bool is_open);

/* notify: who was let in, for user space */
void pknock_notify(const struct net *net, const char *name,
		   const struct pknock_src *src);

#endif /* _XT_PKNOCK_PRIV_H */
