// SPDX-License-Identifier: GPL-2.0-only
/* xt_asn_dl - see xt_asn_dl(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	static const struct xa_download dl = {
		.tool    = "xt_asn_dl",
		.base    = "https://download.maxmind.com/app/geoip_download",
		.edition = "GeoLite2-ASN-CSV",
		.dbip    = "dbip-asn-lite",
	};

	return xa_dl_main(&dl, argc, argv);
}
