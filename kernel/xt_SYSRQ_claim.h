/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_SYSRQ_claim - who may carry out the request with a sequence number
 *
 * Compiles in the kernel and, with atomic64_t of the unit test, on the host.
 */
#ifndef _XT_SYSRQ_CLAIM_H
#define _XT_SYSRQ_CLAIM_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/atomic.h>
#endif

/**
 * sysrq_claim - raise the last number accepted
 * @last:  that number
 * @seqno: the one of a request that is authentic
 *
 * Context: any, on several CPUs at the same time.
 * Return: true for one caller only, of those that come with the same number.
 */
static inline bool sysrq_claim(atomic64_t *last, s64 seqno)
{
	s64 old = atomic64_read(last);

	do {
		if (seqno <= old)
			return false;
	} while (!atomic64_try_cmpxchg(last, &old, seqno));
	return true;
}

#endif /* _XT_SYSRQ_CLAIM_H */
