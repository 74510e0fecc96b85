// SPDX-License-Identifier: GPL-2.0-only
/* xt_asn_build - see xt_asn_build(8) */
#include "../addrdb/tools.h"

int main(int argc, char **argv)
{
	return xa_build_main(&xa_asn, false, argc, argv);
}
