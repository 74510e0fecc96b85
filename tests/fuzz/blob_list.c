// SPDX-License-Identifier: GPL-2.0-only
/* blob_list - the extensions that are fuzzed, and valid rule data of them */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blob.h"

static const char *const hook_names[HOOKS] = {
	"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
};

static unsigned int hooks_parse(char *list)
{
	unsigned int hooks = 0;
	char *save = NULL;

	for (char *w = strtok_r(list, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		unsigned int i = 0;

		while (i < HOOKS && strcmp(hook_names[i], w) != 0)
			i++;
		if (i == HOOKS)
			die("extensions: no hook '%s'", w);
		hooks |= 1u << i;
	}
	return hooks;
}

static void reserved_parse(struct extension *e, char *list)
{
	char *save = NULL;

	if (strcmp(list, "-") == 0)
		return;
	for (char *w = strtok_r(list, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		char *dash;

		if (e->n_reserved == MAX_RESERVED)
			die("extensions: more than %d ranges for %s", MAX_RESERVED, e->name);
		e->reserved[e->n_reserved].first = strtoul(w, &dash, 10);
		e->reserved[e->n_reserved].last =
			*dash == '-' ? strtoul(dash + 1, NULL, 10) : strtoul(w, NULL, 10);
		if (e->reserved[e->n_reserved++].last >= e->size)
			die("extensions: %s has no byte of '%s'", e->name, w);
	}
}

/* One line. Return: how many extensions it makes. */
static unsigned int line_parse(struct extension *e, const char *line)
{
	char kind[16], family[8], hooks[128], reserved[128];

	memset(e, 0, sizeof(*e));
	if (sscanf(line, "%29s %15s %d %7s %zu %15s %127s %u %127s %31s", e->name, kind,
		   &e->revision, family, &e->size, e->table, hooks, &e->proto, reserved,
		   e->state) != 10 ||
	    e->size > MAX_INFO || (strcmp(kind, "match") != 0 && strcmp(kind, "target") != 0))
		die("extensions: not a line that can be understood: %s", line);
	e->is_target = strcmp(kind, "target") == 0;
	e->hooks = hooks_parse(hooks);
	reserved_parse(e, reserved);
	e->seeds = calloc(MAX_SEEDS, sizeof(*e->seeds));
	if (e->seeds == NULL)
		die("out of memory");
	e->family = family[0] - '0';
	if (strcmp(family, "46") != 0)
		return 1;
	e[1] = e[0];
	e[1].family = 6;
	e[1].seeds = calloc(MAX_SEEDS, sizeof(*e->seeds));
	if (e[1].seeds == NULL)
		die("out of memory");
	return 2;
}

/**
 * extensions_read - the list
 * @ext:  for MAX_EXTENSIONS
 * @path: of extensions.txt
 *
 * Return: how many.
 */
unsigned int extensions_read(struct extension *ext, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];
	unsigned int n = 0;

	if (f == NULL)
		die("cannot read %s: %m", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (*line == '#' || *line == '\n')
			continue;
		if (n + 2 > MAX_EXTENSIONS)
			die("more than %d extensions", MAX_EXTENSIONS);
		n += line_parse(&ext[n], line);
	}
	fclose(f);
	return n;
}

/* iptables with the words of @rule. Return: 0 if it inserted the rule. */
static int iptables(int family, const char *table, const char *chain, const char *rule)
{
	char line[1024];
	int status;
	pid_t pid;

	snprintf(line, sizeof(line), "-t %s -A %s %s", table, chain, rule);
	pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp("xa-argv", "xa-argv", family == 4 ? "iptables-nft" : "ip6tables-nft", "-w",
		       line, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork: %m");
	return status;
}

static void seed_add(struct extension *e, int fd, const char *chain, const char *rule)
{
	struct blob b = { .family = e->family };
	struct seed *s = &e->seeds[e->n_seeds];

	if (e->n_seeds == MAX_SEEDS || iptables(e->family, e->table, chain, rule) != 0)
		return;
	s->size = nft_find(fd, e->family, e->name, e->is_target, s->bytes, sizeof(s->bytes));
	if (s->size > 0)
		e->n_seeds++;
	snprintf(b.table, sizeof(b.table), "%s", e->table);
	nft_delete_table(fd, &b);
}

/**
 * seeds_read - have iptables make rule data
 * @ext:  extensions
 * @n:    how many
 * @path: lines "NAME FAMILY CHAIN RULE"
 *
 * Return: how many seeds there are.
 */
unsigned int seeds_read(struct extension *ext, unsigned int n, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024], name[NAME_LEN + 1], chain[32];
	int family, at, fd = nl_open();
	unsigned int seeds = 0;

	if (f == NULL)
		die("cannot read %s: %m", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%29s %d %31s %n", name, &family, chain, &at) != 3)
			die("not a line that can be understood: %s", line);
		line[strcspn(line, "\n")] = '\0';
		for (unsigned int i = 0; i < n; i++)
			if (strcmp(ext[i].name, name) == 0 && ext[i].family == family)
				seed_add(&ext[i], fd, chain, line + at);
	}
	for (unsigned int i = 0; i < n; i++)
		seeds += ext[i].n_seeds;
	fclose(f);
	close(fd);
	return seeds;
}

/**
 * reserved_set - whether bytes are set that must be zero
 * @b: rule data
 *
 * Return: the number of the first such byte plus 1, or 0.
 */
size_t reserved_set(const struct blob *b)
{
	const struct extension *e = b->ext;

	for (unsigned int i = 0; i < e->n_reserved; i++)
		for (size_t k = e->reserved[i].first; k <= e->reserved[i].last; k++)
			if (k < b->size && b->bytes[k] != 0)
				return k + 1;
	return 0;
}
