/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What xt_DNETMAP_wheel.h needs of the kernel, on the host: lists, and trees that
 * are sorted but not balanced
 */
#ifndef DNETMAP_HOST_H
#define DNETMAP_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((x) = (v))
#define smp_mb()		((void)0)	/* there is one thread */
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))

struct list_head {
	struct list_head *next, *prev;
};

#define list_first_entry(head, type, member) container_of((head)->next, type, member)

static inline void INIT_LIST_HEAD(struct list_head *h)
{
	h->next = h->prev = h;
}

static inline bool list_empty(const struct list_head *h)
{
	return h->next == h;
}

static inline void list_add_tail(struct list_head *e, struct list_head *h)
{
	e->prev = h->prev;
	e->next = h;
	h->prev->next = e;
	h->prev = e;
}

static inline void list_del(struct list_head *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	e->next = e->prev = NULL;
}

static inline void list_splice_tail_init(struct list_head *list, struct list_head *h)
{
	struct list_head *e;

	while (!list_empty(list)) {
		e = list->next;
		list_del(e);
		list_add_tail(e, h);
	}
}

struct rb_node {
	struct rb_node *rb_parent, *rb_left, *rb_right;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
};

#define RB_ROOT		((struct rb_root){ NULL })
#define RB_ROOT_CACHED	((struct rb_root_cached){ { NULL } })
#define rb_entry(p, type, member) container_of(p, type, member)

static inline struct rb_node *rb_first_cached(const struct rb_root_cached *root)
{
	struct rb_node *n = root->rb_root.rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

static inline struct rb_node *rb_next(struct rb_node *n)
{
	if (n->rb_right) {
		n = n->rb_right;
		while (n->rb_left)
			n = n->rb_left;
		return n;
	}
	while (n->rb_parent && n == n->rb_parent->rb_right)
		n = n->rb_parent;
	return n->rb_parent;
}

static inline void rb_link_node(struct rb_node *n, struct rb_node *parent,
				struct rb_node **link)
{
	n->rb_parent = parent;
	n->rb_left = n->rb_right = NULL;
	*link = n;
}

/* The caller says whether it is the first: does it know? */
static unsigned int rb_wrong_first;

static inline void rb_insert_color_cached(struct rb_node *n, struct rb_root_cached *root,
					  bool first)
{
	rb_wrong_first += first != (rb_first_cached(root) == n);
}

static inline void rb_put_in_place(struct rb_root *root, struct rb_node *old,
				   struct rb_node *new)
{
	if (!old->rb_parent)
		root->rb_node = new;
	else if (old == old->rb_parent->rb_left)
		old->rb_parent->rb_left = new;
	else
		old->rb_parent->rb_right = new;
	if (new)
		new->rb_parent = old->rb_parent;
}

/* Return: the lowest node below which something has changed. */
static inline struct rb_node *rb_take_out(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *next, *changed;

	if (!n->rb_left || !n->rb_right) {
		changed = n->rb_parent;
		rb_put_in_place(root, n, n->rb_left ? n->rb_left : n->rb_right);
		return changed;
	}
	next = rb_next(n);	/* has no left child */
	changed = next->rb_parent == n ? next : next->rb_parent;
	rb_put_in_place(root, next, next->rb_right);
	next->rb_left = n->rb_left;
	next->rb_right = n->rb_right;
	if (next->rb_left)
		next->rb_left->rb_parent = next;
	if (next->rb_right)
		next->rb_right->rb_parent = next;
	rb_put_in_place(root, n, next);
	return changed;
}

static inline void rb_erase_cached(struct rb_node *n, struct rb_root_cached *root)
{
	rb_take_out(n, &root->rb_root);
}

/* ---- trees whose nodes know something of all that hang below them */

struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *rb, struct rb_node *stop);
	bool (*compute)(struct rb_node *rb);
};

/* The test has them. */
#define RB_DECLARE_CALLBACKS(how, name, ...) how const struct rb_augment_callbacks name

/* The caller has told those above. */
static inline void rb_insert_augmented(struct rb_node *n, struct rb_root *root,
				       const struct rb_augment_callbacks *c)
{
	(void)n;
	(void)root;
	(void)c;
}

static inline void rb_erase_augmented(struct rb_node *n, struct rb_root *root,
				      const struct rb_augment_callbacks *c)
{
	struct rb_node *rb;

	for (rb = rb_take_out(n, root); rb; rb = rb->rb_parent)
		c->compute(rb);
}

#endif /* DNETMAP_HOST_H */
