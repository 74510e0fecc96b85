// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipp2p_peers - the peers that a network namespace knows, for --learn
 *
 * DOC: how it is kept
 *
 * A query, a peer and where the data of a connection begin are entries of the same hash,
 * by all that identifies them.
 * Packets look them up with RCU and mark those that they find as used. There are two
 * queues, of peers and of all else, each in the order in which its entries began and so
 * time out, whatever the lifetime is at that time, and with a maximum. An entry that has
 * timed out or must make room is removed if it was not used, or else begins anew. So
 * many new entries do not displace those in use.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "xa_budget.h"
#include "xa_log.h"
#include "xt_ipp2p_news.h"
#include "xt_ipp2p_peers.h"

static unsigned int max_memory;
module_param(max_memory, uint, 0644);
MODULE_PARM_DESC(max_memory, "MiB of learned peers in a network namespace (0: as xa_budget says)");
static unsigned int learn_peers = 65536;
module_param(learn_peers, uint, 0644);
MODULE_PARM_DESC(learn_peers, "learned peers in a network namespace, at most");
static unsigned int learn_timeout = 1800;
module_param(learn_timeout, uint, 0644);
MODULE_PARM_DESC(learn_timeout, "seconds until a learned peer that was not seen is forgotten");

#define PEERS_NAMED	64		/* peers of the answers to a query */
#define PEERS_TRIES	8		/* entries looked at for a new one to have room */
#define PEERS_BATCH	256		/* entries looked at with the lock held */
#define PEERS_TURN	(2 * HZ)

/* Entries in the order in which they time out, and how many; the lock */
struct peers_queue {
	struct list_head entries;
	unsigned int count;
};

/**
 * struct ipp2p_peers - what a namespace knows
 * @hash:   of all entries. RCU; @lock to change
 * @lock:   guards changes of @hash, and @asked and @known
 * @asked:  queries, and connections that have just begun
 * @known:  peers
 * @turn:   removes what has timed out, while there is anything
 * @refs:   rules; peers_mutex
 * @home:   where the namespace has it, NULL after its end; peers_mutex
 * @budget: of the namespace, for ipp2p
 * @memcg:  of whoever made the first rule, pays for the entries
 */
struct ipp2p_peers {
	struct rhashtable hash;
	spinlock_t lock;
	struct peers_queue asked;
	struct peers_queue known;
	struct delayed_work turn;
	unsigned int refs;
	struct ipp2p_peers **home;
	struct xa_budget *budget;
	struct mem_cgroup *memcg;
};

struct peers_net {
	struct ipp2p_peers *peers;
};

/* guards peers_net, and of the peers @refs and @home */
static DEFINE_MUTEX(peers_mutex);
static unsigned int peers_net_id __read_mostly;

static const struct rhashtable_params peers_params = {
	.head_offset         = offsetof(struct peers_entry, node),
	.key_offset          = offsetof(struct peers_entry, key),
	.key_len             = sizeof_field(struct peers_entry, key),
	.automatic_shrinking = true,
};

/* ---- entries */

/* Queries, and connections that have just begun */
static bool peers_is_brief(const struct peers_key *key)
{
	return key->kind != PEERS_KNOWN;
}

static struct peers_queue *peers_queue_of(struct ipp2p_peers *peers,
					  const struct peers_key *key)
{
	return peers_is_brief(key) ? &peers->asked : &peers->known;
}

static unsigned int peers_most(const struct peers_key *key)
{
	unsigned int most = clamp(READ_ONCE(learn_peers), 1U, 1U << 20);

	return peers_is_brief(key) ? DIV_ROUND_UP(most, 4) : most;
}

static unsigned long peers_lifetime(const struct peers_key *key)
{
	return peers_is_brief(key) ? IPP2P_ASKED_FOR * HZ :
		(unsigned long)clamp(READ_ONCE(learn_timeout), 1U, 86400U) * HZ;
}

/* Not by kfree_rcu(): what waits for its end still is in the budget. */
static void peers_free_rcu(struct rcu_head *rcu)
{
	struct peers_entry *e = container_of(rcu, struct peers_entry, rcu);

	xa_budget_free(e->budget, e, sizeof(*e), XA_BUDGET_HASH);
}

/* Called with the lock. */
static void peers_begin(struct peers_queue *q, struct peers_entry *e)
{
	e->begun = jiffies;
	list_add_tail(&e->list, &q->entries);
	++q->count;
}

/*
 * Look at the entry that is the next to time out: it goes, or if it was used begins
 * anew. Called with the lock and a queue that is not empty.
 */
static void peers_end(struct ipp2p_peers *peers, struct peers_queue *q)
{
	struct peers_entry *e = list_first_entry(&q->entries, struct peers_entry, list);

	list_del(&e->list);
	--q->count;
	if (READ_ONCE(e->used)) {
		WRITE_ONCE(e->used, false);
		peers_begin(q, e);
		return;
	}
	rhashtable_remove_fast(&peers->hash, &e->node, peers_params);
	call_rcu(&e->rcu, peers_free_rcu);
}

/* Called with the lock. Return: whether there is room for a new entry. */
static bool peers_make_room(struct ipp2p_peers *peers, const struct peers_key *key)
{
	struct peers_queue *q = peers_queue_of(peers, key);
	unsigned int most = peers_most(key), n;

	for (n = 0; q->count >= most && n < PEERS_TRIES; ++n)
		peers_end(peers, q);
	return q->count < most;
}

/**
 * ipp2p_peers_find - look an entry up; it is in use then
 * @peers: what the namespace knows
 * @key:   what is looked for
 *
 * Context: RCU read side.
 * Return: the entry, or NULL.
 */
struct peers_entry *ipp2p_peers_find(struct ipp2p_peers *peers,
				     const struct peers_key *key)
{
	struct peers_entry *e = rhashtable_lookup(&peers->hash, key, peers_params);

	if (e && !READ_ONCE(e->used))
		WRITE_ONCE(e->used, true);
	return e;
}

/**
 * ipp2p_peers_asked - look a query up that may still be answered, or a connection
 * @peers: what the namespace knows
 * @key:   of a query, or of a connection that may just have begun
 *
 * Answers do not make it last longer.
 *
 * Context: RCU read side.
 * Return: the entry, or NULL.
 */
struct peers_entry *ipp2p_peers_asked(struct ipp2p_peers *peers,
				      const struct peers_key *key)
{
	struct peers_entry *e = rhashtable_lookup(&peers->hash, key, peers_params);

	return e && ipp2p_is_asked((u32)jiffies, READ_ONCE(e->asked), HZ) ? e : NULL;
}

/* Called with the lock. Return: whether @e is in now. */
static bool peers_enter(struct ipp2p_peers *peers, struct peers_entry *e)
{
	if (!peers_make_room(peers, &e->key))
		return false;
	if (rhashtable_lookup_insert_fast(&peers->hash, &e->node, peers_params) < 0)
		return false;
	peers_begin(peers_queue_of(peers, &e->key), e);
	return true;
}

/**
 * ipp2p_peers_learn - remember a query, a peer or a connection
 * @peers: what the namespace knows
 * @key:   what is remembered. Without memory or room it is not
 * @own:   port that a query announces
 * @query: whose answer names it, which may do so %PEERS_NAMED times; or NULL
 *
 * Context: RCU read side.
 */
void ipp2p_peers_learn(struct ipp2p_peers *peers, const struct peers_key *key,
		       __be16 own, struct peers_entry *query)
{
	struct peers_entry *e = ipp2p_peers_find(peers, key);
	bool in;

	if (e) {
		WRITE_ONCE(e->own, own);
		if (peers_is_brief(key)) {
			WRITE_ONCE(e->left, PEERS_NAMED);
			WRITE_ONCE(e->asked, (u32)jiffies);
		}
		return;
	}
	e = xa_budget_zalloc(peers->budget, peers->memcg, sizeof(*e),
			     XA_BUDGET_HASH, GFP_NOWAIT);
	if (!e)
		return;
	e->key = *key;
	e->own = own;
	e->left = PEERS_NAMED;
	e->asked = (u32)jiffies;
	e->budget = peers->budget;
	spin_lock_bh(&peers->lock);
	in = (!query || READ_ONCE(query->left)) && peers_enter(peers, e);
	if (in && query)
		WRITE_ONCE(query->left, READ_ONCE(query->left) - 1);
	spin_unlock_bh(&peers->lock);
	if (in)
		schedule_delayed_work(&peers->turn, PEERS_TURN);
	else
		xa_budget_free(e->budget, e, sizeof(*e), XA_BUDGET_HASH);
}

/* Called with the lock. Return: whether more have timed out than were looked at. */
static bool peers_turn_queue(struct ipp2p_peers *peers, struct peers_queue *q)
{
	const struct peers_entry *e;
	unsigned int n;

	for (n = 0; n < PEERS_BATCH; ++n) {
		e = list_first_entry_or_null(&q->entries, struct peers_entry, list);
		if (!e || time_before(jiffies, e->begun + peers_lifetime(&e->key)))
			return false;
		peers_end(peers, q);
	}
	return true;
}

static void peers_turn(struct work_struct *work)
{
	struct ipp2p_peers *peers = container_of(to_delayed_work(work),
						 struct ipp2p_peers, turn);
	bool more, any;

	spin_lock_bh(&peers->lock);
	more = peers_turn_queue(peers, &peers->asked);
	more |= peers_turn_queue(peers, &peers->known);
	any = peers->asked.count || peers->known.count;
	spin_unlock_bh(&peers->lock);
	if (any)
		schedule_delayed_work(&peers->turn, more ? 1 : PEERS_TURN);
}

/* ---- rules and namespaces */

static struct ipp2p_peers *peers_alloc(struct net *net)
{
	struct ipp2p_peers *peers = kzalloc(sizeof(*peers), GFP_KERNEL_ACCOUNT);

	if (!peers)
		return NULL;
	peers->budget = xa_budget_create(net, &max_memory);
	if (!peers->budget)
		goto err_peers;
	if (rhashtable_init(&peers->hash, &peers_params) < 0)
		goto err_budget;
	spin_lock_init(&peers->lock);
	INIT_LIST_HEAD(&peers->asked.entries);
	INIT_LIST_HEAD(&peers->known.entries);
	INIT_DELAYED_WORK(&peers->turn, peers_turn);
	peers->memcg = xa_budget_memcg_get();
	return peers;

err_budget:
	xa_budget_put(peers->budget);
err_peers:
	kfree(peers);
	return NULL;
}

static void peers_free_queue(struct peers_queue *q)
{
	struct peers_entry *e, *next;

	list_for_each_entry_safe(e, next, &q->entries, list) {
		xa_budget_free(e->budget, e, sizeof(*e), XA_BUDGET_HASH);
		cond_resched();
	}
}

/* Nobody looks anything up any more. */
static void peers_free(struct ipp2p_peers *peers)
{
	cancel_delayed_work_sync(&peers->turn);
	rhashtable_destroy(&peers->hash);
	peers_free_queue(&peers->asked);
	peers_free_queue(&peers->known);
	xa_budget_memcg_put(peers->memcg);
	xa_budget_put(peers->budget);
	kfree(peers);
}

static struct ipp2p_peers *peers_get(struct net *net)
{
	struct peers_net *pn = net_generic(net, peers_net_id);
	struct ipp2p_peers *peers;

	mutex_lock(&peers_mutex);
	peers = pn->peers;
	if (!peers) {
		peers = peers_alloc(net);
		if (peers) {
			peers->home = &pn->peers;
			pn->peers = peers;
		}
	}
	if (peers)
		++peers->refs;
	mutex_unlock(&peers_mutex);
	return peers;
}

static void peers_put(struct ipp2p_peers *peers)
{
	bool last;

	mutex_lock(&peers_mutex);
	last = --peers->refs == 0;
	if (last && peers->home)
		*peers->home = NULL;
	mutex_unlock(&peers_mutex);
	if (last)
		peers_free(peers);
}

/**
 * ipp2p_peers_get - what the namespace of a rule knows, and connection tracking
 * @par: of the rule
 *
 * Context: may sleep.
 * Return: for ipp2p_peers_put(), or an ERR_PTR.
 */
struct ipp2p_peers *ipp2p_peers_get(const struct xt_mtchk_param *par)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	struct ipp2p_peers *peers;
	int ret = nf_ct_netns_get(par->net, par->family);

	if (ret < 0)
		return ERR_PTR(ret);
	peers = peers_get(par->net);
	if (!peers) {
		nf_ct_netns_put(par->net, par->family);
		return ERR_PTR(-ENOMEM);
	}
	return peers;
#else
	xa_net_info(par->net, "this kernel has no connection tracking\n");
	return ERR_PTR(-EOPNOTSUPP);
#endif
}

/**
 * ipp2p_peers_put - a rule goes
 * @par:   of the rule
 * @peers: from ipp2p_peers_get()
 *
 * Context: may sleep. The namespace may be at its end.
 */
void ipp2p_peers_put(const struct xt_mtdtor_param *par, struct ipp2p_peers *peers)
{
	peers_put(peers);
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	nf_ct_netns_put(par->net, par->family);
#endif
}

/* Rules of the namespace may go later. */
static void __net_exit peers_net_exit(struct net *net)
{
	struct peers_net *pn = net_generic(net, peers_net_id);

	mutex_lock(&peers_mutex);
	if (pn->peers)
		pn->peers->home = NULL;
	mutex_unlock(&peers_mutex);
}

static struct pernet_operations peers_net_ops = {
	.exit = peers_net_exit,
	.id   = &peers_net_id,
	.size = sizeof(struct peers_net),
};

/**
 * ipp2p_peers_init - for the module
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init ipp2p_peers_init(void)
{
	return register_pernet_subsys(&peers_net_ops);
}

/**
 * ipp2p_peers_exit - for the module, when there are no rules
 *
 * Context: may sleep.
 */
void ipp2p_peers_exit(void)
{
	unregister_pernet_subsys(&peers_net_ops);
	rcu_barrier();	/* entries are freed by code of this module */
}
