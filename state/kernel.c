// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_state: the files of condition, quota2, DNETMAP and pknock in /proc
 *
 * Rules come and go while this reads: what is not there any more is no error. It is not
 * found, or, if it was open, cannot be read or written: EIO. In a restore it is one line on
 * the standard error.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "state.h"

#ifndef PROC_NET
#define PROC_NET	"/proc/net"
#endif

#define PATH_SIZE	4096
#define LINE_SIZE	256

static const char *const folder[KINDS] = {
	[CONDITION]  = "nf_condition",
	[QUOTA]      = "xt_quota",
	[PERSISTENT] = "xt_DNETMAP",
	[BINDING]    = "xt_DNETMAP",
	[DOOR]       = "xt_pknock",
};

static const char *path_of(enum entry_kind kind, const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s/%s", PROC_NET, folder[kind], name);
	return path;
}

static bool failed(const char *path)
{
	fprintf(stderr, SELF ": %s: %s\n", path, strerror(errno));
	return false;
}

static bool not_understood(const char *path)
{
	fprintf(stderr, SELF ": %s: not understood\n", path);
	return false;
}

static bool gone(void)
{
	return errno == ENOENT || errno == EIO;
}

/* Return: the file; NULL if there is none, or if it cannot be read, then *@good is false. */
static FILE *open_read(const char *path, bool *good)
{
	FILE *f = fopen(path, "re");

	*good = f || gone() || failed(path);
	return f;
}

/* The first line. Return: whether there is one; *@good is false if that is an error. */
static bool read_line(const char *path, char line[LINE_SIZE], bool *good)
{
	FILE *f = open_read(path, good);
	bool there;

	if (!f)
		return false;
	there = fgets(line, LINE_SIZE, f);
	if (!there)
		*good = ferror(f) ? gone() || failed(path) : not_understood(path);
	fclose(f);
	return there;
}

/* Closes what was read to the end. Of what went meanwhile nothing remains but @count. */
static bool read_end(FILE *f, const char *path, struct state *s, size_t count)
{
	bool good = true;

	if (ferror(f)) {
		good = gone() || failed(path);
		s->count = count;
	}
	fclose(f);
	return good;
}

static bool read_value(struct state *s, enum entry_kind kind, const char *name)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	struct entry *e;
	uint64_t value;
	bool good;

	if (!read_line(path_of(kind, name, path), line, &good))
		return good;
	line[strcspn(line, "\n")] = '\0';
	if (!parse_number(line, &value))
		return not_understood(path);
	e = state_add(s, kind, name);
	e->value = value;
	e->until = NEVER;
	return true;
}

/* "VALUE" or "VALUE SECONDS"; modules that know no time have no such file */
static bool read_condition(struct state *s, const char *name)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	uint64_t value, left;
	struct entry *e;
	bool good;
	int n;

	snprintf(path, sizeof(path), "%s/xt_condition/%s", PROC_NET, name);
	if (!read_line(path, line, &good))
		return good && read_value(s, CONDITION, name);
	n = sscanf(line, "%1" SCNu64 " %10" SCNu64, &value, &left);
	if (n < 1 || value > 1)
		return not_understood(path);
	e = state_add(s, CONDITION, name);
	e->value = value;
	e->until = n == 2 ? s->saved + left : NEVER;
	return true;
}

static bool read_quota(struct state *s, const char *name)
{
	return read_value(s, QUOTA, name);
}

/* Static bindings only; the others last as long as their hosts send. */
static bool read_bindings(struct state *s, const char *name)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	char private[16], public[16];
	bool good;
	FILE *f = open_read(path_of(BINDING, name, path), &good);
	size_t count = s->count;
	struct entry *e;

	if (!f)
		return good;
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, " ttl: S "))
			continue;
		if (sscanf(line, "%15[0-9.] -> %15[0-9.] ---", private, public) != 2) {
			fclose(f);
			return not_understood(path);
		}
		e = state_add(s, BINDING, name);
		strcpy(e->address, private);
		strcpy(e->public, public);
	}
	return read_end(f, path, s, count);
}

/* The sums tell whether the bindings, which may be millions of lines, need be read. */
static bool read_dnetmap(struct state *s, const char *name)
{
	char path[PATH_SIZE], line[LINE_SIZE], stat[NAME_SIZE + 8];
	size_t len = strlen(name);
	unsigned long fixed;
	bool good;

	if (len > 5 && !strcmp(name + len - 5, "_stat"))
		return true;
	snprintf(stat, sizeof(stat), "%s_stat", name);
	if (!read_line(path_of(PERSISTENT, stat, path), line, &good))
		return good;
	if (sscanf(line, "%*u %lu", &fixed) != 1)
		return not_understood(path);
	if (strstr(line, "persistent"))
		state_add(s, PERSISTENT, name);
	return fixed == 0 || read_bindings(s, name);
}

static bool read_doors(struct state *s, const char *name)
{
	char path[PATH_SIZE], line[LINE_SIZE], address[INET6_ADDRSTRLEN];
	const char *closes;
	bool good;
	FILE *f = open_read(path_of(DOOR, name, path), &good);
	size_t count = s->count;
	struct entry *e;

	if (!f)
		return good;
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, " status=ALLOWED "))
			continue;
		if (sscanf(line, "src=%45[0-9a-f.:] ", address) != 1) {
			fclose(f);
			return not_understood(path);
		}
		e = state_add(s, DOOR, name);
		strcpy(e->address, address);
		closes = strstr(line, "autoclose_time=");
		e->value = closes ? s->saved + strtoull(strchr(closes, '=') + 1, NULL, 10) : NEVER;
	}
	return read_end(f, path, s, count);
}

static int no_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static bool read_folder(struct state *s, enum entry_kind kind,
			bool (*read)(struct state *s, const char *name))
{
	struct dirent **names;
	char path[PATH_SIZE];
	bool good = true;
	int n, i;

	n = scandir(path_of(kind, "", path), &names, no_dots, alphasort);
	if (n < 0)
		return errno == ENOENT || failed(path);
	for (i = 0; i < n; ++i) {
		if (strlen(names[i]->d_name) < NAME_SIZE)
			good = read(s, names[i]->d_name) && good;
		free(names[i]);
	}
	free(names);
	return good;
}

/**
 * kernel_read - the state of this network namespace
 * @s: empty; filled in
 *
 * Return: whether all could be read. If not, a message has been printed.
 */
bool kernel_read(struct state *s)
{
	s->saved = time(NULL);
	return read_folder(s, CONDITION, read_condition) &&
	       read_folder(s, QUOTA, read_quota) &&
	       read_folder(s, PERSISTENT, read_dnetmap) &&
	       read_folder(s, DOOR, read_doors);
}

/**
 * kernel_has - has a rule of this network namespace the name?
 * @e: with a kind and a name
 *
 * Return: whether there is its file.
 */
bool kernel_has(const struct entry *e)
{
	char path[PATH_SIZE];

	return access(path_of(e->kind, e->name, path), F_OK) == 0 || errno != ENOENT;
}

/* ---- restore */

/**
 * struct job - a restore
 * @from:    what is restored
 * @now:     what there is
 * @index:   of @now
 * @replace: whatever there is
 * @grow:    names of counters that grow, NULL at the end
 * @fd:      of @path, kept for the next entry; -1
 * @good:    nothing was refused
 */
struct job {
	const struct state *from;
	struct state now;
	struct index index;
	bool replace;
	char *const *grow;
	int fd;
	char path[PATH_SIZE];
	bool good;
};

static bool open_write(struct job *job, const struct entry *e)
{
	char path[PATH_SIZE];

	path_of(e->kind, e->name, path);
	if (job->fd >= 0 && !strcmp(path, job->path))
		return true;
	if (job->fd >= 0)
		close(job->fd);
	strcpy(job->path, path);
	job->fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return job->fd >= 0;
}

/* A command is one write; the files know no position. */
__attribute__((format(printf, 3, 4)))
static void command(struct job *job, const struct entry *e, const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (open_write(job, e) && write(job->fd, text, len) == len)
		return;
	if (gone()) {
		fprintf(stderr, SELF ": left out, since no rule has it: %s/%s\n",
			folder[e->kind], e->name);
		return;
	}
	job->good = failed(job->path);
}

/*
 * When something of the file is over is known by the clock that was right when it was saved.
 * If the clock is behind that, as where none runs while the machine is off, it lasts as long
 * as it would have then.
 */
static uint64_t clock_of(const struct job *job)
{
	return job->now.saved > job->from->saved ? job->now.saved : job->from->saved;
}

/* How long until a time, in seconds; NEVER */
static uint64_t left_at(uint64_t clock, uint64_t until)
{
	if (until == NEVER)
		return NEVER;
	return until > clock ? until - clock : 0;
}

/* A condition: what it is, how long for, and then the other value */
struct course {
	bool value;
	uint64_t left;
};

static struct course course(uint64_t value, uint64_t left)
{
	struct course c = { .value = value, .left = left };

	if (left == 0) {
		c.value = !value;
		c.left = NEVER;
	}
	return c;
}

static bool in_the_end(struct course c)
{
	return c.left == NEVER ? c.value : !c.value;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * 1 where either is. There is one change at most: what is 1 now and in the end is 1
 * between, too.
 */
static struct course merged(struct course a, struct course b)
{
	struct course c = { .value = a.value || b.value, .left = NEVER };

	if (c.value == (in_the_end(a) || in_the_end(b)))
		return c;
	if (!c.value)
		c.left = earlier(a.left, b.left);
	else if (a.value && b.value)
		c.left = a.left > b.left ? a.left : b.left;
	else
		c.left = a.value ? a.left : b.left;
	return c;
}

static void apply_condition(struct job *job, const struct entry *e, const struct entry *now)
{
	struct course c = course(e->value, left_at(clock_of(job), e->until)), is;

	if (!job->replace && now) {
		is = course(now->value, left_at(job->now.saved, now->until));
		c = merged(is, c);
		if (c.value == is.value && c.left == is.left)
			return;
	}
	if (c.left == NEVER)
		command(job, e, "%d\n", c.value);
	else
		command(job, e, "%d %" PRIu64 "\n", c.value, c.left);
}

static void apply_quota(struct job *job, const struct entry *e, const struct entry *now)
{
	char *const *grow = job->grow;

	/* differences, since packets count meanwhile */
	while (*grow && strcmp(*grow, e->name))
		++grow;
	if (job->replace || !now)
		command(job, e, "%" PRIu64 "\n", e->value);
	else if (*grow && e->value > now->value)
		command(job, e, "+%" PRIu64 "\n", e->value - now->value);
	else if (!*grow && e->value < now->value)
		command(job, e, "-%" PRIu64 "\n", now->value - e->value);
}

static void apply_binding(struct job *job, const struct entry *e, const struct entry *now)
{
	const struct entry *public = index_find_public(&job->index, e);

	if (now && now == public)
		return;
	if (!job->replace && (now || public)) {
		fprintf(stderr, SELF ": left out, since one of them is bound already: %s, %s\n",
			e->address, e->public);
		return;
	}
	command(job, e, "+%s:%s\n", e->address, e->public);
}

static void apply_door(struct job *job, const struct entry *e, const struct entry *now)
{
	uint64_t left = left_at(clock_of(job), e->value);

	if (!job->replace && now && left_at(job->now.saved, now->value) >= left)
		return;
	if (left == NEVER)
		command(job, e, "+%s\n", e->address);
	else if (left > 0)
		command(job, e, "+%s %" PRIu64 "\n", e->address, left);
}

static void apply(struct job *job, const struct entry *e)
{
	const struct entry *now = index_find(&job->index, e);

	switch (e->kind) {
	case CONDITION:
		apply_condition(job, e, now);
		break;
	case QUOTA:
		apply_quota(job, e, now);
		break;
	case PERSISTENT:
		command(job, e, "+persistent\n");
		break;
	case BINDING:
		apply_binding(job, e, now);
		break;
	case DOOR:
		apply_door(job, e, now);
		break;
	default:
		break;
	}
}

/**
 * kernel_apply - bring a state into this network namespace
 * @s:       state
 * @replace: take its values whatever there is, and do not merge
 * @grow:    names of counters that grow, NULL at the end
 *
 * What no rule has is left out with a message, which is no failure.
 *
 * Return: whether the kernel refused nothing. If not, a message has been printed.
 */
bool kernel_apply(const struct state *s, bool replace, char *const *grow)
{
	struct job job = { .from = s, .replace = replace, .grow = grow, .fd = -1, .good = true };
	size_t i;

	if (!kernel_read(&job.now)) {
		state_free(&job.now);
		return false;
	}
	index_make(&job.index, &job.now);
	for (i = 0; i < s->count; ++i)
		apply(&job, &s->entry[i]);
	if (job.fd >= 0)
		close(job.fd);
	index_free(&job.index);
	state_free(&job.now);
	return job.good;
}
