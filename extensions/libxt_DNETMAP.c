// SPDX-License-Identifier: GPL-2.0-only
/* libxt_DNETMAP - iptables plugin for the DNETMAP target */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_DNETMAP.h"

enum {
	O_PREFIX,
	O_REUSE,
	O_TTL,
	O_STATIC,
	O_PERSISTENT,
	F_PREFIX = 1 << O_PREFIX,
};

static const struct xt_option_entry dnetmap_tg_opts[] = {
	{ .name = "prefix", .id = O_PREFIX, .type = XTTYPE_STRING },
	{ .name = "reuse", .id = O_REUSE, .type = XTTYPE_NONE },
	{ .name = "ttl", .id = O_TTL, .type = XTTYPE_STRING },
	{ .name = "static", .id = O_STATIC, .type = XTTYPE_NONE },
	{ .name = "persistent", .id = O_PERSISTENT, .type = XTTYPE_NONE,
	  .also = F_PREFIX },
	XTOPT_TABLEEND,
};

static void dnetmap_tg_help(void)
{
	printf("DNETMAP target options:\n"
	       "  --prefix address[/mask]   give out the addresses of this network (/%u to /%u);\n"
	       "                            not given: those of all that other rules name\n"
	       "  --reuse                   go on with a binding of another prefix that has timed out\n"
	       "  --ttl seconds             how long a hit makes a binding last (default_ttl of the\n"
	       "                            module); negative: a hit does not prolong it\n"
	       "  --static                  use static bindings only\n"
	       "  --persistent              a new prefix stays when its last rule goes\n",
	       XT_DNETMAP_LEN_MIN, XT_DNETMAP_LEN_MAX);
}

/* Return: 0 to 32, or -1: neither a length nor a mask without gaps. */
static int dnetmap_parse_mask(const char *text)
{
	struct in_addr mask;
	unsigned int len;

	if (xtables_strtoui(text, NULL, &len, 0, 32))
		return len;
	if (inet_pton(AF_INET, text, &mask) != 1)
		return -1;
	return xtables_ipmask_to_cidr(&mask);
}

static void dnetmap_parse_prefix(struct xt_dnetmap_tginfo *info, const char *arg)
{
	const char *slash = strchr(arg, '/');
	size_t n = slash ? (size_t)(slash - arg) : strlen(arg);
	char text[INET_ADDRSTRLEN] = "";
	int len = slash ? dnetmap_parse_mask(slash + 1) : 32;
	struct in_addr addr;

	if (n < sizeof(text))
		memcpy(text, arg, n);
	if (inet_pton(AF_INET, text, &addr) != 1 || len < 0)
		xtables_error(PARAMETER_PROBLEM,
			      "DNETMAP: --prefix takes address/length or address/mask, not \"%s\"",
			      arg);
	if (len < XT_DNETMAP_LEN_MIN || len > XT_DNETMAP_LEN_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "DNETMAP: --prefix %s: the length must be %u to %u",
			      arg, XT_DNETMAP_LEN_MIN, XT_DNETMAP_LEN_MAX);
	if (ntohl(addr.s_addr) & ((1ULL << (32 - len)) - 1))
		xtables_error(PARAMETER_PROBLEM,
			      "DNETMAP: --prefix %s: that is not the first address of a /%d",
			      arg, len);
	info->net = addr.s_addr;
	info->len = len;
	info->flags |= XT_DNETMAP_PREFIX;
}

static void dnetmap_parse_ttl(struct xt_dnetmap_tginfo *info, const char *arg)
{
	char *end;
	long long ttl;

	errno = 0;
	ttl = strtoll(arg, &end, 10);
	if (end == arg || *end || errno || ttl < INT32_MIN || ttl > INT32_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "DNETMAP: --ttl takes seconds, at most %d (negative: as it is), not \"%s\"",
			      INT32_MAX, arg);
	info->ttl = ttl;
	info->flags |= XT_DNETMAP_TTL;
}

static void dnetmap_tg_parse(struct xt_option_call *cb)
{
	struct xt_dnetmap_tginfo *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_PREFIX:
		dnetmap_parse_prefix(info, cb->arg);
		break;
	case O_TTL:
		dnetmap_parse_ttl(info, cb->arg);
		break;
	case O_REUSE:
		info->flags |= XT_DNETMAP_REUSE;
		break;
	case O_STATIC:
		info->flags |= XT_DNETMAP_STATIC;
		break;
	case O_PERSISTENT:
		info->flags |= XT_DNETMAP_PERSISTENT;
		break;
	}
}

static void dnetmap_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_dnetmap_tginfo *info = (const void *)target->data;
	const struct in_addr addr = { .s_addr = info->net };

	(void)ip;
	if (info->flags & XT_DNETMAP_PREFIX)
		printf(" --prefix %s/%u", xtables_ipaddr_to_numeric(&addr),
		       info->len);
	if (info->flags & XT_DNETMAP_REUSE)
		printf(" --reuse");
	if (info->flags & XT_DNETMAP_STATIC)
		printf(" --static");
	if (info->flags & XT_DNETMAP_PERSISTENT)
		printf(" --persistent");
	if (info->flags & XT_DNETMAP_TTL)
		printf(" --ttl %d", info->ttl);
}

static void dnetmap_tg_print(const void *ip, const struct xt_entry_target *target,
			     int numeric)
{
	(void)numeric;
	printf(" -j DNETMAP");
	dnetmap_tg_save(ip, target);
}

static struct xtables_target dnetmap_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "DNETMAP",
	.revision      = 1,
	.family        = NFPROTO_IPV4,
	.size          = XT_ALIGN(sizeof(struct xt_dnetmap_tginfo)),
	.userspacesize = offsetof(struct xt_dnetmap_tginfo, space),
	.help          = dnetmap_tg_help,
	.print         = dnetmap_tg_print,
	.save          = dnetmap_tg_save,
	.x6_parse      = dnetmap_tg_parse,
	.x6_options    = dnetmap_tg_opts,
};

XA_PLUGIN_INIT(DNETMAP)
{
	xa_register_target(&dnetmap_tg_reg);
}
