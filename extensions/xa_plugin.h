/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_plugin - one plugin for every libxtables
 *
 * struct xt_option_entry grew at its end between releases (48 bytes in 1.8.2 to
 * 1.8.9, 56 since 1.8.10) without a new SONAME or XTABLES_VERSION. A table of
 * options of the wrong size crashes its reader or gives it zeros. So the library
 * that loads the plugin is asked how far apart it finds the entries of a table,
 * and is given tables of that kind; the program's name and version do not
 * matter. The other structs of a plugin are the same in all of them.
 *
 * If the answer is one that cannot be served, the extension is registered
 * without its options: rules are listed and saved, but cannot be made.
 */
#ifndef _XA_PLUGIN_H
#define _XA_PLUGIN_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "config.h"

/* The part of an entry that all releases have; what follows may be zero. */
#define XA_OPTION_SIZE							\
	(offsetof(struct xt_option_entry, max) + sizeof(unsigned int))
/* A table for the question below would be misread from here on. */
#define XA_OPTION_SIZE_MAX	(2 * XA_OPTION_SIZE - sizeof(void *))

_Static_assert(offsetof(struct xt_option_entry, name) == 0 &&
	       offsetof(struct xt_option_entry, type) == sizeof(void *) &&
	       offsetof(struct xt_option_entry, id) == sizeof(void *) + 4 &&
	       offsetof(struct xt_option_entry, excl) == sizeof(void *) + 8 &&
	       offsetof(struct xt_option_entry, also) == sizeof(void *) + 12 &&
	       offsetof(struct xt_option_entry, flags) == sizeof(void *) + 16 &&
	       offsetof(struct xt_option_entry, ptroff) == sizeof(void *) + 20 &&
	       offsetof(struct xt_option_entry, size) == sizeof(void *) + 24 &&
	       offsetof(struct xt_option_entry, min) == 2 * sizeof(void *) + 24 &&
	       offsetof(struct xt_option_entry, max) == 2 * sizeof(void *) + 28,
	       "these headers of libxtables have another struct xt_option_entry: see xa_plugin_option_size()");

static const char *xa_plugin_name;

/*
 * The bytes from one entry of a table to the next in the library that is
 * running, 0 if it cannot be told. The library is given a table whose second
 * entry has a different name for each size that it could have.
 */
static inline size_t xa_plugin_option_size(void)
{
	/* the names; which of them is meant is told by its place */
	static const char names[XA_OPTION_SIZE_MAX + 1][2] = { "0" };
	union {
		struct xt_option_entry first;
		const char *name[3 * XA_OPTION_SIZE_MAX / sizeof(void *)];
	} table = {};
	struct option none = {}, *opts;
	/* larger than the library's own, should that have grown */
	union {
		struct xtables_globals globals;
		char room[256];
	} ours = {};
	struct xtables_globals *theirs = xt_params;
	unsigned int offset = 0;
	size_t at, size = 0;

	table.first.name = names[0];
	table.first.type = XTTYPE_STRING;
	table.first.id = 7;
	for (at = XA_OPTION_SIZE; at <= XA_OPTION_SIZE_MAX; at += sizeof(void *))
		table.name[at / sizeof(void *)] = names[at];
	/* The library frees the program's options and counts on: none of that. */
	ours.globals.orig_opts = &none;
	xt_params = &ours.globals;
	opts = xtables_options_xfrm(&none, NULL, &table.first, &offset);
	xt_params = theirs;
	if (!opts)
		return 0;
	if (opts[0].name == names[0] && opts[0].has_arg &&
	    opts[0].val == (int)(offset + 7) && opts[1].name && !opts[2].name)
		size = (opts[1].name - names[0]) / sizeof(names[0]);
	free(opts);
	return size;
}

static inline size_t xa_plugin_options(const struct xt_option_entry *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

/* The table as the library wants it, or NULL. It is there for good. */
static inline const struct xt_option_entry *
xa_plugin_fit(const struct xt_option_entry *table)
{
	const size_t size = xa_plugin_option_size();
	size_t i, n = xa_plugin_options(table);
	char *copy;

	if (size == sizeof(*table))
		return table;
	copy = size ? calloc(n + 1, size) : NULL;
	for (i = 0; copy && i < n; i++)
		memcpy(copy + i * size, &table[i],
		       size < sizeof(*table) ? size : sizeof(*table));
	return (const void *)copy;
}

/* The names of the options alone, in the form that getopt_long() has. */
static inline const struct option *
xa_plugin_names(const struct xt_option_entry *table)
{
	size_t i, n = xa_plugin_options(table);
	struct option *opts = calloc(n + 1, sizeof(*opts));

	for (i = 0; opts && i < n; i++) {
		opts[i].name = table[i].name;
		opts[i].has_arg = table[i].type != XTTYPE_NONE;
		opts[i].val = table[i].id;
	}
	return opts;
}

static inline void xa_plugin_refuse(unsigned int flags)
{
	xtables_error(OTHER_PROBLEM,
		      "libxt_%s.so can only list rules here: it does not know how this version of libxtables"
		      " lays out its options. Build " PACKAGE_NAME " again on this machine.",
		      xa_plugin_name);
}

static inline int xa_plugin_refuse_mt(int c, char **argv, int invert,
				      unsigned int *flags, const void *entry,
				      struct xt_entry_match **match)
{
	xa_plugin_refuse(0);
	return 0;
}

static inline int xa_plugin_refuse_tg(int c, char **argv, int invert,
				      unsigned int *flags, const void *entry,
				      struct xt_entry_target **target)
{
	xa_plugin_refuse(0);
	return 0;
}

/* A match and a target have these fields under the same names. */
#define XA_PLUGIN_ADAPT(reg, refuse) do {				\
	__typeof__(reg) reg_ = (reg);					\
	const struct xt_option_entry *table_ = reg_->x6_options, *fit_;	\
									\
	if (!table_)							\
		break;							\
	fit_ = xa_plugin_fit(table_);					\
	reg_->x6_options = fit_;					\
	if (fit_)							\
		break;							\
	reg_->x6_parse = NULL;						\
	reg_->x6_fcheck = NULL;						\
	reg_->extra_opts = xa_plugin_names(table_);			\
	reg_->parse = (refuse);						\
	reg_->final_check = xa_plugin_refuse;				\
} while (0)

static inline void xa_register_matches(struct xtables_match *reg, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		XA_PLUGIN_ADAPT(&reg[i], xa_plugin_refuse_mt);
	xtables_register_matches(reg, n);
}

static inline void xa_register_match(struct xtables_match *reg)
{
	xa_register_matches(reg, 1);
}

static inline void xa_register_targets(struct xtables_target *reg, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		XA_PLUGIN_ADAPT(&reg[i], xa_plugin_refuse_tg);
	xtables_register_targets(reg, n);
}

static inline void xa_register_target(struct xtables_target *reg)
{
	xa_register_targets(reg, 1);
}

/* OPTION "TEXT", as iptables-restore reads it. For texts that always had quotes. */
static inline void xa_print_quoted(const char *option, const char *text)
{
	printf("%s \"", option);
	for (; *text; text++)
		printf(strchr("\"'\\", *text) ? "\\%c" : "%c", *text);
	putchar('"');
}

/* Only the above know of other libraries than the one that was built against. */
#pragma GCC poison xtables_register_match xtables_register_matches
#pragma GCC poison xtables_register_target xtables_register_targets

/*
 * XA_PLUGIN_INIT(NAME) { xa_register_match(...); } - what a plugin does
 * when libxtables loads it
 */
#define XA_PLUGIN_INIT(NAME)						\
	static void NAME##_plugin_register(void);			\
	static void __attribute__((constructor)) NAME##_plugin_ldr(void)\
	{								\
		xa_plugin_name = #NAME;					\
		NAME##_plugin_register();				\
	}								\
	static void NAME##_plugin_register(void)

#endif /* _XA_PLUGIN_H */
