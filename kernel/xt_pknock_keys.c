// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - keys, and authenticated knocks of the second form
 *
 * A rule has keys with ids, which are for opening and closing, and the secrets
 * of the first form, which are keys with the id 0 for one of these each. What
 * has to be right is looked at in the order of its cost: form, port and time,
 * the tag, the HMAC, and in the end the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/unaligned.h>

#include "xa_digest.h"
#include "xt_pknock_form2.h"
#include "xt_pknock_priv.h"

#define PKNOCK_HMAC_SIZE	32U

enum {
	PKNOCK_KEY_OPENS  = 1 << 0,
	PKNOCK_KEY_CLOSES = 1 << 1,
};

/* Constant. @hmac: with id 0 the rule's own, which the key does not free */
struct pknock_key {
	siphash_key_t tag;
	struct xa_digest *hmac;
	u8 id;
	u8 actions;
};

struct pknock_keys {
	unsigned int n;
	struct pknock_key key[XT_PKNOCK_KEYS_MAX + 2];
};

static int pknock_key_init(struct pknock_key *key, u8 id, u8 actions,
			   struct xa_digest *hmac)
{
	static const char text[] = PKNOCK_FORM2_TAG;
	const struct xa_digest_part part = { text, sizeof(text) - 1 };
	u8 out[XA_DIGEST_MAX];
	int ret;

	key->id = id;
	key->actions = actions;
	key->hmac = hmac;
	ret = xa_digest_compute(hmac, &part, 1, out);
	key->tag.key[0] = get_unaligned_le64(out);
	key->tag.key[1] = get_unaligned_le64(out + 8);
	memzero_explicit(out, sizeof(out));
	return ret;
}

static int pknock_secret_init(struct xa_digest **digest, const char *alg,
			      const char *secret)
{
	struct xa_digest *d = xa_digest_create(alg, secret, strlen(secret));

	if (IS_ERR(d))
		return PTR_ERR(d);
	*digest = d;
	return 0;
}

static int pknock_key_add(struct pknock_keys *keys, const char *alg,
			  const struct xt_pknock_key *key)
{
	struct xa_digest *hmac;
	int ret = pknock_secret_init(&hmac, alg, key->secret);

	if (ret < 0)
		return ret;
	return pknock_key_init(&keys->key[keys->n++], key->id,
			       PKNOCK_KEY_OPENS | PKNOCK_KEY_CLOSES, hmac);
}

/* The secrets of a rule: HMACs of the first form, and keys of the second */
static int pknock_secrets_init(struct pknock_rule *rule, const char *alg,
			       const struct xt_pknock_mtinfo3 *info)
{
	struct pknock_keys *keys = rule->keys;
	int ret;

	ret = pknock_secret_init(&rule->open, alg, info->open_secret);
	if (ret == 0)
		ret = pknock_secret_init(&rule->close, alg, info->close_secret);
	if (ret == 0)
		ret = pknock_key_init(&keys->key[keys->n++], 0,
				      PKNOCK_KEY_OPENS, rule->open);
	if (ret == 0)
		ret = pknock_key_init(&keys->key[keys->n++], 0,
				      PKNOCK_KEY_CLOSES, rule->close);
	return ret;
}

/*
 * Make the keys and the secrets of a rule. Context: process, may sleep. Returns 0
 * or a negative errno; pknock_keys_free(), and what frees the rule's HMACs, are for the caller.
 */
int pknock_keys_init(struct pknock_rule *rule, const char *alg,
		     const struct xt_pknock_mtinfo3 *info)
{
	struct pknock_keys *keys;
	unsigned int i;
	int ret = 0;

	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return -ENOMEM;
	rule->keys = keys;
	for (i = 0; i < info->key_count && ret == 0; ++i)
		ret = pknock_key_add(keys, alg, &info->keys[i]);
	if (ret == 0 && info->flags & XT_PKNOCK_SECRETS)
		ret = pknock_secrets_init(rule, alg, info);
	return ret;
}

void pknock_keys_free(struct pknock_rule *rule)
{
	struct pknock_keys *keys = rule->keys;
	unsigned int i;

	for (i = 0; keys && i < keys->n; ++i)
		if (keys->key[i].id)
			xa_digest_destroy(keys->key[i].hmac);
	kfree_sensitive(keys);
}

static bool pknock_key_tag_fits(const struct pknock_key *key, const u8 *payload)
{
	/* the same as siphash() of the first PKNOCK_FORM2_HEAD bytes */
	return siphash_3u64(get_unaligned_le64(payload),
			    get_unaligned_le64(payload + 8),
			    get_unaligned_le64(payload + 16), &key->tag) ==
	       get_unaligned_le64(payload + PKNOCK_FORM2_HEAD);
}

static void pknock_sign(struct pknock_form2_signed *sign,
			const struct pknock_src *src, const struct sk_buff *skb,
			const u8 *payload)
{
	bool ip6 = src->family == NFPROTO_IPV6;

	memset(sign, 0, sizeof(*sign));
	memcpy(sign->head, payload, sizeof(sign->head));
	if (!(payload[4] & PKNOCK_FORM2_ANY))
		pknock_form2_address(sign->client, src->ip, ip6);
	pknock_form2_address(sign->server, ip6 ?
			     (const void *)&ipv6_hdr(skb)->daddr :
			     (const void *)&ip_hdr(skb)->daddr, ip6);
}

/* The key that a payload may be made with: the one whose tag fits, or NULL */
static const struct pknock_key *pknock_key_find(const struct pknock_keys *keys,
						const u8 *payload)
{
	u8 action = payload[4] & PKNOCK_FORM2_CLOSE ? PKNOCK_KEY_CLOSES :
						      PKNOCK_KEY_OPENS;
	const struct pknock_key *key;

	for (key = keys->key; key < keys->key + keys->n; ++key)
		if (key->id == payload[5] && key->actions & action)
			return pknock_key_tag_fits(key, payload) ? key : NULL;
	return NULL;
}

/* Whether it was made with it; the HMAC is left in @out. */
static bool pknock_key_made(const struct pknock_key *key, const struct pknock_src *src,
			    const struct sk_buff *skb, const u8 *payload, u8 *out)
{
	struct pknock_form2_signed sign;
	const struct xa_digest_part part = { &sign, sizeof(sign) };

	pknock_sign(&sign, src, skb, payload);
	return xa_digest_compute(key->hmac, &part, 1, out) == 0 &&
	       xa_digest_equal(out, payload + PKNOCK_FORM2_HEAD + 8, PKNOCK_HMAC_SIZE);
}

/* What has the right tag. Not inlined: its variables are cleared first, which costs. */
static noinline enum pknock_event
pknock_form2_tagged(const struct net *net, const struct pknock_rule *rule,
		    const struct pknock_src *src, const struct sk_buff *skb,
		    const struct pknock_key *key, const u8 *payload)
{
	u8 out[XA_DIGEST_MAX];

	if (!pknock_key_made(key, src, skb, payload, out) ||
	    !pknock_spa_accept(net, rule, src, get_unaligned_le64(out),
			       div_u64(pknock_form2_time(payload), 60), PKNOCK_NO_GAP))
		return PKNOCK_NOTHING;
	if (!(payload[4] & PKNOCK_FORM2_CLOSE))
		return pknock_open(net, rule, src) ? PKNOCK_LET_IN : PKNOCK_NOTHING;
	pknock_close(rule->name, src);
	return PKNOCK_SHUT_OUT;
}

/*
 * A datagram of the second form, at its UDP header. Context: any but hard
 * interrupts.
 */
enum pknock_event pknock_form2(const struct net *net,
			       const struct pknock_rule *rule,
			       const struct pknock_src *src,
			       const struct sk_buff *skb, const u8 *udp,
			       bool is_open)
{
	const u8 *payload = udp + PKNOCK_FORM2_UDP;
	const struct pknock_key *key;

	if (payload[4] & PKNOCK_FORM2_ANY && !rule->nat)
		return PKNOCK_NOTHING;
	if (payload[4] & PKNOCK_FORM2_CLOSE && !is_open)
		return PKNOCK_NOTHING;
	if (!pknock_form2_timely(pknock_form2_time(payload), ktime_get_real_seconds()))
		return PKNOCK_NOTHING;
	key = pknock_key_find(rule->keys, payload);
	return key ? pknock_form2_tagged(net, rule, src, skb, key, payload) :
		     PKNOCK_NOTHING;
}
