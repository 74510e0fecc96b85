// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_test_hmac - an HMAC that refuses short keys, as that of a kernel in FIPS mode
 *
 * While it is loaded it comes before the kernel's own HMAC of the hash, which does its work.
 */
#include <crypto/internal/hash.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

/* 112 bits, as crypto/hmac.c has it */
#define TEST_KEY_MIN	14

static char name[CRYPTO_MAX_ALG_NAME] = "hmac(sha256)";
module_param_string(name, name, sizeof(name), 0400);
MODULE_PARM_DESC(name, "algorithm");

static char driver[CRYPTO_MAX_ALG_NAME];	/* of the kernel */

struct test_ctx {
	struct crypto_shash *tfm;
};

static int test_init_tfm(struct crypto_shash *tfm)
{
	struct test_ctx *ctx = crypto_shash_ctx(tfm);

	ctx->tfm = crypto_alloc_shash(driver, 0, 0);
	return PTR_ERR_OR_ZERO(ctx->tfm);
}

static void test_exit_tfm(struct crypto_shash *tfm)
{
	struct test_ctx *ctx = crypto_shash_ctx(tfm);

	crypto_free_shash(ctx->tfm);
}

static int test_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len)
{
	struct test_ctx *ctx = crypto_shash_ctx(tfm);

	return len < TEST_KEY_MIN ? -EINVAL : crypto_shash_setkey(ctx->tfm, key, len);
}

static int test_init(struct shash_desc *desc)
{
	struct test_ctx *ctx = crypto_shash_ctx(desc->tfm);
	struct shash_desc *inner = shash_desc_ctx(desc);

	inner->tfm = ctx->tfm;
	return crypto_shash_init(inner);
}

static int test_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	return crypto_shash_update(shash_desc_ctx(desc), data, len);
}

static int test_final(struct shash_desc *desc, u8 *out)
{
	return crypto_shash_final(shash_desc_ctx(desc), out);
}

static struct shash_alg test_alg = {
	.init     = test_init,
	.update   = test_update,
	.final    = test_final,
	.setkey   = test_setkey,
	.init_tfm = test_init_tfm,
	.exit_tfm = test_exit_tfm,
	.base     = {
		.cra_driver_name = "xa_test_hmac",
		.cra_priority    = 100000,
		.cra_ctxsize     = sizeof(struct test_ctx),
		.cra_module      = THIS_MODULE,
	},
};

static int __init test_hmac_init(void)
{
	struct crypto_shash *tfm = crypto_alloc_shash(name, 0, 0);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	strscpy(driver, crypto_tfm_alg_driver_name(crypto_shash_tfm(tfm)), sizeof(driver));
	strscpy(test_alg.base.cra_name, name, sizeof(test_alg.base.cra_name));
	test_alg.base.cra_blocksize = crypto_shash_blocksize(tfm);
	test_alg.digestsize = crypto_shash_digestsize(tfm);
	test_alg.descsize = sizeof(struct shash_desc) + crypto_shash_descsize(tfm);
	crypto_free_shash(tfm);
	return crypto_register_shash(&test_alg);
}

static void __exit test_hmac_exit(void)
{
	crypto_unregister_shash(&test_alg);
}

module_init(test_hmac_init);
module_exit(test_hmac_exit);

MODULE_DESCRIPTION("Tests: an HMAC that refuses short keys");
MODULE_LICENSE("GPL");
