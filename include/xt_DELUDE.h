/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_DELUDE_H
#define _XT_DELUDE_H

/* Bytes of rule data of the DELUDE target, revision 0: it has none. */
#define XT_DELUDE_TGINFO_SIZE	0

#endif /* _XT_DELUDE_H */
