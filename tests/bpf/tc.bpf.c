// SPDX-License-Identifier: GPL-2.0-only
#include "answers.h"

SEC("tc")
int country(struct __sk_buff *skb)
{
	return country_of(skb);
}

SEC("tc")
int asn(struct __sk_buff *skb)
{
	return asn_of(skb);
}

/* Sizes that no address has: 0 all of them, in spite of the address. */
SEC("tc")
int sizes(struct __sk_buff *skb)
{
	__u8 room[24] = {};

	if (source(skb, room) != 4)
		return -1;
	return xa_bpf_country(room, 1) | xa_bpf_country(room, 3) | xa_bpf_country(room, 5) |
	       xa_bpf_country(room, 15) | xa_bpf_country(room, 17) | xa_bpf_asn(room, 8);
}
