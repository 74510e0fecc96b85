// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ACCOUNT: hosts of an IPv6 network
 *
 * The hosts with traffic, at most account_max_hosts6 of them, are in a hash
 * with a secret key; what has no room is counted under the address ::. A host
 * that was idle from one flush to the next gives its room back.
 *
 * Locking: packets look up under RCU and add without a lock, as in IPv4; the
 * spinlock of the table orders the making and taking away of hosts only.
 * Readers are one at a time (struct account_net.lock) and alone remove hosts,
 * so they walk the list without RCU.
 */
#include <linux/bottom_half.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "xt_ACCOUNT_table.h"

static const struct rhashtable_params account_hosts6_params = {
	.key_len     = sizeof(struct in6_addr),
	.key_offset  = offsetof(struct account_host6, addr),
	.head_offset = offsetof(struct account_host6, node),
	.automatic_shrinking = true,
};

static size_t account_cells_size(const struct account_table *t)
{
	return (t->shard_mask + 1) * sizeof(struct account_cell);
}

static size_t account_host6_size(const struct account_table *t)
{
	return sizeof(struct account_host6) + account_cells_size(t);
}

static struct account_host6 *account_host6_alloc(struct account_table *t,
						 const struct in6_addr *addr)
{
	struct account_host6 *host;

	/* a flood of sources finds the table full and must not write to it */
	if (atomic_read(&t->nhosts) >= account_max_hosts6)
		return NULL;
	if (atomic_inc_return(&t->nhosts) > account_max_hosts6)
		goto full;
	host = account_zalloc(t, account_host6_size(t), XA_BUDGET_HASH, GFP_NOWAIT);
	if (!host)
		goto full;
	host->addr = *addr;
	return host;

full:
	atomic_dec(&t->nhosts);
	return NULL;
}

static void account_host6_free(struct account_table *t,
			       struct account_host6 *host)
{
	account_free(t, host, account_host6_size(t), XA_BUDGET_HASH);
	atomic_dec(&t->nhosts);
}

/* First packet of a host. NULL: no room. Caller is in an RCU section. */
static noinline struct account_host6 *
account_host6_make(struct account_table *t, const struct in6_addr *addr)
{
	struct account_host6 *host = account_host6_alloc(t, addr), *old;

	if (!host)
		return NULL;
	spin_lock_bh(&t->lock);
	old = rhashtable_lookup_get_insert_fast(&t->hosts6, &host->node,
						account_hosts6_params);
	if (!old)
		list_add_tail_rcu(&host->list, &t->hosts);
	spin_unlock_bh(&t->lock);
	if (!old)
		return host;
	account_host6_free(t, host);
	return IS_ERR(old) ? NULL : old;
}

/* The counters that a host's packet is added to. Caller is in an RCU section. */
static struct account_cell *account_cell6(struct account_table *t,
					  const struct in6_addr *addr)
{
	struct account_host6 *host;
	struct in6_addr key;

	if (t->prefix_len == 0)
		return &t->other[account_shard(t)];
	ipv6_addr_prefix(&key, addr, t->host_len);
	host = rhashtable_lookup(&t->hosts6, &key, account_hosts6_params);
	if (unlikely(!host))
		host = account_host6_make(t, &key);
	if (unlikely(!host))
		return &t->other[account_shard(t)];
	return &host->cell[account_shard(t)];
}

/**
 * account_add6 - count an IPv6 packet for its hosts
 * @t:     IPv6 table
 * @saddr: source address
 * @daddr: destination address
 * @units: the packet
 *
 * Context: any, in an RCU read-side section.
 */
void account_add6(struct account_table *t, const struct in6_addr *saddr,
		  const struct in6_addr *daddr, const struct xa_units *units)
{
	if (ipv6_prefix_equal(saddr, &t->net.in6, t->prefix_len))
		account_pair_add(&account_cell6(t, saddr)->src, units);
	if (t->prefix_len &&
	    ipv6_prefix_equal(daddr, &t->net.in6, t->prefix_len))
		account_pair_add(&account_cell6(t, daddr)->dst, units);
}

/**
 * account_hosts6_init - what an IPv6 table has beyond the common
 * @t: table
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int account_hosts6_init(struct account_table *t)
{
	int ret;

	t->other = kzalloc(account_cells_size(t), GFP_KERNEL_ACCOUNT);
	if (!t->other)
		return -ENOMEM;
	ret = rhashtable_init(&t->hosts6, &account_hosts6_params);
	if (ret < 0) {
		kfree(t->other);
		t->other = NULL;
	}
	return ret;
}

/**
 * account_hosts6_free - undo account_hosts6_init() and free the hosts
 * @t: table that nobody uses
 *
 * Context: process, may sleep.
 */
void account_hosts6_free(struct account_table *t)
{
	struct account_host6 *host, *next;

	if (!t->other)
		return;
	rhashtable_destroy(&t->hosts6);
	list_for_each_entry_safe(host, next, &t->hosts, list) {
		account_host6_free(t, host);
		cond_resched();
	}
	kfree(t->other);
}

static void account_cells_read(struct account_table *t,
			       struct account_cell *cells, bool flush,
			       struct account_sum *sum)
{
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i <= t->shard_mask; ++i)
		account_cell_read(&cells[i], flush, sum);
}

static void account_record6(struct xt_account_record6 *record,
			    const struct in6_addr *addr,
			    const struct account_sum *sum)
{
	memcpy(record->addr, addr, sizeof(record->addr));
	record->src_packets = sum->src_packets;
	record->src_bytes = sum->src_bytes;
	record->dst_packets = sum->dst_packets;
	record->dst_bytes = sum->dst_bytes;
}

/* No packet finds the host any more, but some may still be adding to it. */
static void account_host6_unlink(struct account_table *t,
				 struct account_host6 *host,
				 struct list_head *idle)
{
	spin_lock_bh(&t->lock);
	rhashtable_remove_fast(&t->hosts6, &host->node, account_hosts6_params);
	list_del_rcu(&host->list);
	spin_unlock_bh(&t->lock);
	list_add_tail(&host->list, idle);
}

static void account_pair_restore(struct account_pair *pair, u64 packets,
				 u64 bytes)
{
	atomic64_add(bytes, &pair->bytes);
	(void)atomic64_fetch_add_release(packets, &pair->packets);
}

/* What came in while the hosts were being unlinked goes to a new entry. */
static void account_idle_free(struct account_table *t, struct list_head *idle)
{
	struct account_host6 *host, *next;
	struct account_cell *cell;
	struct account_sum sum;

	if (list_empty(idle))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(host, next, idle, list) {
		account_cells_read(t, host->cell, true, &sum);
		if (!account_sum_empty(&sum)) {
			rcu_read_lock();
			cell = account_cell6(t, &host->addr);
			account_pair_restore(&cell->src, sum.src_packets,
					     sum.src_bytes);
			account_pair_restore(&cell->dst, sum.dst_packets,
					     sum.dst_bytes);
			rcu_read_unlock();
		}
		account_host6_free(t, host);
		cond_resched();
	}
}

/* Records of the hosts; what has no room stays for the next reader. */
static u32 account_walk6(struct account_table *t, bool flush,
			 struct xt_account_record6 *record, u32 room,
			 struct list_head *idle)
{
	struct list_head *pos = &t->hosts;
	struct account_host6 *host;
	struct account_sum sum;
	u32 count = 0;

	while (count < room) {
		pos = READ_ONCE(pos->next);
		if (pos == &t->hosts)
			break;
		host = list_entry(pos, struct account_host6, list);
		account_cells_read(t, host->cell, flush, &sum);
		if (!account_sum_empty(&sum)) {
			account_record6(&record[count++], &host->addr, &sum);
		} else if (flush) {
			pos = pos->prev;
			account_host6_unlink(t, host, idle);
		}
		cond_resched();
	}
	return count;
}

/* Hosts can be a million: twenty million comparisons. */
static int account_record6_cmp(const void *a, const void *b)
{
	cond_resched();
	return memcmp(a, b, sizeof_field(struct xt_account_record6, addr));
}

/**
 * account_read6 - copy an IPv6 table's records, ascending by address
 * @t:      table, referenced by the caller
 * @flush:  and start them from 0
 * @copies: budget that they are counted in
 * @snap:   filled in; records for xa_budget_kvfree()
 *
 * Context: process, may sleep; one reader of a table at a time.
 * Return: 0; -ENOSPC if the budget has no room, or -ENOMEM.
 */
int account_read6(struct account_table *t, bool flush, struct xa_budget *copies,
		  struct account_snapshot *snap)
{
	u32 room = atomic_read(&t->nhosts);
	struct xt_account_record6 *record;
	struct account_sum sum;
	LIST_HEAD(idle);
	int ret;

	room += room / 32 + 16;	/* hosts that turn up in between */
	ret = account_records_alloc(snap, copies, room + 1, sizeof(*record));
	if (ret < 0)
		return ret;
	record = snap->records;
	snap->count = account_walk6(t, flush, record, room, &idle);
	account_cells_read(t, t->other, flush, &sum);
	if (!account_sum_empty(&sum))
		account_record6(&record[snap->count++], &in6addr_any, &sum);
	account_idle_free(t, &idle);
	sort(record, snap->count, sizeof(*record), account_record6_cmp, NULL);
	return 0;
}
