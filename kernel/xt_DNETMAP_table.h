/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_DNETMAP: bindings of private to public addresses */
#ifndef _XT_DNETMAP_TABLE_H
#define _XT_DNETMAP_TABLE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "xa_budget.h"
#include "xa_named.h"
#include "xt_DNETMAP.h"
#include "xt_DNETMAP_wheel.h"

struct mem_cgroup;

/* Neighbouring private addresses whose bindings stand together, a power of two. */
#define DNETMAP_GROUP	8U

/* As the second in which a binding times out: it is static, and does not. */
#define DNETMAP_FIXED	U32_MAX

/**
 * struct dnetmap_binding - a private address and its public one
 * @pre:     private address; constant
 * @post:    public address. READ_ONCE/WRITE_ONCE; to be read after @expires
 * @expires: second in which it times out, or DNETMAP_FIXED; 0: there is no binding.
 *           Packets that hit a dynamic one change it by cmpxchg(), all else with
 *           the space's lock. Written after @post
 * @hit:     second of the last flow. READ_ONCE/WRITE_ONCE
 *
 * All that most packets need, within one cache line. The binding of an address is
 * always in the same place, as long as its group lasts; whoever reads without the
 * lock has what it was bound to at some moment since.
 */
struct dnetmap_binding {
	__be32 pre;
	__be32 post;
	u32 expires;
	u32 hit;
};

/**
 * struct dnetmap_care - what else is known of a binding; the space's lock
 * @wait:   in the prefix's wheel; its @index is that in the group
 * @prefix: through which it was bound. Also read without the lock, by READ_ONCE(), and
 *          only compared; written before the binding's @expires
 */
struct dnetmap_care {
	struct dnetmap_wait wait;
	struct dnetmap_prefix *prefix;
};

/**
 * struct dnetmap_group - the bindings of neighbouring private addresses
 * @node:    in the hash of the namespace, by @key
 * @gone:    in a list of groups that are out of the hash
 * @rcu:     frees it
 * @budget:  that it was taken of
 * @key:     what the addresses have in common, see dnetmap_group_key(); constant
 * @used:    bindings, and those about to be; the space's lock
 * @binding: by the last bits of the private address
 * @care:    likewise
 *
 * In the hash while it has bindings. Hosts of a network are neighbours, so a hash of
 * groups is small enough for a cache, and one more line is all that a packet needs.
 */
struct dnetmap_group {
	struct rhash_head node;
	union {
		struct list_head gone;
		struct rcu_head rcu;
	};
	struct xa_budget *budget;
	u32 key;
	u32 used;
	struct dnetmap_binding binding[DNETMAP_GROUP];
	struct dnetmap_care care[DNETMAP_GROUP];
};

/**
 * struct dnetmap_block - bindings of neighbouring public addresses
 * @rest:   those that have timed out; its @used counts bindings, and those about to be;
 *          the space's lock
 * @taken:  addresses that are bound, a bit each; the space's lock
 * @slot:   by the last bits of the public address. RCU; the space's lock to change
 * @budget: that it was taken of
 * @rcu:    frees it
 *
 * In the index of the namespace while it has bindings, whichever prefixes they were
 * bound through.
 */
struct dnetmap_block {
	struct dnetmap_rest rest;
	u64 taken;
	struct dnetmap_binding __rcu **slot;
	struct xa_budget *budget;
	struct rcu_head rcu;
};

/* A block that has free addresses, or could be made, has this mark in the index. */
#define DNETMAP_FREE	XA_FREE_MARK

/* A prefix that may have an address for a new binding has this one. */
#define DNETMAP_OPEN	XA_MARK_1

/* Who waits until the entries of connection tracking have been looked at */
enum dnetmap_await {
	DNETMAP_NO_WAIT,
	DNETMAP_OUTSIDE_WAITS,
	DNETMAP_ALL_WAIT,
};

/**
 * struct dnetmap_space - the bindings of a namespace
 * @flow:     second of the last flow. cmpxchg(), once a second at most
 * @entries:  of connection tracking in that second, the whole namespace. xchg()
 * @awaited:  who without a binding waits for @look. READ_ONCE/WRITE_ONCE
 * @pre:      hash of all groups, and so of all bindings by private address
 * @post:     all blocks by their number, and so all bindings by public address. RCU
 * @prefixes: in the order of their creation. RCU
 * @last_id:  of a prefix there; its xa_lock
 * @shut:     prefixes without an address for a new binding, by @none_until
 * @wake:     the least @none_until of @shut, U32_MAX without any. READ_ONCE/WRITE_ONCE
 * @wheel:    bindings that can time out or have
 * @turning:  @turn is queued or running
 * @turn:     goes on with the wheel once a second, while something is queued there
 * @lock:     guards changes of all the above, and of each prefix what its description
 *            says. Taken for new and removed bindings, not for hits
 * @look:     takes bindings back from connection tracking
 * @looks:    how often it did since there was a first flow. READ_ONCE/WRITE_ONCE
 * @looked:   second of the last look for a new prefix. xchg()
 * @net:      the namespace, to compare. It stops @look before it goes
 * @refs:     the namespace, each prefix and each rule
 * @budget:   of the namespace, for DNETMAP: groups and blocks. These go after a
 *            grace period, maybe after the space
 */
struct dnetmap_space {
	u32 flow;
	u32 entries;
	enum dnetmap_await awaited;
	struct rhashtable pre;
	struct xarray post;
	struct xarray prefixes;
	u32 last_id;
	struct rb_root_cached shut;
	u32 wake;
	struct dnetmap_wheel wheel;
	bool turning;
	struct delayed_work turn;
	spinlock_t lock;
	struct delayed_work look;
	unsigned int looks;
	u32 looked;
	struct net *net;
	refcount_t refs;
	struct xa_budget *budget;
};

/**
 * struct dnetmap_prefix - public addresses that rules give out
 * @named:      lifetime and files, see xa_named
 * @space:      of the namespace, referenced
 * @net:        namespace; only packets and files follow it
 * @budget:     the space's
 * @memcg:      of whoever made the first rule: it pays for groups and blocks
 * @range:      constant
 * @id:         constant, in the space
 * @persistent: stays without rules. READ_ONCE/WRITE_ONCE
 * @full:       it was logged that there is no free address.
 *              READ_ONCE/WRITE_ONCE
 * @rcu:        frees it
 * @none_until: before this second no address is free and no binding has timed out;
 *              0 if that is not known. READ_ONCE, WRITE_ONCE with the lock
 * @overlaps:   other prefixes that have addresses of this one. READ_ONCE, WRITE_ONCE
 *              with the lock
 * @shut:       in the space, while @none_until is not 0; the space's lock
 * @dead:       takes no new bindings; the space's lock
 * @known:      a rule has looked for its bindings. xchg()
 */
struct dnetmap_prefix {
	struct xa_named named;
	struct dnetmap_space *space;
	struct net *net;
	struct xa_budget *budget;
	struct mem_cgroup *memcg;
	struct dnetmap_range range;
	u32 id;
	bool persistent;
	bool full;
	struct rcu_head rcu;

	u32 none_until;
	unsigned int overlaps;
	struct rb_node shut;
	bool dead;
	unsigned int known;
};

/* Addresses that were bound to each other. */
struct dnetmap_pair {
	__be32 pre;
	__be32 post;
};

/**
 * struct dnetmap_bid - somebody wants an address bound
 * @net:     for the log
 * @prefix:  where
 * @info:    the rule, NULL for a static binding
 * @now:     second since boot; read again with the lock
 * @pre:     private address
 * @expires: second in which the binding will time out, or DNETMAP_FIXED
 * @group:   in stock, for an address that has none, until it is in place
 * @block:   likewise, for an address whose block is not there
 * @lacks:   what dnetmap_enter() missed
 * @ended:   bindings that had to go
 * @ended_n: how many
 * @gone:    groups that had to go with them; freed by dnetmap_bury()
 */
struct dnetmap_bid {
	const struct net *net;
	struct dnetmap_prefix *prefix;
	const struct xt_dnetmap_tginfo *info;
	u32 now;
	__be32 pre;
	u32 expires;
	struct dnetmap_group *group;
	struct dnetmap_block *block;
	struct {
		bool group;
		bool block;
	} lacks;
	struct dnetmap_pair ended[DNETMAP_GROUP + 2];
	unsigned int ended_n;
	struct list_head gone;
};

/* Counts for the statistics file. */
struct dnetmap_stats {
	u32 dynamic;
	u32 fixed;
	u64 left;
};

extern unsigned int dnetmap_default_ttl;
extern unsigned int dnetmap_disable_log;
extern const struct xa_named_file dnetmap_file;
extern const struct xa_named_file dnetmap_stat_file;

#define dnetmap_log(net, fmt, ...) do {					\
	if (!dnetmap_disable_log)					\
		xa_net_info(net, fmt, ##__VA_ARGS__);			\
} while (0)

static inline u32 dnetmap_now(void)
{
	return ktime_get_boottime_seconds();
}

/* xt_DNETMAP_table.c: memory, the two sides */
struct dnetmap_space *dnetmap_space_alloc(struct net *net, unsigned int buckets,
					  const unsigned int *max_memory);
void dnetmap_space_get(struct dnetmap_space *space);
void dnetmap_space_put(struct dnetmap_space *space);

struct dnetmap_group *dnetmap_group_find(struct dnetmap_space *space, __be32 pre);
struct dnetmap_binding *dnetmap_by_pre(struct dnetmap_space *space, __be32 pre);
struct dnetmap_block *dnetmap_block_find(const struct dnetmap_space *space, u32 number);
struct dnetmap_binding *dnetmap_holder(const struct dnetmap_space *space, __be32 post);
struct dnetmap_binding *dnetmap_at(const struct dnetmap_prefix *p, u32 index);
struct dnetmap_binding *dnetmap_by_post(const struct dnetmap_prefix *p,
					__be32 post);

bool dnetmap_replaces(const struct dnetmap_bid *bid, struct dnetmap_binding *holder);
int dnetmap_bid_init(struct dnetmap_bid *bid, gfp_t gfp);
int dnetmap_bid_stock(struct dnetmap_bid *bid, gfp_t gfp);
void dnetmap_bid_exit(struct dnetmap_bid *bid);
int dnetmap_enter(struct dnetmap_bid *bid, u32 index);
void dnetmap_end(struct dnetmap_bid *bid, struct dnetmap_binding *b);
void dnetmap_unbind(struct dnetmap_binding *b, struct list_head *gone);
void dnetmap_block_put(struct dnetmap_space *space, struct dnetmap_block *block);
void dnetmap_bury(struct list_head *gone);

/* xt_DNETMAP_choose.c: the wheel, and which address is next */
void dnetmap_place(struct dnetmap_binding *b, u32 now);
void dnetmap_turn(struct work_struct *work);
void dnetmap_open(struct dnetmap_prefix *p);
void dnetmap_wake(struct dnetmap_space *space, u32 now);
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index);

/* xt_DNETMAP_prefix.c: a prefix as a whole */
struct dnetmap_prefix *dnetmap_prefix_alloc(struct dnetmap_space *space,
					    struct net *net,
					    const struct dnetmap_range *range);
void dnetmap_prefix_retire(struct dnetmap_prefix *p);
void dnetmap_prefix_free(struct dnetmap_prefix *p);
void dnetmap_flush(struct dnetmap_prefix *p);
void dnetmap_stats(struct dnetmap_prefix *p, struct dnetmap_stats *stats);

/* xt_DNETMAP_bind.c: what rules and users ask for */
int dnetmap_snat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 pre, __be32 *post);
int dnetmap_dnat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 post, __be32 *pre);
void dnetmap_adopt(struct dnetmap_prefix *p, __be32 pre, u32 index);
int dnetmap_fix(struct dnetmap_prefix *p, __be32 pre, __be32 post);
int dnetmap_release(struct dnetmap_prefix *p, __be32 addr);

/* xt_DNETMAP_adopt.c: what connection tracking knows already */
void dnetmap_look_new(struct dnetmap_space *space);
void dnetmap_look_work(struct work_struct *work);
enum dnetmap_await dnetmap_flow(struct dnetmap_space *space, const struct net *net,
				u32 now);

/* Bytes of the slots of a block. */
#define DNETMAP_SLOTS_SIZE	(sizeof(void *) << DNETMAP_BLOCK_BITS)

/*
 * What a block takes in the index: a place in a node. Packets bind neighbours; who binds
 * single addresses, far from each other, by hand makes it take more.
 */
#define DNETMAP_INDEX		(sizeof(struct xa_node) / XA_CHUNK_SIZE)

/* Least and greatest address that may be bound through a prefix. */
static inline u32 dnetmap_first(const struct dnetmap_prefix *p)
{
	return p->range.base + p->range.first;
}

static inline u32 dnetmap_last(const struct dnetmap_prefix *p)
{
	return p->range.base + p->range.last;
}

/* Which block an address is in, and where. */
static inline u32 dnetmap_block_number(__be32 post)
{
	return ntohl(post) >> DNETMAP_BLOCK_BITS;
}

static inline u32 dnetmap_block_index(__be32 post)
{
	return ntohl(post) & ((1U << DNETMAP_BLOCK_BITS) - 1);
}

/* Which group an address is in. */
static inline u32 dnetmap_group_key(__be32 pre)
{
	return ntohl(pre) / DNETMAP_GROUP;
}

static inline u32 dnetmap_group_index(__be32 pre)
{
	return ntohl(pre) % DNETMAP_GROUP;
}

static inline struct dnetmap_group *dnetmap_group_of(struct dnetmap_binding *b)
{
	return container_of(b - dnetmap_group_index(b->pre), struct dnetmap_group,
			    binding[0]);
}

static inline struct dnetmap_care *dnetmap_care_of(struct dnetmap_binding *b)
{
	return &dnetmap_group_of(b)->care[dnetmap_group_index(b->pre)];
}

static inline struct dnetmap_binding *dnetmap_waiting(const struct dnetmap_wait *e)
{
	struct dnetmap_care *care = container_of((struct dnetmap_wait *)e,
						 struct dnetmap_care, wait);
	struct dnetmap_group *group = container_of(care - e->index,
						   struct dnetmap_group, care[0]);

	return &group->binding[e->index];
}

static inline const u32 *dnetmap_expires_of(const struct dnetmap_wait *e)
{
	return &dnetmap_waiting(e)->expires;
}

/* Called with the lock, for what is bound. */
static inline u32 dnetmap_addr_of(const struct dnetmap_wait *e)
{
	return ntohl(dnetmap_waiting(e)->post);
}

static inline struct dnetmap_rest *dnetmap_rest_of(const struct dnetmap_wait *e)
{
	struct dnetmap_binding *b = dnetmap_waiting(e);
	const struct dnetmap_care *care = dnetmap_care_of(b);

	return &dnetmap_block_find(care->prefix->space,
				   dnetmap_block_number(b->post))->rest;
}

static inline bool dnetmap_fixed(const struct dnetmap_binding *b)
{
	return READ_ONCE(b->expires) == DNETMAP_FIXED;
}

/* Never, without a binding; always, if it is static. */
static inline bool dnetmap_active(const struct dnetmap_binding *b, u32 now)
{
	return dnetmap_left(READ_ONCE(b->expires), now);
}

/* Its public address, for who has found it active. */
static inline __be32 dnetmap_post(const struct dnetmap_binding *b)
{
	smp_rmb();	/* pairs with dnetmap_fill() */
	return READ_ONCE(b->post);
}

#endif /* _XT_DNETMAP_TABLE_H */
