// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_ruleset - chains and rules as lists
 *
 * A ruleset is built under xa_hook_net.lock, published by a commit, and then not
 * written any more. When another has taken its place a work item waits until no
 * packet is in it and takes the rules apart: the destructors of extensions may
 * sleep and may take long.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "xa_hook_priv.h"

/**
 * xa_hook_ruleset_alloc - an empty ruleset
 *
 * Context: process, may sleep.
 * Return: it, for xa_hook_ruleset_destroy(); NULL without memory.
 */
struct xa_hook_ruleset *xa_hook_ruleset_alloc(void)
{
	return kvzalloc(sizeof(struct xa_hook_ruleset), GFP_KERNEL_ACCOUNT);
}

static void chain_destroy(struct xa_hook_chain *chain)
{
	u32 i;

	for (i = 0; i < chain->n_rules; i++) {
		xa_hook_rule_put(chain->rules[i]);
		cond_resched();
	}
	kvfree(chain->rules);
	kfree(chain);
}

/**
 * xa_hook_ruleset_destroy - free a ruleset that no packet is in
 * @rs: ruleset or NULL
 *
 * Context: process, may sleep.
 */
void xa_hook_ruleset_destroy(struct xa_hook_ruleset *rs)
{
	u32 i;

	if (!rs)
		return;
	for (i = 0; i < rs->n_chains; i++)
		chain_destroy(rs->chains[i]);
	kvfree(rs);
}

/**
 * xa_hook_ruleset_retire - free a ruleset when no packet is in it any more
 * @hn: namespace
 * @rs: ruleset that was published, or NULL
 *
 * Context: process.
 */
void xa_hook_ruleset_retire(struct xa_hook_net *hn, struct xa_hook_ruleset *rs)
{
	if (!rs)
		return;
	spin_lock(&hn->list_lock);
	list_add_tail(&rs->retired, &hn->retired);
	hn->n_retired++;
	spin_unlock(&hn->list_lock);
	xa_hook_end_queue(hn, &hn->retire);
}

/**
 * xa_hook_ruleset_retire_work - free what has been retired
 * @work: xa_hook_net.retire
 *
 * Context: process, may sleep.
 */
void xa_hook_ruleset_retire_work(struct work_struct *work)
{
	struct xa_hook_net *hn = container_of(work, struct xa_hook_net, retire);
	struct xa_hook_ruleset *rs, *next;
	LIST_HEAD(list);

	spin_lock(&hn->list_lock);
	list_splice_init(&hn->retired, &list);
	spin_unlock(&hn->list_lock);
	xa_hook_rules_free(hn);
	if (list_empty(&list))
		return;
	/* somebody waits for it, or soon will */
	if (READ_ONCE(hn->n_retired) > XA_HOOK_MAX_RETIRED / 2)
		synchronize_rcu_expedited();
	else
		synchronize_rcu();
	list_for_each_entry_safe(rs, next, &list, retired) {
		xa_hook_ruleset_destroy(rs);
		spin_lock(&hn->list_lock);
		hn->n_retired--;
		spin_unlock(&hn->list_lock);
		wake_up_all(&hn->freed);
	}
}

/**
 * xa_hook_ruleset_wait - wait if too many rulesets have not been freed yet
 * @hn: namespace
 *
 * A grace period takes longer than making a small ruleset, so a commit does not wait
 * for the one before. The bytes of their rules are bounded by xa_hook_net.taken.
 *
 * Context: process, may sleep.
 * Return: false if they are still too many; then it is too early for another one.
 */
bool xa_hook_ruleset_wait(struct xa_hook_net *hn)
{
	return xa_hook_wait(hn, jiffies + XA_HOOK_PATIENCE_MOST,
			    READ_ONCE(hn->n_retired) < XA_HOOK_MAX_RETIRED);
}

/**
 * xa_hook_ruleset_locked - the ruleset that packets see
 * @hn: namespace
 *
 * Context: process, holds @hn->lock.
 * Return: ruleset or NULL.
 */
struct xa_hook_ruleset *xa_hook_ruleset_locked(struct xa_hook_net *hn)
{
	return rcu_dereference_protected(hn->ruleset, lockdep_is_held(&hn->lock));
}

/* ---- chains */

static bool key_equal(const struct xa_hook_key *a, const struct xa_hook_key *b)
{
	return a->family == b->family && a->hook == b->hook && a->priority == b->priority &&
	       !strcmp(a->device, b->device);
}

/**
 * xa_hook_chain_find - the chain at a place
 * @rs:  ruleset
 * @key: place
 *
 * Context: any that keeps @rs.
 * Return: chain or NULL.
 */
struct xa_hook_chain *xa_hook_chain_find(const struct xa_hook_ruleset *rs,
					 const struct xa_hook_key *key)
{
	u32 i;

	for (i = 0; i < rs->n_chains; i++)
		if (key_equal(&rs->chains[i]->key, key))
			return rs->chains[i];
	return NULL;
}

/**
 * xa_hook_chain_add - a chain at the end of a ruleset
 * @rs:  ruleset that is being built and has room for it
 * @key: its place, where no other is
 *
 * Context: process, may sleep.
 * Return: chain without rules; NULL without memory.
 */
struct xa_hook_chain *xa_hook_chain_add(struct xa_hook_ruleset *rs,
					const struct xa_hook_key *key)
{
	struct xa_hook_chain *chain = kzalloc(sizeof(*chain), GFP_KERNEL_ACCOUNT);

	if (!chain)
		return NULL;
	chain->key = *key;
	rs->chains[rs->n_chains++] = chain;
	return chain;
}

/**
 * xa_hook_chain_cut - take rules from the end of a chain
 * @rs:    ruleset that is being built
 * @chain: of it
 * @n:     how many stay
 *
 * A work item frees them: the caller is a verb, which must not wait for destructors.
 *
 * Context: process, may sleep.
 */
void xa_hook_chain_cut(struct xa_hook_ruleset *rs, struct xa_hook_chain *chain, u32 n)
{
	struct xa_hook_rule *rule;

	while (chain->n_rules > n) {
		rule = chain->rules[--chain->n_rules];
		rs->n_rules--;
		rs->size -= rule->size;
		xa_hook_rule_put_later(rule);
		cond_resched();
	}
}

/**
 * xa_hook_chain_remove_last - take the last chain away
 * @rs: ruleset that is being built
 *
 * Context: process, may sleep.
 */
void xa_hook_chain_remove_last(struct xa_hook_ruleset *rs)
{
	struct xa_hook_chain *chain = rs->chains[--rs->n_chains];

	xa_hook_chain_cut(rs, chain, 0);
	chain_destroy(chain);
}

static int chain_grow(struct xa_hook_chain *chain)
{
	u32 room = max(16U, 2 * chain->room);
	struct xa_hook_rule **rules = kvmalloc_array(room, sizeof(*rules), GFP_KERNEL_ACCOUNT);

	if (!rules)
		return -ENOMEM;
	if (chain->n_rules)
		memcpy(rules, chain->rules, chain->n_rules * sizeof(*rules));
	kvfree(chain->rules);
	chain->rules = rules;
	chain->room = room;
	return 0;
}

/**
 * xa_hook_chain_append - a rule at the end of a chain
 * @rs:    ruleset that is being built
 * @chain: of it
 * @rule:  whose reference goes to the chain if this succeeds
 *
 * Context: process, may sleep.
 * Return: 0; -E2BIG: the ruleset has no room for it; -ENOMEM.
 */
int xa_hook_chain_append(struct xa_hook_ruleset *rs, struct xa_hook_chain *chain,
			 struct xa_hook_rule *rule)
{
	if (rule->size > XA_HOOK_MAX_SIZE - rs->size)
		return -E2BIG;
	if (chain->n_rules == chain->room && chain_grow(chain))
		return -ENOMEM;
	chain->rules[chain->n_rules++] = rule;
	rs->n_rules++;
	rs->size += rule->size;
	return 0;
}

/**
 * xa_hook_rule_at - a rule by its number
 * @rs:    ruleset or NULL
 * @index: number, counted through all chains
 * @key:   where its chain must stand
 *
 * Context: any that keeps @rs.
 * Return: rule, without a reference; NULL: there is none.
 */
struct xa_hook_rule *xa_hook_rule_at(const struct xa_hook_ruleset *rs, u32 index,
				     const struct xa_hook_key *key)
{
	const struct xa_hook_chain *chain;
	u32 i;

	for (i = 0; rs && i < rs->n_chains; i++) {
		chain = rs->chains[i];
		if (index < chain->n_rules)
			return key_equal(&chain->key, key) ? chain->rules[index] : NULL;
		index -= chain->n_rules;
	}
	return NULL;
}
