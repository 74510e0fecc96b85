// SPDX-License-Identifier: GPL-2.0-only
/* xt_asn_query - see xt_asn_query(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_query_main(&xa_asn, argc, argv);
}
