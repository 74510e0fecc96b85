// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lookup table of the address database against a plain binary search,
 * over random boundaries of many shapes and over a real database if there is
 * one.
 * links: -fno-strict-aliasing
 * "--bench" compares the speed of the two and prints table sizes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xa_addrdb_core.c"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

struct bounds {
	u64 *hi, *lo;
	u32 *class;
	u32 n, room;
	bool six;
};

static u64 seed = 88172645463325252ULL;
static unsigned int passed, failed;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void add(struct bounds *b, u64 hi, u64 lo, u32 class)
{
	if (b->n == b->room) {
		b->room = b->room ? b->room * 2 : 64;
		b->hi = realloc(b->hi, b->room * sizeof(*b->hi));
		b->lo = realloc(b->lo, b->room * sizeof(*b->lo));
		b->class = realloc(b->class, b->room * sizeof(*b->class));
		if (!b->hi || !b->lo || !b->class)
			abort();
	}
	b->hi[b->n] = hi;
	b->lo[b->n] = lo;
	b->class[b->n++] = class;
}

static void release(struct bounds *b)
{
	free(b->hi);
	free(b->lo);
	free(b->class);
	memset(b, 0, sizeof(*b));
}

static struct xa_addrdb_bounds view(const struct bounds *b)
{
	return (struct xa_addrdb_bounds){ b->hi, b->six ? b->lo : NULL, b->class, b->n };
}

/* The plain reference: the last boundary that is not behind the address. */
static u32 reference(const struct bounds *b, u64 hi, u64 lo)
{
	u32 from = 0, to = b->n;

	while (to - from > 1) {
		u32 mid = (from + to) / 2;

		if (b->hi[mid] > hi || (b->hi[mid] == hi && b->lo[mid] > lo))
			to = mid;
		else
			from = mid;
	}
	return b->class[from];
}

static u32 lookup(const struct xa_addrdb_table *t, bool six, u64 hi, u64 lo)
{
	return six ? xa_addrdb_lookup6(t, hi, lo) : xa_addrdb_lookup4(t, hi >> 32);
}

static bool agree(const struct bounds *b, const struct xa_addrdb_table *t,
		  u64 hi, u64 lo)
{
	if (!b->six) {
		hi &= ~0ULL << 32;
		lo = 0;
	}
	if (lookup(t, b->six, hi, lo) == reference(b, hi, lo))
		return true;
	fprintf(stderr, "at %016llx%016llx: %u, expected %u\n", (long long)hi,
		(long long)lo, lookup(t, b->six, hi, lo), reference(b, hi, lo));
	return false;
}

/* At, one before and one behind every boundary, and anywhere. */
static bool check_all(const struct bounds *b, const struct xa_addrdb_table *t)
{
	u64 one_hi = b->six ? 0 : 1ULL << 32, one_lo = b->six;
	u32 i;

	for (i = 0; i < b->n; i++) {
		u64 hi = b->hi[i], lo = b->lo[i];
		u64 next_lo = lo + one_lo, prev_lo = lo - one_lo;

		if (!agree(b, t, hi, lo) ||
		    !agree(b, t, lo < one_lo ? hi - one_hi - 1 : hi - one_hi, prev_lo) ||
		    !agree(b, t, next_lo < one_lo ? hi + one_hi + 1 : hi + one_hi, next_lo) ||
		    !agree(b, t, hi ^ (rnd() >> (rnd() & 63)), rnd()) ||
		    !agree(b, t, rnd(), rnd()))
			return false;
	}
	return agree(b, t, 0, 0) && agree(b, t, ~0ULL, ~0ULL);
}

static int order(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	if (x[0] != y[0])
		return x[0] < y[0] ? -1 : 1;
	return x[1] < y[1] ? -1 : x[1] > y[1];
}

/*
 * n boundaries: scattered, or crowded below a random prefix, on a grid of
 * 2^(128 - fine) addresses, so that every kind of entry comes up.
 */
static void scatter(struct bounds *b, bool six, u32 n, u32 fine, bool crowd,
		    u32 classes)
{
	u64 *key = calloc(n + 1, 2 * sizeof(*key)), base = rnd();
	u32 keep = crowd ? rnd() % 48 : 0, i;

	if (!key)
		abort();
	for (i = 1; i <= n; i++) {
		u64 hi = rnd(), lo = six && fine > 64 ? rnd() : 0;

		if (keep)
			hi = (base & ~(~0ULL >> keep)) | hi >> keep;
		if (fine < 64)
			hi &= ~0ULL << (64 - fine);
		if (fine > 64 && fine < 128)
			lo &= ~0ULL << (128 - fine);
		if (fine > 64 && rnd() & 1)
			hi = key[2 * (rnd() % i)];	/* same /64 */
		if (!six)
			hi &= ~0ULL << 32;
		key[2 * i] = hi;
		key[2 * i + 1] = lo;
	}
	qsort(key, n + 1, 2 * sizeof(*key), order);
	memset(b, 0, sizeof(*b));
	b->six = six;
	for (i = 0; i <= n; i++)
		if (!i || order(key + 2 * i - 2, key + 2 * i))
			add(b, key[2 * i], key[2 * i + 1], rnd() % classes);
	free(key);
}

static void verdict(bool good, const char *what)
{
	if (good) {
		passed++;
	} else {
		failed++;
		printf("not ok addrdb_core: %s\n", what);
	}
}

static void test_random(void)
{
	static const u32 sizes[] = { 0, 1, 2, 7, 12, 13, 16, 17, 100, 3000, 40000 };
	static const u32 fine[] = { 8, 16, 24, 32, 48, 64, 65, 100, 128 };
	struct xa_addrdb_table t;
	struct xa_addrdb_bounds v;
	struct bounds b;
	unsigned int i, j, k;
	char what[80];

	for (i = 0; i < LEN(sizes); i++)
		for (j = 0; j < LEN(fine); j++)
			for (k = 0; k < 8; k++) {
				scatter(&b, k & 1, sizes[i], fine[j], k & 2,
					k & 4 ? XA_ADDRDB_MAX_CLASSES : 300);
				v = view(&b);
				snprintf(what, sizeof(what), "IPv%d, %u boundaries on a /%u grid",
					 k & 1 ? 6 : 4, b.n, fine[j]);
				verdict(!xa_addrdb_table_create(&t, &v) && check_all(&b, &t), what);
				xa_addrdb_table_destroy(&t);
				release(&b);
			}
}

static void refuse(const char *what, struct bounds *b)
{
	struct xa_addrdb_bounds v = view(b);
	struct xa_addrdb_table t;

	verdict(xa_addrdb_table_create(&t, &v) == -EINVAL, what);
	release(b);
}

static void test_refused(void)
{
	struct bounds b = { .six = true };

	refuse("no boundary is refused", &b);
	add(&b, 1, 0, 0);
	refuse("a first boundary behind address 0 is refused", &b);
	b.six = true;
	add(&b, 0, 0, 0);
	add(&b, 5, 1, 1);
	add(&b, 5, 1, 2);
	refuse("a boundary twice is refused", &b);
	add(&b, 0, 0, 0);
	add(&b, 5ULL << 32, 0, 1);
	add(&b, 4ULL << 32, 0, 1);
	refuse("descending boundaries are refused", &b);
	add(&b, 0, 0, XA_ADDRDB_MAX_CLASSES);
	refuse("a class past the last is refused", &b);
	add(&b, 0, 0, 0);
	add(&b, 1, 0, 1);
	refuse("an IPv4 boundary with bits below the address is refused", &b);
}

/* Tor's file: "first,last,CC" with numbers (IPv4) or addresses (IPv6). */
static bool parse_line(const char *line, bool six, u64 *first, u64 *last, char *cc)
{
	unsigned long long f, l;
	char a[64], z[64];
	u32 w[4];

	if (!six) {
		if (sscanf(line, "%llu,%llu,%2s", &f, &l, cc) != 3)
			return false;
		first[0] = f << 32;
		last[0] = l << 32;
		first[1] = last[1] = 0;
		return true;
	}
	if (sscanf(line, "%63[0-9a-f:],%63[0-9a-f:],%2s", a, z, cc) != 3 ||
	    inet_pton(AF_INET6, a, w) != 1)
		return false;
	first[0] = (u64)ntohl(w[0]) << 32 | ntohl(w[1]);
	first[1] = (u64)ntohl(w[2]) << 32 | ntohl(w[3]);
	if (inet_pton(AF_INET6, z, w) != 1)
		return false;
	last[0] = (u64)ntohl(w[0]) << 32 | ntohl(w[1]);
	last[1] = (u64)ntohl(w[2]) << 32 | ntohl(w[3]);
	return true;
}

static void add_merged(struct bounds *b, u64 hi, u64 lo, u32 class)
{
	if (b->n && b->hi[b->n - 1] == hi && b->lo[b->n - 1] == lo)
		b->n--;
	if (!b->n || b->class[b->n - 1] != class)
		add(b, hi, lo, class);
}

static bool read_real(struct bounds *b, const char *path, bool six)
{
	FILE *f = fopen(path, "re");
	u64 first[2], last[2];
	char line[256], cc[3];

	memset(b, 0, sizeof(*b));
	b->six = six;
	if (!f)
		return false;
	add(b, 0, 0, 0);
	while (fgets(line, sizeof(line), f)) {
		if (!parse_line(line, six, first, last, cc))
			continue;
		add_merged(b, first[0], first[1], 1 + (cc[0] & 31) * 32 + (cc[1] & 31));
		if (six && !++last[1])
			last[0]++;
		if (!six)
			last[0] += 1ULL << 32;
		if (last[0] || last[1])
			add_merged(b, last[0], last[1], 0);
	}
	fclose(f);
	return true;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* kind 0: anywhere unicast, 1: some address of a random range, 2: Zipf hosts */
static void queries(const struct bounds *b, u64 (*q)[2], u32 n, int kind)
{
	u64 hosts[10000][2];
	u32 i, r;

	for (i = 0; i < LEN(hosts); i++) {
		r = rnd() % b->n;
		hosts[i][0] = b->hi[r] | (b->six ? rnd() >> 56 : rnd() >> 28 & ~0ULL << 32);
		hosts[i][1] = rnd();
	}
	for (i = 0; i < n; i++) {
		r = rnd() % b->n;
		q[i][0] = kind ? b->hi[r] : b->six ? rnd() >> 3 | 1ULL << 61 : rnd();
		q[i][1] = rnd();
		if (kind == 2) {
			r = LEN(hosts) / (1 + rnd() % LEN(hosts)) - 1;
			memcpy(q[i], hosts[r], sizeof(q[i]));
		}
	}
}

static double time_lookups(const struct bounds *b, const struct xa_addrdb_table *t,
			   u64 (*q)[2], u32 n, bool chained)
{
	double best = 1e18, start, took;
	u32 from, i, acc = 0;

	for (from = 0; from + 2048 <= n; from += 2048) {
		start = now();
		for (i = from; i < from + 2048; i++) {
			u64 hi = q[i][0] ^ (chained ? (u64)(acc >> 31) : 0);

			acc = t ? lookup(t, b->six, hi, q[i][1]) :
				  reference(b, hi, q[i][1]);
			__asm__ volatile("" : "+r"(acc));
		}
		took = (now() - start) / 2048;
		best = took < best ? took : best;
	}
	return best;
}

static void bench(const struct bounds *b, const char *name)
{
	static const char *const kinds[] = { "uniform", "by range", "zipf" };
	struct xa_addrdb_bounds v = view(b);
	struct xa_addrdb_table t;
	u32 n = 1 << 18;
	u64 (*q)[2] = calloc(n, sizeof(*q));
	double start = now();
	int k;

	if (!q || xa_addrdb_table_create(&t, &v))
		abort();
	printf("%s: %u boundaries, %.2f MB, built in %.1f ms\n", name, b->n,
	       t.words * 4 / 1e6, (now() - start) / 1e6);
	for (k = 0; k < 3; k++) {
		queries(b, q, n, k);
		printf("  %-8s  table %5.1f / %5.1f ns  plain search %5.1f / %5.1f ns (apart / chained)\n",
		       kinds[k], time_lookups(b, &t, q, n, false),
		       time_lookups(b, &t, q, n, true),
		       time_lookups(b, NULL, q, n, false),
		       time_lookups(b, NULL, q, n, true));
	}
	xa_addrdb_table_destroy(&t);
	free(q);
}

static void test_real(const char *path, bool six, bool speed)
{
	struct xa_addrdb_bounds v;
	struct xa_addrdb_table t;
	struct bounds b;

	if (!read_real(&b, path, six)) {
		printf("skip addrdb_core: no %s (Debian: tor-geoipdb)\n", path);
		return;
	}
	v = view(&b);
	verdict(!xa_addrdb_table_create(&t, &v) && check_all(&b, &t), path);
	verdict(t.words * 4UL < (six ? 5000000 : 3000000), "memory of the real database");
	xa_addrdb_table_destroy(&t);
	if (speed)
		bench(&b, path);
	release(&b);
}

int main(int argc, char **argv)
{
	bool speed = argc > 1 && !strcmp(argv[1], "--bench");

	test_random();
	test_refused();
	test_real("/usr/share/tor/geoip", false, speed);
	test_real("/usr/share/tor/geoip6", true, speed);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
