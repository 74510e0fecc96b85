// SPDX-License-Identifier: GPL-2.0-only
/* 6.0: modules offer functions to BPF programs, each with flags; not where modules have no BTF. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#if !defined(CONFIG_DEBUG_INFO_BTF_MODULES) || !defined(CONFIG_BPF_SYSCALL)
#error "no BTF of modules"
#endif

int probe(struct btf_id_set8 *set);
int probe(struct btf_id_set8 *set)
{
	struct btf_kfunc_id_set s = { .owner = THIS_MODULE, .set = set };

	return THIS_MODULE->btf_data_size ? register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &s) : 0;
}
