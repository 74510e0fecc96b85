// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_digest - keyed and plain digests for the packet path
 *
 * A digest is an algorithm of the kernel's crypto API and, where it has one,
 * a key: made by a rule or a module parameter, which may sleep, and computed
 * by packets, which may not. Once made it is constant. What a computation
 * needs beside it is on the stack, so that all CPUs may compute at the same
 * time, in any context, without a lock and without memory that could run out.
 */
#include <crypto/hash.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xa_digest.h"
#include "xa_version.h"

struct xa_digest {
	struct crypto_shash *tfm;	/* constant; the state is the caller's */
};

static int xa_digest_set_key(struct crypto_shash *tfm, const u8 *key,
			     unsigned int key_size)
{
	if (key)
		return crypto_shash_setkey(tfm, key, key_size);
	return crypto_shash_get_flags(tfm) & CRYPTO_TFM_NEED_KEY ? -ENOKEY : 0;
}

static struct xa_digest *xa_digest_alloc(const char *alg, u32 mask)
{
	struct xa_digest *d = kzalloc(sizeof(*d), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!d)
		return ERR_PTR(-ENOMEM);
	d->tfm = crypto_alloc_shash(alg, 0, mask);
	if (IS_ERR(d->tfm)) {
		ret = PTR_ERR(d->tfm);
		kfree(d);
		return ERR_PTR(ret);
	}
	return d;
}

/**
 * xa_digest_destroy - free a digest, and forget its key
 * @d: what xa_digest_create() or xa_digest_load() returned, NULL or an ERR_PTR; nobody computes
 *     with it any more
 *
 * Context: process, may sleep.
 */
void xa_digest_destroy(struct xa_digest *d)
{
	if (IS_ERR_OR_NULL(d))
		return;
	crypto_free_shash(d->tfm);
	kfree(d);
}
EXPORT_SYMBOL_GPL(xa_digest_destroy);

/**
 * xa_digest_load - load an algorithm, and keep it
 * @alg: name in the crypto API: "sha256", "hmac(sha256)"
 *
 * For the init function of a module, which may wait for other modules. Rules are
 * inserted with locks held that the loading of a module may need.
 *
 * Context: process, may sleep; may load modules.
 * Return: what keeps the algorithm, for xa_digest_destroy(); or an ERR_PTR:
 *	   -ENOENT if the kernel does not have it, -ENOMEM.
 */
struct xa_digest *xa_digest_load(const char *alg)
{
	return xa_digest_alloc(alg, 0);
}
EXPORT_SYMBOL_GPL(xa_digest_load);

/**
 * xa_digest_create - make a digest ready for use
 * @alg:      name of an algorithm that is kept by xa_digest_load()
 * @key:      the key, copied; NULL for an algorithm without one
 * @key_size: its bytes
 *
 * Context: process, may sleep; loads no module.
 * Return: the digest, for xa_digest_destroy(); or an ERR_PTR: -ENOENT for an
 * algorithm that is not there, -ENOKEY for one that wants a key, -ENOSYS for
 * one that takes none, -EINVAL for a key that it refuses, -ENOMEM.
 */
struct xa_digest *xa_digest_create(const char *alg, const u8 *key,
				   unsigned int key_size)
{
	struct xa_digest *d = xa_digest_alloc(alg, CRYPTO_NOLOAD);
	int ret;

	if (IS_ERR(d))
		return d;
	ret = crypto_shash_digestsize(d->tfm) > XA_DIGEST_MAX ? -EINVAL :
	      xa_digest_set_key(d->tfm, key, key_size);
	if (ret < 0) {
		xa_digest_destroy(d);
		return ERR_PTR(ret);
	}
	return d;
}
EXPORT_SYMBOL_GPL(xa_digest_create);

/**
 * xa_digest_size - how long a digest is
 * @d: digest
 *
 * Context: any.
 * Return: bytes, 1 to XA_DIGEST_MAX.
 */
unsigned int xa_digest_size(const struct xa_digest *d)
{
	return crypto_shash_digestsize(d->tfm);
}
EXPORT_SYMBOL_GPL(xa_digest_size);

/**
 * xa_digest_compute - digest some bytes
 * @d:     digest
 * @parts: the bytes, one piece after the other
 * @n:     number of pieces
 * @out:   xa_digest_size() bytes; undefined after an error
 *
 * Context: any but hard interrupts; several CPUs at the same time.
 * Return: 0 or a negative errno of the algorithm.
 */
int xa_digest_compute(struct xa_digest *d, const struct xa_digest_part *parts,
		      unsigned int n, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, d->tfm);
	unsigned int i;
	int ret;

	desc->tfm = d->tfm;
	ret = crypto_shash_init(desc);
	for (i = 0; i < n && ret == 0; ++i)
		if (parts[i].size > 0)
			ret = crypto_shash_update(desc, parts[i].data,
						  parts[i].size);
	if (ret == 0)
		ret = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return ret;
}
EXPORT_SYMBOL_GPL(xa_digest_compute);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: keyed and plain digests");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
