// SPDX-License-Identifier: GPL-2.0-only
/* kernel - read the ruleset of the network namespace (xa_hook_nl.h) */
#include <stdlib.h>
#include <string.h>

#include "client.h"

static struct part *take_part(const struct nlattr *nest)
{
	struct part *part = mem_alloc(sizeof(*part));
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case XA_HOOK_EXT_NAME:
			snprintf(part->name, sizeof(part->name), "%s", mnl_attr_get_str(attr));
			break;
		case XA_HOOK_EXT_REVISION:
			part->revision = mnl_attr_get_u8(attr);
			break;
		case XA_HOOK_EXT_DATA:
			/* as plugins have it: a multiple of 8 bytes */
			part->size = XT_ALIGN(mnl_attr_get_payload_len(attr));
			part->data = mem_alloc(part->size);
			memcpy(part->data, mnl_attr_get_payload(attr),
			       mnl_attr_get_payload_len(attr));
			break;
		}
	}
	return part;
}

static void take_base(enum family family, struct rule *rule, const struct nlattr *attr)
{
	struct xa_hook_base base = { .pad = { 0 } };
	size_t len = mnl_attr_get_payload_len(attr);

	memcpy(&base, mnl_attr_get_payload(attr), len < sizeof(base) ? len : sizeof(base));
	rule_from_base(family, rule, &base);
}

static void take_counters(struct rule *rule, const struct nlattr *attr)
{
	struct xa_hook_counters c;

	if (mnl_attr_get_payload_len(attr) < sizeof(c))
		return;
	memcpy(&c, mnl_attr_get_payload(attr), sizeof(c));
	rule->packets = c.packets;
	rule->bytes = c.bytes;
}

static struct rule *take_rule(enum family family, const struct nlattr *nest)
{
	struct rule *rule = mem_alloc(sizeof(*rule));
	struct part **end = &rule->match;
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case XA_HOOK_RULE_BASE:
			take_base(family, rule, attr);
			break;
		case XA_HOOK_RULE_MATCH:
			*end = take_part(attr);
			end = &(*end)->next;
			break;
		case XA_HOOK_RULE_TARGET:
			rule->target = take_part(attr);
			rule->verdict = VERDICT_TARGET;
			break;
		case XA_HOOK_RULE_VERDICT:
			rule->verdict = mnl_attr_get_u32(attr) == NF_DROP ?
				VERDICT_DROP : VERDICT_ACCEPT;
			break;
		case XA_HOOK_RULE_COUNTERS:
			take_counters(rule, attr);
			break;
		case XA_HOOK_RULE_NOTE:
			rule->note = mem_text(mnl_attr_get_payload(attr),
					      mnl_attr_get_payload_len(attr));
			break;
		case XA_HOOK_RULE_INDEX:
			rule->keep = mnl_attr_get_u32(attr);
			break;
		}
	}
	return rule;
}

struct reading {
	struct ruleset *set;
	struct chain *chain;
};

static struct chain *take_chain(struct ruleset *set, const struct nlattr *nest)
{
	const struct nlattr *attr;
	enum family family = IPV4;
	struct place place = { .hook = 0 };
	struct chain *chain;
	bool attached = false;
	enum hook hook;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case XA_HOOK_CHAIN_ATTACHED:
			attached = true;
			break;
		case XA_HOOK_CHAIN_FAMILY:
			family = mnl_attr_get_u8(attr) == NFPROTO_IPV6 ? IPV6 : IPV4;
			break;
		case XA_HOOK_CHAIN_HOOK:
			for (hook = 0; hook < HOOKS; hook++)
				if (hook_number[hook] == mnl_attr_get_u8(attr))
					place.hook = hook;
			break;
		case XA_HOOK_CHAIN_PRIORITY:
			place.priority = (int32_t)mnl_attr_get_u32(attr);
			break;
		case XA_HOOK_CHAIN_DEVICE:
			snprintf(place.dev, sizeof(place.dev), "%s", mnl_attr_get_str(attr));
			break;
		}
	}
	chain = chain_get(set, family, &place);
	chain->attached = attached;
	return chain;
}

static void take_part_of_set(const struct nlmsghdr *nlh, void *data)
{
	struct reading *r = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case XA_HOOK_ATTR_GENERATION:
			r->set->generation = mnl_attr_get_u64(attr);
			break;
		case XA_HOOK_ATTR_CHAIN:
			r->chain = take_chain(r->set, attr);
			break;
		case XA_HOOK_ATTR_RULE:
			if (r->chain)
				chain_insert(r->chain, r->chain->n,
					     take_rule(r->chain->family, attr));
			break;
		}
	}
}

/* kernel_read - the running ruleset, with its counters */
void kernel_read(struct ruleset *set)
{
	struct reading r;
	int e;

	do {
		memset(set, 0, sizeof(*set));
		memset(&r, 0, sizeof(r));
		r.set = set;
		e = client_request(client_begin(XA_HOOK_CMD_GET, NLM_F_DUMP), take_part_of_set,
				   &r, NULL);
		if (e)
			client_refused(e);
	} while (client.interrupted);
}

/* kernel_zero - all counters of all rules */
void kernel_zero(void)
{
	int e = client_request(client_begin(XA_HOOK_CMD_ZERO, NLM_F_ACK), NULL, NULL, NULL);

	if (e)
		client_refused(e);
}
