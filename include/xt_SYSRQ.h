/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_SYSRQ_H
#define _XT_SYSRQ_H

/* Bytes of rule data of the SYSRQ target, revision 1: it has none. */
#define XT_SYSRQ_TGINFO_SIZE	0

#endif /* _XT_SYSRQ_H */
