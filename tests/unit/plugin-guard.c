// SPDX-License-Identifier: GPL-2.0-only
/*
 * plugin-guard - load a plugin as an iptables of some version would
 *
 * plugin-guard VERSION PLUGIN.so MATCH; exit status 0: the match registered.
 * No kernel is asked.
 * links: -lxtables -ldl
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <xtables.h>

static int any_revision(const char *name, uint8_t revision, int opt)
{
	return 1;
}

static void __attribute__((noreturn))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	fprintf(stderr, "libxtables refused: %s\n", msg);
	exit(2);
}

static struct xtables_globals globals = {
	.option_offset	= 0,
	.program_name	= "iptables",
	.exit_err	= refuse,
	.compat_rev	= any_revision,
};

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	/* no version: a program that sets no parameters at all */
	globals.program_version = argv[1];
	if (argv[1][0] && xtables_init_all(&globals, NFPROTO_IPV4) < 0)
		return 2;
	if (!dlopen(argv[2], RTLD_NOW)) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	return !argv[1][0] || !xtables_find_match(argv[3], XTF_DONT_LOAD, NULL);
}
