// SPDX-License-Identifier: GPL-2.0-only
/* psd_answers - ports whose connections were answered do not count */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PSD_SPEC "unit/psd_answers"
#include "psd_host.h"

/* A packet of a tracked connection, which has the number of its port */
static bool open_port(struct table *t, unsigned int who, __u16 port, __u32 now)
{
	bool hit;

	conn_now = conns.answered + port;
	hit = probe(t, who, port, now);
	conn_now = NULL;
	return hit;
}

static void answers_begin(struct table *t, unsigned int threshold, unsigned int lo,
			  unsigned int hi)
{
	memset(&conns, 0, sizeof(conns));
	table_init(t, 16, threshold, lo, hi, 300);
}

static void answers_ordinary(void)
{
	unsigned int port, hits = 0;
	struct table t;

	answers_begin(&t, 21, 3, 1);
	for (port = 1; port <= 1000; ++port) {
		hits += open_port(&t, 1, port, 0);
		conns.answered[port] = true;
	}
	expect("1000 answered ports are no scan", 0, hits);
	expect("of them, the last is known", false, open_port(&t, 1, 1000, 0));
	expect("looked up once in six ports, six of them", true, conns.asked <= 1000);
	for (port = 2001; port <= 2020; ++port)
		hits += open_port(&t, 1, port, 0);
	expect("nor are 20 high ports more", 0, hits);
	expect("the 21st is one", true, open_port(&t, 1, 2021, 0));
	table_free(&t);
}

static void answers_late(void)
{
	unsigned int port;
	struct table t;

	answers_begin(&t, 21, 3, 1);
	for (port = 1; port <= 6; ++port)
		open_port(&t, 1, port, 0);
	expect("without an answer: the seventh port, as ever", true, open_port(&t, 1, 7, 0));
	expect("and the eighth", true, open_port(&t, 1, 8, 0));
	for (port = 1; port <= 6; ++port)
		conns.answered[port] = true;
	expect("answered late: until the next that is written down", true,
	       open_port(&t, 1, 9, 37));
	expect("then it is no scan any more", false, open_port(&t, 1, 9, 38));
	expect("and what matched is forgotten", false, open_port(&t, 1, 7, 38));
	for (port = 10; port < 14; ++port)
		expect("it counts from there", false, open_port(&t, 1, port, 38));
	expect("up to the threshold", true, open_port(&t, 1, 14, 38));
	for (port = 15; port < 100; ++port)
		expect("a scanner stays one", true, open_port(&t, 1, port, port));
	table_free(&t);
}

/* Thresholds of one and of two ports */
static void answers_few(void)
{
	unsigned int port;
	struct table t;

	answers_begin(&t, 6, 3, 1);
	open_port(&t, 1, 1, 0);
	expect("the first port was not answered", true, open_port(&t, 1, 2, 0));
	open_port(&t, 2, 3, 0);
	conns.answered[3] = true;
	expect("the first port was answered", false, open_port(&t, 2, 4, 0));
	expect("the second was not", true, open_port(&t, 2, 5, 0));
	table_free(&t);

	answers_begin(&t, 1, 1, 1);
	for (port = 1; port < 100; ++port) {
		expect("one port that is not answered is no scan", false,
		       open_port(&t, 1, port, 0));
		conns.answered[port] = true;
	}
	open_port(&t, 1, 200, 0);
	expect("two are", true, open_port(&t, 1, 201, 0));
	table_free(&t);
}

static void answers_untracked(void)
{
	unsigned int port;
	struct table t;

	answers_begin(&t, 21, 3, 1);
	for (port = 1; port <= 6; ++port) {
		probe(&t, 1, port, 0);
		conns.answered[port] = true;
	}
	expect("packets that are not tracked count, answered or not", true,
	       open_port(&t, 1, 7, 0));
	table_free(&t);

	/* A place that had a connection gets a port without one. */
	answers_begin(&t, 3, 1, 1);
	open_port(&t, 1, 1, 0);
	open_port(&t, 1, 2, 0);
	conns.answered[1] = true;
	conns.answered[2] = true;
	expect("in the place of one that was answered", false, probe(&t, 1, 3, 0));
	expect("in the place of another", false, probe(&t, 1, 4, 0));
	expect("they were not answered", true, probe(&t, 1, 5, 0));
	table_free(&t);
}

/* More ports below the threshold than connections that are noted */
static void answers_many(void)
{
	unsigned int port, hits = 0;
	unsigned long asked, most = 0;
	struct table t;

	answers_begin(&t, 200, 1, 1);
	for (port = 1; port <= 5000; ++port) {
		asked = conns.asked;
		hits += open_port(&t, 1, port, 0);
		if (conns.asked - asked > most)
			most = conns.asked - asked;
		if (port > 20)
			conns.answered[port - 20] = true;
	}
	expect("5000 ports, answered 20 ports later", 0, hits);
	expect("a packet looks up what is noted, once", true, most <= PSD_FLOWS + 1);
	table_free(&t);

	answers_begin(&t, 200, 1, 1);
	for (port = 1; port <= 150; ++port) {
		open_port(&t, 1, port, 0);
		conns.answered[port] = true;
	}
	for (port = 1001; port <= 1199; ++port)
		hits += open_port(&t, 1, port, 0);
	expect("150 answered ports, then 199 that are not", 0, hits);
	expect("and one more", true, open_port(&t, 1, port, 0));
	table_free(&t);
}

/* Those that were forgotten count for good. */
static void answers_forgotten(void)
{
	unsigned int port, hits = 0;
	struct table t;

	answers_begin(&t, 200, 1, 1);
	for (port = 1; port <= 199; ++port)
		hits += open_port(&t, 1, port, 0);
	expect("199 ports", 0, hits);
	for (port = 1; port <= 199; ++port) {
		expect("all of them are known", false, open_port(&t, 1, port, 0));
		conns.answered[port] = true;
	}
	for (port = 200; port < 200 + PSD_FLOWS; ++port)
		hits += open_port(&t, 1, port, 0);
	expect("the last 32 are taken back", 0, hits);
	for (port = 1; port <= 199 - PSD_FLOWS; ++port)
		expect("the others are still known", false, open_port(&t, 1, port, 0));
	expect("and count", true, open_port(&t, 1, port + 1000, 0));
	table_free(&t);
}

/*
 * A model without limits of a source whose connections are answered at random: it
 * knows at any time which are.
 */
struct answer_model {
	__u16 ports[65536];
	bool tracked[65536];
	unsigned int len, matched;
	bool scans;
	__u32 seen;
};

static bool answer_model_probe(const struct psd_params *p, struct answer_model *m,
			       __u16 port, bool tracked, __u32 now)
{
	unsigned int i, sum = 0, weight = psd_weight(p, port);

	if (m->len && now - m->seen > p->delay)
		memset(m, 0, sizeof(*m));
	if (m->scans && now - m->seen <= p->delay / 8)
		return true;
	m->seen = now;
	for (i = 0; i < m->len; ++i)
		if (!m->tracked[i] || !conns.answered[m->ports[i]])
			sum += psd_weight(p, m->ports[i]);
	sum += m->matched;
	m->scans = sum && sum + weight >= p->threshold;
	if (m->scans) {
		m->matched += weight;
		return true;
	}
	m->matched = 0;
	m->ports[m->len] = port;
	m->tracked[m->len++] = tracked;
	return false;
}

/* Of 16 connections that were not answered so far, ANSWERED are with each packet. */
static void answer_model(unsigned int threshold, unsigned int lo, unsigned int hi,
			 unsigned int answered, unsigned int untracked)
{
	static struct answer_model m;
	unsigned int n, i, hits = 0;
	__u32 now = rand();
	struct table t;
	__u16 port;
	bool hit, tracked;

	memset(&m, 0, sizeof(m));
	answers_begin(&t, threshold, lo, hi);
	for (n = 0; n < 3000 && failed < 10; ++n) {
		port = n % 2 ? 1025 + n : n / 3 + 1;
		if (n % 2 == 0 && n % 3)
			port = 30000 + n;
		now += rand() % 200 ? rand() % 3 : 301;
		tracked = (unsigned int)(rand() % 16) >= untracked;
		hit = answer_model_probe(&t.p, &m, port, tracked, now);
		hits += hit;
		conn_now = tracked ? conns.answered + port : NULL;
		expect("as the model of answers says", hit, probe(&t, 7, port, now));
		conn_now = NULL;
		for (i = 0; i < m.len; ++i)
			if ((unsigned int)(rand() % 16) < answered)
				conns.answered[m.ports[i]] = true;
	}
	if (answered == 0)
		expect("the model of answers saw scans", true, hits > 0);
	table_free(&t);
}

static void answer_models(void)
{
	unsigned int threshold, answered;

	for (threshold = 1; threshold <= 33; threshold += 4)
		for (answered = 0; answered <= 16; answered += 2) {
			answer_model(threshold, 3, 1, answered, 0);
			answer_model(threshold, 1, 2, answered, 2);
			answer_model(3 * threshold, 3, 5, answered, 1);
		}
}

int main(void)
{
	srand(1);
	answers_ordinary();
	answers_late();
	answers_few();
	answers_untracked();
	answers_many();
	answers_forgotten();
	answer_models();
	if (!failed)
		printf("ok unit/psd_answers: %u verdicts\n", passed);
	return failed != 0;
}
