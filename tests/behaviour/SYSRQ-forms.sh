#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SYSRQ: sequence numbers and the clock over reboots, and the form with an HMAC
. "${0%/*}/../lib.sh"
. "${0%/*}/../sysrq.sh"

# clock SECONDS: the clock is set to so many seconds from the true time, forward or back
clock()
{
	date -s "@$(($(cut -d. -f1 /proc/uptime) + true_time + $1))" >/dev/null
}

# By two seconds more: the kernel tells seconds by its last tick, and is behind date for that
# long; and seqno is made of two clocks, which do not tick at the same time.
time_is_above_seqno()
{
	[ "$(date +%s)" -gt $(($(cat $parameters/seqno) + 2)) ]
}

# What an earlier boot accepted is not good again, whatever the clocks do.
clocks()
{
	true_time=$(($(date +%s) - $(cut -d. -f1 /proc/uptime)))
	now=$(date +%s)
	loaded_alone
	expect "slack" 60 "$(cat $parameters/slack)"
	expect_range "seqno begins a slack ahead of the time" $((now + 59)) $(($(date +%s) + 63)) \
		"$(cat $parameters/seqno)"
	ns_pair
	set_password cookies
	rules -p udp
	judged_at "the time of loading" "$now" dropped
	judged_at "what a clock that is ahead made before" $((now + 60)) dropped
	judged_at "far ahead" $((now + 1000000)) dropped
	clock 3600
	judged_at "a request of then, an hour later" $((now + 60)) dropped
	judged_at "and of that time, as if it were loaded then" $((now + 3600)) dropped
	clock 0
	echo 604800 >$parameters/slack
	judged_at "with a longer slack: what such a slack allowed before" $((now + 500000)) dropped
	loaded_alone slack=0
	set_password cookies
	ns_pair
	rules -p udp
	wait_for 20 time_is_above_seqno
	judged_at "without a slack the time, after a while" $(($(date +%s) - 1)) done_for
	judged_at "and nothing ahead" $(($(date +%s) + 100)) dropped
	for text in -2 604801 x '' 1x; do
		not_taken "$text" slack
	done
	want=Invalid
	expect_fail "nor when it is loaded" loaded_alone slack=-2

	date -s @1000 >/dev/null
	loaded_alone
	ns_pair
	set_password cookies
	rules -p udp
	judged_at "in 1970: a request of today" "$now" dropped
	clock 0
	judged_at "the clock is set: what was overheard before" $((now + 30)) dropped
	judged_at "and what is older" $((now - 100000)) dropped
	date -s @2000 >/dev/null
	echo -1 >$parameters/slack
	judged_at "without a clock: a request of today" "$now" done_for
	judged_at "once" "$now" dropped
	judged_at "and far ahead" $((now + 1000000)) done_for
	clock 0
	loaded_alone slack=-1 seqno=17
	ns_pair
	set_password cookies
	rules -p udp
	judged_at "without a clock, counted from a number" 18 done_for
}

# The form with an HMAC, beside the other or alone
hmacs()
{
	if ! openssl dgst -sha256 -hmac x </dev/null >/dev/null 2>&1; then
		skip_part "no openssl"
		return
	fi
	mkdir "$XA_TMP/hmac.d"
	echo "options xt_SYSRQ password=cookies" >"$XA_TMP/hmac.d/xt_SYSRQ.conf"
	loaded -C "$XA_TMP/hmac.d"
	ns_pair
	password=cookies
	rules -p udp
	for f in 4 6; do
		form=hmac1
		request_for $f
		done_for "HMAC-$hash" $f "$(to $f) / $(udp "$request, and more\n")"
		dropped "the same once more" $f "$(to $f) / $(udp "$request")"
		form=
		request h "$seq" "$([ $f = 4 ] && echo $full4 || echo $full6)" x
		dropped "its number in the other form" $f "$(to $f) / $(udp "$request")"
		request_for $f
		digest_only=$digest body=${request%,*}
		done_for "the other form, with a new one" $f "$(to $f) / $(udp "$request")"
		form=hmac1
		request_for $f
		dropped "HMACs of something else" $f \
			"$(to $f) / $(udp "i${request#h}")" \
			"$(to $f) / $(udp "h,$((seq + 1)),${request#h,*,}")" \
			"$(to $f) / $(udp "$(echo "$request" | sed 's/salt/Salt/')")" \
			"$(to $f) / $(udp "$(echo "$request" | sed 's/hmac1:/hmac2:/')")" \
			"$(to $f) / $(udp "$(echo "$request" | sed 's/hmac1:/HMAC1:/')")" \
			"$(to $f) / $(udp "$(echo "$request" | sed 's/hmac1://')")" \
			"$(to $f) / $(udp "${request%?}")" \
			"$(to $f) / $(udp "$body,hmac1:$digest_only")"
		request h "$seq" "$([ $f = 4 ] && echo $full6 || echo $full4)"
		dropped "an HMAC for another address" $f "$(to $f) / $(udp "$request")"
	done
	set_password 'longer, with a comma'
	request_for 4
	done_for "another password" 4 "$(to 4) / $(udp "$request")"
	set_password cookies
	request_for 4
	done_for "and the first again" 4 "$(to 4) / $(udp "$request")"
	echo N >$parameters/plain_digest
	form=
	request_for 4
	dropped "plain_digest is N: a digest" 4 "$(to 4) / $(udp "$request")"
	form=hmac1
	request_for 4
	done_for "an HMAC" 4 "$(to 4) / $(udp "$request")"
	form=
}

loaded
sysrq_allowed
once_backend=${XA_BACKENDS:-nft}
XA_BACKENDS=${once_backend%% *}
each_backend hmacs
each_backend clocks
ns_del_all
expect_unload xt_SYSRQ xa_digest
finish
