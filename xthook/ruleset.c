// SPDX-License-Identifier: GPL-2.0-only
/* ruleset - chains and rules, and the children that parse and print them */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xa_tool.h"
#include "xthook.h"

/* ---- chains */

static int chain_compare(const struct chain *chain, enum family family, const struct place *place)
{
	int order = place_compare(&chain->place, place);

	return order ? order : (int)chain->family - (int)family;
}

struct chain *chain_find(const struct ruleset *set, enum family family,
			 const struct place *place)
{
	struct chain *chain;

	for (chain = set->chain; chain; chain = chain->next)
		if (!chain_compare(chain, family, place))
			return chain;
	return NULL;
}

/* chain_get - the chain at a place, made if there is none */
struct chain *chain_get(struct ruleset *set, enum family family, const struct place *place)
{
	struct chain **at = &set->chain, *chain = chain_find(set, family, place);

	if (chain)
		return chain;
	while (*at && chain_compare(*at, family, place) < 0)
		at = &(*at)->next;
	chain = mem_alloc(sizeof(*chain));
	chain->family = family;
	chain->place = *place;
	chain->next = *at;
	*at = chain;
	return chain;
}

void chain_insert(struct chain *chain, size_t at, struct rule *rule)
{
	struct rule **more;

	if (chain->n == chain->room) {
		chain->room = 2 * chain->room + 16;
		more = mem_alloc(chain->room * sizeof(*more));
		if (chain->n)
			memcpy(more, chain->rule, chain->n * sizeof(*more));
		chain->rule = more;
	}
	memmove(chain->rule + at + 1, chain->rule + at, (chain->n - at) * sizeof(*chain->rule));
	chain->rule[at] = rule;
	chain->n++;
}

void chain_remove(struct chain *chain, size_t at)
{
	chain->n--;
	memmove(chain->rule + at, chain->rule + at + 1, (chain->n - at) * sizeof(*chain->rule));
}

/* ruleset_append - the rules of statements, at the ends of their chains */
void ruleset_append(struct ruleset *set, const struct statement *list)
{
	const struct statement *st;
	struct chain *chain;
	enum family f;

	for (st = list; st; st = st->next)
		for (f = 0; f < FAMILIES; f++)
			if (st->rule[f]) {
				chain = chain_get(set, f, &st->place);
				chain_insert(chain, chain->n, st->rule[f]);
			}
}

/* ruleset_names - those that the rules use */
void ruleset_names(const struct ruleset *set, struct name_list *names)
{
	const struct chain *chain;
	size_t i;

	for (chain = set->chain; chain; chain = chain->next)
		for (i = 0; i < chain->n; i++)
			note_names(chain->rule[i]->note, names);
}

/* ---- what plugins say */

/* The standard error of children that parse; the offset is theirs and their parent's. */
static int said = -1;

static void said_open(void)
{
	if (said < 0)
		said = memfd_create(SELF, MFD_CLOEXEC);
	if (said < 0)
		die(STATUS_FAILED, "there is no file for the plugins to print to: %m");
}

/* said_take - what has been said since the last time; NULL: nothing */
static char *said_take(void)
{
	off_t len = lseek(said, 0, SEEK_CUR);
	char *text;

	if (len <= 0)
		return NULL;
	text = mem_alloc(len + 1);
	if (pread(said, text, len, 0) != len || ftruncate(said, 0))
		die(STATUS_FAILED, "what the plugins print cannot be read: %m");
	lseek(said, 0, SEEK_SET);
	return text;
}

/* said_pass - pass it on as it is, of a child whose end is the program's */
static void said_pass(void)
{
	char buf[1024];
	off_t at = 0;
	ssize_t n;

	while (said >= 0 && (n = pread(said, buf, sizeof(buf), at)) > 0) {
		fwrite(buf, n, 1, stderr);
		at += n;
	}
}

static void say_lines(const char *text)
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		notice("%.*s", (int)len, text);
	}
}

/* As a rule is parsed for each family, most is said twice. */
static void say_warnings(const struct statement *st)
{
	const char *v4 = st->warned[IPV4], *v6 = st->warned[IPV6];

	if (v4)
		say_lines(v4);
	if (v6 && (!v4 || strcmp(v4, v6)))
		say_lines(v6);
}

/* ---- children */

/* A child; what it does not say it has not seen. */
static pid_t start_child(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(STATUS_FAILED, "no process can be started: %m");
	return pid;
}

static int wait_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die(STATUS_FAILED, "a process is lost: %m");
	if (!WIFEXITED(status)) {
		said_pass();
		die(STATUS_FAILED, "a plugin of iptables ended the program (signal %d)",
		    WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

/* The same names; then in the order in which they will be read again. */
static bool same_note(char *note, const char *again)
{
	if (!note || !again)
		return note == again;
	if (strlen(note) != strlen(again))
		return false;
	strcpy(note, again);
	return true;
}

/* Whether the rule that is read from the text is the same one, by its text */
static bool same_again(enum family f, const struct statement *st, struct rule *rule)
{
	struct statement again = *st;
	struct name_list names = { NULL };
	struct rule *copy;

	if (text_control(rule->text) || !words_split(rule->text, &again.words))
		return false;
	if (words_same(&again.words, &st->words))
		return true;
	note_names(rule->note, &names);
	memset(&again.defined, 0, sizeof(again.defined));
	names_beside(rule->text, rule->note, &again.defined);
	copy = rule_parse(f, &again, &names);
	rule_text(f, copy);
	return !strcmp(copy->text, rule->text) && same_note(rule->note, copy->note);
}

/*
 * The rule is to come back from what save prints. Plugins print names as they are, and
 * one with a blank or a quote is read as something else.
 */
static void check_saved(enum family f, struct statement *st, struct rule *rule)
{
	char why[CAUGHT_SIZE];
	const size_t mark = mem_mark();

	snprintf(st->error[f], CAUGHT_SIZE, "would be saved as another rule, from which it does not come back: %s",
		 rule->text);
	caught = why;
	setenv(XA_TOOL_AGAIN, "1", 1);
	if (!same_again(f, st, rule))
		_exit(STATUS_CAUGHT);
	unsetenv(XA_TOOL_AGAIN);
	caught = st->error[f];
	said_take();	/* once more */
	mem_release(mark);
}

/* Parse what is left to be parsed of a family, and end. */
static void __attribute__((noreturn))
compile_child(enum family f, struct statement *st, const struct name_list *names, bool adding)
{
	struct rule *rule;

	if (dup2(said, STDERR_FILENO) < 0)
		_exit(STATUS_FAILED);
	xtables_begin(f);
	for (; st; st = st->next) {
		if (!(st->families & FAMILY_BIT(f)) || st->error[f])
			continue;
		input_name = st->file;
		input_line = st->line;
		/* taken back when it has been parsed */
		st->error[f] = mem_alloc(CAUGHT_SIZE);
		caught = st->error[f];
		rule = rule_parse(f, st, names);
		rule_text(f, rule);
		st->warned[f] = said_take();
		if (adding)
			check_saved(f, st, rule);
		st->error[f] = NULL;
		caught = NULL;
		st->rule[f] = rule;
	}
	fflush(NULL);
	_exit(0);
}

/* After an error libxtables is of no more use: another child goes on. */
static void compile_family(enum family f, struct statement *list, const struct name_list *names,
			   bool adding)
{
	struct statement *st = list;
	char *text;
	pid_t pid;
	int status;

	do {
		pid = start_child();
		if (!pid)
			compile_child(f, st, names, adding);
		status = wait_child(pid);
		if (status && status != STATUS_CAUGHT) {
			said_pass();
			exit(status);
		}
		text = said_take();
		while (st && !st->error[f])
			st = st->next;
		if (st && !st->warned[f])
			st->warned[f] = text;
		st = st ? st->next : NULL;
	} while (status);
}

/* Return: whether the kernel takes a rule that may need a connection. */
static bool check_tracked(const struct statement *st)
{
	const struct rule *rule = st->rule[IPV4] ? st->rule[IPV4] : st->rule[IPV6];
	const char *wrong = untracked(&st->place, rule, true);
	const char *name = wrong ? wrong : untracked(&st->place, rule, false);

	if (name)
		notice("%s %s here, before connection tracking%s", name,
		       wrong ? "cannot be used" : "sees no connection",
		       st->place.hook == INGRESS ? "" : "; --priority -160 is behind it");
	return !wrong;
}

/* Say what is wrong with a statement, or which family it is not for. */
static bool check_statement(const struct statement *st, bool adding)
{
	const char *v4 = st->error[IPV4], *v6 = st->error[IPV6];

	input_name = st->file;
	input_line = st->line;
	if (st->wrong) {
		notice("%s", st->wrong);
		return false;
	}
	say_warnings(st);
	if (adding && (st->rule[IPV4] || st->rule[IPV6]) && !check_tracked(st))
		return false;
	if (!v4 && !v6)
		return true;
	if (st->rule[IPV4] || st->rule[IPV6]) {
		notice("for IPv%c only (%s)", v4 ? '6' : '4', v4 ? v4 : v6);
		return true;
	}
	notice("%s", v4 ? v4 : v6);
	if (v4 && v6 && strcmp(v4, v6))
		notice("as an IPv6 rule: %s", v6);
	return false;
}

/**
 * ruleset_compile - make the rules of statements
 * @adding: they are to stay, so they must come back from what is saved of them
 *
 * What is wrong is said. Return: whether nothing was.
 */
bool ruleset_compile(struct statement *list, const struct name_list *names, bool adding)
{
	const char *name = input_name;
	struct statement *st;
	bool good = true;
	enum family f;

	said_open();
	for (f = 0; f < FAMILIES; f++)
		compile_family(f, list, names, adding);
	for (st = list; st; st = st->next)
		good &= check_statement(st, adding);
	input_name = name;
	return good;
}

static void __attribute__((noreturn)) render_child(enum family f, struct ruleset *set)
{
	struct chain *chain;
	size_t i;

	xtables_begin(f);
	for (chain = set->chain; chain; chain = chain->next)
		for (i = 0; chain->family == f && i < chain->n; i++)
			if (!chain->rule[i]->text)
				rule_text(f, chain->rule[i]);
	_exit(0);
}

/* ruleset_render - make the texts of all rules */
void ruleset_render(struct ruleset *set)
{
	enum family f;
	pid_t pid;
	int status;

	for (f = 0; f < FAMILIES; f++) {
		pid = start_child();
		if (!pid)
			render_child(f, set);
		status = wait_child(pid);
		if (status)
			exit(status);
	}
}
