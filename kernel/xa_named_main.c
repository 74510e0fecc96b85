// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_named - named objects of a network namespace, shared by rules
 *
 * A rule names an object; the first rule makes it, the last one to go takes
 * it along, unless its type keeps it. Each object may have a file
 * /proc/net/DIR/NAME, and a second one beside it: see xa_named_file.c.
 *
 * Lifetime: rules own objects, and so do open files; objects own their
 * registry. A namespace that dies takes only the files: its rules may be
 * destroyed before or after, according to the order in which modules were
 * loaded.
 *
 * Locking: one mutex a registry (namespace and type) guards its objects and
 * their reference counts. It is never held while files are removed. Everything
 * here runs in process context and may sleep; packets do not come here, they
 * use the pointer that their rule got.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "xa_named_priv.h"
#include "xa_version.h"

/* Reapers: they wait for nobody, but close the files of others. */
static struct workqueue_struct *xa_named_wq;

static const struct rhashtable_params xa_named_params = {
	.head_offset         = offsetof(struct xa_named_entry, node),
	.key_offset          = offsetof(struct xa_named_entry, name),
	.key_len             = XA_NAMED_LEN,
	.nelem_hint          = 3,	/* begins small */
	.automatic_shrinking = true,
};

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
	rhashtable_destroy(&nn->entries);
	mutex_destroy(&nn->lock);
	kfree(nn);
}

/**
 * xa_named_life_put - one reference less
 * @obj: that all rules, or an open file, referred to
 *
 * Context: process, may sleep.
 */
void xa_named_life_put(struct xa_named *obj)
{
	struct xa_named_net *nn = obj->nn;

	if (!refcount_dec_and_test(&obj->life))
		return;
	nn->type->destroy(obj);
	xa_named_net_put(nn);
}

/* ---- entries; all of this with the registry locked */

static struct xa_named_entry *xa_named_entry_find(struct xa_named_net *nn,
						  const char *name)
{
	char key[XA_NAMED_LEN];

	strscpy_pad(key, name, sizeof(key));
	return rhashtable_lookup_fast(&nn->entries, key, xa_named_params);
}

static void xa_named_entry_free(struct xa_named_entry *entry)
{
	struct xa_named_net *nn = entry->nn;

	rhashtable_remove_fast(&nn->entries, &entry->node, xa_named_params);
	if (nn->type->dir)
		WRITE_ONCE(nn->files, nn->files - 1);
	kfree(entry);
}

/* The entry has no object any more: its files go when they can. */
static void xa_named_entry_vacate(struct xa_named_entry *entry)
{
	struct xa_named_net *nn = entry->nn;
	bool idle;

	if (!nn->type->dir) {
		xa_named_entry_free(entry);
		return;
	}
	spin_lock(&nn->use);
	entry->obj = NULL;
	idle = entry->users == 0;
	if (idle && list_empty(&entry->idle))
		list_add_tail(&entry->idle, &nn->idle);
	spin_unlock(&nn->use);
	if (idle)
		xa_named_reap_later(nn);
}

static struct xa_named_entry *xa_named_entry_make(struct xa_named_net *nn,
						  const char *name)
{
	struct xa_named_entry *entry = kzalloc(sizeof(*entry),
					       GFP_KERNEL_ACCOUNT);
	int ret;

	if (!entry)
		return ERR_PTR(-ENOMEM);
	entry->nn = nn;
	strscpy(entry->name, name, sizeof(entry->name));
	INIT_LIST_HEAD(&entry->idle);
	ret = rhashtable_insert_fast(&nn->entries, &entry->node,
				     xa_named_params);
	if (ret < 0) {
		kfree(entry);
		return ERR_PTR(ret);
	}
	if (!nn->type->dir)
		return entry;
	WRITE_ONCE(nn->files, nn->files + 1);
	ret = xa_named_files_create(entry);
	if (ret < 0) {
		entry->going = true;
		xa_named_entry_vacate(entry);
		return ERR_PTR(ret);
	}
	return entry;
}

/*
 * The entry of a name, or NULL. If its files are being removed this waits until
 * they have gone, with the registry unlocked: nobody can be inside them.
 */
static struct xa_named_entry *xa_named_entry_settled(struct xa_named_net *nn,
						     const char *name)
{
	struct xa_named_entry *entry;

	while ((entry = xa_named_entry_find(nn, name)) && entry->going) {
		mutex_unlock(&nn->lock);
		flush_work(&nn->reaper);
		mutex_lock(&nn->lock);
	}
	return entry;
}

static void xa_named_entry_occupy(struct xa_named_entry *entry,
				  struct xa_named *obj)
{
	spin_lock(&entry->nn->use);
	list_del_init(&entry->idle);
	entry->obj = obj;
	spin_unlock(&entry->nn->use);
	obj->entry = entry;
}

/* ---- the end of objects, and of entries without one */

/* Called with the registry locked. */
static bool xa_named_unused(const struct xa_named *obj)
{
	const struct xa_named_net *nn = obj->nn;

	if (obj->refs > 0)
		return false;
	return nn->dead || !nn->type->keep || !nn->type->keep(obj);
}

/* Called with the registry locked. */
static void xa_named_unname(struct xa_named *obj)
{
	if (obj->entry)
		xa_named_entry_vacate(obj->entry);
	obj->entry = NULL;
}

/* Called with the registry locked. */
static void xa_named_unlist(struct xa_named *obj)
{
	list_del(&obj->node);
	--obj->nn->count;
	xa_named_unname(obj);
}

/* Called without a lock, after xa_named_unlist(). */
static void xa_named_retire(struct xa_named *obj)
{
	if (obj->nn->type->retire)
		obj->nn->type->retire(obj);
	xa_named_life_put(obj);
}

/* Objects that are not kept any more go. */
static void xa_named_sweep(struct xa_named_net *nn)
{
	struct xa_named *obj, *next;
	LIST_HEAD(gone);

	if (!nn->type->keep)
		return;
	mutex_lock(&nn->lock);
	list_for_each_entry_safe(obj, next, &nn->objects, node) {
		if (!xa_named_unused(obj))
			continue;
		xa_named_unlist(obj);
		list_add_tail(&obj->node, &gone);
	}
	mutex_unlock(&nn->lock);
	list_for_each_entry_safe(obj, next, &gone, node)
		xa_named_retire(obj);
}

/* An entry whose files nobody uses, to be removed; or NULL */
static struct xa_named_entry *xa_named_next_idle(struct xa_named_net *nn)
{
	struct xa_named_entry *entry;

	mutex_lock(&nn->lock);
	spin_lock(&nn->use);
	entry = list_first_entry_or_null(&nn->idle, struct xa_named_entry,
					 idle);
	if (entry) {
		list_del_init(&entry->idle);
		entry->going = true;
	}
	spin_unlock(&nn->use);
	mutex_unlock(&nn->lock);
	return entry;
}

static void xa_named_reaper(struct work_struct *work)
{
	struct xa_named_net *nn = container_of(work, struct xa_named_net,
					       reaper);
	struct xa_named_entry *entry;

	xa_named_sweep(nn);
	while ((entry = xa_named_next_idle(nn))) {
		xa_named_files_remove(entry);
		mutex_lock(&nn->lock);
		xa_named_entry_free(entry);
		mutex_unlock(&nn->lock);
		wake_up_all(&nn->gone);
		cond_resched();
	}
}

/**
 * xa_named_reap_later - the reaper has something to do
 * @nn: registry, which has files
 *
 * Context: any.
 */
void xa_named_reap_later(struct xa_named_net *nn)
{
	queue_work(xa_named_wq, &nn->reaper);
}

/* ---- registries */

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
	int ret;

	if (!nn)
		return ERR_PTR(-ENOMEM);
	nn->type = type;
	nn->net = net;
	refcount_set(&nn->refs, 1);
	mutex_init(&nn->lock);
	INIT_LIST_HEAD(&nn->objects);
	init_waitqueue_head(&nn->gone);
	spin_lock_init(&nn->use);
	INIT_LIST_HEAD(&nn->idle);
	INIT_WORK(&nn->reaper, xa_named_reaper);
	ret = rhashtable_init(&nn->entries, &xa_named_params);
	if (ret < 0) {
		kfree(nn);
		return ERR_PTR(ret);
	}
	ret = xa_named_dir_create(nn);
	if (ret < 0) {
		xa_named_net_put(nn);
		return ERR_PTR(ret);
	}
	return nn;
}
EXPORT_SYMBOL_GPL(xa_named_net_create);

/**
 * xa_named_net_release - the namespace goes: so do its files
 * @nn: registry; objects that rules still refer to keep it, those that only
 *      their type kept go at once
 *
 * No file is open, or the namespace would not go, and the module neither.
 *
 * Context: process, may sleep.
 */
void xa_named_net_release(struct xa_named_net *nn)
{
	struct xa_named *obj;

	mutex_lock(&nn->lock);
	nn->dead = true;
	list_for_each_entry(obj, &nn->objects, node)
		xa_named_unname(obj);
	mutex_unlock(&nn->lock);
	wait_event(nn->gone, !READ_ONCE(nn->files));
	/* without files nobody asks for the reaper any more */
	cancel_work_sync(&nn->reaper);
	xa_named_sweep(nn);
	xa_named_dir_remove(nn);
	xa_named_net_put(nn);
}
EXPORT_SYMBOL_GPL(xa_named_net_release);

/* ---- objects */

/* Called with the registry locked. */
static struct xa_named *xa_named_make(struct xa_named_entry *entry,
				      const void *arg)
{
	struct xa_named_net *nn = entry->nn;
	struct xa_named *obj = nn->type->create(nn->net, arg);

	if (IS_ERR(obj)) {
		xa_named_entry_vacate(entry);
		return obj;
	}
	obj->refs = 1;
	refcount_set(&obj->life, 1);
	obj->nn = nn;
	strscpy(obj->name, entry->name, sizeof(obj->name));
	xa_named_entry_occupy(entry, obj);
	list_add_tail(&obj->node, &nn->objects);
	++nn->count;
	refcount_inc(&nn->refs);
	return obj;
}

/* A further rule refers to an object. Called with the registry locked. */
static struct xa_named *xa_named_join(struct xa_named *obj, const void *arg)
{
	const struct xa_named_type *type = obj->nn->type;
	int ret = type->match ? type->match(obj, arg) : 0;

	if (ret < 0)
		return ERR_PTR(ret);
	++obj->refs;
	return obj;
}

/* Called with the registry locked, which may be unlocked meanwhile. */
static struct xa_named *xa_named_get_locked(struct xa_named_net *nn,
					    const char *name, const void *arg)
{
	struct xa_named_entry *entry = xa_named_entry_settled(nn, name);

	if (nn->dead)
		return ERR_PTR(-ENOENT);
	if (entry && entry->obj)
		return xa_named_join(entry->obj, arg);
	if (nn->type->max && nn->count >= *nn->type->max)
		return ERR_PTR(-ENOSPC);
	if (!entry)
		entry = xa_named_entry_make(nn, name);
	if (IS_ERR(entry))
		return ERR_CAST(entry);
	return xa_named_make(entry, arg);
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

	mutex_lock(&nn->lock);
	obj = xa_named_get_locked(nn, name, arg);
	mutex_unlock(&nn->lock);
	return obj;
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
	xa_named_retire(obj);
}
EXPORT_SYMBOL_GPL(xa_named_put);

/**
 * xa_named_reap - an object may not be kept any more: soon it goes, if unused
 * @obj: whose file is being written
 *
 * Context: any, but only within an operation of an object's file.
 */
void xa_named_reap(struct xa_named *obj)
{
	xa_named_reap_later(obj->nn);
}
EXPORT_SYMBOL_GPL(xa_named_reap);

/**
 * xa_named_lock - keep the objects of a registry as they are
 * @nn: registry
 *
 * Context: process, may sleep.
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
	struct xa_named_entry *entry;

	lockdep_assert_held(&nn->lock);
	entry = xa_named_entry_find(nn, name);
	return entry ? entry->obj : NULL;
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

static int __init xa_named_init(void)
{
	xa_named_wq = alloc_workqueue("xa_named", WQ_UNBOUND, 0);
	return xa_named_wq ? 0 : -ENOMEM;
}

static void __exit xa_named_exit(void)
{
	destroy_workqueue(xa_named_wq);
}

module_init(xa_named_init);
module_exit(xa_named_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: named objects of a network namespace");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
