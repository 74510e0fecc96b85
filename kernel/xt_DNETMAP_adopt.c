// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_adopt - bindings that are taken back from connection tracking
 *
 * Entries of connections may be there before their bindings: when rules are loaded
 * anew, and on a router that takes over from another one, whose entries conntrackd
 * puts into the kernel. New flows of these hosts are to have the addresses that their
 * old ones have.
 *
 * No entry can be found by one of its addresses, and nobody is told when one is put
 * in. So all of them are looked at: when a prefix comes to be, and when a flow comes
 * after a time without any, as on a router that takes over. Where many entries came
 * in that time, hosts without a binding wait for it. As entries may still be coming,
 * it is done again some times, while nobody waits.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/list_nulls.h>
#include <linux/sched.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "xt_DNETMAP_table.h"

/* Of a chain of entries, which has one or two mostly, those that are looked at. */
#define DNETMAP_PAIRS	32

/* Later looks after the first one: 1, 2, 4, 8 and 16 seconds apart. */
#define DNETMAP_LOOKS	5

/* What an entry says of a private and a public address. Return: false: nothing. */
static bool dnetmap_pair_of(const struct nf_conn *ct, struct dnetmap_pair *pair)
{
	unsigned long status = READ_ONCE(ct->status);

	if (nf_ct_l3num(ct) != NFPROTO_IPV4 || !(status & IPS_SRC_NAT) ||
	    status & IPS_DYING)
		return false;
	pair->pre = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3.ip;
	pair->post = ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3.ip;
	return pair->pre != pair->post;
}

/* The pairs of a chain. Return: how many. */
static unsigned int dnetmap_chain(const struct net *net, unsigned int bucket,
				  struct dnetmap_pair *pairs)
{
	spinlock_t *lock = &nf_conntrack_locks[bucket % CONNTRACK_LOCKS];
	struct nf_conntrack_tuple_hash *hash;
	struct hlist_nulls_node *node;
	unsigned int n = 0;
	struct nf_conn *ct;

	local_bh_disable();
	nf_conntrack_lock(lock);
	__acquire(lock);	/* sparse is not told by the function */
	/* with the lock its size does not change */
	if (bucket >= nf_conntrack_htable_size)
		goto unlock;
	hlist_nulls_for_each_entry(hash, node, &nf_conntrack_hash[bucket], hnnode) {
		/* each entry is there twice */
		if (NF_CT_DIRECTION(hash) != IP_CT_DIR_REPLY)
			continue;
		ct = nf_ct_tuplehash_to_ctrack(hash);
		if (net_eq(nf_ct_net(ct), net) && dnetmap_pair_of(ct, &pairs[n]) &&
		    ++n == DNETMAP_PAIRS)
			break;
	}
unlock:
	spin_unlock(lock);
	local_bh_enable();
	return n;
}

/* Through the first prefix that has the address */
static void dnetmap_adopt_pair(struct dnetmap_space *space,
			       const struct dnetmap_pair *pair)
{
	struct dnetmap_binding *b;
	struct dnetmap_prefix *p;
	unsigned long id;
	u32 index;

	rcu_read_lock();
	b = dnetmap_by_pre(space, pair->pre);
	if (b && dnetmap_active(b, dnetmap_now()))
		goto unlock;
	xa_for_each(&space->prefixes, id, p) {
		if (!dnetmap_range_index(&p->range, ntohl(pair->post), &index))
			continue;
		dnetmap_adopt(p, pair->pre, index);
		break;
	}
unlock:
	rcu_read_unlock();
}

/* All entries of the namespace. Addresses that are bound stay as they are. */
static void dnetmap_look(struct dnetmap_space *space)
{
	struct dnetmap_pair pairs[DNETMAP_PAIRS];
	unsigned int bucket, n;

	for (bucket = 0; bucket < READ_ONCE(nf_conntrack_htable_size); ++bucket) {
		n = dnetmap_chain(space->net, bucket, pairs);
		while (n-- > 0)
			dnetmap_adopt_pair(space, &pairs[n]);
		cond_resched();
	}
}

/**
 * dnetmap_look_new - a prefix is new
 * @space: of the namespace
 *
 * Many that come at once are worth two looks.
 *
 * Context: process, may sleep. The namespace is there.
 */
void dnetmap_look_new(struct dnetmap_space *space)
{
	u32 now = dnetmap_now();

	if (nf_conntrack_count(space->net) == 0)
		return;
	if (xchg(&space->looked, now) != now) {
		dnetmap_look(space);
		return;
	}
	/* where hosts wait, it is at once */
	if (!READ_ONCE(space->awaited))
		mod_delayed_work(system_power_efficient_wq, &space->look, HZ);
}

/**
 * dnetmap_look_work - look, and look again later
 * @work: of a space
 *
 * Context: process. The namespace is there: it cancels its work before it goes.
 */
void dnetmap_look_work(struct work_struct *work)
{
	struct dnetmap_space *space = container_of(to_delayed_work(work),
						   struct dnetmap_space, look);
	unsigned int n;

	dnetmap_look(space);
	smp_store_release(&space->awaited, DNETMAP_NO_WAIT);	/* behind the bindings */
	n = READ_ONCE(space->looks);
	if (n == DNETMAP_LOOKS)
		return;
	WRITE_ONCE(space->looks, n + 1);
	queue_delayed_work(system_power_efficient_wq, &space->look, HZ << n);
}

/*
 * The first flow after a time without any. @before: how many entries there were then,
 * @entries: how many there are. One is that of the flow itself; some more are those
 * of a router that is spoken to. No host shall wait for these.
 */
static void dnetmap_resume(struct dnetmap_space *space, u32 before, u32 entries)
{
	if (entries <= 1)
		return;
	WRITE_ONCE(space->looks, 0);
	WRITE_ONCE(space->awaited, dnetmap_taken_over(before, entries) ?
		   DNETMAP_ALL_WAIT : DNETMAP_OUTSIDE_WAITS);
	mod_delayed_work(system_power_efficient_wq, &space->look, 0);
}

/**
 * dnetmap_flow - there is a flow of a private or to a public address
 * @space: of the namespace
 * @net:   the namespace
 * @now:   second since boot
 *
 * Context: RCU, softirq or process.
 * Return: who waits until it is known whether there are entries of the connections
 * of hosts that have no binding.
 */
enum dnetmap_await dnetmap_flow(struct dnetmap_space *space, const struct net *net,
				u32 now)
{
	u32 last = READ_ONCE(space->flow), before, entries;

	/* another CPU may have read the clock later; of several, one goes on */
	if (last != dnetmap_later(now, last) && cmpxchg(&space->flow, last, now) == last) {
		entries = nf_conntrack_count(net);
		before = xchg(&space->entries, entries);
		if (dnetmap_resumes(last, now))
			dnetmap_resume(space, before, entries);
	}
	return smp_load_acquire(&space->awaited);	/* before the bindings */
}
