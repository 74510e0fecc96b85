// SPDX-License-Identifier: GPL-2.0-only
/* 6.4: programs at netfilter hooks, with kfuncs from the first, and kfuncs for socket filters. */
#include <linux/bpf.h>

enum bpf_prog_type probe(void);
enum bpf_prog_type probe(void)
{
	return BPF_PROG_TYPE_NETFILTER;
}
