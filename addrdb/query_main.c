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

enum { OPT_NFT_DEFINES = 256 };

static const struct option geoip_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "nft-defines", optional_argument, NULL, OPT_NFT_DEFINES },
	{ }
};

static const struct option asn_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [-D dir] [-4] [-6] word...\n", tool);
	if (kind == &xa_geoip)
		fprintf(f, "       %s --nft-defines[=mask]\n", tool);
	fprintf(f, "A word is a %s, whose ranges are shown, or an address, whose\n"
		"labels are shown. The database is the one in dir (.).\n", kind->what);
	if (kind == &xa_geoip)
		fputs("--nft-defines writes the numbers of all countries, as nft includes them, for a\n"
		      "field of the mark (0x3ff).\n", f);
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

static int written(void)
{
	return fflush(stdout) || ferror(stdout);
}

/* The numbers of countries in the field that text tells; NULL: where it mostly is. */
static int print_defines(const char *tool, const char *text)
{
	char *end = NULL;
	unsigned long mask = text ? strtoul(text, &end, 0) : 0x3ff;

	if ((end && (end == text || *end)) || mask > UINT32_MAX || !xa_known_print(stdout, mask)) {
		fprintf(stderr, "%s: --nft-defines: \"%s\" is no mask of at least 10 bits that lie side by side\n",
			tool, text);
		return 2;
	}
	return written();
}

int xa_query_main(const struct xa_kind *kind, int argc, char **argv)
{
	const struct option *options = kind == &xa_geoip ? geoip_options : asn_options;
	struct options o = { .dir = "." };
	const char *mask = NULL;
	bool defines = false;
	struct xa_err err;
	struct xa_db db;
	bool good;
	int c;

	while ((c = getopt_long(argc, argv, "D:46h", options, NULL)) != -1) {
		switch (c) {
		case 'D': o.dir = optarg; break;
		case '4': o.family[XA_IPV4] = true; break;
		case '6': o.family[XA_IPV6] = true; break;
		case OPT_NFT_DEFINES: defines = true; mask = optarg; break;
		case 'h':
			usage(stdout, kind, argv[0]);
			return 0;
		default:
			usage(stderr, kind, argv[0]);
			return 2;
		}
	}
	if (defines ? optind < argc : optind == argc) {
		usage(stderr, kind, argv[0]);
		return 2;
	}
	if (defines)
		return print_defines(argv[0], mask);
	if (!o.family[XA_IPV4] && !o.family[XA_IPV6])
		o.family[XA_IPV4] = o.family[XA_IPV6] = true;
	xa_db_init(&db, kind);
	good = xa_store_read(&db, o.dir, &err) == XA_FOUND;
	for (; optind < argc && good; optind++)
		good = show(&o, &db, argv[optind], &err);
	if (!good)
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
	xa_db_free(&db);
	return written() || !good;
}
