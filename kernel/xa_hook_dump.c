// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_dump - the ruleset that packets see, for whoever lists it
 *
 * A message for the sums, one for each chain, one for each rule. The place in the
 * ruleset is kept between the buffers; if another ruleset has come meanwhile the
 * reader is told.
 */
#include <linux/netfilter/x_tables.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "xa_hook_priv.h"

/* Of a rule with all its attributes, rounded up. */
#define ROOM	32768

/* struct netlink_callback.args */
enum {
	AT_BEGUN,	/* the sums have been written */
	AT_CHAIN,	/* next chain */
	AT_RULE,	/* next of its rules + 1; 0: the chain itself */
	AT_INDEX,	/* of that rule */
};

static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, XA_HOOK_ATTR_PAD);
}

static int put_sums(struct sk_buff *skb, const struct xa_hook_ruleset *rs)
{
	if (nla_put_u32(skb, XA_HOOK_ATTR_N_CHAINS, rs ? rs->n_chains : 0) ||
	    nla_put_u32(skb, XA_HOOK_ATTR_N_RULES, rs ? rs->n_rules : 0))
		return -EMSGSIZE;
	return 0;
}

static int put_key(struct sk_buff *skb, struct xa_hook_net *hn, const struct xa_hook_key *key)
{
	if (nla_put_u8(skb, XA_HOOK_CHAIN_FAMILY, key->family) ||
	    nla_put_u8(skb, XA_HOOK_CHAIN_HOOK, key->hook) ||
	    nla_put_s32(skb, XA_HOOK_CHAIN_PRIORITY, key->priority))
		return -EMSGSIZE;
	if (!key->device[0])
		return 0;
	if (nla_put_string(skb, XA_HOOK_CHAIN_DEVICE, key->device))
		return -EMSGSIZE;
	return xa_hook_attached(hn, key) ? nla_put_flag(skb, XA_HOOK_CHAIN_ATTACHED) : 0;
}

static int put_chain(struct sk_buff *skb, struct xa_hook_net *hn,
		     const struct xa_hook_chain *chain)
{
	struct nlattr *nest = nla_nest_start(skb, XA_HOOK_ATTR_CHAIN);

	if (!nest || put_key(skb, hn, &chain->key))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What is the kernel's own is zero. */
static int put_data(struct sk_buff *skb, const void *data, unsigned int size,
		    unsigned int user_size)
{
	struct nlattr *nla = nla_reserve(skb, XA_HOOK_EXT_DATA, XT_ALIGN(size));

	if (!nla)
		return -EMSGSIZE;
	memset(nla_data(nla), 0, XT_ALIGN(size));
	memcpy(nla_data(nla), data, user_size ?: size);
	return 0;
}

static int put_use(struct sk_buff *skb, int attr, const char *name, u8 revision,
		   const void *data, unsigned int size, unsigned int user_size)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest || nla_put_string(skb, XA_HOOK_EXT_NAME, name) ||
	    nla_put_u8(skb, XA_HOOK_EXT_REVISION, revision) ||
	    put_data(skb, data, size, user_size))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_match(struct sk_buff *skb, const struct xa_hook_use *use)
{
	const struct xt_match *mt = use->match;

	return put_use(skb, XA_HOOK_RULE_MATCH, mt->name, mt->revision, use->data,
		       mt->matchsize, mt->usersize);
}

static int put_verdict(struct sk_buff *skb, const struct xa_hook_rule *rule)
{
	const struct xa_hook_use *use = &rule->uses[rule->n_matches];

	if (rule->has_target)
		return put_use(skb, XA_HOOK_RULE_TARGET, use->target->name, use->target->revision,
			       use->data, use->target->targetsize, use->target->usersize);
	return rule->verdict == XT_CONTINUE ? 0 :
	       nla_put_u32(skb, XA_HOOK_RULE_VERDICT, rule->verdict);
}

static int put_rule_attrs(struct sk_buff *skb, const struct xa_hook_rule *rule, u32 index)
{
	struct xa_hook_counters sum;
	unsigned int i;

	xa_hook_rule_count(rule, &sum);
	if (nla_put_u32(skb, XA_HOOK_RULE_INDEX, index) ||
	    nla_put(skb, XA_HOOK_RULE_BASE, sizeof(rule->base), &rule->base) ||
	    nla_put(skb, XA_HOOK_RULE_COUNTERS, sizeof(sum), &sum))
		return -EMSGSIZE;
	if (rule->note_size && nla_put(skb, XA_HOOK_RULE_NOTE, rule->note_size, rule->note))
		return -EMSGSIZE;
	for (i = 0; i < rule->n_matches; i++)
		if (put_match(skb, &rule->uses[i]))
			return -EMSGSIZE;
	return put_verdict(skb, rule);
}

static int put_rule(struct sk_buff *skb, const struct xa_hook_rule *rule, u32 index)
{
	struct nlattr *nest = nla_nest_start(skb, XA_HOOK_ATTR_RULE);

	if (!nest || put_rule_attrs(skb, rule, index))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The message that is next. Return: 0, or it has no room. */
static int put_next(struct sk_buff *skb, struct xa_hook_net *hn,
		    const struct xa_hook_ruleset *rs, struct netlink_callback *cb)
{
	const struct xa_hook_chain *chain;

	if (!cb->args[AT_BEGUN])
		return put_sums(skb, rs);
	chain = rs->chains[cb->args[AT_CHAIN]];
	if (!cb->args[AT_RULE])
		return put_chain(skb, hn, chain);
	return put_rule(skb, chain->rules[cb->args[AT_RULE] - 1], cb->args[AT_INDEX]);
}

/* It has been written: go on. */
static void advance(const struct xa_hook_ruleset *rs, struct netlink_callback *cb)
{
	if (!cb->args[AT_BEGUN]) {
		cb->args[AT_BEGUN] = 1;
		return;
	}
	if (cb->args[AT_RULE])
		cb->args[AT_INDEX]++;
	if (cb->args[AT_RULE]++ < rs->chains[cb->args[AT_CHAIN]]->n_rules)
		return;
	cb->args[AT_RULE] = 0;
	cb->args[AT_CHAIN]++;
}

/* The ruleset may be another than that of the buffer before. */
static bool has_next(const struct xa_hook_ruleset *rs, const struct netlink_callback *cb)
{
	if (!cb->args[AT_BEGUN])
		return true;
	return rs && cb->args[AT_CHAIN] < rs->n_chains &&
	       cb->args[AT_RULE] <= rs->chains[cb->args[AT_CHAIN]]->n_rules;
}

static int put_message(struct sk_buff *skb, struct xa_hook_net *hn,
		       const struct xa_hook_ruleset *rs, struct netlink_callback *cb,
		       const struct genl_family *family)
{
	void *head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, family,
				 NLM_F_MULTI, XA_HOOK_CMD_GET);

	if (!head)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, head);
	if (put_u64(skb, XA_HOOK_ATTR_GENERATION, hn->generation) ||
	    put_next(skb, hn, rs, cb)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/**
 * xa_hook_dump - a buffer full of GET's answers
 * @skb:    buffer
 * @cb:     where it begins
 * @family: of the messages
 *
 * Context: process, may sleep.
 * Return: bytes in @skb, 0 at the end, or an error.
 */
int xa_hook_dump(struct sk_buff *skb, struct netlink_callback *cb, const struct genl_family *family)
{
	struct xa_hook_net *hn = xa_hook_of(sock_net(skb->sk));
	const struct xa_hook_ruleset *rs;
	int err = 0;

	/* for the next buffer: the first one has room for the sums at least */
	cb->min_dump_alloc = ROOM;
	mutex_lock(&hn->lock);
	cb->seq = hn->generation;
	rs = xa_hook_ruleset_locked(hn);
	while (!err && has_next(rs, cb)) {
		err = put_message(skb, hn, rs, cb, family);
		if (!err)
			advance(rs, cb);
	}
	mutex_unlock(&hn->lock);
	return skb->len ?: err;
}
