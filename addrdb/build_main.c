// SPDX-License-Identifier: GPL-2.0-only
/* build_main - xt_geoip_build, xt_geoip_build_maxmind, xt_asn_build */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

#define MAX_INPUTS 16

struct options {
	const char *dir;
	const char *input[MAX_INPUTS];
	int inputs;
	const char *zone;
	enum xa_format format;
	bool quiet, force;
};

static const struct option long_options[] = {
	{ "directory", required_argument, NULL, 'D' },
	{ "input",     required_argument, NULL, 'i' },
	{ "source",    required_argument, NULL, 'S' },
	{ "zone",      required_argument, NULL, 'O' },
	{ "format",    required_argument, NULL, 'f' },
	{ "force",     no_argument,       NULL, 'F' },
	{ "quiet",     no_argument,       NULL, 'q' },
	{ "system",    no_argument,       NULL, 's' },
	{ "help",      no_argument,       NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [option...] [file...]\n"
		"Make the database of the %s match.\n\n"
		"  -D, --directory dir   where to write it (.)\n"
		"  -s, --system          where iptables looks for it: %s\n"
		"  -i, --input file      read this, - is the standard input; several may be given\n"
		"  -S, --source dir      read the MaxMind CSV files in this folder\n"
		"  -f, --format name     of the files: auto, dbip, maxmind, mmdb, tor, ranges, cidr\n"
		"%s"
		"  -F, --force           accept a database that shrank, is empty or not in order\n"
		"  -q, --quiet           no progress\n",
		tool, kind->name, kind->dir,
		kind == &xa_asn ? "  -O, --zone file       write a DNS zone file too\n" : "");
}

static void add_input(struct options *o, const char *path)
{
	if (o->inputs == MAX_INPUTS) {
		fprintf(stderr, "at most %d inputs\n", MAX_INPUTS);
		exit(2);
	}
	o->input[o->inputs++] = path;
}

static void parse(struct options *o, const struct xa_kind *kind, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, kind == &xa_asn ? "D:i:S:O:f:Fqsh" :
				"D:i:S:f:Fqsh", long_options, NULL)) != -1) {
		switch (c) {
		case 'D': o->dir = optarg; break;
		case 's': o->dir = kind->dir; break;
		case 'i': add_input(o, optarg); break;
		case 'S':
			add_input(o, optarg);
			o->format = XA_FORMAT_MAXMIND;
			break;
		case 'O': o->zone = optarg; break;
		case 'F': o->force = true; break;
		case 'q': o->quiet = true; break;
		case 'f':
			if (xa_format_parse(optarg, &o->format))
				break;
			fprintf(stderr, "--format: \"%s\" is none of auto, dbip, maxmind, mmdb, tor, ranges, cidr\n",
				optarg);
			exit(2);
		case 'h':
			usage(stdout, kind, argv[0]);
			exit(0);
		default:
			usage(stderr, kind, argv[0]);
			exit(2);
		}
	}
	while (optind < argc)
		add_input(o, argv[optind++]);
}

static const char *default_input(const struct xa_kind *kind, bool maxmind)
{
	return kind == &xa_asn || maxmind ? "." : "dbip-country-lite.csv";
}

static void report(const struct xa_source *src, const struct options *o)
{
	const struct xa_db *db = src->db;
	FILE *f = db->kind == &xa_asn ? stderr : stdout;
	const struct xa_range *r;
	char text[XA_LABEL_LEN];
	const char *name;
	size_t i;
	int family;

	if (o->quiet)
		return;
	fprintf(f, "%zu entries total\n", src->lines);
	for (i = 0; i < db->labels; i++)
		for (family = XA_IPV4; family <= XA_IPV6; family++) {
			name = xa_name_get(&src->names, db->label[i]);
			fprintf(f, "%5zu IPv%d ranges for %s%s%s\n",
				xa_db_label_ranges(db, family, db->label[i], &r),
				family == XA_IPV4 ? 4 : 6,
				xa_label_text(db->kind, db->label[i], text),
				name ? " " : "", name ? name : "");
		}
}

static bool build(struct xa_source *src, const struct options *o, struct xa_err *err)
{
	int i;

	for (i = 0; i < o->inputs; i++) {
		if (!o->quiet && isatty(STDERR_FILENO))
			fprintf(stderr, "reading %s\n", o->input[i]);
		if (!xa_source_read(src, o->input[i], o->format, err))
			return false;
	}
	if (!xa_db_sort(src->db, err))
		return o->force ? false : xa_fail(err, "the new database is empty: refused");
	if (!o->force && !xa_gate(src->db, o->dir, err))
		return false;
	if (o->zone && !xa_zone_write(src->db, &src->names, o->zone, err))
		return false;
	return xa_disk_write(src->db, o->dir, err);
}

int xa_build_main(const struct xa_kind *kind, bool maxmind, int argc, char **argv)
{
	struct options o = { .dir = "." };
	struct xa_source src = { .force = false };
	struct xa_err err;
	struct xa_db db;
	bool good;

	parse(&o, kind, argc, argv);
	if (!o.inputs)
		add_input(&o, default_input(kind, maxmind));
	if (access(o.dir, X_OK)) {
		fprintf(stderr, "%s: no folder %s\n", argv[0], o.dir);
		return 1;
	}
	xa_db_init(&db, kind);
	src.db = &db;
	src.force = o.force;
	good = build(&src, &o, &err);
	if (good)
		report(&src, &o);
	else
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	if (src.warned)
		fprintf(stderr, "%s: %zu ranges were not in order or overlapped; sorted and joined\n",
			argv[0], src.warned);
	xa_source_free(&src);
	xa_db_free(&db);
	return !good;
}
