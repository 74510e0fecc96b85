// SPDX-License-Identifier: GPL-2.0-only
/* libxt_LOGMARK - iptables plugin for the LOGMARK target */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_LOGMARK.h"

enum {
	O_LOG_LEVEL,
	O_LOG_PREFIX,
};

static const struct xt_option_entry logmark_tg_opts[] = {
	{ .name = "log-level", .id = O_LOG_LEVEL, .type = XTTYPE_STRING },
	{ .name = "log-prefix", .id = O_LOG_PREFIX, .type = XTTYPE_STRING },
	XTOPT_TABLEEND,
};

static void logmark_tg_help(void)
{
	printf("LOGMARK target options:\n"
	       "  --log-level level     of syslog, 0 to %u or a name; default %u\n"
	       "  --log-prefix string   put this before the line, up to %u bytes\n",
	       XT_LOGMARK_LEVEL_MAX, LOG_WARNING, XT_LOGMARK_PREFIX_LEN - 1);
}

static void logmark_tg_init(struct xt_entry_target *target)
{
	struct xt_logmark_tginfo *info = (void *)target->data;

	info->level = LOG_WARNING;
}

/* Not XTTYPE_SYSLOGLEVEL: its error names neither target nor option. */
static void logmark_parse_level(struct xt_logmark_tginfo *info, const char *arg)
{
	static const struct {
		const char *name;
		unsigned int level;
	} levels[] = {
		{ "emerg", LOG_EMERG }, { "alert", LOG_ALERT }, { "crit", LOG_CRIT },
		{ "error", LOG_ERR }, { "warning", LOG_WARNING },
		{ "notice", LOG_NOTICE }, { "info", LOG_INFO }, { "debug", LOG_DEBUG },
		/* what -j LOG takes, and the names of syslog(3) that nft has */
		{ "panic", LOG_EMERG }, { "err", LOG_ERR }, { "warn", LOG_WARNING },
	};
	unsigned int level, i;

	for (i = 0; i < sizeof(levels) / sizeof(*levels); ++i)
		if (strcmp(arg, levels[i].name) == 0) {
			info->level = levels[i].level;
			return;
		}
	if (!xtables_strtoui(arg, NULL, &level, 0, XT_LOGMARK_LEVEL_MAX))
		xtables_error(PARAMETER_PROBLEM,
			      "LOGMARK: --log-level takes 0 to %u or a name from emerg to debug, not \"%s\"",
			      XT_LOGMARK_LEVEL_MAX, arg);
	info->level = level;
}

/* The kernel refuses the same (logmark_check_info). */
static void logmark_parse_prefix(struct xt_logmark_tginfo *info, const char *prefix)
{
	const char *c;

	if (strlen(prefix) >= sizeof(info->prefix))
		xtables_error(PARAMETER_PROBLEM,
			      "LOGMARK: --log-prefix \"%s\" is too long: at most %zu bytes",
			      prefix, sizeof(info->prefix) - 1);
	for (c = prefix; *c; ++c)
		if (iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "LOGMARK: --log-prefix takes a text without newlines and other control characters");
	memcpy(info->prefix, prefix, strlen(prefix));
}

static void logmark_tg_parse(struct xt_option_call *cb)
{
	xtables_option_parse(cb);
	if (cb->entry->id == O_LOG_PREFIX)
		logmark_parse_prefix(cb->data, cb->arg);
	else
		logmark_parse_level(cb->data, cb->arg);
}

static void logmark_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_logmark_tginfo *info = (const void *)target->data;

	(void)ip;
	if (info->level != LOG_WARNING)
		printf(" --log-level %u", info->level);
	if (*info->prefix)
		xa_print_quoted(" --log-prefix", info->prefix);
}

static void logmark_tg_print(const void *ip, const struct xt_entry_target *target,
			     int numeric)
{
	(void)numeric;
	printf(" -j LOGMARK");
	logmark_tg_save(ip, target);
}

static struct xtables_target logmark_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "LOGMARK",
	.revision      = 1,
	.family        = NFPROTO_UNSPEC,
	.size          = XT_ALIGN(sizeof(struct xt_logmark_tginfo)),
	.userspacesize = offsetof(struct xt_logmark_tginfo, rule),
	.help          = logmark_tg_help,
	.init          = logmark_tg_init,
	.print         = logmark_tg_print,
	.save          = logmark_tg_save,
	.x6_parse      = logmark_tg_parse,
	.x6_options    = logmark_tg_opts,
};

XA_PLUGIN_INIT(LOGMARK)
{
	xa_register_target(&logmark_tg_reg);
}
