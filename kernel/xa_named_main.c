// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_named - named objects of a network namespace, shared by rules
 *
 * A rule names an object; the first rule makes it, the last one to go takes
 * it along, unless its type keeps it. Each object may have a file
 * /proc/net/DIR/NAME, and a second one beside it.
 *
 * Lifetime: rules own objects, objects own their registry. A namespace that
 * dies takes only the files: its rules may be destroyed before or after,
 * according to the order in which modules were loaded.
 *
 * Locking: one mutex a registry (namespace and type) guards its list, its
 * count, and the reference counts and files of its objects. Everything here
 * runs in process context and may sleep; packets do not come here, they use
 * the pointer that their rule got.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "xa_named.h"
#include "xa_version.h"

/*
 * Registry of one type in one namespace. @refs: one for the namespace, one an
 * object. @net is only followed while the namespace lives (@dead not set).
 */
struct xa_named_net {
	const struct xa_named_type *type;
	struct net *net;
	refcount_t refs;
	struct mutex lock;	/* objects, count, dir, dead; see above */
	struct list_head objects;
	unsigned int count;
	struct proc_dir_entry *dir;
	bool dead;
	struct work_struct reaper;
};

/* Longest suffix of a second file, with its terminator. */
#define XA_NAMED_SUFFIX_LEN	8

/**
 * xa_named_check - whether the bytes of a rule are a usable name
 * @type: what the name is for
 * @name: bytes, not necessarily terminated
 * @size: how many
 *
 * A name is 1 byte or more, terminated, zero behind its terminator, and
 * without control characters. Where it names a file it is neither "." nor ".."
 * and has no slash.
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int xa_named_check(const struct xa_named_type *type, const char *name,
		   size_t size)
{
	size_t len = strnlen(name, size), i;

	if (len == 0 || len >= size || len >= XA_NAMED_LEN)
		return -EINVAL;
	if (memchr_inv(name + len, 0, size - len))
		return -EINVAL;
	for (i = 0; i < len; ++i)
		if (iscntrl(name[i]))
			return -EINVAL;
	if (type->dir && (strchr(name, '/') || strcmp(name, ".") == 0 ||
			  strcmp(name, "..") == 0))
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(xa_named_check);

static void xa_named_net_put(struct xa_named_net *nn)
{
	if (!refcount_dec_and_test(&nn->refs))
		return;
	mutex_destroy(&nn->lock);
	kfree(nn);
}

/* Called with the registry locked. */
static void xa_named_remove_files(struct xa_named *obj)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(obj->pde); ++i) {
		proc_remove(obj->pde[i]);
		obj->pde[i] = NULL;
	}
}

/* Called with the registry locked. */
static bool xa_named_unused(const struct xa_named *obj)
{
	const struct xa_named_net *nn = obj->nn;

	if (obj->refs > 0)
		return false;
	return nn->dead || !nn->type->keep || !nn->type->keep(obj);
}

/* Called with the registry locked. */
static void xa_named_unlist(struct xa_named *obj)
{
	list_del(&obj->node);
	--obj->nn->count;
	xa_named_remove_files(obj);
}

/* Objects that are not kept any more go. */
static void xa_named_sweep(struct xa_named_net *nn)
{
	struct xa_named *obj, *next;
	LIST_HEAD(gone);

	mutex_lock(&nn->lock);
	list_for_each_entry_safe(obj, next, &nn->objects, node) {
		if (!xa_named_unused(obj))
			continue;
		xa_named_unlist(obj);
		list_add_tail(&obj->node, &gone);
	}
	mutex_unlock(&nn->lock);
	list_for_each_entry_safe(obj, next, &gone, node) {
		nn->type->destroy(obj);
		xa_named_net_put(nn);
	}
}

static void xa_named_reaper(struct work_struct *work)
{
	xa_named_sweep(container_of(work, struct xa_named_net, reaper));
}

/**
 * xa_named_net_create - make the registry of a namespace
 * @net:  a namespace that is being set up
 * @type: constant for the registry's lifetime
 *
 * Context: process, may sleep.
 * Return: the registry, for xa_named_net_release(); or ERR_PTR(-ENOMEM).
 */
struct xa_named_net *xa_named_net_create(struct net *net,
					 const struct xa_named_type *type)
{
	struct xa_named_net *nn = kzalloc(sizeof(*nn), GFP_KERNEL_ACCOUNT);

	if (!nn)
		return ERR_PTR(-ENOMEM);
	nn->type = type;
	nn->net = net;
	refcount_set(&nn->refs, 1);
	mutex_init(&nn->lock);
	INIT_LIST_HEAD(&nn->objects);
	INIT_WORK(&nn->reaper, xa_named_reaper);
	if (type->dir) {
		nn->dir = proc_mkdir(type->dir, net->proc_net);
		if (!nn->dir) {
			kfree(nn);
			return ERR_PTR(-ENOMEM);
		}
	}
	return nn;
}
EXPORT_SYMBOL_GPL(xa_named_net_create);

/**
 * xa_named_net_release - the namespace goes: so do its files
 * @nn: registry; objects that rules still refer to keep it, those that only
 *      their type kept go at once
 *
 * Context: process, may sleep.
 */
void xa_named_net_release(struct xa_named_net *nn)
{
	struct xa_named *obj;

	mutex_lock(&nn->lock);
	nn->dead = true;
	list_for_each_entry(obj, &nn->objects, node)
		xa_named_remove_files(obj);
	proc_remove(nn->dir);
	nn->dir = NULL;
	mutex_unlock(&nn->lock);
	/* without files nobody asks for the reaper any more */
	cancel_work_sync(&nn->reaper);
	xa_named_sweep(nn);
	xa_named_net_put(nn);
}
EXPORT_SYMBOL_GPL(xa_named_net_release);

static struct proc_dir_entry *
xa_named_add_file(struct xa_named_net *nn, struct xa_named *obj,
		  const char *name, const struct proc_ops *fops)
{
	const struct xa_named_type *type = nn->type;
	struct user_namespace *ns = nn->net->user_ns;
	struct proc_dir_entry *pde;
	kuid_t uid;
	kgid_t gid;

	pde = proc_create_data(name, *type->mode & 0777, nn->dir, fops, obj);
	if (!pde)
		return NULL;
	uid = make_kuid(ns, *type->uid);
	gid = make_kgid(ns, *type->gid);
	proc_set_user(pde, uid_valid(uid) ? uid : GLOBAL_ROOT_UID,
		      gid_valid(gid) ? gid : GLOBAL_ROOT_GID);
	return pde;
}

static int xa_named_add_files(struct xa_named_net *nn, struct xa_named *obj)
{
	char name[XA_NAMED_LEN + XA_NAMED_SUFFIX_LEN];
	const struct xa_named_type *type = nn->type;

	if (!type->dir)
		return 0;
	obj->pde[0] = xa_named_add_file(nn, obj, obj->name, type->fops);
	if (!obj->pde[0])
		return -ENOMEM;
	if (!type->suffix)
		return 0;
	snprintf(name, sizeof(name), "%s%s", obj->name, type->suffix);
	obj->pde[1] = xa_named_add_file(nn, obj, name, type->fops2);
	if (!obj->pde[1]) {
		xa_named_remove_files(obj);
		return -ENOMEM;
	}
	return 0;
}

/* Called with the registry locked. */
static struct xa_named *xa_named_make(struct xa_named_net *nn,
				      const char *name, const void *arg)
{
	struct xa_named *obj;
	int ret;

	if (nn->dead)
		return ERR_PTR(-ENOENT);
	if (nn->type->max && nn->count >= *nn->type->max)
		return ERR_PTR(-ENOSPC);
	obj = nn->type->create(nn->net, arg);
	if (IS_ERR(obj))
		return obj;
	obj->refs = 1;
	obj->nn = nn;
	memset(obj->pde, 0, sizeof(obj->pde));
	strscpy(obj->name, name, sizeof(obj->name));
	ret = xa_named_add_files(nn, obj);
	if (ret < 0) {
		nn->type->destroy(obj);
		return ERR_PTR(ret);
	}
	list_add_tail(&obj->node, &nn->objects);
	++nn->count;
	refcount_inc(&nn->refs);
	return obj;
}

/**
 * xa_named_get - a rule refers to a name
 * @nn:   registry
 * @name: a name that xa_named_check() accepted
 * @arg:  for the type's create and match
 *
 * Context: process, may sleep.
 * Return: the object, for xa_named_put(); or an ERR_PTR: of create or match,
 * -ENOSPC with the limit reached, -ENOMEM.
 */
struct xa_named *xa_named_get(struct xa_named_net *nn, const char *name,
			      const void *arg)
{
	struct xa_named *obj;
	int ret = 0;

	mutex_lock(&nn->lock);
	obj = xa_named_find(nn, name);
	if (!obj) {
		obj = xa_named_make(nn, name, arg);
	} else {
		if (nn->type->match)
			ret = nn->type->match(obj, arg);
		if (ret == 0)
			++obj->refs;
	}
	mutex_unlock(&nn->lock);
	return ret < 0 ? ERR_PTR(ret) : obj;
}
EXPORT_SYMBOL_GPL(xa_named_get);

/**
 * xa_named_hold - refer once more to an object
 * @obj: object of a locked registry
 *
 * Context: process. xa_named_put() ends it.
 */
void xa_named_hold(struct xa_named *obj)
{
	lockdep_assert_held(&obj->nn->lock);
	++obj->refs;
}
EXPORT_SYMBOL_GPL(xa_named_hold);

/**
 * xa_named_put - a rule that referred to an object goes
 * @obj: what xa_named_get() returned or xa_named_hold() got; no packet uses it
 *       for that rule any more
 *
 * Context: process, may sleep.
 */
void xa_named_put(struct xa_named *obj)
{
	struct xa_named_net *nn = obj->nn;

	mutex_lock(&nn->lock);
	--obj->refs;
	if (!xa_named_unused(obj)) {
		mutex_unlock(&nn->lock);
		return;
	}
	xa_named_unlist(obj);
	mutex_unlock(&nn->lock);
	nn->type->destroy(obj);
	xa_named_net_put(nn);
}
EXPORT_SYMBOL_GPL(xa_named_put);

/**
 * xa_named_reap - an object may not be kept any more: soon it goes, if unused
 * @obj: whose file is being written
 *
 * The file cannot wait for that, because it goes along.
 *
 * Context: any, but only within an operation of an object's file.
 */
void xa_named_reap(struct xa_named *obj)
{
	schedule_work(&obj->nn->reaper);
}
EXPORT_SYMBOL_GPL(xa_named_reap);

/**
 * xa_named_lock - keep the objects of a registry as they are
 * @nn: registry
 *
 * Context: process, may sleep. Not from an object's file.
 */
void xa_named_lock(struct xa_named_net *nn)
{
	mutex_lock(&nn->lock);
}
EXPORT_SYMBOL_GPL(xa_named_lock);

/**
 * xa_named_unlock - end of what xa_named_lock() began
 * @nn: registry
 *
 * Context: process.
 */
void xa_named_unlock(struct xa_named_net *nn)
{
	mutex_unlock(&nn->lock);
}
EXPORT_SYMBOL_GPL(xa_named_unlock);

/**
 * xa_named_find - look a name up
 * @nn:   registry, locked
 * @name: terminated
 *
 * Context: process.
 * Return: the object, valid until xa_named_unlock(); NULL if there is none.
 */
struct xa_named *xa_named_find(struct xa_named_net *nn, const char *name)
{
	struct xa_named *obj;

	lockdep_assert_held(&nn->lock);
	list_for_each_entry(obj, &nn->objects, node)
		if (strcmp(obj->name, name) == 0)
			return obj;
	return NULL;
}
EXPORT_SYMBOL_GPL(xa_named_find);

/**
 * xa_named_next - walk the objects in the order of their creation
 * @nn:  registry, locked
 * @obj: an object, or NULL for the first
 *
 * Context: process.
 * Return: the object behind @obj, or NULL at the end.
 */
struct xa_named *xa_named_next(struct xa_named_net *nn, struct xa_named *obj)
{
	struct list_head *pos = obj ? &obj->node : &nn->objects;

	lockdep_assert_held(&nn->lock);
	if (list_is_last(pos, &nn->objects))
		return NULL;
	return list_next_entry(list_entry(pos, struct xa_named, node), node);
}
EXPORT_SYMBOL_GPL(xa_named_next);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: named objects of a network namespace");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
