// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount: tables as metrics
 *
 * Prometheus' text format, version 0.0.4: all samples of a metric stand
 * together, so that the tables are read first, and then written metric by metric.
 * Of hosts there are as many series as the user has asked for with --top.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "output.h"

/**
 * struct metrics_table - what was read of a table
 * @name:   copy
 * @known:  as in &struct table
 * @info:   as in &struct table
 * @hosts:  records
 * @sum:    of all records
 * @top:    those that are shown
 */
struct metrics_table {
	char *name;
	bool known;
	struct xt_account_table_info info;
	unsigned int hosts;
	struct record sum;
	struct top top;
};

/* A counter of a record */
typedef uint64_t (*metrics_value)(const struct record *r);

static uint64_t src_packets(const struct record *r) { return r->src_packets; }
static uint64_t src_bytes(const struct record *r) { return r->src_bytes; }
static uint64_t dst_packets(const struct record *r) { return r->dst_packets; }
static uint64_t dst_bytes(const struct record *r) { return r->dst_bytes; }

/* What the kernel tells of a table */
typedef uint64_t (*metrics_info)(const struct xt_account_table_info *info);

static uint64_t lost_packets(const struct xt_account_table_info *info)
{
	return info->lost_packets;
}

static uint64_t lost_bytes(const struct xt_account_table_info *info)
{
	return info->lost_bytes;
}

static uint64_t memory(const struct xt_account_table_info *info)
{
	return info->memory;
}

/**
 * metrics_init - no table yet
 * @m: filled in
 */
void metrics_init(struct metrics *m)
{
	memset(m, 0, sizeof(*m));
}

/**
 * metrics_exit - free all
 * @m: set up
 */
void metrics_exit(struct metrics *m)
{
	size_t i;

	for (i = 0; i < m->count; ++i) {
		free(m->item[i].name);
		top_exit(&m->item[i].top);
	}
	free(m->item);
}

static struct metrics_table *metrics_grow(struct metrics *m)
{
	size_t room = m->room ? 2 * m->room : 8;
	struct metrics_table *item;

	if (m->count == m->room) {
		item = realloc(m->item, room * sizeof(*item));
		if (!item)
			return NULL;
		m->item = item;
		m->room = room;
	}
	item = &m->item[m->count];
	memset(item, 0, sizeof(*item));
	return item;
}

/**
 * metrics_add - one table more
 * @m:     set up
 * @t:     that was read; its records are taken
 * @top:   how many of them get series of their own
 * @order: and by what they are chosen
 *
 * Return: 0, or -1 without memory.
 */
int metrics_add(struct metrics *m, struct table *t, unsigned int top,
		enum top_order order)
{
	struct metrics_table *item = metrics_grow(m);
	struct record r;

	if (!item)
		return -1;
	item->name = strdup(t->name);
	if (!item->name)
		return -1;
	if (top_init(&item->top, top < t->count ? top : t->count, order)) {
		free(item->name);
		return -1;
	}
	++m->count;
	item->known = t->known;
	item->info = t->info;
	item->hosts = t->count;
	while (table_next(t, &r)) {
		item->sum.src_packets += r.src_packets;
		item->sum.src_bytes += r.src_bytes;
		item->sum.dst_packets += r.dst_packets;
		item->sum.dst_bytes += r.dst_bytes;
		if (top)
			top_add(&item->top, &r);
	}
	top_sort(&item->top);
	return 0;
}

/**
 * metrics_read - read a table and add it
 * @m:     set up
 * @ctx:   of the library, set up
 * @name:  table
 * @top:   as metrics_add()
 * @order: as metrics_add()
 * @why:   set, if it fails
 *
 * Return: 0 or -1.
 */
int metrics_read(struct metrics *m, struct ipt_ACCOUNT_context *ctx, const char *name,
		 unsigned int top, enum top_order order, const char **why)
{
	struct table t;
	int rc;

	table_init(&t, ctx, name);
	rc = table_read(&t, false);
	*why = t.error;
	if (!rc) {
		rc = metrics_add(m, &t, top, order);
		*why = "Out of memory";
	}
	table_exit(&t);
	return rc;
}

/* A table that has gone since the names were listed is not there. */
static bool is_gone(struct ipt_ACCOUNT_context *ctx, const char *name)
{
	struct xt_account_table_info info;

	return !table_info(ctx, name, &info) && errno == ENOENT;
}

/* The library has room for the names or for records, so the names are copied. */
static char *copy_names(struct ipt_ACCOUNT_context *ctx, size_t *size)
{
	char *names = NULL, *bigger;
	const char *name;
	size_t len;

	for (*size = 0; (name = ipt_ACCOUNT_get_next_name(ctx)); *size += len) {
		len = strlen(name) + 1;
		bigger = realloc(names, *size + len);
		if (!bigger) {
			free(names);
			return NULL;
		}
		names = bigger;
		memcpy(names + *size, name, len);
	}
	return names ? names : calloc(1, 1);
}

/**
 * metrics_read_all - read all tables and add them
 * @m:     set up
 * @ctx:   of the library, set up
 * @top:   as metrics_add()
 * @order: as metrics_add()
 * @why:   set, if it fails
 *
 * Return: METRICS_DONE, or what failed.
 */
enum metrics_result metrics_read_all(struct metrics *m, struct ipt_ACCOUNT_context *ctx,
				     unsigned int top, enum top_order order, const char **why)
{
	enum metrics_result rc = METRICS_DONE;
	size_t size, pos;
	char *names;

	if (ipt_ACCOUNT_get_table_names(ctx)) {
		*why = ctx->error_str;
		return METRICS_NO_NAMES;
	}
	names = copy_names(ctx, &size);
	if (!names) {
		*why = "Out of memory";
		return METRICS_NO_NAMES;
	}
	for (pos = 0; !rc && pos < size; pos += strlen(names + pos) + 1)
		if (metrics_read(m, ctx, names + pos, top, order, why) &&
		    !is_gone(ctx, names + pos))
			rc = METRICS_NO_TABLE;
	free(names);
	return rc;
}

static void head(const char *name, const char *type, const char *help)
{
	printf("# HELP iptaccount_%s %s\n# TYPE iptaccount_%s %s\n", name, help,
	       name, type);
}

static void sample(const char *name, const struct metrics_table *item,
		   const char *direction, uint64_t value)
{
	printf("iptaccount_%s{table=", name);
	quoted(item->name, QUOTED_LABEL);
	if (direction)
		printf(",direction=\"%s\"", direction);
	printf("} %" PRIu64 "\n", value);
}

/* The traffic of all hosts of a table, by direction */
static void print_sums(const struct metrics *m, const char *name,
		       const char *help, metrics_value src, metrics_value dst)
{
	size_t i;

	head(name, "counter", help);
	for (i = 0; i < m->count; ++i) {
		sample(name, &m->item[i], "src", src(&m->item[i].sum));
		sample(name, &m->item[i], "dst", dst(&m->item[i].sum));
	}
}

static void host_sample(const char *name, const struct metrics_table *item,
			const struct record *r, const char *direction,
			uint64_t value)
{
	char buf[ADDR_LEN];

	printf("iptaccount_%s{table=", name);
	quoted(item->name, QUOTED_LABEL);
	printf(",address=\"%s\",direction=\"%s\"} %" PRIu64 "\n",
	       record_name(&item->info, r, buf), direction, value);
}

static void print_hosts(const struct metrics *m, const char *name,
			const char *help, metrics_value src, metrics_value dst)
{
	const struct record *r;
	size_t i, k;

	head(name, "counter", help);
	for (i = 0; i < m->count; ++i) {
		for (k = 0; k < m->item[i].top.count; ++k) {
			r = &m->item[i].top.record[k];
			host_sample(name, &m->item[i], r, "src", src(r));
			host_sample(name, &m->item[i], r, "dst", dst(r));
		}
	}
}

/* Nothing of tables of another module, which tells nothing */
static void print_infos(const struct metrics *m, const char *name,
			const char *type, const char *help, metrics_info value)
{
	size_t i;

	head(name, type, help);
	for (i = 0; i < m->count; ++i)
		if (m->item[i].known)
			sample(name, &m->item[i], NULL, value(&m->item[i].info));
}

/**
 * metrics_print - write all that was added
 * @m: set up
 */
void metrics_print(const struct metrics *m)
{
	bool hosts = false;
	size_t i;

	head("hosts", "gauge", "Hosts (or prefixes) that have counted something.");
	for (i = 0; i < m->count; ++i) {
		sample("hosts", &m->item[i], NULL, m->item[i].hosts);
		hosts |= m->item[i].top.count > 0;
	}
	print_sums(m, "packets_total", "Packets of all hosts of a table.",
		   src_packets, dst_packets);
	print_sums(m, "bytes_total", "Layer-3 bytes of all hosts of a table.",
		   src_bytes, dst_bytes);
	print_infos(m, "lost_packets_total", "counter",
		    "Packets that the kernel had no memory to count.",
		    lost_packets);
	print_infos(m, "lost_bytes_total", "counter",
		    "Bytes that the kernel had no memory to count.",
		    lost_bytes);
	print_infos(m, "memory_bytes", "gauge",
		    "Memory that the counters of a table take.", memory);
	if (!hosts)
		return;
	print_hosts(m, "host_packets_total", "Packets of the busiest hosts.",
		    src_packets, dst_packets);
	print_hosts(m, "host_bytes_total", "Layer-3 bytes of the busiest hosts.",
		    src_bytes, dst_bytes);
}
