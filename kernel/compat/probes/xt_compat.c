// SPDX-License-Identifier: GPL-2.0-only
/* Kernels with 32-bit rules of x_tables have the layout of an extension's data there. */
#include <linux/netfilter/x_tables.h>

unsigned int probe(const struct xt_match *match);
unsigned int probe(const struct xt_match *match)
{
	return match->compat_from_user ? match->compatsize : 0;
}
