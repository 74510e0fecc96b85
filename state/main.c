// SPDX-License-Identifier: GPL-2.0-only
/* xt_state - save and restore the state of condition, quota2, DNETMAP and pknock */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"
#include "xa_replace.h"
#include "xa_tool.h"

enum { OPT_IF_EXISTS = 256 };

struct options {
	bool replace;
	bool if_exists;
	const char *netns;
	char **grow;
	size_t grow_count;
};

static void usage(FILE *to)
{
	fputs("usage: xt_state [--netns NAME] save [FILE]\n"
	      "       xt_state [--netns NAME] restore [--replace] [FILE]\n"
	      "Keeps what the files of condition, quota2, DNETMAP and pknock in /proc say, over a\n"
	      "reboot or for another machine. Without FILE: standard output and input.\n"
	      "  -r, --replace       take the values of FILE; without it they are merged\n"
	      "  -g, --grow COUNTER  of this counter the higher value counts (again for others)\n"
	      "      --if-exists     a FILE that is not there is no error\n"
	      "  -n, --netns NAME    in that network namespace\n"
	      "  -h, --help          this text\n"
	      "  -V, --version       the version\n", to);
}

static int failed(const char *what)
{
	fprintf(stderr, SELF ": %s: %s\n", what, strerror(errno));
	return STATUS_FAILED;
}

/* ---- save */

/* Whoever reads the file, at whatever moment the power fails, has one state or the other. */
static int save_file(const char *path, const struct state *s)
{
	struct xa_replace new;

	if (!xa_replace_open(&new, path, 0600))
		return failed(path);
	state_print(new.f, s);
	return xa_replace_end(&new, xa_replace_close(&new, true)) ? 0 : failed(path);
}

static int save(const char *path)
{
	struct state s = { .count = 0 };
	int ret;

	if (!kernel_read(&s)) {
		ret = STATUS_FAILED;
	} else if (path) {
		carry_over(path, &s);
		ret = save_file(path, &s);
	} else {
		state_print(stdout, &s);
		ret = 0;
	}
	state_free(&s);
	return ret;
}

/* ---- restore */

static int restore(const char *path, const struct options *o)
{
	struct state s = { .count = 0 };
	FILE *from = path ? fopen(path, "re") : stdin;
	bool good;

	if (!from)
		return o->if_exists && errno == ENOENT ? 0 : failed(path);
	good = state_parse(from, path ? path : "standard input", &s) &&
	       kernel_apply(&s, o->replace, o->grow);
	if (path)
		fclose(from);
	state_free(&s);
	return good ? 0 : STATUS_FAILED;
}

/* ---- the command line */

static int enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd, ret;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) {
		fprintf(stderr, SELF ": --netns takes a name that ip netns knows, not \"%s\"\n",
			name);
		return STATUS_USAGE;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(path);
	ret = setns(fd, CLONE_NEWNET) ? failed(path) : 0;
	close(fd);
	return ret;
}

static int run(int argc, char **argv, const struct options *o)
{
	const char *command = argv[optind], *path;
	bool saves;
	int ret;

	if (!command) {
		fputs(SELF ": save or restore?\n", stderr);
		return xa_tool_bad_usage(argv);
	}
	saves = !strcmp(command, "save");
	if (!saves && strcmp(command, "restore"))
		return xa_tool_unexpected(argv, command);
	if (optind + 2 < argc)
		return xa_tool_unexpected(argv, argv[optind + 2]);
	if (saves && (o->replace || o->if_exists || o->grow_count)) {
		fputs(SELF ": --replace, --grow and --if-exists go with restore only\n", stderr);
		return xa_tool_bad_usage(argv);
	}
	path = argv[optind + 1];
	if (path && !strcmp(path, "-"))
		path = NULL;
	ret = o->netns ? enter_netns(o->netns) : 0;
	if (ret)
		return ret;
	return saves ? save(path) : restore(path, o);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "grow",      required_argument, NULL, 'g' },
		{ "if-exists", no_argument,       NULL, OPT_IF_EXISTS },
		{ "netns",     required_argument, NULL, 'n' },
		{ "replace",   no_argument,       NULL, 'r' },
		{ "help",      no_argument,       NULL, 'h' },
		{ "version",   no_argument,       NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .grow = calloc(argc + 1, sizeof(char *)) };
	int opt, ret;

	xa_tool_begin(argv);
	if (!o.grow)
		return failed("options");
	while ((opt = getopt_long(argc, argv, "g:n:rhV", options, NULL)) != -1) {
		switch (opt) {
		case 'g': o.grow[o.grow_count++] = optarg; break;
		case 'n': o.netns = optarg; break;
		case 'r': o.replace = true; break;
		case OPT_IF_EXISTS: o.if_exists = true; break;
		case 'h':
			usage(stdout);
			free(o.grow);
			return 0;
		case 'V':
			xa_tool_version(argv);
			free(o.grow);
			return 0;
		default:
			free(o.grow);
			return xa_tool_bad_usage(argv);
		}
	}
	ret = run(argc, argv, &o);
	free(o.grow);
	return ret;
}
