// SPDX-License-Identifier: GPL-2.0-only
/* load_main - xt_geoip_load, xt_asn_load: the database in the kernel */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools.h"
#include "xa_tool.h"

#define MAX_LABELS 4096

static const struct option long_options[] = {
	{ "directory", required_argument, NULL, 'D' },
	{ "status",    no_argument,       NULL, 's' },
	{ "query",     required_argument, NULL, 'Q' },
	{ "unload",    no_argument,       NULL, 'u' },
	{ "json",      no_argument,       NULL, 'j' },
	{ "quiet",     no_argument,       NULL, 'q' },
	{ "help",      no_argument,       NULL, 'h' },
	{ "version",   no_argument,       NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [-q] [-D dir]      load the database, for all rules at once\n"
		"       %s --status           what is loaded\n"
		"       %s --query address... what the kernel says of an address\n"
		"       %s --unload           when no rule needs it\n\n"
		"  -D, --directory dir   of the database (%s)\n"
		"      --json            --status and --query: print JSON\n"
		"  -q, --quiet           say nothing but errors\n"
		"  -h, --help            this text\n"
		"  -V, --version         the version\n",
		tool, tool, tool, tool, xa_system_dir(kind));
}

static const char *date_text(uint64_t date, char *buf, size_t len)
{
	time_t t = date;
	struct tm tm;

	if (!date || !gmtime_r(&t, &tm) || !strftime(buf, len, "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(buf, len, "unknown");
	return buf;
}

static void print_status(const struct xa_status *st)
{
	char date[64];

	printf("generation: %llu\nage: %llu s\nsource: %s\ndate: %s\n",
	       (unsigned long long)st->generation, (unsigned long long)st->age,
	       st->source, date_text(st->date, date, sizeof(date)));
	printf("ranges: %u IPv4, %u IPv6\nlabels: %u\nclasses: %u\nsets in rules: %u\n",
	       st->ranges[0], st->ranges[1], st->labels, st->classes, st->sets);
	printf("memory: %llu IPv4, %llu IPv6, %llu other\n",
	       (unsigned long long)st->memory4, (unsigned long long)st->memory6,
	       (unsigned long long)st->memory);
}

/* Times in seconds, of the date since 1970; memory in bytes */
static void print_status_json(const struct xa_kind *kind, const struct xa_status *st)
{
	printf("{\"kind\":\"%s\",\"generation\":%llu,\"age\":%llu,\"source\":", kind->name,
	       (unsigned long long)st->generation, (unsigned long long)st->age);
	xa_tool_json_string(stdout, st->source);
	printf(",\"date\":%llu,\"ranges\":{\"ipv4\":%u,\"ipv6\":%u},\"labels\":%u,"
	       "\"classes\":%u,\"sets\":%u,\"memory\":{\"ipv4\":%llu,\"ipv6\":%llu,\"other\":%llu}}\n",
	       (unsigned long long)st->date, st->ranges[0], st->ranges[1], st->labels,
	       st->classes, st->sets, (unsigned long long)st->memory4,
	       (unsigned long long)st->memory6, (unsigned long long)st->memory);
}

static bool status(struct xa_client *c, const struct xa_kind *kind, bool json,
		   struct xa_err *err)
{
	struct xa_status st;

	switch (xa_client_status(c, kind, &st, err)) {
	case XA_REPLY_ERROR:
		return false;
	case XA_REPLY_NONE:
		return xa_fail(err, "no %s database is loaded%s", kind->name,
			       st.sets ? ", and rules wait for one" : "");
	case XA_REPLY_OK:
		break;
	}
	if (json)
		print_status_json(kind, &st);
	else
		print_status(&st);
	return true;
}

static bool query(struct xa_client *c, const struct xa_kind *kind, const char *addr,
		  bool json, struct xa_err *err)
{
	static uint32_t labels[MAX_LABELS];
	char text[XA_LABEL_LEN];
	struct xa_addr a;
	int family;
	size_t n, i;

	if (!strpbrk(addr, ".:") || !xa_addr_parse(addr, &family, &a))
		return xa_fail(err, "\"%s\" is no address", addr);
	switch (xa_client_query(c, kind, family, a, labels, MAX_LABELS, &n, err)) {
	case XA_REPLY_ERROR:
		return false;
	case XA_REPLY_NONE:
		return xa_fail(err, "no %s database is loaded", kind->name);
	case XA_REPLY_OK:
		break;
	}
	printf(json ? "{\"address\":\"%s\",\"labels\":[" : "%s:", addr);
	for (i = 0; i < n; i++) {
		xa_label_text(kind, labels[i], text);
		if (json)
			printf("%s\"%s\"", i ? "," : "", text);
		else
			printf(" %s", text);
	}
	puts(json ? "]}" : n ? "" : " -");
	return true;
}

static bool load(struct xa_client *c, const struct xa_kind *kind, const char *dir,
		 bool quiet, struct xa_err *err)
{
	char *source = realpath(dir, NULL);
	struct xa_store_sum sum;
	bool good;

	good = xa_store_load(c, kind, source ? source : dir, true, &sum, err);
	if (good && !quiet)
		printf("%llu IPv4 and %llu IPv6 ranges of %u labels loaded from %s\n",
		       (unsigned long long)sum.ranges[XA_IPV4],
		       (unsigned long long)sum.ranges[XA_IPV6], sum.labels, dir);
	free(source);
	return good;
}

/* What the command line asks for. */
struct job {
	const char *dir, *addr;
	char what;		/* 'l' load, or an option */
	bool quiet, json;
};

static void parse(struct job *job, const struct xa_kind *kind, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "D:qhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'D': job->dir = optarg; break;
		case 'q': job->quiet = true; break;
		case 'j': job->json = true; break;
		case 'Q':
			job->addr = optarg;
			/* fall through */
		case 's':
		case 'u':
			job->what = c;
			break;
		case 'h':
			usage(stdout, kind, argv[0]);
			exit(0);
		case 'V':
			xa_tool_version(argv);
			exit(0);
		default:
			exit(xa_tool_bad_usage(argv));
		}
	}
	if (optind < argc && job->what != 'Q')
		exit(xa_tool_unexpected(argv, argv[optind]));
	if (job->json && job->what != 'Q' && job->what != 's') {
		fprintf(stderr, "%s: --json goes with --status and --query only\n", argv[0]);
		exit(xa_tool_bad_usage(argv));
	}
}

static bool run(struct xa_client *c, const struct xa_kind *kind, const struct job *job,
		char **more, struct xa_err *err)
{
	bool good;

	switch (job->what) {
	case 's':
		return status(c, kind, job->json, err);
	case 'u':
		return xa_client_unload(c, kind, err);
	case 'Q':
		good = query(c, kind, job->addr, job->json, err);
		while (good && *more)
			good = query(c, kind, *more++, job->json, err);
		return good;
	}
	return load(c, kind, job->dir, job->quiet, err);
}

int xa_load_main(const struct xa_kind *kind, int argc, char **argv)
{
	struct job job = { .dir = xa_system_dir(kind), .what = 'l' };
	struct xa_client *c;
	struct xa_err err;
	bool good;

	xa_tool_begin(argv);
	parse(&job, kind, argc, argv);
	c = xa_client_open(&err);
	good = c && run(c, kind, &job, argv + optind, &err);
	xa_client_close(c);
	if (!good)
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	return !good;
}
