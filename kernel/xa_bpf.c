// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_bpf - the databases of xa_addrdb for BPF programs
 *
 * Two kfuncs give the country and the AS number of an address to programs of
 * XDP, TC, socket filters and netfilter, the last two where the kernel has them
 * (doc/bpf.md). They read what rules read: the databases are the machine's, and
 * who replaces one replaces it for programs, too, at the same moment.
 *
 * A program keeps this module loaded, and this module the engine. Nothing keeps
 * a database loaded: without one every address is unknown.
 *
 * The kernel finds the kfuncs by the module's BTF. A module that was built
 * without does not load: the kernel itself would only warn.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "xa_addrdb.h"
#include "xa_bpf.h"
#include "xa_version.h"

/*
 * Where the address is, and how it is aligned, is the program's business: it is
 * copied, once. A packet in the memory of a device may change under us.
 */
static u32 bpf_number(enum xa_addrdb_id id, const void *addr, u32 size)
{
	union {
		__be32 ip;
		struct in6_addr ip6;
	} copy;
	u32 number = 0;

	if (size != sizeof(copy.ip) && size != sizeof(copy.ip6))
		return 0;
	memcpy(&copy, addr, size);
	/* XDP runs with softirqs off, which lockdep does not take for RCU */
	rcu_read_lock();
	if (size == sizeof(copy.ip))
		number = xa_addrdb_number4(id, copy.ip);
	else
		number = xa_addrdb_number6(id, &copy.ip6);
	rcu_read_unlock();
	return number;
}

/**
 * xa_bpf_country - country of an address
 * @addr: the address, in network byte order, as it lies in a packet; of any
 *        alignment
 * @addr__sz: its size in bytes: 4 is IPv4, 16 is IPv6
 *
 * Context: any.
 * Return: the number as of ISO 3166-1 (124 is Canada), of an address that has
 *         several countries that of the first code. 0: it has none, no database
 *         is loaded, or the size is another one.
 */
__bpf_kfunc u32 xa_bpf_country(const void *addr, u32 addr__sz)
{
	return bpf_number(XA_ADDRDB_COUNTRY, addr, addr__sz);
}

/**
 * xa_bpf_asn - AS number of an address
 * @addr: as for xa_bpf_country()
 * @addr__sz: as for xa_bpf_country()
 *
 * Context: any.
 * Return: the AS number, the least of several. 0: as for xa_bpf_country().
 */
__bpf_kfunc u32 xa_bpf_asn(const void *addr, u32 addr__sz)
{
	return bpf_number(XA_ADDRDB_ASN, addr, addr__sz);
}

BTF_KFUNCS_START(bpf_ids)
BTF_ID_FLAGS(func, xa_bpf_country)
BTF_ID_FLAGS(func, xa_bpf_asn)
BTF_KFUNCS_END(bpf_ids)

static const struct btf_kfunc_id_set bpf_set = {
	.owner = THIS_MODULE,
	.set   = &bpf_ids,
};

/* A type that the kernel does not know would take the others away again. */
static const enum bpf_prog_type bpf_types[] __initconst = {
	BPF_PROG_TYPE_XDP,
	BPF_PROG_TYPE_SCHED_CLS,
#ifdef XA_HAVE_bpf_netfilter
	BPF_PROG_TYPE_SOCKET_FILTER,
	BPF_PROG_TYPE_NETFILTER,
#endif
};

/* Whether the build has given this module BTF, and the set its numbers. */
static bool __init bpf_has_btf(void)
{
	u32 i;

	if (!THIS_MODULE->btf_data_size || !bpf_ids.cnt)
		return false;
	for (i = 0; i < bpf_ids.cnt; i++) {
		if (!bpf_ids.pairs[i].id)
			return false;
	}
	return true;
}

/* What is registered goes with the module's BTF. */
static int __init xa_bpf_init(void)
{
	unsigned int i;
	int err;

	if (!bpf_has_btf()) {
		pr_err("built without BTF (pahole, resolve_btfids): programs would not find its functions\n");
		return -EOPNOTSUPP;
	}
	for (i = 0; i < ARRAY_SIZE(bpf_types); i++) {
		err = register_btf_kfunc_id_set(bpf_types[i], &bpf_set);
		if (err)
			return err;
	}
	return 0;
}

static void __exit xa_bpf_exit(void)
{
}

module_init(xa_bpf_init);
module_exit(xa_bpf_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: country and AS number of an address for BPF programs");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
