// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ACCOUNT: the socket options by which clients read tables
 *
 * A client prepares a read, which copies a table into a handle, fetches the
 * records, and frees the handle. There are ten handles in a namespace. They
 * are not tied to a socket: existing clients may free what another prepared.
 * Those of processes that are gone are taken back when a client prepares a read.
 *
 * Locking: account_net.lock is held for each call; it guards the handles and
 * makes readers of tables one at a time. No packet waits for it.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/netfilter.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "xt_ACCOUNT_table.h"

static void account_handle_free(struct account_net *an, struct account_handle *h)
{
	xa_budget_kvfree(an->copies, h->snap.records, h->snap.size);
	put_pid(h->owner);
	memset(h, 0, sizeof(*h));
}

/**
 * account_handles_free - free all handles of a namespace
 * @an: namespace; the caller holds its lock, or is the last user
 */
void account_handles_free(struct account_net *an)
{
	unsigned int i;

	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		account_handle_free(an, &an->handle[i]);
}

static bool account_owner_gone(const struct account_handle *h)
{
	bool gone;

	rcu_read_lock();
	gone = !pid_task(h->owner, PIDTYPE_TGID);
	rcu_read_unlock();
	return gone;
}

/* A handle nobody uses, or NULL. Called with the lock held. */
static struct account_handle *account_handle_find(struct account_net *an)
{
	unsigned int i;

	/* all of them: their records may be what the next ones need room for */
	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		if (an->handle[i].owner && account_owner_gone(&an->handle[i]))
			account_handle_free(an, &an->handle[i]);
	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		if (!an->handle[i].owner)
			return &an->handle[i];
	return NULL;
}

/*
 * The table with that name, referenced; or NULL. Caller puts the reference
 * with xa_named_put(&table->named).
 */
static struct account_table *account_table_hold(struct account_net *an,
						const char *name)
{
	struct xa_named *obj;

	xa_named_lock(an->tables);
	obj = xa_named_find(an->tables, name);
	if (obj)
		xa_named_hold(obj);
	xa_named_unlock(an->tables);
	return obj ? container_of(obj, struct account_table, named) : NULL;
}

static bool account_name_ok(const char *name)
{
	return strnlen(name, XT_ACCOUNT_NAME_LEN) < XT_ACCOUNT_NAME_LEN;
}

/* Nothing may be flushed that the client cannot fetch: @flush is its family, or 0. */
static int account_prepare(struct account_net *an, void __user *user, int len,
			   u8 flush)
{
	struct ipt_acc_handle_sockopt req;
	struct account_snapshot snap;
	struct account_handle *h;
	struct account_table *t;
	int ret;

	if (len < (int)sizeof(req))
		return -EINVAL;
	/* there and back: nothing may be flushed that cannot be announced */
	if (copy_from_user(&req, user, sizeof(req)) ||
	    copy_to_user(user, &req, sizeof(req)))
		return -EFAULT;
	if (!account_name_ok(req.name))
		return -EINVAL;
	h = account_handle_find(an);
	if (!h)
		return -EINVAL;
	t = account_table_hold(an, req.name);
	if (!t)
		return -EINVAL;
	ret = flush && flush != t->family ? -EINVAL :
	      account_read(t, flush, an->copies, &snap);
	xa_named_put(&t->named);
	if (ret < 0)
		return ret == -ENOSPC ? ret : -EINVAL;
	h->snap = snap;
	strscpy(h->name, req.name, sizeof(h->name));
	h->owner = get_pid(task_tgid(current));
	req.handle_nr = h - an->handle;
	req.itemcount = snap.count;
	return copy_to_user(user, &req, sizeof(req)) ? -EFAULT : 0;
}

static size_t account_record_size(u8 family)
{
	return family == NFPROTO_IPV4 ? sizeof(struct ipt_acc_handle_ip) :
					sizeof(struct xt_account_record6);
}

/*
 * Handles can be freed by anybody, and are used again. Clients hand back what they
 * got from prepare, and count on so many records; those of another snapshot would
 * be too few or too many. Who gives a handle alone, and no more, takes what there is.
 */
static bool account_handle_is(const struct account_handle *h,
			      const struct ipt_acc_handle_sockopt *req)
{
	if (!h->owner)
		return false;
	if (req->itemcount && req->itemcount != h->snap.count)
		return false;
	return !req->name[0] || !strncmp(req->name, h->name, sizeof(h->name));
}

/* EPERM for a handle that is gone or a bad address: what clients know as -1. */
static int account_get_data(struct account_net *an, void __user *user, int len,
			    u8 family)
{
	struct ipt_acc_handle_sockopt req;
	const struct account_handle *h;
	u64 size;

	if (len < (int)sizeof(req))
		return -EINVAL;
	if (copy_from_user(&req, user, sizeof(req)))
		return -EINVAL;
	if (req.handle_nr >= ACCOUNT_MAX_HANDLES)
		return -EINVAL;
	h = &an->handle[req.handle_nr];
	if (!account_handle_is(h, &req))
		return -EPERM;
	if (h->snap.family != family)
		return -EINVAL;
	size = (u64)h->snap.count * account_record_size(family);
	if (len < size)
		return -ENOMEM;
	return copy_to_user(user, h->snap.records, size) ? -EPERM : 0;
}

static int account_get_usage(struct account_net *an, void __user *user, int len)
{
	struct ipt_acc_handle_sockopt rep = {};
	unsigned int i;

	if (len < (int)sizeof(rep))
		return -EINVAL;
	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		rep.itemcount += !!an->handle[i].owner;
	return copy_to_user(user, &rep, sizeof(rep)) ? -EFAULT : 0;
}

/* The names, each terminated, and a further terminator. */
static size_t account_names_size(struct account_net *an)
{
	struct xa_named *obj = NULL;
	size_t size = 1;

	while ((obj = xa_named_next(an->tables, obj)))
		size += strlen(obj->name) + 1;
	return size;
}

static void account_names_copy(struct account_net *an, char *buf)
{
	struct xa_named *obj = NULL;
	size_t size;

	while ((obj = xa_named_next(an->tables, obj))) {
		size = strlen(obj->name) + 1;
		memcpy(buf, obj->name, size);
		buf += size;
	}
	*buf = '\0';
}

static int account_get_names(struct account_net *an, void __user *user, int len)
{
	char *buf = NULL;
	size_t size;
	int ret = 0;

	if (len < 0)
		return -EINVAL;
	xa_named_lock(an->tables);
	size = account_names_size(an);
	if (size <= len)
		buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (buf)
		account_names_copy(an, buf);
	xa_named_unlock(an->tables);
	if (!buf)
		return -ENOMEM;
	if (copy_to_user(user, buf, size))
		ret = -EFAULT;
	kvfree(buf);
	return ret;
}

static int account_get_info(struct account_net *an, void __user *user, int len)
{
	struct xt_account_table_info info;
	struct account_table *t;

	if (len != (int)sizeof(info))
		return -EINVAL;
	if (copy_from_user(&info, user, sizeof(info)))
		return -EFAULT;
	if (!account_name_ok(info.name))
		return -EINVAL;
	t = account_table_hold(an, info.name);
	if (!t)
		return -ENOENT;
	info.family = t->family;
	info.prefix_len = t->prefix_len;
	info.host_len = t->host_len;
	info.pad = 0;
	info.rules = atomic_read(&t->rules);
	info.net = t->net;
	info.memory = atomic_long_read(&t->memory);
	info.lost_packets = atomic64_read(&t->lost.packets);
	info.lost_bytes = atomic64_read(&t->lost.bytes);
	xa_named_put(&t->named);
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

static int account_do_get(struct account_net *an, int opt, void __user *user,
			  int len)
{
	switch (opt) {
	case IPT_SO_GET_ACCOUNT_PREPARE_READ:
		return account_prepare(an, user, len, NFPROTO_UNSPEC);
	case IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH:
		return account_prepare(an, user, len, NFPROTO_IPV4);
	case IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6:
		return account_prepare(an, user, len, NFPROTO_IPV6);
	case IPT_SO_GET_ACCOUNT_GET_DATA:
		return account_get_data(an, user, len, NFPROTO_IPV4);
	case IPT_SO_GET_ACCOUNT_GET_DATA6:
		return account_get_data(an, user, len, NFPROTO_IPV6);
	case IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE:
		return account_get_usage(an, user, len);
	case IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES:
		return account_get_names(an, user, len);
	case IPT_SO_GET_ACCOUNT_TABLE_INFO:
		return account_get_info(an, user, len);
	default:
		return -EINVAL;
	}
}

static int account_get(struct sock *sk, int opt, void __user *user, int *len)
{
	struct net *net = sock_net(sk);
	struct account_net *an = account_pernet(net);
	int ret;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	/* somebody of this namespace may hang in a copy with the lock held */
	if (mutex_lock_killable(&an->lock))
		return -EINTR;
	ret = account_do_get(an, opt, user, *len);
	mutex_unlock(&an->lock);
	return ret;
}

/* A handle that is another client's by now is not what is to be freed: done. */
static int account_handle_drop(struct account_net *an, sockptr_t arg,
			       unsigned int len)
{
	struct ipt_acc_handle_sockopt req;
	struct account_handle *h;

	if (len != sizeof(req) ||
	    copy_from_sockptr(&req, arg, sizeof(req)) ||
	    req.handle_nr >= ACCOUNT_MAX_HANDLES)
		return -EINVAL;
	h = &an->handle[req.handle_nr];
	if (account_handle_is(h, &req))
		account_handle_free(an, h);
	return 0;
}

static int account_set(struct sock *sk, int opt, sockptr_t arg,
		       unsigned int len)
{
	struct net *net = sock_net(sk);
	struct account_net *an = account_pernet(net);
	int ret = 0;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (mutex_lock_killable(&an->lock))
		return -EINTR;
	if (opt == IPT_SO_SET_ACCOUNT_HANDLE_FREE)
		ret = account_handle_drop(an, arg, len);
	else if (opt == IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL)
		account_handles_free(an);
	else
		ret = -EINVAL;
	mutex_unlock(&an->lock);
	return ret;
}

/* What existing clients use. */
static struct nf_sockopt_ops account_sockopts = {
	.pf         = PF_INET,
	.set_optmin = IPT_SO_SET_ACCOUNT_HANDLE_FREE,
	.set_optmax = IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL + 1,
	.set        = account_set,
	.get_optmin = IPT_SO_GET_ACCOUNT_PREPARE_READ,
	.get_optmax = IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES + 1,
	.get        = account_get,
	.owner      = THIS_MODULE,
};

/* Ours. */
static struct nf_sockopt_ops account_sockopts_more = {
	.pf         = PF_INET,
	.get_optmin = IPT_SO_GET_ACCOUNT_TABLE_INFO,
	.get_optmax = IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6 + 1,
	.get        = account_get,
	.owner      = THIS_MODULE,
};

/**
 * account_sockopt_init - register the socket options
 *
 * Return: 0 or a negative errno.
 */
int account_sockopt_init(void)
{
	int ret = nf_register_sockopt(&account_sockopts);

	if (ret < 0)
		return ret;
	ret = nf_register_sockopt(&account_sockopts_more);
	if (ret < 0)
		nf_unregister_sockopt(&account_sockopts);
	return ret;
}

/**
 * account_sockopt_exit - undo account_sockopt_init()
 */
void account_sockopt_exit(void)
{
	nf_unregister_sockopt(&account_sockopts_more);
	nf_unregister_sockopt(&account_sockopts);
}
