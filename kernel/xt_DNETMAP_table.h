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

#include "xa_named.h"
#include "xt_DNETMAP.h"
#include "xt_DNETMAP_pure.h"

/**
 * struct dnetmap_binding - a private address and its public one
 * @node:    in the hash of the namespace, by @pre
 * @queue:   a list of the prefix's wheel, or @idle; the space's lock. Of no use
 *           while @fixed
 * @rcu:     once it is out of all that packets look at
 * @prefix:  whose address @post is
 * @pre:     private address; this and what follows to @fixed is constant
 * @post:    public address
 * @fixed:   static: lasts until somebody takes it away
 * @expires: second in which it times out, unless @fixed. READ_ONCE/WRITE_ONCE
 * @hit:     second of the last flow. READ_ONCE/WRITE_ONCE
 * @due:     second in which the wheel comes to it, 0 in @idle. Written with the
 *           space's lock
 *
 * A binding never changes its addresses: a new one takes its place.
 */
struct dnetmap_binding {
	struct rhash_head node;
	union {
		struct list_head queue;
		struct rcu_head rcu;
	};
	struct dnetmap_prefix *prefix;
	__be32 pre;
	__be32 post;
	bool fixed;
	u32 expires;
	u32 hit;
	u32 due;
};

/**
 * struct dnetmap_block - bindings of neighbouring public addresses
 * @slot: as many as the prefix's @block_bits tell, or NULL until one is bound; set
 *        once, by smp_store_release(), and gone only with the prefix. What it has
 *        is RCU; the space's lock to change
 * @used: bindings in it; the space's lock
 */
struct dnetmap_block {
	struct dnetmap_binding __rcu **slot;
	u32 used;
};

/**
 * struct dnetmap_space - the bindings of a namespace
 * @pre:      hash of all bindings by private address
 * @prefixes: in the order of their creation. RCU; @lock to change
 * @lock:     guards changes of @pre and @prefixes, and of each prefix what its
 *            description says. Taken for new and removed bindings, not for hits
 * @refs:     the namespace, each prefix and each rule
 * @memory:   bytes of bindings and slots
 */
struct dnetmap_space {
	struct rhashtable pre;
	struct list_head prefixes;
	spinlock_t lock;
	refcount_t refs;
	atomic_long_t memory;
};

/**
 * struct dnetmap_prefix - public addresses that rules give out
 * @named:      lifetime and files, see xa_named
 * @space:      of the namespace, referenced
 * @net:        namespace; only packets and files follow it
 * @range:      constant
 * @block_bits:  constant, of an index that count within a block
 * @blocks:     constant, how many
 * @list:       in the space
 * @persistent: stays without rules. READ_ONCE/WRITE_ONCE
 * @rcu:        frees it
 * @full:       it was logged that there is no free address.
 *              READ_ONCE/WRITE_ONCE
 * @dead:       takes no new bindings. This and all that follows: space's lock
 * @used:       bindings
 * @next:       no address with a lower index is free, unless an overlapping
 *              prefix had it when the search passed
 * @overlaps:   other prefixes that have addresses of this one
 * @rescanned:  second in which the search last began again
 * @idle:       bindings that have timed out, longest ago first
 * @swept:      bindings that timed out up to this second are in @idle
 * @pending:    bindings that are to be looked at before @swept goes on
 * @pending_of: the second that they were taken from
 * @wheel:      the others by @due, see dnetmap_due()
 * @block:      by index
 */
struct dnetmap_prefix {
	struct xa_named named;
	struct dnetmap_space *space;
	struct net *net;
	struct dnetmap_range range;
	unsigned int block_bits;
	unsigned int blocks;
	struct list_head list;
	bool persistent;
	bool full;
	struct rcu_head rcu;

	bool dead;
	u32 used;
	u32 next;
	unsigned int overlaps;
	u32 rescanned;
	struct list_head idle;
	u32 swept;
	struct list_head pending;
	u32 pending_of;
	struct list_head wheel[DNETMAP_WHEEL];
	struct dnetmap_block block[];
};

/**
 * struct dnetmap_bid - somebody wants an address bound
 * @net:    for the log
 * @prefix: where
 * @info:   the rule, NULL for a static binding
 * @now:    second since boot
 * @fresh:  the binding that will be, until it is
 * @slot:   of a block that had none, until they are in place
 * @gone:   bindings that had to go; freed by dnetmap_bury()
 */
struct dnetmap_bid {
	const struct net *net;
	struct dnetmap_prefix *prefix;
	const struct xt_dnetmap_tginfo *info;
	u32 now;
	struct dnetmap_binding *fresh;
	struct dnetmap_binding __rcu **slot;
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
extern unsigned int dnetmap_max_memory;
extern const struct proc_ops dnetmap_fops;
extern const struct proc_ops dnetmap_stat_fops;

#define dnetmap_log(net, fmt, ...) do {					\
	if (!dnetmap_disable_log)					\
		xa_net_info(net, fmt, ##__VA_ARGS__);			\
} while (0)

static inline u32 dnetmap_now(void)
{
	return ktime_get_boottime_seconds();
}

/* xt_DNETMAP_table.c: memory, the two sides, the wheel */
struct dnetmap_space *dnetmap_space_alloc(unsigned int buckets);
void dnetmap_space_get(struct dnetmap_space *space);
void dnetmap_space_put(struct dnetmap_space *space);

struct dnetmap_binding *dnetmap_by_pre(struct dnetmap_space *space, __be32 pre);
struct dnetmap_binding *dnetmap_at(const struct dnetmap_prefix *p, u32 index);
struct dnetmap_binding *dnetmap_by_post(const struct dnetmap_prefix *p,
					__be32 post);
struct dnetmap_binding *dnetmap_holder(struct dnetmap_prefix *p, u32 index);

bool dnetmap_affordable(const struct dnetmap_space *space);
int dnetmap_bid_init(struct dnetmap_bid *bid, gfp_t gfp);
int dnetmap_bid_slots(struct dnetmap_bid *bid, gfp_t gfp);
void dnetmap_bid_exit(struct dnetmap_bid *bid);
int dnetmap_choose(struct dnetmap_bid *bid, u32 *index);
int dnetmap_enter(struct dnetmap_bid *bid, u32 index);
void dnetmap_unbind(struct dnetmap_binding *b, struct list_head *gone);
void dnetmap_bury(struct dnetmap_space *space, struct list_head *gone);
void dnetmap_place(struct dnetmap_binding *b, u32 now);

/* xt_DNETMAP_prefix.c: a prefix as a whole */
struct dnetmap_prefix *dnetmap_prefix_alloc(struct dnetmap_space *space,
					    struct net *net,
					    const struct dnetmap_range *range);
void dnetmap_prefix_free(struct dnetmap_prefix *p);
void dnetmap_flush(struct dnetmap_prefix *p);
void dnetmap_stats(struct dnetmap_prefix *p, struct dnetmap_stats *stats);

/* xt_DNETMAP_bind.c: what rules and users ask for */
int dnetmap_snat(const struct xt_dnetmap_tginfo *info, const struct net *net,
		 __be32 pre, __be32 *post);
int dnetmap_dnat(const struct xt_dnetmap_tginfo *info, __be32 post, __be32 *pre);
int dnetmap_fix(struct dnetmap_prefix *p, __be32 pre, __be32 post);
int dnetmap_release(struct dnetmap_prefix *p, __be32 addr);

/* Bytes of the slots of a block. */
static inline size_t dnetmap_slots_size(const struct dnetmap_prefix *p)
{
	return sizeof(void *) << p->block_bits;
}

static inline bool dnetmap_active(const struct dnetmap_binding *b, u32 now)
{
	return b->fixed || dnetmap_left(READ_ONCE(b->expires), now);
}

#endif /* _XT_DNETMAP_TABLE_H */
