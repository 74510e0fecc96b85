// SPDX-License-Identifier: GPL-2.0-only
/* libxt_asn - iptables plugin for the asn match */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "../addrdb/addrdb.h"
#include "xa_plugin.h"
#include "xt_asn.h"

enum {
	O_SRC,
	O_DST,
	O_ORIG,
	F_SRC  = 1 << O_SRC,
	F_DST  = 1 << O_DST,
	F_ORIG = 1 << O_ORIG,
};

static const struct xt_option_entry asn_mt_opts[] = {
	{ .name  = "src-asn",
	  .id    = O_SRC,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_DST | F_ORIG },
	{ .name  = "source-number",
	  .id    = O_SRC,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_DST | F_ORIG },
	{ .name  = "dst-asn",
	  .id    = O_DST,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_ORIG },
	{ .name  = "destination-number",
	  .id    = O_DST,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_ORIG },
	{ .name  = "orig-asn",
	  .id    = O_ORIG,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_DST },
	XTOPT_TABLEEND,
};

static void asn_mt_help(void)
{
	printf("asn match options:\n"
	       "[!] --src-asn, --source-number number[,number...]       the source belongs to one of these systems\n"
	       "[!] --dst-asn, --destination-number number[,number...]  the destination belongs to one of them\n"
	       "[!] --orig-asn number[,number...]                       the host that opened the connection belongs to one of them\n");
}

static const unsigned char asn_way[] = {
	[O_SRC]  = XT_ASN_SRC,
	[O_DST]  = XT_ASN_DST,
	[O_ORIG] = XT_ASN_SRC | XT_ASN_ORIG,
};

static const char *asn_option(const struct xt_asn_mtinfo *info)
{
	if (info->flags & XT_ASN_ORIG)
		return "orig-asn";
	return info->flags & XT_ASN_SRC ? "src-asn" : "dst-asn";
}

static bool asn_has(const struct xt_asn_mtinfo *info, uint32_t label)
{
	unsigned int i;

	for (i = 0; i < info->count; i++)
		if (info->asn[i] == label)
			return true;
	return false;
}

/* One AS number of the list; a second time it is dropped. */
static void asn_add(struct xt_asn_mtinfo *info, const char *opt, const char *word)
{
	uint32_t label;

	if (!xa_label_parse(&xa_asn, word, &label))
		xtables_error(PARAMETER_PROBLEM,
			      "asn: --%s: \"%s\" is not a valid AS number: it must be %s",
			      opt, word, xa_asn.label_rule);
	if (asn_has(info, label))
		return;
	if (info->count == XT_ASN_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "asn: --%s: too many AS numbers: at most %u fit into a rule",
			      opt, XT_ASN_MAX);
	info->asn[info->count++] = label;
}

static void asn_mt_parse(struct xt_option_call *cb)
{
	struct xt_asn_mtinfo *info = cb->data;
	char *list, *rest, *word;

	xtables_option_parse(cb);
	if (info->count && !(info->flags & XT_ASN_INV) == cb->invert)
		xtables_error(PARAMETER_PROBLEM,
			      "asn: --%s more than once: either all with \"!\" or none",
			      cb->entry->name);
	info->flags = asn_way[cb->entry->id];
	if (cb->invert)
		info->flags |= XT_ASN_INV;
	list = strdup(cb->arg);
	if (!list)
		xtables_error(RESOURCE_PROBLEM, "asn: no memory");
	for (rest = list; (word = strsep(&rest, ",")); )
		asn_add(info, cb->entry->name, word);
	free(list);
}

static void asn_mt_check(struct xt_fcheck_call *cb)
{
	const struct xt_asn_mtinfo *info = cb->data;
	uint32_t label[XT_ASN_MAX];
	unsigned int i;

	if (!cb->xflags)
		xtables_error(PARAMETER_PROBLEM,
			      "asn: one of --src-asn, --dst-asn and --orig-asn is needed");
	for (i = 0; i < info->count; i++)
		label[i] = info->asn[i];
	xa_ready(&xa_asn, label, info->count);
}

/* iptables-restore takes arguments of less than 1024 bytes. */
#define LIST_MAX 1000

static void asn_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_asn_mtinfo *info = (const void *)match->data;
	char text[XA_LABEL_LEN];
	unsigned int i;
	int len = LIST_MAX;

	for (i = 0; i < info->count; i++) {
		if (len + XA_LABEL_LEN > LIST_MAX) {
			printf("%s --%s ", info->flags & XT_ASN_INV ? " !" : "",
			       asn_option(info));
			len = 0;
		}
		len += printf("%s%s", len ? "," : "",
			      xa_label_text(&xa_asn, info->asn[i], text));
	}
}

static void asn_mt_print(const void *ip, const struct xt_entry_match *match,
			 int numeric)
{
	printf(" -m asn");
	asn_mt_save(ip, match);
}

static struct xtables_match asn_mt_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "asn",
		.revision      = XT_ASN_REVISION,
		.family        = NFPROTO_IPV4,
		.size          = XT_ALIGN(sizeof(struct xt_asn_mtinfo)),
		.userspacesize = offsetof(struct xt_asn_mtinfo, set),
		.help          = asn_mt_help,
		.print         = asn_mt_print,
		.save          = asn_mt_save,
		.x6_parse      = asn_mt_parse,
		.x6_fcheck     = asn_mt_check,
		.x6_options    = asn_mt_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "asn",
		.revision      = XT_ASN_REVISION,
		.family        = NFPROTO_IPV6,
		.size          = XT_ALIGN(sizeof(struct xt_asn_mtinfo)),
		.userspacesize = offsetof(struct xt_asn_mtinfo, set),
		.help          = asn_mt_help,
		.print         = asn_mt_print,
		.save          = asn_mt_save,
		.x6_parse      = asn_mt_parse,
		.x6_fcheck     = asn_mt_check,
		.x6_options    = asn_mt_opts,
	},
};

XA_PLUGIN_INIT(asn)
{
	xa_register_matches(asn_mt_reg,
			    sizeof(asn_mt_reg) / sizeof(*asn_mt_reg));
}
