// SPDX-License-Identifier: GPL-2.0-only
/* xt_metrics: what extensions did, from the files of xa_stat in /proc */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_metrics.h"

#ifndef PROC_NET
#define PROC_NET	"/proc/net"
#endif

#define FOLDER		"xt_stat"
#define PATH_SIZE	4096

static bool failed(const char *path)
{
	fprintf(stderr, SELF ": %s: %s\n", path, strerror(errno));
	return false;
}

/* "COUNTER VALUE" on each line; names of both are ours and need no quotes */
static bool print_file(const char *extension)
{
	char path[PATH_SIZE], counter[64];
	uint64_t value;
	bool good;
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "%s/" FOLDER "/%s", PROC_NET, extension);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT || failed(path);
	while ((n = fscanf(f, "%63[a-z0-9_] %" SCNu64 "\n", counter, &value)) == 2)
		printf("xtables_actions_total{extension=\"%s\",counter=\"%s\"} %" PRIu64 "\n",
		       extension, counter, value);
	/* EIO: the module goes, and what it counted with it */
	good = n == EOF && (!ferror(f) || errno == EIO);
	if (!good)
		fprintf(stderr, SELF ": %s: not understood\n", path);
	fclose(f);
	return good;
}

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/**
 * stat_print - print what extensions did
 *
 * Return: whether all could be read. If not, a message has been printed.
 */
bool stat_print(void)
{
	struct dirent **names;
	char path[PATH_SIZE];
	bool good = true;
	int n, i;

	snprintf(path, sizeof(path), "%s/" FOLDER, PROC_NET);
	n = scandir(path, &names, no_dots, alphasort);
	if (n < 0)
		return errno == ENOENT || failed(path);
	if (n)
		head("xtables_actions_total", "counter",
		     "What extensions did: answers, and bytes of data, packets that matched, hosts let in.");
	for (i = 0; i < n; ++i) {
		good = good && print_file(names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return good;
}
