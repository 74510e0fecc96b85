// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - hosts that are let in
 *
 * A hash table of each name that packets read under RCU. Only knocks that
 * were right to the end come here to change it, so that a flood of others
 * neither fills it nor makes it slower. When it is full, those who are in it
 * stay, and nobody else gets in until one of them has gone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "xa_log.h"
#include "xt_pknock_priv.h"

/* Hosts that a name lets in: so many for each bucket of peer_hashsize. */
#define PKNOCK_OPEN_PER_BUCKET	64U

/* Four hosts on a list, when as many are in as may be. */
#define PKNOCK_HEADS_PER_BUCKET	16U

/* Of all names that nobody can be let in at. Nobody writes to it. */
static struct pknock_list pknock_nobody;

/*
 * A host that is let in. @closes: second in which that ends, 0: never; 32 bits
 * since it is read without a lock, and enough for 136 years.
 */
struct pknock_host {
	struct hlist_node node;
	struct rcu_head rcu;
	struct pknock_src src;
	u32 closes;
	u8 proto;
	u8 knocks;
};

/* A new name: its rules may only ask. */
void pknock_open_init(struct pknock_name *n)
{
	n->open = &pknock_nobody;
	n->heads = 1;
}

/* How many lists a name can have */
u32 pknock_open_heads(const struct pknock_name *n)
{
	return n->buckets * PKNOCK_HEADS_PER_BUCKET;
}

/*
 * Make the table of a name that a rule can let hosts in at, unless it is there.
 * Packets that see its length see the table; those that do not yet look at
 * its first list, in which nobody is. Context: process, may sleep; the caller
 * refers to the name. Returns 0 or -ENOMEM.
 */
int pknock_open_attach(struct pknock_name *n)
{
	struct pknock_list *open;

	if (READ_ONCE(n->open) != &pknock_nobody)
		return 0;
	open = kvcalloc(pknock_open_heads(n), sizeof(*open), GFP_KERNEL_ACCOUNT);
	if (!open)
		return -ENOMEM;
	spin_lock_bh(&n->lock);
	if (n->open == &pknock_nobody) {
		WRITE_ONCE(n->open, open);
		smp_store_release(&n->heads, pknock_open_heads(n)); /* with pknock_list_of() */
		open = NULL;
	}
	spin_unlock_bh(&n->lock);
	kvfree(open);
	return 0;
}

static u64 pknock_src_hash(const struct pknock_name *n,
			   const struct pknock_src *src)
{
	return pknock_open_hash(n, src->ip, src->family);
}

static struct pknock_host *pknock_host_find(const struct pknock_name *n,
					    const struct pknock_src *src)
{
	const struct pknock_list *list = pknock_list_of(n, pknock_src_hash(n, src));
	struct pknock_host *host;

	hlist_for_each_entry_rcu(host, &list->first, node,
				 lockdep_is_held(&n->lock))
		if (pknock_src_equal(&host->src, src))
			return host;
	return NULL;
}

static bool pknock_host_expired(const struct pknock_host *host)
{
	u32 closes = READ_ONCE(host->closes);

	return closes && pknock_now() >= closes;
}

/* Whether packets of @src pass. Context: RCU read side. */
bool pknock_is_open(const struct pknock_name *n, const struct pknock_src *src)
{
	const struct pknock_host *host = pknock_host_find(n, src);

	return host && !pknock_host_expired(host);
}

static void pknock_host_remove(struct pknock_name *n, struct pknock_host *host)
{
	struct pknock_list *list = pknock_list_of(n, pknock_src_hash(n, &host->src));
	const struct pknock_host *other;
	u64 mask = 0;

	hlist_del_rcu(&host->node);
	hlist_for_each_entry(other, &list->first, node)
		mask |= pknock_list_bit(pknock_src_hash(n, &other->src));
	WRITE_ONCE(list->mask, mask);
	n->opened--;
	kfree_rcu(host, rcu);
}

/*
 * Forget who has expired on a list; called with the name locked. True if
 * some of those who are left will expire.
 */
bool pknock_open_sweep(struct pknock_name *n, u32 head)
{
	struct pknock_host *host;
	struct hlist_node *next;
	bool some = false;

	hlist_for_each_entry_safe(host, next, &n->open[head].first, node) {
		if (pknock_host_expired(host))
			pknock_host_remove(n, host);
		else if (host->closes)
			some = true;
	}
	return some;
}

/* Whether one more may be let in. The table is looked through once a second. */
static bool pknock_has_room(struct pknock_name *n)
{
	u32 max = n->buckets * PKNOCK_OPEN_PER_BUCKET, now = pknock_now(), i;

	if (n->opened < max)
		return true;
	if (n->swept == now)
		return false;
	n->swept = now;
	for (i = 0; i < n->heads; ++i)
		pknock_open_sweep(n, i);
	return n->opened < max;
}

/* When a host that is let in now is forgotten. */
static u32 pknock_closes(const struct pknock_rule *rule)
{
	u64 closes = pknock_now() + (u64)rule->autoclose * 60;

	return rule->autoclose && closes <= U32_MAX ? closes : 0;
}

static void pknock_host_add(struct pknock_name *n, struct pknock_host *host)
{
	u64 hash = pknock_src_hash(n, &host->src);
	struct pknock_list *list = pknock_list_of(n, hash);

	hlist_add_head_rcu(&host->node, &list->first);
	WRITE_ONCE(list->mask, list->mask | pknock_list_bit(hash));
	n->opened++;
}

enum pknock_opened {
	PKNOCK_OPENED,
	PKNOCK_WAS_OPEN,
	PKNOCK_NO_ROOM,
};

/*
 * With the name locked. *@spare is a new host, or NULL for want of memory; if it
 * is used it is NULL afterwards.
 */
static enum pknock_opened pknock_open_locked(struct pknock_name *n,
					     const struct pknock_host *as,
					     struct pknock_host **spare)
{
	struct pknock_host *host = pknock_host_find(n, &as->src);
	bool was_in = host && !pknock_host_expired(host);

	if (!host) {
		if (!*spare || !pknock_has_room(n))
			return PKNOCK_NO_ROOM;
		swap(host, *spare);
		*host = *as;
		pknock_host_add(n, host);
	}
	WRITE_ONCE(host->closes, as->closes);
	WRITE_ONCE(host->proto, as->proto);
	WRITE_ONCE(host->knocks, as->knocks);
	if (as->closes)
		pknock_gc_later(n);
	return was_in ? PKNOCK_WAS_OPEN : PKNOCK_OPENED;
}

/*
 * Return: whether there was room, and the host was out. *@are_in: how many are in.
 * Context: any but hard interrupts, without the name's lock.
 */
static enum pknock_opened pknock_open_as(struct pknock_name *n, const struct pknock_host *as,
					 gfp_t gfp, unsigned int *are_in)
{
	struct pknock_host *spare = kzalloc(sizeof(*spare), gfp);
	enum pknock_opened opened;

	spin_lock_bh(&n->lock);
	opened = pknock_open_locked(n, as, &spare);
	*are_in = n->opened;
	spin_unlock_bh(&n->lock);
	kfree(spare);
	return opened;
}

/*
 * Let a host in, or let one that is in stay for longer. Context: any but hard
 * interrupts, without the name's lock. Returns true if it was out.
 */
bool pknock_open(const struct net *net, const struct pknock_rule *rule,
		 const struct pknock_src *src)
{
	const struct pknock_host as = {
		.src    = *src,
		.closes = pknock_closes(rule),
		.proto  = rule->proto,
		.knocks = rule->ports_count,
	};
	enum pknock_opened opened;
	unsigned int are_in;

	opened = pknock_open_as(rule->name, &as, GFP_ATOMIC | __GFP_NOWARN, &are_in);
	if (opened == PKNOCK_NO_ROOM)
		xa_net_info(net, "%s: no room to let one more host in (%u are in)\n",
			    rule->name->named.name, are_in);
	return opened == PKNOCK_OPENED;
}

/**
 * pknock_let_in - let a host in that has not knocked
 * @n:       name
 * @src:     host
 * @seconds: how long, 0: for ever
 *
 * Context: process.
 * Return: 0, -EINVAL: longer than is possible, -ENOSPC: there is no room, or no memory.
 */
int pknock_let_in(struct pknock_name *n, const struct pknock_src *src, u32 seconds)
{
	struct pknock_host as = { .src = *src };
	u64 closes = (u64)pknock_now() + seconds;
	unsigned int are_in;

	if (closes > U32_MAX)
		return -EINVAL;
	as.closes = seconds ? closes : 0;
	/* of a name whose rules only ask, too */
	if (pknock_open_attach(n) < 0)
		return -ENOSPC;
	if (pknock_open_as(n, &as, GFP_KERNEL_ACCOUNT, &are_in) == PKNOCK_NO_ROOM)
		return -ENOSPC;
	return 0;
}

/* A host is let in no longer. Return: whether it was. */
bool pknock_close(struct pknock_name *n, const struct pknock_src *src)
{
	struct pknock_host *host;
	bool was_in;

	spin_lock_bh(&n->lock);
	host = pknock_host_find(n, src);
	was_in = host && !pknock_host_expired(host);
	if (host)
		pknock_host_remove(n, host);
	spin_unlock_bh(&n->lock);
	return was_in;
}

/* The name goes: no packet and no file looks at it any more. */
void pknock_open_free(struct pknock_name *n)
{
	struct pknock_host *host;
	struct hlist_node *next;
	u32 i;

	for (i = 0; i < n->heads; ++i)
		hlist_for_each_entry_safe(host, next, &n->open[i].first, node)
			kfree(host);
	if (n->open != &pknock_nobody)
		kvfree(n->open);
}

void pknock_open_show(struct seq_file *m, const struct pknock_name *n,
		      u32 head)
{
	const struct pknock_host *host;
	u32 now = pknock_now(), closes;

	if (head >= smp_load_acquire(&n->heads))	/* with pknock_open_attach() */
		return;
	rcu_read_lock();
	hlist_for_each_entry_rcu(host, &n->open[head].first, node) {
		closes = READ_ONCE(host->closes);
		if (closes && now >= closes)
			continue;
		pknock_show_host(m, &host->src, READ_ONCE(host->proto),
				 "ALLOWED", READ_ONCE(host->knocks));
		if (closes)
			seq_printf(m, "autoclose_time=%u [secs] ", closes - now);
		seq_putc(m, '\n');
	}
	rcu_read_unlock();
}
