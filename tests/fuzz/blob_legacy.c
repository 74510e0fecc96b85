// SPDX-License-Identifier: GPL-2.0-only
/* blob_legacy - whole tables by setsockopt, as iptables-legacy hands them over */
#include <errno.h>
#include <netinet/in.h>
/* behind those of the C library, which has the same names */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blob.h"

#define ALIGN8(n)	(((n) + 7) & ~(size_t)7)
#define STANDARD	(sizeof(struct xt_standard_target))
#define ERROR		(sizeof(struct xt_error_target))

static const struct {
	const char *table;
	unsigned int hooks;
} tables[] = {
	{ "filter", 1 << 1 | 1 << 2 | 1 << 3 }, { "mangle", 31 }, { "raw", 1 << 0 | 1 << 3 },
	{ "nat", 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 }, { "security", 1 << 1 | 1 << 2 | 1 << 3 },
};

/* A table that is put together. */
struct ruleset {
	int family;
	struct ipt_replace head;
	uint8_t *bytes;
	size_t len, size;
};

static size_t entry_size(int family)
{
	return family == 4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
}

/* An entry with @n bytes behind its header, of which @match are before the target. */
static uint8_t *entry_add(struct ruleset *r, size_t match, size_t n, unsigned int proto)
{
	size_t head = entry_size(r->family), all = head + n;
	uint8_t *p;

	if (r->len + all > r->size) {
		r->size = 2 * (r->len + all);
		r->bytes = realloc(r->bytes, r->size);
		if (r->bytes == NULL)
			die("out of memory");
	}
	p = r->bytes + r->len;
	memset(p, 0, all);
	if (r->family == 4) {
		struct ipt_entry *e = (void *)p;

		e->ip.proto = (uint16_t)proto;
		e->target_offset = (uint16_t)(head + match);
		e->next_offset = (uint16_t)all;
	} else {
		struct ip6t_entry *e = (void *)p;

		e->ipv6.proto = (uint16_t)proto;
		e->ipv6.flags = proto != 0 ? IP6T_F_PROTO : 0;
		e->target_offset = (uint16_t)(head + match);
		e->next_offset = (uint16_t)all;
	}
	r->len += all;
	r->head.num_entries++;
	return p + head;
}

static void standard_put(uint8_t *p, int verdict)
{
	struct xt_standard_target *t = (void *)p;

	t->target.u.user.target_size = STANDARD;
	t->verdict = verdict;
}

static void standard_add(struct ruleset *r, int verdict)
{
	standard_put(entry_add(r, 0, STANDARD, 0), verdict);
}

/* A chain's name, or the end of the table. */
static void error_add(struct ruleset *r, const char *name)
{
	struct xt_error_target *t = (void *)entry_add(r, 0, ERROR, 0);

	t->target.u.user.target_size = ERROR;
	strcpy(t->target.u.user.name, "ERROR");
	strcpy(t->errorname, name);
}

static void match_put(uint8_t *p, const struct blob *b, size_t all)
{
	struct xt_entry_match *m = (void *)p;

	/* also the head of a target: both are the same */
	m->u.user.match_size = (uint16_t)all;
	memcpy(m->u.user.name, b->name, sizeof(m->u.user.name));
	m->u.user.revision = (uint8_t)b->revision;
	memcpy(m->data, b->bytes, b->size);
}

static void blob_add(struct ruleset *r, const struct blob *b)
{
	size_t own = sizeof(struct xt_entry_match) + ALIGN8(b->size);
	uint8_t *p;

	if (b->is_target) {
		match_put(entry_add(r, 0, own, b->proto), b, own);
		return;
	}
	p = entry_add(r, own, own + STANDARD, b->proto);
	match_put(p, b, own);
	/* to the next entry, as a rule without -j goes */
	standard_put(p + own, (int)r->len);
}

/* Rules in a chain of their own, behind those of the hooks. */
static void user_chain(struct ruleset *r, const struct blob *blobs, unsigned int n)
{
	error_add(r, "user");
	for (unsigned int i = 0; i < n; i++)
		if (blobs[i].in_chain)
			blob_add(r, &blobs[i]);
	standard_add(r, XT_RETURN);
}

/* The rules at @hook; those of the user's chain are a jump to @chain here. */
static void hook_chain(struct ruleset *r, const struct blob *blobs, unsigned int n,
		       unsigned int hook, int chain)
{
	r->head.hook_entry[hook] = (uint32_t)r->len;
	for (unsigned int i = 0; i < n; i++) {
		if (blobs[i].hook != hook)
			continue;
		if (blobs[i].in_chain)
			standard_add(r, chain);
		else
			blob_add(r, &blobs[i]);
	}
	r->head.underflow[hook] = (uint32_t)r->len;
	standard_add(r, -NF_ACCEPT - 1);
}

static unsigned int hooks_of(const char *table)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(tables[i].table, table) == 0)
			return tables[i].hooks;
	return 0;
}

/* The table with @blobs; @chain is where the user's chain begins, 0 if not known yet. */
static size_t lay_down(struct ruleset *r, const struct blob *blobs, unsigned int n, size_t chain)
{
	size_t at = 0;
	int any = 0;

	r->len = 0;
	r->head.num_entries = 0;
	for (unsigned int hook = 0; hook < HOOKS; hook++)
		if (r->head.valid_hooks >> hook & 1)
			hook_chain(r, blobs, n, hook, (int)chain);
	for (unsigned int i = 0; i < n; i++)
		any |= blobs[i].in_chain;
	if (any) {
		/* a jump goes to the first rule, behind the chain's name */
		at = r->len + entry_size(r->family) + ERROR;
		user_chain(r, blobs, n);
	}
	error_add(r, "ERROR");
	return at;
}

static int level(int family)
{
	return family == 4 ? IPPROTO_IP : IPPROTO_IPV6;
}

static int socket_of(int family)
{
	return socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
}

/* Entries of the table as it is; the kernel wants that number back. */
static int info(int fd, int family, const char *table, struct ipt_getinfo *out)
{
	socklen_t len = sizeof(*out);

	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%s", table);
	return getsockopt(fd, level(family), IPT_SO_GET_INFO, out, &len);
}

static int hand_over(struct ruleset *r, const char *table)
{
	int fd = socket_of(r->family), rc = -1;
	struct ipt_getinfo now;
	struct ipt_replace *replace = malloc(sizeof(*replace) + r->len);

	if (replace == NULL)
		die("out of memory");
	if (fd >= 0 && info(fd, r->family, table, &now) == 0) {
		snprintf(r->head.name, sizeof(r->head.name), "%s", table);
		r->head.size = (uint32_t)r->len;
		r->head.num_counters = now.num_entries;
		r->head.counters = calloc(now.num_entries + 1, sizeof(*r->head.counters));
		memcpy(replace, &r->head, sizeof(*replace));
		memcpy(replace->entries, r->bytes, r->len);
		rc = setsockopt(fd, level(r->family), IPT_SO_SET_REPLACE, replace,
				(socklen_t)(sizeof(*replace) + r->len));
		rc = rc == 0 ? 0 : -errno;
		free(r->head.counters);
	}
	free(replace);
	if (fd >= 0)
		close(fd);
	return rc;
}

/**
 * legacy_works - whether the kernel has iptables-legacy
 * @family: 4 or 6
 *
 * Return: 1 or 0.
 */
int legacy_works(int family)
{
	int fd = socket_of(family), rc;
	struct ipt_getinfo now;

	rc = fd >= 0 && info(fd, family, "filter", &now) == 0;
	close(fd);
	return rc;
}

/**
 * legacy_replace - a table with these rules in place of what it has
 * @blobs: rules, all of the family and table of the first
 * @n:     how many
 *
 * Return: 0 if the kernel accepted all of them, or -errno.
 */
int legacy_replace(const struct blob *blobs, unsigned int n)
{
	struct ruleset r = { .family = blobs[0].family };
	size_t chain;
	int rc;

	r.head.valid_hooks = hooks_of(blobs[0].table);
	for (unsigned int i = 0; i < n; i++)
		if (!(r.head.valid_hooks >> blobs[i].hook & 1))
			return -EINVAL;
	chain = lay_down(&r, blobs, n, 0);
	lay_down(&r, blobs, n, chain);
	rc = hand_over(&r, blobs[0].table);
	free(r.bytes);
	return rc;
}

/**
 * legacy_empty - a table without rules
 * @family: 4 or 6
 * @table:  its name
 *
 * Return: 0 or -errno.
 */
int legacy_empty(int family, const char *table)
{
	struct ruleset r = { .family = family };
	int rc;

	r.head.valid_hooks = hooks_of(table);
	lay_down(&r, NULL, 0, 0);
	rc = hand_over(&r, table);
	free(r.bytes);
	return rc;
}

/**
 * legacy_list - have the kernel write out a table
 * @family: 4 or 6
 * @table:  its name
 */
void legacy_list(int family, const char *table)
{
	int fd = socket_of(family);
	struct ipt_getinfo now;
	struct ipt_get_entries *get;
	socklen_t len;

	if (fd < 0 || info(fd, family, table, &now) != 0)
		goto out;
	len = (socklen_t)(sizeof(*get) + now.size);
	get = calloc(1, len);
	if (get == NULL)
		die("out of memory");
	snprintf(get->name, sizeof(get->name), "%s", table);
	get->size = now.size;
	getsockopt(fd, level(family), IPT_SO_GET_ENTRIES, get, &len);
	free(get);
out:
	if (fd >= 0)
		close(fd);
}
