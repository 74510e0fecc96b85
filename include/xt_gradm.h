/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_GRADM_H
#define _XT_GRADM_H

#include <linux/types.h>

/**
 * struct xt_gradm_mtinfo - rule data of the gradm match, revision 1
 * @disabled: 1: match while RBAC is disabled; 0: while it is enabled
 * @pad:      zero
 */
struct xt_gradm_mtinfo {
	__u32 disabled;
	__u32 pad;

	/* private: the kernel's; .usersize and .userspacesize end here */
	void *enabled __attribute__((aligned(8)));
};

#endif /* _XT_GRADM_H */
