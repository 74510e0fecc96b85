// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - authenticated knocks ("SPA")
 *
 * One datagram, whose form xt_pknock_wire.h describes, lets its sender in or
 * shuts it out; of a second form, xt_pknock_form2.h, xt_pknock_keys.c is in
 * charge. It has to be made for this minute, the one before or the next,
 * so that clocks may differ by less than a minute. The digests are computed
 * without a lock; only what is right comes to the log of accepted knocks.
 *
 * That log is the namespace's, not the rule's: rules may be flushed and loaded
 * again without giving an old knock a second chance, and no two doors open by
 * one knock. When the module is loaded, or a namespace begins, what was accepted
 * before is not known: knocks of those minutes are refused.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "xa_digest.h"
#include "xa_log.h"
#include "xt_pknock_form2.h"
#include "xt_pknock_priv.h"
#include "xt_pknock_wire.h"

/*
 * @refs:  one for the namespace, one a rule
 * @began: second of a clock that nobody sets, before which others may have
 *         accepted knocks; constant
 */
struct pknock_accepted {
	refcount_t refs;
	s64 began;
	siphash_key_t key;
	spinlock_t lock;	/* log */
	struct pknock_log log;
};

struct pknock_accepted *pknock_accepted_create(s64 began)
{
	struct pknock_accepted *a = kvzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);

	if (!a)
		return NULL;
	refcount_set(&a->refs, 1);
	a->began = began;
	get_random_bytes(&a->key, sizeof(a->key));
	spin_lock_init(&a->lock);
	return a;
}

struct pknock_accepted *pknock_accepted_hold(struct pknock_accepted *accepted)
{
	refcount_inc(&accepted->refs);
	return accepted;
}

void pknock_accepted_put(struct pknock_accepted *accepted)
{
	if (accepted && refcount_dec_and_test(&accepted->refs))
		kvfree(accepted);
}

/* Whether @digits is the digest, left in @out, for @minute. */
static bool pknock_spa_right(struct xa_digest *digest,
			     const struct pknock_src *src, u32 minute,
			     const u8 *digits, u8 *out)
{
	const __le32 wire = cpu_to_le32(minute);
	const struct xa_digest_part parts[] = {
		{ src->ip, src->family == NFPROTO_IPV4 ? 4 : 16 },
		{ &wire, sizeof(wire) },
	};

	return xa_digest_compute(digest, parts, ARRAY_SIZE(parts), out) == 0 &&
	       xa_digest_hex_equal(out, PKNOCK_DIGEST_SIZE, digits,
				   PKNOCK_DIGITS);
}

/* The minute that @digits are for, of those that are accepted now */
static bool pknock_spa_minute(struct xa_digest *digest,
			      const struct pknock_src *src, const u8 *digits,
			      u32 *minute, u64 *number)
{
	u32 now = div_u64(ktime_get_real_seconds(), 60);
	static const int order[] = { 0, -1, 1 };
	u8 out[XA_DIGEST_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); ++i) {
		*minute = now + order[i];
		if (pknock_spa_right(digest, src, *minute, digits, out)) {
			memcpy(number, out, sizeof(*number));
			return true;
		}
	}
	return false;
}

/* Whether a knock of @minute may have been accepted before there was a log */
static bool pknock_spa_forgotten(const struct pknock_accepted *a, u32 minute)
{
	s64 age = ktime_get_boottime_seconds() - a->began;

	return !READ_ONCE(pknock_early_knocks) &&
	       minute < pknock_log_first(ktime_get_real_seconds(), age);
}

/* Whether a right knock, @digest, is accepted: no replay, and not too early */
bool pknock_spa_accept(const struct net *net, const struct pknock_rule *rule,
		       const struct pknock_src *src, u64 digest, u32 minute,
		       enum pknock_gap gap)
{
	struct pknock_accepted *a = rule->accepted;
	struct {
		char name[XA_NAMED_LEN];
		struct pknock_src src;
		u32 gap;
	} who = { .src = *src, .gap = gap };
	u64 number;
	bool ok;

	if (pknock_spa_forgotten(a, minute)) {
		xa_net_info(net, "%s: a knock too soon after loading, which may be a replay: refused\n",
			    rule->name->named.name);
		return false;
	}
	strscpy(who.name, rule->name->named.name, sizeof(who.name));
	number = siphash(&who, sizeof(who), &a->key);
	spin_lock_bh(&a->lock);
	ok = pknock_log_accept(&a->log, digest, number, minute, pknock_now(),
			       gap);
	spin_unlock_bh(&a->lock);
	return ok;
}

static noinline bool pknock_spa_open(const struct net *net,
				     const struct pknock_rule *rule,
				     const struct pknock_src *src, const u8 *digits)
{
	u64 digest;
	u32 minute;

	if (!pknock_spa_minute(rule->open, src, digits, &minute, &digest) ||
	    !pknock_spa_accept(net, rule, src, digest, minute,
			       PKNOCK_OPEN_GAP))
		return false;
	return pknock_open(net, rule, src);
}

static noinline bool pknock_spa_close(const struct net *net,
				      const struct pknock_rule *rule,
				      const struct pknock_src *src, const u8 *digits)
{
	u64 digest;
	u32 minute;

	if (!pknock_spa_minute(rule->close, src, digits, &minute, &digest) ||
	    !pknock_spa_accept(net, rule, src, digest, minute, PKNOCK_NO_GAP))
		return false;
	pknock_close(rule->name, src);
	return true;
}

/* At its UDP header, of which, and the payload, there are PKNOCK_WIRE_SIZE bytes. */
static enum pknock_event pknock_spa_udp(const struct net *net,
					const struct pknock_rule *rule,
					const struct pknock_src *src,
					const struct sk_buff *skb, unsigned int thoff,
					const u8 *udp, bool is_open)
{
	if (pknock_form2_is(udp, skb->len - thoff))
		return pknock_form2(net, rule, src, skb, udp, is_open);
	if (!rule->open || !pknock_wire_ok(udp, skb->len - thoff))
		return PKNOCK_NOTHING;
	udp += PKNOCK_UDP_SIZE;
	if (is_open && pknock_spa_close(net, rule, src, udp))
		return PKNOCK_SHUT_OUT;
	return pknock_spa_open(net, rule, src, udp) ? PKNOCK_LET_IN :
						      PKNOCK_NOTHING;
}

static noinline enum pknock_event
pknock_spa_copy(const struct net *net, const struct pknock_rule *rule,
		const struct pknock_src *src, const struct sk_buff *skb,
		unsigned int thoff, bool is_open)
{
	u8 udp[PKNOCK_WIRE_SIZE];

	if (skb_copy_bits(skb, thoff, udp, sizeof(udp)) < 0)
		return PKNOCK_NOTHING;
	return pknock_spa_udp(net, rule, src, skb, thoff, udp, is_open);
}

/*
 * A datagram to the knock port. Context: any but hard interrupts. Returns what
 * there is to tell about the host: nothing, that it was let in, or shut out.
 */
enum pknock_event pknock_spa(const struct net *net,
			     const struct pknock_rule *rule,
			     const struct pknock_src *src,
			     const struct sk_buff *skb, unsigned int thoff,
			     bool is_open)
{
	/* mostly nothing has to be copied, nor a buffer for it to be cleared */
	if (unlikely(skb_headlen(skb) < thoff + PKNOCK_WIRE_SIZE))
		return pknock_spa_copy(net, rule, src, skb, thoff, is_open);
	return pknock_spa_udp(net, rule, src, skb, thoff, skb->data + thoff, is_open);
}
