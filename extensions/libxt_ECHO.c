// SPDX-License-Identifier: GPL-2.0-only
/* libxt_ECHO - iptables plugin for the ECHO target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_ECHO.h"

static void echo_tg_help(void)
{
	printf("ECHO takes no options\n");
}

static struct xtables_target echo_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "ECHO",
	.revision      = 0,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(XT_ECHO_TGINFO_SIZE),
	.userspacesize = XT_ALIGN(XT_ECHO_TGINFO_SIZE),
	.help          = echo_tg_help,
};

XA_PLUGIN_INIT(ECHO)
{
	xa_register_target(&echo_tg_reg);
}
