// SPDX-License-Identifier: GPL-2.0-only
/* libxt_TARPIT - iptables plugin for the TARPIT target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_TARPIT.h"

enum {
	O_TARPIT,
	O_HONEYPOT,
	O_RESET,
	O_SAME_IF,
	F_TARPIT   = 1 << O_TARPIT,
	F_HONEYPOT = 1 << O_HONEYPOT,
	F_RESET    = 1 << O_RESET,
};

/* The options in the order of the variants they stand for. */
static const struct xt_option_entry tarpit_tg_opts[] = {
	{ .name = "tarpit",   .id = O_TARPIT,   .type = XTTYPE_NONE,
	  .excl = F_HONEYPOT | F_RESET },
	{ .name = "honeypot", .id = O_HONEYPOT, .type = XTTYPE_NONE,
	  .excl = F_TARPIT | F_RESET },
	{ .name = "reset",    .id = O_RESET,    .type = XTTYPE_NONE,
	  .excl = F_TARPIT | F_HONEYPOT },
	{ .name = "same-if",  .id = O_SAME_IF,  .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static void tarpit_tg_help(void)
{
	printf("TARPIT target options (at most one mode):\n"
	       "  --tarpit      accept connections, keep their window at 0 (default)\n"
	       "  --honeypot    accept connections and take the data they bring\n"
	       "  --reset       reset connections at once\n"
	       "With any mode:\n"
	       "  --same-if     answer by the Ethernet interface where a packet came in,\n"
	       "                without a route and the rules of OUTPUT\n");
}

static void tarpit_tg_parse(struct xt_option_call *cb)
{
	struct xt_tarpit_tginfo *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_TARPIT:
		info->variant = XT_TARPIT_TARPIT;
		break;
	case O_HONEYPOT:
		info->variant = XT_TARPIT_HONEYPOT;
		break;
	case O_RESET:
		info->variant = XT_TARPIT_RESET;
		break;
	case O_SAME_IF:
		info->flags |= XT_TARPIT_SAME_IF;
		break;
	}
}

static void tarpit_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_tarpit_tginfo *info = (const void *)target->data;

	(void)ip;
	if (info->variant <= XT_TARPIT_MAX)
		printf(" --%s", tarpit_tg_opts[info->variant].name);
	if (info->flags & XT_TARPIT_SAME_IF)
		printf(" --same-if");
}

static void tarpit_tg_print(const void *ip, const struct xt_entry_target *target,
			    int numeric)
{
	(void)numeric;
	printf(" -j TARPIT");
	tarpit_tg_save(ip, target);
}

static struct xtables_target tarpit_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "TARPIT",
	.revision      = 0,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_tarpit_tginfo)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_tarpit_tginfo)),
	.help          = tarpit_tg_help,
	.print         = tarpit_tg_print,
	.save          = tarpit_tg_save,
	.x6_parse      = tarpit_tg_parse,
	.x6_options    = tarpit_tg_opts,
};

XA_PLUGIN_INIT(TARPIT)
{
	xa_register_target(&tarpit_tg_reg);
}
