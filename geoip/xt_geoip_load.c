// SPDX-License-Identifier: GPL-2.0-only
/* xt_geoip_load - see xt_geoip_load(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_load_main(&xa_geoip, argc, argv);
}
