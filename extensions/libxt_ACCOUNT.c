// SPDX-License-Identifier: GPL-2.0-only
/* libxt_ACCOUNT - iptables plugin for the ACCOUNT target */
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_ACCOUNT.h"

enum {
	O_ADDR,
	O_TNAME,
	O_PER,
	F_ADDR = 1 << O_ADDR,
	F_PER  = 1 << O_PER,
};

/* Longer arguments are cut without a word by libxtables. */
#define ACCOUNT_ADDR_MAX	255

/*
 * --addr is a string here and goes through the parsers of -s and -d, so that
 * it means what it means there (10/8, networks by name, masks).
 */
static const struct xt_option_entry account_tg_opts[] = {
	{ .name  = "addr",
	  .id    = O_ADDR,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_MAND },
	{ .name  = "tname",
	  .id    = O_TNAME,
	  .type  = XTTYPE_STRING,
	  .flags = XTOPT_MAND },
	{ .name  = "per",
	  .id    = O_PER,
	  .type  = XTTYPE_UINT8,
	  .flags = XTOPT_PUT,
	  .min   = 16,
	  .max   = 128,
	  XTOPT_POINTER(struct xt_account_tginfo, host_len) },
	XTOPT_TABLEEND,
};

static void account_tg4_help(void)
{
	printf("ACCOUNT target options:\n"
	       "  --addr network[/prefix]   count the hosts of this network (/8 to /32),\n"
	       "                            or all packets in one record (0.0.0.0/0)\n"
	       "  --tname name              in this table, see iptaccount(8)\n");
}

static void account_tg6_help(void)
{
	printf("ACCOUNT target options:\n"
	       "  --addr network[/prefix]   count the hosts of this network (/16 to /128),\n"
	       "                            or all packets in one record (::/0)\n"
	       "  --tname name              in this table, see iptaccount(8)\n"
	       "  --per length              bits of an address that make one record (128)\n");
}

/* What could not be read back from a saved rule set is refused as well. */
static void account_parse_tname(struct xt_option_call *cb)
{
	struct xt_account_tginfo *info = cb->data;
	const char *name = cb->arg, *c;

	if (!*name)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --tname needs a name of 1 to %u bytes",
			      XT_ACCOUNT_NAME_LEN - 1);
	if (strlen(name) >= XT_ACCOUNT_NAME_LEN)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --tname \"%s\" is too long: at most %u bytes",
			      name, XT_ACCOUNT_NAME_LEN - 1);
	if (*name == '-')
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --tname takes a name that does not begin with a dash, not \"%s\"",
			      name);
	for (c = name; *c; ++c)
		if (iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "ACCOUNT: --tname takes a name without control characters");
	memset(info->name, 0, sizeof(info->name));
	memcpy(info->name, name, strlen(name));
}

/*
 * What libxtables says about a bad network does not name the option it belongs
 * to. So while it parses one, its errors come through here.
 */
static struct {
	__typeof__(xt_params->exit_err) exit_err;
	const char *arg;
} account_addr;

static void __attribute__((noreturn, format(printf, 2, 3)))
account_addr_error(enum xtables_exittype status, const char *msg, ...)
{
	char why[512];
	va_list args;

	va_start(args, msg);
	vsnprintf(why, sizeof(why), msg, args);
	va_end(args);
	xt_params->exit_err = account_addr.exit_err;
	xtables_error(status, "ACCOUNT: --addr %s: %s", account_addr.arg, why);
}

static void account_addr_begin(const char *arg)
{
	if (strlen(arg) > ACCOUNT_ADDR_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --addr takes at most %u bytes",
			      ACCOUNT_ADDR_MAX);
	account_addr.arg = arg;
	account_addr.exit_err = xt_params->exit_err;
	xt_params->exit_err = account_addr_error;
}

static void account_addr_end(void)
{
	xt_params->exit_err = account_addr.exit_err;
}

static void account_check_net(const char *arg, unsigned int addrs, int len,
			      int shortest, int longest)
{
	if (addrs != 1)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --addr %s stands for %u networks, name one",
			      arg, addrs);
	if (len < 0)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --addr %s: the mask has gaps", arg);
	if (len != 0 && (len < shortest || len > longest))
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --addr %s: the prefix length must be %d to %d, or 0 for all traffic in one record",
			      arg, shortest, longest);
}

static void account_tg4_parse(struct xt_option_call *cb)
{
	struct xt_account_tginfo *info = cb->data;
	struct in_addr *addr, mask;
	unsigned int addrs;
	int len;

	if (cb->entry->id == O_PER)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --per is for ip6tables, IPv4 tables have one record per address");
	xtables_option_parse(cb);
	if (cb->entry->id == O_TNAME) {
		account_parse_tname(cb);
		return;
	}
	account_addr_begin(cb->arg);
	xtables_ipparse_any(cb->arg, &addr, &mask, &addrs);
	account_addr_end();
	len = xtables_ipmask_to_cidr(&mask);
	account_check_net(cb->arg, addrs, len, 8, 32);
	memset(&info->net, 0, sizeof(info->net));
	info->net.in = *addr;
	info->prefix_len = len;
	info->host_len = len ? 32 : 0;
	free(addr);
}

static void account_tg6_parse(struct xt_option_call *cb)
{
	struct xt_account_tginfo *info = cb->data;
	struct in6_addr *addr, mask;
	unsigned int addrs;
	int len;

	xtables_option_parse(cb);
	if (cb->entry->id == O_TNAME)
		account_parse_tname(cb);
	if (cb->entry->id != O_ADDR)
		return;
	account_addr_begin(cb->arg);
	xtables_ip6parse_any(cb->arg, &addr, &mask, &addrs);
	account_addr_end();
	len = xtables_ip6mask_to_cidr(&mask);
	account_check_net(cb->arg, addrs, len, 16, 128);
	info->net.in6 = *addr;
	info->prefix_len = len;
	free(addr);
}

/* --per can stand before --addr: only here both are known. */
static void account_tg6_fcheck(struct xt_fcheck_call *cb)
{
	struct xt_account_tginfo *info = cb->data;

	if (!(cb->xflags & F_ADDR))
		return; /* libxtables complains */
	if (!(cb->xflags & F_PER)) {
		info->host_len = info->prefix_len ? 128 : 0;
		return;
	}
	if (info->prefix_len == 0)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --per has no meaning with --addr ::/0, which has one record");
	if (info->host_len < info->prefix_len)
		xtables_error(PARAMETER_PROBLEM,
			      "ACCOUNT: --per %u is shorter than the prefix length of --addr, %u",
			      info->host_len, info->prefix_len);
}

/* The two texts differ only in what stands before the option names. */
static void account_tg_show(const struct xt_account_tginfo *info,
			    const char *addr, unsigned int full, const char *dash)
{
	printf(" %saddr %s", dash, addr);
	if (info->prefix_len != full)
		printf("/%u", info->prefix_len);
	printf(" %stname", dash);
	xtables_save_string(info->name);
	/* python3-iptables asks before the final check has set it */
	if (full == 128 && info->prefix_len != 0 && info->host_len != 0 &&
	    info->host_len != full)
		printf(" %sper %u", dash, info->host_len);
}

static void account_tg4_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_account_tginfo *info = (const void *)target->data;

	(void)ip;
	account_tg_show(info, xtables_ipaddr_to_numeric(&info->net.in), 32, "--");
}

static void account_tg4_print(const void *ip, const struct xt_entry_target *target,
			      int numeric)
{
	const struct xt_account_tginfo *info = (const void *)target->data;

	(void)ip;
	(void)numeric;
	printf(" ACCOUNT");
	account_tg_show(info, xtables_ipaddr_to_numeric(&info->net.in), 32, "");
}

static void account_tg6_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_account_tginfo *info = (const void *)target->data;

	(void)ip;
	account_tg_show(info, xtables_ip6addr_to_numeric(&info->net.in6), 128, "--");
}

static void account_tg6_print(const void *ip, const struct xt_entry_target *target,
			      int numeric)
{
	const struct xt_account_tginfo *info = (const void *)target->data;

	(void)ip;
	(void)numeric;
	printf(" ACCOUNT");
	account_tg_show(info, xtables_ip6addr_to_numeric(&info->net.in6), 128, "");
}

static struct xtables_target account_tg_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "ACCOUNT",
		.revision      = 2,
		.family        = NFPROTO_IPV4,
		.size          = XT_ALIGN(sizeof(struct xt_account_tginfo)),
		.userspacesize = offsetof(struct xt_account_tginfo, table),
		.help          = account_tg4_help,
		.print         = account_tg4_print,
		.save          = account_tg4_save,
		.x6_parse      = account_tg4_parse,
		.x6_options    = account_tg_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "ACCOUNT",
		.revision      = 2,
		.family        = NFPROTO_IPV6,
		.size          = XT_ALIGN(sizeof(struct xt_account_tginfo)),
		.userspacesize = offsetof(struct xt_account_tginfo, table),
		.help          = account_tg6_help,
		.print         = account_tg6_print,
		.save          = account_tg6_save,
		.x6_parse      = account_tg6_parse,
		.x6_fcheck     = account_tg6_fcheck,
		.x6_options    = account_tg_opts,
	},
};

XA_PLUGIN_INIT(ACCOUNT)
{
	xa_register_targets(account_tg_reg,
			    sizeof(account_tg_reg) / sizeof(*account_tg_reg));
}
