// SPDX-License-Identifier: GPL-2.0-only
/* xt_state: entries, and how one is found among many */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

static void *more(void *memory, size_t size)
{
	void *bigger = realloc(memory, size);

	if (!bigger)
		err(STATUS_FAILED, "out of memory");
	return bigger;
}

/**
 * state_add - one entry more
 * @s:    state
 * @kind: of it
 * @name: shorter than NAME_SIZE
 *
 * Return: the entry, valid until the next one is added.
 */
struct entry *state_add(struct state *s, enum entry_kind kind, const char *name)
{
	struct entry *e;

	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->entry = more(s->entry, s->room * sizeof(*s->entry));
	}
	e = &s->entry[s->count++];
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	snprintf(e->name, sizeof(e->name), "%s", name);
	return e;
}

/**
 * state_free - free all
 * @s: state
 */
void state_free(struct state *s)
{
	free(s->entry);
	memset(s, 0, sizeof(*s));
}

/*
 * What there can be once: a name of a kind, a host of a door, and, of a binding, each
 * of the addresses in the whole namespace.
 */
static void make_key(struct index_key *key, const struct entry *e, bool public)
{
	key->entry = e;
	if (e->kind == BINDING)
		snprintf(key->text, sizeof(key->text), "%c %s", public ? 'P' : 'p',
			 public ? e->public : e->address);
	else
		snprintf(key->text, sizeof(key->text), "%u %s %s", e->kind, e->address, e->name);
}

static int compare(const void *a, const void *b)
{
	const struct index_key *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static int compare_text(const void *a, const void *b)
{
	const struct index_key *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/**
 * index_make - make an index
 * @index: filled in
 * @s:     must stay as it is
 */
void index_make(struct index *index, const struct state *s)
{
	size_t i;

	index->key = more(NULL, (2 * s->count + 1) * sizeof(*index->key));
	index->count = 0;
	for (i = 0; i < s->count; ++i) {
		make_key(&index->key[index->count++], &s->entry[i], false);
		if (s->entry[i].kind == BINDING)
			make_key(&index->key[index->count++], &s->entry[i], true);
	}
	qsort(index->key, index->count, sizeof(*index->key), compare);
}

/**
 * index_free - free it
 * @index: index
 */
void index_free(struct index *index)
{
	free(index->key);
}

static const struct entry *find(const struct index *index, const struct entry *as, bool public)
{
	struct index_key want, *key;

	make_key(&want, as, public);
	key = bsearch(&want, index->key, index->count, sizeof(want), compare_text);
	return key ? key->entry : NULL;
}

/**
 * index_find - the entry for the same thing; of bindings, the same private address
 * @index: where to look
 * @as:    like which
 *
 * Return: the entry, or NULL.
 */
const struct entry *index_find(const struct index *index, const struct entry *as)
{
	return find(index, as, false);
}

/**
 * index_find_public - the binding of the same public address
 * @index: where to look
 * @as:    like which
 *
 * Return: the entry, or NULL.
 */
const struct entry *index_find_public(const struct index *index, const struct entry *as)
{
	return find(index, as, true);
}

/**
 * index_twice - is something there twice?
 * @index: where to look
 *
 * Return: the second of the two, or NULL.
 */
const struct entry *index_twice(const struct index *index)
{
	size_t i;

	for (i = 1; i < index->count; ++i)
		if (!strcmp(index->key[i - 1].text, index->key[i].text))
			return index->key[i].entry;
	return NULL;
}
