/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_named_priv - what the parts of xa_named know of each other */
#ifndef _XA_NAMED_PRIV_H
#define _XA_NAMED_PRIV_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "xa_named.h"

struct proc_dir_entry;

/**
 * struct xa_named_net - registry of one type in one namespace
 * @type:    constant
 * @net:     only followed while the namespace lives (@dead not set)
 * @refs:    one for the namespace, one an object
 * @lock:    guards @entries, @files, @objects, @count, @dir, @dir2 and @dead,
 *           and what the entries and objects say
 * @entries: all names by name, those without an object included
 * @files:   how many entries have files
 * @objects: in the order of their creation
 * @count:   how many
 * @dir:     folder of the files
 * @dir2:    of the second ones, or NULL
 * @dead:    the namespace goes or has gone
 * @gone:    woken when an entry's files have gone
 * @use:     guards @idle and what the entries say
 * @idle:    entries whose files are to be removed
 * @reaper:  removes them, and objects that are not kept any more
 */
struct xa_named_net {
	const struct xa_named_type *type;
	struct net *net;
	refcount_t refs;
	struct mutex lock;	/* see above */
	struct rhashtable entries;
	unsigned int files;
	struct list_head objects;
	unsigned int count;
	struct proc_dir_entry *dir;
	struct proc_dir_entry *dir2;
	bool dead;
	wait_queue_head_t gone;
	spinlock_t use;		/* see above; innermost */
	struct list_head idle;
	struct work_struct reaper;
};

/**
 * struct xa_named_part - one of the files of an entry
 * @entry: constant
 * @file:  what it does; constant
 * @pde:   registry lock; the reaper's alone once the entry is going
 */
struct xa_named_part {
	struct xa_named_entry *entry;
	const struct xa_named_file *file;
	struct proc_dir_entry *pde;
};

/**
 * struct xa_named_entry - a name and its files
 * @node:  in the registry's @entries
 * @name:  constant, zero behind its end
 * @nn:    registry; constant
 * @obj:   object of that name, or NULL: the files are to be removed.
 *         Written with both locks of the registry
 * @going: the reaper is removing the files; registry lock
 * @users: calls that are inside a file at the moment; registry's @use
 * @idle:  in the registry's list while there is neither @obj nor a user;
 *         registry's @use
 * @part:  the files
 */
struct xa_named_entry {
	struct rhash_head node;
	char name[XA_NAMED_LEN];
	struct xa_named_net *nn;
	struct xa_named *obj;
	bool going;
	unsigned int users;
	struct list_head idle;
	struct xa_named_part part[2];
};

/* main: objects */
void xa_named_life_put(struct xa_named *obj);
void xa_named_reap_later(struct xa_named_net *nn);

/* file: the files of an entry, and their folder */
int xa_named_dir_create(struct xa_named_net *nn);
void xa_named_dir_remove(struct xa_named_net *nn);
int xa_named_files_create(struct xa_named_entry *entry);
void xa_named_files_remove(struct xa_named_entry *entry);

#endif /* _XA_NAMED_PRIV_H */
