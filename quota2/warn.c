// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_quota2_listen: counters that fall below a value
 *
 * The kernel tells when a counter is used up. What comes before that is found by
 * reading the files, once a second. A counter is told of once, until it is found
 * at the value or above it again.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "warn.h"
#include "xt_quota2.h"

#ifndef PROC_QUOTA
#define PROC_QUOTA	"/proc/net/xt_quota"
#endif

/**
 * struct told - a counter that was told of
 * @name: of it
 * @seen: it is still below, in this pass
 */
struct told {
	char name[XT_QUOTA2_NAME_LEN];
	bool seen;
};

/**
 * struct watcher - the state of the program
 * @names: those wanted, NULL at the end; none: all
 * @below: the value
 * @left:  lines until the end; 0: for ever
 * @told:  counters that are below
 */
struct watcher {
	char *const *names;
	uint64_t below;
	unsigned long left;
	struct told *told;
	size_t count;
	size_t room;
};

static bool wanted(const struct watcher *w, const char *name)
{
	char *const *want = w->names;

	while (*want && strcmp(*want, name))
		++want;
	return *want || !*w->names;
}

/* Return: whether there is a counter, and a value in *@value. */
static bool read_value(const char *name, uint64_t *value)
{
	char path[4096];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", PROC_QUOTA, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	good = fscanf(f, "%" SCNu64, value) == 1;
	fclose(f);
	return good;
}

/* Return: whether it is new, or -1 without memory. */
static int is_new(struct watcher *w, const char *name)
{
	struct told *bigger;
	size_t i;

	for (i = 0; i < w->count; ++i) {
		if (!strcmp(w->told[i].name, name)) {
			w->told[i].seen = true;
			return 0;
		}
	}
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 16;
		bigger = realloc(w->told, w->room * sizeof(*bigger));
		if (!bigger)
			return -1;
		w->told = bigger;
	}
	strcpy(w->told[w->count].name, name);	/* see no_dots() */
	w->told[w->count++].seen = true;
	return 1;
}

/* Who is not below any more is new when it is the next time. */
static void forget(struct watcher *w)
{
	size_t i, kept = 0;

	for (i = 0; i < w->count; ++i) {
		if (!w->told[i].seen)
			continue;
		w->told[kept] = w->told[i];
		w->told[kept++].seen = false;
	}
	w->count = kept;
}

/* Return: 1: that was the last line; 0: go on; or a negative errno. */
static int look_at(struct watcher *w, const char *name)
{
	uint64_t value;
	int ret;

	if (!wanted(w, name) || !read_value(name, &value) || value >= w->below)
		return 0;
	ret = is_new(w, name);
	if (ret <= 0)
		return ret < 0 ? -ENOMEM : 0;
	if (printf("%s %" PRIu64 "\n", name, value) < 0 || fflush(stdout))
		return -errno;
	return w->left && --w->left == 0;
}

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.' && strlen(d->d_name) < XT_QUOTA2_NAME_LEN;
}

static int pass(struct watcher *w)
{
	struct dirent **names;
	int n = scandir(PROC_QUOTA, &names, no_dots, alphasort), i, ret = 0;

	if (n < 0)
		return -errno;
	for (i = 0; i < n; ++i) {
		if (!ret)
			ret = look_at(w, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	forget(w);
	return ret;
}

/**
 * warn_for_ever - print the name and the value of each counter that falls below a value
 * @names: those wanted, NULL at the end; none: all
 * @below: the value
 * @lines: end after so many; 0: for ever
 *
 * Return: the exit status.
 */
int warn_for_ever(char *const *names, uint64_t below, unsigned long lines)
{
	struct watcher w = { .names = names, .below = below, .left = lines };
	int ret;

	while ((ret = pass(&w)) == 0)
		sleep(1);
	free(w.told);
	if (ret > 0)
		return EXIT_SUCCESS;
	if (ret == -ENOENT)
		fputs("xt_quota2_listen: the kernel knows no quota2 counters: is the module xt_quota2 loaded?\n",
		      stderr);
	else
		fprintf(stderr, "xt_quota2_listen: %s: %s\n", PROC_QUOTA, strerror(-ret));
	return EXIT_FAILURE;
}
