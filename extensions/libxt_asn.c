// SPDX-License-Identifier: GPL-2.0-only
/* libxt_asn - iptables plugin for the asn match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_labels.h"
#include "xa_plugin.h"
#include "xt_asn.h"

static const struct xt_option_entry asn_mt_opts[] = {
	XA_LABELS_SRC_OPTION("src-asn"),
	XA_LABELS_SRC_OPTION("source-number"),
	XA_LABELS_DST_OPTION("dst-asn"),
	XA_LABELS_DST_OPTION("destination-number"),
	XA_LABELS_ORIG_OPTION("orig-asn"),
	XTOPT_TABLEEND,
};

static const struct xa_labels_match asn_labels = {
	.kind    = &xa_asn,
	.options = {
		[XA_LABELS_O_SRC]  = "src-asn",
		[XA_LABELS_O_DST]  = "dst-asn",
		[XA_LABELS_O_ORIG] = "orig-asn",
	},
	.label   = "AS number",
	.labels  = "AS numbers",
	.max     = XT_ASN_MAX,
	.size    = sizeof(((struct xt_asn_mtinfo *)NULL)->asn[0]),
};

static void asn_mt_help(void)
{
	printf("asn match options:\n"
	       "[!] --src-asn, --source-number number[,number...]       the source belongs to one of these systems\n"
	       "[!] --dst-asn, --destination-number number[,number...]  the destination belongs to one of them\n"
	       "[!] --orig-asn number[,number...]                       the host that opened the connection belongs to one of them\n");
}

static void asn_mt_parse(struct xt_option_call *cb)
{
	xa_labels_parse(&asn_labels, cb);
}

static void asn_mt_check(struct xt_fcheck_call *cb)
{
	xa_labels_check(&asn_labels, cb);
}

static void asn_mt_save(const void *ip, const struct xt_entry_match *match)
{
	xa_labels_save(&asn_labels, (const void *)match->data);
}

static void asn_mt_print(const void *ip, const struct xt_entry_match *match,
			 int numeric)
{
	printf(" -m asn");
	asn_mt_save(ip, match);
}

#define ASN_MT(FAMILY) {						\
	.version       = XTABLES_VERSION,				\
	.name          = "asn",						\
	.revision      = XT_ASN_REVISION,				\
	.family        = FAMILY,					\
	.size          = XT_ALIGN(sizeof(struct xt_asn_mtinfo)),	\
	.userspacesize = offsetof(struct xt_asn_mtinfo, set),		\
	.help          = asn_mt_help,					\
	.print         = asn_mt_print,					\
	.save          = asn_mt_save,					\
	.x6_parse      = asn_mt_parse,					\
	.x6_fcheck     = asn_mt_check,					\
	.x6_options    = asn_mt_opts,					\
}

static struct xtables_match asn_mt_reg[] = {
	ASN_MT(NFPROTO_IPV4),
	ASN_MT(NFPROTO_IPV6),
};

XA_PLUGIN_INIT(asn)
{
	xa_register_matches(asn_mt_reg,
			    sizeof(asn_mt_reg) / sizeof(*asn_mt_reg));
}
