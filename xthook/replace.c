// SPDX-License-Identifier: GPL-2.0-only
/* replace - make a ruleset the kernel's, or have it checked (xa_hook_nl.h) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"

/* A message goes off when it has so many bytes. */
#define MESSAGE_FULL	(XA_HOOK_MESSAGE_SIZE / 2)
/* Room for a rule in it: data, and what is around them */
#define RULE_ROOM	(XA_HOOK_RULE_SIZE + XA_HOOK_MAX_MATCHES * 64 + 1024)

_Static_assert(MESSAGE_FULL + RULE_ROOM < 65000, "RULES is an attribute of less than 64 KiB");

/* ---- the extensions of all rules */

/**
 * struct extension - one of those that BEGIN names
 * @missing: the kernel does not have it
 */
struct extension {
	struct extension *next;
	enum family family;
	bool target;
	bool missing;
	const struct part *part;
};

/* What BEGIN named last */
static struct extension *extensions;

static struct extension *find_extension(struct extension *list, enum family family, bool target,
					const struct part *part)
{
	struct extension *e;

	for (e = list; e; e = e->next)
		if (e->family == family && e->target == target &&
		    e->part->revision == part->revision && !strcmp(e->part->name, part->name))
			return e;
	return NULL;
}

static void add_extension(struct extension **list, enum family family, bool target,
			  const struct part *part)
{
	struct extension *e;

	if (find_extension(*list, family, target, part))
		return;
	e = mem_alloc(sizeof(*e));
	e->family = family;
	e->target = target;
	e->part = part;
	e->next = *list;
	*list = e;
}

/* Those of rules that are kept are there. */
static struct extension *find_extensions(const struct ruleset *set)
{
	struct extension *list = NULL;
	const struct chain *chain;
	const struct part *part;
	const struct rule *rule;
	size_t i;

	for (chain = set->chain; chain; chain = chain->next)
		for (i = 0; i < chain->n; i++) {
			rule = chain->rule[i];
			if (rule->keep >= 0)
				continue;
			for (part = rule->match; part; part = part->next)
				add_extension(&list, chain->family, false, part);
			if (rule->target)
				add_extension(&list, chain->family, true, rule->target);
		}
	return list;
}

static void put_extensions(struct nlmsghdr *nlh, const struct extension *list)
{
	struct nlattr *all = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_EXTENSIONS), *one;
	const struct extension *e;

	for (e = list; e; e = e->next) {
		one = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_EXTENSION);
		mnl_attr_put_strz(nlh, XA_HOOK_EXT_NAME, e->part->name);
		mnl_attr_put_u8(nlh, XA_HOOK_EXT_REVISION, e->part->revision);
		mnl_attr_put_u8(nlh, XA_HOOK_EXT_FAMILY, family_number(e->family));
		if (e->target)
			mnl_attr_put(nlh, XA_HOOK_EXT_TARGET, 0, NULL);
		mnl_attr_nest_end(nlh, one);
	}
	mnl_attr_nest_end(nlh, all);
}

/* One byte for each extension, in the order of put_extensions() */
static void take_found(const struct nlattr *attr)
{
	const uint8_t *found = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr);
	struct extension *e;

	for (e = extensions; e && left; e = e->next, left--)
		e->missing = !*found++;
}

static void take_token(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == XA_HOOK_ATTR_TOKEN)
			*(uint32_t *)data = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == XA_HOOK_ATTR_FOUND)
			take_found(attr);
	}
}

/* pause_a_little - before something is tried again */
void pause_a_little(void)
{
	const struct timespec wait = { 0, 10 * 1000 * 1000 };

	nanosleep(&wait, NULL);
}

/* Return: the token, when the kernel has loaded the extensions. */
static uint32_t begin(const struct ruleset *set)
{
	struct nlmsghdr *nlh;
	uint32_t token = 0;
	int tries = 0, e;

	extensions = find_extensions(set);
	for (;;) {
		nlh = client_begin(XA_HOOK_CMD_BEGIN, NLM_F_ACK);
		if (extensions)
			put_extensions(nlh, extensions);
		e = client_request(nlh, take_token, &token, &token);
		if (!e)
			return token;
		if (e != EBUSY || ++tries == TRIES)
			client_refused(e);
		pause_a_little();
	}
}

/* ---- rules */

static void put_part(struct nlmsghdr *nlh, uint16_t type, const struct part *part)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_strz(nlh, XA_HOOK_EXT_NAME, part->name);
	mnl_attr_put_u8(nlh, XA_HOOK_EXT_REVISION, part->revision);
	if (part->size)
		mnl_attr_put(nlh, XA_HOOK_EXT_DATA, part->size, part->data);
	mnl_attr_nest_end(nlh, nest);
}

static void put_whole_rule(struct nlmsghdr *nlh, enum family family, const struct rule *rule)
{
	const struct xa_hook_counters counters = { rule->packets, rule->bytes };
	struct xa_hook_base base;
	const struct part *part;

	rule_to_base(family, rule, &base);
	mnl_attr_put(nlh, XA_HOOK_RULE_BASE, sizeof(base), &base);
	for (part = rule->match; part; part = part->next)
		put_part(nlh, XA_HOOK_RULE_MATCH, part);
	if (rule->verdict == VERDICT_TARGET)
		put_part(nlh, XA_HOOK_RULE_TARGET, rule->target);
	else if (rule->verdict != VERDICT_NONE)
		mnl_attr_put_u32(nlh, XA_HOOK_RULE_VERDICT,
				 rule->verdict == VERDICT_DROP ? NF_DROP : NF_ACCEPT);
	if (rule->packets || rule->bytes)
		mnl_attr_put(nlh, XA_HOOK_RULE_COUNTERS, sizeof(counters), &counters);
	if (rule->note)
		mnl_attr_put(nlh, XA_HOOK_RULE_NOTE, strlen(rule->note), rule->note);
}

static void put_rule(struct nlmsghdr *nlh, enum family family, const struct rule *rule)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_RULE);

	if (rule->keep >= 0)
		mnl_attr_put_u32(nlh, XA_HOOK_RULE_KEEP_FROM, rule->keep);
	else
		put_whole_rule(nlh, family, rule);
	mnl_attr_nest_end(nlh, nest);
}

static void put_chain(struct nlmsghdr *nlh, const struct chain *chain)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_CHAIN);

	mnl_attr_put_u8(nlh, XA_HOOK_CHAIN_FAMILY, family_number(chain->family));
	mnl_attr_put_u8(nlh, XA_HOOK_CHAIN_HOOK, hook_number[chain->place.hook]);
	mnl_attr_put_u32(nlh, XA_HOOK_CHAIN_PRIORITY, chain->place.priority);
	if (*chain->place.dev)
		mnl_attr_put_strz(nlh, XA_HOOK_CHAIN_DEVICE, chain->place.dev);
	mnl_attr_nest_end(nlh, nest);
}

static size_t rule_size(const struct rule *rule)
{
	size_t size = rule->target ? rule->target->size : 0;
	const struct part *part;

	for (part = rule->match; part; part = part->next)
		size += part->size;
	return size;
}

/* ---- what is wrong with a rule */

/* Whether the kernel's error is about this part of the message */
static bool is_about(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
	size_t from = (const char *)attr - (const char *)nlh;

	return client.offset >= from && client.offset < from + attr->nla_len;
}

/* ENOENT of an extension that is there is of what its rule names: a helper, a set. */
static bool is_missing(enum family family, const struct rule *rule, const struct part *part)
{
	const struct extension *e = find_extension(extensions, family, part == rule->target, part);

	return e && e->missing;
}

/* The extension that an error in the message is about, or NULL */
static const struct part *part_at(const struct nlmsghdr *nlh, const struct nlattr *nest,
				  const struct rule *rule)
{
	const struct part *part = rule->match, *at;
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		at = NULL;
		if (mnl_attr_get_type(attr) == XA_HOOK_RULE_MATCH && part) {
			at = part;
			part = part->next;
		} else if (mnl_attr_get_type(attr) == XA_HOOK_RULE_TARGET) {
			at = rule->target;
		}
		if (is_about(nlh, attr))
			return at;
	}
	return NULL;
}

static void __attribute__((noreturn))
rule_refused(int e, const struct nlmsghdr *nlh, const struct nlattr *nest, enum family family,
	     const struct rule *rule)
{
	const struct part *part = part_at(nlh, nest, rule);

	input_name = rule->file;
	input_line = rule->line;
	if (part && e == ENOENT && is_missing(family, rule, part))
		die(STATUS_FAILED, "the kernel has no %s %s (revision %u)",
		    part == rule->target ? "target" : "match", part->name, part->revision);
	die(STATUS_FAILED, "the kernel refuses the rule%s%s%s%s (%s)%s%s", part ? ": " : "",
	    part ? part->name : "", *client.said ? ": " : "", client.said, strerror(e),
	    rule->file ? "" : ": ", rule->file ? "" : rule->text);
}

static void __attribute__((noreturn)) chain_refused(int e, const struct chain *chain)
{
	const char *dev = chain->place.dev;

	die(STATUS_FAILED, "the kernel refuses the chain at %s%s%s%s%s (%s)",
	    hook_name[chain->place.hook], *dev ? " of " : "", dev, *client.said ? ": " : "",
	    client.said, strerror(e));
}

/* The rule or the chain in the message that the kernel's error is about, if it says so */
static void __attribute__((noreturn))
add_refused(int e, const struct nlmsghdr *nlh, const struct nlattr *rules,
	    const struct chain *chain, size_t first)
{
	const struct nlattr *attr;
	size_t i = first;

	if (e == EPERM && !client.offset)
		client_refused(e);
	mnl_attr_for_each_nested(attr, rules) {
		if (i < chain->n && is_about(nlh, attr))
			rule_refused(e, nlh, attr, chain->family, chain->rule[i]);
		i++;
	}
	input_name = chain->rule[first]->file;
	input_line = chain->rule[first]->line;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == XA_HOOK_ATTR_CHAIN && is_about(nlh, attr))
			chain_refused(e, chain);
	client_refused(e);
}

/* ---- a ruleset */

/*
 * Send a message, again if what was replaced before has not been freed yet, or a check of an
 * extension has not ended. Return: as client_request().
 */
static int patient_request(struct nlmsghdr *nlh)
{
	int tries = 0, e;

	while ((e = client_request(nlh, NULL, NULL, NULL)) == EAGAIN && ++tries < TRIES)
		pause_a_little();
	return e;
}

/* Send rules from the first one on. Return: how many, 0: stale. */
static size_t add(const struct ruleset *set, uint32_t token, const struct chain *chain,
		  size_t first)
{
	struct nlmsghdr *nlh = client_begin(XA_HOOK_CMD_ADD, NLM_F_ACK);
	struct nlattr *rules;
	size_t i = first;
	int e;

	mnl_attr_put_u32(nlh, XA_HOOK_ATTR_TOKEN, token);
	if (set->generation)
		mnl_attr_put_u64(nlh, XA_HOOK_ATTR_GENERATION, set->generation);
	put_chain(nlh, chain);
	rules = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_RULES);
	for (; i < chain->n && nlh->nlmsg_len < MESSAGE_FULL; i++) {
		if (rule_size(chain->rule[i]) > XA_HOOK_RULE_SIZE) {
			input_name = chain->rule[i]->file;
			input_line = chain->rule[i]->line;
			die(STATUS_FAILED, "the rule has more than %d bytes of data",
			    XA_HOOK_RULE_SIZE);
		}
		put_rule(nlh, chain->family, chain->rule[i]);
	}
	mnl_attr_nest_end(nlh, rules);
	e = patient_request(nlh);
	if (e == ESTALE)
		return 0;
	if (e)
		add_refused(e, nlh, rules, chain, first);
	return i - first;
}

/**
 * kernel_replace - make a ruleset the running one
 * @generation: that of the ruleset it is made from, 0: any
 * @commit:     or only have it checked
 *
 * Return: false if the running ruleset is of another generation by now.
 */
bool kernel_replace(const struct ruleset *set, uint64_t generation, bool commit)
{
	uint32_t token = begin(set);
	const struct chain *chain;
	struct nlmsghdr *nlh;
	size_t i, n;
	int e;

	for (chain = set->chain; chain; chain = chain->next)
		for (i = 0; i < chain->n; i += n) {
			n = add(set, token, chain, i);
			if (!n)
				return false;
		}
	nlh = client_begin(commit ? XA_HOOK_CMD_COMMIT : XA_HOOK_CMD_ABORT, NLM_F_ACK);
	mnl_attr_put_u32(nlh, XA_HOOK_ATTR_TOKEN, token);
	if (generation && commit)
		mnl_attr_put_u64(nlh, XA_HOOK_ATTR_GENERATION, generation);
	e = patient_request(nlh);
	if (e && e != ESTALE)
		client_refused(e);
	return !e;
}
