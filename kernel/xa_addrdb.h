/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_addrdb - databases of addresses: does an address have one of some labels? */
#ifndef _XA_ADDRDB_H
#define _XA_ADDRDB_H

#include <linux/in6.h>
#include <linux/types.h>

#include "xa_addrdb_nl.h"

struct net;
struct xa_addrdb_set;

struct xa_addrdb_set *xa_addrdb_set_get(struct net *net, enum xa_addrdb_id id,
					const u32 *labels, unsigned int n);
void xa_addrdb_set_put(struct xa_addrdb_set *set);

bool xa_addrdb_match4(const struct xa_addrdb_set *set, __be32 addr);
bool xa_addrdb_match6(const struct xa_addrdb_set *set,
		      const struct in6_addr *addr);

#endif /* _XA_ADDRDB_H */
