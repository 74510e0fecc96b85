// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_ipp2p - the classifiers of ipp2p must take any bytes
 *
 * The first bit chooses TCP or UDP, the next one whether the payload is longer
 * than what there is of it, by up to 64 KiB. Asked for all protocols, for the
 * one that is found and for the others, the answers must fit together. What is read
 * of it for --learn must be within it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/xt_ipp2p_news.h"
#include "../../kernel/xt_ipp2p_pure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static __u32 classify(int tcp, const uint8_t *data, unsigned int len, __u32 wanted)
{
	struct ipp2p_payload pay = { .data = data, .len = len };
	__u32 can;

	pay.have = len < IPP2P_FIRST ? len : IPP2P_FIRST;
	can = wanted & (tcp ? ipp2p_tcp_candidates(&pay) : ipp2p_udp_candidates(&pay));
	pay.have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	if (!can)
		return 0;
	return tcp ? ipp2p_tcp(&pay, can) : ipp2p_udp(&pay, can);
}

/* What is long enough for the classifiers, is for the news. */
static void learn(int tcp, const uint8_t *data, unsigned int len, int bit, int six)
{
	struct ipp2p_payload pay = { .data = data, .len = len };
	struct ipp2p_named named;
	enum ipp2p_news news;
	const __u8 *p;

	pay.have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	news = ipp2p_news(&pay, tcp, bit);
	ipp2p_news_id(&pay, news);
	ipp2p_news_port(&pay, news);
	if (ipp2p_is_peer(&pay, tcp) && !ipp2p_may_be_peer(&pay, tcp))
		abort();
	if (!ipp2p_named_first(&pay, news, six, &named))
		return;
	while ((p = ipp2p_named_next(&pay, &named)))
		if (p < data || p + (six ? IPP2P_PEER6 : IPP2P_PEER4) > data + pay.have)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int len, have;
	uint8_t *copy;
	__u32 found;
	int tcp;

	if (size < 4)
		return 0;
	tcp = data[0] & 1;
	have = size - 3 < IPP2P_LOOK ? size - 3 : IPP2P_LOOK;
	len = size - 3;
	if (data[0] & 2 && have == IPP2P_LOOK)
		len = IPP2P_LOOK + (data[1] << 8 | data[2]);
	copy = malloc(have);
	if (copy == NULL)
		return 0;
	memcpy(copy, data + 3, have);
	found = classify(tcp, copy, len, XT_IPP2P_ALL);
	if (found & (found - 1) || found & ~XT_IPP2P_ALL)
		abort();
	if (found && classify(tcp, copy, len, found) != found)
		abort();
	if (classify(tcp, copy, len, XT_IPP2P_ALL & ~found) & found)
		abort();
	learn(tcp, copy, len, found == XT_IPP2P_BIT, data[0] & 4);
	free(copy);
	return 0;
}
