// SPDX-License-Identifier: GPL-2.0-only
/* libxt_ipp2p - iptables plugin for the ipp2p match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_ipp2p.h"

enum {
	O_DEBUG = 12,	/* before it the protocols, in the order of their bits */
	O_LEARN,
};

#define IPP2P_OPTIONS \
	{ .name = "edk", .id = 0, .type = XTTYPE_NONE }, \
	{ .name = "dc", .id = 1, .type = XTTYPE_NONE }, \
	{ .name = "gnu", .id = 2, .type = XTTYPE_NONE }, \
	{ .name = "kazaa", .id = 3, .type = XTTYPE_NONE }, \
	{ .name = "bit", .id = 4, .type = XTTYPE_NONE }, \
	{ .name = "apple", .id = 5, .type = XTTYPE_NONE }, \
	{ .name = "soul", .id = 6, .type = XTTYPE_NONE }, \
	{ .name = "winmx", .id = 7, .type = XTTYPE_NONE }, \
	{ .name = "ares", .id = 8, .type = XTTYPE_NONE }, \
	{ .name = "mute", .id = 9, .type = XTTYPE_NONE }, \
	{ .name = "waste", .id = 10, .type = XTTYPE_NONE }, \
	{ .name = "xdcc", .id = 11, .type = XTTYPE_NONE }, \
	{ .name = "debug", .id = O_DEBUG, .type = XTTYPE_NONE }

static const struct xt_option_entry ipp2p_mt2_opts[] = {
	IPP2P_OPTIONS,
	XTOPT_TABLEEND,
};

static const struct xt_option_entry ipp2p_mt_opts[] = {
	IPP2P_OPTIONS,
	{ .name = "learn", .id = O_LEARN, .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static void ipp2p_mt_help(void)
{
	printf("ipp2p match options, one protocol or more:\n"
	       "  --edk    eDonkey, eMule, Kad       TCP, UDP\n"
	       "  --dc     Direct Connect            TCP, UDP\n"
	       "  --gnu    Gnutella                  TCP, UDP\n"
	       "  --kazaa  KaZaA                     TCP, UDP\n"
	       "  --bit    BitTorrent                TCP, UDP\n"
	       "  --apple  AppleJuice                TCP\n"
	       "  --soul   Soulseek                  TCP\n"
	       "  --winmx  WinMX                     TCP\n"
	       "  --ares   Ares                      TCP\n"
	       "  --mute   MUTE                      TCP\n"
	       "  --waste  WASTE                     TCP\n"
	       "  --xdcc   files from IRC bots       TCP\n"
	       "  --debug  log what matches\n"
	       "  --learn  with --bit: learn who is a peer, and match encrypted connections and\n"
	       "           uTP between peers\n"
	       "Not every packet of a connection is told: see CONNMARK in the manual.\n");
}

/* What both revisions begin with is struct xt_ipp2p_mtinfo. */
static void ipp2p_mt_parse(struct xt_option_call *cb)
{
	struct xt_ipp2p_mtinfo *info = cb->data;

	xtables_option_parse(cb);
	if (cb->entry->id == O_DEBUG)
		info->flags |= XT_IPP2P_DEBUG;
	else if (cb->entry->id == O_LEARN)
		info->flags |= XT_IPP2P_LEARN;
	else
		info->protocols |= 1U << cb->entry->id;
}

static void ipp2p_mt_fcheck(struct xt_fcheck_call *cb)
{
	const struct xt_ipp2p_mtinfo *info = cb->data;

	if (!info->protocols)
		xtables_error(PARAMETER_PROBLEM,
			      "ipp2p: at least one protocol is needed: --edk, --dc, --gnu, --kazaa, --bit, --apple, --soul, --winmx, --ares, --mute, --waste or --xdcc");
	if (info->flags & XT_IPP2P_LEARN && !(info->protocols & XT_IPP2P_BIT))
		xtables_error(PARAMETER_PROBLEM,
			      "ipp2p: --learn needs --bit: only peers of BitTorrent can be learned");
}

static void ipp2p_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_ipp2p_mtinfo *info = (const void *)match->data;
	unsigned int n;

	(void)ip;
	for (n = 0; n < O_DEBUG; ++n)
		if (info->protocols & 1U << n)
			printf(" --%s", ipp2p_mt_opts[n].name);
	if (info->flags & XT_IPP2P_DEBUG)
		printf(" --debug");
	if (info->flags & XT_IPP2P_LEARN)
		printf(" --learn");
}

static void ipp2p_mt_print(const void *ip, const struct xt_entry_match *match,
			   int numeric)
{
	(void)numeric;
	printf(" -m ipp2p");
	ipp2p_mt_save(ip, match);
}

/* Kernels with an older module take revision 2. */
static struct xtables_match ipp2p_mt_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "ipp2p",
		.revision      = 2,
		.family        = NFPROTO_UNSPEC,
		.size          = XT_ALIGN(sizeof(struct xt_ipp2p_mtinfo)),
		.userspacesize = XT_ALIGN(sizeof(struct xt_ipp2p_mtinfo)),
		.help          = ipp2p_mt_help,
		.print         = ipp2p_mt_print,
		.save          = ipp2p_mt_save,
		.x6_parse      = ipp2p_mt_parse,
		.x6_fcheck     = ipp2p_mt_fcheck,
		.x6_options    = ipp2p_mt2_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "ipp2p",
		.revision      = 3,
		.family        = NFPROTO_UNSPEC,
		.size          = XT_ALIGN(sizeof(struct xt_ipp2p_mtinfo3)),
		.userspacesize = offsetof(struct xt_ipp2p_mtinfo3, peers),
		.help          = ipp2p_mt_help,
		.print         = ipp2p_mt_print,
		.save          = ipp2p_mt_save,
		.x6_parse      = ipp2p_mt_parse,
		.x6_fcheck     = ipp2p_mt_fcheck,
		.x6_options    = ipp2p_mt_opts,
	},
};

XA_PLUGIN_INIT(ipp2p)
{
	xa_register_matches(ipp2p_mt_reg,
			    sizeof(ipp2p_mt_reg) / sizeof(*ipp2p_mt_reg));
}
