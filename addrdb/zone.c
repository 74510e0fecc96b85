// SPDX-License-Identifier: GPL-2.0-only
/* zone - a DNS zone file with the networks of each AS number (RFC 3123) */
#include <errno.h>
#include <fcntl.h>
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

/* A file is replaced; anything else, as a pipe, is written to. */
static FILE *open_zone(struct xa_zone *z)
{
	struct stat st;
	mode_t mask;
	FILE *f;
	int fd;

	*z->temp = '\0';
	if (!strcmp(z->path, "-"))
		return stdout;
	if (!stat(z->path, &st) && !S_ISREG(st.st_mode))
		return fopen(z->path, "we");
	if ((size_t)snprintf(z->temp, sizeof(z->temp), "%s.XXXXXX", z->path) >= sizeof(z->temp)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = mkostemp(z->temp, O_CLOEXEC);
	if (fd < 0) {
		*z->temp = '\0';
		return NULL;
	}
	mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	f = fdopen(fd, "w");
	if (!f)
		close(fd);
	return f;
}

/* Write a zone file beside the old one; xa_zone_end() puts it in its place. */
bool xa_zone_write(struct xa_zone *z, const struct xa_db *db,
		   const struct xa_names *names, const char *path, struct xa_err *err)
{
	bool bad;

	z->path = path;
	z->f = open_zone(z);
	if (!z->f)
		return xa_fail(err, "%s: %s", path, strerror(errno));
	write_zone(z->f, db, names);
	bad = fflush(z->f) || ferror(z->f) || (*z->temp && fsync(fileno(z->f)));
	if (z->f != stdout && fclose(z->f))
		bad = true;
	if (!bad)
		return true;
	xa_fail(err, "%s: %s", path, strerror(errno));
	if (*z->temp)
		unlink(z->temp);
	return false;
}

/* Take the new zone file, or forget it. */
bool xa_zone_end(struct xa_zone *z, bool good, struct xa_err *err)
{
	if (!*z->temp)
		return good;
	if (good && rename(z->temp, z->path))
		good = xa_fail(err, "%s: %s", z->path, strerror(errno));
	if (!good)
		unlink(z->temp);
	return good;
}
