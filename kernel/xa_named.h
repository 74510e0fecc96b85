/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_named - named objects of a network namespace, shared by rules */
#ifndef _XA_NAMED_H
#define _XA_NAMED_H

#include <linux/list.h>
#include <linux/types.h>

struct net;
struct proc_dir_entry;
struct proc_ops;
struct xa_named;
struct xa_named_net;

/* Bytes of a name with its terminator. */
#define XA_NAMED_LEN	32

/**
 * struct xa_named_type - what the objects of one extension have in common
 * @dir:     folder below /proc/net, or NULL: no files
 * @fops:    operations of an object's file; pde_data() is the &struct xa_named.
 *           They must not call into this engine: a file is removed, and its
 *           users waited for, with the registry locked
 * @suffix:  of the name of a second file for each object, or NULL: none
 * @fops2:   operations of the second file, for which the same holds
 * @mode:    module parameter: access mode of new files
 * @uid:     module parameter: owner of new files, in the user namespace that
 *           owns the network namespace
 * @gid:     module parameter: group of new files, likewise
 * @max:     module parameter: most objects of a namespace, or NULL: no limit
 * @create:  makes an object for the first rule, returns it or an ERR_PTR;
 *           need not fill in the &struct xa_named. May sleep
 * @match:   whether a further rule's @arg agrees with the object: 0 or a
 *           negative errno. NULL: any does. Called with the registry locked
 * @keep:    whether an object stays when no rule refers to it; it goes with the
 *           namespace. NULL: none stays. Called with the registry locked; when
 *           its answer turns to no, xa_named_reap() is due
 * @destroy: frees an object that no rule refers to any more. May sleep
 */
struct xa_named_type {
	const char *dir;
	const struct proc_ops *fops;
	const char *suffix;
	const struct proc_ops *fops2;
	const unsigned int *mode;
	const unsigned int *uid;
	const unsigned int *gid;
	const unsigned int *max;

	struct xa_named *(*create)(struct net *net, const void *arg);
	int (*match)(const struct xa_named *obj, const void *arg);
	bool (*keep)(const struct xa_named *obj);
	void (*destroy)(struct xa_named *obj);
};

/**
 * struct xa_named - head of a named object; embed it
 * @node: place in the registry, in order of creation; registry lock
 * @refs: rules, and readers, that refer to the object; registry lock
 * @nn:   the registry; constant, referenced by the object
 * @pde:  the files, NULL where there is none; registry lock
 * @name: constant
 */
struct xa_named {
	struct list_head node;
	unsigned int refs;
	struct xa_named_net *nn;
	struct proc_dir_entry *pde[2];
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
