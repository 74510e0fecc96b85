// SPDX-License-Identifier: GPL-2.0-only
/* libxt_length2 - iptables plugin for the length2 match */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_length2.h"

enum {
	O_LENGTH,
	O_LAYER3,
	O_LAYER4,
	O_LAYER5,
	O_LAYER7,
	F_LAYERS = 1 << O_LAYER3 | 1 << O_LAYER4 | 1 << O_LAYER5 | 1 << O_LAYER7,
};

#define LAYER(n, i)	{ .name = n, .id = i, .type = XTTYPE_NONE,	\
			  .excl = F_LAYERS }

static const struct xt_option_entry length2_mt_opts[] = {
	{ .name = "length", .id = O_LENGTH, .type = XTTYPE_UINT32RC,
	  .flags = XTOPT_MAND | XTOPT_INVERT },
	LAYER("layer3", O_LAYER3),
	LAYER("layer4", O_LAYER4),
	LAYER("layer5", O_LAYER5),
	LAYER("layer7", O_LAYER7),
	XTOPT_TABLEEND,
};

static void length2_mt_help(void)
{
	printf("length2 match options:\n"
	       "  --layer3                 length with the IP header (default)\n"
	       "  --layer4                 length of what IP carries\n"
	       "  --layer5                 length of what the transport carries\n"
	       "  --layer7                 same; SCTP: of the DATA chunks alone\n"
	       "[!] --length bytes[:bytes] a length, or the ends of an interval\n");
}

static void length2_parse_length(struct xt_length2_mtinfo *info,
				 const struct xt_option_call *cb)
{
	info->min = cb->val.u32_range[0];
	info->max = cb->nvals > 1 ? cb->val.u32_range[1] : info->min;
	if (info->min > info->max)
		xtables_error(PARAMETER_PROBLEM,
			      "length2: --length %u:%u: the smaller length comes first",
			      info->min, info->max);
	if (cb->invert)
		info->flags |= XT_LENGTH_INVERT;
}

static void length2_mt_parse(struct xt_option_call *cb)
{
	struct xt_length2_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_LENGTH:
		length2_parse_length(info, cb);
		break;
	case O_LAYER3:
		info->flags |= XT_LENGTH_LAYER3;
		break;
	case O_LAYER4:
		info->flags |= XT_LENGTH_LAYER4;
		break;
	case O_LAYER5:
		info->flags |= XT_LENGTH_LAYER5;
		break;
	case O_LAYER7:
		info->flags |= XT_LENGTH_LAYER7;
		break;
	}
}

static void length2_mt_fcheck(struct xt_fcheck_call *cb)
{
	struct xt_length2_mtinfo *info = cb->data;

	if (!(info->flags & XT_LENGTH_LAYERS))
		info->flags |= XT_LENGTH_LAYER3;
}

static void length2_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_length2_mtinfo *info = (const void *)match->data;

	(void)ip;
	if (info->flags & XT_LENGTH_LAYER3)
		printf(" --layer3");
	if (info->flags & XT_LENGTH_LAYER4)
		printf(" --layer4");
	if (info->flags & XT_LENGTH_LAYER5)
		printf(" --layer5");
	if (info->flags & XT_LENGTH_LAYER7)
		printf(" --layer7");
	printf("%s --length %u", info->flags & XT_LENGTH_INVERT ? " !" : "",
	       info->min);
	if (info->max != info->min)
		printf(":%u", info->max);
}

static void length2_mt_print(const void *ip, const struct xt_entry_match *match,
			     int numeric)
{
	(void)numeric;
	printf(" -m length2");
	length2_mt_save(ip, match);
}

/* Only the whole packet's length is a thing nft can compare. */
static int length2_mt_xlate(struct xt_xlate *xl,
			    const struct xt_xlate_mt_params *params)
{
	const struct xt_length2_mtinfo *info = (const void *)params->match->data;
	const char *not = info->flags & XT_LENGTH_INVERT ? "!= " : "";

	if (!(info->flags & XT_LENGTH_LAYER3))
		return 0;
	if (info->max != info->min)
		xt_xlate_add(xl, "meta length %s%u-%u", not, info->min, info->max);
	else
		xt_xlate_add(xl, "meta length %s%u", not, info->min);
	return 1;
}

static struct xtables_match length2_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "length2",
	.revision      = 2,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_length2_mtinfo)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_length2_mtinfo)),
	.help          = length2_mt_help,
	.print         = length2_mt_print,
	.save          = length2_mt_save,
	.xlate         = length2_mt_xlate,
	.x6_parse      = length2_mt_parse,
	.x6_fcheck     = length2_mt_fcheck,
	.x6_options    = length2_mt_opts,
};

XA_PLUGIN_INIT(length2)
{
	xa_register_match(&length2_mt_reg);
}
