// SPDX-License-Identifier: GPL-2.0-only
/* libxt_CHAOS - iptables plugin for the CHAOS target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_CHAOS.h"

enum {
	O_DELUDE,
	O_TARPIT,
	F_DELUDE = 1 << O_DELUDE,
	F_TARPIT = 1 << O_TARPIT,
};

static const struct xt_option_entry chaos_tg_opts[] = {
	{ .name = "delude", .id = O_DELUDE, .type = XTTYPE_NONE, .excl = F_TARPIT },
	{ .name = "tarpit", .id = O_TARPIT, .type = XTTYPE_NONE, .excl = F_DELUDE },
	XTOPT_TABLEEND,
};

static void chaos_tg_help(void)
{
	printf("CHAOS target options (at most one):\n"
	       "  --delude    answer some TCP packets as DELUDE does\n"
	       "  --tarpit    answer some TCP packets as TARPIT does\n");
}

static void chaos_tg_parse(struct xt_option_call *cb)
{
	struct xt_chaos_tginfo *info = cb->data;

	xtables_option_parse(cb);
	info->variant = cb->entry->id == O_DELUDE ? XT_CHAOS_DELUDE : XT_CHAOS_TARPIT;
}

static void chaos_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_chaos_tginfo *info = (const void *)target->data;

	(void)ip;
	if (info->variant == XT_CHAOS_DELUDE)
		printf(" --delude");
	else if (info->variant == XT_CHAOS_TARPIT)
		printf(" --tarpit");
}

static void chaos_tg_print(const void *ip, const struct xt_entry_target *target,
			   int numeric)
{
	(void)numeric;
	printf(" -j CHAOS");
	chaos_tg_save(ip, target);
}

static struct xtables_target chaos_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "CHAOS",
	.revision      = 0,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_chaos_tginfo)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_chaos_tginfo)),
	.help          = chaos_tg_help,
	.print         = chaos_tg_print,
	.save          = chaos_tg_save,
	.x6_parse      = chaos_tg_parse,
	.x6_options    = chaos_tg_opts,
};

XA_PLUGIN_INIT(CHAOS)
{
	xa_register_target(&chaos_tg_reg);
}
