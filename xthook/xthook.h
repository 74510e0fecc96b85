/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xthook - rules of iptables' extensions at hooks of their own
 *
 * A statement is a line of a rules file or a command line. It is parsed by
 * libxtables, which serves one address family in a process: so one child for
 * each family parses or prints all rules of that family, and what it makes lies
 * in memory that is shared with it (mem.c). What cannot be is said on the
 * standard error and ends the program: nothing is changed before the commit.
 */
#ifndef _XTHOOK_H
#define _XTHOOK_H

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "xa_hook_nl.h"

#define SELF	"xthook"

/* Exit statuses */
enum {
	STATUS_FAILED = 1,	/* the kernel, a file */
	STATUS_USAGE = 2,	/* a command line or a rule that is wrong */
	STATUS_CAUGHT = 3,	/* of a child: the parent tells why */
};

/* ---- mem.c: memory that children share, and the end of the program */

/* The line that is at work, for messages; NULL: it is no file's. */
extern const char *input_name;
extern unsigned int input_line;
/* In a child: what is wrong with a rule goes there, and the child ends with STATUS_CAUGHT. */
extern char *caught;
/* While a file is read: a line that is wrong ends there, and why it is goes to caught. */
extern jmp_buf *wrong_line;

#define CAUGHT_SIZE	512

void die(int status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void vdie(int status, const char *fmt, va_list args)
	__attribute__((noreturn, format(printf, 2, 0)));
void notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void mem_init(void);
void *mem_alloc(size_t size);
size_t mem_mark(void);
void mem_release(size_t mark);
char *mem_text(const char *text, size_t len);

/* ---- place.c: where rules are */

enum family { IPV4, IPV6, FAMILIES };

#define FAMILY_BIT(f)	(1u << (f))
#define FAMILY_BOTH	(FAMILY_BIT(IPV4) | FAMILY_BIT(IPV6))

/* In the order in which packets meet them; a place has one of them. */
enum hook { INGRESS, PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING, HOOKS };

/**
 * struct place - a chain but for its family
 * @hook:     enum hook
 * @priority: as nft has it
 * @dev:      of INGRESS, else empty
 */
struct place {
	enum hook hook;
	int32_t priority;
	char dev[IFNAMSIZ];
};

extern const char *const hook_name[HOOKS];
extern const char *const family_name[FAMILIES];

bool hook_parse(const char *text, enum hook *hook);
int32_t hook_priority(enum hook hook);
bool priority_parse(const char *text, int32_t *priority);
const char *priority_text(int32_t priority, char buf[32]);
int place_compare(const struct place *a, const struct place *b);

/* ---- words.c */

struct words {
	char **word;
	int n;
	int room;
};

bool words_split(const char *line, struct words *words);
void words_add(struct words *words, const char *text, size_t len);
bool text_control(const char *text);
const char *text_shown(const char *text);
void words_check(const struct words *words);
bool words_same(const struct words *a, const struct words *b);
void word_quote(FILE *to, const char *word);

/* ---- name.c, reserved.c: names for values and masks of marks */

#define NAME_LEN	32	/* with its terminator */

struct name {
	struct name *next;
	char name[NAME_LEN];
	uint32_t value;
	uint32_t mask;
};

struct name_list {
	struct name *first;
};

bool name_reserved(const char *name);
bool name_valid(const char *text, size_t len);
const char *name_value(const struct name *n, char buf[32]);
const char *name_add(struct name_list *list, const char *name, const char *value);
void name_define(struct name_list *list, const char *name, const char *value);
const struct name *name_find(const struct name_list *list, const char *name, size_t len);

/* ---- rule.c, text.c: rules and libxtables */

/**
 * struct part - a match or a target of a rule
 * @name: as the kernel has it
 * @size: bytes of @data
 */
struct part {
	struct part *next;
	char name[XT_EXTENSION_MAXNAMELEN];
	uint8_t revision;
	size_t size;
	unsigned char *data;
};

enum verdict { VERDICT_NONE, VERDICT_ACCEPT, VERDICT_DROP, VERDICT_TARGET };

/* What iptables hands to plugins as the rule; entry6 for IPv6. */
union entry {
	struct ipt_entry entry4;
	struct ip6t_entry entry6;
};

/**
 * struct rule - a rule of one family
 * @entry:   its addresses, interfaces and protocol
 * @match:   in order
 * @target:  of VERDICT_TARGET
 * @note:    comments above it and the names that it uses (note.c)
 * @text:    as saved, without place and family
 * @plain:   the same without names; equal rules have equal ones
 * @keep:    index in the running ruleset that it continues, or -1
 * @file:    where it was read from, and @line; NULL: elsewhere
 * @foreign: there is no plugin for a part of it
 */
struct rule {
	union entry entry;
	struct part *match;
	enum verdict verdict;
	struct part *target;
	uint64_t packets;
	uint64_t bytes;
	char *note;
	char *text;
	char *plain;
	int64_t keep;
	bool foreign;
	const char *file;
	unsigned int line;
};

#define NOTE_MAX	255	/* bytes of a note without its terminator */

/**
 * struct statement - a line of a rules file
 * @families: bits of those that the line is for
 * @said:     the line names the family; else it is for those that can have the rule
 * @given:    bits of the options that were given (file.c)
 * @defined:  names that the line itself defines
 * @wrong:    what is wrong with the line, which has no rule then
 * @place:    where
 * @words:    the rule
 * @position: of insert and delete, from 1; 0: none
 * @rule:     what a child makes of it, for each family
 * @error:    or why there is none
 * @warned:   what the plugins said of it, lines
 */
struct statement {
	struct statement *next;
	const char *file;
	unsigned int line;
	unsigned int families;
	bool said;
	unsigned int given;
	struct name_list defined;
	const char *wrong;
	struct place place;
	struct words words;
	unsigned int position;
	uint64_t packets;
	uint64_t bytes;
	char *comment;
	struct rule *rule[FAMILIES];
	char *error[FAMILIES];
	char *warned[FAMILIES];
};

struct rule *rule_parse(enum family family, const struct statement *st,
			const struct name_list *names);
void rule_text(enum family family, struct rule *rule);
void names_beside(const char *text, const char *note, struct name_list *names);
void xtables_begin(enum family family);

/* ---- tracked.c */

const char *untracked(const struct place *place, const struct rule *rule, bool refused);

/* ---- note.c */

char *note_make(const char *comment, const struct name_list *used);
bool note_names(const char *note, struct name_list *list);
void note_print_comment(FILE *to, const char *note);

/* ---- ruleset.c */

/**
 * struct chain - rules of one place and family
 * @attached: of the running ruleset: packets come by, the device of ingress is there
 */
struct chain {
	struct chain *next;
	enum family family;
	struct place place;
	bool attached;
	struct rule **rule;
	size_t n;
	size_t room;
};

/**
 * struct ruleset - that of a network namespace
 * @chain:      by place, IPv4 first
 * @generation: that of the kernel it was read from
 */
struct ruleset {
	struct chain *chain;
	uint64_t generation;
};

struct chain *chain_find(const struct ruleset *set, enum family family,
			 const struct place *place);
struct chain *chain_get(struct ruleset *set, enum family family, const struct place *place);
void chain_insert(struct chain *chain, size_t at, struct rule *rule);
void chain_remove(struct chain *chain, size_t at);
bool ruleset_compile(struct statement *list, const struct name_list *names, bool adding);
void ruleset_render(struct ruleset *set);
void ruleset_names(const struct ruleset *set, struct name_list *names);
void ruleset_append(struct ruleset *set, const struct statement *list);

/* ---- file.c */

#define GIVEN_DEV	1u
#define GIVEN_PRIORITY	2u
#define GIVEN_COUNTERS	4u

int place_read(const struct words *words, int at, struct statement *st, bool adding,
	       struct name_list *names);
void statement_rule(const struct words *words, int at, struct statement *st);
struct statement *file_read(const char *path, struct name_list *names);

/* ---- print.c */

/**
 * struct selection - the chains that a command is about
 * @families: bits
 * @hooked:   only those of place.hook
 * @at:       and of place.priority
 */
struct selection {
	unsigned int families;
	bool hooked;
	bool at;
	struct place place;
};

bool selected(const struct selection *sel, const struct chain *chain);
void print_save(FILE *to, const struct ruleset *set, const struct name_list *names,
		bool counters);
void print_list(FILE *to, const struct ruleset *set, const struct selection *sel, bool verbose);
void print_json(FILE *to, const struct ruleset *set, const struct selection *sel);
void nft_write(const char *path, const struct name_list *names);
void nft_publish(const char *path);

/* ---- kernel.c, replace.c */

/* How often a change is tried again when somebody else was faster, or all places are taken */
#define TRIES	100

void pause_a_little(void);
void kernel_open(void);
void kernel_read(struct ruleset *set);
bool kernel_replace(const struct ruleset *set, uint64_t generation, bool commit);
void kernel_zero(void);

#endif /* _XTHOOK_H */
