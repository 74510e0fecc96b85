// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_blob - hand the kernel rules that iptables would never make
 *
 * A process lives in a network namespace of its own for some hundred rules, with
 * packets going through them and lists being read all the while, and ends
 * with rules in place. Then comes the next one. Whatever the bytes are: no
 * more than a refusal may come of it. The kernel's own checks (KASAN, lockdep,
 * ...) say whether more did; this program finds what they do not see: accepted
 * bytes that are documented as zero, and a kernel that hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "blob.h"

/* Rules that a namespace sees. */
#define ROUND	200
/* Seconds after which a process hangs. */
#define PATIENCE	120
#define MAX_FAILURES	400

static const char help[] =
"fuzz_blob [OPTIONS] EXTENSIONS RULES\n"
"  EXTENSIONS is extensions.txt; RULES has lines \"NAME FAMILY CHAIN RULE\" with rules\n"
"  that iptables accepts. Prints \"ok WHAT\" and \"not ok WHAT\" lines.\n"
"  -s, --seconds N   run that long (20)\n"
"  -n, --count N     or so many namespaces\n"
"  -S, --seed N      of the random numbers (from the clock); printed\n"
"  -o, --only NAME   this extension\n"
"  -m, --method nft|legacy\n"
"  -f, --fail        first with each allocation failing in turn (needs CONFIG_FAILSLAB)\n"
"  -t, --trace       prints each rule before it is tried, also to the kernel log\n";

struct options {
	double seconds;
	uint64_t count, seed;
	const char *only, *method;
	int fail, trace;
};

static struct extension extensions[MAX_EXTENSIONS];
static unsigned int n_extensions;
static struct options opt = { .seconds = 20 };
struct tally *tally;

/**
 * struct report - what is wrong with an extension, shared by all processes
 * @byte:   of the reserved ones that was accepted, plus 1
 * @blob:   the rule
 * @method: how it was handed over
 * @left:   an object that did not go with the last rule
 */
struct report {
	size_t byte;
	struct blob blob;
	char method[8], left[128];
};

static struct report *reports;
static struct tally *tallies;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap: %m");
	return p;
}

static void trace(const struct blob *b, const char *method)
{
	FILE *f;

	if (!opt.trace)
		return;
	blob_print(stdout, b, method);
	f = fopen("/dev/kmsg", "w");
	if (f == NULL)
		return;
	blob_print(f, b, method);
	fclose(f);
}

/* ---- one rule */

/* Counts, and looks whether the kernel accepted what it must not. */
static void note(const struct blob *b, const char *method, int rc)
{
	size_t i = (size_t)(b->ext - extensions);
	struct report *r = &reports[i];

	tallies[i].tried++;
	if (rc != 0)
		return;
	tallies[i].accepted++;
	if (r->byte != 0 || strncmp(b->name, b->ext->name, NAME_LEN) != 0 ||
	    b->revision != b->ext->revision || b->family != b->ext->family ||
	    b->size != b->ext->size)
		return;
	r->byte = reserved_set(b);
	r->blob = *b;
	snprintf(r->method, sizeof(r->method), "%s", method);
}

static void try_nft(int fd, const struct extension *e)
{
	struct blob b;

	blob_make(&b, e);
	/* What a rule for all families is asked for by arptables and ebtables. */
	if (chance(3))
		b.family = chance(50) ? 3 /* NFPROTO_ARP */ : 7 /* NFPROTO_BRIDGE */;
	trace(&b, "nft");
	note(&b, "nft", nft_insert(fd, &b));
	switch (below(8)) {
	case 0:
		nft_flush(fd, &b);
		break;
	case 1:
		nft_delete_table(fd, &b);
		break;
	case 2:
		traffic_burst();
	}
}

static void try_legacy(const struct extension *e)
{
	struct blob b[3];
	unsigned int n = chance(70) ? 1 : 1 + (unsigned int)below(3);

	for (unsigned int i = 0; i < n; i++) {
		blob_make(&b[i], e);
		b[i].family = b[0].family;
		memcpy(b[i].table, b[0].table, sizeof(b[i].table));
		trace(&b[i], "legacy");
	}
	if (n == 1)
		note(&b[0], "legacy", legacy_replace(b, n));
	else
		legacy_replace(b, n);
	switch (below(8)) {
	case 0:
		legacy_empty(b[0].family, b[0].table);
		break;
	case 1:
		traffic_burst();
	}
}

/* ---- a namespace */

static void *list_on(void *arg)
{
	int fd = nl_open();

	(void)arg;
	for (;;) {
		nft_list(fd, 4);
		nft_list(fd, 6);
		legacy_list(4, "filter");
		legacy_list(6, "filter");
		if (system("cat /proc/net/nf_condition/* /proc/net/xt_*/* "
			   "/proc/net/*_tables_* >/dev/null 2>&1") < 0)
			break;
	}
	return NULL;
}

static int is_chosen(const struct extension *e)
{
	return opt.only == NULL || strcmp(opt.only, e->name) == 0;
}

static const struct extension *pick(void)
{
	const struct extension *e;

	do {
		e = &extensions[below(n_extensions)];
	} while (!is_chosen(e));
	return e;
}

static void new_namespace(void)
{
	if (unshare(CLONE_NEWNET) != 0)
		die("unshare: %m");
	traffic_open();
}

/* Whether rules, accepted and refused, leave anything behind when they are deleted. */
static void look_for_rests(int fd)
{
	for (unsigned int i = 0; i < n_extensions; i++)
		if (is_chosen(&extensions[i]) && *reports[i].left == '\0' &&
		    !state_left(fd, &extensions[i], reports[i].left, sizeof(reports[i].left)))
			*reports[i].left = '\0';
}

static void round_of_rules(uint64_t seed)
{
	int has_legacy[2] = { legacy_works(4), legacy_works(6) };
	pthread_t lister;
	int fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	traffic_start(seed);
	if (pthread_create(&lister, NULL, list_on, NULL) != 0)
		die("no thread");
	for (unsigned int i = 0; i < ROUND; i++) {
		const struct extension *e = pick();
		int legacy = has_legacy[e->family == 6] && chance(50);

		if (opt.method != NULL)
			legacy = strcmp(opt.method, "legacy") == 0;
		if (legacy)
			try_legacy(e);
		else
			try_nft(fd, e);
	}
	/* The others end with rules in place. */
	if (chance(50))
		look_for_rests(fd);
}

/* ---- all hooks */

/* Of the process that round_of_hooks() or round_of_failures() runs in. */
static const struct extension *chosen;

/* In a base chain at the hook, and in a chain that it jumps to. */
static void try_hook(int fd, unsigned int hook)
{
	const struct seed *seed = NULL;		/* of those that have no data */
	struct blob b;

	for (int in_chain = 0; in_chain < 2; in_chain++) {
		if (chosen->n_seeds > 0)
			seed = &chosen->seeds[below(chosen->n_seeds)];
		blob_seed(&b, chosen, seed);
		b.hook = hook;
		b.in_chain = in_chain;
		trace(&b, "hook");
		tally->at_hook[hook][0]++;
		if (nft_insert(fd, &b) == 0) {
			tally->at_hook[hook][1]++;
			traffic_burst();
			traffic_local();
		}
		nft_delete_table(fd, &b);
	}
}

/*
 * Rules that iptables could make at each of the five hooks, whatever extensions.txt
 * says of them: nft_compat knows .hooks only, and anyone can make a base chain.
 */
static void round_of_hooks(uint64_t seed)
{
	int fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	for (unsigned int hook = 0; hook < HOOKS; hook++)
		try_hook(fd, hook);
	look_for_rests(fd);
}

/* ---- failing allocations */

static void put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "fuzz_blob: %s: %m\n", path);
	close(fd);
}

/* The @n-th allocation of this thread fails. Return: 0 if that cannot be had. */
static int fail_nth(int fd, int n)
{
	char text[16];

	return pwrite(fd, text, (size_t)sprintf(text, "%d", n), 0) > 0;
}

/* Whether it did fail: what is left to count is zero. */
static int has_failed(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 && text[0] == '0';
}

/*
 * By netlink only: the extension allocates the same either way, and x_tables' own
 * allocations of whole tables complain to the log when they fail.
 */
static void insert_failing(int fd, int nth, const struct extension *e, const struct seed *seed)
{
	struct blob b;

	for (int n = 1; n < MAX_FAILURES; n++) {
		int rc;

		blob_seed(&b, e, seed);
		trace(&b, "failing");
		if (!fail_nth(nth, n))
			die("/proc/thread-self/fail-nth: %m");
		rc = nft_insert(fd, &b);
		if (!has_failed(nth)) {
			fail_nth(nth, 0);
			break;
		}
		tally->injected++;
		if (rc == 0)
			traffic_burst();
		nft_delete_table(fd, &b);
	}
}

/* Each allocation of an insertion fails once: nothing may be left behind. */
static void round_of_failures(uint64_t seed)
{
	int nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), fd;

	rnd_seed(seed);
	new_namespace();
	fd = nl_open();
	for (unsigned int k = 0; nth >= 0 && k < chosen->n_seeds && k < 2; k++)
		insert_failing(fd, nth, chosen, &chosen->seeds[k]);
	look_for_rests(fd);
}

/* ---- processes */

/* Return: what is wrong with how it ended, or NULL. */
static const char *in_process(void (*run)(uint64_t seed), uint64_t seed)
{
	static char what[64];
	double end = now() + PATIENCE;
	int status;
	pid_t pid, got = 0;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		run(seed);
		fflush(stdout);
		_exit(0);
	}
	while (pid > 0 && (got = waitpid(pid, &status, WNOHANG)) == 0 && now() < end)
		usleep(20000);
	tally->namespaces++;
	if (pid < 0 || got < 0)
		die("fork: %m");
	if (got == 0) {
		kill(pid, SIGKILL);
		return "it hangs";
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	snprintf(what, sizeof(what), WIFSIGNALED(status) ? "signal %d" : "status %d",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return what;
}

static int verdict(int good, const char *what, const char *detail)
{
	if (good)
		printf("ok %s\n", what);
	else
		printf("not ok %s (%s)\n", what, detail);
	return !good;
}

/* The kernel takes what iptables makes; if not, all that follows would test little. */
static int check_seed(int fd, const struct extension *e)
{
	size_t size = e->n_seeds > 0 ? e->seeds[0].size : 0;
	char what[128], detail[128];
	struct blob b;
	int bad, rc;

	snprintf(what, sizeof(what), "%.29s IPv%d: iptables makes rules with %zu bytes of data",
		 e->name, e->family, e->size);
	snprintf(detail, sizeof(detail), "expected %zu, got %zu (0: none)", e->size, size);
	bad = verdict(size == e->size, what, detail);
	blob_seed(&b, e, e->n_seeds > 0 ? &e->seeds[0] : NULL);
	rc = nft_insert(fd, &b);
	snprintf(what, sizeof(what), "%.29s IPv%d: the kernel takes such a rule", e->name,
		 e->family);
	bad |= verdict(rc == 0, what, strerror(-rc));
	nft_delete_table(fd, &b);
	return bad;
}

static int check_seeds(const char *rules)
{
	int bad = 0, fd;

	if (unshare(CLONE_NEWNET) != 0)
		die("unshare: %m");
	seeds_read(extensions, n_extensions, rules);
	fd = nl_open();
	for (unsigned int i = 0; i < n_extensions; i++)
		if (is_chosen(&extensions[i]))
			bad |= check_seed(fd, &extensions[i]);
	close(fd);
	return bad;
}

static int summary(void)
{
	char what[256], detail[128];
	int bad = 0;

	for (unsigned int i = 0; i < n_extensions; i++) {
		const struct extension *e = &extensions[i];

		if (!is_chosen(e))
			continue;
		printf("# %s IPv%d: %llu of %llu rules were accepted\n", e->name, e->family,
		       (unsigned long long)tallies[i].accepted,
		       (unsigned long long)tallies[i].tried);
		if (strcmp(e->state, "-") != 0) {
			snprintf(what, sizeof(what), "%.29s IPv%d: nothing is left without rules",
				 e->name, e->family);
			bad |= verdict(*reports[i].left == '\0', what, reports[i].left);
		}
		if (e->n_reserved == 0)
			continue;
		snprintf(what, sizeof(what), "%.29s IPv%d: reserved bytes are refused unless zero",
			 e->name, e->family);
		snprintf(detail, sizeof(detail), "byte %zu was accepted", reports[i].byte - 1);
		bad |= verdict(reports[i].byte == 0, what, detail);
		if (reports[i].byte != 0)
			blob_print(stdout, &reports[i].blob, reports[i].method);
	}
	printf("# %llu packets, %llu namespaces, %llu failed allocations\n",
	       (unsigned long long)tally->packets, (unsigned long long)tally->namespaces,
	       (unsigned long long)tally->injected);
	return bad;
}

/* Return: what is wrong with how the round of an extension ended, or NULL. */
static const char *run_each(void (*run)(uint64_t seed))
{
	const char *why = NULL;

	for (unsigned int i = 0; why == NULL && i < n_extensions; i++) {
		chosen = &extensions[i];
		if (is_chosen(chosen))
			why = in_process(run, opt.seed);
	}
	return why;
}

/* Both sorts of chains, with packets, at each hook that any of the extensions takes. */
static int run_hooks(void)
{
	const char *why = run_each(round_of_hooks);
	char what[64], detail[128];
	int bad;

	snprintf(detail, sizeof(detail), "%.29s: %s", chosen->name, why != NULL ? why : "");
	bad = verdict(why == NULL, "rules at all hooks, whatever they are for", detail);
	for (unsigned int hook = 0; why == NULL && opt.only == NULL && hook < HOOKS; hook++) {
		snprintf(what, sizeof(what), "hook %u: rules are tried, and taken", hook);
		snprintf(detail, sizeof(detail), "%llu of %llu",
			 (unsigned long long)tally->at_hook[hook][1],
			 (unsigned long long)tally->at_hook[hook][0]);
		bad |= verdict(tally->at_hook[hook][1] > 0, what, detail);
	}
	return bad;
}

static int run_failures(void)
{
	const char *why = NULL;
	char detail[128];

	if (access("/proc/self/fail-nth", W_OK) != 0) {
		printf("skip failing allocations: this kernel has no CONFIG_FAULT_INJECTION\n");
		return 0;
	}
	/* Those that may sleep fail too, and the log does not tell of each. */
	put_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	put_file("/sys/kernel/debug/failslab/verbose", "0");
	put_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	put_file("/sys/kernel/debug/fail_usercopy/verbose", "0");
	put_file("/sys/kernel/debug/fail_skb_realloc/verbose", "0");
	why = run_each(round_of_failures);
	snprintf(detail, sizeof(detail), "%.29s: %s", chosen->name,
		 why != NULL ? why : "no allocation failed");
	return verdict(why == NULL && tally->injected > 0,
		       "insertion with each allocation failing in turn", detail);
}

static int fuzz(void)
{
	double end = now() + opt.seconds;
	int bad = 0;

	for (uint64_t i = 0; opt.count > 0 ? i < opt.count : now() < end; i++) {
		const char *why = in_process(round_of_rules, opt.seed + i);

		if (why == NULL)
			continue;
		printf("not ok namespace with seed %llu (%s)\n", (unsigned long long)(opt.seed + i),
		       why);
		bad = 1;
		break;
	}
	return bad;
}

static void options_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", 1, NULL, 's' }, { "count", 1, NULL, 'n' }, { "seed", 1, NULL, 'S' },
		{ "only", 1, NULL, 'o' }, { "method", 1, NULL, 'm' }, { "fail", 0, NULL, 'f' },
		{ "trace", 0, NULL, 't' }, { "help", 0, NULL, 'h' }, { 0 },
	};
	int c;

	opt.seed = (uint64_t)time(NULL);
	while ((c = getopt_long(argc, argv, "s:n:S:o:m:fth", options, NULL)) != -1) {
		switch (c) {
		case 's': opt.seconds = strtod(optarg, NULL); break;
		case 'n': opt.count = strtoull(optarg, NULL, 0); break;
		case 'S': opt.seed = strtoull(optarg, NULL, 0); break;
		case 'o': opt.only = optarg; break;
		case 'm': opt.method = optarg; break;
		case 'f': opt.fail = 1; break;
		case 't': opt.trace = 1; break;
		default:
			fputs(help, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (optind + 2 != argc)
		die("EXTENSIONS and RULES are missing; --help tells more");
}

int main(int argc, char **argv)
{
	int bad, n_chosen = 0;

	options_read(argc, argv);
	n_extensions = extensions_read(extensions, argv[optind]);
	for (unsigned int i = 0; i < n_extensions; i++)
		n_chosen += is_chosen(&extensions[i]);
	if (n_chosen == 0)
		die("there is no extension '%s' in %s", opt.only ? opt.only : "", argv[optind]);
	tally = shared(sizeof(*tally));
	tallies = shared(MAX_EXTENSIONS * sizeof(*tallies));
	reports = shared(MAX_EXTENSIONS * sizeof(*reports));
	printf("# seed %llu\n", (unsigned long long)opt.seed);
	bad = check_seeds(argv[optind + 1]);
	bad |= run_hooks();
	if (opt.fail)
		bad |= run_failures();
	bad |= fuzz();
	bad |= summary();
	return bad;
}
