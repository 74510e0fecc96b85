/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_budget - memory that packets make extensions take */
#ifndef _XA_BUDGET_H
#define _XA_BUDGET_H

#include <linux/slab.h>
#include <linux/types.h>

struct mem_cgroup;
struct net;
struct xa_budget;

/* What a hash of the kernel takes for an element: places in two tables while it grows. */
#define XA_BUDGET_HASH	(4 * sizeof(void *))

struct xa_budget *xa_budget_create(struct net *net, const unsigned int *max);
struct xa_budget *xa_budget_create_copies(struct net *net);
void xa_budget_get(struct xa_budget *b);
void xa_budget_put(struct xa_budget *b);
bool xa_budget_room(const struct xa_budget *b);
void *xa_budget_zalloc(struct xa_budget *b, struct mem_cgroup *memcg,
		       size_t size, size_t beside, gfp_t gfp);
void xa_budget_uncharge(struct xa_budget *b, size_t cost);
void xa_budget_free(struct xa_budget *b, void *p, size_t size, size_t beside);
void *xa_budget_kvzalloc(struct xa_budget *b, size_t size);
void xa_budget_kvfree(struct xa_budget *b, void *p, size_t size);

struct mem_cgroup *xa_budget_memcg_get(void);
void xa_budget_memcg_put(struct mem_cgroup *memcg);

/**
 * xa_budget_cost - what an object takes of the budget
 * @size:   bytes of the object
 * @beside: bytes that it makes others take, as XA_BUDGET_HASH
 *
 * The allocator rounds sizes up, and the memory controller has a pointer for
 * each object.
 *
 * Context: any.
 * Return: bytes.
 */
static inline size_t xa_budget_cost(size_t size, size_t beside)
{
	return kmalloc_size_roundup(size) + sizeof(void *) + beside;
}

#endif /* _XA_BUDGET_H */
