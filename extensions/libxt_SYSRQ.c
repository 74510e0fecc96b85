// SPDX-License-Identifier: GPL-2.0-only
/* libxt_SYSRQ - iptables plugin for the SYSRQ target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xa_protocol.h"
#include "xt_SYSRQ.h"

static void sysrq_tg_help(void)
{
	printf("SYSRQ takes no options; the rule needs -p udp or -p udplite\n");
}

/* The kernel refuses the same, and cannot say why. */
static void sysrq_tg_fcheck(struct xt_fcheck_call *cb)
{
	static const char *const allowed[] = { "udp", "17", "udplite", "136", NULL };

	xa_protocol_check("SYSRQ", "-p udp or -p udplite", allowed);
}

static struct xtables_target sysrq_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "SYSRQ",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(XT_SYSRQ_TGINFO_SIZE),
	.userspacesize = XT_ALIGN(XT_SYSRQ_TGINFO_SIZE),
	.help          = sysrq_tg_help,
	.x6_fcheck     = sysrq_tg_fcheck,
};

XA_PLUGIN_INIT(SYSRQ)
{
	xa_register_target(&sysrq_tg_reg);
}
