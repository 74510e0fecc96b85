// SPDX-License-Identifier: GPL-2.0-only
/* zone - a DNS zone file with the networks of each AS number (RFC 3123) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools.h"

/* The prefix of the largest network that begins at a and ends by last. */
static unsigned int largest(int family, struct xa_addr a, struct xa_addr last)
{
	unsigned int prefix = family == XA_IPV4 ? 32 : 128;
	struct xa_addr mask;

	for (; prefix; prefix--) {
		mask = xa_addr_end(family, (struct xa_addr){ 0, 0 }, prefix - 1);
		if (a.hi & mask.hi || a.lo & mask.lo ||
		    xa_addr_cmp(xa_addr_end(family, a, prefix - 1), last) > 0)
			break;
	}
	return prefix;
}

static void write_range(FILE *f, int family, const struct xa_range *r)
{
	struct xa_addr a = r->first, end;
	char text[64];

	for (;; a = xa_addr_next(end)) {
		unsigned int prefix = largest(family, a, r->last);

		fprintf(f, " %d:%s/%u", family + 1,
			xa_addr_text(family, a, text, sizeof(text)), prefix);
		end = xa_addr_end(family, a, prefix);
		if (!xa_addr_cmp(end, r->last))
			break;
	}
}

/* Bytes of a character-string of a TXT record, and of all of them. */
#define TXT_STRING	255
#define TXT_ALL		60000

/* As many strings as it takes; what is not plain ASCII is written as a number. */
static void write_name(FILE *f, uint32_t label, const char *name)
{
	size_t n;

	fprintf(f, "%u\t\tIN\tTXT\t\"", label);
	for (n = 0; *name && n < TXT_ALL; name++, n++) {
		if (n && n % TXT_STRING == 0)
			fprintf(f, "\" \"");
		if (*name < ' ' || *name > '~')
			fprintf(f, "\\%03u", (unsigned char)*name);
		else if (*name == '"' || *name == '\\')
			fprintf(f, "\\%c", *name);
		else
			fputc(*name, f);
	}
	fprintf(f, "\"\n");
}

static void write_label(FILE *f, const struct xa_db *db, uint32_t label)
{
	const struct xa_range *r;
	char line[16] = "\tIN\tAPL\t";
	size_t n, i;
	int family;

	for (family = XA_IPV4; family <= XA_IPV6; family++) {
		n = xa_db_label_ranges(db, family, label, &r);
		for (i = 0; i < n; i++) {
			fprintf(f, "%u\t%s", label, line);
			write_range(f, family, r + i);
			fputc('\n', f);
		}
	}
}

static void write_zone(FILE *f, const struct xa_db *db, const struct xa_names *names)
{
	const char *name;
	size_t i;

	for (i = 0; i < db->labels; i++) {
		write_label(f, db, db->label[i]);
		name = xa_name_get(names, db->label[i]);
		if (name)
			write_name(f, db->label[i], name);
	}
}

/* Write a zone file beside the old one; xa_zone_end() puts it in its place. */
bool xa_zone_write(struct xa_zone *z, const struct xa_db *db,
		   const struct xa_names *names, const char *path, struct xa_err *err)
{
	mode_t mask = umask(0);

	umask(mask);
	z->path = path;
	*z->new.beside = '\0';
	if (!strcmp(path, "-")) {
		write_zone(stdout, db, names);
		return !(fflush(stdout) || ferror(stdout)) ||
		       xa_fail(err, "%s: %s", path, strerror(errno));
	}
	if (!xa_replace_open(&z->new, path, 0666 & ~mask))
		return xa_fail(err, "%s: %s", path, strerror(errno));
	write_zone(z->new.f, db, names);
	if (xa_replace_close(&z->new, true))
		return true;
	xa_fail(err, "%s: %s", path, strerror(errno));
	return xa_replace_end(&z->new, false);
}

/* Take the new zone file, or forget it. */
bool xa_zone_end(struct xa_zone *z, bool good, struct xa_err *err)
{
	return xa_replace_end(&z->new, good) ||
	       (good && xa_fail(err, "%s: %s", z->path, strerror(errno)));
}
