// SPDX-License-Identifier: GPL-2.0-only
/*
 * ruletext - run the lines of a .t file through the plugins, without a kernel
 *
 * ruletext 4|6 FILE.t, with XTABLES_LIBDIR where the plugins are; XT_VERSION is
 * that of libxtables. Every line is parsed, saved, and its saved form parsed
 * again, which must give the same rule data byte for byte; and so it is when it
 * is saved before the final check, as python3-iptables does. Only what plugins
 * see is understood: -m NAME, -j NAME and their options. Lines with other
 * options, and those that only the kernel or one back end refuses, are left to
 * the runner in the guests. RULE;TEXT;LIST: iptables -L shows TEXT.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtables.h>

#define MAX_ARGS	64
#define MAX_EXTS	8
#define MAX_TEXT	4096
#define MAX_BLOB	16384

/* Options of one plugin in libxtables' numbering. */
#define OPTION_OFFSET_SCALE	256

enum {
	RULE_OK,
	RULE_BROKEN,
	RULE_REFUSED,
	RULE_FOREIGN = 77, /* options that are not a plugin's */
};

/* What a child that parses a rule leaves for its parent. */
struct result {
	char saved[MAX_TEXT];	/* or listed */
	unsigned char blob[MAX_BLOB];
	size_t blob_len;
};

struct ext {
	struct xtables_target *t;
	struct xtables_match *m;
};

static struct option no_opts[] = { { .name = NULL } };
static struct result *shared;
static bool listing;
static bool unchecked;	/* save before the final check */

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	va_list args;

	(void)status;
	va_start(args, msg);
	vfprintf(stderr, msg, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(RULE_REFUSED);
}

/* There is no kernel to ask: every revision is there. */
static int any_revision(const char *name, uint8_t revision, int opt)
{
	(void)name;
	(void)revision;
	(void)opt;
	return 1;
}

static struct xtables_globals globals = {
	.program_name    = "ruletext",
	.program_version = XT_VERSION,
	.orig_opts       = no_opts,
	.exit_err        = refuse,
	.compat_rev      = any_revision,
};

/* As iptables-restore does: blanks separate, double quotes and \ keep. */
static int split(char *text, char **argv)
{
	char *in = text, *out = text;
	bool quote = false, word = false;
	int argc = 1;

	argv[0] = (char *)globals.program_name;
	for (; *in; ++in) {
		if (!quote && (*in == ' ' || *in == '\t')) {
			if (word)
				*out++ = '\0';
			word = false;
			continue;
		}
		if (!word && argc < MAX_ARGS)
			argv[argc++] = out;
		word = true;
		if (*in == '"')
			quote = !quote;
		else if (quote && *in == '\\' && in[1])
			*out++ = *++in;
		else
			*out++ = *in;
	}
	*out = '\0';
	argv[argc] = NULL;
	return argc;
}

static void merge_options(const struct xt_option_entry *x6, unsigned int *offset)
{
	struct option *opts;

	if (!x6)
		return;
	opts = xtables_options_xfrm(globals.orig_opts, globals.opts, x6, offset);
	if (!opts)
		refuse(OTHER_PROBLEM, "out of memory");
	globals.opts = opts;
}

/* Not a refusal: a line that must FAIL would pass for want of its plugin. */
static void __attribute__((noreturn)) no_plugin(const char *name)
{
	fprintf(stderr, "no plugin %s where XTABLES_LIBDIR says\n", name);
	_exit(RULE_BROKEN);
}

static void load_target(struct ext *ext, const char *name)
{
	struct xtables_target *t = xtables_find_target(name, XTF_TRY_LOAD);
	size_t size;

	if (!t)
		no_plugin(name);
	size = XT_ALIGN(sizeof(*t->t)) + t->size;
	ext->t = t;
	t->t = xtables_calloc(1, size);
	t->t->u.target_size = size;
	t->tflags = 0;
	if (t->init)
		t->init(t->t);
	merge_options(t->x6_options, &t->option_offset);
}

static void load_match(struct ext *ext, const char *name)
{
	struct xtables_rule_match *list = NULL;
	struct xtables_match *m = xtables_find_match(name, XTF_TRY_LOAD, &list);
	size_t size;

	if (!m)
		no_plugin(name);
	size = XT_ALIGN(sizeof(*m->m)) + m->size;
	ext->m = m;
	m->m = xtables_calloc(1, size);
	m->m->u.match_size = size;
	m->mflags = 0;
	if (m->init)
		m->init(m->m);
	merge_options(m->x6_options, &m->option_offset);
}

static bool owns(unsigned int offset, unsigned int c)
{
	return offset && c >= offset && c < offset + OPTION_OFFSET_SCALE;
}

static void give_option(struct ext *exts, int n, int c, char **argv, bool invert)
{
	int i;

	for (i = n - 1; i >= 0; --i) {
		if (exts[i].t && owns(exts[i].t->option_offset, c)) {
			xtables_option_tpcall(c, argv, invert, exts[i].t, NULL);
			return;
		}
		if (exts[i].m && owns(exts[i].m->option_offset, c)) {
			xtables_option_mpcall(c, argv, invert, exts[i].m, NULL);
			return;
		}
	}
	refuse(PARAMETER_PROBLEM, "unknown option");
}

/* The option before the first plugin, or a short one, is iptables' own. */
static void unknown(const char *arg, int n)
{
	if (n == 0 || (arg[0] == '-' && arg[1] != '-'))
		_exit(RULE_FOREIGN);
	refuse(PARAMETER_PROBLEM, "unknown option \"%s\"", arg);
}

static int parse(int argc, char **argv, struct ext *exts)
{
	bool invert = false;
	int c, n = 0;

	opterr = 0;
	globals.opts = NULL;
	while ((c = getopt_long(argc, argv, "-:j:m:",
				globals.opts ? globals.opts : no_opts, NULL)) != -1) {
		if (c == 'j' || c == 'm') {
			if (n == MAX_EXTS)
				_exit(RULE_FOREIGN);
			memset(&exts[n], 0, sizeof(exts[n]));
			if (c == 'j')
				load_target(&exts[n++], optarg);
			else
				load_match(&exts[n++], optarg);
		} else if (c == 1 && strcmp(optarg, "!") == 0 && !invert) {
			invert = true;
			continue;
		} else if (c == 1) {
			refuse(PARAMETER_PROBLEM, "Bad argument `%s'", optarg);
		} else if (c == ':') {
			refuse(PARAMETER_PROBLEM, "option \"%s\" requires an argument",
			       argv[optind - 1]);
		} else if (c == '?') {
			unknown(argv[optind - 1], n);
		} else {
			give_option(exts, n, c, argv, invert);
		}
		invert = false;
	}
	return n;
}

static void keep(const void *data, size_t len)
{
	if (shared->blob_len + len > MAX_BLOB)
		refuse(OTHER_PROBLEM, "rule data too long for this test");
	memcpy(shared->blob + shared->blob_len, data, len);
	shared->blob_len += len;
}

/* Prints what iptables -L has in its last column. */
static void list(const struct ext *ext)
{
	if (ext->t && ext->t->print)
		ext->t->print(NULL, ext->t->t, 1);
	if (ext->m && ext->m->print)
		ext->m->print(NULL, ext->m->m, 1);
}

/* Prints as iptables-save does and keeps the rule data. */
static void finish(struct ext *ext)
{
	if (ext->t) {
		if (!unchecked)
			xtables_option_tfcall(ext->t);
		if (listing) {
			list(ext);
			return;
		}
		printf("-j %s", ext->t->name);
		if (ext->t->save)
			ext->t->save(NULL, ext->t->t);
		keep(ext->t->t->data, ext->t->size);
		return;
	}
	if (!unchecked)
		xtables_option_mfcall(ext->m);
	if (listing) {
		list(ext);
		return;
	}
	printf("-m %s", ext->m->name);
	if (ext->m->save)
		ext->m->save(NULL, ext->m->m);
	keep(ext->m->m->data, ext->m->size);
}

static void __attribute__((noreturn)) child(const char *rule, uint8_t family)
{
	char text[MAX_TEXT], *argv[MAX_ARGS + 1];
	struct ext exts[MAX_EXTS];
	int argc, n, i;

	if (!freopen("/dev/null", "w", stdout) ||
	    setvbuf(stdout, shared->saved, _IOFBF, MAX_TEXT - 1))
		_exit(RULE_BROKEN);
	snprintf(text, sizeof(text), "%s", rule);
	argc = split(text, argv);
	if (xtables_init_all(&globals, family) < 0)
		_exit(RULE_BROKEN);
	n = parse(argc, argv, exts);
	for (i = 0; i < n; ++i) {
		if (i && !listing)
			putchar(' ');
		finish(&exts[i]);
	}
	_exit(RULE_OK); /* what stands in stdout's buffer is the result */
}

/* Returns a RULE_*. */
static int run_rule(const char *rule, uint8_t family, struct result *result)
{
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(rule, family);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return RULE_BROKEN;
	memcpy(result, shared, sizeof(*result));
	return WEXITSTATUS(status);
}

static bool same_blob(const struct result *a, const struct result *b)
{
	return a->blob_len == b->blob_len && !memcmp(a->blob, b->blob, a->blob_len);
}

/* What is saved before the final check is the rule, too, if not as nicely said. */
static const char *judge_unchecked(const char *rule, uint8_t family, const struct result *first)
{
	static struct result early, again;
	int rc;

	unchecked = true;
	rc = run_rule(rule, family, &early);
	unchecked = false;
	if (rc != RULE_OK)
		return "refused before the final check";
	if (run_rule(early.saved, family, &again) != RULE_OK || !same_blob(first, &again)) {
		printf("# before the final check saved as: %s\n", early.saved);
		return "saved before the final check: another rule";
	}
	return NULL;
}

/* -j stands last in what is saved, as in iptables-save. */
static const char *judge_ok(const char *rule, const char *expect, uint8_t family)
{
	static struct result first, again;
	int rc = run_rule(rule, family, &first);

	if (rc == RULE_FOREIGN)
		return "skip";
	if (rc != RULE_OK)
		return rc == RULE_REFUSED ? "refused" : "broken";
	if (strcmp(first.saved, *expect == '=' ? rule : expect) != 0) {
		printf("# saved as: %s\n", first.saved);
		return "saved differently";
	}
	if (run_rule(first.saved, family, &again) != RULE_OK)
		return "saved form refused";
	if (!same_blob(&first, &again))
		return "saved form is another rule";
	return judge_unchecked(rule, family, &first);
}

/* As iptables -L shows it. */
static const char *judge_list(const char *rule, const char *expect, uint8_t family)
{
	static struct result result;
	int rc;

	listing = true;
	rc = run_rule(rule, family, &result);
	listing = false;
	if (rc != RULE_OK)
		return rc == RULE_REFUSED ? "refused" : "broken";
	if (strcmp(result.saved, expect) == 0)
		return NULL;
	printf("# listed as: %s\n", result.saved);
	return "listed differently";
}

static const char *judge_fail(const char *rule, uint8_t family)
{
	static struct result result;
	int rc = run_rule(rule, family, &result);

	if (rc == RULE_FOREIGN)
		return "skip";
	if (rc == RULE_OK)
		return "accepted";
	return rc == RULE_REFUSED ? NULL : "broken";
}

static const char *check_line(char *line, uint8_t family)
{
	char *rule = strsep(&line, ";"), *expect = strsep(&line, ";");
	char *verdict = strsep(&line, ";");

	if (!verdict)
		return "not a line of a .t file";
	if (line && *line)
		return "skip"; /* KERNEL, NFT, LEGACY */
	if (strcmp(verdict, "OK") == 0)
		return judge_ok(rule, expect, family);
	if (strcmp(verdict, "LIST") == 0)
		return judge_list(rule, expect, family);
	if (strcmp(verdict, "FAIL") == 0)
		return judge_fail(rule, family);
	return "verdict not understood";
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int test_file(FILE *f, const char *path, uint8_t family)
{
	char line[MAX_TEXT], copy[MAX_TEXT];
	unsigned int passed = 0, failed = 0, nr = 0;
	int v = family == NFPROTO_IPV6 ? 6 : 4;
	const char *why;

	while (fgets(line, sizeof(line), f)) {
		++nr;
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || strchr("#:*@%", line[0]))
			continue;
		strcpy(copy, line);
		why = check_line(copy, family);
		passed += !why;
		if (!why || strcmp(why, "skip") == 0)
			continue;
		++failed;
		printf("%s:%u IPv%d: %s: %s\n", base(path), nr, v, why, line);
	}
	printf("%s IPv%d: %u passed, %u failed\n", base(path), v, passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	uint8_t family;
	FILE *f;
	int rc;

	f = argc == 3 ? fopen(argv[2], "r") : NULL;
	if (!f) {
		fprintf(stderr, "usage: ruletext 4|6 FILE.t\n");
		return 2;
	}
	family = *argv[1] == '6' ? NFPROTO_IPV6 : NFPROTO_IPV4;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	rc = test_file(f, argv[2], family);
	fclose(f);
	return rc;
}
