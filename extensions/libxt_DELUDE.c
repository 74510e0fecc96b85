// SPDX-License-Identifier: GPL-2.0-only
/* libxt_DELUDE - iptables plugin for the DELUDE target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_DELUDE.h"

enum {
	O_SAME_IF,
};

static const struct xt_option_entry delude_tg_opts[] = {
	{ .name = "same-if", .id = O_SAME_IF, .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static void delude_tg_help(void)
{
	printf("DELUDE target option:\n"
	       "  --same-if     answer by the Ethernet interface where a packet came in,\n"
	       "                without a route and the rules of OUTPUT\n");
}

static void delude_tg_parse(struct xt_option_call *cb)
{
	struct xt_delude_tginfo *info = cb->data;

	xtables_option_parse(cb);
	info->flags |= XT_DELUDE_SAME_IF;
}

static void delude_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_delude_tginfo *info = (const void *)target->data;

	(void)ip;
	if (info->flags & XT_DELUDE_SAME_IF)
		printf(" --same-if");
}

static void delude_tg_print(const void *ip, const struct xt_entry_target *target,
			    int numeric)
{
	const struct xt_delude_tginfo *info = (const void *)target->data;

	(void)numeric;
	if (!info->flags)
		return;
	printf(" -j DELUDE");
	delude_tg_save(ip, target);
}

static struct xtables_target delude_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "DELUDE",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_delude_tginfo)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_delude_tginfo)),
	.help          = delude_tg_help,
	.print         = delude_tg_print,
	.save          = delude_tg_save,
	.x6_parse      = delude_tg_parse,
	.x6_options    = delude_tg_opts,
};

XA_PLUGIN_INIT(DELUDE)
{
	xa_register_target(&delude_tg_reg);
}
