/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_BTF_IDS_H
#define _COMPAT_LINUX_BTF_IDS_H

#include_next <linux/btf_ids.h>

#ifndef BTF_KFUNCS_START	/* drop with support for < 6.9 */
#define BTF_KFUNCS_START(name) BTF_SET8_START(name)
#define BTF_KFUNCS_END(name) BTF_SET8_END(name)
#endif

#endif /* _COMPAT_LINUX_BTF_IDS_H */
