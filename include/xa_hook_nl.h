/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The generic netlink family of the rules that stand at hooks of their own.
 *
 * A network namespace has one ruleset: a list of chains. A chain stands at a
 * family, a hook and a priority (and at ingress at a device, by name; there need
 * not be one of that name yet) and has a list of rules. A rule is what iptables'
 * is: a base match, x_tables matches, and a target, a verdict or neither. The
 * rules of a chain are tried in order until one has a verdict. At the end of the
 * chain the packet goes on.
 *
 * The ruleset is replaced as a whole: BEGIN, any number of ADD, COMMIT, all from
 * one socket. Each rule is checked when it is added. Until COMMIT succeeds
 * nothing changes; ABORT, a new BEGIN and closing the socket forget it, and so
 * may somebody else's BEGIN in the namespace after a pause of 30 seconds.
 * BEGIN and COMMIT alone remove all rules. ADD and COMMIT fail with EAGAIN while too
 * much of what was replaced before has not been freed, ADD also while somebody who reads
 * a file of an extension keeps its check from ending: they can be sent again.
 *
 * All verbs take CAP_NET_ADMIN in the user namespace of the socket's network
 * namespace. Integers are in host byte order, but for addresses, which are in
 * network byte order. Ask for extended acknowledgments (NETLINK_EXT_ACK): a
 * refusal has a sentence, and NLMSGERR_ATTR_OFFS is the place of the attribute
 * that is wrong: of a RULE, of its BASE, MATCH or TARGET, or of what is in there.
 *
 * Receive buffers must have XA_HOOK_MESSAGE_SIZE bytes.
 */
#ifndef _XA_HOOK_NL_H
#define _XA_HOOK_NL_H

#include <linux/types.h>

#define XA_HOOK_GENL_NAME	"xa_hook"
#define XA_HOOK_GENL_VERSION	1

#define XA_HOOK_IFNAMSIZ	16	/* IFNAMSIZ */
#define XA_HOOK_NAME_LEN	29	/* of an extension: XT_EXTENSION_MAXNAMELEN */
#define XA_HOOK_NOTE_SIZE	255	/* bytes of a note at most */
#define XA_HOOK_MESSAGE_SIZE	65536

/* What a ruleset may have; more is E2BIG. */
#define XA_HOOK_MAX_CHAINS	256
#define XA_HOOK_MAX_RULES	65536
#define XA_HOOK_MAX_EXTENSIONS	256	/* that BEGIN names */
#define XA_HOOK_MAX_MATCHES	32	/* of a rule */
#define XA_HOOK_RULE_SIZE	24576	/* bytes of a rule's data, all extensions together */
#define XA_HOOK_MAX_SIZE	(64 << 20) /* bytes that a ruleset takes in the kernel */

/* The first five are NF_INET_PRE_ROUTING to NF_INET_POST_ROUTING. */
enum xa_hook_number {
	XA_HOOK_PREROUTING,
	XA_HOOK_INPUT,
	XA_HOOK_FORWARD,
	XA_HOOK_OUTPUT,
	XA_HOOK_POSTROUTING,
	XA_HOOK_INGRESS,	/* of a device: before flowtables, defragmentation and conntrack */
	XA_HOOK_NUMBERS,
};

enum xa_hook_cmd {
	XA_HOOK_CMD_UNSPEC,
	/*
	 * EXTENSIONS: all that the rules will use. Answer: TOKEN, FOUND. It comes
	 * when the modules of the extensions have been looked for, which may take
	 * seconds; the acknowledgment comes before it. This is also how to ask
	 * which revisions the kernel has. EBUSY: 16 are begun in this namespace,
	 * or have ended and are being freed, which does not take long: try again.
	 * One that has ended before the answer gets none.
	 */
	XA_HOOK_CMD_BEGIN,
	/*
	 * TOKEN, CHAIN, RULES: a chain, or more rules at the end of the chain
	 * that the ADD before named. RULES may be missing: a chain without any.
	 * ENOENT: an extension is missing; EEXIST: an earlier chain stands there;
	 * ESTALE: KEEP_FROM, and the running ruleset is another one by now; ESRCH:
	 * no such TOKEN; EAGAIN: it is not ready, wait for BEGIN's answer; others
	 * are of the extension. After an error the ruleset is as it was before
	 * this ADD.
	 */
	XA_HOOK_CMD_ADD,
	/*
	 * TOKEN, and GENERATION if the running ruleset must still be that one
	 * (ESTALE: it is not, and what was begun is still there).
	 * Answer: GENERATION of the new one.
	 */
	XA_HOOK_CMD_COMMIT,
	XA_HOOK_CMD_ABORT,	/* TOKEN */
	/*
	 * NLM_F_DUMP. Answers: first GENERATION, N_CHAINS, N_RULES; then for each
	 * chain one with GENERATION and CHAIN, followed by one for each of its
	 * rules with GENERATION and RULE. NLM_F_DUMP_INTR: it was replaced
	 * meanwhile, ask again.
	 */
	XA_HOOK_CMD_GET,
	XA_HOOK_CMD_ZERO,	/* all counters; GENERATION as in COMMIT */
	__XA_HOOK_CMD_MAX,
};

#define XA_HOOK_CMD_MAX (__XA_HOOK_CMD_MAX - 1)

enum xa_hook_attr {
	XA_HOOK_ATTR_UNSPEC,
	XA_HOOK_ATTR_PAD,
	XA_HOOK_ATTR_TOKEN,		/* u32, not 0 */
	XA_HOOK_ATTR_GENERATION,	/* u64, not 0: counts commits */
	XA_HOOK_ATTR_N_CHAINS,		/* u32 */
	XA_HOOK_ATTR_N_RULES,		/* u32 */
	XA_HOOK_ATTR_EXTENSIONS,	/* nested: EXTENSION, ... */
	XA_HOOK_ATTR_EXTENSION,		/* nested: enum xa_hook_ext_attr */
	XA_HOOK_ATTR_CHAIN,		/* nested: enum xa_hook_chain_attr */
	XA_HOOK_ATTR_RULES,		/* nested: RULE, ... */
	XA_HOOK_ATTR_RULE,		/* nested: enum xa_hook_rule_attr */
	XA_HOOK_ATTR_FOUND,		/* u8[], one for each EXTENSION: 1 if the kernel has it */
	__XA_HOOK_ATTR_MAX,
};

#define XA_HOOK_ATTR_MAX (__XA_HOOK_ATTR_MAX - 1)

enum xa_hook_chain_attr {
	XA_HOOK_CHAIN_UNSPEC,
	XA_HOOK_CHAIN_FAMILY,		/* u8: NFPROTO_IPV4 or NFPROTO_IPV6 */
	XA_HOOK_CHAIN_HOOK,		/* u8: enum xa_hook_number */
	XA_HOOK_CHAIN_PRIORITY,		/* s32: as nf_tables has them, -150 is mangle */
	XA_HOOK_CHAIN_DEVICE,		/* string: of XA_HOOK_INGRESS, and only there */
	XA_HOOK_CHAIN_ATTACHED,		/* flag, answers only: the device is there */
	__XA_HOOK_CHAIN_MAX,
};

#define XA_HOOK_CHAIN_MAX (__XA_HOOK_CHAIN_MAX - 1)

enum xa_hook_rule_attr {
	XA_HOOK_RULE_UNSPEC,
	XA_HOOK_RULE_BASE,		/* struct xa_hook_base; missing: every packet */
	XA_HOOK_RULE_MATCH,		/* nested: NAME, REVISION, DATA; repeated, in order */
	XA_HOOK_RULE_TARGET,		/* nested: NAME, REVISION, DATA */
	XA_HOOK_RULE_VERDICT,		/* u32: NF_ACCEPT or NF_DROP, and no TARGET */
	XA_HOOK_RULE_COUNTERS,		/* struct xa_hook_counters; missing in ADD: zero */
	XA_HOOK_RULE_NOTE,		/* bytes that mean something to whoever added them */
	/*
	 * u32, ADD only: INDEX of a rule of the running ruleset. That rule goes on
	 * here with its counters and the state of its extensions. It must be of
	 * a chain at the same place. ADD has GENERATION, and no other attribute is
	 * in this RULE. COMMIT fails (ESTALE) when that is not the running one.
	 */
	XA_HOOK_RULE_KEEP_FROM,
	XA_HOOK_RULE_INDEX,		/* u32, answers only: counted through all chains from 0 */
	__XA_HOOK_RULE_MAX,
};

#define XA_HOOK_RULE_MAX (__XA_HOOK_RULE_MAX - 1)

/*
 * An extension that BEGIN names, or the one of a MATCH or TARGET. DATA is what
 * struct xt_entry_match and xt_entry_target have as data, in the layout of the
 * kernel: of the size of the extension, with or without padding to a multiple
 * of 8. In answers the part that is the kernel's own is zero.
 */
enum xa_hook_ext_attr {
	XA_HOOK_EXT_UNSPEC,
	XA_HOOK_EXT_NAME,		/* string: "mark", "MARK" */
	XA_HOOK_EXT_REVISION,		/* u8 */
	XA_HOOK_EXT_DATA,		/* bytes; MATCH and TARGET only, missing: none */
	XA_HOOK_EXT_FAMILY,		/* u8; EXTENSION only */
	XA_HOOK_EXT_TARGET,		/* flag: not a match; EXTENSION only */
	__XA_HOOK_EXT_MAX,
};

#define XA_HOOK_EXT_MAX (__XA_HOOK_EXT_MAX - 1)

/* xa_hook_base.flags */
enum {
	XA_HOOK_FRAGMENT = 1 << 0,	/* IPv4: second and further fragments */
};

/* xa_hook_base.invert: what is tested must not be so */
enum {
	XA_HOOK_INV_SRC      = 1 << 0,
	XA_HOOK_INV_DST      = 1 << 1,
	XA_HOOK_INV_IN       = 1 << 2,
	XA_HOOK_INV_OUT      = 1 << 3,
	XA_HOOK_INV_PROTOCOL = 1 << 4,
	XA_HOOK_INV_FRAGMENT = 1 << 5,
};

/**
 * struct xa_hook_base - the base match of a rule
 * @src:      address; IPv4 in the first four bytes, the others zero
 * @src_mask: bits of it that count; no other may be set in @src
 * @dst:      likewise
 * @dst_mask: likewise
 * @in:       device the packet came in by, as iptables has it: "eth+" is "eth"
 * @in_mask:  0xff for each byte of @in that counts, its terminator too if it is
 *            not a prefix; all zero: any device
 * @out:      device it goes out by, likewise
 * @out_mask: likewise
 * @protocol: 0: any. IPv6: of the last header
 * @flags:    XA_HOOK_FRAGMENT
 * @invert:   XA_HOOK_INV_*; only of what is tested
 * @pad:      zero
 */
struct xa_hook_base {
	__u8  src[16];
	__u8  src_mask[16];
	__u8  dst[16];
	__u8  dst_mask[16];
	char  in[XA_HOOK_IFNAMSIZ];
	__u8  in_mask[XA_HOOK_IFNAMSIZ];
	char  out[XA_HOOK_IFNAMSIZ];
	__u8  out_mask[XA_HOOK_IFNAMSIZ];
	__u16 protocol;
	__u8  flags;
	__u8  invert;
	__u8  pad[4];
};

/**
 * struct xa_hook_counters - what a rule has matched
 * @packets: a packet of GSO or GRO is one
 * @bytes:   from the network header on
 */
struct xa_hook_counters {
	__aligned_u64 packets;
	__aligned_u64 bytes;
};

#endif /* _XA_HOOK_NL_H */
