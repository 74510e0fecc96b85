// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ACCOUNT: tables of counters
 *
 * DOC: exact counting without a lock
 *
 * A host's counters exist once a shard; a CPU adds to its own shard with
 * atomic operations, which are right in every context: softirq, process with
 * bottom halves on (iptables-nft OUTPUT), PREEMPT_RT, 32 bit. A packet is
 * added to just one cell, and a flush takes what is there by xchg. So each
 * packet is in one report, or in the table, never in both or neither.
 *
 * Memory comes in 4 KiB blocks on first touch and stays until the table goes:
 * a pointer, once seen, remains good; lookups need no RCU and no reference.
 * If no block is to be had, another shard's cell of that host serves as well;
 * only if there is none is the packet counted as lost, and said so. How much
 * there is to be had, and who pays, is up to xa_budget.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "xa_log.h"
#include "xt_ACCOUNT_table.h"

/**
 * account_zalloc - take memory for counters
 * @t:      table that wants it
 * @size:   bytes
 * @beside: bytes that it takes elsewhere, see xa_budget_cost()
 * @gfp:    GFP_NOWAIT for packets, GFP_KERNEL for rules
 *
 * Context: as @gfp says.
 * Return: zeroed memory, for account_free(); NULL if there is none to be had.
 */
void *account_zalloc(struct account_table *t, size_t size, size_t beside,
		     gfp_t gfp)
{
	void *p = xa_budget_zalloc(t->budget, t->memcg, size, beside, gfp);

	if (p)
		atomic_long_add(xa_budget_cost(size, beside), &t->memory);
	return p;
}

/**
 * account_free - give memory back
 * @t:      table that had it
 * @p:      memory, or NULL
 * @size:   as it was taken
 * @beside: likewise
 */
void account_free(struct account_table *t, void *p, size_t size, size_t beside)
{
	if (!p)
		return;
	atomic_long_sub(xa_budget_cost(size, beside), &t->memory);
	xa_budget_free(t->budget, p, size, beside);
}

/**
 * account_lose - a packet that cannot be counted for its host
 * @t:     table
 * @units: the packet
 *
 * Context: any.
 */
void account_lose(struct account_table *t, const struct xa_units *units)
{
	xa_net_info(t->ns, "table %s: no memory, packets are not counted for their host\n",
		    t->named.name);
	account_pair_add(&t->lost, units);
}

/**
 * account_cell_read - add what a cell has to a sum
 * @cell:  a shard's counters of a host
 * @flush: take it
 * @sum:   added to
 */
void account_cell_read(struct account_cell *cell, bool flush,
		       struct account_sum *sum)
{
	if (atomic64_read_acquire(&cell->src.packets)) {
		if (flush) {
			sum->src_packets += atomic64_xchg(&cell->src.packets, 0);
			sum->src_bytes += atomic64_xchg(&cell->src.bytes, 0);
		} else {
			sum->src_packets += atomic64_read_acquire(&cell->src.packets);
			sum->src_bytes += atomic64_read(&cell->src.bytes);
		}
	}
	if (atomic64_read_acquire(&cell->dst.packets)) {
		if (flush) {
			sum->dst_packets += atomic64_xchg(&cell->dst.packets, 0);
			sum->dst_bytes += atomic64_xchg(&cell->dst.bytes, 0);
		} else {
			sum->dst_packets += atomic64_read_acquire(&cell->dst.packets);
			sum->dst_bytes += atomic64_read(&cell->dst.bytes);
		}
	}
}

/* A zeroed block in a slot that was seen empty; another CPU may be faster. */
static void *account_install(struct account_table *t, void **slot, size_t size,
			     gfp_t gfp)
{
	void *block = account_zalloc(t, size, 0, gfp), *old;

	if (!block)
		return READ_ONCE(*slot);
	old = cmpxchg(slot, NULL, block);
	if (!old)
		return block;
	account_free(t, block, size, 0);
	return old;
}

static struct account_folder **account_folder_slot(struct account_table *t,
						   unsigned int shard, u32 host)
{
	return &t->root[shard * t->folders + (host >> ACCOUNT_FOLDER_SHIFT)];
}

static struct account_leaf **account_leaf_slot(struct account_folder *folder,
					       u32 host)
{
	u32 nr = (host >> ACCOUNT_LEAF_BITS) & ((1 << ACCOUNT_FOLDER_BITS) - 1);

	return &folder->leaf[nr];
}

static inline struct account_leaf *
account_leaf_find(struct account_table *t, unsigned int shard, u32 host)
{
	struct account_folder *folder;

	folder = READ_ONCE(*account_folder_slot(t, shard, host));
	if (unlikely(!folder))
		return NULL;
	return READ_ONCE(*account_leaf_slot(folder, host));
}

static struct account_leaf *account_leaf_make(struct account_table *t,
					      unsigned int shard, u32 host,
					      gfp_t gfp)
{
	struct account_folder **fslot = account_folder_slot(t, shard, host);
	struct account_folder *folder = READ_ONCE(*fslot);
	struct account_leaf **lslot;

	if (!folder)
		folder = account_install(t, (void **)fslot, sizeof(*folder), gfp);
	if (!folder)
		return NULL;
	lslot = account_leaf_slot(folder, host);
	return account_install(t, (void **)lslot, sizeof(struct account_leaf), gfp);
}

/* First packet of a host on this shard. */
static noinline struct account_leaf *account_leaf_miss(struct account_table *t,
						       unsigned int shard,
						       u32 host)
{
	struct account_leaf *leaf = account_leaf_make(t, shard, host, GFP_NOWAIT);
	unsigned int i;

	for (i = 0; !leaf && i <= t->shard_mask; ++i)
		leaf = account_leaf_find(t, i, host);
	return leaf;
}

static inline struct account_cell *account_cell(struct account_table *t,
						u32 host)
{
	unsigned int shard = account_shard(t);
	struct account_leaf *leaf = account_leaf_find(t, shard, host);

	if (unlikely(!leaf))
		leaf = account_leaf_miss(t, shard, host);
	if (unlikely(!leaf))
		return NULL;
	return &leaf->cell[host & ((1 << ACCOUNT_LEAF_BITS) - 1)];
}

/**
 * account_add4 - count an IPv4 packet for its hosts
 * @t:     IPv4 table
 * @saddr: source address
 * @daddr: destination address
 * @units: the packet
 *
 * Context: any.
 */
void account_add4(struct account_table *t, __be32 saddr, __be32 daddr,
		  const struct xa_units *units)
{
	u32 src = ntohl(saddr), dst = ntohl(daddr);
	struct account_cell *cell;

	if ((src & t->mask4) == t->net4) {
		cell = account_cell(t, t->prefix_len ? src & ~t->mask4 : 0);
		if (likely(cell))
			account_pair_add(&cell->src, units);
		else
			account_lose(t, units);
	}
	if (t->prefix_len && (dst & t->mask4) == t->net4) {
		cell = account_cell(t, dst & ~t->mask4);
		if (likely(cell))
			account_pair_add(&cell->dst, units);
		else
			account_lose(t, units);
	}
}

/*
 * Shards: one a CPU for small tables; few for large ones, whose hosts seldom
 * meet on two CPUs at once, since each shard can grow to the size of the whole.
 */
static unsigned int account_shards(u8 family, u8 prefix_len)
{
	unsigned int most = 4;

	if (prefix_len == 0 || (family == NFPROTO_IPV4 && prefix_len >= 24))
		most = 64;
	else if (family == NFPROTO_IPV4 && prefix_len >= 16)
		most = 16;
	return min_t(unsigned int, most, roundup_pow_of_two(nr_cpu_ids));
}

static int account_table_init4(struct account_table *t)
{
	unsigned int bits = t->prefix_len ? 32 - t->prefix_len : 0;
	unsigned int shards = t->shard_mask + 1;
	u32 host;

	t->net4 = ntohl(t->net.ip);
	t->mask4 = t->prefix_len ? ~0U << bits : 0;
	t->folders = bits > ACCOUNT_FOLDER_SHIFT ?
		     1U << (bits - ACCOUNT_FOLDER_SHIFT) : 1;
	t->root = kvcalloc(shards * t->folders, sizeof(*t->root),
			   GFP_KERNEL_ACCOUNT);
	if (!t->root)
		return -ENOMEM;
	if (bits > 8)
		return 0;
	/* small: have one shard complete, so that nothing is ever lost */
	for (host = 0; host < 1U << bits; host += 1 << ACCOUNT_LEAF_BITS)
		if (!account_leaf_make(t, 0, host, GFP_KERNEL))
			return -ENOMEM;
	return 0;
}

static void account_folder_free(struct account_table *t,
				struct account_folder *folder)
{
	unsigned int i;

	if (!folder)
		return;
	for (i = 0; i < ARRAY_SIZE(folder->leaf); ++i)
		account_free(t, folder->leaf[i], sizeof(struct account_leaf), 0);
	account_free(t, folder, sizeof(*folder), 0);
	cond_resched();
}

static void account_table_free4(struct account_table *t)
{
	unsigned int i;

	for (i = 0; t->root && i < (t->shard_mask + 1) * t->folders; ++i)
		account_folder_free(t, t->root[i]);
	kvfree(t->root);
}

/**
 * account_table_free - free a table that no rule and no reader uses
 * @t: table
 *
 * Context: process, may sleep.
 */
void account_table_free(struct account_table *t)
{
	if (t->family == NFPROTO_IPV4)
		account_table_free4(t);
	else
		account_hosts6_free(t);
	xa_budget_memcg_put(t->memcg);
	xa_budget_put(t->budget);
	kfree(t);
}

/**
 * account_table_alloc - make the table that a rule describes
 * @ns:     namespace
 * @info:   checked rule data
 * @family: of the rule
 * @budget: of the namespace
 *
 * Context: process, may sleep.
 * Return: an empty table, or NULL without memory.
 */
struct account_table *account_table_alloc(const struct net *ns,
					  const struct xt_account_tginfo *info,
					  u8 family, struct xa_budget *budget)
{
	struct account_table *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!t)
		return NULL;
	t->ns = ns;
	t->family = family;
	t->prefix_len = info->prefix_len;
	t->host_len = info->host_len;
	t->net = info->net;
	t->shard_mask = account_shards(family, info->prefix_len) - 1;
	xa_budget_get(budget);
	t->budget = budget;
	t->memcg = xa_budget_memcg_get();
	INIT_LIST_HEAD(&t->hosts);
	spin_lock_init(&t->lock);
	ret = family == NFPROTO_IPV4 ? account_table_init4(t) :
				       account_hosts6_init(t);
	if (ret < 0) {
		account_table_free(t);
		return NULL;
	}
	return t;
}

/* Sum of a host's counters over the shards of leaves that exist. */
static void account_host_read(struct account_table *t, u32 host, bool flush,
			      struct account_sum *sum)
{
	struct account_leaf *leaf;
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i <= t->shard_mask; ++i) {
		leaf = account_leaf_find(t, i, host);
		if (leaf)
			account_cell_read(&leaf->cell[host & ((1 << ACCOUNT_LEAF_BITS) - 1)],
					  flush, sum);
	}
}

/* Whether any shard has the leaf, or the folder, that the host would be in. */
static bool account_any_leaf(struct account_table *t, u32 host)
{
	unsigned int i;

	for (i = 0; i <= t->shard_mask; ++i)
		if (account_leaf_find(t, i, host))
			return true;
	return false;
}

static bool account_any_folder(struct account_table *t, u32 host)
{
	unsigned int i;

	for (i = 0; i <= t->shard_mask; ++i)
		if (READ_ONCE(*account_folder_slot(t, i, host)))
			return true;
	return false;
}

/*
 * Walk the hosts with packets. @record NULL: count them. Else fill in at most
 * @room records; what has no room stays in the table for the next reader.
 */
static u32 account_walk4(struct account_table *t, bool flush,
			 struct ipt_acc_handle_ip *record, u32 room)
{
	u64 hosts = t->prefix_len ? 1ULL << (32 - t->prefix_len) : 1;
	struct account_sum sum;
	u32 count = 0;
	u64 host;

	for (host = 0; host < hosts && count < room; ++host) {
		if ((host & ((1 << ACCOUNT_FOLDER_SHIFT) - 1)) == 0 &&
		    !account_any_folder(t, host)) {
			host += (1 << ACCOUNT_FOLDER_SHIFT) - 1;
			continue;
		}
		if ((host & ((1 << ACCOUNT_LEAF_BITS) - 1)) == 0) {
			cond_resched();
			if (!account_any_leaf(t, host)) {
				host += (1 << ACCOUNT_LEAF_BITS) - 1;
				continue;
			}
		}
		account_host_read(t, host, flush && record, &sum);
		if (account_sum_empty(&sum))
			continue;
		if (record) {
			record[count].ip = t->net4 | (u32)host;
			record[count].src_packets = sum.src_packets;
			record[count].src_bytes = sum.src_bytes;
			record[count].dst_packets = sum.dst_packets;
			record[count].dst_bytes = sum.dst_bytes;
		}
		++count;
	}
	return count;
}

/**
 * account_records_alloc - have room for a snapshot's records
 * @snap:   filled in, but for the records
 * @copies: budget of the namespace
 * @room:   records, at most 2^25
 * @record: bytes of one
 *
 * Context: process, may sleep.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int account_records_alloc(struct account_snapshot *snap, struct xa_budget *copies,
			  u32 room, size_t record)
{
	snap->size = room * record;
	snap->records = xa_budget_kvzalloc(copies, snap->size);
	return PTR_ERR_OR_ZERO(snap->records);
}

/*
 * Of each page of the table a snapshot takes a page and a third at most, so
 * that three quarters of what a namespace may have (xa_budget) can be read.
 */
static int account_read4(struct account_table *t, bool flush, struct xa_budget *copies,
			 struct account_snapshot *snap)
{
	u32 room = account_walk4(t, false, NULL, U32_MAX);
	int ret;

	room += room / 32 + 16;	/* hosts that turn up in between */
	ret = account_records_alloc(snap, copies, room, sizeof(struct ipt_acc_handle_ip));
	if (ret < 0)
		return ret;
	snap->count = account_walk4(t, flush, snap->records, room);
	return 0;
}

/**
 * account_read - copy a table's records
 * @t:      table, referenced by the caller
 * @flush:  and start them from 0
 * @copies: budget that they are counted in
 * @snap:   filled in; records for xa_budget_kvfree()
 *
 * Without memory nothing is taken from the table.
 *
 * Context: process, may sleep; one reader of a table at a time.
 * Return: 0; -ENOSPC if the budget has no room, or -ENOMEM.
 */
int account_read(struct account_table *t, bool flush, struct xa_budget *copies,
		 struct account_snapshot *snap)
{
	snap->family = t->family;
	if (t->family == NFPROTO_IPV4)
		return account_read4(t, flush, copies, snap);
	return account_read6(t, flush, copies, snap);
}
