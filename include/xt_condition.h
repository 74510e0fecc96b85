/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_CONDITION_H
#define _XT_CONDITION_H

#include <linux/types.h>

/* Bytes of a variable's name with its terminator. */
#define XT_CONDITION_NAME_LEN	31

/**
 * struct xt_condition_mtinfo - rule data of the condition match, revision 1
 * @name:   variable, terminated, zero behind the terminator
 * @invert: 0, or 1: match while the variable is 0
 */
struct xt_condition_mtinfo {
	char name[XT_CONDITION_NAME_LEN];
	__u8 invert;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct condition *cond __attribute__((aligned(8)));
};

#endif /* _XT_CONDITION_H */
