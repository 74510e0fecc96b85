// SPDX-License-Identifier: GPL-2.0-only
/*
 * gate - is a new database good enough to replace the old one?
 *
 * A provider's bad day, a truncated download or the wrong file look like a
 * database that shrank. A third of the ranges of a family, of its addresses
 * or of the labels may go; more must be asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

struct measure {
	double ranges[2];
	double addrs[2];
	double labels;
};

static struct measure measure(const struct xa_db *db)
{
	struct measure m = { .labels = 0 };
	const struct xa_range *r;
	size_t i;
	int f;

	for (i = 0; i < db->labels; i++)
		m.labels += xa_db_label_ranges(db, XA_IPV4, db->label[i], &r) ||
			    xa_db_label_ranges(db, XA_IPV6, db->label[i], &r);

	for (f = XA_IPV4; f <= XA_IPV6; f++) {
		m.ranges[f] = db->n[f];
		for (i = 0, r = db->range[f]; i < db->n[f]; i++, r++)
			m.addrs[f] += (r->last.hi - r->first.hi) * 18446744073709551616.0 +
				      ((double)r->last.lo - (double)r->first.lo) + 1;
	}
	return m;
}

static bool shrank(double new, double old, const char *what, struct xa_err *err)
{
	if (new * 3 >= old * 2)
		return false;
	xa_fail(err, "the new database has %.0f %% fewer %s than the old one: refused (--force accepts it)",
		100 * (1 - new / old), what);
	return true;
}

/*
 * Compare a sorted database with the one in a folder, if there is one. One
 * that cannot be read is no reason to take anything.
 */
bool xa_gate(const struct xa_db *db, const char *dir, struct xa_err *err)
{
	struct measure new, old;
	struct xa_db before;
	enum xa_found found;
	struct xa_err why;

	if (!db->n[XA_IPV4] && !db->n[XA_IPV6])
		return xa_fail(err, "the new database is empty: refused");
	xa_db_init(&before, db->kind);
	found = xa_store_read(&before, dir, &why);
	new = measure(db);
	old = measure(&before);
	xa_db_free(&before);
	if (found == XA_FOUND_BAD)
		return xa_fail(err, "cannot compare with the old database: %.300s (--force replaces it)",
			       why.text);
	return found == XA_FOUND_NONE ||
	       !(shrank(new.ranges[0], old.ranges[0], "IPv4 ranges", err) ||
		 shrank(new.ranges[1], old.ranges[1], "IPv6 ranges", err) ||
		 shrank(new.addrs[0], old.addrs[0], "IPv4 addresses", err) ||
		 shrank(new.addrs[1], old.addrs[1], "IPv6 addresses", err) ||
		 shrank(new.labels, old.labels, "labels", err));
}
