// SPDX-License-Identifier: GPL-2.0-only
/*
 * ready - make sure that the kernel knows the labels of a new rule
 *
 * The first rule finds no database in the kernel; then the one on disk is
 * loaded, as it always was when a rule was made. Later rules are only
 * checked: who replaces the files says so with xt_geoip_load or xt_asn_load.
 *
 * Where there is nobody to ask (no such module, no right to ask, as when a
 * rule is only translated) the rule is let through: the kernel has the last
 * word on it anyway.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "addrdb.h"

static bool load(struct xa_client *c, const struct xa_kind *kind, struct xa_err *err)
{
	struct xa_err why;
	struct xa_db db;
	bool good;

	xa_db_init(&db, kind);
	good = xa_disk_read(&db, kind->dir, &why) &&
	       xa_client_load(c, &db, kind->dir, &why);
	xa_db_free(&db);
	return good || xa_fail(err, "Could not read %s database: %.400s", kind->name, why.text);
}

static bool missing(const struct xa_kind *kind, uint32_t label, struct xa_err *err)
{
	char text[XA_LABEL_LEN], path[256];

	xa_label_text(kind, label, text);
	xa_disk_path(kind, kind->dir, label, XA_IPV4, path, sizeof(path));
	if (access(path, R_OK))
		return xa_fail(err, "the database has no %s %s. Could not open %s: %s (xt_%s_build makes it, xt_%s_load loads it)",
			       kind->what, text, path, strerror(errno),
			       kind->name, kind->name);
	return xa_fail(err, "the database in the kernel has no %s %s, but there is %s: run xt_%s_load",
		       kind->what, text, path, kind->name);
}

bool xa_ready(const struct xa_kind *kind, const uint32_t *labels, size_t n,
	      struct xa_err *err)
{
	struct xa_client *c = xa_client_open(err);
	enum xa_reply r;
	uint32_t absent;
	size_t n_absent;
	bool good = true;

	if (!c)
		return true;
	r = xa_client_check(c, kind, labels, n, &absent, 1, &n_absent, err);
	if (r == XA_REPLY_NONE) {
		good = load(c, kind, err);
		if (good)
			r = xa_client_check(c, kind, labels, n, &absent, 1, &n_absent, err);
	}
	if (r == XA_REPLY_OK && n_absent)
		good = missing(kind, absent, err);
	xa_client_close(c);
	return good;
}
