// SPDX-License-Identifier: GPL-2.0-only
/* xthook - rules of iptables' extensions at hooks of their own, beside nftables */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xa_tool.h"
#include "xthook.h"

/**
 * struct command - what is on the command line
 * @words:  behind the command
 * @at:     the next of them
 * @names:  those that are defined
 */
struct command {
	struct words words;
	int at;
	struct name_list names;
	bool verbose;
	bool json;
	bool counters;
	bool offline;
	const char *nft;
};

static void usage(FILE *to)
{
	fputs("usage: xthook [--netns NAME] COMMAND\n"
	      "Rules of iptables' matches and targets at hooks of their own, beside nftables.\n"
	      "  add HOOK [OPTIONS] RULE              at the end of its chain\n"
	      "  insert HOOK [OPTIONS] [NUMBER] RULE  at its beginning, or as that number\n"
	      "  delete HOOK [OPTIONS] NUMBER|RULE\n"
	      "  list [-v] [--json] [HOOK [OPTIONS]]  -v: with counters\n"
	      "  flush [HOOK [OPTIONS]]               remove all rules, or those at a hook\n"
	      "  zero                                 set all counters to 0\n"
	      "  save [--counters]                    print all rules as restore reads them\n"
	      "  restore [FILE]                       replace all rules, or change nothing\n"
	      "  check [--offline] [-v] [FILE]        restore's checks alone; -v: print the rules\n"
	      "save, restore and check: --nft-include FILE writes the defined names for nft.\n"
	      "HOOK is ingress, prerouting, input, forward, output or postrouting.\n"
	      "OPTIONS: --dev DEVICE, --priority PRIORITY, -4, -6; add and insert also\n"
	      "  --define NAME=VALUE/MASK, -c PACKETS BYTES\n"
	      "RULE is what iptables takes: -s, -d, -i, -o, -p, -f, -m MATCH..., -j TARGET...\n"
	      "  -n, --netns NAME   in that network namespace\n"
	      "  -h, --help         this text\n"
	      "  -V, --version      the version\n",
	      to);
}

/* ---- changes */

typedef void change_fn(struct command *c, struct ruleset *set, void *data);

/* Read, change and replace, anew if somebody else has replaced it meanwhile. */
static void change_ruleset(struct command *c, change_fn *change, void *data, bool render)
{
	struct ruleset set;
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (tries)
			pause_a_little();
		kernel_read(&set);
		if (render)
			ruleset_render(&set);
		change(c, &set, data);
		if (kernel_replace(&set, set.generation, true))
			return;
	}
	die(STATUS_FAILED, "others keep replacing the ruleset");
}

/* The statement of the rest of the command line; names of the running rules hold. */
static void read_statement(struct command *c, struct statement *st, bool adding, bool numbers)
{
	struct ruleset running;
	char *end;

	kernel_open();
	kernel_read(&running);
	ruleset_names(&running, &c->names);
	words_check(&c->words);
	c->at = place_read(&c->words, c->at, st, adding, &c->names);
	if (numbers && c->at < c->words.n && c->words.word[c->at][0] >= '0' &&
	    c->words.word[c->at][0] <= '9') {
		errno = 0;
		st->position = strtoul(c->words.word[c->at], &end, 10);
		if (*end || errno || !st->position || st->position > XA_HOOK_MAX_RULES)
			die(STATUS_USAGE, "\"%s\" is no number of a rule", c->words.word[c->at]);
		c->at++;
	}
	statement_rule(&c->words, c->at, st);
}

static void do_insert(struct command *c, struct ruleset *set, void *data)
{
	const struct statement *st = data;
	struct chain *chain;
	size_t at;
	enum family f;

	for (f = 0; f < FAMILIES; f++) {
		if (!st->rule[f])
			continue;
		chain = chain_get(set, f, &st->place);
		at = st->position ? st->position - 1 : chain->n;
		if (at > chain->n)
			die(STATUS_FAILED, "the chain has %zu rules only", chain->n);
		chain_insert(chain, at, st->rule[f]);
	}
}

static void cmd_add(struct command *c, bool insert)
{
	struct statement st = { .next = NULL };
	struct statement *shared = mem_alloc(sizeof(*shared));

	read_statement(c, &st, true, insert);
	*shared = st;
	if (insert && !shared->position)
		shared->position = 1;
	if (!ruleset_compile(shared, &c->names, true))
		exit(STATUS_USAGE);
	change_ruleset(c, do_insert, shared, false);
}

static void cmd_append(struct command *c)
{
	cmd_add(c, false);
}

static void cmd_insert(struct command *c)
{
	cmd_add(c, true);
}

static bool delete_number(const struct statement *st, struct ruleset *set)
{
	struct chain *v4 = chain_find(set, IPV4, &st->place);
	struct chain *v6 = chain_find(set, IPV6, &st->place);
	struct chain *chain;

	if (!(st->families & FAMILY_BIT(IPV4)))
		v4 = NULL;
	if (!(st->families & FAMILY_BIT(IPV6)))
		v6 = NULL;
	if (v4 && v4->n && v6 && v6->n)
		die(STATUS_USAGE, "a number needs -4 or -6: there are rules of both families");
	chain = v4 && v4->n ? v4 : v6;
	if (!chain || st->position > chain->n)
		return false;
	chain_remove(chain, st->position - 1);
	return true;
}

static bool delete_rule(struct chain *chain, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < chain->n; i++)
		if (!strcmp(chain->rule[i]->plain, rule->plain)) {
			chain_remove(chain, i);
			return true;
		}
	return false;
}

static void do_delete(struct command *c, struct ruleset *set, void *data)
{
	const struct statement *st = data;
	struct chain *chain;
	bool found = false;
	enum family f;

	if (st->position)
		found = delete_number(st, set);
	for (f = 0; f < FAMILIES; f++) {
		chain = chain_find(set, f, &st->place);
		if (st->rule[f] && chain && delete_rule(chain, st->rule[f]))
			found = true;
	}
	if (!found)
		die(STATUS_FAILED, "there is no such rule");
}

static void cmd_delete(struct command *c)
{
	struct statement *st = mem_alloc(sizeof(*st));

	read_statement(c, st, false, true);
	if (st->position && st->words.n)
		die(STATUS_USAGE, "a number or a rule is needed, not both");
	if (!st->position && !ruleset_compile(st, &c->names, false))
		exit(STATUS_USAGE);
	change_ruleset(c, do_delete, st, true);
}

/* ---- the chains of list and flush */

static void read_selection(struct command *c, struct selection *sel)
{
	struct statement st = { .next = NULL };

	memset(sel, 0, sizeof(*sel));
	sel->families = FAMILY_BOTH;
	if (c->at == c->words.n)
		return;
	c->at = place_read(&c->words, c->at, &st, false, &c->names);
	sel->families = st.families;
	sel->at = st.given & GIVEN_PRIORITY;
	sel->hooked = true;
	sel->place = st.place;
}

static void no_more(const struct command *c)
{
	if (c->at < c->words.n)
		die(STATUS_USAGE, "unexpected argument \"%s\"", c->words.word[c->at]);
}

static void cmd_list(struct command *c)
{
	struct selection sel;
	struct ruleset set;

	read_selection(c, &sel);
	no_more(c);
	kernel_open();
	kernel_read(&set);
	ruleset_render(&set);
	if (c->json)
		print_json(stdout, &set, &sel);
	else
		print_list(stdout, &set, &sel, c->verbose);
}

static void do_flush(struct command *c, struct ruleset *set, void *data)
{
	const struct selection *sel = data;
	struct chain *chain;

	for (chain = set->chain; chain; chain = chain->next)
		if (selected(sel, chain))
			chain->n = 0;
}

static void cmd_flush(struct command *c)
{
	struct selection sel;

	read_selection(c, &sel);
	no_more(c);
	kernel_open();
	change_ruleset(c, do_flush, &sel, false);
}

static void cmd_zero(struct command *c)
{
	no_more(c);
	kernel_open();
	kernel_zero();
}

/* ---- files */

static void write_names(const struct command *c)
{
	if (!c->nft)
		return;
	nft_write(c->nft, &c->names);
	nft_publish(c->nft);
}

static void cmd_save(struct command *c)
{
	struct ruleset set;

	no_more(c);
	kernel_open();
	kernel_read(&set);
	ruleset_names(&set, &c->names);
	ruleset_render(&set);
	print_save(stdout, &set, &c->names, c->counters);
	write_names(c);
}

/* The ruleset of a file, or the end of the program */
static void read_ruleset(struct command *c, struct ruleset *set)
{
	const char *path = c->at < c->words.n ? c->words.word[c->at++] : "-";
	struct statement *list;

	no_more(c);
	list = file_read(path, &c->names);
	if (!ruleset_compile(list, &c->names, true))
		exit(STATUS_USAGE);
	memset(set, 0, sizeof(*set));
	ruleset_append(set, list);
}

static void cmd_restore(struct command *c)
{
	struct ruleset set;

	read_ruleset(c, &set);
	kernel_open();
	/* what can fail does so before anything has changed */
	if (c->nft)
		nft_write(c->nft, &c->names);
	if (!kernel_replace(&set, 0, true))
		die(STATUS_FAILED, "the kernel refuses: %s", strerror(ESTALE));
	if (c->nft)
		nft_publish(c->nft);
}

static void cmd_check(struct command *c)
{
	struct ruleset set;

	read_ruleset(c, &set);
	if (!c->offline) {
		kernel_open();
		kernel_replace(&set, 0, false);
	}
	if (c->verbose)
		print_save(stdout, &set, &c->names, false);
	write_names(c);
}

/* ---- the command line */

/* Options that a command takes, before its arguments */
enum {
	TAKES_VERBOSE = 1, TAKES_JSON = 2, TAKES_COUNTERS = 4, TAKES_OFFLINE = 8, TAKES_NFT = 16,
};

static const struct {
	const char *name;
	void (*run)(struct command *c);
	unsigned int takes;
} commands[] = {
	{ "add", cmd_append, 0 },
	{ "insert", cmd_insert, 0 },
	{ "delete", cmd_delete, 0 },
	{ "list", cmd_list, TAKES_VERBOSE | TAKES_JSON },
	{ "flush", cmd_flush, 0 },
	{ "zero", cmd_zero, 0 },
	{ "save", cmd_save, TAKES_COUNTERS | TAKES_NFT },
	{ "restore", cmd_restore, TAKES_NFT },
	{ "check", cmd_check, TAKES_VERBOSE | TAKES_OFFLINE | TAKES_NFT },
};

#define N_COMMANDS	(sizeof(commands) / sizeof(*commands))

static unsigned int option_of(const char *word)
{
	if (!strcmp(word, "-v") || !strcmp(word, "--verbose"))
		return TAKES_VERBOSE;
	if (!strcmp(word, "--json"))
		return TAKES_JSON;
	if (!strcmp(word, "--counters"))
		return TAKES_COUNTERS;
	if (!strcmp(word, "--offline"))
		return TAKES_OFFLINE;
	return strcmp(word, "--nft-include") ? 0 : TAKES_NFT;
}

static void read_options(struct command *c, unsigned int takes)
{
	unsigned int opt;
	const char *word;

	for (; c->at < c->words.n; c->at++) {
		word = c->words.word[c->at];
		if (*word != '-' || !word[1] || !takes)
			break;
		opt = option_of(word);
		if (!(opt & takes))
			die(STATUS_USAGE, "unknown option \"%s\"", word);
		c->verbose |= opt == TAKES_VERBOSE;
		c->json |= opt == TAKES_JSON;
		c->counters |= opt == TAKES_COUNTERS;
		c->offline |= opt == TAKES_OFFLINE;
		if (opt != TAKES_NFT)
			continue;
		if (c->at + 1 == c->words.n)
			die(STATUS_USAGE, "--nft-include takes a FILE");
		if (c->nft)
			die(STATUS_USAGE, "--nft-include can be given once");
		c->nft = c->words.word[++c->at];
	}
}

static void enter_netns(const char *name)
{
	char path[4096];
	int fd;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		die(STATUS_USAGE, "--netns takes a name that ip netns knows, not \"%s\"", name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(STATUS_FAILED, "network namespace %s: %m", name);
	close(fd);
}

/* The options before the command. Return: the command's place. */
static int global_options(int argc, char **argv)
{
	bool entered = false;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			usage(stdout);
			exit(0);
		}
		if (!strcmp(argv[i], "-V") || !strcmp(argv[i], "--version")) {
			xa_tool_version(argv);
			exit(0);
		}
		if (strcmp(argv[i], "--netns") && strcmp(argv[i], "-n")) {
			notice("unknown option %s", argv[i]);
			exit(xa_tool_bad_usage(argv));
		}
		if (++i == argc)
			die(STATUS_USAGE, "--netns takes a NAME");
		if (entered)
			die(STATUS_USAGE, "--netns can be given once");
		entered = true;
		enter_netns(argv[i]);
	}
	return i;
}

int main(int argc, char **argv)
{
	struct command c = { .at = 0 };
	size_t i;
	int at;

	xa_tool_begin(argv);
	mem_init();
	at = global_options(argc, argv);
	if (at >= argc) {
		notice("a command is needed");
		return xa_tool_bad_usage(argv);
	}
	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(argv[at], commands[i].name))
			break;
	if (i == N_COMMANDS) {
		notice("unknown command %s", argv[at]);
		return xa_tool_bad_usage(argv);
	}
	while (argv[++at])
		words_add(&c.words, argv[at], strlen(argv[at]));
	read_options(&c, commands[i].takes);
	commands[i].run(&c);
	if (fflush(stdout) || ferror(stdout))
		die(STATUS_FAILED, "writing fails: %m");
	return 0;
}
