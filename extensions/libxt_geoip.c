// SPDX-License-Identifier: GPL-2.0-only
/* libxt_geoip - iptables plugin for the geoip match */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "../addrdb/addrdb.h"
#include "xa_plugin.h"
#include "xt_geoip.h"

enum {
	O_SRC,
	O_DST,
	O_ORIG,
	F_SRC  = 1 << O_SRC,
	F_DST  = 1 << O_DST,
	F_ORIG = 1 << O_ORIG,
};

static const struct xt_option_entry geoip_mt_opts[] = {
	{ .name  = "source-country",
	  .id    = O_SRC,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_DST | F_ORIG },
	{ .name  = "src-cc",
	  .id    = O_SRC,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_DST | F_ORIG },
	{ .name  = "destination-country",
	  .id    = O_DST,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_ORIG },
	{ .name  = "dst-cc",
	  .id    = O_DST,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_ORIG },
	{ .name  = "orig-cc",
	  .id    = O_ORIG,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_INVERT | XTOPT_MULTI,
	  .excl  = F_SRC | F_DST },
	XTOPT_TABLEEND,
};

static void geoip_mt_help(void)
{
	printf("geoip match options:\n"
	       "[!] --src-cc, --source-country country[,country...]       the source is in one of these countries\n"
	       "[!] --dst-cc, --destination-country country[,country...]  the destination is in one of them\n"
	       "[!] --orig-cc country[,country...]                        the host that opened the connection is in one of them\n"
	       "    A country is its ISO 3166 code.\n");
}

static const unsigned char geoip_way[] = {
	[O_SRC]  = XT_GEOIP_SRC,
	[O_DST]  = XT_GEOIP_DST,
	[O_ORIG] = XT_GEOIP_SRC | XT_GEOIP_ORIG,
};

static const char *geoip_option(const struct xt_geoip_mtinfo *info)
{
	if (info->flags & XT_GEOIP_ORIG)
		return "orig-cc";
	return info->flags & XT_GEOIP_SRC ? "source-country" : "destination-country";
}

static bool geoip_has(const struct xt_geoip_mtinfo *info, uint32_t label)
{
	unsigned int i;

	for (i = 0; i < info->count; i++)
		if (info->cc[i] == label)
			return true;
	return false;
}

/* One country of the list; a second time it is dropped. */
static void geoip_add(struct xt_geoip_mtinfo *info, const char *opt, const char *word)
{
	uint32_t label;

	if (!xa_label_parse(&xa_geoip, word, &label))
		xtables_error(PARAMETER_PROBLEM,
			      "geoip: --%s: \"%s\" is not a valid country code: it must be %s",
			      opt, word, xa_geoip.label_rule);
	if (geoip_has(info, label))
		return;
	if (info->count == XT_GEOIP_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "geoip: --%s: too many countries: at most %u fit into a rule",
			      opt, XT_GEOIP_MAX);
	info->cc[info->count++] = label;
}

static void geoip_mt_parse(struct xt_option_call *cb)
{
	struct xt_geoip_mtinfo *info = cb->data;
	char *list, *rest, *word;

	xtables_option_parse(cb);
	if (info->count && !(info->flags & XT_GEOIP_INV) == cb->invert)
		xtables_error(PARAMETER_PROBLEM,
			      "geoip: --%s more than once: either all with \"!\" or none",
			      cb->entry->name);
	info->flags = geoip_way[cb->entry->id];
	if (cb->invert)
		info->flags |= XT_GEOIP_INV;
	list = strdup(cb->arg);
	if (!list)
		xtables_error(RESOURCE_PROBLEM, "geoip: no memory");
	for (rest = list; (word = strsep(&rest, ",")); )
		geoip_add(info, cb->entry->name, word);
	free(list);
}

static void geoip_mt_check(struct xt_fcheck_call *cb)
{
	const struct xt_geoip_mtinfo *info = cb->data;
	uint32_t label[XT_GEOIP_MAX];
	unsigned int i;

	if (!cb->xflags)
		xtables_error(PARAMETER_PROBLEM,
			      "geoip: one of --source-country, --destination-country and --orig-cc is needed");
	for (i = 0; i < info->count; i++)
		label[i] = info->cc[i];
	xa_ready(&xa_geoip, label, info->count);
}

/* iptables-restore takes arguments of less than 1024 bytes. */
#define LIST_MAX 1000

static void geoip_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_geoip_mtinfo *info = (const void *)match->data;
	char text[XA_LABEL_LEN];
	unsigned int i;
	int len = LIST_MAX;

	for (i = 0; i < info->count; i++) {
		if (len + XA_LABEL_LEN > LIST_MAX) {
			printf("%s --%s ", info->flags & XT_GEOIP_INV ? " !" : "",
			       geoip_option(info));
			len = 0;
		}
		len += printf("%s%s", len ? "," : "",
			      xa_label_text(&xa_geoip, info->cc[i], text));
	}
}

static void geoip_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	printf(" -m geoip");
	geoip_mt_save(ip, match);
}

static struct xtables_match geoip_mt_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "geoip",
		.revision      = XT_GEOIP_REVISION,
		.family        = NFPROTO_IPV4,
		.size          = XT_ALIGN(sizeof(struct xt_geoip_mtinfo)),
		.userspacesize = offsetof(struct xt_geoip_mtinfo, set),
		.help          = geoip_mt_help,
		.print         = geoip_mt_print,
		.save          = geoip_mt_save,
		.x6_parse      = geoip_mt_parse,
		.x6_fcheck     = geoip_mt_check,
		.x6_options    = geoip_mt_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "geoip",
		.revision      = XT_GEOIP_REVISION,
		.family        = NFPROTO_IPV6,
		.size          = XT_ALIGN(sizeof(struct xt_geoip_mtinfo)),
		.userspacesize = offsetof(struct xt_geoip_mtinfo, set),
		.help          = geoip_mt_help,
		.print         = geoip_mt_print,
		.save          = geoip_mt_save,
		.x6_parse      = geoip_mt_parse,
		.x6_fcheck     = geoip_mt_check,
		.x6_options    = geoip_mt_opts,
	},
};

XA_PLUGIN_INIT(geoip)
{
	xa_register_matches(geoip_mt_reg,
			    sizeof(geoip_mt_reg) / sizeof(*geoip_mt_reg));
}
