// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_test_rbac - plays a kernel with grsecurity for the test of gradm
 *
 * gr_acl_is_enabled() is grsecurity's; here it says what the parameter says.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "xa_test_rbac.h"

static bool enabled;
module_param(enabled, bool, 0600);
MODULE_PARM_DESC(enabled, "what gr_acl_is_enabled() answers");

int gr_acl_is_enabled(void)
{
	return READ_ONCE(enabled);
}
EXPORT_SYMBOL_GPL(gr_acl_is_enabled);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Test: grsecurity's symbol");
MODULE_LICENSE("GPL");
