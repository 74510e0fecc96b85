// SPDX-License-Identifier: GPL-2.0-only
/* name - define NAME VALUE/MASK, and @NAME where an option takes a mark */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

/* A letter, then letters, digits and _: nft's variables take the same. */
bool name_valid(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return len && len < NAME_LEN && (text[0] < '0' || text[0] > '9') && text[0] != '_' &&
		strspn(text, letters) >= len;
}

/* As plugins print marks: without a mask of all bits. */
const char *name_value(const struct name *n, char buf[32])
{
	if (n->mask == UINT32_MAX)
		snprintf(buf, 32, "0x%x", n->value);
	else
		snprintf(buf, 32, "0x%x/0x%x", n->value, n->mask);
	return buf;
}

static bool parse_u32(const char *text, char **end, uint32_t *value)
{
	unsigned long long v;

	errno = 0;
	v = strtoull(text, end, 0);
	*value = v;
	return *text >= '0' && *text <= '9' && !errno && v <= UINT32_MAX;
}

/* NULL, or what is wrong */
static const char *parse_value(struct name *n, const char *value)
{
	char *end;

	n->mask = UINT32_MAX;
	if (!parse_u32(value, &end, &n->value) ||
	    (*end == '/' && !parse_u32(end + 1, &end, &n->mask)) || *end)
		return "takes VALUE or VALUE/MASK, 32 bits each";
	if (!n->mask)
		return "the mask is 0";
	if (n->value & ~n->mask)
		return "the value has bits outside of the mask";
	return NULL;
}

const struct name *name_find(const struct name_list *list, const char *name, size_t len)
{
	const struct name *n;

	for (n = list->first; n; n = n->next)
		if (strlen(n->name) == len && !strncmp(n->name, name, len))
			return n;
	return NULL;
}

/* The file for nft has NAME, NAME_mask and NAME_rest of each name. */
static bool derived(const char *of, const char *name)
{
	size_t len = strlen(of);

	return !strncmp(of, name, len) &&
		(!strcmp(name + len, "_mask") || !strcmp(name + len, "_rest"));
}

static bool collides(const struct name_list *list, const char *name)
{
	const struct name *n;

	for (n = list->first; n; n = n->next)
		if (derived(n->name, name) || derived(name, n->name))
			return true;
	return false;
}

/*
 * name_add - one more; the same once more is no error, another value is one
 *
 * Return: NULL, or what is wrong.
 */
const char *name_add(struct name_list *list, const char *name, const char *value)
{
	size_t len = strlen(name);
	const struct name *old;
	struct name *n, **end = &list->first;
	const char *wrong;

	if (!name_valid(name, len))
		return "a name is a letter and at most 30 letters, digits and _";
	if (name_reserved(name))
		return "the name is a word of nft";
	if (collides(list, name))
		return "nft has NAME_mask and NAME_rest beside each NAME, this is one of them";
	n = mem_alloc(sizeof(*n));
	memcpy(n->name, name, len);
	wrong = parse_value(n, value);
	if (wrong)
		return wrong;
	old = name_find(list, name, len);
	if (old)
		return old->value == n->value && old->mask == n->mask ? NULL :
			"the name has another value already";
	while (*end)
		end = &(*end)->next;
	*end = n;
	return NULL;
}

/* name_define - name_add(), for what a user wrote */
void name_define(struct name_list *list, const char *name, const char *value)
{
	const char *wrong = name_add(list, name, value);

	if (wrong)
		die(STATUS_USAGE, "define %s %s: %s", name, value, wrong);
}
