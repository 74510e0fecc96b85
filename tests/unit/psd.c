// SPDX-License-Identifier: GPL-2.0-only
/*
 * psd - the port scan detector: against a model without limits, at the limits
 * of its options, and under floods of sources
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, value)	((x) = (value))

#include "xt_psd.h"
#include "xt_psd_detect.h"

static unsigned int failed, passed;

static void expect(const char *what, long expected, long actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/psd: %s (expected %ld, got %ld)\n", what, expected, actual);
}

/* ---- a table, as the module has it */

struct table {
	struct psd_params p;
	unsigned int sets;
	struct psd_newcomer *newcomers;
	char *suspects;
};

static void table_init(struct table *t, unsigned int sets, unsigned int threshold,
		       unsigned int lo, unsigned int hi, __u32 delay)
{
	struct xt_psd_mtinfo info = {
		.weight_threshold = threshold,
		.lo_ports_weight = lo, .hi_ports_weight = hi,
	};

	psd_params_init(&t->p, &info, delay);
	t->sets = sets;
	t->newcomers = calloc(sets * PSD_NEWCOMERS, sizeof(*t->newcomers));
	t->suspects = calloc(sets * PSD_SUSPECTS, t->p.size);
}

static void table_free(struct table *t)
{
	free(t->newcomers);
	free(t->suspects);
}

/* any mixing will do here (splitmix64) */
static __u64 hash(__u64 x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	x ^= x >> 31;
	return x ? x : 1;
}

static bool probe(struct table *t, unsigned int who, __u16 port, __u32 now)
{
	__u64 source = hash(who);
	size_t set = source % t->sets;
	struct psd_newcomer *newcomers = t->newcomers + set * PSD_NEWCOMERS;
	bool repeats = psd_repeats(&t->p, newcomers, source, port, now), hit;

	hit = psd_probe(&t->p, newcomers, t->suspects + set * PSD_SUSPECTS * t->p.size,
			source, port, now);
	if (repeats && hit)
		expect("a packet that matches is no repeat", 0, 1);
	return hit;
}

/* Ports FIRST to LAST. Return: the first that matches, or 0 */
static unsigned int scan(struct table *t, unsigned int who, unsigned int first,
			 unsigned int last, __u32 now)
{
	unsigned int port, hit = 0;

	for (port = first; port <= last; ++port)
		if (probe(t, who, port, now) && !hit)
			hit = port;
	return hit;
}

/* ---- what is promised */

static void thresholds(void)
{
	static const struct {
		const char *what;
		unsigned int threshold, lo, hi, first, hit;
	} cases[] = {
		{ "defaults, low ports: the seventh", 21, 3, 1, 1, 7 },
		{ "defaults, high ports: the 21st", 21, 3, 1, 2001, 2021 },
		{ "defaults, two low ports and 15 high ones", 21, 3, 1, 1023, 1039 },
		{ "port 0 is low", 21, 3, 1, 0, 6 },
		{ "threshold 255", 255, 1, 1, 1, 255 },
		{ "threshold 256", 256, 1, 1, 1, 256 },
		{ "threshold 257", 257, 1, 1, 1, 257 },
		{ "threshold 10000", 10000, 1, 1, 1, 10000 },
		{ "threshold 10000, weight 9999", 10000, 9999, 1, 1, 2 },
		{ "threshold 10000, weight 10000: never the first", 10000, 10000, 1, 1, 2 },
		{ "threshold 1: never the first", 1, 1, 1, 1, 2 },
		{ "low ports do not count", 5, 0, 1, 2000, 2004 },
		{ "high ports do not count", 5, 1, 0, 2, 6 },
	};
	unsigned int i;
	struct table t;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		table_init(&t, 1, cases[i].threshold, cases[i].lo, cases[i].hi, 300);
		expect(cases[i].what, cases[i].hit,
		       scan(&t, 1, cases[i].first, cases[i].first + 10500, 0));
		table_free(&t);
	}
}

static void delays(void)
{
	static const __u32 times[] = { 0, 0x7fffff00, 0xfffffe00 };
	struct table t;
	unsigned int i;
	__u32 now;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); ++i) {
		now = times[i];
		table_init(&t, 1, 21, 3, 1, 300);
		scan(&t, 1, 1, 6, now);
		expect("the delay is not over", true, probe(&t, 1, 7, now + 300));
		expect("seen again", true, probe(&t, 1, 8, now + 600));
		expect("a repeat does not prolong it", true, probe(&t, 1, 8, now + 800));
		expect("forgotten", false, probe(&t, 1, 9, now + 901));
		expect("begins anew", 15, scan(&t, 1, 10, 20, now + 901));
		table_free(&t);
		table_init(&t, 1, 21, 3, 1, 0);
		expect("delay 0, at the same time", 7, scan(&t, 1, 1, 7, now));
		expect("delay 0, later", false, probe(&t, 1, 8, now + 1));
		table_free(&t);
	}
}

static void verdicts(void)
{
	struct table t;
	unsigned int port;

	table_init(&t, 1, 21, 3, 1, 300);
	expect("the seventh port", 7, scan(&t, 1, 1, 7, 0));
	for (port = 1; port <= 6; ++port)
		expect("a port from before stays unmatched", false, probe(&t, 1, port, 0));
	expect("the port that matched stays matched", true, probe(&t, 1, 7, 0));
	expect("all further ones match", 100, scan(&t, 1, 100, 200, 0));
	expect("long ago, still matched", true, probe(&t, 1, 7, 0));
	expect("another source", false, probe(&t, 2, 7, 0));
	for (port = 0; port < 100000; ++port)
		if (probe(&t, 3, 443, port))
			break;
	expect("one port is never a scan", 100000, port);
	table_free(&t);
}

/* ---- the model: any number of ports, nothing is given up */

struct model {
	bool tried[65536], hit[65536];
	unsigned int sum, ports;
	__u32 seen;
};

static bool model_probe(const struct psd_params *p, struct model *m, __u16 port, __u32 now)
{
	if (m->ports && now - m->seen > p->delay)
		memset(m, 0, sizeof(*m));
	if (m->tried[port])
		return m->hit[port];
	m->tried[port] = true;
	m->seen = now;
	m->sum += psd_weight(p, port);
	m->hit[port] = m->ports++ && m->sum >= p->threshold;
	return m->hit[port];
}

static void model(unsigned int threshold, unsigned int lo, unsigned int hi,
		  unsigned int first, unsigned int span)
{
	static struct model models[3];
	unsigned int n, who, total = 0;
	unsigned long hits = 0;
	__u32 now = rand();
	struct table t;
	__u16 port;
	bool hit;

	memset(models, 0, sizeof(models));
	table_init(&t, 1, threshold, lo, hi, 50);
	for (n = 0; n < 20000 && failed < 10; ++n) {
		who = rand() % 3;
		port = first + rand() % span;
		now += rand() % 2000 ? rand() % 2 : 60;
		if (!psd_weight(&t.p, port))
			continue;
		hit = model_probe(&t.p, &models[who], port, now);
		hits += hit;
		expect("as the model says", hit, probe(&t, who, port, now));
	}
	for (n = first; n < first + span; ++n)
		total += psd_weight(&t.p, n);
	if (total >= 2 * threshold)
		expect("the model saw scans", true, hits > 0);
	table_free(&t);
}

static void models(void)
{
	unsigned int i;

	/* as many ports as are remembered by all means */
	for (i = 1; i < 40; ++i) {
		model(i, 3, 1, 0, PSD_MATCHED);
		model(i, 3, 1, 1016, PSD_MATCHED);
		model(i, 0, 2, 1020, PSD_MATCHED);
		model(i, 2, 0, 1020, PSD_MATCHED);
	}
	for (i = 250; i < 260; ++i)
		model(i, 1, 1, 60000, i + PSD_MATCHED - 1);
	model(10000, 2, 1, 1, 10000);
}

/* ---- floods */

#define MILLION	1000000
#define SETS	2048	/* as the module has by default */

static void floods(void)
{
	unsigned int i, hits = 0, lost = 0, who;
	struct table t;

	table_init(&t, SETS, 21, 3, 1, 300);
	probe(&t, 0, 21, 0);
	probe(&t, 0, 22, 0);
	for (i = 1; i <= MILLION; ++i)
		hits += probe(&t, i, 80, i % 300);
	expect("of a million sources with a port each, none scans", 0, hits);
	expect("two ports are remembered through it", 27, scan(&t, 0, 23, 30, 300));
	table_free(&t);

	/* 50 scanners, a port every thousand packets of the flood */
	table_init(&t, SETS, 21, 3, 1, 300);
	for (i = 0; i < 8 * 50; ++i) {
		unsigned int k;

		for (k = 0; k < 1000; ++k)
			probe(&t, 100 + i * 1000 + k, 80, 0);
		who = i % 50;
		/* the second port follows the first, the others come when they like */
		if (i < 50)
			probe(&t, who, 1, 0);
		probe(&t, who, 2 + i / 50, 0);
	}
	for (who = 0; who < 50; ++who)
		lost += !probe(&t, who, 100, 0);
	expect("50 slow scanners in a flood are seen", 0, lost);

	/* spoofed sources with two and three ports do not push out a scanner that is known */
	for (i = 1; i <= MILLION / 2; ++i)
		scan(&t, 1000000 + i, 1, 2 + i % 2, 0);
	for (lost = 0, who = 0; who < 50; ++who)
		lost += !probe(&t, who, 101, 0);
	expect("nor in one of sources with more ports", 0, lost);
	table_free(&t);
}

int main(void)
{
	srand(1);
	thresholds();
	delays();
	verdicts();
	models();
	floods();
	if (!failed)
		printf("ok unit/psd: %u verdicts\n", passed);
	return failed != 0;
}
