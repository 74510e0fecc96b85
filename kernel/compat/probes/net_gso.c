// SPDX-License-Identifier: GPL-2.0-only
/* 6.5 moved what segments packets from linux/netdevice.h to net/gso.h. */
#include <net/gso.h>
