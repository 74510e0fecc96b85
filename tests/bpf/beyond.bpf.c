// SPDX-License-Identifier: GPL-2.0-only
#include "answers.h"

/* An address behind the end of the packet: the kernel must not take this program. */
SEC("xdp")
int beyond(struct xdp_md *ctx)
{
	return xa_bpf_country((void *)(long)ctx->data, 16);
}
