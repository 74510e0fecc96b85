// SPDX-License-Identifier: GPL-2.0-only
/* xt_metrics: the databases of geoip and asn in the kernel */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "addrdb.h"
#include "xt_metrics.h"

#ifndef SYS_MODULE
#define SYS_MODULE	"/sys/module"
#endif

static const struct xa_kind *const kinds[] = { &xa_geoip, &xa_asn };

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* What is known of a database */
struct loaded {
	const char *kind;
	struct xa_status st;
	uint64_t now;
};

typedef uint64_t (*value_of)(const struct loaded *l);

static uint64_t generation(const struct loaded *l) { return l->st.generation; }
static uint64_t loaded_at(const struct loaded *l) { return l->now - l->st.age; }
static uint64_t made_at(const struct loaded *l) { return l->st.date; }
static uint64_t labels(const struct loaded *l) { return l->st.labels; }
static uint64_t sets(const struct loaded *l) { return l->st.sets; }

static uint64_t memory(const struct loaded *l)
{
	return l->st.memory4 + l->st.memory6 + l->st.memory;
}

static void print(const struct loaded *l, size_t n, const char *metric, const char *type,
		  const char *help, value_of value)
{
	size_t i;

	head(metric, type, help);
	for (i = 0; i < n; ++i)
		printf("%s{kind=\"%s\"} %" PRIu64 "\n", metric, l[i].kind, value(&l[i]));
}

static void print_all(const struct loaded *l, size_t n)
{
	size_t i;

	print(l, n, "xtables_database_generation", "gauge",
	      "Number of the database that is loaded; each load has a higher one.", generation);
	print(l, n, "xtables_database_loaded_timestamp_seconds", "gauge",
	      "When the database was loaded, in seconds since 1970.", loaded_at);
	print(l, n, "xtables_database_data_timestamp_seconds", "gauge",
	      "Date of its newest data, in seconds since 1970; 0 if not known.", made_at);
	head("xtables_database_ranges", "gauge", "Ranges of addresses in it.");
	for (i = 0; i < n; ++i)
		printf("xtables_database_ranges{kind=\"%s\",family=\"ipv4\"} %u\n"
		       "xtables_database_ranges{kind=\"%s\",family=\"ipv6\"} %u\n",
		       l[i].kind, l[i].st.ranges[XA_IPV4], l[i].kind, l[i].st.ranges[XA_IPV6]);
	print(l, n, "xtables_database_labels", "gauge", "Countries or AS numbers in it.", labels);
	print(l, n, "xtables_database_sets", "gauge", "Lists of them in rules.", sets);
	print(l, n, "xtables_database_memory_bytes", "gauge", "Memory that it takes.", memory);
}

/**
 * database_print - print the metrics of the databases that are loaded
 *
 * The kernel would load the module to answer, so it is asked only if it has it.
 *
 * Return: whether all could be read. If not, a message has been printed.
 */
bool database_print(void)
{
	char path[4096];
	struct loaded loaded[KINDS];
	struct xa_client *c;
	struct xa_err err;
	enum xa_reply reply = XA_REPLY_OK;
	size_t i, n = 0;

	snprintf(path, sizeof(path), "%s/xa_addrdb", SYS_MODULE);
	if (access(path, F_OK))
		return true;
	c = xa_client_open(&err);
	for (i = 0; c && reply != XA_REPLY_ERROR && i < KINDS; ++i) {
		reply = xa_client_status(c, kinds[i], &loaded[n].st, &err);
		if (reply != XA_REPLY_OK)
			continue;
		loaded[n].kind = kinds[i]->name;
		loaded[n++].now = time(NULL);
	}
	if (!c || reply == XA_REPLY_ERROR) {
		fprintf(stderr, SELF ": %s\n", err.text);
		xa_client_close(c);
		return false;
	}
	xa_client_close(c);
	if (n)
		print_all(loaded, n);
	return true;
}
