// SPDX-License-Identifier: GPL-2.0-only
/* libxt_fuzzy - iptables plugin for the fuzzy match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_fuzzy.h"

enum {
	O_LOWER_LIMIT,
	O_UPPER_LIMIT,
};

#define FUZZY_LOWER_DEFAULT	1000
#define FUZZY_UPPER_DEFAULT	2000

static const struct xt_option_entry fuzzy_mt_opts[] = {
	{ .name = "lower-limit", .id = O_LOWER_LIMIT, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_fuzzy_mtinfo, lower),
	  .min = XT_FUZZY_LOWER_MIN, .max = XT_FUZZY_UPPER_MAX },
	{ .name = "upper-limit", .id = O_UPPER_LIMIT, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_fuzzy_mtinfo, upper),
	  .min = XT_FUZZY_LOWER_MIN, .max = XT_FUZZY_UPPER_MAX },
	XTOPT_TABLEEND,
};

static void fuzzy_mt_help(void)
{
	printf("fuzzy match options:\n"
	       "  --lower-limit number   packets per second up to which none match (default %u)\n"
	       "  --upper-limit number   packets per second from which 99%% match (default %u)\n",
	       FUZZY_LOWER_DEFAULT, FUZZY_UPPER_DEFAULT);
}

static void fuzzy_mt_init(struct xt_entry_match *match)
{
	struct xt_fuzzy_mtinfo *info = (void *)match->data;

	info->lower = FUZZY_LOWER_DEFAULT;
	info->upper = FUZZY_UPPER_DEFAULT;
}

static void fuzzy_mt_fcheck(struct xt_fcheck_call *cb)
{
	const struct xt_fuzzy_mtinfo *info = cb->data;

	if (info->lower >= info->upper)
		xtables_error(PARAMETER_PROBLEM,
			      "fuzzy: --lower-limit %u must be below --upper-limit %u",
			      info->lower, info->upper);
}

static void fuzzy_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_fuzzy_mtinfo *info = (const void *)match->data;

	(void)ip;
	printf(" --lower-limit %u --upper-limit %u", info->lower, info->upper);
}

static void fuzzy_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	(void)numeric;
	printf(" -m fuzzy");
	fuzzy_mt_save(ip, match);
}

static struct xtables_match fuzzy_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "fuzzy",
	.revision      = 2,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_fuzzy_mtinfo)),
	.userspacesize = offsetof(struct xt_fuzzy_mtinfo, state),
	.help          = fuzzy_mt_help,
	.init          = fuzzy_mt_init,
	.print         = fuzzy_mt_print,
	.save          = fuzzy_mt_save,
	.x6_parse      = xtables_option_parse,
	.x6_fcheck     = fuzzy_mt_fcheck,
	.x6_options    = fuzzy_mt_opts,
};

XA_PLUGIN_INIT(fuzzy)
{
	xa_register_match(&fuzzy_mt_reg);
}
