// SPDX-License-Identifier: GPL-2.0-only
/* blob_list - the extensions that are fuzzed, and valid rule data of them */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

static void title_set(struct extension *e)
{
	snprintf(e->title, sizeof(e->title), "%.29s.%d IPv%d", e->name, e->revision, e->family);
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
	title_set(e);
	if (strcmp(family, "46") != 0)
		return 1;
	e[1] = e[0];
	e[1].family = 6;
	title_set(&e[1]);
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

/* Rules of an extension, as lines "-A CHAIN RULE" of iptables-restore. */
struct lines {
	char *text[MAX_SEEDS];
	unsigned int n;
};

/* Return: a file that begins with what is to be read. */
static int restore_file(const char *table, char *const *text, unsigned int n)
{
	int fd = memfd_create("rules", 0);

	if (fd < 0)
		die("memfd_create: %m");
	dprintf(fd, "*%s\n", table);
	for (unsigned int i = 0; i < n; i++)
		dprintf(fd, "%s\n", text[i]);
	dprintf(fd, "COMMIT\n");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Return: 0 if all rules are in the kernel, otherwise none is. */
static int iptables_restore(const struct extension *e, char *const *text, unsigned int n)
{
	int fd = restore_file(e->table, text, n), status;
	pid_t pid = fork();

	if (pid == 0) {
		const char *program = e->family == 4 ? "iptables-nft-restore" :
						       "ip6tables-nft-restore";

		if (dup2(fd, STDIN_FILENO) < 0 || freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp(program, program, "-n", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork: %m");
	close(fd);
	return status;
}

/* All at once; if one of them is refused, the halves by themselves. */
static void seeds_add(struct extension *e, int fd, char *const *text, unsigned int n)
{
	struct blob b = { .family = e->family };

	if (n == 0)
		return;
	if (iptables_restore(e, text, n) != 0) {
		if (n == 1)
			return;
		seeds_add(e, fd, text, n / 2);
		seeds_add(e, fd, text + n / 2, n - n / 2);
		return;
	}
	nft_take_seeds(fd, e);
	snprintf(b.table, sizeof(b.table), "%s", e->table);
	nft_delete_table(fd, &b);
}

/* The lines of the file that are of an extension. */
static void lines_of(struct lines *l, const struct extension *e, FILE *f)
{
	char line[1024], name[NAME_LEN + 1], chain[32];
	int family, at;

	l->n = 0;
	rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%29s %d %31s %n", name, &family, chain, &at) != 3)
			die("not a line that can be understood: %s", line);
		if (strcmp(e->name, name) != 0 || e->family != family || l->n == MAX_SEEDS)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (asprintf(&l->text[l->n++], "-A %s %s", chain, line + at) < 0)
			die("out of memory");
	}
}

/**
 * seeds_read - have iptables make rule data
 * @ext:  extensions
 * @n:    how many
 * @path: lines "NAME FAMILY CHAIN RULE"
 */
void seeds_read(struct extension *ext, unsigned int n, const char *path)
{
	FILE *f = fopen(path, "r");
	int fd = nl_open();
	struct lines l;

	if (f == NULL)
		die("cannot read %s: %m", path);
	for (unsigned int i = 0; i < n; i++) {
		lines_of(&l, &ext[i], f);
		seeds_add(&ext[i], fd, l.text, l.n);
		while (l.n > 0)
			free(l.text[--l.n]);
	}
	fclose(f);
	close(fd);
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
