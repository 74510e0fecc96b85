// SPDX-License-Identifier: GPL-2.0-only
/* libxt_DELUDE - iptables plugin for the DELUDE target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_DELUDE.h"

static void delude_tg_help(void)
{
	printf("DELUDE takes no options\n");
}

static void delude_tg_print(const void *ip, const struct xt_entry_target *target,
			    int numeric)
{
	(void)ip;
	(void)target;
	(void)numeric;
	printf(" DELUDE");
}

static struct xtables_target delude_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "DELUDE",
	.revision      = 0,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(XT_DELUDE_TGINFO_SIZE),
	.userspacesize = XT_ALIGN(XT_DELUDE_TGINFO_SIZE),
	.help          = delude_tg_help,
	.print         = delude_tg_print,
};

XA_PLUGIN_INIT(DELUDE)
{
	xtables_register_target(&delude_tg_reg);
}
