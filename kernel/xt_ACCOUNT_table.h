/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_ACCOUNT: tables of counters, and who reads them */
#ifndef _XT_ACCOUNT_TABLE_H
#define _XT_ACCOUNT_TABLE_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/smp.h>

#include "xa_budget.h"
#include "xa_gso.h"
#include "xa_named.h"
#include "xt_ACCOUNT.h"

struct mem_cgroup;
struct pid;

/**
 * struct account_pair - packets and bytes of one direction
 * @packets: added to after @bytes, taken before @bytes; so a reader that takes
 *           no packet leaves the bytes to the next one, and no packet is
 *           reported before its bytes
 * @bytes:   layer-3 bytes
 */
struct account_pair {
	atomic64_t packets;
	atomic64_t bytes;
};

/* Counters of a host. Half a cache line. */
struct account_cell {
	struct account_pair src;
	struct account_pair dst;
};

/* Plain copy of a cell, or a sum over the shards of a host. */
struct account_sum {
	u64 src_packets;
	u64 src_bytes;
	u64 dst_packets;
	u64 dst_bytes;
};

/*
 * IPv4: host number -> folder -> leaf -> cell; one 4 KiB block each. Made on
 * first touch by any CPU, gone only with the table.
 */
#define ACCOUNT_LEAF_BITS	7
#define ACCOUNT_FOLDER_BITS	9
#define ACCOUNT_FOLDER_SHIFT	(ACCOUNT_LEAF_BITS + ACCOUNT_FOLDER_BITS)

struct account_leaf {
	struct account_cell cell[1 << ACCOUNT_LEAF_BITS];
};

struct account_folder {
	struct account_leaf *leaf[1 << ACCOUNT_FOLDER_BITS];
};

/**
 * struct account_host6 - an IPv6 host, or network of @host_len bits
 * @node: in the table's hash
 * @list: in the table's list of hosts, table's @lock to change it
 * @addr: key
 * @cell: one a shard
 */
struct account_host6 {
	struct rhash_head node;
	struct list_head list;
	struct in6_addr addr;
	struct account_cell cell[];
};

/**
 * struct account_table - counters of one network
 * @named:      lifetime, see xa_named
 * @family:     NFPROTO_IPV4 or NFPROTO_IPV6; this and all that follows to
 *              @root is constant
 * @prefix_len: 0: all traffic in one record
 * @host_len:   IPv6: bits of a record's address
 * @net:        network byte order
 * @net4:       IPv4 network, host byte order
 * @mask4:      IPv4 netmask, host byte order
 * @shard_mask: number of shards less 1, a power of two less 1. A CPU adds to
 *              one shard; CPUs share one only when there are more of them
 * @folders:    IPv4: folders a shard
 * @root:       IPv4: folders, shard by shard. Set once, by cmpxchg
 * @hosts6:     IPv6: hash by address
 * @other:      IPv6: counters of hosts without room; one a shard
 * @ns:         namespace; only packets follow it, which cannot outlive it
 * @budget:     of the namespace, for ACCOUNT
 * @memcg:      of whoever made the first rule: it pays for the counters
 * @memory:     bytes of the budget that the counters take
 * @rules:      that feed the table
 * @lost:       what could not be counted, for want of memory
 * @hosts:      IPv6: list of the hosts in @hosts6
 * @lock:       guards changes of @hosts
 * @nhosts:     hosts made
 */
struct account_table {
	struct xa_named named;
	u8 family;
	u8 prefix_len;
	u8 host_len;
	union nf_inet_addr net;
	u32 net4;
	u32 mask4;
	unsigned int shard_mask;
	unsigned int folders;
	struct account_folder **root;
	struct rhashtable hosts6;
	struct account_cell *other;
	const struct net *ns;

	struct xa_budget *budget;
	struct mem_cgroup *memcg;
	atomic_long_t memory ____cacheline_aligned_in_smp;
	atomic_t rules;
	struct account_pair lost;
	struct list_head hosts;
	spinlock_t lock;
	atomic_t nhosts;
};

/**
 * struct account_snapshot - records read from a table
 * @records: &struct ipt_acc_handle_ip or &struct xt_account_record6; of the
 *           namespace's budget for copies
 * @size:    bytes that were taken for them
 * @count:   how many
 * @family:  which of them
 */
struct account_snapshot {
	void *records;
	size_t size;
	u32 count;
	u8 family;
};

/* A snapshot of a table that waits for its client; @owner is NULL while it is free. */
struct account_handle {
	struct account_snapshot snap;
	struct pid *owner;
	char name[XT_ACCOUNT_NAME_LEN];
};

/**
 * struct account_net - state of a namespace
 * @tables: registry of &struct account_table
 * @budget: of the tables, which give back what they took before the last of
 *          them goes, also where they outlive the namespace
 * @copies: budget of the snapshots
 * @lock:   one client at a time: handles, and reading of tables
 * @handle: @lock
 */
struct account_net {
	struct xa_named_net *tables;
	struct xa_budget *budget;
	struct xa_budget *copies;
	struct mutex lock;
	struct account_handle handle[ACCOUNT_MAX_HANDLES];
};

extern unsigned int account_max_hosts6;

struct account_net *account_pernet(struct net *net);

void *account_zalloc(struct account_table *t, size_t size, size_t beside,
		     gfp_t gfp);
void account_free(struct account_table *t, void *p, size_t size, size_t beside);
void account_lose(struct account_table *t, const struct xa_units *units);

struct account_table *account_table_alloc(const struct net *ns,
					  const struct xt_account_tginfo *info,
					  u8 family, struct xa_budget *budget);
void account_table_free(struct account_table *t);
void account_add4(struct account_table *t, __be32 saddr, __be32 daddr,
		  const struct xa_units *units);
void account_add6(struct account_table *t, const struct in6_addr *saddr,
		  const struct in6_addr *daddr, const struct xa_units *units);
int account_hosts6_init(struct account_table *t);
void account_hosts6_free(struct account_table *t);

int account_records_alloc(struct account_snapshot *snap, struct xa_budget *copies,
			  u32 room, size_t record);
int account_read(struct account_table *t, bool flush, struct xa_budget *copies,
		 struct account_snapshot *snap);
int account_read6(struct account_table *t, bool flush, struct xa_budget *copies,
		  struct account_snapshot *snap);

int account_sockopt_init(void);
void account_sockopt_exit(void);
void account_handles_free(struct account_net *an);

/* Bytes first: see struct account_pair. */
static inline void account_pair_add(struct account_pair *pair,
				    const struct xa_units *units)
{
	atomic64_add(units->bytes, &pair->bytes);
	(void)atomic64_fetch_add_release(units->packets, &pair->packets);
}

static inline unsigned int account_shard(const struct account_table *t)
{
	return raw_smp_processor_id() & t->shard_mask;
}

void account_cell_read(struct account_cell *cell, bool flush,
		       struct account_sum *sum);

static inline bool account_sum_empty(const struct account_sum *sum)
{
	return !sum->src_packets && !sum->dst_packets;
}

#endif /* _XT_ACCOUNT_TABLE_H */
