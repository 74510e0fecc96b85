/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_labels - what the plugins of geoip and asn have in common
 *
 * Lists of labels: countries or AS numbers, of the source, of the destination or of
 * the host that opened the connection. A plugin says in a struct xa_labels_match what
 * is different, in its messages and in its rule data.
 */
#ifndef _XA_LABELS_H
#define _XA_LABELS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "../addrdb/addrdb.h"
#include "xa_labels_rule.h"

enum {
	XA_LABELS_O_SRC,
	XA_LABELS_O_DST,
	XA_LABELS_O_ORIG,
	XA_LABELS_OPTIONS,
};

/**
 * struct xa_labels_match - one of the matches
 * @kind:    of its labels
 * @options: as they are saved
 * @label:   what one is, for messages
 * @labels:  the same of several
 * @max:     labels that a rule has room for
 * @size:    of a label, bytes: 2 or 4
 */
struct xa_labels_match {
	const struct xa_kind *kind;
	const char *options[XA_LABELS_OPTIONS];
	const char *label;
	const char *labels;
	unsigned int max;
	unsigned int size;
};

/* Option @NAME, which those of the bits @OTHERS exclude */
#define XA_LABELS_OPTION(NAME, ID, OTHERS) {				\
	.name  = NAME,							\
	.id    = (ID),							\
	.type  = XTTYPE_STRING,						\
	.flags = XTOPT_INVERT | XTOPT_MULTI,				\
	.excl  = (OTHERS),						\
}

#define XA_LABELS_SRC_OPTION(NAME) \
	XA_LABELS_OPTION(NAME, XA_LABELS_O_SRC, \
			 1 << XA_LABELS_O_DST | 1 << XA_LABELS_O_ORIG)
#define XA_LABELS_DST_OPTION(NAME) \
	XA_LABELS_OPTION(NAME, XA_LABELS_O_DST, \
			 1 << XA_LABELS_O_SRC | 1 << XA_LABELS_O_ORIG)
#define XA_LABELS_ORIG_OPTION(NAME) \
	XA_LABELS_OPTION(NAME, XA_LABELS_O_ORIG, \
			 1 << XA_LABELS_O_SRC | 1 << XA_LABELS_O_DST)

static uint32_t xa_labels_at(const struct xa_labels_match *m,
			     const struct xa_labels *rule, unsigned int i)
{
	const void *labels = rule + 1;

	return m->size == sizeof(uint16_t) ? ((const uint16_t *)labels)[i] :
					     ((const uint32_t *)labels)[i];
}

static void xa_labels_put(const struct xa_labels_match *m, struct xa_labels *rule,
			  uint32_t label)
{
	void *labels = rule + 1;

	if (m->size == sizeof(uint16_t))
		((uint16_t *)labels)[rule->count++] = label;
	else
		((uint32_t *)labels)[rule->count++] = label;
}

static bool xa_labels_has(const struct xa_labels_match *m,
			  const struct xa_labels *rule, uint32_t label)
{
	unsigned int i;

	for (i = 0; i < rule->count; i++)
		if (xa_labels_at(m, rule, i) == label)
			return true;
	return false;
}

/* One of a list; a second time it is dropped. */
static void xa_labels_add(const struct xa_labels_match *m, struct xa_labels *rule,
			  const char *option, const char *word)
{
	uint32_t label;

	if (!xa_label_parse(m->kind, word, &label))
		xtables_error(PARAMETER_PROBLEM,
			      "%s: --%s: \"%s\" is not a valid %s: it must be %s",
			      m->kind->name, option, word, m->label,
			      m->kind->label_rule);
	if (xa_labels_has(m, rule, label))
		return;
	if (rule->count == m->max)
		xtables_error(PARAMETER_PROBLEM,
			      "%s: --%s: too many %s: at most %u fit into a rule",
			      m->kind->name, option, m->labels, m->max);
	xa_labels_put(m, rule, label);
}

static uint8_t xa_labels_flags(const struct xt_option_call *cb)
{
	static const uint8_t way[] = {
		[XA_LABELS_O_SRC]  = XA_LABELS_SRC,
		[XA_LABELS_O_DST]  = XA_LABELS_DST,
		[XA_LABELS_O_ORIG] = XA_LABELS_SRC | XA_LABELS_ORIG,
	};

	return way[cb->entry->id] | (cb->invert ? XA_LABELS_INV : 0);
}

/* For .x6_parse */
static void xa_labels_parse(const struct xa_labels_match *m, struct xt_option_call *cb)
{
	struct xa_labels *rule = cb->data;
	char *list, *rest, *word;

	xtables_option_parse(cb);
	if (rule->count && !(rule->flags & XA_LABELS_INV) == cb->invert)
		xtables_error(PARAMETER_PROBLEM,
			      "%s: --%s more than once: either all with \"!\" or none",
			      m->kind->name, cb->entry->name);
	rule->flags = xa_labels_flags(cb);
	list = strdup(cb->arg);
	if (!list)
		xtables_error(RESOURCE_PROBLEM, "%s: no memory", m->kind->name);
	for (rest = list; (word = strsep(&rest, ",")); )
		xa_labels_add(m, rule, cb->entry->name, word);
	free(list);
}

/* For .x6_fcheck */
static void xa_labels_check(const struct xa_labels_match *m, struct xt_fcheck_call *cb)
{
	const struct xa_labels *rule = cb->data;
	uint32_t *labels;
	unsigned int i;

	if (!cb->xflags)
		xtables_error(PARAMETER_PROBLEM, "%s: one of --%s, --%s and --%s is needed",
			      m->kind->name, m->options[XA_LABELS_O_SRC],
			      m->options[XA_LABELS_O_DST], m->options[XA_LABELS_O_ORIG]);
	labels = calloc(rule->count, sizeof(*labels));
	if (!labels)
		xtables_error(RESOURCE_PROBLEM, "%s: no memory", m->kind->name);
	for (i = 0; i < rule->count; i++)
		labels[i] = xa_labels_at(m, rule, i);
	xa_ready(m->kind, labels, rule->count);
	free(labels);
}

static const char *xa_labels_option(const struct xa_labels_match *m,
				    const struct xa_labels *rule)
{
	if (rule->flags & XA_LABELS_ORIG)
		return m->options[XA_LABELS_O_ORIG];
	return m->options[rule->flags & XA_LABELS_SRC ? XA_LABELS_O_SRC : XA_LABELS_O_DST];
}

/* iptables-restore takes arguments of less than 1024 bytes. */
#define XA_LABELS_LIST_MAX	1000

/* For .save */
static void xa_labels_save(const struct xa_labels_match *m, const struct xa_labels *rule)
{
	const char *not = rule->flags & XA_LABELS_INV ? " !" : "";
	char text[XA_LABEL_LEN];
	int len = XA_LABELS_LIST_MAX;
	unsigned int i;

	for (i = 0; i < rule->count && i < m->max; i++) {
		if (len + XA_LABEL_LEN > XA_LABELS_LIST_MAX) {
			printf("%s --%s ", not, xa_labels_option(m, rule));
			len = 0;
		}
		len += printf("%s%s", len ? "," : "",
			      xa_label_text(m->kind, xa_labels_at(m, rule, i), text));
	}
}

#endif /* _XA_LABELS_H */
