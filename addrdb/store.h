/* SPDX-License-Identifier: GPL-2.0-only */
/* store - what store.c and stale.c share */
#ifndef _ADDRDB_STORE_H
#define _ADDRDB_STORE_H

#include <sys/stat.h>

#include "addrdb.h"

/**
 * struct source - the image of a folder, opened
 * @dfd:    the folder
 * @fd:     the image, -1: there is none
 * @st:     of the image; all 0: there is none
 * @head:   of the image
 * @ranges: of each family
 * @usable: the image counts
 */
struct source {
	int dfd, fd;
	struct stat st;
	struct xa_image_head head;
	uint64_t ranges[2];
	bool usable;
};

bool xa_store_stale(struct source *s, const struct xa_kind *kind, bool all);

#endif /* _ADDRDB_STORE_H */
