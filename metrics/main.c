// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_metrics - what the extensions know, as metrics for Prometheus and its like
 *
 * Prometheus' text format, version 0.0.4. All or nothing: half of the metrics would
 * look as if rules had gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "metrics.h"
#include "xa_replace.h"
#include "xa_tool.h"
#include "xt_metrics.h"

#ifndef SYS_MODULE
#define SYS_MODULE	"/sys/module"
#endif

#define MAX_NAMES	1000

enum {
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

enum { OPT_MAX = 256, OPT_SORT_BY, OPT_TOP };

struct options {
	const char *output;
	unsigned int max;
	unsigned int top;
	enum top_order order;
};

static void usage(FILE *to)
{
	fputs("usage: xt_metrics [--output FILE] [OPTION...]\n"
	      "Prints metrics of condition, quota2, pknock, DNETMAP, ACCOUNT, geoip and asn, and what TARPIT,\n"
	      "DELUDE, CHAOS, ECHO, psd, lscan and pknock did.\n"
	      "  -o, --output FILE   replace FILE, for node_exporter's textfile collector\n"
	      "      --max NAMES     series for so many names of each extension (1000)\n"
	      "      --top HOSTS     series for so many hosts of each ACCOUNT table (none)\n"
	      "      --sort-by KEY   those with the most bytes (default) or packets\n"
	      "  -h, --help          this text\n"
	      "  -V, --version       the version\n", to);
}

/**
 * head - begin a metric
 * @metric: its name
 * @type:   gauge or counter
 * @help:   a sentence
 */
void head(const char *metric, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static int failed(const char *what)
{
	fprintf(stderr, SELF ": %s: %s\n", what, strerror(errno));
	return STATUS_FAILED;
}

/* ---- ACCOUNT */

static bool account_read(const struct options *o, struct metrics *m)
{
	struct ipt_ACCOUNT_context ctx;
	const char *why = NULL;

	if (ipt_ACCOUNT_init(&ctx))
		why = ctx.error_str;
	else if (metrics_read_all(m, &ctx, o->top, o->order, &why) == METRICS_DONE)
		why = NULL;
	if (why)
		fprintf(stderr, SELF ": ACCOUNT: %s\n", why);
	ipt_ACCOUNT_deinit(&ctx);
	return !why;
}

static bool account_print(const struct options *o)
{
	struct metrics m;
	char path[PATH_MAX];
	bool good;

	snprintf(path, sizeof(path), "%s/xt_ACCOUNT", SYS_MODULE);
	if (access(path, F_OK))
		return true;
	metrics_init(&m);
	good = account_read(o, &m);
	if (good && m.count)
		metrics_print(&m);
	metrics_exit(&m);
	return good;
}

static bool print_all(const struct options *o)
{
	return proc_print(o->max) && stat_print() && database_print() && account_print(o);
}

/* ---- where to */

/* Until all is there it goes elsewhere; the collector does not read names like that. */
static int print_file(const struct options *o)
{
	struct xa_replace new;
	bool good;

	if (!xa_replace_open(&new, o->output, 0644))
		return failed(o->output);
	good = dup2(fileno(new.f), STDOUT_FILENO) >= 0;
	if (good && !print_all(o)) {
		xa_replace_end(&new, xa_replace_close(&new, false));
		return STATUS_FAILED;
	}
	good = good && !fflush(stdout) && !ferror(stdout);
	if (xa_replace_end(&new, xa_replace_close(&new, good)))
		return 0;
	failed(o->output);
	clearerr(stdout);
	return STATUS_FAILED;
}

static bool copy(FILE *from, FILE *to)
{
	char text[4096];
	size_t n;

	rewind(from);
	while ((n = fread(text, 1, sizeof(text), from)) > 0)
		if (fwrite(text, 1, n, to) != n)
			return false;
	return !ferror(from) && fflush(to) == 0;
}

/* A file in memory: a system that is read-only has no other. */
static FILE *memory_file(void)
{
	int fd = memfd_create(SELF, MFD_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "w+");
}

/* By way of a file, since what fails later shall print nothing. */
static int print_in_place(const struct options *o, int to, const char *name)
{
	FILE *all;
	bool good;

	if (to < 0)
		return failed(name);
	all = memory_file();
	if (!all || dup2(fileno(all), STDOUT_FILENO) < 0)
		return failed("a file in memory");
	good = print_all(o);
	if (good && (fflush(stdout) || ferror(stdout) || dup2(to, STDOUT_FILENO) < 0 ||
		     !copy(all, stdout))) {
		failed(name);
		clearerr(stdout);
		good = false;
	}
	close(to);
	fclose(all);
	return good ? 0 : STATUS_FAILED;
}

static int print(const struct options *o)
{
	if (!o->output)
		return print_in_place(o, dup(STDOUT_FILENO), "standard output");
	if (xa_replace_in_place(o->output))
		return print_in_place(o, open(o->output, O_WRONLY | O_CLOEXEC), o->output);
	return print_file(o);
}

/* ---- the command line */

static bool parse_count(const char *text, const char *option, unsigned int *n)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && value <= INT_MAX) {
		*n = value;
		return true;
	}
	fprintf(stderr, SELF ": %s takes a number from 0 on, not \"%s\"\n", option, text);
	return false;
}

static bool parse_order(const char *text, enum top_order *order)
{
	*order = strcmp(text, "packets") ? TOP_BYTES : TOP_PACKETS;
	if (*order == TOP_PACKETS || !strcmp(text, "bytes"))
		return true;
	fprintf(stderr, SELF ": --sort-by takes bytes or packets, not \"%s\"\n", text);
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output",  required_argument, NULL, 'o' },
		{ "max",     required_argument, NULL, OPT_MAX },
		{ "sort-by", required_argument, NULL, OPT_SORT_BY },
		{ "top",     required_argument, NULL, OPT_TOP },
		{ "help",    no_argument,       NULL, 'h' },
		{ "version", no_argument,       NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .max = MAX_NAMES };
	bool good = true;
	int opt;

	xa_tool_begin(argv);
	while (good && (opt = getopt_long(argc, argv, "o:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'o': o.output = optarg; break;
		case OPT_MAX: good = parse_count(optarg, "--max", &o.max); break;
		case OPT_TOP: good = parse_count(optarg, "--top", &o.top); break;
		case OPT_SORT_BY: good = parse_order(optarg, &o.order); break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			xa_tool_version(argv);
			return 0;
		default:
			return xa_tool_bad_usage(argv);
		}
	}
	if (!good)
		return STATUS_USAGE;
	if (optind < argc)
		return xa_tool_unexpected(argv, argv[optind]);
	return print(&o);
}
