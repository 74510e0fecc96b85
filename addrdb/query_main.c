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

static bool show_label(const struct options *o, const struct xa_db *db,
		       const char *word, uint32_t label, struct xa_err *err)
{
	const struct xa_range *r;
	char a[64], b[64];
	size_t i, n;
	int f;

	for (i = 0; i < db->labels && db->label[i] != label; i++)
		;
	if (i == db->labels)
		return xa_fail(err, "the database in %s has no %s %s", o->dir,
			       db->kind->what, word);
	for (f = XA_IPV4; f <= XA_IPV6; f++) {
		n = xa_db_label_ranges(db, f, label, &r);
		for (i = 0; o->family[f] && i < n; i++, r++)
			printf("%s-%s\n", xa_addr_text(f, r->first, a, sizeof(a)),
			       xa_addr_text(f, r->last, b, sizeof(b)));
	}
	return true;
}

static bool show_addr(const struct xa_db *db, const char *word, int family,
		      struct xa_addr a)
{
	char text[XA_LABEL_LEN];
	const struct xa_range *r;
	bool any = false;
	size_t i;

	printf("%s:", word);
	for (i = 0, r = db->range[family]; i < db->n[family]; i++, r++) {
		if (xa_addr_cmp(r->first, a) > 0 || xa_addr_cmp(r->last, a) < 0)
			continue;
		printf(" %s", xa_label_text(db->kind, r->label, text));
		any = true;
	}
	printf("%s\n", any ? "" : " -");
	return true;
}

static bool show(const struct options *o, const struct xa_db *db, const char *word,
		 struct xa_err *err)
{
	const struct xa_kind *kind = db->kind;
	struct xa_addr a;
	uint32_t label;
	int family;

	if (xa_label_parse(kind, word, &label))
		return show_label(o, db, word, label, err);
	if (strpbrk(word, ".:") && xa_addr_parse(word, &family, &a))
		return show_addr(db, word, family, a);
	return xa_fail(err, "\"%s\" is neither an address nor a %s: that must be %s",
		       word, kind->what, kind->label_rule);
}

int xa_query_main(const struct xa_kind *kind, int argc, char **argv)
{
	struct options o = { .dir = "." };
	struct xa_err err;
	struct xa_db db;
	bool good;
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
	xa_db_init(&db, kind);
	good = xa_store_read(&db, o.dir, &err) == XA_FOUND;
	for (; optind < argc && good; optind++)
		good = show(&o, &db, argv[optind], &err);
	if (!good)
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	xa_db_free(&db);
	return !good || fflush(stdout) || ferror(stdout);
}
