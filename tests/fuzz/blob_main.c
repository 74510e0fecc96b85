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
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "blob.h"

/* Seconds after which a process hangs. */
#define PATIENCE	120

static const char help[] =
"fuzz_blob [OPTIONS] EXTENSIONS RULES\n"
"  EXTENSIONS is extensions.txt; RULES has lines \"NAME FAMILY CHAIN RULE\" with rules\n"
"  that iptables accepts. Prints \"ok WHAT\" and \"not ok WHAT\" lines.\n"
"  -s, --seconds N   run that long (20)\n"
"  -n, --count N     or so many namespaces\n"
"  -S, --seed N      of the random numbers (from the clock); printed\n"
"  -o, --only NAME   this extension\n"
"  -m, --method nft|legacy|hook\n"
"  -f, --fail        first with each allocation failing in turn (needs CONFIG_FAILSLAB)\n"
"  -t, --trace       prints each rule before it is tried, also to the kernel log\n";

struct extension extensions[MAX_EXTENSIONS];
unsigned int n_extensions;
struct options opt = { .seconds = 20 };
struct tally *tally, *tallies;
struct report *reports;
int has_hook;
const struct extension *chosen;
static const char *rules;

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

	snprintf(what, sizeof(what), "%s: iptables makes rules with %zu bytes of data", e->title,
		 e->size);
	snprintf(detail, sizeof(detail), "expected %zu, got %zu (0: none)", e->size, size);
	bad = verdict(size == e->size, what, detail);
	blob_seed(&b, e, e->n_seeds > 0 ? &e->seeds[0] : NULL);
	rc = nft_insert(fd, &b);
	snprintf(what, sizeof(what), "%s: the kernel takes such a rule", e->title);
	bad |= verdict(rc == 0, what, strerror(-rc));
	nft_delete_table(fd, &b);
	/* the table nat has no place there */
	if (!has_hook || strcmp(e->table, "nat") == 0)
		return bad;
	rc = hook_replace(&b, 1);
	snprintf(what, sizeof(what), "%s: xa_hook takes such a rule", e->title);
	return bad | verdict(rc == 0, what, strerror(-rc));
}

static int check_seeds(void)
{
	int bad = 0, fd;

	if (unshare(CLONE_NEWNET) != 0)
		die("unshare: %m");
	seeds_read(extensions, n_extensions, rules);
	fd = nl_open();
	has_hook = hook_open();
	if (!has_hook)
		printf("skip rules by xa_hook: this kernel has none\n");
	for (unsigned int i = 0; i < n_extensions; i++)
		if (is_chosen(&extensions[i]))
			bad |= check_seed(fd, &extensions[i]);
	if (has_hook)
		hook_replace(NULL, 0);
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
		printf("# %s: %llu of %llu rules were accepted\n", e->title,
		       (unsigned long long)tallies[i].accepted,
		       (unsigned long long)tallies[i].tried);
		if (strcmp(e->state, "-") != 0) {
			snprintf(what, sizeof(what), "%s: nothing is left without rules",
				 e->title);
			bad |= verdict(*reports[i].left == '\0', what, reports[i].left);
		}
		snprintf(what, sizeof(what), "%s: data of another size are refused",
			 e->title);
		snprintf(detail, sizeof(detail), "%zu bytes were accepted", reports[i].size - 1);
		bad |= verdict(reports[i].size == 0, what, detail);
		if (e->n_reserved == 0)
			continue;
		snprintf(what, sizeof(what), "%s: reserved bytes are refused unless zero",
			 e->title);
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

static int taken(const char *method, unsigned int hook, const uint64_t counts[2])
{
	char what[64], detail[64];

	snprintf(what, sizeof(what), "%s, hook %u: rules are tried, and taken", method, hook);
	snprintf(detail, sizeof(detail), "%llu of %llu", (unsigned long long)counts[1],
		 (unsigned long long)counts[0]);
	return verdict(counts[1] > 0, what, detail);
}

/* Both sorts of chains, with packets, at each hook that any of the extensions takes. */
static int run_hooks(void)
{
	const char *why = run_each(round_of_hooks);
	char detail[128];
	int bad;

	snprintf(detail, sizeof(detail), "%.29s: %s", chosen->name, why != NULL ? why : "");
	bad = verdict(why == NULL, "rules at all hooks, whatever they are for", detail);
	if (why != NULL || opt.only != NULL)
		return bad;
	for (unsigned int hook = 0; hook < HOOKS; hook++)
		bad |= taken("nft", hook, tally->at_hook[hook]);
	for (unsigned int hook = 0; has_hook && hook <= HOOK_INGRESS; hook++)
		bad |= taken("xa_hook", hook, tally->at_xa_hook[hook]);
	return bad;
}

static void put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "fuzz_blob: %s: %m\n", path);
	close(fd);
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

/* Runs a part, and prints how long it took. */
static int timed(const char *what, int (*part)(void))
{
	double began = now();
	int bad = part();

	printf("# %s: %.0f s\n", what, now() - began);
	return bad;
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
	rules = argv[optind + 1];
	bad = timed("rules of iptables", check_seeds);
	bad |= timed("all hooks", run_hooks);
	if (opt.fail)
		bad |= timed("failing allocations", run_failures);
	bad |= timed("any bytes", fuzz);
	bad |= summary();
	return bad;
}
