// SPDX-License-Identifier: GPL-2.0-only
/* xt_geoip_build - see xt_geoip_build(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_build_main(&xa_geoip, false, argc, argv);
}
