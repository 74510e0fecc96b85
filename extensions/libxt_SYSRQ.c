// SPDX-License-Identifier: GPL-2.0-only
/* libxt_SYSRQ - iptables plugin for the SYSRQ target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_SYSRQ.h"

static void sysrq_tg_help(void)
{
	printf("SYSRQ takes no options; the rule needs -p udp or -p udplite\n");
}

static struct xtables_target sysrq_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "SYSRQ",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(XT_SYSRQ_TGINFO_SIZE),
	.userspacesize = XT_ALIGN(XT_SYSRQ_TGINFO_SIZE),
	.help          = sysrq_tg_help,
};

XA_PLUGIN_INIT(SYSRQ)
{
	xa_register_target(&sysrq_tg_reg);
}
