// SPDX-License-Identifier: GPL-2.0-only
/* xt_asn_load - see xt_asn_load(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_load_main(&xa_asn, argc, argv);
}
