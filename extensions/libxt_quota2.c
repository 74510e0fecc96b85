// SPDX-License-Identifier: GPL-2.0-only
/* libxt_quota2 - iptables plugin for the quota2 match */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_quota2.h"

enum {
	O_GROW,
	O_NO_CHANGE,
	O_PACKETS,
	O_NAME,
	O_QUOTA,
};

static const struct xt_option_entry quota2_mt_opts[] = {
	{ .name = "grow",      .id = O_GROW,      .type = XTTYPE_NONE },
	{ .name = "no-change", .id = O_NO_CHANGE, .type = XTTYPE_NONE },
	{ .name = "packets",   .id = O_PACKETS,   .type = XTTYPE_NONE },
	{ .name = "name",      .id = O_NAME,      .type = XTTYPE_STRING },
	{ .name = "quota",     .id = O_QUOTA,     .type = XTTYPE_UINT64,
	  .flags = XTOPT_INVERT | XTOPT_PUT,
	  XTOPT_POINTER(struct xt_quota2_mtinfo, quota) },
	XTOPT_TABLEEND,
};

static void quota2_mt_help(void)
{
	printf("quota2 match options:\n"
	       "    --grow         count up, and always match\n"
	       "    --no-change    leave the counter as it is\n"
	       "    --packets      count packets, not bytes\n"
	       "    --name name    share the counter /proc/net/xt_quota/name\n"
	       "[!] --quota n      what the counter begins with (default 0)\n");
}

/* The kernel refuses the same. */
static void quota2_check_name(const char *name)
{
	const char *c;

	if (strlen(name) >= XT_QUOTA2_NAME_LEN)
		xtables_error(PARAMETER_PROBLEM,
			      "quota2: --name \"%s\" is too long: at most %u bytes",
			      name, XT_QUOTA2_NAME_LEN - 1);
	if (!*name)
		xtables_error(PARAMETER_PROBLEM,
			      "quota2: --name is empty; leave it out for a counter of the rule's own");
	if (*name == '.')
		xtables_error(PARAMETER_PROBLEM,
			      "quota2: --name \"%s\" must not begin with a dot", name);
	for (c = name; *c; ++c)
		if (*c == '/' || iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "quota2: --name takes a name without a slash or control characters");
}

static void quota2_parse_name(struct xt_quota2_mtinfo *info, const char *name)
{
	quota2_check_name(name);
	memset(info->name, 0, sizeof(info->name));
	memcpy(info->name, name, strlen(name));
}

static void quota2_mt_parse(struct xt_option_call *cb)
{
	struct xt_quota2_mtinfo *info = cb->data;

	/* libxtables would take -5 for 2^64 - 5 */
	if (cb->entry->id == O_QUOTA && !isdigit((unsigned char)*cb->arg))
		xtables_error(PARAMETER_PROBLEM,
			      "quota2: --quota \"%s\" is not a number from 0 to 18446744073709551615",
			      cb->arg);
	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_GROW:
		info->flags |= XT_QUOTA2_GROW;
		break;
	case O_NO_CHANGE:
		info->flags |= XT_QUOTA2_NO_CHANGE;
		break;
	case O_PACKETS:
		info->flags |= XT_QUOTA2_PACKETS;
		break;
	case O_NAME:
		quota2_parse_name(info, cb->arg);
		break;
	case O_QUOTA:
		if (cb->invert)
			info->flags |= XT_QUOTA2_INVERT;
		break;
	}
}

static void quota2_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_quota2_mtinfo *info = (const void *)match->data;

	(void)ip;
	if (info->flags & XT_QUOTA2_GROW)
		printf(" --grow");
	if (info->flags & XT_QUOTA2_NO_CHANGE)
		printf(" --no-change");
	if (info->flags & XT_QUOTA2_PACKETS)
		printf(" --packets");
	if (info->name[0]) {
		printf(" --name");
		xtables_save_string(info->name);
	}
	printf("%s --quota %llu", info->flags & XT_QUOTA2_INVERT ? " !" : "",
	       (unsigned long long)info->quota);
}

static void quota2_mt_print(const void *ip, const struct xt_entry_match *match,
			    int numeric)
{
	(void)numeric;
	printf(" -m quota2");
	quota2_mt_save(ip, match);
}

static struct xtables_match quota2_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "quota2",
	.revision      = 4,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_quota2_mtinfo)),
	.userspacesize = offsetof(struct xt_quota2_mtinfo, counter),
	.help          = quota2_mt_help,
	.print         = quota2_mt_print,
	.save          = quota2_mt_save,
	.x6_parse      = quota2_mt_parse,
	.x6_options    = quota2_mt_opts,
};

XA_PLUGIN_INIT(quota2)
{
	xa_register_match(&quota2_mt_reg);
}
