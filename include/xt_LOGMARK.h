/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_LOGMARK_H
#define _XT_LOGMARK_H

#include <linux/types.h>

/* Bytes of a prefix with its terminator. */
#define XT_LOGMARK_PREFIX_LEN	30
/* The least urgent level, LOG_DEBUG. */
#define XT_LOGMARK_LEVEL_MAX	7

/**
 * struct xt_logmark_tginfo - rule data of the LOGMARK target, revision 1
 * @prefix: terminated, zero behind the terminator, no control characters
 * @level:  of syslog, 0 to 7
 * @pad:    zero
 */
struct xt_logmark_tginfo {
	char prefix[XT_LOGMARK_PREFIX_LEN];
	__u8 level;
	__u8 pad;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct logmark_rule *rule __attribute__((aligned(8)));
};

#endif /* _XT_LOGMARK_H */
