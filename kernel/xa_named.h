/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_named - named objects of a network namespace, shared by rules */
#ifndef _XA_NAMED_H
#define _XA_NAMED_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/seq_file.h>
#include <linux/types.h>

struct module;
struct net;
struct xa_named;
struct xa_named_entry;
struct xa_named_net;

/* Bytes of a name with its terminator. */
#define XA_NAMED_LEN	32

/**
 * struct xa_named_file - what a file of an object does
 * @show:  prints all of it; m->private is the &struct xa_named
 * @seq:   prints it in parts, as @show; either of them is given
 * @write: takes a write, or NULL: there is nothing to write. May touch the
 *         writer's memory and so hang as long as the writer likes, and may
 *         call nothing of this engine but xa_named_reap()
 *
 * They run while the namespace lives and the module stays. The object may
 * have lost its last rule meanwhile.
 */
struct xa_named_file {
	int (*show)(struct seq_file *m, void *v);
	const struct seq_operations *seq;
	ssize_t (*write)(struct xa_named *obj, const char __user *ubuf,
			 size_t len, loff_t *ppos);
};

/**
 * struct xa_named_type - what the objects of one extension have in common
 * @owner:   THIS_MODULE; open files hold it
 * @dir:     folder below /proc/net, or NULL: no files
 * @file:    what the object's file does
 * @suffix:  of the name of a second file for each object, or NULL: none
 * @dir2:    another folder below /proc/net where the second file has the object's
 *           own name, instead of @suffix; or NULL
 * @file2:   what the second file does
 * @mode:    module parameter: access mode of new files; without any rights
 *           it is 0400
 * @uid:     module parameter: owner of new files, in the user namespace that
 *           owns the network namespace
 * @gid:     module parameter: group of new files, likewise
 * @max:     module parameter: most objects of a namespace, or NULL: no limit
 * @create:  makes an object for the first rule, returns it or an ERR_PTR;
 *           need not fill in the &struct xa_named. May sleep. Called with the
 *           registry locked
 * @match:   whether a further rule's @arg agrees with the object: 0 or a
 *           negative errno. NULL: any does. Called with the registry locked
 * @keep:    whether an object stays when no rule refers to it; it goes with the
 *           namespace. NULL: none stays. Called with the registry locked; when
 *           its answer turns to no, xa_named_reap() is due
 * @retire:  no rule refers to the object any more, and its name is free for
 *           another one; users of its file may still be there. May sleep.
 *           NULL: nothing to do
 * @destroy: frees an object that nobody uses any more. May sleep
 */
struct xa_named_type {
	struct module *owner;
	const char *dir;
	const struct xa_named_file *file;
	const char *suffix;
	const char *dir2;
	const struct xa_named_file *file2;
	const unsigned int *mode;
	const unsigned int *uid;
	const unsigned int *gid;
	const unsigned int *max;

	struct xa_named *(*create)(struct net *net, const void *arg);
	int (*match)(const struct xa_named *obj, const void *arg);
	bool (*keep)(const struct xa_named *obj);
	void (*retire)(struct xa_named *obj);
	void (*destroy)(struct xa_named *obj);
};

/**
 * struct xa_named - head of a named object; embed it
 * @node:  place in the registry, in order of creation; registry lock
 * @refs:  rules, and readers, that refer to the object; registry lock
 * @life:  one for all of @refs, one an open file
 * @nn:    the registry; constant, referenced by the object
 * @entry: of the name, NULL without one; registry lock
 * @name:  constant
 */
struct xa_named {
	struct list_head node;
	unsigned int refs;
	refcount_t life;
	struct xa_named_net *nn;
	struct xa_named_entry *entry;
	char name[XA_NAMED_LEN];
};

int xa_named_check(const struct xa_named_type *type, const char *name,
		   size_t size);
struct xa_named_net *xa_named_net_create(struct net *net,
					 const struct xa_named_type *type);
void xa_named_net_release(struct xa_named_net *nn);
struct xa_named *xa_named_get(struct xa_named_net *nn, const char *name,
			      const void *arg);
void xa_named_hold(struct xa_named *obj);
void xa_named_put(struct xa_named *obj);
void xa_named_reap(struct xa_named *obj);
void xa_named_lock(struct xa_named_net *nn);
void xa_named_unlock(struct xa_named_net *nn);
struct xa_named *xa_named_find(struct xa_named_net *nn, const char *name);
struct xa_named *xa_named_next(struct xa_named_net *nn, struct xa_named *obj);

#endif /* _XA_NAMED_H */
