// SPDX-License-Identifier: GPL-2.0-only
/*
 * libxt_loud - a match for tests of xthook: what plugins of others do
 *
 *	--say TEXT    the final check prints "TEXT", and "FAMILY" too if TEXT is family
 *	--short       there is no memory for it in IPv6
 *	--abort       prints, and ends the program
 *
 * A final check that is not told to be another one of the same rule writes a line to the
 * file that LOUD_CHECKS names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "xa_tool.h"

enum { O_SAY, O_SHORT, O_ABORT };

struct loud {
	char say[32];
	__u8 set[4];
};

static const struct xt_option_entry loud_opts[] = {
	{ .name = "say", .id = O_SAY, .type = XTTYPE_STRING, XTOPT_POINTER(struct loud, say),
	  .flags = XTOPT_PUT },
	{ .name = "short", .id = O_SHORT, .type = XTTYPE_NONE },
	{ .name = "abort", .id = O_ABORT, .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static int family;

static void loud_init4(struct xt_entry_match *match)
{
	family = 4;
}

static void loud_init6(struct xt_entry_match *match)
{
	family = 6;
}

static void loud_parse(struct xt_option_call *cb)
{
	struct loud *info = cb->data;

	xtables_option_parse(cb);
	info->set[cb->entry->id] = 1;
	if (cb->entry->id == O_SHORT && family == 6)
		xtables_error(RESOURCE_PROBLEM, "loud: no memory\n");
}

static void loud_check(struct xt_fcheck_call *cb)
{
	const struct loud *info = cb->data;
	const char *file = getenv("LOUD_CHECKS");
	FILE *f = file && !getenv(XA_TOOL_AGAIN) ? fopen(file, "a") : NULL;

	if (info->set[O_SAY])
		fprintf(stderr, "%s\n", info->say);
	if (!strcmp(info->say, "family"))
		fprintf(stderr, "%d\n", family);
	if (info->set[O_ABORT])
		abort();
	if (f && (fputs("checked\n", f) < 0 || fclose(f)))
		abort();
}

static void loud_save(const void *ip, const struct xt_entry_match *match)
{
	const struct loud *info = (const void *)match->data;

	if (info->set[O_SAY])
		printf(" --say %s", info->say);
	if (info->set[O_SHORT])
		printf(" --short");
}

#define LOUD_MATCH(f, init_fn) {				\
	.version       = XTABLES_VERSION,			\
	.name          = "loud",				\
	.family        = f,					\
	.size          = XT_ALIGN(sizeof(struct loud)),		\
	.userspacesize = XT_ALIGN(sizeof(struct loud)),		\
	.init          = init_fn,				\
	.x6_options    = loud_opts,				\
	.x6_parse      = loud_parse,				\
	.x6_fcheck     = loud_check,				\
	.save          = loud_save,				\
}

static struct xtables_match loud_matches[] = {
	LOUD_MATCH(NFPROTO_IPV4, loud_init4),
	LOUD_MATCH(NFPROTO_IPV6, loud_init6),
};

static void __attribute__((constructor)) loud_init(void)
{
	xtables_register_matches(loud_matches, 2);
}
