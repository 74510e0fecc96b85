// SPDX-License-Identifier: GPL-2.0-only
/* blob_rounds - what a process does in its namespace, and what of it is noted */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"

/* Rules that a namespace sees. */
#define ROUND		200
#define MAX_FAILURES	400

static void trace(const struct blob *b, const char *method)
{
	FILE *f;

	if (!opt.trace)
		return;
	blob_print(stdout, b, method);
	f = fopen("/dev/kmsg", "w");
	if (f == NULL)
		return;
	blob_print(f, b, method);
	fclose(f);
}

/* ---- one rule */

/* Counts, and looks whether the kernel accepted what it must not. */
static void note(const struct blob *b, const char *method, int rc)
{
	size_t i = (size_t)(b->ext - extensions);
	struct report *r = &reports[i];

	tallies[i].tried++;
	if (rc != 0)
		return;
	tallies[i].accepted++;
	if (r->byte != 0 || strncmp(b->name, b->ext->name, NAME_LEN) != 0 ||
	    b->revision != b->ext->revision || b->family != b->ext->family)
		return;
	/* what is said of an extension has the padding, which may be missing */
	if (b->size > b->ext->size || b->size + 8 <= b->ext->size)
		r->size = b->size + 1;
	if (b->size != b->ext->size)
		return;
	r->byte = reserved_set(b);
	r->blob = *b;
	snprintf(r->method, sizeof(r->method), "%s", method);
}

static void try_nft(int fd, const struct extension *e)
{
	struct blob b;

	blob_make(&b, e);
	/* What a rule for all families is asked for by arptables and ebtables. */
	if (chance(3))
		b.family = chance(50) ? 3 /* NFPROTO_ARP */ : 7 /* NFPROTO_BRIDGE */;
	trace(&b, "nft");
	note(&b, "nft", nft_insert(fd, &b));
	switch (below(8)) {
	case 0:
		nft_flush(fd, &b);
		break;
	case 1:
		nft_delete_table(fd, &b);
		break;
	case 2:
		traffic_burst();
	}
}

static void try_legacy(const struct extension *e)
{
	struct blob b[3];
	unsigned int n = chance(70) ? 1 : 1 + (unsigned int)below(3);

	for (unsigned int i = 0; i < n; i++) {
		blob_make(&b[i], e);
		b[i].family = b[0].family;
		memcpy(b[i].table, b[0].table, sizeof(b[i].table));
		trace(&b[i], "legacy");
	}
	if (n == 1)
		note(&b[0], "legacy", legacy_replace(b, n));
	else
		legacy_replace(b, n);
	switch (below(8)) {
	case 0:
		legacy_empty(b[0].family, b[0].table);
		break;
	case 1:
		traffic_burst();
	}
}

static void try_hook(const struct extension *e)
{
	struct blob b[3];
	unsigned int n = chance(70) ? 1 : 1 + (unsigned int)below(3);

	for (unsigned int i = 0; i < n; i++) {
		blob_make(&b[i], e);
		b[i].family = b[0].family;
		trace(&b[i], "xa_hook");
	}
	if (chance(20))
		b[0].hook = HOOK_INGRESS;
	if (chance(30))
		hook_disturb(b, n);
	else if (n == 1)
		note(&b[0], "xa_hook", hook_replace(b, n));
	else
		hook_replace(b, n);
	if (chance(12))
		traffic_burst();
}

/* ---- a namespace */

static void *list_on(void *arg)
{
	int fd = nl_open(), hook_fd = hook_lister();

	(void)arg;
	for (;;) {
		nft_list(fd, 4);
		nft_list(fd, 6);
		hook_list(hook_fd);
		legacy_list(4, "filter");
		legacy_list(6, "filter");
		if (system("cat /proc/net/nf_condition/* /proc/net/xt_*/* "
			   "/proc/net/*_tables_* >/dev/null 2>&1") < 0)
			break;
	}
	return NULL;
}

/**
 * is_chosen - whether an extension is to be tried
 * @e: extension
 *
 * Return: 1 or 0.
 */
int is_chosen(const struct extension *e)
{
	return opt.only == NULL || strcmp(opt.only, e->name) == 0;
}

static const struct extension *pick(void)
{
	const struct extension *e;

	do {
		e = &extensions[below(n_extensions)];
	} while (!is_chosen(e));
	return e;
}

static void new_namespace(void)
{
	if (unshare(CLONE_NEWNET) != 0)
		die("unshare: %m");
	traffic_open();
	has_hook = hook_open();
}

/* Whether rules, accepted and refused, leave anything behind when they are deleted. */
static void look_for_rests(int fd)
{
	/* once, as each waits until no packet is in the ruleset before */
	if (has_hook)
		hook_replace(NULL, 0);
	for (unsigned int i = 0; i < n_extensions; i++)
		if (is_chosen(&extensions[i]) && *reports[i].left == '\0' &&
		    !state_left(fd, &extensions[i], reports[i].left, sizeof(reports[i].left)))
			*reports[i].left = '\0';
}

/**
 * round_of_rules - rules with anything in them, packets and lists, in a namespace
 * @seed: of what is random
 */
void round_of_rules(uint64_t seed)
{
	int has_legacy[2] = { legacy_works(4), legacy_works(6) };
	pthread_t lister;
	int fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	traffic_start(seed);
	if (pthread_create(&lister, NULL, list_on, NULL) != 0)
		die("no thread");
	for (unsigned int i = 0; i < ROUND; i++) {
		const struct extension *e = pick();
		int hook = has_hook && chance(40);
		int legacy = !hook && has_legacy[e->family == 6] && chance(50);

		if (opt.method != NULL) {
			legacy = strcmp(opt.method, "legacy") == 0;
			hook = strcmp(opt.method, "hook") == 0;
		}
		if (hook)
			try_hook(e);
		else if (legacy)
			try_legacy(e);
		else
			try_nft(fd, e);
	}
	/* The others end with rules in place. */
	if (chance(50))
		look_for_rests(fd);
}

/* ---- all hooks */

/* In a base chain at the hook, and in a chain that it jumps to. */
static void try_nft_at(int fd, unsigned int hook)
{
	const struct seed *seed = NULL;		/* of those that have no data */
	struct blob b;

	for (int in_chain = 0; in_chain < 2; in_chain++) {
		if (chosen->n_seeds > 0)
			seed = &chosen->seeds[below(chosen->n_seeds)];
		blob_seed(&b, chosen, seed);
		b.hook = hook;
		b.in_chain = in_chain;
		trace(&b, "hook");
		tally->at_hook[hook][0]++;
		if (nft_insert(fd, &b) == 0) {
			tally->at_hook[hook][1]++;
			traffic_burst();
			traffic_local();
		}
		nft_delete_table(fd, &b);
	}
}

static void try_xa_hook_at(unsigned int hook)
{
	struct blob b;

	blob_seed(&b, chosen, chosen->n_seeds > 0 ? &chosen->seeds[below(chosen->n_seeds)] : NULL);
	b.hook = hook;
	trace(&b, "xa_hook");
	tally->at_xa_hook[hook][0]++;
	if (hook_replace(&b, 1) != 0)
		return;
	tally->at_xa_hook[hook][1]++;
	traffic_burst();
	traffic_local();
}

/**
 * round_of_hooks - rules of an extension at each of the five hooks, and at ingress
 * @seed: of what is random
 *
 * Such as iptables could make them, but whatever extensions.txt says of the hook:
 * nft_compat knows .hooks only, and anyone can make a base chain.
 */
void round_of_hooks(uint64_t seed)
{
	int fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	for (unsigned int hook = 0; hook < HOOKS; hook++)
		try_nft_at(fd, hook);
	for (unsigned int hook = 0; has_hook && hook <= HOOK_INGRESS; hook++)
		try_xa_hook_at(hook);
	look_for_rests(fd);
}

/* ---- failing allocations */

/* The @n-th allocation of this thread fails. Return: 0 if that cannot be had. */
static int fail_nth(int fd, int n)
{
	char text[16];

	return pwrite(fd, text, (size_t)sprintf(text, "%d", n), 0) > 0;
}

/* Whether it did fail: what is left to count is zero. */
static int has_failed(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 && text[0] == '0';
}

/*
 * By netlink only: the extension allocates the same either way, and x_tables' own
 * allocations of whole tables complain to the log when they fail. Those of xa_hook
 * fail in behaviour/hook.
 */
static void insert_failing(int fd, int nth, const struct extension *e, const struct seed *seed)
{
	struct blob b;

	for (int n = 1; n < MAX_FAILURES; n++) {
		int rc;

		blob_seed(&b, e, seed);
		trace(&b, "failing");
		if (!fail_nth(nth, n))
			die("/proc/thread-self/fail-nth: %m");
		rc = nft_insert(fd, &b);
		if (!has_failed(nth)) {
			fail_nth(nth, 0);
			break;
		}
		tally->injected++;
		/* a batch that failed has left no table */
		if (rc != 0)
			continue;
		traffic_burst();
		nft_delete_table(fd, &b);
	}
	nft_delete_table(fd, &b);
}

/**
 * round_of_failures - each allocation of an insertion fails once
 * @seed: of what is random
 *
 * Nothing may be left behind.
 */
void round_of_failures(uint64_t seed)
{
	int nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	for (unsigned int k = 0; nth >= 0 && k < chosen->n_seeds && k < 2; k++)
		insert_failing(fd, nth, chosen, &chosen->seeds[k]);
	look_for_rests(fd);
}
