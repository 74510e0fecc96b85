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
void xa_addrdb_hold(struct net *net, enum xa_addrdb_id id);
void xa_addrdb_release(enum xa_addrdb_id id);

/* What a database says of an address, for a set. */
enum xa_addrdb_found {
	XA_ADDRDB_ABSENT,	/* nothing: none is loaded */
	XA_ADDRDB_NONE,		/* it has no label at all */
	XA_ADDRDB_OTHERS,	/* it has none of the set's */
	XA_ADDRDB_LISTED,	/* it has one of the set's */
};

bool xa_addrdb_match4(const struct xa_addrdb_set *set, __be32 addr, bool invert);
bool xa_addrdb_match6(const struct xa_addrdb_set *set,
		      const struct in6_addr *addr, bool invert);
enum xa_addrdb_found xa_addrdb_find4(const struct xa_addrdb_set *set, __be32 addr);
enum xa_addrdb_found xa_addrdb_find6(const struct xa_addrdb_set *set,
				     const struct in6_addr *addr);
u32 xa_addrdb_number4(enum xa_addrdb_id id, __be32 addr);
u32 xa_addrdb_number6(enum xa_addrdb_id id, const struct in6_addr *addr);

#endif /* _XA_ADDRDB_H */
