// SPDX-License-Identifier: GPL-2.0-only
/* libxt_condition - iptables plugin for the condition match */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_condition.h"

enum {
	O_CONDITION,
};

static const struct xt_option_entry condition_mt_opts[] = {
	{ .name  = "condition",
	  .id    = O_CONDITION,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_MAND | XTOPT_INVERT },
	XTOPT_TABLEEND,
};

static void condition_mt_help(void)
{
	printf("condition match options:\n"
	       "[!] --condition name    match while /proc/net/nf_condition/name is 1\n");
}

/* The kernel refuses the same (xa_named_check). */
static void condition_check_name(const char *name)
{
	const char *c;

	if (strlen(name) >= XT_CONDITION_NAME_LEN)
		xtables_error(PARAMETER_PROBLEM,
			      "condition: --condition \"%s\" is too long: at most %u bytes",
			      name, XT_CONDITION_NAME_LEN - 1);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		xtables_error(PARAMETER_PROBLEM,
			      "condition: --condition \"%s\" cannot be the name of a file",
			      name);
	for (c = name; *c; ++c)
		if (*c == '/' || iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "condition: --condition takes a name without a slash or control characters");
}

static void condition_mt_parse(struct xt_option_call *cb)
{
	struct xt_condition_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	condition_check_name(cb->arg);
	memset(info->name, 0, sizeof(info->name));
	memcpy(info->name, cb->arg, strlen(cb->arg));
	info->invert = cb->invert;
}

static void condition_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_condition_mtinfo *info = (const void *)match->data;

	(void)ip;
	xa_print_quoted(info->invert ? " ! --condition" : " --condition", info->name);
}

static void condition_mt_print(const void *ip, const struct xt_entry_match *match,
			       int numeric)
{
	(void)numeric;
	printf(" -m condition");
	condition_mt_save(ip, match);
}

static struct xtables_match condition_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "condition",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_condition_mtinfo)),
	.userspacesize = offsetof(struct xt_condition_mtinfo, cond),
	.help          = condition_mt_help,
	.print         = condition_mt_print,
	.save          = condition_mt_save,
	.x6_parse      = condition_mt_parse,
	.x6_options    = condition_mt_opts,
};

XA_PLUGIN_INIT(condition)
{
	xa_register_match(&condition_mt_reg);
}
