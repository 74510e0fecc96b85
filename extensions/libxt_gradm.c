// SPDX-License-Identifier: GPL-2.0-only
/* libxt_gradm - iptables plugin for the gradm match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_gradm.h"

enum {
	O_ENABLED,
	O_DISABLED,
	F_STATES = 1 << O_ENABLED | 1 << O_DISABLED,
};

static const struct xt_option_entry gradm_mt_opts[] = {
	{ .name = "enabled", .id = O_ENABLED, .type = XTTYPE_NONE,
	  .flags = XTOPT_INVERT, .excl = 1 << O_DISABLED },
	{ .name = "disabled", .id = O_DISABLED, .type = XTTYPE_NONE,
	  .flags = XTOPT_INVERT, .excl = 1 << O_ENABLED },
	XTOPT_TABLEEND,
};

static void gradm_mt_help(void)
{
	printf("gradm match options:\n"
	       "[!] --enabled    match while grsecurity's RBAC is enabled\n"
	       "[!] --disabled   match while it is disabled\n");
}

static void gradm_mt_parse(struct xt_option_call *cb)
{
	struct xt_gradm_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	info->disabled = (cb->entry->id == O_DISABLED) != cb->invert;
}

static void gradm_mt_fcheck(struct xt_fcheck_call *cb)
{
	if (!(cb->xflags & F_STATES))
		xtables_error(PARAMETER_PROBLEM,
			      "gradm: which state? Give --enabled or --disabled");
}

static void gradm_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_gradm_mtinfo *info = (const void *)match->data;

	(void)ip;
	printf(" --%s", info->disabled ? "disabled" : "enabled");
}

static void gradm_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	(void)numeric;
	printf(" -m gradm");
	gradm_mt_save(ip, match);
}

static struct xtables_match gradm_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "gradm",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_gradm_mtinfo)),
	.userspacesize = offsetof(struct xt_gradm_mtinfo, enabled),
	.help          = gradm_mt_help,
	.print         = gradm_mt_print,
	.save          = gradm_mt_save,
	.x6_parse      = gradm_mt_parse,
	.x6_fcheck     = gradm_mt_fcheck,
	.x6_options    = gradm_mt_opts,
};

XA_PLUGIN_INIT(gradm)
{
	xa_register_match(&gradm_mt_reg);
}
