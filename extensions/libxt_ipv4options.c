// SPDX-License-Identifier: GPL-2.0-only
/* libxt_ipv4options - iptables plugin for the ipv4options match */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_ipv4options.h"

enum {
	O_ANY,
	O_FLAGS,
};

static const struct xt_option_entry ipv4options_mt_opts[] = {
	{ .name = "flags", .id = O_FLAGS, .type = XTTYPE_STRING },
	{ .name = "any", .id = O_ANY, .type = XTTYPE_NONE,
	  .also = 1U << O_FLAGS },
	XTOPT_TABLEEND,
};

static const char *const ipv4options_names[XT_V4OPTS_COUNT] = {
	[1]  = "nop",
	[2]  = "security",	/* RFC 1108 */
	[3]  = "lsrr",		/* RFC 791 */
	[4]  = "timestamp",	/* RFC 781, 791 */
	[7]  = "record-route",	/* RFC 791 */
	[9]  = "ssrr",		/* RFC 791 */
	[11] = "mtu-probe",	/* RFC 1063 */
	[12] = "mtu-reply",	/* RFC 1063 */
	[18] = "traceroute",	/* RFC 1393 */
	[20] = "router-alert",	/* RFC 2113 */
};

static void ipv4options_mt_help(void)
{
	unsigned int n;

	printf("ipv4options match options:\n"
	       "  --flags [!]symbol[,[!]symbol...]  options that shall (not) appear\n"
	       "  --any                             one of them is enough\n"
	       "Symbols are numbers (0 to %u) or:\n", XT_V4OPTS_COUNT - 1);
	for (n = 0; n < XT_V4OPTS_COUNT; ++n)
		if (ipv4options_names[n])
			printf("  %2u %s\n", n, ipv4options_names[n]);
}

static unsigned int ipv4options_number(const char *symbol)
{
	unsigned int n;

	for (n = 0; n < XT_V4OPTS_COUNT; ++n)
		if (ipv4options_names[n] && !strcmp(ipv4options_names[n], symbol))
			return n;
	if (!xtables_strtoui(symbol, NULL, &n, 0, XT_V4OPTS_COUNT - 1))
		xtables_error(PARAMETER_PROBLEM,
			      "ipv4options: --flags: \"%s\" is neither the name of an option nor a number from 0 to %u",
			      symbol, XT_V4OPTS_COUNT - 1);
	return n;
}

static void ipv4options_add(struct xt_ipv4options_mtinfo *info, const char *symbol)
{
	unsigned int n;

	if (*symbol == '!') {
		n = ipv4options_number(symbol + 1);
		info->absent |= 1U << n;
	} else {
		n = ipv4options_number(symbol);
		info->present |= 1U << n;
	}
	if (info->present & info->absent)
		xtables_error(PARAMETER_PROBLEM,
			      "ipv4options: --flags: option %u cannot be asked to appear and not to appear",
			      n);
}

static void ipv4options_parse_flags(struct xt_ipv4options_mtinfo *info,
				    const char *arg)
{
	char *list = strdup(arg), *rest = list, *symbol;

	if (!list)
		xtables_error(RESOURCE_PROBLEM, "ipv4options: out of memory");
	while ((symbol = strsep(&rest, ",")))
		ipv4options_add(info, symbol);
	free(list);
}

static void ipv4options_mt_parse(struct xt_option_call *cb)
{
	struct xt_ipv4options_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	if (cb->entry->id == O_FLAGS)
		ipv4options_parse_flags(info, cb->arg);
	else
		info->flags |= XT_V4OPTS_ANY;
}

static void ipv4options_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_ipv4options_mtinfo *info = (const void *)match->data;
	const char *sep = " --flags ";
	unsigned int n;

	(void)ip;
	for (n = 0; n < XT_V4OPTS_COUNT; ++n) {
		if (!((info->present | info->absent) & 1U << n))
			continue;
		printf("%s%s%u", sep, info->absent & 1U << n ? "!" : "", n);
		sep = ",";
	}
	if (info->flags & XT_V4OPTS_ANY)
		printf(" --any");
}

static void ipv4options_mt_print(const void *ip, const struct xt_entry_match *match,
				 int numeric)
{
	(void)numeric;
	printf(" -m ipv4options");
	ipv4options_mt_save(ip, match);
}

static struct xtables_match ipv4options_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "ipv4options",
	.revision      = 2,
	.family        = NFPROTO_IPV4,
	.size          = XT_ALIGN(sizeof(struct xt_ipv4options_mtinfo)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_ipv4options_mtinfo)),
	.help          = ipv4options_mt_help,
	.print         = ipv4options_mt_print,
	.save          = ipv4options_mt_save,
	.x6_parse      = ipv4options_mt_parse,
	.x6_options    = ipv4options_mt_opts,
};

XA_PLUGIN_INIT(ipv4options)
{
	xa_register_match(&ipv4options_mt_reg);
}
