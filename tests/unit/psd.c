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

#define PSD_SPEC "unit/psd"
#include "psd_host.h"

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
		table_init(&t, 16, cases[i].threshold, cases[i].lo, cases[i].hi, 300);
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
		table_init(&t, 16, 21, 3, 1, 300);
		scan(&t, 1, 1, 6, now);
		expect("the delay is not over", true, probe(&t, 1, 7, now + 300));
		expect("seen again", true, probe(&t, 1, 8, now + 600));
		expect("a repeat does not prolong it", true, probe(&t, 1, 8, now + 800));
		expect("forgotten", false, probe(&t, 1, 9, now + 901));
		expect("begins anew", 15, scan(&t, 1, 10, 20, now + 901));
		table_free(&t);
		table_init(&t, 16, 21, 3, 1, 0);
		expect("delay 0, at the same time", 7, scan(&t, 1, 1, 7, now));
		expect("delay 0, later", false, probe(&t, 1, 8, now + 1));
		table_free(&t);
	}
}

/* Clocks of kernels: a port just before the end of the delay still counts. */
static void ticks(void)
{
	expect("three seconds of 100 ticks", 300, psd_ticks(300, 100));
	expect("of 250", 750, psd_ticks(300, 250));
	expect("of 300", 900, psd_ticks(300, 300));
	expect("of 1000", 3000, psd_ticks(300, 1000));
	expect("a hundredth of a second of 250", 3, psd_ticks(1, 250));
	expect("of 24", 1, psd_ticks(1, 24));
	expect("no delay", 0, psd_ticks(0, 250));
	expect("the longest", 100000, psd_ticks(10000, 1000));
}

static void verdicts(void)
{
	unsigned int port, hits = 0;
	struct table t;

	table_init(&t, 16, 21, 3, 1, 300);
	expect("the seventh port", 7, scan(&t, 1, 1, 7, 0));
	for (port = 1; port <= 6; ++port)
		expect("a port from before stays unmatched", false, probe(&t, 1, port, 0));
	expect("the port that matched stays matched", true, probe(&t, 1, 7, 0));
	expect("all further ones match", 100, scan(&t, 1, 100, 200, 0));
	expect("long ago, still matched", true, probe(&t, 1, 7, 0));
	for (port = 300; port < 340; ++port)
		probe(&t, 1, port, (port - 300) * 50);
	expect("the last of many that matched is known", true, probe(&t, 1, 339, 1950 + 290));
	expect("so its repeat did not prolong anything", false, probe(&t, 1, 400, 1950 + 301));
	expect("another source", false, probe(&t, 2, 7, 0));
	for (port = 0; port < 100000; ++port)
		if (probe(&t, 3, 443, port))
			break;
	expect("one port is never a scan", 100000, port);
	table_free(&t);
	/* each is remembered, and what they weigh together soon is more than 65535 */
	table_init(&t, 16, 9999, 3333, 1, 300);
	for (port = 1; port <= 500; ++port)
		hits += probe(&t, 1, port, port * 50);
	expect("of 500 heavy ports all but two", 498, hits);
	table_free(&t);
}

/* ---- the model: any number of ports, nothing is given up */

struct model {
	bool tried[65536], hit[65536], scans;
	unsigned int sum, ports;
	__u32 seen;
};

static bool model_probe(const struct psd_params *p, struct model *m, __u16 port, __u32 now)
{
	if (m->ports && now - m->seen > p->delay)
		memset(m, 0, sizeof(*m));
	if (m->tried[port])
		return m->hit[port];
	if (m->scans && now - m->seen <= p->delay / 8)
		return true;	/* only later ones are remembered, and prolong it */
	m->tried[port] = true;
	m->seen = now;
	m->sum += psd_weight(p, port);
	m->hit[port] = m->ports++ && m->sum >= p->threshold;
	m->scans |= m->hit[port];
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
	table_init(&t, 16, threshold, lo, hi, 50);
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
#define HOSTS	32768	/* as the module has by default */

static void floods(void)
{
	unsigned int i, hits = 0, lost = 0, who;
	struct table t;

	table_init(&t, HOSTS, 21, 3, 1, 300);
	probe(&t, 0, 21, 0);
	probe(&t, 0, 22, 0);
	for (i = 1; i <= MILLION; ++i)
		hits += probe(&t, i, 80, i % 300);
	expect("of a million sources with a port each, none scans", 0, hits);
	expect("two ports are remembered through it", 27, scan(&t, 0, 23, 30, 300));
	table_free(&t);

	/* 50 scanners, a port every thousand packets of the flood */
	table_init(&t, HOSTS, 21, 3, 1, 300);
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

/*
 * Scanners in a flood of forged sources: a tick is a millisecond, the delay is
 * the default of three seconds, and the flood has been there for two of them. 50
 * scanners begin at different times and try a port every so many ticks, in the
 * manual's tables 100 ports, 100 ms apart.
 */
#define DELAY		3000
#define SCANNERS	50

struct scan {
	unsigned int ticks, ports;
};

static const struct scan quick = { 100, 100 };

enum shape {
	BURST,	/* all ports of a source at once, then the next source */
	SPREAD,	/* the ports of a source over one delay, many sources at a time */
	STAY,	/* as many sources as the rate allows, a new port within each delay */
};

struct flood {
	enum shape shape;
	unsigned int rate;	/* packets in a second */
	unsigned int ports;	/* of a source */
	unsigned long sent;
};

static void flood_packet(struct table *t, struct flood *f, __u32 now)
{
	unsigned long n = f->sent++, group;

	switch (f->shape) {
	case BURST:
		probe(t, 1000 + n / f->ports, 1 + n % f->ports, now);
		break;
	case SPREAD:
		group = f->rate / 1000 * DELAY / f->ports;
		probe(t, 1000 + n / (group * f->ports) * group + n % group,
		      1 + n / group % f->ports, now);
		break;
	case STAY:
		group = f->rate / 1000 * (DELAY * 9 / 10);
		probe(t, 1000 + n % group, n / group, now);
		break;
	}
}

static unsigned int flooded(struct flood f, struct scan how, unsigned int hosts)
{
	bool seen[SCANNERS] = { false };
	unsigned int i, k, n = 0;
	__u32 now, start = -1000;	/* the clock wraps on the way */
	struct table t;

	table_init(&t, hosts, 21, 3, 1, DELAY);
	for (i = 0; i < 2 * DELAY + how.ticks * how.ports; ++i) {
		now = start + i;
		for (k = 0; k < f.rate / 1000; ++k)
			flood_packet(&t, &f, now);
		if (i < 2 * DELAY)
			continue;
		for (k = i % how.ticks; k < SCANNERS; k += how.ticks)
			seen[k] |= probe(&t, k, 1 + (i - 2 * DELAY) / how.ticks, now);
	}
	table_free(&t);
	for (k = 0; k < SCANNERS; ++k)
		n += seen[k];
	return n;
}

static const char *const shape_names[] = { "burst", "spread", "stay" };

/* Out of 50, the least that is allowed */
static void flood_shapes(void)
{
	static const struct {
		struct flood f;
		unsigned int least;
	} cases[] = {
		{ { BURST, 20000, 1, 0 }, 50 },
		{ { BURST, 20000, 3, 0 }, 49 },
		{ { BURST, 20000, 6, 0 }, 49 },
		{ { BURST, 20000, 20, 0 }, 49 },
		{ { SPREAD, 20000, 2, 0 }, 49 },
		{ { SPREAD, 20000, 3, 0 }, 49 },
		{ { SPREAD, 20000, 7, 0 }, 49 },
		{ { STAY, 3000, 0, 0 }, 49 },
		{ { STAY, 20000, 0, 0 }, 40 },
		{ { BURST, 200000, 1, 0 }, 49 },
		{ { BURST, 200000, 3, 0 }, 45 },
	};
	unsigned int i, seen;
	char what[80];

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		snprintf(what, sizeof(what), "flood, %s, %u packets/s, %u ports: 50 scanners seen",
			 shape_names[cases[i].f.shape], cases[i].f.rate, cases[i].f.ports);
		seen = flooded(cases[i].f, quick, HOSTS);
		if (seen < cases[i].least)
			expect(what, cases[i].least, seen);
		else
			++passed;
	}
}

/* ---- the manual's tables, of scanners seen in a flood */

static const unsigned int manual_rates[] = { 5000, 20000, 100000, 500000, 1000000 };

#define MANUAL_RATES	(sizeof(manual_rates) / sizeof(manual_rates[0]))

/*
 * The first COLUMNS of a row: table size, "," and the ports of a forged source (and
 * "spread"), or "stay", and percents. All columns take minutes: program argument
 * "manual".
 */
static void manual_row(const char *line, unsigned int columns)
{
	unsigned int thousands, rest, hosts, i, percent[MANUAL_RATES];
	struct flood f = { BURST, 0, 0, 0 };
	char word[8], spread[8] = "", what[100];
	int at;

	if (sscanf(line, "%u,%u, %7[a-z0-9]%n", &thousands, &rest, word, &at) != 3)
		return;
	line += at;
	if (sscanf(line, " %7[a-z]%n", spread, &at) == 1)
		line += at;
	if (sscanf(line, "%u %u %u %u %u", &percent[0], &percent[1], &percent[2],
		   &percent[3], &percent[4]) != MANUAL_RATES)
		return;
	hosts = thousands * 1000 + rest;
	f.ports = atoi(word);
	f.shape = !f.ports ? STAY : *spread ? SPREAD : BURST;
	/* where a small table already sees all, larger ones do */
	if (columns < MANUAL_RATES && hosts > 4096)
		--columns;
	for (i = 0; i < columns; ++i) {
		f.rate = manual_rates[i];
		snprintf(what, sizeof(what), "manual: hosts=%u, %s %s, %u packets/s", hosts,
			 word, spread, f.rate);
		expect(what, percent[i], 100 / SCANNERS * flooded(f, quick, hosts));
	}
}

/* How many rows there are */
static unsigned int manual(unsigned int columns)
{
	const char *top = getenv("XA_TOP");
	char path[4096], line[4096];
	unsigned int rows = 0;
	bool table = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/extensions/libxt_psd.man", top ? top : ".");
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, ".TE", 3) == 0)
			table = false;
		if (table) {
			manual_row(line, columns);
			++rows;
		}
		if (strncmp(line, "hosts, ports", 12) == 0)
			table = true;
	}
	fclose(file);
	return rows;
}

/* What the manual says of slow scanners, with 20000 packets in a second */
static void flood_slow(void)
{
	static const struct {
		struct scan scan;
		struct flood f;
		unsigned int least;
	} cases[] = {
		{ { 1000, 100 }, { BURST, 20000, 1, 0 }, 49 },
		{ { 1000, 100 }, { BURST, 20000, 3, 0 }, 49 },
		{ { 1000, 100 }, { STAY, 20000, 0, 0 }, 49 },
		{ { 2000, 20 }, { BURST, 20000, 1, 0 }, 49 },
		{ { 2000, 20 }, { BURST, 20000, 3, 0 }, 40 },
		{ { 2000, 100 }, { BURST, 20000, 3, 0 }, 49 },
	};
	unsigned int i, seen;
	char what[100];

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		snprintf(what, sizeof(what), "flood, %s, %u ports; %u ms a port, %u ports: 50 seen",
			 shape_names[cases[i].f.shape], cases[i].f.ports, cases[i].scan.ticks,
			 cases[i].scan.ports);
		seen = flooded(cases[i].f, cases[i].scan, HOSTS);
		if (seen < cases[i].least)
			expect(what, cases[i].least, seen);
		else
			++passed;
	}
}

/* The tables of the manual: what is to be written there */
static int curve(unsigned int columns)
{
	static const unsigned int ports[] = { 1, 2, 3, 20 };
	static const unsigned int tables[] = { 4096, 32768, 262144 };
	unsigned int shape, h, r, p;

	for (shape = BURST; shape <= STAY; ++shape)
		for (h = 0; h < 3; ++h)
			for (p = shape == SPREAD; p < (shape == STAY ? 1 : 4); ++p) {
				printf("%u,%03u, ", tables[h] / 1000, tables[h] % 1000);
				if (shape == STAY)
					printf("stay");
				else
					printf("%u%s", ports[p], shape == SPREAD ? " spread" : "");
				for (r = 0; r < columns; ++r) {
					struct flood f = { shape, manual_rates[r], ports[p], 0 };

					printf("\t%u", 100 / SCANNERS *
					       flooded(f, quick, tables[h]));
					fflush(stdout);
				}
				printf("\n");
			}
	return 0;
}

/* What the manual says that a rule takes for each host, with the default options */
static void memory(void)
{
	/* words of a connection: IPv4 and IPv6, the same with --psd-srcmask; bytes */
	static const unsigned int want[][2] = { { 5, 107 }, { 11, 179 }, { 7, 131 }, { 19, 275 } };
	const struct xt_psd_mtinfo info = {
		.weight_threshold = 21, .lo_ports_weight = 3, .hi_ports_weight = 1,
	};
	struct psd_params p;
	size_t suspect;
	unsigned int i;

	for (i = 0; i < sizeof(want) / sizeof(*want); ++i) {
		psd_params_init(&p, &info, 300, want[i][0]);
		suspect = p.size + 4 * p.flows_words + sizeof(struct psd_set) / PSD_SUSPECTS;
		expect("bytes for each host", want[i][1],
		       sizeof(__u64) + 2 * want[i][0] + suspect / 4);
	}
}

/* Bytes of a rule for @hosts; the same as in psd_table_fill() */
static size_t rule_bytes(const struct psd_params *p, unsigned int hosts, unsigned int *suspects)
{
	unsigned int sets = psd_suspect_sets(p, hosts);

	*suspects = sets * PSD_SUSPECTS;
	return hosts * (sizeof(__u64) + 2 * p->conn_words) + sets * sizeof(struct psd_set) +
	       *suspects * (p->size + p->flows_words * sizeof(__u32));
}

/* What it says of large thresholds: how many hosts, and bytes for each of them */
static void large_thresholds(void)
{
	static const unsigned int want[][2] = { { 5, 230 }, { 11, 340 }, { 7, 270 }, { 19, 490 } };
	struct xt_psd_mtinfo info = { .lo_ports_weight = 1, .hi_ports_weight = 1 };
	unsigned int i, suspects;
	size_t bytes, most;
	struct psd_params p;

	for (i = 0; i < sizeof(want) / sizeof(*want); ++i) {
		most = 0;
		for (info.weight_threshold = 1; info.weight_threshold <= 10000;
		     ++info.weight_threshold) {
			psd_params_init(&p, &info, 300, want[i][0]);
			bytes = rule_bytes(&p, 32768, &suspects);
			most = bytes > most ? bytes : most;
			if (info.weight_threshold <= 190)
				expect("a fourth with more ports", 32768 / 4, suspects);
			bytes = rule_bytes(&p, 1024, &suspects);
			if (suspects < 64)
				expect("at least 64 with more ports", 64, suspects);
		}
		most = most / 32768;
		if (most > want[i][1] || most < want[i][1] - 15)
			expect("bytes for each host, at most", want[i][1], most);
		if (bytes < 1300000 || bytes >= 1450000)
			expect("bytes of a small table with the largest threshold", 1300000, bytes);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "curve") == 0)
		return curve(atoi(argv[2]));
	if (argc == 2 && strcmp(argv[1], "manual") == 0)
		return manual(MANUAL_RATES) == 0 || failed;
	srand(1);
	memory();
	large_thresholds();
	thresholds();
	delays();
	ticks();
	verdicts();
	models();
	floods();
	flood_shapes();
	flood_slow();
	expect("rows of the manual's tables", 22, manual(3));
	if (!failed)
		printf("ok unit/psd: %u verdicts\n", passed);
	return failed != 0;
}
