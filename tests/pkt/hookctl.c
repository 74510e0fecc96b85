// SPDX-License-Identifier: GPL-2.0-only
/*
 * hookctl - the verbs of xa_hook, raw, one after the other from one socket: what
 * its tool would never send, too
 *
 * usage: hookctl WORD...
 *	ext=FAMILY:NAME:REV	a match (or a target, if in capitals) for the next begin
 *	begin			and wait for the answer; prints what was found: "begin 0 found=11"
 *	begin-only		do not wait
 *	chain=FAMILY:HOOK:PRIORITY[:DEVICE]	of what is added from now on
 *	rule=ITEM,...		for the next add
 *		src=A/LEN dst=A/LEN in=DEV out=DEV proto=N frag !src !dst !in !out !proto !frag
 *		NAME:REV[:DATA]	match or target, as in ext; DATA: of mark, MARK
 *				VALUE/MASK; quota2 NAME (bytes, counted up); ACCOUNT NAME;
 *				else the bytes in hexadecimal
 *		accept drop keep=N note=TEXT count=PACKETS/BYTES flags=N
 *	copies=N		rule= counts N times from now on
 *	adds=N			add is sent N times from now on, or until it fails
 *	generation=N		for the next add, commit or zero
 *	add commit abort zero	prints "commit 0", "add EINVAL rule=0 the reason"
 *	get			prints chains and rules
 *	halt=FILE		the next get makes FILE behind its first answers, and goes on when
 *				FILE has gone; "interrupted" is printed if the kernel says so
 *	token=N			instead of what begin said
 *	patient			add and commit are sent again while they fail with EAGAIN
 *	every=MS:FILE		patiently begin, add, commit with all words before it, until FILE
 *				is there; prints the number of commits, and how many
 *				microseconds they took at least, in the middle and at most
 *	fail=N			the Nth allocation of the next verb fails (fault injection);
 *			"unharmed" is printed if there was none
 *	route			opens an rtnetlink socket with the same port number, and closes it
 *	sleep=MS touch=FILE wait=FILE
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/netfilter/xt_mark.h>

#include "hookctl.h"
#include "xa_hook_nl.h"
#include "xt_ACCOUNT.h"
#include "xt_quota2.h"

#define MAX_WORDS	4096

static uint32_t token, copies = 1, adds = 1;
static uint64_t generation;
static char *exts[MAX_WORDS], *rules[MAX_WORDS];
static unsigned int n_exts, n_rules;
static char *chain;
static const char *const hooks[] = { "prerouting", "input", "forward", "output", "postrouting",
				     "ingress" };

/* ---- words */

static char *cut(char **s, int c)
{
	char *from = *s, *to = from ? strchr(from, c) : NULL;

	if (to)
		*to++ = 0;
	*s = to;
	return from;
}

static uint8_t number(const char *s)
{
	return s ? strtoul(s, NULL, 0) : 0;
}

static uint8_t hook_number(const char *s)
{
	for (uint8_t i = 0; s && i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(s, hooks[i]))
			return i;
	return number(s);
}

static uint8_t nfproto(const char *s)
{
	return !strcmp(s, "4") ? NFPROTO_IPV4 : !strcmp(s, "6") ? NFPROTO_IPV6 : number(s);
}

static bool is_target(const char *name)
{
	return isupper((unsigned char)*name);
}

static void address(const char *item, uint8_t *addr, uint8_t *mask)
{
	char text[64], *rest = text, *a;
	unsigned int len;

	snprintf(text, sizeof(text), "%s", item);
	a = cut(&rest, '/');
	len = rest ? strtoul(rest, NULL, 0) : strchr(a, ':') ? 128 : 32;
	if (inet_pton(strchr(a, ':') ? AF_INET6 : AF_INET, a, addr) != 1)
		die(item);
	for (unsigned int i = 0; i < len && i < 128; i++)
		mask[i / 8] |= 0x80 >> i % 8;
}

static void device(const char *name, char *to, uint8_t *mask)
{
	size_t n = strnlen(name, XA_HOOK_IFNAMSIZ - 1);

	memcpy(to, name, n);
	if (n && to[n - 1] == '+')
		to[--n] = 0;
	else
		n++;
	memset(mask, 0xff, n);
}

static void put_hex(const char *s)
{
	static uint8_t bytes[32768];
	unsigned int byte;
	size_t n = 0;

	for (; s && sscanf(s, "%2x", &byte) == 1 && s[1]; s += 2)
		bytes[n++] = byte;
	put(XA_HOOK_EXT_DATA, bytes, n);
}

static void put_data(const char *name, char *text)
{
	struct xt_mark_mtinfo1 mark = { 0 };
	struct xt_mark_tginfo2 set = { 0 };
	struct xt_quota2_mtinfo quota = { .flags = XT_QUOTA2_GROW };
	struct xt_account_tginfo account = { 0 };

	if (text && !strcmp(name, "mark")) {
		mark.mark = strtoul(cut(&text, '/'), NULL, 0);
		mark.mask = text ? strtoul(text, NULL, 0) : ~0U;
		put(XA_HOOK_EXT_DATA, &mark, sizeof(mark));
	} else if (text && !strcmp(name, "MARK")) {
		set.mark = strtoul(cut(&text, '/'), NULL, 0);
		set.mask = text ? strtoul(text, NULL, 0) : ~0U;
		put(XA_HOOK_EXT_DATA, &set, sizeof(set));
	} else if (text && !strcmp(name, "quota2")) {
		snprintf(quota.name, sizeof(quota.name), "%s", text);
		put(XA_HOOK_EXT_DATA, &quota, sizeof(quota));
	} else if (text && !strcmp(name, "ACCOUNT")) {
		snprintf(account.name, sizeof(account.name), "%s", text);
		put(XA_HOOK_EXT_DATA, &account, sizeof(account));
	} else if (text) {
		put_hex(text);
	}
}

static void put_ext(char *item)
{
	char *name = cut(&item, ':'), *rev = cut(&item, ':');
	struct nlattr *a = nest(is_target(name) ? XA_HOOK_RULE_TARGET : XA_HOOK_RULE_MATCH);

	put_text(XA_HOOK_EXT_NAME, name);
	put_u8(XA_HOOK_EXT_REVISION, number(rev));
	put_data(name, item);
	nest_end(a);
}

static bool base_item(struct xa_hook_base *b, const char *s)
{
	static const char *const inverse[] = { "!src", "!dst", "!in", "!out", "!proto", "!frag" };

	for (unsigned int i = 0; i < 6; i++)
		if (!strcmp(s, inverse[i])) {
			b->invert |= 1 << i;
			return true;
		}
	if (!strncmp(s, "src=", 4))
		address(s + 4, b->src, b->src_mask);
	else if (!strncmp(s, "dst=", 4))
		address(s + 4, b->dst, b->dst_mask);
	else if (!strncmp(s, "in=", 3))
		device(s + 3, b->in, b->in_mask);
	else if (!strncmp(s, "out=", 4))
		device(s + 4, b->out, b->out_mask);
	else if (!strncmp(s, "proto=", 6))
		b->protocol = strtoul(s + 6, NULL, 0);
	else if (!strncmp(s, "flags=", 6))
		b->flags = number(s + 6);
	else if (!strcmp(s, "frag"))
		b->flags = XA_HOOK_FRAGMENT;
	else
		return false;
	return true;
}

static void put_item(char *s)
{
	struct xa_hook_counters c;

	if (!strcmp(s, "accept")) {
		put_u32(XA_HOOK_RULE_VERDICT, 1);
	} else if (!strcmp(s, "drop")) {
		put_u32(XA_HOOK_RULE_VERDICT, 0);
	} else if (!strncmp(s, "keep=", 5)) {
		put_u32(XA_HOOK_RULE_KEEP_FROM, strtoul(s + 5, NULL, 0));
	} else if (!strncmp(s, "note=", 5)) {
		put(XA_HOOK_RULE_NOTE, s + 5, strlen(s + 5));
	} else if (!strncmp(s, "count=", 6)) {
		s += 6;
		c.packets = strtoull(cut(&s, '/'), NULL, 0);
		c.bytes = s ? strtoull(s, NULL, 0) : 0;
		put(XA_HOOK_RULE_COUNTERS, &c, sizeof(c));
	} else if (*s) {
		put_ext(s);
	}
}

static void put_rule(const char *word)
{
	struct nlattr *a = nest(XA_HOOK_ATTR_RULE);
	struct xa_hook_base base = { 0 };
	char *text = strdup(word), *rest = text, *item;
	bool has_base = false;

	while ((item = cut(&rest, ',')))
		if (base_item(&base, item))
			has_base = true;
		else
			put_item(item);
	if (has_base)
		put(XA_HOOK_RULE_BASE, &base, sizeof(base));
	nest_end(a);
	free(text);
}

static void put_chain(void)
{
	struct nlattr *a = nest(XA_HOOK_ATTR_CHAIN);
	char *text = strdup(chain), *rest = text;

	put_u8(XA_HOOK_CHAIN_FAMILY, nfproto(cut(&rest, ':')));
	put_u8(XA_HOOK_CHAIN_HOOK, hook_number(cut(&rest, ':')));
	put_u32(XA_HOOK_CHAIN_PRIORITY, strtol(cut(&rest, ':'), NULL, 0));
	if (rest)
		put_text(XA_HOOK_CHAIN_DEVICE, rest);
	nest_end(a);
	free(text);
}

static void put_exts(void)
{
	struct nlattr *all = nest(XA_HOOK_ATTR_EXTENSIONS), *a;

	for (unsigned int i = 0; i < n_exts; i++) {
		char *text = strdup(exts[i]), *rest = text, *name;

		a = nest(XA_HOOK_ATTR_EXTENSION);
		put_u8(XA_HOOK_EXT_FAMILY, nfproto(cut(&rest, ':')));
		name = cut(&rest, ':');
		put_text(XA_HOOK_EXT_NAME, name);
		put_u8(XA_HOOK_EXT_REVISION, number(rest));
		if (is_target(name))
			put(XA_HOOK_EXT_TARGET, NULL, 0);
		nest_end(a);
		free(text);
	}
	nest_end(all);
}

/* ---- verbs */

static char found[512];

static void take_begun(const struct nlattr *first, ssize_t left)
{
	const struct nlattr *a = find(first, left, XA_HOOK_ATTR_TOKEN);
	const struct nlattr *f = find(first, left, XA_HOOK_ATTR_FOUND);

	if (a)
		token = *(const uint32_t *)data_of(a);
	for (int i = 0; f && i < f->nla_len - NLA_HDRLEN; i++)
		found[i] = '0' + ((const uint8_t *)data_of(f))[i];
}

static int verb_begin(bool wait)
{
	int err;

	memset(found, 0, sizeof(found));
	begin_msg(XA_HOOK_CMD_BEGIN, NLM_F_ACK);
	if (n_exts)
		put_exts();
	err = send_request(take_begun, wait);
	if (!err && found[0])
		snprintf(answer, sizeof(answer), " found=%s", found);
	return err;
}

static void put_generation(void)
{
	if (generation)
		put(XA_HOOK_ATTR_GENERATION, &generation, sizeof(generation));
	generation = 0;
}

static void put_add(void)
{
	struct nlattr *a;

	begin_msg(XA_HOOK_CMD_ADD, NLM_F_ACK);
	put_u32(XA_HOOK_ATTR_TOKEN, token);
	put_generation();
	if (chain)
		put_chain();
	a = nest(XA_HOOK_ATTR_RULES);
	for (unsigned int i = 0; i < n_rules; i++)
		for (uint32_t j = 0; j < copies; j++)
			put_rule(rules[i]);
	nest_end(a);
}

/* Again until what was replaced before has been freed */
static bool patient;

static int send_patiently(void)
{
	int err = send_request(NULL, 0);

	while (err == EAGAIN && patient) {
		usleep(1000);
		again_msg();
		err = send_request(NULL, 0);
	}
	return err;
}

static int verb_add(void)
{
	int err = 0;

	put_add();
	for (uint32_t i = 0; i < adds && !err; i++) {
		if (i)
			again_msg();
		err = send_patiently();
	}
	return err;
}

static int verb_plain(int cmd)
{
	begin_msg(cmd, NLM_F_ACK);
	if (cmd != XA_HOOK_CMD_ZERO)
		put_u32(XA_HOOK_ATTR_TOKEN, token);
	put_generation();
	return send_patiently();
}

static void show_chain(const struct nlattr *c)
{
	const struct nlattr *dev = within(c, XA_HOOK_CHAIN_DEVICE);
	uint8_t hook = *(const uint8_t *)data_of(within(c, XA_HOOK_CHAIN_HOOK));

	printf("chain %u:%s:%d", *(const uint8_t *)data_of(within(c, XA_HOOK_CHAIN_FAMILY)) ==
	       NFPROTO_IPV4 ? 4 : 6, hooks[hook],
	       *(const int32_t *)data_of(within(c, XA_HOOK_CHAIN_PRIORITY)));
	if (dev)
		printf(":%s%s", (const char *)data_of(dev),
		       within(c, XA_HOOK_CHAIN_ATTACHED) ? "" : " absent");
	putchar('\n');
}

static void show_use(const struct nlattr *use)
{
	const struct nlattr *data = within(use, XA_HOOK_EXT_DATA);

	printf(" %s:%u:", (const char *)data_of(within(use, XA_HOOK_EXT_NAME)),
	       *(const uint8_t *)data_of(within(use, XA_HOOK_EXT_REVISION)));
	for (int i = 0; data && i < data->nla_len - NLA_HDRLEN; i++)
		printf("%02x", ((const uint8_t *)data_of(data))[i]);
}

static void show_rule(const struct nlattr *r)
{
	const struct nlattr *a = within(r, XA_HOOK_RULE_COUNTERS);
	struct xa_hook_counters c;
	ssize_t left = r->nla_len - NLA_HDRLEN;

	memcpy(&c, data_of(a), sizeof(c));
	printf("rule %u %llu %llu", *(const uint32_t *)data_of(within(r, XA_HOOK_RULE_INDEX)),
	       (unsigned long long)c.packets, (unsigned long long)c.bytes);
	for (a = data_of(r); left >= NLA_HDRLEN; left -= NLA_ALIGN(a->nla_len),
	     a = (const void *)((const uint8_t *)a + NLA_ALIGN(a->nla_len)))
		switch (a->nla_type & NLA_TYPE_MASK) {
		case XA_HOOK_RULE_MATCH:
		case XA_HOOK_RULE_TARGET:
			show_use(a);
			break;
		case XA_HOOK_RULE_VERDICT:
			printf(" %s", *(const uint32_t *)data_of(a) ? "accept" : "drop");
			break;
		case XA_HOOK_RULE_NOTE:
			printf(" note=%.*s", a->nla_len - NLA_HDRLEN, (const char *)data_of(a));
			break;
		}
	putchar('\n');
}

static void show(const struct nlattr *first, ssize_t left)
{
	const struct nlattr *a = find(first, left, XA_HOOK_ATTR_CHAIN);

	if (a)
		show_chain(a);
	a = find(first, left, XA_HOOK_ATTR_RULE);
	if (a)
		show_rule(a);
	a = find(first, left, XA_HOOK_ATTR_N_RULES);
	if (a)
		printf("generation %llu rules %u\n", (unsigned long long)
		       *(const uint64_t *)data_of(find(first, left, XA_HOOK_ATTR_GENERATION)),
		       *(const uint32_t *)data_of(a));
}

static int verb_get(void)
{
	begin_msg(XA_HOOK_CMD_GET, NLM_F_DUMP);
	return send_request(show, 1 << 30);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1000000ull * t.tv_sec + t.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void every(char *word)
{
	unsigned int ms = strtoul(cut(&word, ':'), NULL, 0), n = 0, kept, slow = 0;
	static uint64_t took[1024];
	uint64_t from, late = 0;

	patient = true;
	do {
		from = now_us();
		errno = verb_begin(true);
		if (!errno)
			errno = verb_add();
		if (!errno)
			errno = verb_plain(XA_HOOK_CMD_COMMIT);
		if (errno)
			die("every");
		took[n % 1024] = now_us() - from;
		slow += took[n++ % 1024] > 50000;
		from = now_us();
		usleep(1000 * ms);
		from = now_us() - from - 1000 * ms;
		late = from > late ? from : late;
	} while (access(word, F_OK));
	kept = n < 1024 ? n : 1024;
	qsort(took, kept, sizeof(*took), by_size);
	printf("%u commits %llu %llu %llu us, %u slow, naps %llu us too long\n", n,
	       (unsigned long long)took[0], (unsigned long long)took[kept / 2],
	       (unsigned long long)took[kept - 1], slow, (unsigned long long)late);
}

static void keep_word(char **list, unsigned int *n, char *word)
{
	if (*n == MAX_WORDS)
		exit(2);
	list[(*n)++] = word;
}

/* Words without an answer. */
static bool local(char *w)
{
	FILE *f;

	if (!strncmp(w, "ext=", 4)) {
		keep_word(exts, &n_exts, w + 4);
	} else if (!strncmp(w, "rule=", 5)) {
		keep_word(rules, &n_rules, w + 5);
	} else if (!strncmp(w, "chain=", 6)) {
		chain = w + 6;
	} else if (!strncmp(w, "copies=", 7)) {
		copies = strtoul(w + 7, NULL, 0);
	} else if (!strncmp(w, "adds=", 5)) {
		adds = strtoul(w + 5, NULL, 0);
	} else if (!strncmp(w, "generation=", 11)) {
		generation = strtoull(w + 11, NULL, 0);
	} else if (!strncmp(w, "token=", 6)) {
		token = strtoul(w + 6, NULL, 0);
	} else if (!strncmp(w, "every=", 6)) {
		every(w + 6);
	} else if (!strcmp(w, "patient")) {
		patient = true;
	} else if (!strncmp(w, "fail=", 5)) {
		fail_nth = strtoul(w + 5, NULL, 0);
	} else if (!strncmp(w, "halt=", 5)) {
		halt = w + 5;
	} else if (!strcmp(w, "route")) {
		open_route_socket();
	} else if (!strncmp(w, "sleep=", 6)) {
		usleep(1000 * strtoul(w + 6, NULL, 0));
	} else if (!strncmp(w, "touch=", 6)) {
		f = fopen(w + 6, "w");
		if (!f || fclose(f))
			die(w);
	} else if (!strncmp(w, "wait=", 5)) {
		while (access(w + 5, F_OK))
			usleep(10000);
	} else {
		return false;
	}
	return true;
}

static int verb(const char *w)
{
	int err;

	if (!strcmp(w, "begin"))
		return verb_begin(true);
	if (!strcmp(w, "begin-only"))
		return verb_begin(false);
	if (!strcmp(w, "add")) {
		err = verb_add();
		n_rules = 0;
		return err;
	}
	if (!strcmp(w, "commit"))
		return verb_plain(XA_HOOK_CMD_COMMIT);
	if (!strcmp(w, "abort"))
		return verb_plain(XA_HOOK_CMD_ABORT);
	if (!strcmp(w, "zero"))
		return verb_plain(XA_HOOK_CMD_ZERO);
	fprintf(stderr, "hookctl: %s: no such verb\n", w);
	exit(2);
}

int main(int argc, char **argv)
{
	int err, worst = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: hookctl WORD... (see tests/pkt/hookctl.c)\n");
		return 2;
	}
	open_socket();
	for (int i = 1; i < argc; i++) {
		if (local(argv[i]))
			continue;
		if (!strcmp(argv[i], "get")) {
			err = verb_get();
			if (err)
				printf("get %s\n", strerrorname_np(err));
			if (interrupted)
				puts("interrupted");
		} else {
			err = verb(argv[i]);
			printf("%s %s%s%s\n", argv[i], err ? strerrorname_np(err) : "0", answer,
			       unharmed ? " unharmed" : "");
			unharmed = false;
		}
		worst = err ? 1 : worst;
		fflush(stdout);
	}
	return worst;
}
