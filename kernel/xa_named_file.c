// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_named - the files of named objects
 *
 * DOC: users who hang
 *
 * A read or a write touches memory of its caller, who can make that take for
 * ever (userfaultfd, FUSE). proc_remove() waits for all who are inside a file,
 * and whoever calls it waits along: a rule that is deleted, nf_tables, the end
 * of a namespace, a module that is unloaded. So
 *
 * - an open file refers to its object, to its namespace and to the module;
 * - each call counts as a user of the entry, which is the name and its files,
 *   as long as it is inside;
 * - the end of an object only takes it from its entry: calls that come later
 *   fail. The last user to leave an entry without an object, or the end of the
 *   object if there is none, leaves the files to the reaper. It finds nobody
 *   inside, and so does not wait;
 * - a new object takes over the entry of its name if there still is one, users
 *   of the old object and all. They keep what they have opened.
 *
 * When a namespace ends, or the module goes, no file is open any more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>

#include "xa_named_priv.h"

/* Longest suffix of a second file, with its terminator. */
#define XA_NAMED_SUFFIX_LEN	8

/* The object, referenced, for who opens a file, a user from now on; or NULL */
static struct xa_named *xa_named_enter(struct xa_named_entry *entry)
{
	struct xa_named *obj;

	spin_lock(&entry->nn->use);
	obj = entry->obj;
	if (obj) {
		++entry->users;
		refcount_inc(&obj->life);
	}
	spin_unlock(&entry->nn->use);
	return obj;
}

/* A user from now on, if the object that he has opened still has its name */
static bool xa_named_enter_again(struct xa_named_entry *entry,
				 const struct xa_named *obj)
{
	bool same;

	spin_lock(&entry->nn->use);
	same = entry->obj == obj;
	if (same)
		++entry->users;
	spin_unlock(&entry->nn->use);
	return same;
}

static void xa_named_leave(struct xa_named_entry *entry)
{
	struct xa_named_net *nn = entry->nn;
	bool last;

	spin_lock(&nn->use);
	last = --entry->users == 0 && !entry->obj;
	if (last)
		list_add_tail(&entry->idle, &nn->idle);
	spin_unlock(&nn->use);
	if (last)
		xa_named_reap_later(nn);
}

static int xa_named_open_seq(struct file *file, const struct xa_named_file *ops,
			     struct xa_named *obj)
{
	struct seq_file *m;
	int ret;

	if (!ops->seq)
		return single_open(file, ops->show, obj);
	ret = seq_open(file, ops->seq);
	if (ret < 0)
		return ret;
	m = file->private_data;
	m->private = obj;
	return 0;
}

static int xa_named_open(struct inode *inode, struct file *file)
{
	const struct xa_named_part *part = pde_data(inode);
	struct xa_named_net *nn = part->entry->nn;
	struct xa_named *obj = xa_named_enter(part->entry);
	int ret = -ENXIO;

	if (!obj)
		return -ENOENT;
	if (!maybe_get_net(nn->net))
		goto leave;
	if (!try_module_get(nn->type->owner))
		goto put_net;
	ret = xa_named_open_seq(file, part->file, obj);
	if (ret < 0)
		goto put_module;
	xa_named_leave(part->entry);
	return 0;

put_module:
	module_put(nn->type->owner);
put_net:
	put_net(nn->net);
leave:
	xa_named_leave(part->entry);
	xa_named_life_put(obj);
	return ret;
}

/* Also called for open files by proc_remove(). */
static int xa_named_release(struct inode *inode, struct file *file)
{
	const struct xa_named_part *part = pde_data(inode);
	const struct seq_file *m = file->private_data;
	struct module *owner = part->entry->nn->type->owner;
	struct net *net = part->entry->nn->net;
	struct xa_named *obj = m->private;

	if (part->file->seq)
		seq_release(inode, file);
	else
		single_release(inode, file);
	xa_named_life_put(obj);
	put_net(net);
	module_put(owner);
	return 0;
}

static struct xa_named *xa_named_opened(const struct file *file)
{
	const struct seq_file *m = file->private_data;

	return m->private;
}

static ssize_t xa_named_read(struct file *file, char __user *ubuf, size_t len,
			     loff_t *ppos)
{
	const struct xa_named_part *part = pde_data(file_inode(file));
	ssize_t ret;

	if (!xa_named_enter_again(part->entry, xa_named_opened(file)))
		return -EIO;
	ret = seq_read(file, ubuf, len, ppos);
	xa_named_leave(part->entry);
	return ret;
}

static ssize_t xa_named_write(struct file *file, const char __user *ubuf,
			      size_t len, loff_t *ppos)
{
	const struct xa_named_part *part = pde_data(file_inode(file));
	struct xa_named *obj = xa_named_opened(file);
	ssize_t ret;

	if (!part->file->write || !xa_named_enter_again(part->entry, obj))
		return -EIO;
	ret = part->file->write(obj, ubuf, len, ppos);
	xa_named_leave(part->entry);
	return ret;
}

/* Waits for a reader of the same open file. */
static loff_t xa_named_lseek(struct file *file, loff_t offset, int whence)
{
	const struct xa_named_part *part = pde_data(file_inode(file));
	loff_t ret;

	if (!xa_named_enter_again(part->entry, xa_named_opened(file)))
		return -EIO;
	ret = seq_lseek(file, offset, whence);
	xa_named_leave(part->entry);
	return ret;
}

static const struct proc_ops xa_named_proc_ops = {
	.proc_open    = xa_named_open,
	.proc_read    = xa_named_read,
	.proc_write   = xa_named_write,
	.proc_lseek   = xa_named_lseek,
	.proc_release = xa_named_release,
};

/* Of a file without any rights proc_create() makes one that everybody can read. */
static umode_t xa_named_mode(const struct xa_named_type *type)
{
	return (*type->mode & 0777) ?: 0400;
}

static int xa_named_file_create(struct xa_named_entry *entry,
				struct xa_named_part *part, const char *name,
				const struct xa_named_file *file,
				struct proc_dir_entry *dir)
{
	const struct xa_named_type *type = entry->nn->type;
	struct user_namespace *ns = entry->nn->net->user_ns;
	kuid_t uid = make_kuid(ns, *type->uid);
	kgid_t gid = make_kgid(ns, *type->gid);

	part->entry = entry;
	part->file = file;
	part->pde = proc_create_data(name, xa_named_mode(type), dir,
				     &xa_named_proc_ops, part);
	if (!part->pde)
		return -ENOMEM;
	proc_set_user(part->pde, uid_valid(uid) ? uid : GLOBAL_ROOT_UID,
		      gid_valid(gid) ? gid : GLOBAL_ROOT_GID);
	return 0;
}

/**
 * xa_named_files_create - make the files of an entry
 * @entry: new, of a registry with a folder, which is locked
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; what there is then is for the reaper.
 */
int xa_named_files_create(struct xa_named_entry *entry)
{
	char name[XA_NAMED_LEN + XA_NAMED_SUFFIX_LEN];
	const struct xa_named_type *type = entry->nn->type;
	struct proc_dir_entry *dir = entry->nn->dir;
	int ret;

	ret = xa_named_file_create(entry, &entry->part[0], entry->name,
				   type->file, dir);
	if (ret < 0 || !type->file2)
		return ret;
	if (type->dir2)
		return xa_named_file_create(entry, &entry->part[1], entry->name,
					    type->file2, entry->nn->dir2);
	snprintf(name, sizeof(name), "%s%s", entry->name, type->suffix);
	return xa_named_file_create(entry, &entry->part[1], name, type->file2,
				    dir);
}

/**
 * xa_named_dir_remove - remove the folders of a registry, if it has any
 * @nn: registry whose files have gone
 *
 * Context: process, may sleep.
 */
void xa_named_dir_remove(struct xa_named_net *nn)
{
	proc_remove(nn->dir);
	nn->dir = NULL;
	proc_remove(nn->dir2);
	nn->dir2 = NULL;
}

/**
 * xa_named_dir_create - make the folders of a registry, if its type has any
 * @nn: registry of a namespace that is being set up
 *
 * Context: process, may sleep.
 * Return: 0; or -ENOMEM, and there is none.
 */
int xa_named_dir_create(struct xa_named_net *nn)
{
	const struct xa_named_type *type = nn->type;

	if (!type->dir)
		return 0;
	nn->dir = proc_mkdir(type->dir, nn->net->proc_net);
	if (!nn->dir)
		return -ENOMEM;
	if (!type->dir2)
		return 0;
	nn->dir2 = proc_mkdir(type->dir2, nn->net->proc_net);
	if (nn->dir2)
		return 0;
	xa_named_dir_remove(nn);
	return -ENOMEM;
}

/**
 * xa_named_files_remove - remove the files of an entry
 * @entry: without an object and without users, and going
 *
 * Closes the files that are open, and waits for who is just entering, and
 * finds no object, or just leaving.
 *
 * Context: the reaper, without a lock.
 */
void xa_named_files_remove(struct xa_named_entry *entry)
{
	proc_remove(entry->part[0].pde);
	proc_remove(entry->part[1].pde);
}
