/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_NET_GSO_H
#define _COMPAT_NET_GSO_H

#ifdef XA_HAVE_net_gso
#include_next <net/gso.h>
#else				/* drop with support for < 6.5 */
#include <linux/netdevice.h>
#endif

#endif /* _COMPAT_NET_GSO_H */
