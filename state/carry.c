// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_state: what a save keeps of the file that it replaces
 *
 * A name that no rule has now may have one again: its rules were not loaded at this boot, or
 * are loaded anew. What the file has of it is carried over, with the time for which no rule
 * has had the name. That time is the sum of the steps from save to save, none of which counts
 * for more than a day, so that a clock that jumps throws nothing away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state.h"

#define DAY		86400
#define GONE_MAX	(30 * DAY)	/* seconds that it is kept for */
#define GONE_COUNT	10000		/* entries; those that went last come first */

/* The file that will be replaced. Return: NULL, and no message, if it has no state. */
static FILE *open_old(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	FILE *f;

	if (fd < 0) {
		if (errno != ENOENT)
			fprintf(stderr, SELF ": %s: %s; nothing of it is kept\n", path,
				strerror(errno));
		return NULL;
	}
	f = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size ? fdopen(fd, "r") : NULL;
	if (!f)
		close(fd);
	return f;
}

static uint64_t step(const struct state *old, const struct state *s)
{
	if (s->saved <= old->saved)
		return 0;
	return s->saved - old->saved < DAY ? s->saved - old->saved : DAY;
}

/* For how long no rule has had its name; NEVER: it is not to be carried over. */
static uint64_t gone_for(const struct entry *e, const struct index *now, const struct state *s,
			 uint64_t passed)
{
	uint64_t age = e->gone ? e->gone_for + passed : 0;

	if (e->gone_for >= GONE_MAX || age >= GONE_MAX || (e->kind == DOOR && e->value <= s->saved))
		return NEVER;
	/* of bindings, also what another prefix has bound meanwhile */
	if (index_find(now, e) || index_find_public(now, e) || kernel_has(e))
		return NEVER;
	return age;
}

static void carry(struct state *s, const struct state *old)
{
	uint64_t passed = step(old, s), age;
	size_t i, count = 0;
	struct index now;
	struct entry *to;

	index_make(&now, s);
	for (i = 0; i < old->count && count < GONE_COUNT; ++i) {
		age = gone_for(&old->entry[i], &now, s, passed);
		if (age == NEVER)
			continue;
		to = state_add(s, old->entry[i].kind, "");
		*to = old->entry[i];
		to->gone = true;
		to->gone_for = age;
		++count;
	}
	index_free(&now);
}

/**
 * carry_over - add what the file has that is going to be replaced
 * @path: of the file; it need not be there
 * @s:    what is going to be saved
 *
 * Of a file that is no state nothing is kept, with a message.
 */
void carry_over(const char *path, struct state *s)
{
	struct state old = { .count = 0 };
	FILE *f = open_old(path);

	if (!f)
		return;
	if (state_parse(f, path, &old))
		carry(s, &old);
	else
		fprintf(stderr, SELF ": %s: nothing of it is kept\n", path);
	fclose(f);
	state_free(&old);
}
