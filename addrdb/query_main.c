// SPDX-License-Identifier: GPL-2.0-only
/* query_main - xt_geoip_query, xt_asn_query: what the files say */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"
#include "xa_tool.h"

struct options {
	const char *dir;
	bool family[2];
	bool json;
};

enum { OPT_NFT_DEFINES = 256, OPT_JSON };

static const struct option long_options[] = {
	{ "directory",   required_argument, NULL, 'D' },
	{ "ipv4",        no_argument,       NULL, '4' },
	{ "ipv6",        no_argument,       NULL, '6' },
	{ "json",        no_argument,       NULL, OPT_JSON },
	{ "help",        no_argument,       NULL, 'h' },
	{ "version",     no_argument,       NULL, 'V' },
	/* of countries only, and so the last one */
	{ "nft-defines", optional_argument, NULL, OPT_NFT_DEFINES },
	{ }
};

/* Those of a kind; a copy, since AS numbers have one less. */
static const struct option *options_of(const struct xa_kind *kind)
{
	static struct option asn_options[sizeof(long_options) / sizeof(long_options[0]) - 1];

	if (kind == &xa_geoip)
		return long_options;
	memcpy(asn_options, long_options, sizeof(asn_options) - sizeof(asn_options[0]));
	return asn_options;
}

static void usage(FILE *f, const struct xa_kind *kind, const char *tool)
{
	fprintf(f, "usage: %s [option...] word...\n", tool);
	if (kind == &xa_geoip)
		fprintf(f, "       %s --nft-defines[=mask]\n", tool);
	fprintf(f, "Show the ranges of a word that is a %s, or what the database\n"
		"gives for a word that is an address.\n\n"
		"  -D, --directory dir   of the database (%s)\n"
		"  -4, --ipv4            ranges of IPv4 only\n"
		"  -6, --ipv6            ranges of IPv6 only\n"
		"      --json            print JSON, one document a line for each word\n"
		"%s"
		"  -h, --help            this text\n"
		"  -V, --version         the version\n",
		kind->what, xa_system_dir(kind), kind != &xa_geoip ? "" :
		"      --nft-defines[=mask]\n"
		"                        write the numbers of all countries as nft includes them,\n"
		"                        for a field of the mark (0x3ff)\n");
}

static bool show_label(const struct options *o, const struct xa_db *db,
		       const char *word, uint32_t label, struct xa_err *err)
{
	const struct xa_range *r;
	char a[64], b[64], text[XA_LABEL_LEN];
	const char *comma = "";
	size_t i, n;
	int f;

	for (i = 0; i < db->labels && db->label[i] != label; i++)
		;
	if (i == db->labels)
		return xa_fail(err, "the database in %s has no %s %s", o->dir,
			       db->kind->what, word);
	if (o->json)
		printf("{\"label\":\"%s\",\"ranges\":[", xa_label_text(db->kind, label, text));
	for (f = XA_IPV4; f <= XA_IPV6; f++) {
		n = xa_db_label_ranges(db, f, label, &r);
		for (i = 0; o->family[f] && i < n; i++, r++, comma = ",")
			printf(o->json ? "%s\"%s-%s\"" : "%s%s-%s\n", o->json ? comma : "",
			       xa_addr_text(f, r->first, a, sizeof(a)),
			       xa_addr_text(f, r->last, b, sizeof(b)));
	}
	if (o->json)
		puts("]}");
	return true;
}

static bool show_addr(const struct options *o, const struct xa_db *db, const char *word,
		      int family, struct xa_addr a)
{
	char text[XA_LABEL_LEN];
	const struct xa_range *r;
	bool any = false;
	size_t i;

	printf(o->json ? "{\"address\":\"%s\",\"labels\":[" : "%s:", word);
	for (i = 0, r = db->range[family]; i < db->n[family]; i++, r++) {
		if (xa_addr_cmp(r->first, a) > 0 || xa_addr_cmp(r->last, a) < 0)
			continue;
		xa_label_text(db->kind, r->label, text);
		if (o->json)
			printf("%s\"%s\"", any ? "," : "", text);
		else
			printf(" %s", text);
		any = true;
	}
	puts(o->json ? "]}" : any ? "" : " -");
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
		return show_addr(o, db, word, family, a);
	return xa_fail(err, "\"%s\" is neither an address nor a %s: that must be %s",
		       word, kind->what, kind->label_rule);
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
	return 0;
}

int xa_query_main(const struct xa_kind *kind, int argc, char **argv)
{
	struct options o = { .dir = xa_system_dir(kind) };
	const char *mask = NULL;
	bool defines = false;
	struct xa_err err;
	struct xa_db db;
	bool good;
	int c;

	xa_tool_begin(argv);
	while ((c = getopt_long(argc, argv, "D:46hV", options_of(kind), NULL)) != -1) {
		switch (c) {
		case 'D': o.dir = optarg; break;
		case '4': o.family[XA_IPV4] = true; break;
		case '6': o.family[XA_IPV6] = true; break;
		case OPT_JSON: o.json = true; break;
		case OPT_NFT_DEFINES: defines = true; mask = optarg; break;
		case 'h':
			usage(stdout, kind, argv[0]);
			return 0;
		case 'V':
			xa_tool_version(argv);
			return 0;
		default:
			return xa_tool_bad_usage(argv);
		}
	}
	if (defines && optind < argc)
		return xa_tool_unexpected(argv, argv[optind]);
	if (!defines && optind == argc) {
		fprintf(stderr, "%s: an address or a %s is needed\n", argv[0], kind->what);
		return xa_tool_bad_usage(argv);
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
	return !good;
}
