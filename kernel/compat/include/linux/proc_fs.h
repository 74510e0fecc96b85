/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_PROC_FS_H
#define _COMPAT_LINUX_PROC_FS_H

#include_next <linux/proc_fs.h>

#ifndef XA_HAVE_pde_data	/* drop with support for < 5.17 */
#define pde_data PDE_DATA
#endif

#endif /* _COMPAT_LINUX_PROC_FS_H */
