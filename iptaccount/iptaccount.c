// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount - show the tables of the ACCOUNT target
 *
 * The short options, what they print on stdout (errors too) and the exit
 * statuses are those that scripts have relied on for twenty years. What came
 * later has long options and writes its errors to stderr.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "metrics.h"
#include "output.h"
#include "top.h"
#include "watch.h"

enum {
	EXIT_READ   = 1,   /* a table could not be read, or stdout not written */
	EXIT_USAGE  = 2,   /* options that make no sense together */
	EXIT_KERNEL = 255, /* no socket, or -u, -h or -a failed */
};

enum {
	OPT_JSON = 256,
	OPT_PROMETHEUS,
	OPT_TOP,
	OPT_SORT_BY,
	OPT_WATCH,
	OPT_VERSION,
	OPT_HELP,
};

struct options {
	bool usage;
	bool free_handles;
	bool tables;
	bool continuous;
	bool flush;
	bool csv;
	bool json;
	bool prometheus;
	bool watch;
	bool version;
	bool help;
	bool top_set;
	bool sort_set;
	unsigned int top;
	enum top_order order;
	const char *table;
};

static const struct option long_options[] = {
	{ "handle-usage", no_argument,       NULL, 'u' },
	{ "free-handles", no_argument,       NULL, 'h' },
	{ "tables",       no_argument,       NULL, 'a' },
	{ "continuous",   no_argument,       NULL, 'c' },
	{ "flush",        no_argument,       NULL, 'f' },
	{ "csv",          no_argument,       NULL, 's' },
	{ "list",         required_argument, NULL, 'l' },
	{ "json",         no_argument,       NULL, OPT_JSON },
	{ "prometheus",   no_argument,       NULL, OPT_PROMETHEUS },
	{ "top",          required_argument, NULL, OPT_TOP },
	{ "sort-by",      required_argument, NULL, OPT_SORT_BY },
	{ "watch",        no_argument,       NULL, OPT_WATCH },
	{ "version",      no_argument,       NULL, OPT_VERSION },
	{ "help",         no_argument,       NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Set by a signal: end the run after this pass. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	if (stop) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	stop = 1;
}

/*
 * The pass that is being written is written to its end: what was flushed from
 * the table is nowhere else. The second signal ends the program at once.
 */
static void catch_signals(void)
{
	struct sigaction sa = {
		.sa_handler = on_signal,
		.sa_flags   = SA_RESTART,
	};

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGQUIT, &sa, NULL);
}

static void banner(void)
{
	printf("\nlibxt_ACCOUNT_cl userspace accounting tool v1.3\n\n");
}

static void usage(void)
{
	printf("Usage: iptaccount [-u] [-h] [-a] [-c] [-f] [-s] [-l NAME] [OPTION...]\n"
	       "  -u, --handle-usage      show how many kernel handles are in use\n"
	       "  -h, --free-handles      free all kernel handles (not a help text)\n"
	       "  -a, --tables            list the names of all tables\n"
	       "  -l, --list NAME         show the table NAME\n"
	       "  -f, --flush             reset the table while reading it\n"
	       "  -c, --continuous        read it every second, until interrupted\n"
	       "  -s, --csv               write it as CSV\n"
	       "      --json              write JSON, one document a line, without banner\n"
	       "      --prometheus        write metrics of all tables, or of one (-l), for Prometheus\n"
	       "      --top N             the N hosts with the most traffic only\n"
	       "      --sort-by KEY       most traffic first: bytes (default) or packets\n"
	       "      --watch             show who has the most traffic, every second (-l)\n"
	       "      --version           show the version\n"
	       "      --help              show this text\n");
}

static int complain(const char *what, const char *arg)
{
	fprintf(stderr, arg ? "iptaccount: %s \"%s\"\n" : "iptaccount: %s\n",
		what, arg);
	return -1;
}

static int parse_top(struct options *o, const char *arg)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || n == 0 || n > UINT32_MAX)
		return complain("--top takes a number from 1 on, not", arg);
	o->top = n;
	o->top_set = true;
	return 0;
}

static int parse_order(struct options *o, const char *arg)
{
	o->sort_set = true;
	if (strcmp(arg, "bytes") == 0)
		o->order = TOP_BYTES;
	else if (strcmp(arg, "packets") == 0)
		o->order = TOP_PACKETS;
	else
		return complain("--sort-by takes bytes or packets, not", arg);
	return 0;
}

static void parse_flag(struct options *o, int c)
{
	switch (c) {
	case 'u':
		o->usage = true;
		break;
	case 'h':
		o->free_handles = true;
		break;
	case 'a':
		o->tables = true;
		break;
	case 'c':
		o->continuous = true;
		break;
	case 'f':
		o->flush = true;
		break;
	case 's':
		o->csv = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_PROMETHEUS:
		o->prometheus = true;
		break;
	case OPT_WATCH:
		o->watch = true;
		break;
	case OPT_VERSION:
		o->version = true;
		break;
	default:
		o->help = true;
		break;
	}
}

static int parse_option(struct options *o, int c)
{
	switch (c) {
	case 'l':
		o->table = optarg;
		return 0;
	case OPT_TOP:
		return parse_top(o, optarg);
	case OPT_SORT_BY:
		return parse_order(o, optarg);
	default:
		parse_flag(o, c);
		return 0;
	}
}

/* Metrics are read by a program, time and again: nothing else, and no resets */
static int check_prometheus(const struct options *o)
{
	if (o->usage || o->free_handles || o->tables || o->continuous ||
	    o->flush || o->csv || o->json)
		return complain("--prometheus goes with --list, --top and --sort-by only", NULL);
	if (o->sort_set && !o->top_set)
		return complain("--prometheus with --sort-by needs --top", NULL);
	return 0;
}

/* It resets nothing, and is for the eye. */
static int check_watch(const struct options *o)
{
	if (o->usage || o->free_handles || o->tables || o->continuous || o->flush || o->csv ||
	    o->json || o->prometheus || !o->table)
		return complain("--watch goes with --list NAME, --top and --sort-by only", NULL);
	return 0;
}

static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "uhacfsl:", long_options, NULL)) != -1)
		if (parse_option(o, c))
			return -1;
	if (optind < argc) {
		complain("unexpected argument", argv[optind]);
		o->help = true;
	}
	if (argc < 2)
		o->help = true;
	if (o->help || o->version)
		return 0;
	if (o->csv && o->json)
		return complain("--csv and --json exclude each other", NULL);
	if (o->watch)
		return check_watch(o);
	if (o->prometheus)
		return check_prometheus(o);
	if ((o->top_set || o->sort_set) && !o->table)
		return complain("--top and --sort-by need a table: --list NAME", NULL);
	if (!o->usage && !o->free_handles && !o->tables && !o->table && o->json)
		o->help = true;
	return 0;
}

/* In JSON, stdout is for documents only, and for metrics with --prometheus. */
static int failed(const struct options *o, const char *what, const char *why,
		  int status)
{
	if (o->json || o->prometheus || o->watch)
		fprintf(stderr, "iptaccount: %s: %s\n", what, why);
	else
		printf("%s: %s\n", what, why);
	return status;
}

static int show_usage(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	int n = ipt_ACCOUNT_get_handle_usage(ctx);

	if (n < 0)
		return failed(o, "get_handle_usage failed", ctx->error_str,
			      EXIT_KERNEL);
	if (o->json)
		json_usage(n);
	else
		printf("Current kernel handle usage: %d\n", n);
	return 0;
}

static int free_handles(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	if (ipt_ACCOUNT_free_all_handles(ctx))
		return failed(o, "handle_free_all failed", ctx->error_str,
			      EXIT_KERNEL);
	if (o->json)
		json_freed();
	else
		printf("Freed all handles in kernel space\n");
	return 0;
}

static int show_tables(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	const char *name;

	if (ipt_ACCOUNT_get_table_names(ctx))
		return failed(o, "get_table_names failed", ctx->error_str,
			      EXIT_KERNEL);
	if (o->json) {
		json_tables(ctx);
		return 0;
	}
	while ((name = ipt_ACCOUNT_get_next_name(ctx)))
		printf("Found table: %s\n", name);
	return 0;
}

/* All records, or those of a selection. */
static int show_records(const struct options *o, const struct output *out,
			struct table *t)
{
	struct record r;
	struct top top;
	size_t i;

	if (!o->top_set && !o->sort_set) {
		for (i = 0; table_next(t, &r); ++i)
			out->record(t, &r, i == 0);
		return 0;
	}
	if (top_init(&top, o->top_set && o->top < t->count ? o->top : t->count,
		     o->order))
		return -1;
	while (table_next(t, &r))
		top_add(&top, &r);
	top_sort(&top);
	for (i = 0; i < top.count; ++i)
		out->record(t, &top.record[i], i == 0);
	top_exit(&top);
	return 0;
}

/* What the kernel could not count since the last warning. */
static void warn_lost(const struct table *t, struct xt_account_table_info *seen)
{
	uint64_t packets = t->info.lost_packets - seen->lost_packets;
	uint64_t bytes = t->info.lost_bytes - seen->lost_bytes;

	/* a new table under the old name starts anew */
	if (t->info.lost_packets < seen->lost_packets) {
		packets = t->info.lost_packets;
		bytes = t->info.lost_bytes;
	}
	if (t->known && packets)
		fprintf(stderr,
			"iptaccount: table \"%s\": the kernel had no memory to count %llu packets (%llu bytes)\n",
			t->name, (unsigned long long)packets,
			(unsigned long long)bytes);
	*seen = t->info;
}

/* Seconds are counted from the first pass on, so that passes do not drift. */
static void wait_second(struct timespec *next)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	++next->tv_sec;
	if (now.tv_sec > next->tv_sec)
		*next = now;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static int show_pass(const struct options *o, const struct output *out,
		     struct table *t, unsigned int run)
{
	if (table_read(t, o->flush))
		return failed(o, "Read failed", t->error, EXIT_READ);
	if (out->begin)
		out->begin(t, run, o->flush);
	if (show_records(o, out, t))
		return failed(o, "Read failed", "Out of memory", EXIT_READ);
	if (out->end)
		out->end(t);
	/* whoever reads a pipe gets whole passes */
	return fflush(stdout) ? EXIT_READ : 0;
}

static int show_table(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	const struct output *out = o->json ? &output_json :
				   o->csv ? &output_csv : &output_text;
	struct xt_account_table_info seen = { .lost_packets = 0 };
	struct timespec next;
	struct table t;
	unsigned int run;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &next);
	table_init(&t, ctx, o->table);
	if (o->continuous)
		catch_signals();
	if (out->open)
		out->open(&t);
	for (run = 1; rc == 0; ++run) {
		rc = show_pass(o, out, &t, run);
		if (rc == 0)
			warn_lost(&t, &seen);
		if (!o->continuous || stop || rc)
			break;
		wait_second(&next);
		if (stop)
			break;
	}
	table_exit(&t);
	return rc;
}

static int read_metrics(const struct options *o,
			struct ipt_ACCOUNT_context *ctx, struct metrics *m)
{
	unsigned int top = o->top_set ? o->top : 0;
	const char *why;

	if (o->table) {
		if (metrics_read(m, ctx, o->table, top, o->order, &why))
			return failed(o, "Read failed", why, EXIT_READ);
		return 0;
	}
	switch (metrics_read_all(m, ctx, top, o->order, &why)) {
	case METRICS_NO_NAMES:
		return failed(o, "get_table_names failed", why, EXIT_KERNEL);
	case METRICS_NO_TABLE:
		return failed(o, "Read failed", why, EXIT_READ);
	default:
		return 0;
	}
}

/* All or nothing: half of the metrics would look as if tables had gone. */
static int show_metrics(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	struct metrics m;
	int rc;

	metrics_init(&m);
	rc = read_metrics(o, ctx, &m);
	if (!rc)
		metrics_print(&m);
	metrics_exit(&m);
	return rc;
}

static int show_watch(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	const char *why;

	if (!watch(ctx, o->table, o->top, o->order, &why))
		return 0;
	return failed(o, "Read failed", why, EXIT_READ);
}

/* In this order, whatever the order on the command line. */
static int run_commands(const struct options *o, struct ipt_ACCOUNT_context *ctx)
{
	int rc = 0;

	if (o->prometheus)
		return show_metrics(o, ctx);
	if (o->watch)
		return show_watch(o, ctx);
	if (o->usage)
		rc = show_usage(o, ctx);
	if (!rc && o->free_handles)
		rc = free_handles(o, ctx);
	if (!rc && o->tables)
		rc = show_tables(o, ctx);
	if (!rc && o->table)
		rc = show_table(o, ctx);
	return rc;
}

static int run(const struct options *o)
{
	struct ipt_ACCOUNT_context ctx;
	int rc;

	if (ipt_ACCOUNT_init(&ctx))
		return failed(o, "Init failed", ctx.error_str, EXIT_KERNEL);
	rc = run_commands(o, &ctx);
	ipt_ACCOUNT_deinit(&ctx);
	if (!rc && !o->json && !o->prometheus && !o->watch)
		printf("Finished.\n");
	return rc;
}

/* What did not reach stdout is not a success. */
static int close_stdout(int rc)
{
	int bad = ferror(stdout);

	if (fclose(stdout) && errno != EBADF)
		bad = 1;
	if (!bad)
		return rc;
	fprintf(stderr, "iptaccount: cannot write all of the output\n");
	return rc ? rc : EXIT_READ;
}

int main(int argc, char **argv)
{
	struct options o = { .order = TOP_BYTES };

	if (parse_options(&o, argc, argv))
		return EXIT_USAGE;
	if (o.version) {
		printf("iptaccount (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
		return close_stdout(0);
	}
	if (o.help || (!o.json && !o.prometheus && !o.watch))
		banner();
	if (o.help) {
		usage();
		return close_stdout(0);
	}
	return close_stdout(run(&o));
}
