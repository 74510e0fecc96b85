/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_bpf - functions that BPF programs call */
#ifndef _XA_BPF_H
#define _XA_BPF_H

#include <linux/types.h>

u32 xa_bpf_country(const void *addr, u32 addr__sz);
u32 xa_bpf_asn(const void *addr, u32 addr__sz);

#endif /* _XA_BPF_H */
