// SPDX-License-Identifier: GPL-2.0-only
/* source - which format is it? - and the names that come with labels */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tools.h"

bool xa_format_parse(const char *word, enum xa_format *format)
{
	static const char *const words[] = {
		"auto", "dbip", "tor", "ranges", "cidr", "maxmind", "mmdb",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i])) {
			*format = i;
			return true;
		}
	return false;
}

/* The mark before the metadata, in the last 128 KiB of the file. */
static bool is_mmdb(const char *path)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";
	char *tail = malloc(128 * 1024);
	FILE *f = fopen(path, "re");
	bool found = false;
	size_t n;

	if (tail && f) {
		if (fseek(f, -128 * 1024, SEEK_END))
			rewind(f);
		n = fread(tail, 1, 128 * 1024, f);
		found = memmem(tail, n, mark, sizeof(mark) - 1);
	}
	if (f)
		fclose(f);
	free(tail);
	return found;
}

bool xa_source_read(struct xa_source *src, const char *path, enum xa_format format,
		    struct xa_err *err)
{
	struct stat st;

	if (strcmp(path, "-")) {
		if (stat(path, &st))
			return xa_fail(err, "Could not open %s: %s", path, strerror(errno));
		if (format == XA_FORMAT_AUTO && S_ISDIR(st.st_mode))
			format = XA_FORMAT_MAXMIND;
		else if (format == XA_FORMAT_AUTO && is_mmdb(path))
			format = XA_FORMAT_MMDB;
	}
	if (format == XA_FORMAT_MAXMIND)
		return xa_maxmind_read(src, path, err);
	if (format == XA_FORMAT_MMDB)
		return xa_mmdb_read(src, path, err);
	return xa_text_read(src, path, format, err);
}

void xa_source_free(struct xa_source *src)
{
	size_t i;

	for (i = 0; i < src->names.n; i++)
		free(src->names.entry[i].name);
	free(src->names.entry);
	memset(&src->names, 0, sizeof(src->names));
}

/* Where a label is, or where it belongs: the names are in order. */
static size_t name_place(const struct xa_names *names, uint32_t label)
{
	size_t from = 0, to = names->n, mid;

	while (from < to) {
		mid = (from + to) / 2;
		if (names->entry[mid].label < label)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const char *xa_name_get(const struct xa_names *names, uint32_t label)
{
	size_t i = name_place(names, label);

	return i < names->n && names->entry[i].label == label ?
	       names->entry[i].name : NULL;
}

/* The first name of a label stays. */
bool xa_name_set(struct xa_names *names, uint32_t label, const char *name)
{
	size_t i = name_place(names, label);
	void *p;

	if (!*name || (i < names->n && names->entry[i].label == label))
		return true;
	if (names->n == names->room) {
		p = reallocarray(names->entry, names->room * 2 + 256, sizeof(*names->entry));
		if (!p)
			return false;
		names->entry = p;
		names->room = names->room * 2 + 256;
	}
	memmove(names->entry + i + 1, names->entry + i,
		(names->n - i) * sizeof(*names->entry));
	names->entry[i].label = label;
	names->entry[i].name = strdup(name);
	if (!names->entry[i].name)
		return false;
	names->n++;
	return true;
}
