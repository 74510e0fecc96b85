// SPDX-License-Identifier: GPL-2.0-only
/* xt_geoip_dl - see xt_geoip_dl(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	static const struct xa_download dl = {
		.tool = "xt_geoip_dl",
		.dbip = "dbip-country-lite",
	};

	return xa_dl_main(&dl, argc, argv);
}
