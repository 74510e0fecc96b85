/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_hook_priv - what the parts of xa_hook share */
#ifndef _XA_HOOK_PRIV_H
#define _XA_HOOK_PRIV_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/netlink.h>

#include "xa_hook_nl.h"

struct genl_family;
struct genl_info;
struct mem_cgroup;
struct net;
struct net_device;

/* Places in a ruleset: those of the chains before and after a commit. */
#define XA_HOOK_SLOTS		(2 * XA_HOOK_MAX_CHAINS)
#define XA_HOOK_MAX_SESSIONS	16
/* Rulesets that packets may still be in, before a commit waits for them. */
#define XA_HOOK_MAX_RETIRED	16
/*
 * How long a verb waits for room, in jiffies: as long as some is made within the first
 * time, at most the second one, all its rules together. Generic netlink holds a lock of
 * the whole machine meanwhile, and a destructor may be stuck: files of extensions wait
 * for their readers. For checks that may be stuck a verb waits the second time.
 */
#define XA_HOOK_PATIENCE	(HZ / 10)
#define XA_HOOK_PATIENCE_MOST	(2 * HZ)
/* Extensions whose check may be stuck (xa_hook_slow). */
#define XA_HOOK_SLOW		3

/* struct xa_hook_rule.tests */
enum {
	XA_HOOK_TEST_SRC      = 1 << 0,
	XA_HOOK_TEST_DST      = 1 << 1,
	XA_HOOK_TEST_IN       = 1 << 2,
	XA_HOOK_TEST_OUT      = 1 << 3,
	XA_HOOK_TEST_PROTOCOL = 1 << 4,
	XA_HOOK_TEST_FRAGMENT = 1 << 5,
};

/**
 * struct xa_hook_stats - what a rule has matched on a CPU
 * @packets: written with bottom halves off
 * @bytes:   likewise
 * @syncp:   32-bit machines: whether the two are being written
 */
struct xa_hook_stats {
	u64 packets;
	u64 bytes;
	struct u64_stats_sync syncp;
} __aligned(2 * sizeof(u64));

/**
 * struct xa_hook_use - a match or the target of a rule
 * @match:  the match, with a reference to its module
 * @target: or the target, likewise
 * @data:   what the extension knows of the rule; within the rule
 */
struct xa_hook_use {
	union {
		const struct xt_match *match;
		const struct xt_target *target;
	};
	void *data;
};

/**
 * struct xa_hook_rule - a rule; does not change but for its counters
 * @tests:     XA_HOOK_TEST_*: what of @base is not empty
 * @n_matches: of @uses
 * @verdict:   if there is no target; XT_CONTINUE: none
 * @has_target: the last of @uses is the target
 * @stats:     per CPU
 * @base:      as it was added
 * @ref:       rulesets and those being built that have it
 * @offset:    what the counters show above @stats; guarded by xa_hook_net.lock
 * @hn:        its namespace
 * @size:      bytes that were taken for it
 * @family:    of its chain
 * @note_size: bytes of @note
 * @note:      within the rule
 * @dead:      in xa_hook_net.dead_rules
 * @uses:      matches, and the target
 */
struct xa_hook_rule {
	u8 tests;
	bool has_target;
	u16 n_matches;
	u32 verdict;
	struct xa_hook_stats __percpu *stats;
	struct xa_hook_base base __aligned(8);
	refcount_t ref;
	struct xa_hook_counters offset;
	struct xa_hook_net *hn;
	size_t size;
	u8 family;
	u8 note_size;
	u8 *note;
	struct llist_node dead;
	struct xa_hook_use uses[];
};

/**
 * struct xa_hook_key - where a chain stands
 * @family:   NFPROTO_IPV4 or NFPROTO_IPV6
 * @hook:     enum xa_hook_number
 * @priority: among all hooks there
 * @device:   of ingress, or ""; the bytes after its end are zero
 */
struct xa_hook_key {
	u8 family;
	u8 hook;
	s32 priority;
	char device[IFNAMSIZ];
};

/**
 * struct xa_hook_chain - rules at one place
 * @key:     the place
 * @point:   the hook that runs it; written before the ruleset is published
 * @n_rules: of @rules
 * @room:    places in @rules
 * @rules:   in order, each with a reference
 */
struct xa_hook_chain {
	struct xa_hook_key key;
	struct xa_hook_point *point;
	u32 n_rules;
	u32 room;
	struct xa_hook_rule **rules;
};

/**
 * struct xa_hook_ruleset - all chains of a namespace
 * @generation: counts commits; 0: not committed
 * @n_chains:   of @chains
 * @n_rules:    of all chains
 * @size:       bytes of all rules
 * @slots:      the chains by the number of their hook
 * @chains:     in the order in which they were added
 * @retired:    in xa_hook_net.retired
 */
struct xa_hook_ruleset {
	u64 generation;
	u32 n_chains;
	u32 n_rules;
	size_t size;
	struct xa_hook_chain *slots[XA_HOOK_SLOTS];
	struct xa_hook_chain *chains[XA_HOOK_MAX_CHAINS];
	struct list_head retired;
};

/**
 * struct xa_hook_point - a hook that is registered, or waits for its device
 * @list:       in xa_hook_net.points
 * @key:        where
 * @slot:       its place in each ruleset
 * @registered: with @ops
 * @used:       by the ruleset that is being committed
 * @ethertype:  of ingress
 * @ops:        the hook
 * @hn:         its namespace
 * @rcu:        packets may still be in it
 */
struct xa_hook_point {
	struct list_head list;
	struct xa_hook_key key;
	u32 slot;
	bool registered;
	bool used;
	__be16 ethertype;
	struct nf_hook_ops ops;
	struct xa_hook_net *hn;
	struct rcu_head rcu;
};

/**
 * struct xa_hook_ext - an extension that a session has a reference to
 * @family:   as it was asked for
 * @target:   it is a target
 * @revision: of it
 * @name:     of it
 * @mt:       the match, if it was found
 * @tg:       or the target
 */
struct xa_hook_ext {
	u8 family;
	bool target;
	u8 revision;
	char name[XT_EXTENSION_MAXNAMELEN];
	union {
		struct xt_match *mt;
		struct xt_target *tg;
	};
};

/**
 * struct xa_hook_session - a ruleset that is being built
 * @list:    in xa_hook_net.sessions, until its socket closes or it is dropped
 * @waiting: in xa_hook_net.waiting, until its extensions are looked for
 * @ref:     the list, a verb that works on it, the load
 * @hn:      its namespace
 * @portid:  socket that began it
 * @seq:     of the message that did
 * @token:   its name
 * @base:    generation that the kept rules are from, or 0
 * @active:  jiffies of its last verb
 * @gone:    it was taken off @list: nobody wants its extensions any more
 * @ready:   its extensions have been looked for
 * @end:     frees it
 * @ruleset: what has been added
 * @n_exts:  of @exts
 * @exts:    what its rules may use
 *
 * @base, @active and @ruleset are guarded by xa_hook_net.lock.
 */
struct xa_hook_session {
	struct list_head list;
	struct list_head waiting;
	refcount_t ref;
	struct xa_hook_net *hn;
	u32 portid;
	u32 seq;
	u32 token;
	u64 base;
	unsigned long active;
	bool gone;
	bool ready;
	struct work_struct end;
	struct xa_hook_ruleset *ruleset;
	u32 n_exts;
	struct xa_hook_ext exts[];
};

/**
 * struct xa_hook_slow - the check of an extension, in a work item
 * @work: runs it
 * @busy: it has not ended; released when it has, and the others are not in use any more
 * @err:  what came of it
 * @rule: whose check this is, with a reference
 * @key:  place of its chain
 * @ext:  extension, with a reference to its module
 * @memcg: who pays
 */
struct xa_hook_slow {
	struct work_struct work;
	bool busy;
	int err;
	struct xa_hook_rule *rule;
	struct xa_hook_key key;
	struct xa_hook_ext ext;
	struct mem_cgroup *memcg;
};

/**
 * struct xa_hook_net - a network namespace
 * @net:      it
 * @ruleset:  what packets see, or NULL; written under @lock
 * @lock:     guards @generation, @patience, the offsets of counters, and sessions' rulesets
 * @generation: of @ruleset
 * @patience: jiffies at which the verb that holds @lock waits no more
 * @points_lock: guards @points, @used and @dead; inside of @lock and of the RTNL,
 *            which is never taken under @lock
 * @points:   the hooks
 * @used:     slots of @points
 * @dead:     the namespace is ending: no more hooks
 * @list_lock: guards @sessions, @waiting, @n_sessions, @last_token, @retired and @n_retired
 * @sessions: in progress
 * @waiting:  those whose extensions are to be looked for, one after the other
 * @load:     does that, which may load modules
 * @in_line:  of containers whose @load waits for the others'
 * @load_due: it does, or @load runs
 * @n_sessions: all that have not been freed
 * @last_token: that was given away
 * @retired:  rulesets that packets may still be in
 * @n_retired: of these, and of those that @retire is freeing
 * @dead_rules: that no packet has seen, and that @retire is to free as well
 * @retire:   frees them
 * @freed:    woken when @n_retired, @n_sessions or @taken is less than before, or a check
 *            of @slow has ended
 * @taken:    bytes of all rules
 * @slow:     checks that may be stuck; one that runs holds the namespace
 */
struct xa_hook_net {
	struct net *net;
	struct xa_hook_ruleset __rcu *ruleset;
	/* guards what its kernel-doc says */
	struct mutex lock;
	u64 generation;
	unsigned long patience;
	/* guards the hooks */
	struct mutex points_lock;
	struct list_head points;
	DECLARE_BITMAP(used, XA_HOOK_SLOTS);
	bool dead;
	/* guards the lists of sessions and retired rulesets */
	spinlock_t list_lock;
	struct list_head sessions;
	struct list_head waiting;
	struct work_struct load;
	struct list_head in_line;
	bool load_due;
	unsigned int n_sessions;
	u32 last_token;
	struct list_head retired;
	unsigned int n_retired;
	struct llist_head dead_rules;
	struct work_struct retire;
	wait_queue_head_t freed;
	atomic_long_t taken;
	struct xa_hook_slow slow[XA_HOOK_SLOW];
};

/* Jiffies until @end; 0: it has passed */
static inline long xa_hook_left(unsigned long end)
{
	return max((long)(end - jiffies), 0L);
}

/* Waits in a verb for what xa_hook_net.freed tells of. Value: whether it has come until @end */
#define xa_hook_wait(hn, end, condition) ({					\
	struct xa_hook_net *__hn = (hn);					\
	unsigned long __end = (end);						\
	long __taken, __left;							\
										\
	do {									\
		__taken = atomic_long_read(&__hn->taken);			\
		__left = wait_event_timeout(__hn->freed, condition,		\
					    min_t(long, XA_HOOK_PATIENCE,	\
						  xa_hook_left(__end)));	\
	} while (!__left && atomic_long_read(&__hn->taken) < __taken &&		\
		 time_before(jiffies, __end));					\
	__left > 0;								\
})

/* main */
struct xa_hook_net *xa_hook_of(struct net *net);
void xa_hook_end_queue(struct xa_hook_net *hn, struct work_struct *work);
void xa_hook_slow_queue(struct xa_hook_net *hn, struct work_struct *work);
extern struct workqueue_struct *xa_hook_loads, *xa_hook_user_loads;

/* run */
unsigned int xa_hook_run4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int xa_hook_run6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int xa_hook_run_ingress(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

/* point */
int xa_hook_points_commit(struct xa_hook_net *hn, struct xa_hook_ruleset *rs);
void xa_hook_points_device(struct xa_hook_net *hn, struct net_device *dev, bool gone);
void xa_hook_points_end(struct xa_hook_net *hn);
bool xa_hook_attached(struct xa_hook_net *hn, const struct xa_hook_key *key);

/* ruleset */
struct xa_hook_ruleset *xa_hook_ruleset_alloc(void);
void xa_hook_ruleset_destroy(struct xa_hook_ruleset *rs);
void xa_hook_ruleset_retire(struct xa_hook_net *hn, struct xa_hook_ruleset *rs);
bool xa_hook_ruleset_wait(struct xa_hook_net *hn);
void xa_hook_ruleset_retire_work(struct work_struct *work);
struct xa_hook_ruleset *xa_hook_ruleset_locked(struct xa_hook_net *hn);
struct xa_hook_chain *xa_hook_chain_find(const struct xa_hook_ruleset *rs,
					 const struct xa_hook_key *key);
struct xa_hook_chain *xa_hook_chain_add(struct xa_hook_ruleset *rs,
					const struct xa_hook_key *key);
void xa_hook_chain_remove_last(struct xa_hook_ruleset *rs);
int xa_hook_chain_append(struct xa_hook_ruleset *rs, struct xa_hook_chain *chain,
			 struct xa_hook_rule *rule);
void xa_hook_chain_cut(struct xa_hook_ruleset *rs, struct xa_hook_chain *chain, u32 n);
struct xa_hook_rule *xa_hook_rule_at(const struct xa_hook_ruleset *rs, u32 index,
				     const struct xa_hook_key *key);

/* rule */
struct xa_hook_rule *xa_hook_rule_create(struct xa_hook_session *s, const struct xa_hook_key *key,
					 const struct nlattr *nla, struct netlink_ext_ack *extack);
void xa_hook_rule_put(struct xa_hook_rule *rule);
void xa_hook_rule_put_later(struct xa_hook_rule *rule);
void xa_hook_rules_free(struct xa_hook_net *hn);
void xa_hook_rule_count(const struct xa_hook_rule *rule, struct xa_hook_counters *sum);
void xa_hook_rule_zero(struct xa_hook_rule *rule);

/* check */
struct xa_hook_ext *xa_hook_ext_find(struct xa_hook_session *s, u8 family, bool target,
				     const char *name, u8 revision);
unsigned int xa_hook_ext_size(const struct xa_hook_ext *ext);
const char *xa_hook_ext_refused(const struct xa_hook_ext *ext, const struct xa_hook_key *key,
				const struct xa_hook_base *base, int *err);
int xa_hook_ext_fits(const struct xa_hook_ext *ext, unsigned int len);
const char *xa_hook_data_refused(const struct xa_hook_ext *ext, const void *data);
int xa_hook_ext_check(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		      const struct xa_hook_ext *ext);
void xa_hook_match_destroy(const struct xa_hook_rule *rule, const struct xa_hook_use *use);
void xa_hook_target_destroy(const struct xa_hook_rule *rule, const struct xa_hook_use *use);

/* slow */
void xa_hook_slow_init(struct xa_hook_net *hn);
void xa_hook_slow_exit(struct xa_hook_net *hn);
int xa_hook_slow_number(const struct xa_hook_ext *ext);
int xa_hook_slow_check(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		       const struct xa_hook_ext *ext, int number);

/* session */
extern const struct nla_policy xa_hook_ext_policy[XA_HOOK_EXT_MAX + 1];
int xa_hook_session_begin(struct xa_hook_net *hn, struct genl_info *info);
struct xa_hook_session *xa_hook_session_get(struct xa_hook_net *hn, u32 portid, u32 token);
void xa_hook_session_put(struct xa_hook_session *s);
void xa_hook_session_drop(struct xa_hook_session *s);
void xa_hook_sessions_close(struct xa_hook_net *hn, u32 portid);
void xa_hook_sessions_end(struct xa_hook_net *hn);
bool xa_hook_sessions_freed(struct xa_hook_net *hn);
void xa_hook_sessions_load_work(struct work_struct *work);
void xa_hook_sessions_stop_loads(void);

/* netlink */
int xa_hook_netlink_begun(struct xa_hook_session *s);
int xa_hook_netlink_init(void);
void xa_hook_netlink_exit(void);

/* dump */
int xa_hook_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct genl_family *family);

#endif /* _XA_HOOK_PRIV_H */
