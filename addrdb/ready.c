// SPDX-License-Identifier: GPL-2.0-only
/*
 * ready - load the database of a new rule, and say what it lacks
 *
 * The first rule finds no database in the kernel; then the one on disk is
 * loaded, as it always was when a rule was made. Later rules are only
 * checked: who replaces the files says so with xt_geoip_load or xt_asn_load.
 *
 * Nothing here refuses a rule: one that was right when it was saved must be
 * found, deleted and restored whatever the machine holds now; without a
 * database it waits for one. Where no rule is made, nothing is loaded.
 */
#include <stdio.h>

#include "addrdb.h"
#include "xa_addrdb_nl.h"

/* More labels than a rule has, and those that a warning names. */
#define LABELS_MAX	1024
#define NAMED		8

/*
 * Load the database of the folder, or say why not: once, though a file that is
 * restored may have many such rules.
 */
static bool load(struct xa_client *c, const struct xa_kind *kind)
{
	static bool failed[XA_ADDRDB_IDS];
	const char *dir = xa_system_dir(kind);
	struct xa_store_sum sum;
	struct xa_err why;

	if (failed[kind->id])
		return false;
	if (xa_store_load(c, kind, dir, false, &sum, &why))
		return true;
	failed[kind->id] = true;
	fprintf(stderr, "%s: warning: no database is loaded, so the rule has no effect yet: ",
		kind->name);
	if (sum.none)
		fprintf(stderr, "%s has none to load: run xt_%s_build, then xt_%s_load (%s)\n",
			dir, kind->name, kind->name, why.text);
	else
		fprintf(stderr, "that of %s cannot be loaded: %s (run xt_%s_load)\n",
			dir, why.text, kind->name);
	return false;
}

static void missing(const struct xa_kind *kind, const uint32_t *label, size_t n)
{
	char text[XA_LABEL_LEN], list[NAMED * (XA_LABEL_LEN + 2)] = "", more[32] = "";
	size_t i, len = 0;

	for (i = 0; i < n && i < NAMED; i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
				xa_label_text(kind, label[i], text));
	if (n > NAMED)
		snprintf(more, sizeof(more), " and %zu more", n - NAMED);
	fprintf(stderr, "%s: warning: the database has no %s %s%s: no address belongs to %s (xt_%s_load loads it again from %s)\n",
		kind->name, kind->what, list, more, n > 1 ? "them" : "it",
		kind->name, xa_system_dir(kind));
}

/**
 * xa_ready - for the final check of a plugin
 * @kind:   of labels
 * @labels: of the rule
 * @n:      length of @labels
 *
 * Warns on stderr, in one line.
 */
void xa_ready(const struct xa_kind *kind, const uint32_t *labels, size_t n)
{
	enum xa_command command = xa_command();
	uint32_t absent[LABELS_MAX];
	struct xa_client *c;
	struct xa_err err;
	enum xa_reply r;
	size_t n_absent;

	if (command == XA_COMMAND_READS)
		return;
	c = xa_client_open(&err);
	if (!c)
		return;		/* no such module, or no right to ask */
	r = xa_client_check(c, kind, labels, n, absent, LABELS_MAX, &n_absent, &err);
	if (r == XA_REPLY_NONE && command == XA_COMMAND_MAKES && load(c, kind))
		r = xa_client_check(c, kind, labels, n, absent, LABELS_MAX, &n_absent, &err);
	if (r == XA_REPLY_OK && n_absent)
		missing(kind, absent, n_absent);
	xa_client_close(c);
}
