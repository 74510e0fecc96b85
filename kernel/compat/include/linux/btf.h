/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_BTF_H
#define _COMPAT_LINUX_BTF_H

#include_next <linux/btf.h>

#ifndef __bpf_kfunc		/* drop with support for < 6.3 */
#define __bpf_kfunc noinline
#endif

#endif /* _COMPAT_LINUX_BTF_H */
