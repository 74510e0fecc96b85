// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_metrics: condition, quota2, pknock and DNETMAP, from their files in /proc
 *
 * A metric has a series for each name that rules give, for so many names at most; how many
 * names there are is a metric too. Rules come and go: a file that is not there any more
 * is no error, nor is one that goes while it is read, which ends with EIO.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "xt_metrics.h"

#ifndef PROC_NET
#define PROC_NET	"/proc/net"
#endif

#define PATH_SIZE	4096
#define LINE_SIZE	256

/**
 * struct metric - a metric with a series for each name
 * @folder: where its files are
 * @suffix: of their names, not a part of the name; NULL: none
 * @name:   of the metric
 * @help:   what it is
 * @sample: prints the samples of a file, if it was read to the end. Return: whether it was
 *          understood
 */
struct metric {
	const char *folder;
	const char *suffix;
	const char *name;
	const char *help;
	bool (*sample)(FILE *f, const char *metric, const char *name);
};

static void sample(const char *metric, const char *name, const char *label, const char *value,
		   uint64_t n)
{
	printf("%s{name=", metric);
	quoted(name, QUOTED_LABEL);
	if (label)
		printf(",%s=\"%s\"", label, value);
	printf("} %" PRIu64 "\n", n);
}

static bool sample_number(FILE *f, const char *metric, const char *name)
{
	uint64_t n;

	if (fscanf(f, "%" SCNu64, &n) != 1)
		return false;
	sample(metric, name, NULL, NULL, n);
	return true;
}

static bool sample_hosts(FILE *f, const char *metric, const char *name)
{
	uint64_t in = 0, waiting = 0;
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), f)) {
		in += strstr(line, " status=ALLOWED ") != NULL;
		waiting += strstr(line, " status=MATCHING ") != NULL;
	}
	if (ferror(f))
		return false;
	sample(metric, name, "status", "allowed", in);
	sample(metric, name, "status", "matching", waiting);
	return true;
}

/* "DYNAMIC STATIC ADDRESSES MEAN [persistent]" */
static bool sample_bindings(FILE *f, const char *metric, const char *name)
{
	uint64_t dynamic, fixed;

	if (fscanf(f, "%" SCNu64 " %" SCNu64, &dynamic, &fixed) != 2)
		return false;
	sample(metric, name, "kind", "dynamic", dynamic);
	sample(metric, name, "kind", "static", fixed);
	return true;
}

static bool sample_addresses(FILE *f, const char *metric, const char *name)
{
	uint64_t n;

	if (fscanf(f, "%*u %*u %" SCNu64, &n) != 1)
		return false;
	sample(metric, name, NULL, NULL, n);
	return true;
}

static const struct metric metrics[] = {
	{ "nf_condition", NULL, "xtables_condition",
	  "Value of a variable of the condition match.", sample_number },
	{ "xt_quota", NULL, "xtables_quota",
	  "Value of a counter of the quota2 match, in bytes or packets as its rules count.",
	  sample_number },
	{ "xt_pknock", NULL, "xtables_pknock_hosts",
	  "Hosts that a name of the pknock match has let in, or that are in the middle of a knock sequence.",
	  sample_hosts },
	{ "xt_DNETMAP", "_stat", "xtables_dnetmap_bindings",
	  "Active bindings of a prefix of the DNETMAP target.", sample_bindings },
	{ "xt_DNETMAP", "_stat", "xtables_dnetmap_addresses",
	  "Addresses of a prefix of the DNETMAP target.", sample_addresses },
};

#define METRICS	(sizeof(metrics) / sizeof(metrics[0]))

/* Names as a list, sorted. */
struct names {
	struct dirent **entry;
	int count;
};

/* Return: the length of a name without its suffix, 0: it has not that suffix. */
static size_t name_len(const struct metric *metric, const char *file)
{
	size_t len = strlen(file), suffix = metric->suffix ? strlen(metric->suffix) : 0;

	if (len <= suffix || (suffix && strcmp(file + len - suffix, metric->suffix)))
		return 0;
	return len - suffix;
}

static int no_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static bool failed(const char *path)
{
	fprintf(stderr, SELF ": %s: %s\n", path, strerror(errno));
	return false;
}

static bool read_names(const struct metric *metric, struct names *names)
{
	char path[PATH_SIZE];
	int n, i;

	names->count = 0;
	names->entry = NULL;
	snprintf(path, sizeof(path), "%s/%s", PROC_NET, metric->folder);
	n = scandir(path, &names->entry, no_dots, alphasort);
	if (n < 0)
		return errno == ENOENT || failed(path);
	for (i = 0; i < n; ++i) {
		if (name_len(metric, names->entry[i]->d_name))
			names->entry[names->count++] = names->entry[i];
		else
			free(names->entry[i]);
	}
	return true;
}

static void free_names(struct names *names)
{
	while (names->count > 0)
		free(names->entry[--names->count]);
	free(names->entry);
}

static bool print_file(const struct metric *metric, const char *file)
{
	char path[PATH_SIZE], name[LINE_SIZE];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", PROC_NET, metric->folder, file);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || failed(path);
	snprintf(name, sizeof(name), "%.*s", (int)name_len(metric, file), file);
	good = metric->sample(f, metric->name, name) || (ferror(f) && errno == EIO);
	if (!good)
		fprintf(stderr, SELF ": %s: not understood\n", path);
	fclose(f);
	return good;
}

static bool print_metric(const struct metric *metric, int max)
{
	struct names names;
	bool good;
	int i;

	if (!read_names(metric, &names))
		return false;
	good = true;
	if (names.count)
		head(metric->name, "gauge", metric->help);
	for (i = 0; good && i < names.count && i < max; ++i)
		good = print_file(metric, names.entry[i]->d_name);
	free_names(&names);
	return good;
}

/* Also of those that get no series */
static bool print_counts(void)
{
	const struct metric *metric;
	struct names names;

	head("xtables_names", "gauge", "Names that rules give, each with a series of its own or not.");
	for (metric = metrics; metric < metrics + METRICS; ++metric) {
		if (metric > metrics && !strcmp(metric->folder, metric[-1].folder))
			continue;
		if (!read_names(metric, &names))
			return false;
		printf("xtables_names{folder=\"%s\"} %d\n", metric->folder, names.count);
		free_names(&names);
	}
	return true;
}

/**
 * proc_print - print the metrics of condition, quota2, pknock and DNETMAP
 * @max: of each, only the first so many names
 *
 * Return: whether all could be read. If not, a message has been printed.
 */
bool proc_print(unsigned int max)
{
	size_t i;

	if (!print_counts())
		return false;
	for (i = 0; i < METRICS; ++i)
		if (!print_metric(&metrics[i], max))
			return false;
	return true;
}
