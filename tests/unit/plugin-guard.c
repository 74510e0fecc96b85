// SPDX-License-Identifier: GPL-2.0-only
/*
 * plugin-guard - load a plugin as programs with several libxtables would
 *
 * plugin-guard SIZE PLUGIN.so MATCH [OPTION VALUE]
 *
 * SIZE is what the entries of tables of options take in the library, as far as
 * the plugin is told; 0: as they are. If it is not that of this machine's library,
 * its other functions do not see the plugin's table. "-" in place of it: the
 * program has set no parameters yet, as nft before it needs an extension.
 * Prints the table as that library reads it, or "no table"; then what the
 * plugin saves of rule data that are zero. With OPTION it is parsed instead.
 * No kernel is asked.
 * links: -lxtables -ldl
 */
#include <dlfcn.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

static size_t entry_size = sizeof(struct xt_option_entry);
static struct xtables_match *registered;

static int any_revision(const char *name, uint8_t revision, int opt)
{
	return 1;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	va_list args;

	va_start(args, msg);
	vprintf(msg, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static struct option no_opts[1];

static struct xtables_globals globals = {
	.program_name	 = "plugin-guard",
	.program_version = "none of yours",
	.orig_opts	 = no_opts,
	.opts		 = no_opts,
	.exit_err	 = refuse,
	.compat_rev	 = any_revision,
};

static const struct xt_option_entry *entry_at(const void *table, size_t i)
{
	return (const void *)((const char *)table + i * entry_size);
}

/* Takes the place of the library's: with entries of another size. */
struct option *xtables_options_xfrm(struct option *orig_opts,
				    struct option *oldopts,
				    const struct xt_option_entry *table,
				    unsigned int *offset)
{
	struct option *opts;
	size_t n, i;

	/* as the library does it: so a plugin must lend it parameters */
	xt_params->option_offset += 256;
	*offset = xt_params->option_offset;
	/* older ones leave it if it is orig_opts, newer ones do not look */
	free(xt_params->opts);
	for (n = 0; entry_at(table, n)->name; ++n)
		;
	opts = calloc(n + 1, sizeof(*opts));
	for (i = 0; opts && i < n; ++i) {
		opts[i].name = entry_at(table, i)->name;
		opts[i].has_arg = entry_at(table, i)->type != XTTYPE_NONE;
		opts[i].val = entry_at(table, i)->id + *offset;
	}
	return opts;
}

/* And so do these; what the library would do with the table is not wanted. */
void xtables_register_match(struct xtables_match *match)
{
	registered = match;
}

void xtables_register_matches(struct xtables_match *match, unsigned int n)
{
	registered = match;
}

static void print_table(const void *table)
{
	size_t i;

	if (!table)
		printf("no table\n");
	for (i = 0; table && entry_at(table, i)->name; ++i)
		printf("%s %u %u %u..%u\n", entry_at(table, i)->name,
		       entry_at(table, i)->id, entry_at(table, i)->type,
		       entry_at(table, i)->min, entry_at(table, i)->max);
}

static void print_saved(const struct xtables_match *match)
{
	struct xt_entry_match *data = calloc(1, sizeof(*data) + match->size);

	if (data)
		match->save(NULL, data);
	putchar('\n');
	free(data);
}

/* As a program does it that finds the old kind of options. */
static int parse_old(char *option, char *value)
{
	char *argv[4] = { "plugin-guard", option, value, NULL };
	unsigned int flags = 0;
	int c;

	if (!registered->extra_opts || !registered->parse)
		return 2;
	c = getopt_long(value ? 3 : 2, argv, "", registered->extra_opts, NULL);
	if (c == '?')
		return 2;
	registered->parse(c, argv, 0, &flags, NULL, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct option *theirs = malloc(sizeof(*theirs));

	if (argc < 4 || !theirs)
		return 2;
	if (strtoul(argv[1], NULL, 10))
		entry_size = strtoul(argv[1], NULL, 10);
	/* what getopt_long() would be reading */
	memset(theirs, 0, sizeof(*theirs));
	globals.opts = theirs;
	globals.option_offset = 512;
	if (*argv[1] != '-')
		xtables_set_params(&globals);
	if (!dlopen(argv[2], RTLD_NOW)) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	if (!registered || strcmp(registered->name, argv[3]) != 0)
		return 2;
	if (xt_params != (*argv[1] == '-' ? NULL : &globals) ||
	    globals.opts != theirs || theirs->name || globals.option_offset != 512)
		refuse(OTHER_PROBLEM, "the program's parameters are not what they were");
	free(theirs);
	if (argc > 4)
		return parse_old(argv[4], argv[5]);
	print_table(registered->x6_options);
	print_saved(registered);
	return 0;
}
