// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that misbehaves on purpose, when the module is loaded
 *
 * The self-check of the virtual machine bed loads it and looks whether the
 * bed notices. Sanitizers have a bed and a self-test of their own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>

static char *what = "none";
module_param(what, charp, 0400);
MODULE_PARM_DESC(what, "none, warn, oops, bug, hang or atomic");

static noinline void vmbad_oops(void)
{
	unsigned long *p = NULL;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(*p, 1);
}

static noinline void vmbad_hang(void)
{
	local_bh_disable();
	for (;;)
		cpu_relax();
}

static noinline void vmbad_atomic(void)
{
	preempt_disable();
	msleep(1);
	preempt_enable();
}

static int __init vmbad_init(void)
{
	if (strcmp(what, "warn") == 0)
		WARN(1, "on purpose\n");
	else if (strcmp(what, "oops") == 0)
		vmbad_oops();
	else if (strcmp(what, "bug") == 0)
		BUG();
	else if (strcmp(what, "hang") == 0)
		vmbad_hang();
	else if (strcmp(what, "atomic") == 0)
		vmbad_atomic();
	else if (strcmp(what, "none") != 0)
		return -EINVAL;
	return 0;
}

static void __exit vmbad_exit(void)
{
}

module_init(vmbad_init);
module_exit(vmbad_exit);
MODULE_DESCRIPTION("Deliberate faults: does the virtual machine bed see them?");
MODULE_LICENSE("GPL");
