// SPDX-License-Identifier: GPL-2.0-only
/* xt_geoip_query - see xt_geoip_query(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_query_main(&xa_geoip, argc, argv);
}
