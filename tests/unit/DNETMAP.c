// SPDX-License-Identifier: GPL-2.0-only
/*
 * DNETMAP - ranges of prefixes, the timing wheel, the words of the files
 *
 * The wheel is the kernel's, with bindings that are hit at random, seconds that are
 * stale and silence that is longer than a turn. At each second that it is asked it
 * must have found just those that have timed out, in the order of that. The parser is
 * compared with what it would be printed as.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "DNETMAP_host.h"
#include "xt_DNETMAP_wheel.h"

static void rest_propagate(struct rb_node *rb, struct rb_node *stop)
{
	for (; rb != stop; rb = rb->rb_parent)
		if (dnetmap_rest_compute(dnetmap_rest_at(rb), true))
			break;
}

static bool rest_compute(struct rb_node *rb)
{
	return dnetmap_rest_compute(dnetmap_rest_at(rb), false);
}

static const struct rb_augment_callbacks dnetmap_rest_callbacks = {
	rest_propagate, rest_compute
};

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
	expect("a whole block", -1, (long long)dnetmap_block_mask(3, 192, 255));
	expect("of a wide range", -1, (long long)dnetmap_block_mask(3, 0, 0xffffffff));
	expect("its first address", 1, (long long)dnetmap_block_mask(3, 192, 192));
	expect("its last", 1, (long long)(dnetmap_block_mask(3, 255, 300) >> 63));
	expect("and no other", 0, (long long)(dnetmap_block_mask(3, 255, 300) << 1));
	expect("two in the middle", 0xc0, (long long)dnetmap_block_mask(3, 198, 199));
	expect("none before", 0, (long long)dnetmap_block_mask(3, 0, 191));
	expect("none behind", 0, (long long)dnetmap_block_mask(3, 256, 300));
	expect("the last block", -1,
	       (long long)dnetmap_block_mask(0x3ffffff, 0xffffffc0, 0xffffffff));
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

/* ---- the wheel: the kernel's own, with all that can happen to a clock */

#define BINDINGS	200
#define BLOCKS		8
/* Public addresses are this one and those behind it. */
#define BASE		0x140000c0

static struct binding {
	struct dnetmap_wait wait;
	__u32 expires;
	__u32 post;
} binding[BINDINGS];

static struct dnetmap_rest block[BLOCKS];

static inline const __u32 *dnetmap_expires_of(const struct dnetmap_wait *e)
{
	return &((const struct binding *)e)->expires;
}

static inline __u32 dnetmap_addr_of(const struct dnetmap_wait *e)
{
	return ((const struct binding *)e)->post;
}

static inline struct dnetmap_rest *dnetmap_rest_of(const struct dnetmap_wait *e)
{
	return &block[(dnetmap_addr_of(e) - BASE) >> DNETMAP_BLOCK_BITS];
}

/* All bindings are nowhere, at random addresses of all blocks. */
static void renew(struct dnetmap_wheel *w, __u32 now)
{
	static __u32 addr[BLOCKS << DNETMAP_BLOCK_BITS];
	unsigned int i, j;
	__u32 other;

	dnetmap_wheel_init(w, now);
	for (i = 0; i < BLOCKS << DNETMAP_BLOCK_BITS; ++i) {
		j = (unsigned int)rand() % (i + 1);
		other = addr[j];
		addr[j] = BASE + i;
		if (i != j)
			addr[i] = other;
	}
	for (i = 0; i < BINDINGS; ++i) {
		binding[i].wait.where = DNETMAP_NOWHERE;
		binding[i].post = addr[i];
	}
	for (i = 0; i < BLOCKS; ++i)
		block[i] = (struct dnetmap_rest){
			.number = (BASE >> DNETMAP_BLOCK_BITS) + i,
			.idle = RB_ROOT_CACHED,
		};
}

/* What timed out longest ago from @first to @last, by looking at all; 0: nothing. */
static __u32 longest_ago(__u32 first, __u32 last, __u32 now)
{
	__u32 least = 0;
	unsigned int i;

	for (i = 0; i < BINDINGS; ++i) {
		const struct binding *b = &binding[i];

		if (b->post >= first && b->post <= last && b->expires <= now &&
		    (!least || b->expires < least))
			least = b->expires;
	}
	return least;
}

static __u32 given_away(const struct dnetmap_wheel *w, __u32 first, __u32 last, bool swept)
{
	const struct dnetmap_wait *e = dnetmap_wheel_oldest(w, first, last, swept);

	if (!e)
		return 0;
	expect("it is of the prefix", 1,
	       dnetmap_addr_of(e) >= first && dnetmap_addr_of(e) <= last);
	return *dnetmap_expires_of(e);
}

/* Whatever prefix asks: it gets what timed out longest ago, or hears that it must wait. */
static void check_oldest(const struct dnetmap_wheel *w, __u32 now, bool swept)
{
	__u32 first, last, base, given;
	unsigned int i, len;

	for (i = 0; i < 40; ++i) {
		base = BASE - 64 + (unsigned int)rand() % ((BLOCKS + 2) << DNETMAP_BLOCK_BITS);
		len = (unsigned int)rand() % 11;
		first = base >> len << len;
		last = first + (1U << len) - 1;
		if (len > 1 && rand() % 4 == 0) {	/* whole_prefix=0 */
			++first;
			--last;
		}
		given = given_away(w, first, last, swept);
		if (given || swept)
			expect("what timed out longest ago", longest_ago(first, last, now),
			       given);
	}
}

/* As dnetmap_stamp() and dnetmap_touch() do it, with a second that may be stale. */
static void hit(struct dnetmap_wheel *w, struct binding *b, __u32 now, __u32 ttl)
{
	__u32 before = b->expires;

	b->expires = dnetmap_expiry(now, ttl);
	if (b->wait.where != DNETMAP_QUEUED ||
	    (b->expires < before && b->expires < b->wait.due))
		dnetmap_wheel_place(w, &b->wait, now);
}

/* In pieces, as when the lock is let go. */
static bool sweep(struct dnetmap_wheel *w, __u32 now, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < 4 * BINDINGS; ++i)
		if (dnetmap_wheel_sweep(w, now, n))
			return true;
	return false;
}

/* Just those that have timed out are idle, in the order in which they did. */
static void check_wheel(const struct dnetmap_wheel *w, __u32 now)
{
	unsigned int i, idle = 0, queued = 0;
	const struct binding *b, *last = NULL;
	struct rb_node *n;

	for (i = 0; i < BINDINGS; ++i) {
		b = &binding[i];
		expect("found just when it has timed out",
		       dnetmap_left(b->expires, now) == 0 ? DNETMAP_IDLE : DNETMAP_QUEUED,
		       b->wait.where);
		idle += b->wait.where == DNETMAP_IDLE;
		queued += b->wait.where == DNETMAP_QUEUED;
	}
	for (i = 0; i < BINDINGS; ++i)
		expect("nothing times out before", 1,
		       binding[i].wait.where == DNETMAP_IDLE ||
		       binding[i].expires >= dnetmap_wheel_next(w));
	for (i = 0; i < BLOCKS; ++i) {
		last = NULL;
		for (n = rb_first_cached(&block[i].idle); n; n = rb_next(n)) {
			b = (const struct binding *)rb_entry(n, struct dnetmap_wait, idle);
			expect("in the order of expiry", 1,
			       !last || last->expires <= b->expires);
			last = b;
			--idle;
		}
	}
	check_oldest(w, now, true);
	expect("each once", 0, idle);
	expect("the number of those that are queued", queued, w->queued);
	expect("the first is known", 0, rb_wrong_first);
}

/*
 * @pause: how long there is silence now and then; @stale: how much older a second
 * can be that somebody read before the lock; @turned: there is a work that turns the
 * wheel each second
 */
static void wheel(__u32 start, unsigned int pause, unsigned int stale, bool turned)
{
	static const __u32 ttls[] = { 0, 1, 2, 62, 63, 64, 65, 130, 600, 0x7fffffff };
	__u32 now = start, old;
	struct dnetmap_wheel w;
	unsigned int i, round;

	renew(&w, now);
	for (i = 0; i < BINDINGS; ++i) {
		binding[i].expires = dnetmap_expiry(now, ttls[rand() % 10]);
		dnetmap_wheel_place(&w, &binding[i].wait, now);
	}
	for (round = 0; round < 3000 && !failed; ++round) {
		now += (unsigned int)rand() % (rand() % 50 ? 3 : pause);
		if (rand() % 4 == 0)
			check_oldest(&w, now, dnetmap_wheel_sweep(&w, now,
								  (unsigned int)rand() % 20));
		for (i = 0; i < 10; ++i) {
			old = now - (unsigned int)rand() % (stale + 1);
			hit(&w, &binding[rand() % BINDINGS], old, ttls[rand() % 10]);
			if (rand() % 8 == 0)
				dnetmap_wheel_sweep(&w, old, (unsigned int)rand() % 20);
		}
		if (!turned && rand() % 3 == 0)
			continue;
		expect("the sweep ends", 1, sweep(&w, now, 7));
		check_wheel(&w, now);
		for (i = 0; i < BINDINGS; ++i)
			dnetmap_wheel_remove(&w, &binding[i].wait);
		expect("none is left", 0, w.queued);
		expect("nor idle", 1, w.idle.rb_node == NULL);
		for (i = 0; i < BINDINGS; ++i)
			dnetmap_wheel_place(&w, &binding[i].wait, now);
		if (round % 3)
			continue;
		check_wheel(&w, now);
	}
}

/* One entry, looked at step by step. */
static void clocks(void)
{
	struct dnetmap_wheel w;
	struct binding *b = &binding[0];

	expect("a stale second does not turn the wheel back", 101,
	       dnetmap_catch_up(101, 100));
	expect("nor one that is much older", 101, dnetmap_catch_up(101, 1));
	expect("soon after the boot", 3, dnetmap_catch_up(3, 5));
	expect("one turn", 100, dnetmap_catch_up(100, 164));
	expect("more than a turn", 101, dnetmap_catch_up(100, 165));
	expect("years", 0x7fffffff - 64, dnetmap_catch_up(100, 0x7fffffff));
	expect("the later", 101, dnetmap_later(101, 100));
	expect("the later", 101, dnetmap_later(100, 101));
	expect("no silence", 0, dnetmap_resumes(100, 400));
	expect("a silence", 1, dnetmap_resumes(100, 401));
	expect("a second that is stale", 0, dnetmap_resumes(100, 99));
	expect("before the first flow, right after booting", 1, dnetmap_resumes(-296, 5));
	expect("some more entries", 0, dnetmap_taken_over(10, 74));
	expect("another router's", 1, dnetmap_taken_over(10, 75));
	expect("fewer entries", 0, dnetmap_taken_over(100, 2));

	/* who read 100 before the lock places after the wheel was at 101 */
	renew(&w, 99);
	b->expires = 700;
	dnetmap_wheel_place(&w, &b->wait, 99);
	dnetmap_wheel_sweep(&w, 101, 10);
	b->expires = 101;
	dnetmap_wheel_place(&w, &b->wait, 100);
	expect("it is not missed", DNETMAP_IDLE, b->wait.where);
	dnetmap_wheel_sweep(&w, 100, 10);
	expect("the wheel stays", 101, w.swept);

	/* 70 s, and a day, of silence: a packet looks at a few */
	b->expires = 200;
	dnetmap_wheel_place(&w, &b->wait, 101);
	expect("nothing is done in vain", 0, dnetmap_wheel_sweep(&w, 171, 0));
	expect("one is enough", 1, dnetmap_wheel_sweep(&w, 171, 1));
	expect("not yet", DNETMAP_QUEUED, b->wait.where);
	dnetmap_wheel_sweep(&w, 86571, 1);
	expect("but now", DNETMAP_IDLE, b->wait.where);
}

/* The wheel is behind, and comes to one that timed out later before the other. */
static void behind(void)
{
	static const __u32 times[] = { 500, 300, 900, 950, 800 };
	static const __u32 order[] = { 300, 800, 900, 950 };
	struct binding *b = binding;
	struct dnetmap_wheel w;
	struct dnetmap_wait *e;
	unsigned int i;

	renew(&w, 100);
	b[0].expires = 150;
	b[1].expires = 150;
	dnetmap_wheel_place(&w, &b[0].wait, 100);
	dnetmap_wheel_place(&w, &b[1].wait, 100);
	b[0].expires = 300;	/* hit */
	b[1].expires = 200;
	dnetmap_wheel_sweep(&w, 400, 1);
	expect("one of them is found", 1,
	       (b[0].wait.where == DNETMAP_IDLE) + (b[1].wait.where == DNETMAP_IDLE));
	expect("it is not given away before the other", 0, given_away(&w, 0, ~0U, false));
	expect("all are found", 1, dnetmap_wheel_sweep(&w, 400, 1));
	expect("the other is", 200, given_away(&w, 0, ~0U, true));

	/* a packet that read the clock before hits one that has just been found to be late */
	renew(&w, 1000);
	for (i = 0; i < 5; ++i) {
		b[i].post = BASE + i;
		b[i].expires = times[i];
		dnetmap_wheel_place(&w, &b[i].wait, 1000);
		if (i == 2)
			b[0].expires = 1600;
	}
	for (i = 1; i < 5; ++i) {
		e = dnetmap_wheel_oldest(&w, 0, ~0U, true);
		if (e == &b[0].wait) {	/* as dnetmap_oldest() does it */
			dnetmap_wheel_place(&w, e, 1000);
			e = dnetmap_wheel_oldest(&w, 0, ~0U, true);
		}
		expect("the others stay in their order", order[i - 1],
		       e ? *dnetmap_expires_of(e) : 0);
		if (e)
			dnetmap_wheel_remove(&w, e);
	}
	expect("that one lasts", DNETMAP_QUEUED, b[0].wait.where);
}

/* A packet's share is as many entries as it says, whatever has piled up. */
static void share(void)
{
	unsigned int i, n, looked = 0;
	struct dnetmap_wheel w;
	bool done;

	renew(&w, 1000);
	for (i = 0; i < BINDINGS; ++i) {
		binding[i].expires = 1600;
		dnetmap_wheel_place(&w, &binding[i].wait, 1000);
	}
	for (n = 0; n < BINDINGS; ++n) {
		done = dnetmap_wheel_sweep(&w, 1070, 8);
		for (i = 0, looked = 0; i < BINDINGS; ++i)
			looked += binding[i].wait.due > 1070;
		if (done)
			break;
		expect("eight at a time", 8 * (n + 1), looked);
	}
	expect("all in the end", BINDINGS, looked);
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
	clocks();
	share();
	behind();
	wheel(1, 10, 0, false);
	wheel(1000, 100, 0, false);
	wheel(1000, 100, 2, true);
	wheel(200000, 100000, 5, false);
	wheel(0x70000000, 10000, 0, false);
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
