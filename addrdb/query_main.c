// SPDX-License-Identifier: GPL-2.0-only
/* query_main - xt_geoip_query, xt_asn_query: what the files say */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

struct options {
	const char *dir;
	bool family[2];
};

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [-D dir] [-4] [-6] word...\n"
		"A word is a %s, whose ranges are shown, or an address, whose\n"
		"labels are shown. The database is the one in dir (.).\n",
		tool, kind->what);
}

static bool show_label(const struct xa_kind *kind, const struct options *o,
		       uint32_t label, struct xa_err *err)
{
	char a[64], b[64];
	struct xa_db db;
	bool good = true;
	size_t i;
	int f;

	xa_db_init(&db, kind);
	for (f = XA_IPV4; f <= XA_IPV6 && good; f++)
		good = xa_disk_read_label(&db, o->dir, label, f, err);
	for (f = XA_IPV4; f <= XA_IPV6 && good; f++)
		for (i = 0; o->family[f] && i < db.n[f]; i++)
			printf("%s-%s\n",
			       xa_addr_text(f, db.range[f][i].first, a, sizeof(a)),
			       xa_addr_text(f, db.range[f][i].last, b, sizeof(b)));
	xa_db_free(&db);
	return good;
}

static bool show_addr(const struct xa_kind *kind, const struct options *o,
		      const char *word, int family, struct xa_addr a,
		      struct xa_err *err)
{
	char text[XA_LABEL_LEN];
	const struct xa_range *r;
	struct xa_db db;
	bool good, any = false;
	size_t i;

	xa_db_init(&db, kind);
	good = xa_disk_read(&db, o->dir, err);
	if (good)
		printf("%s:", word);
	for (i = 0, r = db.range[family]; good && i < db.n[family]; i++, r++) {
		if (xa_addr_cmp(r->first, a) > 0 || xa_addr_cmp(r->last, a) < 0)
			continue;
		printf(" %s", xa_label_text(kind, r->label, text));
		any = true;
	}
	if (good)
		printf("%s\n", any ? "" : " -");
	xa_db_free(&db);
	return good;
}

static bool show(const struct xa_kind *kind, const struct options *o,
		 const char *word, struct xa_err *err)
{
	struct xa_addr a;
	uint32_t label;
	int family;

	if (xa_label_parse(kind, word, &label))
		return show_label(kind, o, label, err);
	if (strpbrk(word, ".:") && xa_addr_parse(word, &family, &a))
		return show_addr(kind, o, word, family, a, err);
	return xa_fail(err, "\"%s\" is neither an address nor a %s: that must be %s",
		       word, kind->what, kind->label_rule);
}

int xa_query_main(const struct xa_kind *kind, int argc, char **argv)
{
	struct options o = { .dir = "." };
	struct xa_err err;
	int c;

	while ((c = getopt(argc, argv, "D:46h")) != -1) {
		switch (c) {
		case 'D': o.dir = optarg; break;
		case '4': o.family[XA_IPV4] = true; break;
		case '6': o.family[XA_IPV6] = true; break;
		case 'h':
			usage(stdout, kind, argv[0]);
			return 0;
		default:
			usage(stderr, kind, argv[0]);
			return 2;
		}
	}
	if (optind == argc) {
		usage(stderr, kind, argv[0]);
		return 2;
	}
	if (!o.family[XA_IPV4] && !o.family[XA_IPV6])
		o.family[XA_IPV4] = o.family[XA_IPV6] = true;
	for (; optind < argc; optind++)
		if (!show(kind, &o, argv[optind], &err)) {
			fprintf(stderr, "%s: %s\n", argv[0], err.text);
			return 1;
		}
	return fflush(stdout) || ferror(stdout);
}
