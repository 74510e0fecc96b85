/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_DNETMAP_pure - arithmetic of prefixes and times, and the words of the
 * files
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 * Addresses are in host byte order, times in seconds since boot.
 */
#ifndef _XT_DNETMAP_PURE_H
#define _XT_DNETMAP_PURE_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <string.h>
#include <linux/types.h>
#endif

/* Public addresses in a block, as a power of two: one bit each of a word. */
#define DNETMAP_BLOCK_BITS	6

/* Lists of a prefix's timing wheel, one a second. */
#define DNETMAP_WHEEL		64

/* Longest command: "+255.255.255.255:255.255.255.255\n". */
#define DNETMAP_COMMAND_MAX	33

/**
 * struct dnetmap_range - the addresses of a prefix
 * @base:  first address, which has index 0
 * @len:   prefix length
 * @first: least index that may be bound
 * @last:  greatest
 */
struct dnetmap_range {
	__u32 base;
	__u8 len;
	__u32 first;
	__u32 last;
};

/**
 * dnetmap_range_init - what belongs to a prefix
 * @r:     set
 * @base:  first address
 * @len:   8 to 32
 * @whole: false: the first and the last address are left out, where a network
 *         of that length has a name and a broadcast address (up to /30)
 *
 * Return: false if @base has bits behind @len.
 */
static inline bool dnetmap_range_init(struct dnetmap_range *r, __u32 base,
				      __u8 len, bool whole)
{
	__u32 hosts = (__u32)((1ULL << (32 - len)) - 1);

	if (base & hosts)
		return false;
	r->base = base;
	r->len = len;
	r->first = 0;
	r->last = hosts;
	if (!whole && len <= 30) {
		++r->first;
		--r->last;
	}
	return true;
}

/* Addresses that may be bound. */
static inline __u32 dnetmap_range_size(const struct dnetmap_range *r)
{
	return r->last - r->first + 1;
}

/* Whether @addr may be bound; @index is set if so. */
static inline bool dnetmap_range_index(const struct dnetmap_range *r,
				       __u32 addr, __u32 *index)
{
	__u32 i = addr - r->base;

	if (i < r->first || i > r->last)
		return false;
	*index = i;
	return true;
}

/* Whether two prefixes have an address in common: one is part of the other. */
static inline bool dnetmap_range_overlap(const struct dnetmap_range *a,
					 const struct dnetmap_range *b)
{
	__u8 len = a->len < b->len ? a->len : b->len;

	return ((a->base ^ b->base) >> (32 - len)) == 0;
}

/* The addresses from @first to @last that block @number has, a bit each. */
static inline __u64 dnetmap_block_mask(__u32 number, __u32 first, __u32 last)
{
	const __u32 base = number << DNETMAP_BLOCK_BITS;
	const __u32 end = base + (1U << DNETMAP_BLOCK_BITS) - 1;
	__u64 mask = ~0ULL;

	if (first > end || last < base)
		return 0;
	if (first > base)
		mask &= ~0ULL << (first - base);
	if (last < end)
		mask &= ~0ULL >> (end - last);
	return mask;
}

/* Second in which a binding that is hit now times out; @ttl >= 0. */
static inline __u32 dnetmap_expiry(__u32 now, __s32 ttl)
{
	return now + (__u32)ttl;
}

/* Seconds that are left to it; 0: it has timed out. */
static inline __u32 dnetmap_left(__u32 expires, __u32 now)
{
	return expires > now ? expires - now : 0;
}

/* The later of two seconds that are not far from each other. */
static inline __u32 dnetmap_later(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0 ? a : b;
}

/* Seconds without a flow after which entries of another router may be there */
#define DNETMAP_QUIET	300

/* Whether a flow at second @now is the first one after a time without any. */
static inline bool dnetmap_resumes(__u32 last, __u32 now)
{
	return (__s32)(now - last) > DNETMAP_QUIET;
}

/* Entries more than before that silence: those of another router */
#define DNETMAP_TAKEN_OVER	64

/* Whether so many entries, @before and now, tell of another router. */
static inline bool dnetmap_taken_over(__u32 before, __u32 entries)
{
	return entries > before && entries - before > DNETMAP_TAKEN_OVER;
}

/*
 * The wheel. A binding stands in the list of a second at which it is looked at
 * next: that of its end, or the farthest that the wheel has: a turn behind the
 * second that it was looked through up to. A hit that makes it last longer does not
 * touch the wheel. @expires is behind @now.
 */
static inline __u32 dnetmap_due(__u32 expires, __u32 swept, __u32 now)
{
	__u32 farthest = dnetmap_later(swept + DNETMAP_WHEEL, now + 1);

	return expires < farthest ? expires : farthest;
}

/*
 * The wheel was looked through up to @swept. After a long time one turn is
 * enough: from the second returned, exclusively, to @now. A @now that was read
 * before @swept was written may be less than that, and changes nothing.
 */
static inline __u32 dnetmap_catch_up(__u32 swept, __u32 now)
{
	return dnetmap_later(swept, now - DNETMAP_WHEEL);
}

enum dnetmap_verb {
	DNETMAP_BAD,		/* not understood */
	DNETMAP_BIND,		/* +PRE:POST */
	DNETMAP_UNBIND,		/* -ADDRESS */
	DNETMAP_PERSIST,	/* +persistent */
	DNETMAP_DESIST,		/* -persistent */
	DNETMAP_FLUSH,		/* flush */
};

/**
 * struct dnetmap_command - what was written to a prefix's file
 * @verb: DNETMAP_*
 * @a:    PRE or ADDRESS
 * @b:    POST
 */
struct dnetmap_command {
	enum dnetmap_verb verb;
	__u32 a;
	__u32 b;
};

/* A number of 0 to 255, without superfluous zeros. Return: digits, 0 if none. */
static inline unsigned int dnetmap_parse_byte(const char *s, size_t len,
					      __u32 *to)
{
	unsigned int n = 0, value = 0;

	while (n < 3 && n < len && s[n] >= '0' && s[n] <= '9') {
		if (n == 1 && value == 0)
			return 0;
		value = 10 * value + (unsigned int)(s[n++] - '0');
	}
	if (n == 0 || value > 255)
		return 0;
	*to = *to << 8 | value;
	return n;
}

/* An address, other than 0.0.0.0. Return: its characters, 0 if there is none. */
static inline unsigned int dnetmap_parse_addr(const char *s, size_t len,
					      __u32 *to)
{
	unsigned int pos = 0, i, n;
	__u32 addr = 0;

	for (i = 0; i < 4; ++i) {
		if (i > 0 && (pos == len || s[pos++] != '.'))
			return 0;
		n = dnetmap_parse_byte(s + pos, len - pos, &addr);
		if (n == 0)
			return 0;
		pos += n;
	}
	*to = addr;
	return addr ? pos : 0;
}

static inline bool dnetmap_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(s, word, len) == 0;
}

/**
 * dnetmap_parse - understand what was written
 * @s:   bytes, not terminated
 * @len: how many; a newline at the end may be there or not
 *
 * Return: the command; its verb is DNETMAP_BAD unless all of it was understood.
 */
static inline struct dnetmap_command dnetmap_parse(const char *s, size_t len)
{
	struct dnetmap_command cmd = { DNETMAP_BAD, 0, 0 };
	unsigned int n;

	if (len > 0 && s[len - 1] == '\n')
		--len;
	if (dnetmap_word(s, len, "+persistent")) {
		cmd.verb = DNETMAP_PERSIST;
	} else if (dnetmap_word(s, len, "-persistent")) {
		cmd.verb = DNETMAP_DESIST;
	} else if (dnetmap_word(s, len, "flush")) {
		cmd.verb = DNETMAP_FLUSH;
	} else if (len > 0 && (s[0] == '+' || s[0] == '-')) {
		n = 1 + dnetmap_parse_addr(s + 1, len - 1, &cmd.a);
		if (n == 1)
			return cmd;
		if (s[0] == '-' && n == len)
			cmd.verb = DNETMAP_UNBIND;
		else if (s[0] == '+' && n < len && s[n] == ':' &&
			 len - n - 1 > 0 &&
			 dnetmap_parse_addr(s + n + 1, len - n - 1, &cmd.b) ==
			 len - n - 1)
			cmd.verb = DNETMAP_BIND;
	}
	return cmd;
}

#endif /* _XT_DNETMAP_PURE_H */
