// SPDX-License-Identifier: GPL-2.0-only
/* libxt_lscan - iptables plugin for the lscan match */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xa_protocol.h"
#include "xt_lscan.h"

enum {
	O_STEALTH,
	O_SYNSCAN,
	O_CNSCAN,
	O_GRSCAN,
	O_MIRAI,
};

static const struct xt_option_entry lscan_mt_opts[] = {
	{ .name = "stealth", .id = O_STEALTH, .type = XTTYPE_NONE },
	{ .name = "synscan", .id = O_SYNSCAN, .type = XTTYPE_NONE },
	{ .name = "cnscan", .id = O_CNSCAN, .type = XTTYPE_NONE },
	{ .name = "grscan", .id = O_GRSCAN, .type = XTTYPE_NONE },
	{ .name = "mirai", .id = O_MIRAI, .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static const __u8 lscan_flags[] = {
	[O_STEALTH] = XT_LSCAN_STEALTH,
	[O_SYNSCAN] = XT_LSCAN_SYNSCAN,
	[O_CNSCAN]  = XT_LSCAN_CNSCAN,
	[O_GRSCAN]  = XT_LSCAN_GRSCAN,
	[O_MIRAI]   = XT_LSCAN_MIRAI,
};

static void lscan_mt_help(void)
{
	printf("lscan match options (one that holds is enough; for -p tcp):\n"
	       "  --stealth    belongs to no known connection (FIN, XMAS, NULL scan)\n"
	       "  --synscan    ends a connection that was half open (SYN scan)\n"
	       "  --cnscan     ends a connection in which no data flowed (connect scan)\n"
	       "  --grscan     ends a connection in which only the server spoke (banner grabber)\n"
	       "  --mirai      opens a connection with the destination address as sequence number\n");
}

static void lscan_mt_parse(struct xt_option_call *cb)
{
	struct xt_lscan_mtinfo *info = cb->data;

	xa_rule_seen(cb);
	xtables_option_parse(cb);
	info->flags |= lscan_flags[cb->entry->id];
}

static void lscan_fcheck(const struct xt_fcheck_call *cb, unsigned int proto)
{
	/* No error: such rules were saved elsewhere, and do no harm. */
	if (!cb->xflags)
		fprintf(stderr, "lscan: warning: the rule never matches: it has none of --stealth, --synscan, --cnscan, --grscan and --mirai\n");
	if (proto != IPPROTO_TCP)
		xtables_error(PARAMETER_PROBLEM, "lscan: the rule needs -p tcp");
}

static void lscan_mt4_fcheck(struct xt_fcheck_call *cb)
{
	lscan_fcheck(cb, xa_protocol4(IPPROTO_TCP));
}

static void lscan_mt6_fcheck(struct xt_fcheck_call *cb)
{
	lscan_fcheck(cb, xa_protocol6(IPPROTO_TCP));
}

static void lscan_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_lscan_mtinfo *info = (const void *)match->data;
	const struct xt_option_entry *opt;

	(void)ip;
	for (opt = lscan_mt_opts; opt->name; ++opt)
		if (info->flags & lscan_flags[opt->id])
			printf(" --%s", opt->name);
}

static void lscan_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	(void)numeric;
	printf(" -m lscan");
	lscan_mt_save(ip, match);
}

#define LSCAN_MT(FAMILY, FCHECK) {					\
	.version       = XTABLES_VERSION,				\
	.name          = "lscan",					\
	.revision      = 1,						\
	.family        = FAMILY,					\
	.size          = XT_ALIGN(sizeof(struct xt_lscan_mtinfo)),	\
	.userspacesize = XT_ALIGN(sizeof(struct xt_lscan_mtinfo)),	\
	.help          = lscan_mt_help,					\
	.init          = xa_rule_init,					\
	.print         = lscan_mt_print,				\
	.save          = lscan_mt_save,					\
	.x6_parse      = lscan_mt_parse,				\
	.x6_fcheck     = FCHECK,					\
	.x6_options    = lscan_mt_opts,					\
}

static struct xtables_match lscan_mt_reg[] = {
	LSCAN_MT(NFPROTO_IPV4, lscan_mt4_fcheck),
	LSCAN_MT(NFPROTO_IPV6, lscan_mt6_fcheck),
};

XA_PLUGIN_INIT(lscan)
{
	xa_register_matches(lscan_mt_reg,
			    sizeof(lscan_mt_reg) / sizeof(*lscan_mt_reg));
}
