// SPDX-License-Identifier: GPL-2.0-only
/* Layout of rule data and socket structs, the same for 32-bit and 64-bit. */
#include <stddef.h>
#include <netinet/in.h>
#include "xt_ACCOUNT.h"

#define AT(type, field, offset) \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)
#define SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type)

AT(xt_account_tginfo, name, 0);
AT(xt_account_tginfo, net, 32);
AT(xt_account_tginfo, prefix_len, 48);
AT(xt_account_tginfo, host_len, 49);
AT(xt_account_tginfo, pad, 50);
AT(xt_account_tginfo, table, 56);
SIZE(xt_account_tginfo, 64);

AT(ipt_acc_handle_sockopt, handle_nr, 0);
AT(ipt_acc_handle_sockopt, name, 4);
AT(ipt_acc_handle_sockopt, itemcount, 36);
SIZE(ipt_acc_handle_sockopt, 40);

AT(ipt_acc_handle_ip, ip, 0);
AT(ipt_acc_handle_ip, pad, 4);
AT(ipt_acc_handle_ip, src_packets, 8);
AT(ipt_acc_handle_ip, src_bytes, 16);
AT(ipt_acc_handle_ip, dst_packets, 24);
AT(ipt_acc_handle_ip, dst_bytes, 32);
SIZE(ipt_acc_handle_ip, 40);

AT(xt_account_record6, addr, 0);
AT(xt_account_record6, src_packets, 16);
AT(xt_account_record6, src_bytes, 24);
AT(xt_account_record6, dst_packets, 32);
AT(xt_account_record6, dst_bytes, 40);
SIZE(xt_account_record6, 48);

AT(xt_account_table_info, name, 0);
AT(xt_account_table_info, family, 32);
AT(xt_account_table_info, prefix_len, 33);
AT(xt_account_table_info, host_len, 34);
AT(xt_account_table_info, pad, 35);
AT(xt_account_table_info, rules, 36);
AT(xt_account_table_info, net, 40);
AT(xt_account_table_info, memory, 56);
AT(xt_account_table_info, lost_packets, 64);
AT(xt_account_table_info, lost_bytes, 72);
SIZE(xt_account_table_info, 80);

_Static_assert(IPT_SO_SET_ACCOUNT_HANDLE_FREE == 71, "71");
_Static_assert(IPT_SO_SET_ACCOUNT_HANDLE_FREE_ALL == 72, "72");
_Static_assert(IPT_SO_GET_ACCOUNT_PREPARE_READ == 74, "74");
_Static_assert(IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH == 75, "75");
_Static_assert(IPT_SO_GET_ACCOUNT_GET_DATA == 76, "76");
_Static_assert(IPT_SO_GET_ACCOUNT_GET_HANDLE_USAGE == 77, "77");
_Static_assert(IPT_SO_GET_ACCOUNT_GET_TABLE_NAMES == 78, "78");
_Static_assert(IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6 == 112, "112");
