// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - hosts between two knocks
 *
 * Anybody can become one, from any address that he cares to forge. So the
 * table of a name has a fixed size and is made with the first rule that takes
 * more than one knock; each host has PKNOCK_WAYS places where it can be. If all
 * of them are taken, the host with the fewest knocks has to go, the one whose
 * time ends first among equals: a flood of first knocks pushes out first knocks.
 *
 * A place has a tag, a part of the hash or 0. Packets to other than the first
 * port come here only while somebody waits. They look for their tag without the
 * lock, first at one of 512 bits that tell which tags there are: most of the time
 * there is none for them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>

#include "xt_pknock_priv.h"

#define PKNOCK_WAYS	64U

/*
 * @until: boot time in ns up to which the next knock is in time
 * @knocks: how many were right so far
 */
struct pknock_waiter {
	u64 until;
	struct pknock_src src;
	u32 sequence;
	u8 knocks;
	u8 proto;
};

/*
 * Guarded by the name's lock; tags and their bits are also read without it. Each
 * bit of @seen is that of the tags with the same upper bits.
 */
struct pknock_bucket {
	u64 seen[8];
	u32 tag[PKNOCK_WAYS];
	struct pknock_waiter waiter[PKNOCK_WAYS];
};

struct pknock_waiting {
	u32 mask;
	struct pknock_bucket bucket[];
};

/*
 * Make the table of a name, unless it is there. Context: process, may sleep;
 * the caller refers to the name. Returns 0 or -ENOMEM.
 */
int pknock_waiting_attach(struct pknock_name *n)
{
	struct pknock_waiting *w;

	if (READ_ONCE(n->waiting))
		return 0;
	w = kvzalloc(struct_size(w, bucket, n->buckets), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	w->mask = n->buckets - 1;
	spin_lock_bh(&n->lock);
	if (!n->waiting) {
		WRITE_ONCE(n->waiting, w);
		w = NULL;
	}
	spin_unlock_bh(&n->lock);
	kvfree(w);
	return 0;
}

static u32 pknock_tag(u32 hash)
{
	return hash | 1;
}

/* The place of a tag's bit: three bits for the word, six for the bit in it. */
static unsigned int pknock_seen_word(u32 tag)
{
	return tag >> 29;
}

static u64 pknock_seen_bit(u32 tag)
{
	return 1ULL << (tag >> 23 & 63);
}

/* Whether a host with this tag may be waiting. */
static bool pknock_tag_seen(const struct pknock_bucket *b, u32 tag)
{
	unsigned int i;

	if (!(READ_ONCE(b->seen[pknock_seen_word(tag)]) & pknock_seen_bit(tag)))
		return false;
	for (i = 0; i < PKNOCK_WAYS; ++i)
		if (READ_ONCE(b->tag[i]) == tag)
			return true;
	return false;
}

static void pknock_set_tag(struct pknock_bucket *b, unsigned int i, u32 tag)
{
	u64 *seen = &b->seen[pknock_seen_word(tag)];

	WRITE_ONCE(*seen, *seen | pknock_seen_bit(tag));
	WRITE_ONCE(b->tag[i], tag);
}

static void pknock_clear_tag(struct pknock_bucket *b, unsigned int i)
{
	u32 tag = b->tag[i];
	u64 *seen = &b->seen[pknock_seen_word(tag)];
	unsigned int k;

	WRITE_ONCE(b->tag[i], 0);
	for (k = 0; k < PKNOCK_WAYS; ++k)
		if (b->tag[k] && ((b->tag[k] ^ tag) >> 23) == 0)
			return;	/* of this one, too */
	WRITE_ONCE(*seen, *seen & ~pknock_seen_bit(tag));
}

static void pknock_forget(struct pknock_name *n, struct pknock_bucket *b,
			  unsigned int i)
{
	pknock_clear_tag(b, i);
	WRITE_ONCE(n->waiters, n->waiters - 1);
}

/* The place of a host whose time is not over; PKNOCK_WAYS if there is none. */
static unsigned int pknock_find(struct pknock_name *n,
				struct pknock_bucket *b, u32 tag,
				const struct pknock_src *src, u32 sequence,
				u64 now)
{
	unsigned int i;

	for (i = 0; i < PKNOCK_WAYS; ++i) {
		if (b->tag[i] != tag || b->waiter[i].sequence != sequence ||
		    !pknock_src_equal(&b->waiter[i].src, src))
			continue;
		if (now <= b->waiter[i].until)
			return i;
		pknock_forget(n, b, i);
		break;
	}
	return PKNOCK_WAYS;
}

static bool pknock_before(const struct pknock_waiter *a,
			  const struct pknock_waiter *b)
{
	if (a->knocks != b->knocks)
		return a->knocks < b->knocks;
	return a->until < b->until;
}

/* A place for a new host: free, of one whose time is over, or of the least. */
static unsigned int pknock_room(struct pknock_name *n,
				struct pknock_bucket *b, u64 now)
{
	unsigned int i, least = 0;

	for (i = 0; i < PKNOCK_WAYS; ++i) {
		if (!b->tag[i])
			return i;
		if (now > b->waiter[i].until) {
			least = i;
			break;
		}
		if (pknock_before(&b->waiter[i], &b->waiter[least]))
			least = i;
	}
	pknock_forget(n, b, least);
	return least;
}

static unsigned int pknock_first(const struct pknock_rule *rule,
				 struct pknock_bucket *b, u32 tag,
				 const struct pknock_src *src, u64 now)
{
	struct pknock_name *n = rule->name;
	unsigned int i = pknock_room(n, b, now);

	WRITE_ONCE(n->waiters, n->waiters + 1);
	pknock_set_tag(b, i, tag);
	b->waiter[i].src = *src;
	b->waiter[i].sequence = rule->sequence;
	b->waiter[i].knocks = 0;
	b->waiter[i].proto = rule->proto;
	return i;
}

/* One knock, with the name locked. True if it was the last one. */
static bool pknock_step(const struct pknock_rule *rule,
			struct pknock_bucket *b, u32 tag,
			const struct pknock_src *src, u16 port)
{
	u64 now = ktime_get_coarse_boottime_ns();
	struct pknock_name *n = rule->name;
	unsigned int i, knocks;

	i = pknock_find(n, b, tag, src, rule->sequence, now);
	knocks = i < PKNOCK_WAYS ? b->waiter[i].knocks : 0;
	if (rule->ports[knocks] != port) {
		if (rule->strict && i < PKNOCK_WAYS)
			pknock_forget(n, b, i);
		return false;
	}
	if (++knocks == rule->ports_count) {
		if (i < PKNOCK_WAYS)
			pknock_forget(n, b, i);
		return true;
	}
	if (i == PKNOCK_WAYS)
		i = pknock_first(rule, b, tag, src, now);
	b->waiter[i].knocks = knocks;
	b->waiter[i].until = now + (u64)rule->time * NSEC_PER_SEC;
	pknock_gc_later(n);
	return false;
}

static bool pknock_is_port(const struct pknock_rule *rule, u16 port)
{
	unsigned int i;

	for (i = 0; i < rule->ports_count; ++i)
		if (rule->ports[i] == port)
			return true;
	return false;
}

/*
 * A packet that can be a knock. Context: any but hard interrupts. Returns true
 * if it was the last knock of a host that was out, which is in now.
 */
bool pknock_knock(const struct net *net, const struct pknock_rule *rule,
		  const struct pknock_src *src, u16 port)
{
	struct pknock_name *n = rule->name;
	struct pknock_bucket *b;
	bool last;
	u32 hash;

	if (rule->ports_count == 1)
		return port == rule->ports[0] && pknock_open(net, rule, src);
	if (!rule->strict && !pknock_is_port(rule, port))
		return false;
	hash = pknock_hash(n, src);
	b = &n->waiting->bucket[hash & n->waiting->mask];
	if (port != rule->ports[0] &&
	    !pknock_tag_seen(b, pknock_tag(hash)))
		return false;
	spin_lock_bh(&n->lock);
	last = pknock_step(rule, b, pknock_tag(hash), src, port);
	spin_unlock_bh(&n->lock);
	return last && pknock_open(net, rule, src);
}

/*
 * Forget whose time is over in a bucket; called with the name locked. True if
 * somebody waits.
 */
bool pknock_waiting_sweep(struct pknock_name *n, u32 bucket)
{
	struct pknock_waiting *w = n->waiting;
	u64 now = ktime_get_coarse_boottime_ns();
	struct pknock_bucket *b;
	unsigned int i;

	if (!w || !n->waiters)
		return false;
	b = &w->bucket[bucket];
	for (i = 0; i < PKNOCK_WAYS; ++i)
		if (b->tag[i] && now > b->waiter[i].until)
			pknock_forget(n, b, i);
	return n->waiters;
}

void pknock_waiting_show(struct seq_file *m, struct pknock_name *n, u32 bucket)
{
	u64 now = ktime_get_coarse_boottime_ns();
	struct pknock_waiter *waiter;
	struct pknock_bucket *b;
	unsigned int i;

	if (!READ_ONCE(n->waiting))
		return;
	b = &n->waiting->bucket[bucket];
	rcu_read_lock();
	spin_lock_bh(&n->lock);
	for (i = 0; i < PKNOCK_WAYS; ++i) {
		waiter = &b->waiter[i];
		if (!b->tag[i] || now > waiter->until ||
		    pknock_is_open(n, &waiter->src))
			continue;
		pknock_show_host(m, &waiter->src, waiter->proto, "MATCHING",
				 waiter->knocks);
		seq_printf(m, "expir_time=%llu [secs] ",
			   div_u64(waiter->until - now, NSEC_PER_SEC));
		seq_putc(m, '\n');
	}
	spin_unlock_bh(&n->lock);
	rcu_read_unlock();
}
