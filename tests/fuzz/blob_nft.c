// SPDX-License-Identifier: GPL-2.0-only
/* blob_nft - rules by nf_tables and nft_compat, as iptables-nft hands them over */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"

#define MESSAGE(type)	(NFNL_SUBSYS_NFTABLES << 8 | (type))

static __thread struct nl nl;

/**
 * nft_family - the family that a rule is asked for in
 * @b: the rule
 *
 * Usually its own; a match for all families can be asked for by others too.
 *
 * Return: NFPROTO_*.
 */
int nft_family(const struct blob *b)
{
	return b->family == 4 ? NFPROTO_IPV4 : b->family == 6 ? NFPROTO_IPV6 : b->family;
}

static void batch_begin(void)
{
	nl.len = 0;
	nl_begin(&nl, NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES);
	nl_end(&nl);
}

static int batch_end(int fd)
{
	nl_begin(&nl, NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES);
	nl_end(&nl);
	return nl_send(fd, &nl);
}

static void chain_name(char *out, const struct blob *b, int user)
{
	sprintf(out, user ? "user" : "hook%u", b->hook);
}

static void table_add(const struct blob *b)
{
	nl_begin(&nl, MESSAGE(NFT_MSG_NEWTABLE), NLM_F_CREATE, nft_family(b), 0);
	nl_string(&nl, NFTA_TABLE_NAME, b->table);
	nl_end(&nl);
}

static void chain_add(const struct blob *b, int user)
{
	char name[16];
	size_t nest;

	chain_name(name, b, user);
	nl_begin(&nl, MESSAGE(NFT_MSG_NEWCHAIN), NLM_F_CREATE, nft_family(b), 0);
	nl_string(&nl, NFTA_CHAIN_TABLE, b->table);
	nl_string(&nl, NFTA_CHAIN_NAME, name);
	if (!user) {
		nest = nl_nest(&nl, NFTA_CHAIN_HOOK);
		nl_u32(&nl, NFTA_HOOK_HOOKNUM, b->hook);
		nl_u32(&nl, NFTA_HOOK_PRIORITY, 0);
		nl_nest_end(&nl, nest);
		nl_string(&nl, NFTA_CHAIN_TYPE, strcmp(b->table, "nat") == 0 ? "nat" : "filter");
	}
	nl_end(&nl);
}

static size_t rule_begin(const struct blob *b, int user)
{
	char name[16];

	chain_name(name, b, user);
	nl_begin(&nl, MESSAGE(NFT_MSG_NEWRULE), NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK,
		 nft_family(b), 0);
	nl_string(&nl, NFTA_RULE_TABLE, b->table);
	nl_string(&nl, NFTA_RULE_CHAIN, name);
	return nl_nest(&nl, NFTA_RULE_EXPRESSIONS);
}

static void compat_add(const struct blob *b)
{
	size_t nest = nl_nest(&nl, NFTA_RULE_COMPAT);

	nl_u32(&nl, NFTA_RULE_COMPAT_PROTO, b->proto);
	nl_u32(&nl, NFTA_RULE_COMPAT_FLAGS, 0);
	nl_nest_end(&nl, nest);
}

/* The numbers of the attributes are the same for matches and targets. */
static void rule_add(const struct blob *b)
{
	size_t list = rule_begin(b, b->in_chain), elem, data;
	char name[NAME_LEN + 1] = "";

	memcpy(name, b->name, NAME_LEN);
	elem = nl_nest(&nl, NFTA_LIST_ELEM);
	nl_string(&nl, NFTA_EXPR_NAME, b->is_target ? "target" : "match");
	data = nl_nest(&nl, NFTA_EXPR_DATA);
	nl_attr(&nl, NFTA_MATCH_NAME, name, strlen(name) + 1);
	nl_u32(&nl, NFTA_MATCH_REV, (uint32_t)b->revision);
	nl_attr(&nl, NFTA_MATCH_INFO, b->bytes, b->size);
	nl_nest_end(&nl, data);
	nl_nest_end(&nl, elem);
	nl_nest_end(&nl, list);
	if (b->proto != 0)
		compat_add(b);
	nl_end(&nl);
}

/* In the hook's chain: a jump to the user's. */
static void jump_add(const struct blob *b)
{
	size_t list = rule_begin(b, 0), elem, data, value, verdict;

	elem = nl_nest(&nl, NFTA_LIST_ELEM);
	nl_string(&nl, NFTA_EXPR_NAME, "immediate");
	data = nl_nest(&nl, NFTA_EXPR_DATA);
	nl_u32(&nl, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	value = nl_nest(&nl, NFTA_IMMEDIATE_DATA);
	verdict = nl_nest(&nl, NFTA_DATA_VERDICT);
	nl_u32(&nl, NFTA_VERDICT_CODE, (uint32_t)NFT_JUMP);
	nl_string(&nl, NFTA_VERDICT_CHAIN, "user");
	nl_nest_end(&nl, verdict);
	nl_nest_end(&nl, value);
	nl_nest_end(&nl, data);
	nl_nest_end(&nl, elem);
	nl_nest_end(&nl, list);
	nl_end(&nl);
}

/**
 * nft_insert - one rule more
 * @fd: socket
 * @b:  the rule
 *
 * Return: 0 if the kernel accepted it, or -errno.
 */
int nft_insert(int fd, const struct blob *b)
{
	batch_begin();
	table_add(b);
	chain_add(b, 0);
	if (b->in_chain)
		chain_add(b, 1);
	rule_add(b);
	if (b->in_chain)
		jump_add(b);
	return batch_end(fd);
}

/**
 * nft_flush - all rules of a rule's table
 * @fd: socket
 * @b:  the rule
 *
 * Return: 0 or -errno.
 */
int nft_flush(int fd, const struct blob *b)
{
	batch_begin();
	nl_begin(&nl, MESSAGE(NFT_MSG_DELRULE), NLM_F_ACK, nft_family(b), 0);
	nl_string(&nl, NFTA_RULE_TABLE, b->table);
	nl_end(&nl);
	return batch_end(fd);
}

/**
 * nft_delete_table - a rule's table with all that is in it
 * @fd: socket
 * @b:  the rule
 *
 * Return: 0 or -errno.
 */
int nft_delete_table(int fd, const struct blob *b)
{
	batch_begin();
	nl_begin(&nl, MESSAGE(NFT_MSG_DELTABLE), NLM_F_ACK, nft_family(b), 0);
	nl_string(&nl, NFTA_TABLE_NAME, b->table);
	nl_end(&nl);
	return batch_end(fd);
}

static void request_rules(int family)
{
	nl.len = 0;
	nl_begin(&nl, MESSAGE(NFT_MSG_GETRULE), NLM_F_DUMP, family, 0);
	nl_end(&nl);
}

/**
 * nft_list - have the kernel write out all rules
 * @fd:     socket
 * @family: 4 or 6
 */
void nft_list(int fd, int family)
{
	request_rules(family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nl_dump(fd, &nl, NULL, NULL);
}

struct find {
	struct extension *e;
	unsigned int found;
};

/*
 * An older revision is the beginning of the newer one that iptables makes, without
 * what is the kernel's own at its end, which the kernel overwrites.
 */
static size_t size_for(const struct extension *e, const uint8_t *data, size_t data_len, size_t n)
{
	size_t len;
	const uint8_t *rev = nl_find(data, data_len, NFTA_MATCH_REV, &len);

	if (rev != NULL && len == 4 && e->revision < (int)ntohl(*(const uint32_t *)rev) &&
	    e->size < n)
		return e->size;
	return n;
}

static void find_in_element(struct find *f, const uint8_t *elem, size_t len)
{
	size_t n, data_len;
	const uint8_t *kind = nl_find(elem, len, NFTA_EXPR_NAME, &n), *data, *p;

	if (kind == NULL || strcmp((const char *)kind, f->e->is_target ? "target" : "match") != 0)
		return;
	data = nl_find(elem, len, NFTA_EXPR_DATA, &data_len);
	if (data == NULL)
		return;
	p = nl_find(data, data_len, NFTA_MATCH_NAME, &n);
	if (p == NULL || strcmp((const char *)p, f->e->name) != 0)
		return;
	p = nl_find(data, data_len, NFTA_MATCH_INFO, &n);
	if (p == NULL || n == 0 || n > MAX_INFO || f->e->n_seeds == MAX_SEEDS)
		return;
	n = size_for(f->e, data, data_len, n);
	memcpy(f->e->seeds[f->e->n_seeds].bytes, p, n);
	f->e->seeds[f->e->n_seeds++].size = n;
	f->found++;
}

static void find_in_rule(const uint8_t *attrs, size_t len, void *arg)
{
	size_t n, elem_len;
	const uint8_t *list = nl_find(attrs, len, NFTA_RULE_EXPRESSIONS, &n), *elem;

	while (list != NULL && (elem = nl_find(list, n, NFTA_LIST_ELEM, &elem_len)) != NULL) {
		size_t used = (size_t)(elem - list) + NLA_ALIGN(elem_len);

		find_in_element(arg, elem, elem_len);
		if (used >= n)
			break;
		list += used;
		n -= used;
	}
}

/**
 * nft_take_seeds - add the data of an extension, in the rules that there are, to its seeds
 * @fd: socket
 * @e:  extension
 *
 * Return: how many were added.
 */
unsigned int nft_take_seeds(int fd, struct extension *e)
{
	struct find f = { e, 0 };

	request_rules(e->family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nl_dump(fd, &nl, find_in_rule, &f);
	return f.found;
}
