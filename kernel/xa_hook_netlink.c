// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_netlink - the verbs
 *
 * What they mean is in xa_hook_nl.h. All take CAP_NET_ADMIN in the user namespace
 * that owns the sender's network namespace (GENL_UNS_ADMIN_PERM), as rules of
 * iptables do, and reach that network namespace alone.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <net/genetlink.h>

#include "xa_hook_priv.h"

static struct genl_family xa_hook_family;

static const struct nla_policy xa_hook_chain_policy[XA_HOOK_CHAIN_MAX + 1] = {
	[XA_HOOK_CHAIN_FAMILY]	 = NLA_POLICY_RANGE(NLA_U8, NFPROTO_IPV4, NFPROTO_IPV6),
	[XA_HOOK_CHAIN_HOOK]	 = NLA_POLICY_MAX(NLA_U8, XA_HOOK_NUMBERS - 1),
	[XA_HOOK_CHAIN_PRIORITY] = { .type = NLA_S32 },
	[XA_HOOK_CHAIN_DEVICE]	 = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static const struct nla_policy xa_hook_policy[XA_HOOK_ATTR_MAX + 1] = {
	[XA_HOOK_ATTR_TOKEN]	  = { .type = NLA_U32 },
	[XA_HOOK_ATTR_GENERATION] = { .type = NLA_U64 },
	[XA_HOOK_ATTR_EXTENSIONS] = { .type = NLA_NESTED },
	[XA_HOOK_ATTR_CHAIN]	  = NLA_POLICY_NESTED(xa_hook_chain_policy),
	[XA_HOOK_ATTR_RULES]	  = { .type = NLA_NESTED },
};

static struct xa_hook_net *net_of(struct genl_info *info)
{
	return xa_hook_of(genl_info_net(info));
}

static struct xa_hook_session *session_of(struct genl_info *info)
{
	const struct nlattr *token = info->attrs[XA_HOOK_ATTR_TOKEN];
	struct xa_hook_session *s = NULL;

	if (token)
		s = xa_hook_session_get(net_of(info), info->snd_portid, nla_get_u32(token));
	if (!s)
		NL_SET_ERR_MSG(info->extack, "no such ruleset has been begun, or it was dropped");
	return s;
}

/* The generation that the sender knows is still the running one. */
static int generation_check(const struct xa_hook_net *hn, struct genl_info *info)
{
	const struct nlattr *nla = info->attrs[XA_HOOK_ATTR_GENERATION];

	if (!nla || nla_get_u64(nla) == hn->generation)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, nla, "the ruleset has been replaced meanwhile");
	return -ESTALE;
}

/* ---- answers */

static int answer_u64(struct genl_info *info, int attr, u64 value)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *head;

	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &xa_hook_family, 0, info->genlhdr->cmd);
	if (!head || nla_put_u64_64bit(msg, attr, value, XA_HOOK_ATTR_PAD)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
}

static int put_found(struct sk_buff *msg, const struct xa_hook_session *s)
{
	struct nlattr *nla = nla_reserve(msg, XA_HOOK_ATTR_FOUND, s->n_exts);
	u8 *found;
	u32 i;

	if (!nla)
		return -EMSGSIZE;
	found = nla_data(nla);
	for (i = 0; i < s->n_exts; i++)
		found[i] = !!s->exts[i].mt;
	return 0;
}

/**
 * xa_hook_netlink_begun - answer BEGIN
 * @s: session whose extensions have been looked for
 *
 * Context: process, may sleep.
 * Return: 0; or an error, and whoever waits for the answer waits for ever.
 */
int xa_hook_netlink_begun(struct xa_hook_session *s)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *head;

	if (!msg)
		return -ENOMEM;
	head = genlmsg_put(msg, s->portid, s->seq, &xa_hook_family, 0, XA_HOOK_CMD_BEGIN);
	if (!head || nla_put_u32(msg, XA_HOOK_ATTR_TOKEN, s->token) || put_found(msg, s)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return genlmsg_unicast(s->hn->net, msg, s->portid);
}

/* ---- ADD */

static int device_parse(struct xa_hook_key *key, const struct nlattr *nla, struct genl_info *info)
{
	struct net_device *dev;
	bool other;

	strscpy(key->device, nla_data(nla), sizeof(key->device));
	if (!dev_valid_name(key->device)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla, "this is no name of a device");
		return -EINVAL;
	}
	dev = dev_get_by_name(genl_info_net(info), key->device);
	other = dev && strcmp(dev->name, key->device);
	dev_put(dev);
	if (!other)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, nla, "this is an alternative name of the device");
	return -EINVAL;
}

static int key_parse(struct xa_hook_key *key, struct genl_info *info)
{
	const struct nlattr *chain = info->attrs[XA_HOOK_ATTR_CHAIN];
	struct nlattr *tb[XA_HOOK_CHAIN_MAX + 1];
	bool ingress;
	int err;

	if (!chain) {
		NL_SET_ERR_MSG(info->extack, "which CHAIN?");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, XA_HOOK_CHAIN_MAX, chain, xa_hook_chain_policy, info->extack);
	if (err)
		return err;
	NL_SET_BAD_ATTR(info->extack, chain);
	if (!tb[XA_HOOK_CHAIN_FAMILY] || !tb[XA_HOOK_CHAIN_HOOK] || !tb[XA_HOOK_CHAIN_PRIORITY]) {
		NL_SET_ERR_MSG(info->extack, "FAMILY, HOOK and PRIORITY are needed");
		return -EINVAL;
	}
	memset(key, 0, sizeof(*key));
	key->family = nla_get_u8(tb[XA_HOOK_CHAIN_FAMILY]);
	key->hook = nla_get_u8(tb[XA_HOOK_CHAIN_HOOK]);
	key->priority = nla_get_s32(tb[XA_HOOK_CHAIN_PRIORITY]);
	if (key->family != NFPROTO_IPV4 && key->family != NFPROTO_IPV6) {
		NL_SET_ERR_MSG(info->extack, "the family is neither IPv4 nor IPv6");
		return -EAFNOSUPPORT;
	}
	ingress = key->hook == XA_HOOK_INGRESS;
	if (ingress == !tb[XA_HOOK_CHAIN_DEVICE]) {
		NL_SET_ERR_MSG(info->extack, "ingress has a DEVICE, other hooks have none");
		return -EINVAL;
	}
	return ingress ? device_parse(key, tb[XA_HOOK_CHAIN_DEVICE], info) : 0;
}

/* The chain that gets the rules: a new one, or the last. NULL and *err: neither. */
static struct xa_hook_chain *chain_of(struct xa_hook_ruleset *rs, const struct xa_hook_key *key,
				      struct genl_info *info, int *err)
{
	struct xa_hook_chain *chain = xa_hook_chain_find(rs, key);

	if (chain) {
		if (chain == rs->chains[rs->n_chains - 1])
			return chain;
		NL_SET_ERR_MSG(info->extack, "another chain stands there");
		*err = -EEXIST;
		return NULL;
	}
	if (rs->n_chains == XA_HOOK_MAX_CHAINS) {
		NL_SET_ERR_MSG(info->extack, "too many chains");
		*err = -E2BIG;
		return NULL;
	}
	*err = -ENOMEM;
	return xa_hook_chain_add(rs, key);
}

static int rule_add(struct xa_hook_session *s, struct xa_hook_chain *chain,
		    const struct nlattr *nla, struct netlink_ext_ack *extack)
{
	struct xa_hook_rule *rule;
	int err;

	if (nla_type(nla) != XA_HOOK_ATTR_RULE) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "this is no RULE");
		return -EINVAL;
	}
	if (s->ruleset->n_rules == XA_HOOK_MAX_RULES) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "too many rules");
		return -E2BIG;
	}
	rule = xa_hook_rule_create(s, &chain->key, nla, extack);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	err = xa_hook_chain_append(s->ruleset, chain, rule);
	if (!err)
		return 0;
	xa_hook_rule_put_later(rule);
	if (err == -E2BIG)
		NL_SET_ERR_MSG_ATTR(extack, nla, "too many bytes of rules");
	return err;
}

static int rules_add(struct xa_hook_session *s, const struct xa_hook_key *key,
		     struct genl_info *info)
{
	const struct nlattr *rules = info->attrs[XA_HOOK_ATTR_RULES], *nla;
	struct xa_hook_ruleset *rs = s->ruleset;
	u32 n_chains = rs->n_chains, n_rules;
	struct xa_hook_chain *chain;
	int rem, err = 0;

	chain = chain_of(rs, key, info, &err);
	if (!chain)
		return err;
	err = 0;
	n_rules = chain->n_rules;
	if (rules)
		nla_for_each_nested(nla, rules, rem) {
			err = rule_add(s, chain, nla, info->extack);
			if (err)
				break;
			cond_resched();
		}
	if (!err)
		return 0;
	if (rs->n_chains > n_chains)
		xa_hook_chain_remove_last(rs);
	else
		xa_hook_chain_cut(rs, chain, n_rules);
	return err;
}

/* Caller holds the namespace's lock. */
static int session_add(struct xa_hook_session *s, const struct xa_hook_key *key,
		       struct genl_info *info)
{
	int err;

	if (!s->ruleset)
		return -ESRCH;
	err = generation_check(s->hn, info);
	if (err)
		return err;
	if (!s->base && info->attrs[XA_HOOK_ATTR_GENERATION])
		s->base = s->hn->generation;
	if (s->base && s->base != s->hn->generation) {
		NL_SET_ERR_MSG(info->extack, "the ruleset has been replaced meanwhile");
		return -ESTALE;
	}
	return rules_add(s, key, info);
}

static int cmd_add(struct sk_buff *skb, struct genl_info *info)
{
	/* also for those who have the lock before: they began to wait no later */
	unsigned long patience = jiffies + XA_HOOK_PATIENCE_MOST;
	struct xa_hook_session *s = session_of(info);
	struct xa_hook_key key;
	int err;

	if (!s)
		return -ESRCH;
	/* pairs with the release in session_load_work() */
	if (smp_load_acquire(&s->ready)) {
		err = key_parse(&key, info);
		mutex_lock(&s->hn->lock);
		s->hn->patience = patience;
		if (!err)
			err = session_add(s, &key, info);
		mutex_unlock(&s->hn->lock);
	} else {
		NL_SET_ERR_MSG(info->extack, "wait for the answer to BEGIN");
		err = -EAGAIN;
	}
	xa_hook_session_put(s);
	return err;
}

/* ---- the other verbs */

static int cmd_begin(struct sk_buff *skb, struct genl_info *info)
{
	return xa_hook_session_begin(net_of(info), info);
}

/* Caller holds the namespace's lock; *old is its to retire. */
static int session_commit(struct xa_hook_session *s, struct xa_hook_ruleset **old,
			  struct genl_info *info)
{
	struct xa_hook_net *hn = s->hn;
	int err;

	if (!s->ruleset)
		return -ESRCH;
	err = generation_check(hn, info);
	if (err)
		return err;
	if (s->base && s->base != hn->generation) {
		NL_SET_ERR_MSG(info->extack, "the ruleset has been replaced meanwhile");
		return -ESTALE;
	}
	*old = xa_hook_ruleset_locked(hn);
	s->ruleset->generation = hn->generation + 1;
	err = xa_hook_points_commit(hn, s->ruleset);
	if (err) {
		*old = NULL;
		NL_SET_ERR_MSG(info->extack, "a hook cannot be registered");
		return err;
	}
	hn->generation++;
	s->ruleset = NULL;
	return 0;
}

static int cmd_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_hook_session *s = session_of(info);
	struct xa_hook_ruleset *old = NULL;
	struct xa_hook_net *hn;
	u64 generation;
	int err;

	if (!s)
		return -ESRCH;
	hn = s->hn;
	if (!xa_hook_ruleset_wait(hn)) {
		NL_SET_ERR_MSG(info->extack,
			       "what was replaced has not been freed yet: try again");
		xa_hook_session_put(s);
		return -EAGAIN;
	}
	mutex_lock(&hn->lock);
	err = session_commit(s, &old, info);
	generation = hn->generation;
	mutex_unlock(&hn->lock);
	xa_hook_ruleset_retire(hn, old);
	if (!err)
		xa_hook_session_drop(s);
	xa_hook_session_put(s);
	/* it is done: that the answer is lost does not undo it */
	if (!err)
		answer_u64(info, XA_HOOK_ATTR_GENERATION, generation);
	return err;
}

static int cmd_abort(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_hook_session *s = session_of(info);

	if (!s)
		return -ESRCH;
	xa_hook_session_drop(s);
	xa_hook_session_put(s);
	return 0;
}

static void ruleset_zero(const struct xa_hook_ruleset *rs)
{
	u32 i, j;

	for (i = 0; rs && i < rs->n_chains; i++)
		for (j = 0; j < rs->chains[i]->n_rules; j++) {
			xa_hook_rule_zero(rs->chains[i]->rules[j]);
			cond_resched();
		}
}

static int cmd_zero(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_hook_net *hn = net_of(info);
	int err;

	mutex_lock(&hn->lock);
	err = generation_check(hn, info);
	if (!err)
		ruleset_zero(xa_hook_ruleset_locked(hn));
	mutex_unlock(&hn->lock);
	return err;
}

static int dump_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	return xa_hook_dump(skb, cb, &xa_hook_family);
}

/* ---- registration */

static const struct genl_small_ops xa_hook_ops[] = {
	{ .cmd = XA_HOOK_CMD_BEGIN,  .doit = cmd_begin,  .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_HOOK_CMD_ADD,    .doit = cmd_add,    .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_HOOK_CMD_COMMIT, .doit = cmd_commit, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_HOOK_CMD_ABORT,  .doit = cmd_abort,  .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_HOOK_CMD_GET,    .dumpit = dump_get, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_HOOK_CMD_ZERO,   .doit = cmd_zero,   .flags = GENL_UNS_ADMIN_PERM },
};

static struct genl_family xa_hook_family __ro_after_init = {
	.name         = XA_HOOK_GENL_NAME,
	.version      = XA_HOOK_GENL_VERSION,
	.maxattr      = XA_HOOK_ATTR_MAX,
	.policy       = xa_hook_policy,
	.netnsok      = true,
	.parallel_ops = true,
	.module       = THIS_MODULE,
	.small_ops    = xa_hook_ops,
	.n_small_ops  = ARRAY_SIZE(xa_hook_ops),
};

static int socket_closed(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC)
		xa_hook_sessions_close(xa_hook_of(n->net), n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block xa_hook_sockets = {
	.notifier_call = socket_closed,
};

/**
 * xa_hook_netlink_init - let programs speak with us
 *
 * Context: process, may sleep.
 * Return: 0 or an error.
 */
int xa_hook_netlink_init(void)
{
	int err = netlink_register_notifier(&xa_hook_sockets);

	if (err)
		return err;
	err = genl_register_family(&xa_hook_family);
	if (err)
		netlink_unregister_notifier(&xa_hook_sockets);
	return err;
}

/**
 * xa_hook_netlink_exit - and no longer
 *
 * Context: process, may sleep.
 */
void xa_hook_netlink_exit(void)
{
	genl_unregister_family(&xa_hook_family);
	netlink_unregister_notifier(&xa_hook_sockets);
}

MODULE_ALIAS_GENL_FAMILY(XA_HOOK_GENL_NAME);
