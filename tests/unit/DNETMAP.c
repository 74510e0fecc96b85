// SPDX-License-Identifier: GPL-2.0-only
/*
 * DNETMAP - ranges of prefixes, the timing wheel, the words of the files
 *
 * The wheel is run as the kernel runs it, with bindings that are hit at random,
 * and must have found, at each second that it is asked, just those that have
 * timed out. The parser is compared with what it would be printed as.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "xt_DNETMAP_pure.h"

static unsigned int failed;

static void expect(const char *what, long long expected, long long actual)
{
	if (expected == actual)
		return;
	++failed;
	printf("not ok unit/DNETMAP: %s (expected %lld, got %lld)\n", what,
	       expected, actual);
}

static void range(__u32 base, __u8 len, bool whole, long long size,
		  __u32 before, __u32 first, __u32 last, __u32 after)
{
	struct dnetmap_range r;
	char what[64];
	__u32 i;

	snprintf(what, sizeof(what), "%#x/%u%s", base, len, whole ? "" : ", part");
	expect(what, 1, dnetmap_range_init(&r, base, len, whole));
	expect(what, size, dnetmap_range_size(&r));
	expect(what, 0, dnetmap_range_index(&r, before, &i));
	expect(what, 1, dnetmap_range_index(&r, first, &i));
	expect(what, r.first, i);
	expect(what, 1, dnetmap_range_index(&r, last, &i));
	expect(what, r.last, i);
	expect(what, 0, dnetmap_range_index(&r, after, &i));
}

static void ranges(void)
{
	struct dnetmap_range r;

	range(0x14000000, 26, true, 64, 0x13ffffff, 0x14000000, 0x1400003f, 0x14000040);
	range(0x14000000, 26, false, 62, 0x14000000, 0x14000001, 0x1400003e, 0x1400003f);
	range(0x14000000, 30, false, 2, 0x14000000, 0x14000001, 0x14000002, 0x14000003);
	range(0x14000000, 31, false, 2, 0x13ffffff, 0x14000000, 0x14000001, 0x14000002);
	range(0x14000007, 32, false, 1, 0x14000006, 0x14000007, 0x14000007, 0x14000008);
	range(0x14000007, 32, true, 1, 0x14000006, 0x14000007, 0x14000007, 0x14000008);
	range(0x14000000, 8, true, 1 << 24, 0x13ffffff, 0x14000000, 0x14ffffff, 0x15000000);
	range(0xff000000, 8, true, 1 << 24, 0xfeffffff, 0xff000000, 0xffffffff, 0);
	range(0, 8, true, 1 << 24, 0xffffffff, 0, 0xffffff, 0x1000000);
	expect("host bits", 0, dnetmap_range_init(&r, 0x14000001, 26, true));
	expect("host bits", 0, dnetmap_range_init(&r, 0x1400003f, 26, true));
	expect("host bits", 0, dnetmap_range_init(&r, 0x14800000, 8, true));
	expect("block of a /32", 0, dnetmap_block_bits(32));
	expect("block of a /24", 8, dnetmap_block_bits(24));
	expect("block of a /23", 9, dnetmap_block_bits(23));
	expect("block of a /8", 9, dnetmap_block_bits(8));
}

static bool overlap(__u32 a, __u8 a_len, __u32 b, __u8 b_len)
{
	struct dnetmap_range x, y;

	dnetmap_range_init(&x, a, a_len, true);
	dnetmap_range_init(&y, b, b_len, true);
	expect("both say the same", dnetmap_range_overlap(&x, &y),
	       dnetmap_range_overlap(&y, &x));
	return dnetmap_range_overlap(&x, &y);
}

static void overlaps(void)
{
	expect("the same", 1, overlap(0x14000000, 26, 0x14000000, 26));
	expect("neighbours", 0, overlap(0x14000000, 26, 0x14000040, 26));
	expect("part, at the start", 1, overlap(0x14000000, 26, 0x14000000, 27));
	expect("part, at the end", 1, overlap(0x14000000, 26, 0x1400003f, 32));
	expect("one behind", 0, overlap(0x14000000, 26, 0x14000040, 32));
	expect("two hosts", 0, overlap(0x14000000, 32, 0x14000001, 32));
	expect("two of /8", 0, overlap(0x14000000, 8, 0x15000000, 8));
}

/* ---- the wheel */

#define BINDINGS	200

static struct {
	__u32 expires;
	__u32 due;
	bool idle;
	bool pending;
} binding[BINDINGS];
static __u32 pending_of;

static void place(unsigned int i, __u32 now)
{
	binding[i].idle = dnetmap_left(binding[i].expires, now) == 0;
	binding[i].due = dnetmap_due(binding[i].expires, now);
	binding[i].pending = false;
}

/*
 * As dnetmap_sweep() in the kernel, each list as the bindings with that remainder;
 * a few at a time, as when the lock is let go. Return: whether @now is reached.
 */
static bool sweep(__u32 *swept, __u32 now, unsigned int n)
{
	unsigned int i;

	*swept = dnetmap_catch_up(*swept, now);
	for (; *swept < now; ++*swept) {
		if (pending_of != *swept + 1) {
			pending_of = *swept + 1;
			for (i = 0; i < BINDINGS; ++i)
				if (!binding[i].idle &&
				    (binding[i].due - pending_of) % DNETMAP_WHEEL == 0)
					binding[i].pending = true;
		}
		for (i = 0; i < BINDINGS; ++i) {
			if (!binding[i].pending)
				continue;
			if (n-- == 0)
				return false;
			place(i, now);
		}
	}
	return true;
}

static void hit(unsigned int i, __u32 now, __u32 ttl)
{
	binding[i].expires = dnetmap_expiry(now, ttl);
	if (binding[i].idle || binding[i].expires < binding[i].due)
		place(i, now);
}

static void wheel(__u32 now, unsigned int pause)
{
	static const __u32 ttls[] = { 0, 1, 2, 62, 63, 64, 65, 200, 600, 0x7fffffff };
	__u32 swept = now;
	unsigned int i, round;

	for (i = 0; i < BINDINGS; ++i) {
		binding[i].expires = dnetmap_expiry(now, ttls[rand() % 10]);
		place(i, now);
	}
	for (round = 0; round < 2000; ++round) {
		now += (unsigned int)rand() % (rand() % 50 ? 3 : pause);
		for (i = 0; i < 10; ++i)
			hit(rand() % BINDINGS, now, ttls[rand() % 10]);
		if (rand() % 3 == 0)
			continue;
		for (i = 0; !sweep(&swept, now, 7); ++i)
			if (i > 2 * BINDINGS) {
				expect("the sweep ends", 1, 0);
				return;
			}
		for (i = 0; i < BINDINGS; ++i)
			expect("found just when it has timed out",
			       dnetmap_left(binding[i].expires, now) == 0,
			       binding[i].idle);
		if (failed)
			return;
	}
}

/* ---- the parser */

static const char *text_of(const struct dnetmap_command *c)
{
	static char text[64];
	const __u32 a = htonl(c->a), b = htonl(c->b);
	char pre[INET_ADDRSTRLEN], post[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a, pre, sizeof(pre));
	inet_ntop(AF_INET, &b, post, sizeof(post));
	switch (c->verb) {
	case DNETMAP_BIND:
		snprintf(text, sizeof(text), "+%s:%s", pre, post);
		break;
	case DNETMAP_UNBIND:
		snprintf(text, sizeof(text), "-%s", pre);
		break;
	case DNETMAP_PERSIST:
		return "+persistent";
	case DNETMAP_DESIST:
		return "-persistent";
	case DNETMAP_FLUSH:
		return "flush";
	default:
		return "";
	}
	return text;
}

/* Parsed from memory of just its length, where the sanitizers see a byte too much. */
static struct dnetmap_command parse(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct dnetmap_command cmd;

	memcpy(copy, text, len);
	cmd = dnetmap_parse(copy, len);
	free(copy);
	return cmd;
}

static void good(const char *text)
{
	struct dnetmap_command cmd = parse(text, strlen(text));
	char line[64];

	if (strcmp(text_of(&cmd), text) != 0) {
		++failed;
		printf("not ok unit/DNETMAP: %s (got %s)\n", text, text_of(&cmd));
	}
	snprintf(line, sizeof(line), "%s\n", text);
	expect("with a newline", cmd.verb, parse(line, strlen(line)).verb);
	snprintf(line, sizeof(line), "%s\n\n", text);
	expect("with two", DNETMAP_BAD, parse(line, strlen(line)).verb);
	snprintf(line, sizeof(line), " %s", text);
	expect("with a blank", DNETMAP_BAD, parse(line, strlen(line)).verb);
	expect("cut", DNETMAP_BAD, parse(text, strlen(text) - 1).verb);
	expect("with its end", DNETMAP_BAD, parse(text, strlen(text) + 1).verb);
}

/* Whatever is accepted is what it says: printed, it is the same text. */
static void random_words(void)
{
	static const char letters[] = "+-.:0123456789\n persistentflush";
	unsigned int round, i, len;
	struct dnetmap_command cmd;
	char text[40], line[64];

	for (round = 0; round < 300000; ++round) {
		len = snprintf(text, sizeof(text), "%c%d.%d.%d.%d:%d.%d.%d.%d",
			       "+-"[rand() % 2], rand() % 300, rand() % 300,
			       rand() % 300, rand() % 300, rand() % 300,
			       rand() % 300, rand() % 300, rand() % 300);
		for (i = rand() % 3; i > 0; --i)
			text[rand() % len] = letters[rand() % (sizeof(letters) - 1)];
		len -= rand() % 2 ? rand() % len : 0;
		cmd = parse(text, len);
		if (cmd.verb == DNETMAP_BAD)
			continue;
		snprintf(line, sizeof(line), "%s\n", text_of(&cmd));
		if (strncmp(line, text, len) != 0 || len + 1 < strlen(line)) {
			++failed;
			printf("not ok unit/DNETMAP: %.*s was taken for %s", (int)len,
			       text, line);
		}
	}
}

int main(void)
{
	ranges();
	overlaps();
	expect("nothing left", 0, dnetmap_left(100, 100));
	expect("a second left", 1, dnetmap_left(101, 100));
	expect("long over", 0, dnetmap_left(0, 100));
	expect("the longest time", 0x7fffffff,
	       dnetmap_left(dnetmap_expiry(0x7fffffff, 0x7fffffff), 0x7fffffff));
	wheel(1, 10);
	wheel(1000, 100);
	wheel(0x70000000, 10000);
	good("+10.0.0.1:20.0.0.1");
	good("+255.255.255.255:255.255.255.5");
	good("-20.0.0.1");
	good("-201.202.203.4");
	good("+persistent");
	good("-persistent");
	good("flush");
	expect("nothing", DNETMAP_BAD, parse("", 0).verb);
	expect("a newline", DNETMAP_BAD, parse("\n", 1).verb);
	expect("0.0.0.0", DNETMAP_BAD, parse("-0.0.0.0", 8).verb);
	expect("a leading zero", DNETMAP_BAD, parse("-1.2.3.04", 9).verb);
	random_words();
	if (failed)
		return 1;
	printf("ok unit/DNETMAP: ranges, the wheel, commands\n");
	return 0;
}
