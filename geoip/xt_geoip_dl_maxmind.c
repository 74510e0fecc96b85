// SPDX-License-Identifier: GPL-2.0-only
/* xt_geoip_dl_maxmind - see xt_geoip_dl_maxmind(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	static const struct xa_download dl = {
		.tool    = "xt_geoip_dl_maxmind",
		.base    = "https://download.maxmind.com/app/geoip_download",
		.edition = "GeoLite2-Country-CSV",
	};

	return xa_dl_main(&dl, argc, argv);
}
