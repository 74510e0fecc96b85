// SPDX-License-Identifier: GPL-2.0-only
/* print - a ruleset as a rules file, as a list, as JSON; names for nft */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "xa_replace.h"
#include "xa_tool.h"
#include "xthook.h"

/* selected - whether a chain is one that the command is about */
bool selected(const struct selection *sel, const struct chain *chain)
{
	if (!(sel->families & FAMILY_BIT(chain->family)))
		return false;
	if (!sel->hooked)
		return true;
	return chain->place.hook == sel->place.hook &&
		(!*sel->place.dev || !strcmp(chain->place.dev, sel->place.dev)) &&
		(!sel->at || chain->place.priority == sel->place.priority);
}

/* ---- save */

/* The text with its names, unless one means something else by now. */
static const char *text_of(const struct rule *rule, const struct name_list *names)
{
	struct name_list all = *names;

	return note_names(rule->note, &all) ? rule->text : rule->plain;
}

/* Names that the text does not show, as of --or-mark @NAME, which is printed as a sum */
static void print_beside(FILE *to, const char *text, const struct rule *rule,
			 const struct name_list *names)
{
	struct name_list beside = { NULL };
	const struct name *n, *now;
	char value[32];

	names_beside(text, rule->note, &beside);
	for (n = beside.first; n; n = n->next) {
		now = name_find(names, n->name, strlen(n->name));
		if (now && now->value == n->value && now->mask == n->mask)
			fprintf(to, " --define %s=%s", n->name, name_value(n, value));
	}
}

static void print_statement(FILE *to, const struct place *place, const char *family,
			    const struct rule *rule, const struct name_list *names, bool counters)
{
	const char *text = text_of(rule, names);
	char buf[32];

	note_print_comment(to, rule->note);
	fprintf(to, "add %s", hook_name[place->hook]);
	if (*place->dev) {
		fputs(" --dev ", to);
		word_quote(to, text_shown(place->dev));
	}
	fprintf(to, " --priority %s%s", priority_text(place->priority, buf), family);
	print_beside(to, text, rule, names);
	if (counters)
		fprintf(to, " -c %" PRIu64 " %" PRIu64, rule->packets, rule->bytes);
	fprintf(to, "%s%s\n", *text ? " " : "", text_shown(text));
}

static const char *note_of(const struct rule *rule)
{
	return rule->note ? rule->note : "";
}

static bool same(const struct rule *a, const struct rule *b)
{
	return !strcmp(a->text, b->text) && !strcmp(note_of(a), note_of(b));
}

/* Whether a rule is among those of a chain from one on */
static bool comes(const struct chain *chain, size_t from, const struct rule *rule)
{
	for (; from < chain->n; from++)
		if (same(chain->rule[from], rule))
			return true;
	return false;
}

/* Rules that both families have at the same place of their order are one line. */
static void save_place(FILE *to, const struct chain *v4, const struct chain *v6,
		       const struct name_list *names, bool counters)
{
	static const struct chain none;
	const struct place *place = v4 ? &v4->place : &v6->place;
	size_t i = 0, j = 0;

	v4 = v4 ? v4 : &none;
	v6 = v6 ? v6 : &none;
	while (i < v4->n || j < v6->n) {
		if (!counters && i < v4->n && j < v6->n && same(v4->rule[i], v6->rule[j])) {
			print_statement(to, place, "", v4->rule[i++], names, false);
			j++;
		} else if (j < v6->n && (i == v4->n || (!counters && comes(v6, j, v4->rule[i])))) {
			print_statement(to, place, " -6", v6->rule[j++], names, counters);
		} else {
			print_statement(to, place, " -4", v4->rule[i++], names, counters);
		}
	}
}

static void refuse_foreign(const struct ruleset *set)
{
	const struct chain *chain;
	size_t i;

	for (chain = set->chain; chain; chain = chain->next)
		for (i = 0; i < chain->n; i++)
			if (chain->rule[i]->foreign)
				die(STATUS_FAILED, "a rule at %s cannot be saved: %s",
				    hook_name[chain->place.hook],
				    text_shown(chain->rule[i]->plain));
}

/**
 * print_save - as file_read() reads it
 * @names:    all that are defined
 * @counters: with -c
 */
void print_save(FILE *to, const struct ruleset *set, const struct name_list *names, bool counters)
{
	const struct chain *v4, *v6;
	const struct name *n;
	char value[32];

	refuse_foreign(set);
	for (n = names->first; n; n = n->next)
		fprintf(to, "define %s %s\n", n->name, name_value(n, value));
	if (names->first && set->chain)
		fputc('\n', to);
	for (v4 = set->chain; v4; v4 = v4->next) {
		v6 = v4->family == IPV6 ? v4 : chain_find(set, IPV6, &v4->place);
		if (v4->family == IPV4)
			save_place(to, v4, v6, names, counters);
		else if (!chain_find(set, IPV4, &v4->place))
			save_place(to, NULL, v6, names, counters);
	}
}

/* ---- list */

static void list_rule(FILE *to, const struct rule *rule, size_t number, bool verbose)
{
	fprintf(to, "%6zu", number);
	if (verbose)
		fprintf(to, " %10" PRIu64 " %12" PRIu64, rule->packets, rule->bytes);
	fprintf(to, "  %s\n", *rule->text ? text_shown(rule->text) : "(every packet)");
}

/* print_list - a table for each chain; verbose: packets and bytes */
void print_list(FILE *to, const struct ruleset *set, const struct selection *sel, bool verbose)
{
	const struct chain *chain;
	bool first = true;
	char buf[32];
	size_t i;

	for (chain = set->chain; chain; chain = chain->next) {
		if (!chain->n || !selected(sel, chain))
			continue;
		fprintf(to, "%s%s %s", first ? "" : "\n", hook_name[chain->place.hook],
			family_name[chain->family]);
		if (*chain->place.dev)
			fprintf(to, " dev %s%s", text_shown(chain->place.dev),
				chain->attached ? "" : " (not there)");
		fprintf(to, " priority %s\n", priority_text(chain->place.priority, buf));
		if (verbose)
			fprintf(to, "%6s %10s %12s\n", "", "packets", "bytes");
		for (i = 0; i < chain->n; i++)
			list_rule(to, chain->rule[i], i + 1, verbose);
		first = false;
	}
}

/* ---- JSON */

static void json_chain(FILE *to, const struct chain *chain)
{
	const struct rule *rule;
	size_t i;

	fprintf(to, "{\"family\":\"%s\",\"hook\":\"%s\",", family_name[chain->family],
		hook_name[chain->place.hook]);
	if (*chain->place.dev) {
		fputs("\"dev\":", to);
		xa_tool_json_string(to, chain->place.dev);
		fprintf(to, ",\"attached\":%s,", chain->attached ? "true" : "false");
	}
	fprintf(to, "\"priority\":%d,\"rules\":[", chain->place.priority);
	for (i = 0; i < chain->n; i++) {
		rule = chain->rule[i];
		fprintf(to, "%s\n{\"number\":%zu,\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"rule\":",
			i ? "," : "", i + 1, rule->packets, rule->bytes);
		xa_tool_json_string(to, rule->text);
		fputc('}', to);
	}
	fputs("]}", to);
}

void print_json(FILE *to, const struct ruleset *set, const struct selection *sel)
{
	const struct chain *chain;
	bool first = true;

	fprintf(to, "{\"generation\":%" PRIu64 ",\"chains\":[", set->generation);
	for (chain = set->chain; chain; chain = chain->next) {
		if (!chain->n || !selected(sel, chain))
			continue;
		fputs(first ? "\n" : ",\n", to);
		json_chain(to, chain);
		first = false;
	}
	fputs("]}\n", to);
}

/* ---- nft */

/* The file that is written and not in its place yet */
static struct xa_replace include;

static void drop_include(void)
{
	xa_replace_end(&include, false);
}

/**
 * nft_write - an include file for nft; nft_publish() puts it in its place
 *
 * NAME, NAME_mask and NAME_rest: $NAME & ~$NAME_mask is 0, $NAME_rest is
 * ~$NAME_mask.
 */
void nft_write(const char *path, const struct name_list *names)
{
	const struct name *n;
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		die(STATUS_FAILED, "%s: %s", path, strerror(EISDIR));
	if (!xa_replace_open(&include, path, 0644))
		die(STATUS_FAILED, "%s: %m", path);
	atexit(drop_include);
	fputs("# written by xthook\n", include.f);
	for (n = names->first; n; n = n->next)
		fprintf(include.f,
			"define %s = 0x%x\ndefine %s_mask = 0x%x\ndefine %s_rest = 0x%x\n",
			n->name, n->value, n->name, n->mask, n->name, ~n->mask);
	if (!xa_replace_close(&include, true))
		die(STATUS_FAILED, "%s: %m", path);
}

void nft_publish(const char *path)
{
	if (!xa_replace_end(&include, true))
		die(STATUS_FAILED, "%s: %m", path);
	*include.beside = '\0';
}
