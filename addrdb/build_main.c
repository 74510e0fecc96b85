// SPDX-License-Identifier: GPL-2.0-only
/* build_main - xt_geoip_build, xt_geoip_build_maxmind, xt_asn_build */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools.h"
#include "xa_tool.h"

#define MAX_INPUTS 16

struct options {
	const char *dir;
	const char *input[MAX_INPUTS];
	int inputs;
	const char *add[MAX_INPUTS];
	int adds;
	const char *zone;
	size_t skip_bad;
	enum xa_format format;
	bool quiet, force, summary;
};

static const struct option long_options[] = {
	{ "directory", required_argument, NULL, 'D' },
	{ "input",     required_argument, NULL, 'i' },
	{ "source",    required_argument, NULL, 'S' },
	{ "add",       required_argument, NULL, 'A' },
	{ "skip-bad",  required_argument, NULL, 'B' },
	{ "zone",      required_argument, NULL, 'O' },
	{ "format",    required_argument, NULL, 'f' },
	{ "force",     no_argument,       NULL, 'F' },
	{ "quiet",     no_argument,       NULL, 'q' },
	{ "summary",   no_argument,       NULL, 'M' },
	{ "system",    no_argument,       NULL, 's' },
	{ "help",      no_argument,       NULL, 'h' },
	{ "version",   no_argument,       NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [option...] [file...]\n"
		"Make the database of the %s match.\n\n"
		"  -D, --directory dir   where to write it (.)\n"
		"  -s, --system          where iptables looks for it: %s\n"
		"  -i, --input file      read this, - is the standard input; several may be given\n"
		"  -S, --source dir      read MaxMind's or DB-IP's files in this folder\n"
		"      --add file        add labels of your own; a folder: of all files in it\n"
		"      --skip-bad n      leave out up to n lines that are wrong\n"
		"  -f, --format name     of the files: auto, dbip, maxmind, mmdb, tor, ranges, cidr\n"
		"%s"
		"  -F, --force           accept a database that shrank, is empty or not in order\n"
		"  -q, --quiet           no progress\n"
		"      --summary         one line with the totals in place of one for each %s\n"
		"  -h, --help            this text\n"
		"  -V, --version         the version\n",
		tool, kind->name, xa_system_dir(kind),
		kind == &xa_asn ? "  -O, --zone file       write a DNS zone file too\n" : "",
		kind->what);
}

static void add_input(const char *tool, const char **list, int *n, const char *path)
{
	if (*n == MAX_INPUTS) {
		fprintf(stderr, "%s: at most %d inputs\n", tool, MAX_INPUTS);
		exit(2);
	}
	list[(*n)++] = path;
}

static size_t parse_count(const char *tool, const char *text)
{
	unsigned long n;
	char *end;

	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || strlen(text) > 9) {
		fprintf(stderr, "%s: --skip-bad: \"%s\" is not a number of lines\n", tool, text);
		exit(2);
	}
	return n;
}

static void parse(struct options *o, const struct xa_kind *kind, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, kind == &xa_asn ? "D:i:S:O:f:FqshV" :
				"D:i:S:f:FqshV", long_options, NULL)) != -1) {
		switch (c) {
		case 'D': o->dir = optarg; break;
		case 's': o->dir = xa_system_dir(kind); break;
		case 'i':
		case 'S': add_input(argv[0], o->input, &o->inputs, optarg); break;
		case 'A': add_input(argv[0], o->add, &o->adds, optarg); break;
		case 'B': o->skip_bad = parse_count(argv[0], optarg); break;
		case 'O': o->zone = optarg; break;
		case 'F': o->force = true; break;
		case 'q': o->quiet = true; break;
		case 'M': o->summary = true; break;
		case 'f':
			if (xa_format_parse(optarg, &o->format))
				break;
			fprintf(stderr, "%s: --format: \"%s\" is none of auto, dbip, maxmind, mmdb, tor, ranges, cidr\n",
				argv[0], optarg);
			exit(2);
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
	while (optind < argc)
		add_input(argv[0], o->input, &o->inputs, argv[optind++]);
}

static const char *default_input(const struct xa_kind *kind, bool maxmind)
{
	return kind == &xa_asn || maxmind ? "." : "dbip-country-lite.csv";
}

/* Labels without a range are known, but not in it. */
static void report_summary(const struct xa_db *db)
{
	const struct xa_range *r;
	size_t i, used = 0;

	for (i = 0; i < db->labels; i++)
		used += xa_db_label_ranges(db, XA_IPV4, db->label[i], &r) ||
			xa_db_label_ranges(db, XA_IPV6, db->label[i], &r);
	printf("%zu labels, %zu IPv4 ranges, %zu IPv6 ranges, date %lld\n", used,
	       db->n[XA_IPV4], db->n[XA_IPV6], (long long)db->date);
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

	if (o->summary)
		report_summary(db);
	if (o->quiet || o->summary)
		return;
	fprintf(f, "%zu entries total\n", src->lines);
	for (i = 0; i < db->labels; i++) {
		if (!xa_db_label_ranges(db, XA_IPV4, db->label[i], &r) &&
		    !xa_db_label_ranges(db, XA_IPV6, db->label[i], &r))
			continue;
		for (family = XA_IPV4; family <= XA_IPV6; family++) {
			name = xa_name_get(&src->names, db->label[i]);
			fprintf(f, "%5zu IPv%d ranges for %s%s%s\n",
				xa_db_label_ranges(db, family, db->label[i], &r),
				family == XA_IPV4 ? 4 : 6,
				xa_label_text(db->kind, db->label[i], text),
				name ? " " : "", name ? name : "");
		}
	}
}

static bool read_inputs(struct xa_source *src, const struct options *o, struct xa_err *err)
{
	bool taken[MAX_INPUTS];
	int i;

	for (i = 0; i < o->inputs; i++)
		if (!xa_source_places(src, o->input[i], &taken[i], err))
			return false;
	for (i = 0; i < o->inputs; i++) {
		if (!o->quiet && isatty(STDERR_FILENO))
			fprintf(stderr, "reading %s\n", o->input[i]);
		if (!taken[i] && !xa_source_read(src, o->input[i], o->format, err))
			return false;
	}
	return true;
}

static bool add_file(struct xa_source *src, const char *path, struct xa_err *err)
{
	return xa_source_read(src, path, XA_FORMAT_AUTO, err);
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

/* Neither hidden, nor what editors and packages leave beside a file */
static int is_wanted(const struct dirent *e)
{
	static const char *const left[] = {
		"~", ".bak", ".orig", ".rpmnew", ".rpmsave", ".rpmorig",
	};
	size_t i;

	/* what Emacs saves by itself */
	if (*e->d_name == '#' && ends_in(e->d_name, "#"))
		return false;
	for (i = 0; i < sizeof(left) / sizeof(*left); i++)
		if (ends_in(e->d_name, left[i]))
			return false;
	return *e->d_name != '.' && !strstr(e->d_name, ".dpkg-");
}

static bool add_folder(struct xa_source *src, const char *dir, struct xa_err *err)
{
	struct dirent **list;
	char path[4096];
	bool good = true;
	int n, i;

	n = scandir(dir, &list, is_wanted, alphasort);
	if (n < 0)
		return xa_fail(err, "Could not open %s: %s", dir, strerror(errno));
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%.3800s/%s", dir, list[i]->d_name);
		good = good && add_file(src, path, err);
		free(list[i]);
	}
	free(list);
	return good;
}

/* The administrator's own labels; their ranges may overlap what others say. */
static bool read_added(struct xa_source *src, const struct options *o, struct xa_err *err)
{
	struct stat st;
	bool good = true;
	int i;

	src->adding = true;
	for (i = 0; i < o->adds && good; i++)
		good = !stat(o->add[i], &st) && S_ISDIR(st.st_mode) ?
		       add_folder(src, o->add[i], err) : add_file(src, o->add[i], err);
	return good;
}

/* The database is there and sorted; take the place of the old one. */
static bool put(struct xa_source *src, const struct options *o, struct xa_err *err)
{
	struct xa_zone zone;
	bool good;

	if (!o->force && !xa_gate(src->db, o->dir, err))
		return false;
	if (o->zone && !xa_zone_write(&zone, src->db, &src->names, o->zone, err))
		return false;
	good = xa_store_write(src->db, o->dir, err);
	return o->zone ? xa_zone_end(&zone, good, err) : good;
}

static bool build(struct xa_source *src, const struct options *o, struct xa_err *err)
{
	bool good;
	int lock;

	if (!read_inputs(src, o, err) || !read_added(src, o, err) ||
	    !xa_known_add(src->db, err))
		return false;
	if (!xa_db_sort(src->db, err))
		return o->force ? false : xa_fail(err, "the new database is empty: refused");
	lock = xa_store_lock(o->dir, err);
	if (lock < 0)
		return false;
	good = put(src, o, err);
	close(lock);
	return good;
}

int xa_build_main(const struct xa_kind *kind, bool maxmind, int argc, char **argv)
{
	struct options o = { .dir = "." };
	struct xa_source src = { .force = false };
	struct xa_err err;
	struct xa_db db;
	bool good;

	xa_tool_begin(argv);
	/* libarchive reads no name that the locale does not know */
	setlocale(LC_CTYPE, "C.UTF-8");
	parse(&o, kind, argc, argv);
	if (!o.inputs)
		add_input(argv[0], o.input, &o.inputs, default_input(kind, maxmind));
	if (access(o.dir, X_OK)) {
		fprintf(stderr, "%s: no folder %s\n", argv[0], o.dir);
		return 1;
	}
	xa_db_init(&db, kind);
	src.db = &db;
	src.force = o.force;
	src.skip_bad = o.skip_bad;
	good = build(&src, &o, &err);
	if (good)
		report(&src, &o);
	else
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	if (src.skipped)
		fprintf(stderr, "%s: %zu lines were wrong and left out\n", argv[0], src.skipped);
	if (src.warned)
		fprintf(stderr, "%s: %zu ranges were not in order or overlapped; sorted and joined\n",
			argv[0], src.warned);
	xa_source_free(&src);
	xa_db_free(&db);
	return !good;
}
