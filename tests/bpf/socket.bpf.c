// SPDX-License-Identifier: GPL-2.0-only
#include "answers.h"

SEC("socket")
int country(struct __sk_buff *skb)
{
	return country_of(skb);
}

SEC("socket")
int asn(struct __sk_buff *skb)
{
	return asn_of(skb);
}
