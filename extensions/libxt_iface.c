// SPDX-License-Identifier: GPL-2.0-only
/* libxt_iface - iptables plugin for the iface match */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_iface.h"

enum {
	O_IFACE,
	O_DEV_IN,
	O_DEV_OUT,
	O_STATE,	/* the first of the states, see below */
	F_DEVS = 1 << O_IFACE | 1 << O_DEV_IN | 1 << O_DEV_OUT,
};

/* One id an option, so that a repeat is seen; aliases exclude each other. */
enum {
	O_UP = O_STATE, O_DOWN, O_BROADCAST, O_LOOPBACK, O_POINTOPOINT,
	O_POINTTOPOINT, O_RUNNING, O_NOARP, O_ARP, O_PROMISC, O_MULTICAST,
	O_DYNAMIC, O_LOWER_UP, O_DORMANT,
};

#define DEVICE(n, i)	{ .name = n, .id = i, .type = XTTYPE_NONE,	\
			  .excl = F_DEVS }
#define STATE(n, i)	{ .name = n, .id = i, .type = XTTYPE_NONE,	\
			  .flags = XTOPT_INVERT }
#define ALIAS(n, i, j)	{ .name = n, .id = i, .type = XTTYPE_NONE,	\
			  .flags = XTOPT_INVERT, .excl = 1 << (j) }

static const struct xt_option_entry iface_mt_opts[] = {
	{ .name = "iface", .id = O_IFACE, .type = XTTYPE_STRING,
	  .excl = F_DEVS },
	DEVICE("dev-in", O_DEV_IN),
	DEVICE("dev-out", O_DEV_OUT),
	ALIAS("up", O_UP, O_DOWN),
	ALIAS("down", O_DOWN, O_UP),
	STATE("broadcast", O_BROADCAST),
	STATE("loopback", O_LOOPBACK),
	ALIAS("pointopoint", O_POINTOPOINT, O_POINTTOPOINT),
	ALIAS("pointtopoint", O_POINTTOPOINT, O_POINTOPOINT),
	STATE("running", O_RUNNING),
	ALIAS("noarp", O_NOARP, O_ARP),
	ALIAS("arp", O_ARP, O_NOARP),
	STATE("promisc", O_PROMISC),
	STATE("multicast", O_MULTICAST),
	STATE("dynamic", O_DYNAMIC),
	STATE("lower-up", O_LOWER_UP),
	STATE("lower_up", O_LOWER_UP),	/* in rules that others have saved */
	STATE("dormant", O_DORMANT),
	XTOPT_TABLEEND,
};

/* What an option means, and the names that rules are saved with. */
static const struct {
	unsigned int id;
	unsigned int bit;
	const char *save;
	bool negative;
} iface_states[] = {
	{ O_UP,           XT_IFACE_UP,          "up", false },
	{ O_DOWN,         XT_IFACE_UP,          NULL, true },
	{ O_BROADCAST,    XT_IFACE_BROADCAST,   "broadcast", false },
	{ O_LOOPBACK,     XT_IFACE_LOOPBACK,    "loopback", false },
	{ O_POINTOPOINT,  XT_IFACE_POINTOPOINT, "pointopoint", false },
	{ O_POINTTOPOINT, XT_IFACE_POINTOPOINT, NULL, false },
	{ O_RUNNING,      XT_IFACE_RUNNING,     "running", false },
	{ O_NOARP,        XT_IFACE_NOARP,       "noarp", false },
	{ O_ARP,          XT_IFACE_NOARP,       NULL, true },
	{ O_PROMISC,      XT_IFACE_PROMISC,     "promisc", false },
	{ O_MULTICAST,    XT_IFACE_MULTICAST,   "multicast", false },
	{ O_DYNAMIC,      XT_IFACE_DYNAMIC,     "dynamic", false },
	{ O_LOWER_UP,     XT_IFACE_LOWER_UP,    "lower-up", false },
	{ O_DORMANT,      XT_IFACE_DORMANT,     "dormant", false },
};

#define N_STATES	(sizeof(iface_states) / sizeof(*iface_states))

static void iface_mt_help(void)
{
	printf("iface match options, one of:\n"
	       "  --iface name        look at this interface\n"
	       "  --dev-in            look at the one the packet came in on\n"
	       "  --dev-out           look at the one the packet will leave by\n"
	       "and one or more of:\n"
	       "[!] --up, --down, --broadcast, --loopback, --pointtopoint (--pointopoint),\n"
	       "    --running, --noarp, --arp, --promisc, --multicast, --dynamic,\n"
	       "    --lower-up (--lower_up), --dormant\n");
}

/* The kernel refuses the same (iface_check_name). */
static void iface_parse_name(struct xt_iface_mtinfo *info, const char *name)
{
	const char *c;

	if (strlen(name) >= sizeof(info->ifname))
		xtables_error(PARAMETER_PROBLEM,
			      "iface: --iface \"%s\" is too long: at most %zu bytes",
			      name, sizeof(info->ifname) - 1);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		xtables_error(PARAMETER_PROBLEM,
			      "iface: --iface \"%s\" cannot be the name of an interface",
			      name);
	for (c = name; *c; ++c)
		if (strchr("+!*/:", *c) || isspace((unsigned char)*c) || iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "iface: --iface takes the whole name of one interface, without blanks and any of + ! * / :");
	memcpy(info->ifname, name, strlen(name) + 1);
}

static void iface_parse_state(struct xt_iface_mtinfo *info,
			      const struct xt_option_call *cb)
{
	unsigned int i;

	for (i = 0; i < N_STATES; ++i) {
		if (iface_states[i].id != cb->entry->id)
			continue;
		info->flags |= iface_states[i].bit;
		if (cb->invert != iface_states[i].negative)
			info->invflags |= iface_states[i].bit;
	}
}

static void iface_mt_parse(struct xt_option_call *cb)
{
	struct xt_iface_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_IFACE:
		iface_parse_name(info, cb->arg);
		break;
	case O_DEV_IN:
		info->flags |= XT_IFACE_DEV_IN;
		break;
	case O_DEV_OUT:
		info->flags |= XT_IFACE_DEV_OUT;
		break;
	default:
		iface_parse_state(info, cb);
	}
}

static void iface_mt_fcheck(struct xt_fcheck_call *cb)
{
	const struct xt_iface_mtinfo *info = cb->data;

	if (!(cb->xflags & F_DEVS))
		xtables_error(PARAMETER_PROBLEM,
			      "iface: which interface? Give --iface, --dev-in or --dev-out");
	if (!(info->flags & XT_IFACE_STATES))
		xtables_error(PARAMETER_PROBLEM,
			      "iface: which state? Give at least one, such as --up");
}

/* Without quotes, as it always was, unless iptables-restore needs them. */
static void iface_save_name(const char *name)
{
	if (strpbrk(name, "\"'\\"))
		xa_print_quoted(" --iface", name);
	else
		printf(" --iface %s", name);
}

static void iface_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_iface_mtinfo *info = (const void *)match->data;
	unsigned int i;

	(void)ip;
	if (info->flags & XT_IFACE_DEV_IN)
		printf(" --dev-in");
	else if (info->flags & XT_IFACE_DEV_OUT)
		printf(" --dev-out");
	else
		iface_save_name(info->ifname);
	for (i = 0; i < N_STATES; ++i)
		if (iface_states[i].save && info->flags & iface_states[i].bit)
			printf("%s --%s",
			       info->invflags & iface_states[i].bit ? " !" : "",
			       iface_states[i].save);
}

static void iface_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	(void)numeric;
	printf(" -m iface");
	iface_mt_save(ip, match);
}

static struct xtables_match iface_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "iface",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_iface_mtinfo)),
	.userspacesize = offsetof(struct xt_iface_mtinfo, watch),
	.help          = iface_mt_help,
	.print         = iface_mt_print,
	.save          = iface_mt_save,
	.x6_parse      = iface_mt_parse,
	.x6_fcheck     = iface_mt_fcheck,
	.x6_options    = iface_mt_opts,
};

XA_PLUGIN_INIT(iface)
{
	xa_register_match(&iface_mt_reg);
}
