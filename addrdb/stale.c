// SPDX-License-Identifier: GPL-2.0-only
/*
 * stale - have other programs written files of a folder after its image?
 *
 * Who loads or reads a database by a tool gets an answer that is right: every
 * file is looked at. With AS numbers these are 150,000, which takes a third
 * of a second, or some seconds if they were not looked at for long, as after
 * a boot: so the first rule looks at a sample, and at names that are new.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

/* Labels of the sample. */
#define SAMPLE		512

static bool newer(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Has something else written this file after the image? It should have so many ranges. */
static bool file_differs(const struct source *s, const char *name, int family, uint32_t ranges)
{
	struct stat st;

	if (fstatat(s->dfd, name, &st, 0))
		return false;
	if (newer(st.st_mtim, s->st.st_mtim))
		return true;
	/* as new as the image: clocks of files are coarse */
	return !newer(s->st.st_mtim, st.st_mtim) &&
	       (uint64_t)st.st_size != ranges * (family == XA_IPV4 ? 8ULL : 32ULL);
}

static bool label_differs(const struct source *s, const struct xa_kind *kind,
			  uint32_t label, const uint32_t ranges[2])
{
	char name[32];
	int f;

	for (f = XA_IPV4; f <= XA_IPV6; f++) {
		xa_disk_name(kind, label, f, name, sizeof(name));
		if (file_differs(s, name, f, ranges[f]))
			return true;
	}
	return false;
}

/* The place of a label, n: it is not there */
static size_t find_label(const uint32_t *label, size_t n, uint32_t wanted)
{
	size_t from = 0, to = n, mid;

	while (from < to) {
		mid = (from + to) / 2;
		if (label[mid] < wanted)
			from = mid + 1;
		else
			to = mid;
	}
	return from < n && label[from] == wanted ? from : n;
}

/* Files that the image knows nothing of or, with all, that differ from it */
static bool any_differs(const struct source *s, const struct xa_kind *kind,
			const uint32_t *label, bool all)
{
	size_t n = s->head.n[XA_PART_LABELS], at;
	DIR *d = fdopendir(dup(s->dfd));
	const struct dirent *e;
	bool any = false, bad = false;
	uint32_t found;
	int family;

	if (!d)
		return false;
	rewinddir(d);
	while (!any && (e = xa_dir_next(d, &bad))) {
		if (!xa_disk_parse_name(kind, e->d_name, &found, &family))
			continue;
		at = find_label(label, n, found);
		any = at == n || (all && file_differs(s, e->d_name, family,
						      label[n + 2 * at + family]));
	}
	closedir(d);
	/* whoever reads the files then fails, and says why */
	return any || bad;
}

/* A folder has no new names if it has not changed after the image. */
static bool has_changed(const struct source *s)
{
	struct stat st;

	return fstat(s->dfd, &st) || newer(st.st_mtim, s->st.st_mtim);
}

/* Labels and ranges of an image, one part behind the other. */
static uint32_t *read_words(const struct source *s)
{
	uint64_t n = s->head.n[XA_PART_LABELS];
	size_t len = n * 3 * sizeof(uint32_t);
	uint32_t *words = calloc(n, 3 * sizeof(*words));

	if (words && pread(s->fd, words, len, sizeof(s->head)) == (ssize_t)len)
		return words;
	free(words);
	return NULL;
}

/**
 * xa_store_stale - whether the files were written by what knows of no image
 * @s:    an image whose head has been read; its @ranges are counted
 * @kind: of labels
 * @all:  look at each file
 */
bool xa_store_stale(struct source *s, const struct xa_kind *kind, bool all)
{
	uint64_t n = s->head.n[XA_PART_LABELS], step = (n + SAMPLE - 1) / SAMPLE, i;
	uint32_t *words = read_words(s);
	bool stale = false;

	/* what cannot be read is told when it is needed */
	if (!words)
		return false;
	for (i = 0; i < 2 * n; i++)
		s->ranges[i & 1] += words[n + i];
	for (i = 0; i < n && !stale; i += step)
		stale = label_differs(s, kind, words[i], words + n + 2 * i);
	stale = stale || ((all || has_changed(s)) && any_differs(s, kind, words, all));
	free(words);
	return stale;
}
