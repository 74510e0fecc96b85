// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_rule - a rule, from the message that describes it to its end
 *
 * A rule is one object: its base match, what each extension keeps, and the note.
 * It is read-only while packets see it, but for the data of extensions, which
 * are theirs. A ruleset that keeps a rule of another shares the object.
 */
#include <linux/if.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "xa_hook_priv.h"

static const struct nla_policy xa_hook_rule_policy[XA_HOOK_RULE_MAX + 1] = {
	[XA_HOOK_RULE_BASE]	 = NLA_POLICY_EXACT_LEN(sizeof(struct xa_hook_base)),
	[XA_HOOK_RULE_MATCH]	 = { .type = NLA_NESTED },
	[XA_HOOK_RULE_TARGET]	 = { .type = NLA_NESTED },
	[XA_HOOK_RULE_VERDICT]	 = NLA_POLICY_MAX(NLA_U32, NF_ACCEPT),
	[XA_HOOK_RULE_COUNTERS]	 = NLA_POLICY_EXACT_LEN(sizeof(struct xa_hook_counters)),
	[XA_HOOK_RULE_NOTE]	 = { .type = NLA_BINARY, .len = XA_HOOK_NOTE_SIZE },
	[XA_HOOK_RULE_KEEP_FROM] = { .type = NLA_U32 },
};

/* An extension as a rule names it. */
struct wish {
	const struct xa_hook_ext *ext;
	const struct nlattr *nla;	/* MATCH or TARGET */
	const struct nlattr *data;
};

/* A RULE, read. */
struct parsed {
	struct xa_hook_base base;
	const struct nlattr *attrs[XA_HOOK_RULE_MAX + 1];
	unsigned int n_matches;
	size_t data_size;
	struct wish wishes[XA_HOOK_MAX_MATCHES + 1];	/* the matches, then the target */
};

/* ---- the base match */

static bool all_zero(const void *p, size_t size)
{
	return !memchr_inv(p, 0, size);
}

/* Bits of an address that no mask lets count would never match. */
static bool address_valid(const u8 *addr, const u8 *mask, u8 family)
{
	unsigned int i, size = family == NFPROTO_IPV4 ? 4 : 16;

	for (i = 0; i < size; i++)
		if (addr[i] & ~mask[i])
			return false;
	return all_zero(addr + size, 16 - size) && all_zero(mask + size, 16 - size);
}

/* 0xff from the beginning on, as iptables makes it; and nothing behind the end. */
static bool device_valid(const char *name, const u8 *mask)
{
	unsigned int i;
	bool over = false;

	for (i = 0; i < IFNAMSIZ; i++) {
		if (mask[i] && (mask[i] != 0xff || over))
			return false;
		if (!mask[i] && name[i])
			return false;
		over = !mask[i];
	}
	return true;
}

static u8 base_tests(const struct xa_hook_base *b)
{
	u8 tests = 0;

	if (!all_zero(b->src_mask, sizeof(b->src_mask)))
		tests |= XA_HOOK_TEST_SRC;
	if (!all_zero(b->dst_mask, sizeof(b->dst_mask)))
		tests |= XA_HOOK_TEST_DST;
	if (b->in_mask[0])
		tests |= XA_HOOK_TEST_IN;
	if (b->out_mask[0])
		tests |= XA_HOOK_TEST_OUT;
	if (b->protocol)
		tests |= XA_HOOK_TEST_PROTOCOL;
	if (b->flags & XA_HOOK_FRAGMENT)
		tests |= XA_HOOK_TEST_FRAGMENT;
	return tests;
}

static const char *base_refused(const struct xa_hook_base *b, const struct xa_hook_key *key)
{
	u8 tests = base_tests(b);

	if (b->flags & ~XA_HOOK_FRAGMENT || !all_zero(b->pad, sizeof(b->pad)))
		return "unknown flags, or padding that is not zero";
	if (!address_valid(b->src, b->src_mask, key->family) ||
	    !address_valid(b->dst, b->dst_mask, key->family))
		return "an address has bits that its mask or family has not";
	if (!device_valid(b->in, b->in_mask) || !device_valid(b->out, b->out_mask))
		return "the name of a device, or its mask, is malformed";
	if (b->protocol > U8_MAX)
		return "protocols are 0 to 255";
	/* the bits of both have the same order */
	if (b->invert & ~tests)
		return "an inversion of what is not tested";
	if (tests & XA_HOOK_TEST_FRAGMENT && key->family != NFPROTO_IPV4)
		return "fragments are tested in IPv4 only";
	if (tests & XA_HOOK_TEST_IN && key->hook == XA_HOOK_OUTPUT)
		return "packets at output have not come in by a device";
	if (tests & XA_HOOK_TEST_OUT &&
	    (key->hook == XA_HOOK_PREROUTING || key->hook == XA_HOOK_INPUT ||
	     key->hook == XA_HOOK_INGRESS))
		return "where a packet goes out is not known at this hook";
	return NULL;
}

static int base_parse(struct parsed *p, const struct xa_hook_key *key,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *nla = p->attrs[XA_HOOK_RULE_BASE];
	const char *reason;

	if (!nla)
		return 0;
	nla_memcpy(&p->base, nla, sizeof(p->base));
	reason = base_refused(&p->base, key);
	if (!reason)
		return 0;
	NL_SET_BAD_ATTR(extack, nla);
	extack->_msg = reason;
	return -EINVAL;
}

/* ---- extensions */

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *nla, const char *reason,
		  int err)
{
	NL_SET_BAD_ATTR(extack, nla);
	extack->_msg = reason;
	return err;
}

static int wish_size(struct parsed *p, const struct wish *w, struct netlink_ext_ack *extack)
{
	unsigned int len = w->data ? nla_len(w->data) : 0;
	int err = xa_hook_ext_fits(w->ext, len);

	if (err == -EOPNOTSUPP)
		return refuse(extack, w->nla, "a program of 32 bits cannot use this extension",
			      err);
	if (err)
		return refuse(extack, w->nla,
			      "the data have another size than the extension has in this kernel",
			      err);
	p->data_size += XT_ALIGN(xa_hook_ext_size(w->ext));
	if (p->data_size > XA_HOOK_RULE_SIZE)
		return refuse(extack, w->nla, "too many data for one rule", -E2BIG);
	return 0;
}

static int wish_parse(struct xa_hook_session *s, const struct xa_hook_key *key, struct parsed *p,
		      const struct nlattr *nla, bool target, struct netlink_ext_ack *extack)
{
	struct wish *w = &p->wishes[target ? XA_HOOK_MAX_MATCHES : p->n_matches];
	struct nlattr *tb[XA_HOOK_EXT_MAX + 1];
	const char *reason;
	int err;

	err = nla_parse_nested(tb, XA_HOOK_EXT_MAX, nla, xa_hook_ext_policy, extack);
	if (err)
		return err;
	if (!tb[XA_HOOK_EXT_NAME] || !tb[XA_HOOK_EXT_REVISION] || tb[XA_HOOK_EXT_FAMILY] ||
	    tb[XA_HOOK_EXT_TARGET])
		return refuse(extack, nla, "NAME and REVISION are missing, or more is there",
			      -EINVAL);
	w->nla = nla;
	w->data = tb[XA_HOOK_EXT_DATA];
	w->ext = xa_hook_ext_find(s, key->family, target, nla_data(tb[XA_HOOK_EXT_NAME]),
				  nla_get_u8(tb[XA_HOOK_EXT_REVISION]));
	if (!w->ext)
		return refuse(extack, nla,
			      "this kernel has no such extension, or BEGIN did not name it",
			      -ENOENT);
	reason = xa_hook_ext_refused(w->ext, key, &p->base, &err);
	if (reason)
		return refuse(extack, nla, reason, err);
	err = wish_size(p, w, extack);
	if (err)
		return err;
	reason = w->data ? xa_hook_data_refused(w->ext, nla_data(w->data)) : NULL;
	return reason ? refuse(extack, nla, reason, -EOPNOTSUPP) : 0;
}

/* The base match comes first in the work, wherever it is in the message. */
static int wishes_parse(struct xa_hook_session *s, const struct xa_hook_key *key,
			struct parsed *p, const struct nlattr *rule,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *nla;
	int rem, err;

	nla_for_each_nested(nla, rule, rem) {
		if (nla_type(nla) != XA_HOOK_RULE_MATCH)
			continue;
		if (p->n_matches == XA_HOOK_MAX_MATCHES)
			return refuse(extack, nla, "too many matches for one rule", -E2BIG);
		err = wish_parse(s, key, p, nla, false, extack);
		if (err)
			return err;
		p->n_matches++;
	}
	nla = p->attrs[XA_HOOK_RULE_TARGET];
	return nla ? wish_parse(s, key, p, nla, true, extack) : 0;
}

/* ---- reading a RULE */

static int attrs_parse(struct parsed *p, const struct nlattr *rule, struct netlink_ext_ack *extack)
{
	const struct nlattr *nla;
	int rem, err;

	err = nla_validate_nested(rule, XA_HOOK_RULE_MAX, xa_hook_rule_policy, extack);
	if (err)
		return err;
	nla_for_each_nested(nla, rule, rem) {
		int type = nla_type(nla);

		/* unknown ones have not passed the policy */
		if (p->attrs[type] && type != XA_HOOK_RULE_MATCH)
			return refuse(extack, nla, "this is said twice", -EINVAL);
		p->attrs[type] = nla;
	}
	if (p->attrs[XA_HOOK_RULE_VERDICT] && p->attrs[XA_HOOK_RULE_TARGET])
		return refuse(extack, rule, "a target and a verdict", -EINVAL);
	return 0;
}

static int rule_parse(struct xa_hook_session *s, const struct xa_hook_key *key, struct parsed *p,
		      const struct nlattr *rule, struct netlink_ext_ack *extack)
{
	int err = base_parse(p, key, extack);

	return err ?: wishes_parse(s, key, p, rule, extack);
}

/* ---- a rule */

static size_t rule_taken(size_t size)
{
	return size + num_possible_cpus() * sizeof(struct xa_hook_stats);
}

/* Two rulesets as large as they may be, with their counters */
static long taken_most(void)
{
	return 2 * (XA_HOOK_MAX_SIZE + (long)num_possible_cpus() * XA_HOOK_MAX_RULES *
				       (long)sizeof(struct xa_hook_stats));
}

static void rule_give(struct xa_hook_net *hn, size_t size)
{
	atomic_long_sub(rule_taken(size), &hn->taken);
}

static bool rule_take(struct xa_hook_net *hn, size_t size)
{
	if (atomic_long_add_return(rule_taken(size), &hn->taken) <= taken_most())
		return true;
	rule_give(hn, size);
	return false;
}

static struct xa_hook_stats __percpu *stats_alloc(void)
{
	struct xa_hook_stats __percpu *stats;
	unsigned int cpu;

	stats = __alloc_percpu_gfp(sizeof(*stats), __alignof__(*stats), GFP_KERNEL_ACCOUNT);
	if (stats)
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

static void rule_free(struct xa_hook_rule *rule)
{
	rule_give(rule->hn, rule->size);
	free_percpu(rule->stats);
	kvfree(rule);
}

/* Where the data of extensions begin: behind the places of all of them. */
static size_t data_offset(unsigned int n_uses)
{
	return XT_ALIGN(offsetof(struct xa_hook_rule, uses) + n_uses * sizeof(struct xa_hook_use));
}

static struct xa_hook_rule *rule_alloc(struct xa_hook_net *hn, unsigned int n_uses,
				       size_t data_size, size_t note_size)
{
	size_t size = data_offset(n_uses) + data_size + note_size;
	struct xa_hook_rule *rule;

	/* what has been replaced may have it still */
	if (!xa_hook_wait(hn, hn->patience, rule_take(hn, size)))
		return ERR_PTR(READ_ONCE(hn->n_retired) ? -EAGAIN : -ENOMEM);
	rule = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!rule) {
		rule_give(hn, size);
		return ERR_PTR(-ENOMEM);
	}
	rule->hn = hn;
	rule->size = size;
	refcount_set(&rule->ref, 1);
	rule->note = (u8 *)rule + size - note_size;
	rule->note_size = note_size;
	rule->stats = stats_alloc();
	if (rule->stats)
		return rule;
	rule_free(rule);
	return ERR_PTR(-ENOMEM);
}

static void rule_fill(struct xa_hook_rule *rule, const struct parsed *p, u8 family)
{
	const struct nlattr *verdict = p->attrs[XA_HOOK_RULE_VERDICT];
	const struct nlattr *counters = p->attrs[XA_HOOK_RULE_COUNTERS];
	const struct nlattr *note = p->attrs[XA_HOOK_RULE_NOTE];

	rule->family = family;
	rule->base = p->base;
	rule->tests = base_tests(&p->base);
	rule->verdict = verdict ? nla_get_u32(verdict) : XT_CONTINUE;
	if (counters)
		nla_memcpy(&rule->offset, counters, sizeof(rule->offset));
	if (note)
		memcpy(rule->note, nla_data(note), nla_len(note));
}

/* Only what the extension knows; what follows it is padding. */
static void *data_place(u8 *at, const struct wish *w)
{
	if (w->data)
		memcpy(at, nla_data(w->data), xa_hook_ext_size(w->ext));
	return at;
}

static int ext_check(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		     const struct wish *w, struct netlink_ext_ack *extack)
{
	int number = xa_hook_slow_number(w->ext), err;

	if (number < 0)
		err = xa_hook_ext_check(rule, key, w->ext);
	else
		err = xa_hook_slow_check(rule, key, w->ext, number);
	if (number >= 0 && err == -EAGAIN)
		return refuse(extack, w->nla,
			      "somebody who reads a file of the extension keeps it: try again",
			      err);
	if (err)
		return refuse(extack, w->nla,
			      "the extension refuses it, the kernel's log may say why", err);
	return 0;
}

/* After an error @rule has those that were checked before, or it is xa_hook_slow's. */
static int rule_use(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		    const struct parsed *p, struct netlink_ext_ack *extack)
{
	unsigned int i, n = p->n_matches + !!p->attrs[XA_HOOK_RULE_TARGET];
	u8 *at = (u8 *)rule + data_offset(n);
	int err;

	for (i = 0; i < n; i++) {
		bool target = i == p->n_matches;
		const struct wish *w = &p->wishes[target ? XA_HOOK_MAX_MATCHES : i];

		rule->uses[i].data = data_place(at, w);
		at += XT_ALIGN(xa_hook_ext_size(w->ext));
		err = ext_check(rule, key, w, extack);
		if (err)
			return err;
	}
	return 0;
}

static struct xa_hook_rule *rule_build(struct xa_hook_session *s, const struct xa_hook_key *key,
				       const struct parsed *p, const struct nlattr *nla,
				       struct netlink_ext_ack *extack)
{
	const struct nlattr *note = p->attrs[XA_HOOK_RULE_NOTE];
	struct xa_hook_rule *rule;
	int err;

	rule = rule_alloc(s->hn, p->n_matches + !!p->attrs[XA_HOOK_RULE_TARGET], p->data_size,
			  note ? nla_len(note) : 0);
	if (IS_ERR(rule)) {
		err = PTR_ERR(rule);
		return ERR_PTR(refuse(extack, nla, err == -EAGAIN ?
				      "what was replaced has not been freed yet: try again" :
				      "no memory for so many rules", err));
	}
	rule_fill(rule, p, key->family);
	err = rule_use(rule, key, p, extack);
	if (!err)
		return rule;
	xa_hook_rule_put_later(rule);
	return ERR_PTR(err);
}

/* A rule of the ruleset that is running goes on. */
static struct xa_hook_rule *rule_keep(struct xa_hook_session *s, const struct xa_hook_key *key,
				      const struct parsed *p, const struct nlattr *nla,
				      struct netlink_ext_ack *extack)
{
	const struct nlattr *from = p->attrs[XA_HOOK_RULE_KEEP_FROM];
	struct xa_hook_rule *rule;
	unsigned int type;

	for (type = 0; type <= XA_HOOK_RULE_MAX; type++)
		if (p->attrs[type] && type != XA_HOOK_RULE_KEEP_FROM)
			return ERR_PTR(refuse(extack, nla, "a rule that is kept has nothing else",
					      -EINVAL));
	if (!s->base)
		return ERR_PTR(refuse(extack, nla, "of which generation?", -EINVAL));
	rule = xa_hook_rule_at(xa_hook_ruleset_locked(s->hn), nla_get_u32(from), key);
	if (!rule)
		return ERR_PTR(refuse(extack, from, "there is no such rule at this place",
				      -ENOENT));
	refcount_inc(&rule->ref);
	return rule;
}

/**
 * xa_hook_rule_create - a rule from a message
 * @s:      session that is ready
 * @key:    place of its chain
 * @nla:    RULE
 * @extack: gets the reason, and what of @nla is wrong
 *
 * Context: process, may sleep; holds the namespace's lock.
 * Return: rule with one reference, or an ERR_PTR().
 */
struct xa_hook_rule *xa_hook_rule_create(struct xa_hook_session *s, const struct xa_hook_key *key,
					 const struct nlattr *nla, struct netlink_ext_ack *extack)
{
	struct parsed *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct xa_hook_rule *rule;
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	err = attrs_parse(p, nla, extack);
	if (!err && p->attrs[XA_HOOK_RULE_KEEP_FROM]) {
		rule = rule_keep(s, key, p, nla, extack);
	} else {
		if (!err)
			err = rule_parse(s, key, p, nla, extack);
		rule = err ? ERR_PTR(err) : rule_build(s, key, p, nla, extack);
	}
	kfree(p);
	return rule;
}

/* Its extensions, the last one first. */
static void rule_destroy(struct xa_hook_rule *rule)
{
	unsigned int n = rule->n_matches;

	if (rule->has_target)
		xa_hook_target_destroy(rule, &rule->uses[n]);
	while (n--)
		xa_hook_match_destroy(rule, &rule->uses[n]);
	rule_free(rule);
}

/**
 * xa_hook_rule_put - a ruleset does not have a rule any more
 * @rule: rule, which no packet can find in that ruleset
 *
 * Context: process, may sleep, as long as the destructors of extensions want.
 */
void xa_hook_rule_put(struct xa_hook_rule *rule)
{
	if (refcount_dec_and_test(&rule->ref))
		rule_destroy(rule);
}

/**
 * xa_hook_rule_put_later - the same for a verb, which must not wait
 * @rule: rule, which no packet can find in that ruleset
 *
 * Context: any.
 */
void xa_hook_rule_put_later(struct xa_hook_rule *rule)
{
	struct xa_hook_net *hn = rule->hn;

	if (!refcount_dec_and_test(&rule->ref))
		return;
	llist_add(&rule->dead, &hn->dead_rules);
	xa_hook_end_queue(hn, &hn->retire);
}

/**
 * xa_hook_rules_free - free what xa_hook_rule_put_later() has left
 * @hn: namespace
 *
 * Context: process, may sleep.
 */
void xa_hook_rules_free(struct xa_hook_net *hn)
{
	struct llist_node *dead = llist_del_all(&hn->dead_rules);
	struct xa_hook_rule *rule, *next;

	if (!dead)
		return;
	llist_for_each_entry_safe(rule, next, dead, dead) {
		rule_destroy(rule);
		cond_resched();
	}
	wake_up_all(&hn->freed);
}

/* ---- counters */

/* With bottom halves off, for machines where that alone keeps the writer out. */
static void stats_sum(const struct xa_hook_rule *rule, u64 *packets, u64 *bytes)
{
	unsigned int cpu, start;
	u64 p, b;

	*packets = 0;
	*bytes = 0;
	local_bh_disable();
	for_each_possible_cpu(cpu) {
		const struct xa_hook_stats *stats = per_cpu_ptr(rule->stats, cpu);

		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			p = READ_ONCE(stats->packets);
			b = READ_ONCE(stats->bytes);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		*packets += p;
		*bytes += b;
	}
	local_bh_enable();
}

/**
 * xa_hook_rule_count - what a rule has matched
 * @rule: rule
 * @sum:  its counters
 *
 * Context: process; holds the namespace's lock.
 */
void xa_hook_rule_count(const struct xa_hook_rule *rule, struct xa_hook_counters *sum)
{
	u64 packets, bytes;

	stats_sum(rule, &packets, &bytes);
	sum->packets = rule->offset.packets + packets;
	sum->bytes = rule->offset.bytes + bytes;
}

/**
 * xa_hook_rule_zero - begin to count anew
 * @rule: rule
 *
 * Context: process; holds the namespace's lock.
 */
void xa_hook_rule_zero(struct xa_hook_rule *rule)
{
	u64 packets, bytes;

	stats_sum(rule, &packets, &bytes);
	rule->offset.packets = -packets;
	rule->offset.bytes = -bytes;
}
