/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_ACCOUNT_H
#define _XT_ACCOUNT_H

#include <linux/types.h>
#include <linux/netfilter.h>

/* Bytes of a table name with its terminator. */
#define XT_ACCOUNT_NAME_LEN	32

/**
 * struct xt_account_tginfo - rule data of the ACCOUNT target, revision 2
 * @name:       table, terminated, zero behind the terminator
 * @net:        network to account for, network byte order, host bits zero;
 *              IPv4 rules use @net.ip and leave the rest zero
 * @prefix_len: IPv4: 0 (all traffic in one record) or 8 to 32;
 *              IPv6: 0 (as above) or 16 to 128
 * @host_len:   bits of an address that make one record; IPv4: 32;
 *              IPv6: @prefix_len to 128. With prefix length 0: 0
 * @pad:        zero
 */
struct xt_account_tginfo {
	char name[XT_ACCOUNT_NAME_LEN];
	union nf_inet_addr net;
	__u8 prefix_len;
	__u8 host_len;
	__u8 pad[6];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct account_table *table __attribute__((aligned(8)));
};

/*
 * Socket options, level IPPROTO_IP of any AF_INET socket. CAP_NET_ADMIN in the
 * user namespace that owns the socket's network namespace, or EPERM.
 * Numbers 71 to 78 and struct ipt_acc_handle_sockopt, struct ipt_acc_handle_ip
 * are the interface that existing clients use; they never change.
 */
enum {
	IPT_SO_SET_ACCOUNT_HANDLE_FREE		= 71,
	IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL	= 72,

	IPT_SO_GET_ACCOUNT_PREPARE_READ		= 74,
	IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH	= 75,
	IPT_SO_GET_ACCOUNT_GET_DATA		= 76,
	IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE	= 77,
	IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES	= 78,
	/* ours: what a table is, and the records of an IPv6 table */
	IPT_SO_GET_ACCOUNT_TABLE_INFO		= 110,
	IPT_SO_GET_ACCOUNT_GET_DATA6		= 111,
	IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6	= 112,
};

/* Handles of one network namespace. */
#define ACCOUNT_MAX_HANDLES	10

/**
 * struct ipt_acc_handle_sockopt - argument of the socket options 71, 74 to 77, 112
 * @handle_nr: handle, 0 to 9
 * @name:      table, terminated (in, PREPARE_READ*)
 * @itemcount: PREPARE_READ*: records that GET_DATA will give;
 *             GET_HANDLE_USAGE: handles in use
 */
struct ipt_acc_handle_sockopt {
	__u32 handle_nr;
	char name[XT_ACCOUNT_NAME_LEN];
	__u32 itemcount;
};

/**
 * struct ipt_acc_handle_ip - record of an IPv4 table, option 76
 * @ip:          address, *host* byte order
 * @pad:         zero
 * @src_packets: packets from the address
 * @src_bytes:   their layer-3 bytes
 * @dst_packets: packets to the address
 * @dst_bytes:   their layer-3 bytes
 */
struct ipt_acc_handle_ip {
	__u32 ip;
	__u32 pad;
	__aligned_u64 src_packets;
	__aligned_u64 src_bytes;
	__aligned_u64 dst_packets;
	__aligned_u64 dst_bytes;
};

/**
 * struct xt_account_record6 - record of an IPv6 table, option 111
 * @addr: address or, with a host_len below 128, prefix; network byte order.
 *        All zero: the hosts for which the table had no room left
 * @src_packets: packets from the address
 * @src_bytes:   their layer-3 bytes
 * @dst_packets: packets to the address
 * @dst_bytes:   their layer-3 bytes
 *
 * Option 111 takes a struct ipt_acc_handle_sockopt like option 76 and is used
 * in place of it for a handle of an IPv6 table; either option on a handle of
 * the other family is EINVAL. Ascending by address. Likewise option 112 in place
 * of 75, which clients use that cannot fetch what they would flush.
 */
struct xt_account_record6 {
	__u8 addr[16];
	__aligned_u64 src_packets;
	__aligned_u64 src_bytes;
	__aligned_u64 dst_packets;
	__aligned_u64 dst_bytes;
};

/**
 * struct xt_account_table_info - argument of option 110
 * @name:         table, terminated (in)
 * @family:       2 (AF_INET) or 10 (AF_INET6)
 * @prefix_len:   of @net
 * @host_len:     bits of an address that make a record
 * @pad:          zero
 * @rules:        rules that feed the table
 * @net:          network byte order
 * @memory:       bytes that the table's counters take
 * @lost_packets: packets that could not be counted for want of memory
 * @lost_bytes:   their layer-3 bytes
 *
 * ENOENT: no such table. Length must be exactly the struct's, else EINVAL.
 */
struct xt_account_table_info {
	char name[XT_ACCOUNT_NAME_LEN];
	__u8 family;
	__u8 prefix_len;
	__u8 host_len;
	__u8 pad;
	__u32 rules;
	union nf_inet_addr net;
	__aligned_u64 memory;
	__aligned_u64 lost_packets;
	__aligned_u64 lost_bytes;
};

#endif /* _XT_ACCOUNT_H */
