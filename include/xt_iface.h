/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_IFACE_H
#define _XT_IFACE_H

#include <linux/types.h>

/* Bytes of an interface name with its terminator. */
#define XT_IFACE_NAME_LEN	16

enum {
	XT_IFACE_UP		= 1 << 0,
	XT_IFACE_BROADCAST	= 1 << 1,
	XT_IFACE_LOOPBACK	= 1 << 2,
	XT_IFACE_POINTOPOINT	= 1 << 3,
	XT_IFACE_RUNNING	= 1 << 4,
	XT_IFACE_NOARP		= 1 << 5,
	XT_IFACE_PROMISC	= 1 << 6,
	XT_IFACE_MULTICAST	= 1 << 7,
	XT_IFACE_DYNAMIC	= 1 << 8,
	XT_IFACE_LOWER_UP	= 1 << 9,
	XT_IFACE_DORMANT	= 1 << 10,
	XT_IFACE_STATES		= (1 << 11) - 1,

	/* which interface; neither: the one of that name */
	XT_IFACE_DEV_IN		= 1 << 11,
	XT_IFACE_DEV_OUT	= 1 << 12,
	XT_IFACE_ALL		= (1 << 13) - 1,
};

/**
 * struct xt_iface_mtinfo - rule data of the iface match, revision 1
 * @ifname:   interface, terminated, zero behind the terminator; all zero with
 *            %XT_IFACE_DEV_IN or %XT_IFACE_DEV_OUT
 * @flags:    states to look at, and the interface's bit if it is not named
 * @invflags: those of the states that shall be off
 * @pad:      zero
 */
struct xt_iface_mtinfo {
	char ifname[XT_IFACE_NAME_LEN];
	__u16 flags;
	__u16 invflags;
	__u32 pad;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct iface_watch *watch __attribute__((aligned(8)));
	__u32 iff_mask;
	__u32 iff_on;
};

#endif /* _XT_IFACE_H */
