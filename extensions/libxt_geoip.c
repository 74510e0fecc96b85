// SPDX-License-Identifier: GPL-2.0-only
/* libxt_geoip - iptables plugin for the geoip match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_labels.h"
#include "xa_plugin.h"
#include "xt_geoip.h"

static const struct xt_option_entry geoip_mt_opts[] = {
	XA_LABELS_SRC_OPTION("source-country"),
	XA_LABELS_SRC_OPTION("src-cc"),
	XA_LABELS_DST_OPTION("destination-country"),
	XA_LABELS_DST_OPTION("dst-cc"),
	XA_LABELS_ORIG_OPTION("orig-cc"),
	XTOPT_TABLEEND,
};

static const struct xa_labels_match geoip_labels = {
	.kind    = &xa_geoip,
	.options = {
		[XA_LABELS_O_SRC]  = "source-country",
		[XA_LABELS_O_DST]  = "destination-country",
		[XA_LABELS_O_ORIG] = "orig-cc",
	},
	.label   = "country code",
	.labels  = "countries",
	.max     = XT_GEOIP_MAX,
	.size    = sizeof(((struct xt_geoip_mtinfo *)NULL)->cc[0]),
};

static void geoip_mt_help(void)
{
	printf("geoip match options:\n"
	       "[!] --src-cc, --source-country country[,country...]       the source is in one of these countries\n"
	       "[!] --dst-cc, --destination-country country[,country...]  the destination is in one of them\n"
	       "[!] --orig-cc country[,country...]                        the host that opened the connection is in one of them\n"
	       "    A country is its ISO 3166 code.\n");
}

static void geoip_mt_parse(struct xt_option_call *cb)
{
	xa_labels_parse(&geoip_labels, cb);
}

static void geoip_mt_check(struct xt_fcheck_call *cb)
{
	xa_labels_check(&geoip_labels, cb);
}

static void geoip_mt_save(const void *ip, const struct xt_entry_match *match)
{
	xa_labels_save(&geoip_labels, (const void *)match->data);
}

static void geoip_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	printf(" -m geoip");
	geoip_mt_save(ip, match);
}

#define GEOIP_MT(FAMILY) {						\
	.version       = XTABLES_VERSION,				\
	.name          = "geoip",					\
	.revision      = XT_GEOIP_REVISION,				\
	.family        = FAMILY,					\
	.size          = XT_ALIGN(sizeof(struct xt_geoip_mtinfo)),	\
	.userspacesize = offsetof(struct xt_geoip_mtinfo, set),		\
	.help          = geoip_mt_help,					\
	.print         = geoip_mt_print,				\
	.save          = geoip_mt_save,					\
	.x6_parse      = geoip_mt_parse,				\
	.x6_fcheck     = geoip_mt_check,				\
	.x6_options    = geoip_mt_opts,					\
}

static struct xtables_match geoip_mt_reg[] = {
	GEOIP_MT(NFPROTO_IPV4),
	GEOIP_MT(NFPROTO_IPV6),
};

XA_PLUGIN_INIT(geoip)
{
	xa_register_matches(geoip_mt_reg,
			    sizeof(geoip_mt_reg) / sizeof(*geoip_mt_reg));
}
