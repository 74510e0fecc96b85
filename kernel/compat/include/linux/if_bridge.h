/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_IF_BRIDGE_H
#define _COMPAT_LINUX_IF_BRIDGE_H

#include_next <linux/if_bridge.h>

/* Looked up by name, and not found on 5.10; drop with support for < 5.15. */
#if IS_ENABLED(CONFIG_BRIDGE) && IS_ENABLED(CONFIG_BRIDGE_VLAN_FILTERING)
int br_vlan_get_info_rcu(const struct net_device *dev, u16 vid,
			 struct bridge_vlan_info *p_vinfo);
#endif

#endif /* _COMPAT_LINUX_IF_BRIDGE_H */
