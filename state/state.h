/* SPDX-License-Identifier: GPL-2.0-only */
/* xt_state - what rules have come to know, over a reboot and to other machines */
#ifndef _XT_STATE_H
#define _XT_STATE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SELF		"xt_state"
#define NAME_SIZE	32	/* of a name in /proc, with its terminator */
#define NEVER		UINT64_MAX

/* Exit statuses */
enum {
	STATUS_FAILED = 1,	/* the kernel refuses something, a file */
	STATUS_USAGE = 2,	/* a command line that is wrong */
};

enum entry_kind {
	CONDITION,	/* a variable */
	QUOTA,		/* a counter */
	PERSISTENT,	/* a prefix of DNETMAP that stays without rules */
	BINDING,	/* a static binding of DNETMAP */
	DOOR,		/* a host that pknock has let in */
	KINDS
};

/**
 * struct entry - a line of a file
 * @kind:    what it is
 * @line:    where it was read
 * @name:    of the file in /proc
 * @value:   of a condition or a quota; of a door, when it closes, in seconds
 *           since 1970, or NEVER
 * @until:   when a condition changes to the other value, in seconds since 1970, or NEVER
 * @address: of a door; of a binding, the private one
 * @public:  of a binding
 * @gone:    no rule had its name when it was saved
 * @gone_for: for how long, in seconds
 */
struct entry {
	enum entry_kind kind;
	unsigned int line;
	char name[NAME_SIZE];
	uint64_t value;
	uint64_t until;
	char address[INET6_ADDRSTRLEN];
	char public[INET_ADDRSTRLEN];
	bool gone;
	uint64_t gone_for;
};

/**
 * struct state - what is saved
 * @entry: all of it
 * @count: how many
 * @saved: when, in seconds since 1970
 */
struct state {
	struct entry *entry;
	size_t count;
	size_t room;
	uint64_t saved;
};

struct entry *state_add(struct state *s, enum entry_kind kind, const char *name);
void state_free(struct state *s);

/* An index of a state: what must not be there twice is a key. */
struct index_key {
	char text[NAME_SIZE + INET6_ADDRSTRLEN + 4];
	const struct entry *entry;
};

struct index {
	struct index_key *key;
	size_t count;
};

void index_make(struct index *index, const struct state *s);
void index_free(struct index *index);
const struct entry *index_find(const struct index *index, const struct entry *as);
const struct entry *index_find_public(const struct index *index, const struct entry *as);
const struct entry *index_twice(const struct index *index);

/* format.c: the text */
void state_print(FILE *to, const struct state *s);
bool state_parse(FILE *from, const char *path, struct state *s);
bool parse_number(const char *text, uint64_t *n);

/* carry.c: what was saved of names that are gone */
void carry_over(const char *path, struct state *s);

/* kernel.c: /proc */
bool kernel_read(struct state *s);
bool kernel_has(const struct entry *e);
bool kernel_apply(const struct state *s, bool replace, char *const *grow);

#endif /* _XT_STATE_H */
