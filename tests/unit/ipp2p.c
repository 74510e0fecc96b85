// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipp2p - the classifiers on the host
 *
 *	golden			lines L4|VERDICT|WHAT|HEX from stdin
 *	ordinary COUNT		false positives among COUNT ordinary payloads
 *	random COUNT		COUNT random payloads of each length from 8 to 64,
 *				each as TCP and as UDP
 *	begins COUNT		COUNT random payloads of each length from 8 to 512 behind
 *				each first byte that a table names
 *	pairs COUNT		COUNT of each length from 8 to 64 behind each pair of bytes
 *				of which a table names the first
 *	fields COUNT		what else makes a candidate: COUNT payloads of each length
 *				from 8 to 512 that are one
 *	missed COUNT		of COUNT announcements with random ids: how many are not seen
 *
 * What "random" tells, "begins" tells with a fraction of the payloads: other first
 * bytes do not match, so COUNT of them stand for 256 times as many; those of "pairs"
 * for 65536 times as many. "fields" knows how likely a candidate is, and draws how many
 * of them match. "pairs" and "fields" together are all there is, at each length.
 *
 * Each payload stands at the end of memory of its own, where the sanitizers see
 * a byte too much, and so does each of its beginnings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_ipp2p_bit.c"
#include "xt_ipp2p_edk.c"
#include "xt_ipp2p_tcp.c"
#include "xt_ipp2p_text.c"
#include "xt_ipp2p_udp.c"

#include "ipp2p_ordinary.h"

#define MOST	9000

/* Promised: fewer than one of so many random payloads of any length matches. */
#define ONE_OF	1000000000ULL

/* Bits of a signature: changed alone, most of them undo the verdict. */
#define BITS	30

static const char *const names[] = {
	"edk", "dc", "gnu", "kazaa", "bit", "apple", "soul", "winmx", "ares",
	"mute", "waste", "xdcc",
};

#define NAMES (sizeof(names) / sizeof(*names))

static unsigned int failed, passed;

static const char *name_of(__u32 protocol)
{
	unsigned int n;

	for (n = 0; n < NAMES; ++n)
		if (protocol == 1U << n)
			return names[n];
	return protocol ? "several" : "-";
}

/* As the module does it: a short look, and a long one if there are candidates */
static __u32 classify(bool tcp, const __u8 *data, unsigned int len, __u32 wanted)
{
	struct ipp2p_payload pay = { .data = data, .len = len };
	__u32 can;

	if (len == 0)
		return 0;
	pay.have = len < IPP2P_FIRST ? len : IPP2P_FIRST;
	can = wanted & (tcp ? ipp2p_tcp_candidates(&pay) : ipp2p_udp_candidates(&pay));
	pay.have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	if (!can)
		return 0;
	return tcp ? ipp2p_tcp(&pay, can) : ipp2p_udp(&pay, can);
}

/* The same with no byte to read before the payload or behind what is looked at */
static __u32 judge_copy(bool tcp, const __u8 *data, unsigned int len, __u32 wanted)
{
	unsigned int have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	__u8 *copy = malloc(have ? have : 1);
	__u32 result;

	memcpy(copy, data, have);
	result = classify(tcp, copy, len, wanted);
	free(copy);
	return result;
}

static void expect(const char *what, const char *expected, __u32 actual)
{
	if (strcmp(expected, name_of(actual)) == 0) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/ipp2p: %s (expected %s, got %s)\n", what, expected,
	       name_of(actual));
}

static unsigned int unhex(__u8 *out, const char *text)
{
	unsigned int len, byte;

	for (len = 0; len < MOST && sscanf(text + 2 * len, "%2x", &byte) == 1; ++len)
		out[len] = byte;
	return len;
}

/* How many bits of a payload that matches undo that when they alone are changed */
static void expect_bits(const char *what, bool tcp, const __u8 *data, unsigned int len,
			__u32 protocol)
{
	unsigned int n, bits = 0, have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	static __u8 copy[MOST];

	memcpy(copy, data, len);
	for (n = 0; n < 8 * have; ++n) {
		copy[n / 8] ^= 1 << n % 8;
		bits += !classify(tcp, copy, len, protocol);
		copy[n / 8] ^= 1 << n % 8;
	}
	if (bits >= BITS) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/ipp2p: bits that tell %s (expected %u, got %u)\n", what,
	       BITS, bits);
}

static void one_golden(char *line)
{
	const char *l4 = strtok(line, "|"), *verdict = strtok(NULL, "|");
	const char *what = strtok(NULL, "|"), *hex = strtok(NULL, "|\n");
	static __u8 data[MOST];
	unsigned int len, n;
	char text[256];
	__u32 got;
	bool tcp;

	if (!hex) {
		expect("a line of four fields with bytes", "-", ~0U);
		return;
	}
	tcp = strcmp(l4, "tcp") == 0;
	len = unhex(data, hex);
	got = judge_copy(tcp, data, len, XT_IPP2P_ALL);
	snprintf(text, sizeof(text), "%s", what);
	expect(text, verdict, got);
	if (got) {
		snprintf(text, sizeof(text), "%s, asked for that alone", what);
		expect(text, verdict, judge_copy(tcp, data, len, got));
		snprintf(text, sizeof(text), "%s, asked for all else", what);
		expect(text, "-", judge_copy(tcp, data, len, XT_IPP2P_ALL & ~got));
		expect_bits(what, tcp, data, len, got);
	}
	for (n = 0; n < len; ++n) {	/* for the sanitizers */
		judge_copy(true, data, n, XT_IPP2P_ALL);
		judge_copy(false, data, n, XT_IPP2P_ALL);
	}
}

static int golden(void)
{
	static char line[4 * MOST];

	while (fgets(line, sizeof(line), stdin))
		one_golden(line);
	if (failed)
		return 1;
	printf("%s unit/ipp2p: %u verdicts about golden payloads\n",
	       passed > 300 ? "ok" : "not ok", passed);
	return passed <= 300;
}

static int ordinary(unsigned long count)
{
	unsigned long n, bad = 0, looked = 0;
	struct ipp2p_payload pay;
	static struct ordinary o;
	__u32 got;

	for (n = 0; n < count; ++n) {
		ordinary_next(&o, n);
		got = classify(o.tcp, o.data, o.len, XT_IPP2P_ALL);
		pay.data = o.data;
		pay.len = o.len;
		pay.have = o.len < IPP2P_FIRST ? o.len : IPP2P_FIRST;
		looked += o.len && (o.tcp ? ipp2p_tcp_candidates(&pay) :
					    ipp2p_udp_candidates(&pay) & ~XT_IPP2P_KAZAA);
		if (!got)
			continue;
		if (++bad <= 10)
			printf("# false positive: %s, %s of %u bytes, number %lu\n",
			       name_of(got), o.what, o.len, n);
	}
	printf("%s unit/ipp2p: %lu false positives among %lu ordinary payloads (expected 0)\n",
	       bad ? "not ok" : "ok", bad, count);
	printf("# %lu of them got the long look\n", looked);
	return bad != 0;
}

/* ---- random payloads */

static __u64 random_state = 1;

/* splitmix64 */
static __u64 random_word(void)
{
	__u64 z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

#define RANDOM_MOST	512

static unsigned long random_by[NAMES];

static bool random_hit(bool tcp, const __u8 *data, unsigned int len)
{
	__u32 got = classify(tcp, data, len, XT_IPP2P_ALL);

	if (got)
		++random_by[__builtin_ctz(got)];
	return got;
}

/* So many of COUNT payloads match; FIRST: their first byte, or negative */
static unsigned long random_hits(bool tcp, bool udp, unsigned int len, int first,
				 unsigned long count)
{
	static __u64 words[RANDOM_MOST / 8];
	void *bytes = words;
	__u8 *data = bytes;
	unsigned long hits = 0;
	unsigned int n;

	while (count--) {
		for (n = 0; n < (len + 7) / 8; ++n)
			words[n] = random_word();
		if (first >= 0)
			data[0] = first;
		if (tcp)
			hits += random_hit(true, data, len);
		if (udp)
			hits += random_hit(false, data, len);
	}
	return hits;
}

/*
 * HITS where fewer than one of ONE_OF was promised, and COUNT drawn: more than
 * five standard deviations above are no chance.
 */
static bool random_too_many(unsigned long hits, double count)
{
	double most = count / ONE_OF;

	return hits > most + 2 && (hits - most) * (hits - most) > 25 * most;
}

static int random_report(const char *what, unsigned long hits, double count, bool bad)
{
	unsigned int n;

	for (n = 0; n < NAMES; ++n)
		if (random_by[n])
			printf("# %lu as %s\n", random_by[n], names[n]);
	bad |= random_too_many(hits, count);
	printf("%s unit/ipp2p: %lu of %.3g random payloads %s match (expected fewer than one of a thousand million)\n",
	       bad ? "not ok" : "ok", hits, count, what);
	return bad;
}

static int random_all(unsigned long count)
{
	unsigned long hits, sum = 0;
	unsigned int len;
	bool bad = false;

	for (len = 8; len <= 64; ++len) {
		hits = random_hits(true, true, len, -1, count);
		sum += hits;
		printf("# length %u: %lu of %lu\n", len, hits, count);
		fflush(stdout);
		if (!random_too_many(hits, count))
			continue;
		bad = true;
		printf("# length %u: too many\n", len);
	}
	return random_report("of 8 to 64 bytes", sum, 57.0 * count, bad);
}

/* Over one transport: only the first bytes that are in its table */
static unsigned long random_begin_hits(bool tcp, unsigned int len, unsigned long count)
{
	const __u16 *table = tcp ? ipp2p_tcp_first : ipp2p_udp_first;
	unsigned long hits = 0;
	int first;

	for (first = 0; first < 256; ++first)
		if (table[first])
			hits += random_hits(tcp, !tcp, len, first, count);
	return hits;
}

static int random_begins(unsigned long count)
{
	unsigned long hits, sum = 0;
	unsigned int len;
	double drawn, all = 0;
	bool bad = false;

	for (len = 8; len <= RANDOM_MOST; ++len) {
		/* fewer of the long ones, which take longer */
		unsigned long n = len <= 64 ? count : 1 + count * 16 / len;

		drawn = 256.0 * n;	/* of each transport */
		hits = random_begin_hits(true, len, n) + random_begin_hits(false, len, n);
		sum += hits;
		all += drawn;
		if (!random_too_many(hits, drawn))
			continue;
		bad = true;
		printf("# length %u: %lu of %.3g\n", len, hits, drawn);
	}
	return random_report("of 8 to 512 bytes, in effect,", sum, all, bad);
}

/* Over one transport, behind each pair of bytes */
static unsigned long random_pair_hits(bool tcp, unsigned int len, unsigned long count)
{
	const __u16 *table = tcp ? ipp2p_tcp_first : ipp2p_udp_first;
	static __u64 words[RANDOM_MOST / 8];
	unsigned long hits = 0, left;
	unsigned int n, pair;
	void *bytes = words;
	__u8 *data = bytes;

	for (pair = 0; pair < 65536; ++pair) {
		if (!table[pair >> 8])
			continue;
		for (left = count; left--;) {
			for (n = 0; n < (len + 7) / 8; ++n)
				words[n] = random_word();
			data[0] = pair >> 8;
			data[1] = pair;
			hits += random_hit(tcp, data, len);
		}
	}
	return hits;
}

static int random_pairs(unsigned long count)
{
	unsigned long hits, sum = 0;
	bool bad = false;
	unsigned int len;

	for (len = 8; len <= 64; ++len) {
		hits = random_pair_hits(true, len, count) + random_pair_hits(false, len, count);
		sum += hits;
		printf("# length %u: %lu of %.3g\n", len, hits, 65536.0 * count);
		fflush(stdout);
		if (!random_too_many(hits, 65536.0 * count))
			continue;
		bad = true;
		printf("# length %u: too many\n", len);
	}
	return random_report("of 8 to 64 bytes, in effect,", sum, 57 * 65536.0 * count, bad);
}

/*
 * What ipp2p_tcp_candidates() and ipp2p_udp_candidates() look at but the first byte:
 * so many values of the 32 bits at the position make a candidate, from the lowest on
 */
struct random_field {
	const char *what;
	bool tcp;
	bool big_endian;
	unsigned int pos;
	__u32 lowest;
	__u32 values;
};

static unsigned int random_fields_of(unsigned int len, struct random_field *fields)
{
	unsigned int n = 0;

	if (len >= IPP2P_SOUL_MIN)
		fields[n++] = (struct random_field){ "a length of Soulseek", true, false, 0,
						     5, len - 8 };
	if (len >= IPP2P_TRACKER_MIN)
		fields[n++] = (struct random_field){ "an action of a tracker", false, true, 8,
						     1, 1 };
	if (len >= IPP2P_GNU_HDR)
		fields[n++] = (struct random_field){ "a length of Gnutella", false, false,
						     IPP2P_GNU_LEN, len - IPP2P_GNU_HDR, 1 };
	/* with the two bytes before, which are drawn, the name of KaZaA's network */
	if (len >= IPP2P_KAZAA_MIN)
		fields[n++] = (struct random_field){ "the name of KaZaA", false, true, len - 4,
						     0x5a614100, 1 };
	return n;
}

/* The share of payloads with such a field that match, times that of such payloads */
static double random_field_rate(const struct random_field *f, unsigned int len,
				unsigned long count)
{
	static __u64 words[RANDOM_MOST / 8];
	unsigned long hits = 0, left;
	void *bytes = words;
	__u8 *data = bytes;
	unsigned int n;

	for (left = count; left--;) {
		__u32 value = f->lowest + random_word() % f->values;

		for (n = 0; n < (len + 7) / 8; ++n)
			words[n] = random_word();
		for (n = 0; n < 4; ++n)
			data[f->pos + n] = value >> (f->big_endian ? 24 - 8 * n : 8 * n);
		hits += classify(f->tcp, data, len, XT_IPP2P_ALL) != 0;
	}
	return (double)hits / count * f->values / 4294967296.0;
}

static int random_fields(unsigned long count)
{
	double rate, all, highest = 0;
	struct random_field fields[4];
	unsigned int len, n;
	bool bad = false;

	for (len = 8; len <= RANDOM_MOST; ++len) {
		all = 0;
		for (n = 0; n < random_fields_of(len, fields); ++n) {
			/* fewer of the long ones, which take longer */
			rate = random_field_rate(&fields[n], len,
						 len <= 64 ? count : 1 + count / len);
			all += rate;
			if (rate && len <= 64)
				printf("# length %u, %s: one of %.3g\n", len, fields[n].what,
				       1 / rate);
		}
		if (all > highest)
			highest = all;
		bad |= all * ONE_OF >= 1;
	}
	printf("%s unit/ipp2p: by a field behind the first byte, at most %.3g of a thousand million random payloads of any length match (expected less than one)\n",
	       bad ? "not ok" : "ok", highest * ONE_OF);
	return bad;
}

/* ---- announcements to trackers: so many are not seen */

#define MISSED_MOST	0.001

static int missed(unsigned long count)
{
	unsigned long n, missed = 0;
	__u8 data[98] = {};
	double share;
	__u64 word;

	for (n = 0; n < count; ++n) {
		unsigned int pos;

		for (pos = 0; pos < 40; pos += 8) {
			word = random_word();
			memcpy(data + pos, &word, 8);
		}
		memcpy(data + 8, "\0\0", 3);
		data[11] = 1;
		memset(data + 40, 0, sizeof(data) - 40);
		data[97] = 1;	/* the port */
		missed += !classify(false, data, sizeof(data), XT_IPP2P_BIT);
	}
	share = (double)missed / count;
	printf("%s unit/ipp2p: of announcements to trackers with random ids %.3g are not seen (expected at most %g)\n",
	       share > MISSED_MOST ? "not ok" : "ok", share, MISSED_MOST);
	return share > MISSED_MOST;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "missed") == 0)
		return missed(strtoul(argv[2], NULL, 0));
	if (argc == 3 && strcmp(argv[1], "pairs") == 0)
		return random_pairs(strtoul(argv[2], NULL, 0));
	if (argc == 3 && strcmp(argv[1], "fields") == 0)
		return random_fields(strtoul(argv[2], NULL, 0));
	if (argc == 3 && strcmp(argv[1], "random") == 0)
		return random_all(strtoul(argv[2], NULL, 0));
	if (argc == 3 && strcmp(argv[1], "begins") == 0)
		return random_begins(strtoul(argv[2], NULL, 0));
	if (argc == 2 && strcmp(argv[1], "golden") == 0)
		return golden();
	if (argc == 3 && strcmp(argv[1], "ordinary") == 0)
		return ordinary(strtoul(argv[2], NULL, 0));
	return 2;
}
