/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_ECHO_H
#define _XT_ECHO_H

/* Bytes of rule data of the ECHO target, revision 0: it has none. */
#define XT_ECHO_TGINFO_SIZE	0

#endif /* _XT_ECHO_H */
