// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of firewall rules, measured in the kernel
 *
 * Packets are built here and pushed through the netfilter hooks of a network
 * namespace, whatever rules are there. The same is done in a second namespace
 * that lacks the rule in question; the difference is its cost.
 *
 * Interface: write one line of KEY=VALUE words to /sys/kernel/debug/xa_bench;
 * the write returns when the measurement is over, a read gives its result as
 * KEY=VALUE words. Keys are listed in bench_parse.c. One measurement at a time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "bench.h"

/* one measurement at a time; guards result */
static DEFINE_MUTEX(xb_mutex);
static char xb_result[512];
static struct dentry *xb_file;

static void xb_side_exit(struct xb_side *side)
{
	dev_put(side->dev);
	if (side->net)
		put_net(side->net);
}

static int xb_side_init(struct xb_side *side, int fd, const char *dev)
{
	struct net *net = get_net_ns_by_fd(fd);

	if (IS_ERR(net)) {
		pr_info("file %d is no network namespace\n", fd);
		return PTR_ERR(net);
	}
	side->net = net;
	side->dev = dev_get_by_name(net, dev);
	if (!side->dev) {
		pr_info("no device %s in the namespace\n", dev);
		return -ENODEV;
	}
	return 0;
}

static int xb_measure(struct xb_job *job)
{
	struct xb_side side[XB_SIDES] = {};
	int i, ret = 0;

	for (i = 0; i < XB_SIDES && !ret; i++)
		ret = xb_side_init(&side[i], job->fd[i], job->dev);
	if (!ret)
		ret = xb_range_init(&job->src, job->family);
	if (!ret)
		ret = xb_range_init(&job->dst, job->family);
	if (!ret)
		ret = xb_run(job, side, xb_result, sizeof(xb_result));
	xb_range_exit(&job->src);
	xb_range_exit(&job->dst);
	for (i = 0; i < XB_SIDES; i++)
		xb_side_exit(&side[i]);
	return ret;
}

static ssize_t xb_write(struct file *file, const char __user *from, size_t n,
			loff_t *pos)
{
	struct xb_job *job;
	char *text;
	int ret;

	if (n > PAGE_SIZE)
		return -E2BIG;
	text = memdup_user_nul(from, n);
	if (IS_ERR(text))
		return PTR_ERR(text);
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	ret = job ? xb_parse(job, text) : -ENOMEM;
	if (!ret) {
		mutex_lock(&xb_mutex);
		ret = xb_measure(job);
		mutex_unlock(&xb_mutex);
	}
	kfree(job);
	kfree(text);
	return ret ? ret : n;
}

static ssize_t xb_read(struct file *file, char __user *to, size_t n,
		       loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&xb_mutex);
	ret = simple_read_from_buffer(to, n, pos, xb_result, strlen(xb_result));
	mutex_unlock(&xb_mutex);
	return ret;
}

static const struct file_operations xb_fops = {
	.owner	= THIS_MODULE,
	.write	= xb_write,
	.read	= xb_read,
};

static int __init xb_init(void)
{
	xb_file = debugfs_create_file("xa_bench", 0600, NULL, NULL, &xb_fops);
	return PTR_ERR_OR_ZERO(xb_file);
}

static void __exit xb_exit(void)
{
	debugfs_remove(xb_file);
}

module_init(xb_init);
module_exit(xb_exit);
MODULE_DESCRIPTION("Cost of firewall rules, measured in the kernel");
MODULE_LICENSE("GPL");
