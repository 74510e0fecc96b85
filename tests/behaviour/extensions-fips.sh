#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A kernel whose HMAC refuses short keys, as in FIPS mode: what SYSRQ and pknock do without
. "${0%/*}/../lib.sh"
. "${0%/*}/../sysrq.sh"
. "${0%/*}/../knock.sh"

# refusals: how often SYSRQ says that there is no HMAC
refusals()
{
	kmsg_since_mark | grep -c 'xt_SYSRQ: hmac(sha256) does not take the password .*: requests of form hmac1 are dropped'
}

# both_forms WHAT done_for|dropped: a request with a digest is accepted; one with an HMAC is that
both_forms()
{
	for f in 4 6; do
		form=
		request_for $f
		done_for "$1: a digest" $f "$(to $f) / $(udp "$request")"
		form=hmac1
		request_for $f
		"$2" "$1: an HMAC" $f "$(to $f) / $(udp "$request")"
	done
	form=
}

sysrq()
{
	kmsg_mark
	mkdir -p "$XA_TMP/fips.d"
	echo "options xt_SYSRQ password=short" >"$XA_TMP/fips.d/xt_SYSRQ.conf"
	expect_ok "SYSRQ is loaded with a short password" loaded -C "$XA_TMP/fips.d"
	expect "and says what it cannot do, once" 1 "$(refusals)"
	ns_pair
	password=short
	rules -p udp
	both_forms "a short password" dropped
	kmsg_mark
	echo 1 >$parameters/debug
	echo 1 >$all_netns
	form=hmac1
	request_for 4
	dropped "an HMAC, with debug" 4 "$(to 4) / $(udp "$request")"
	expect_match "the log tells why" '*xt_SYSRQ: to 10.0.0.2: there is no HMAC of that hash and password*' \
		"$(kmsg_since_mark)"
	echo 0 >$all_netns
	echo 0 >$parameters/debug
	kmsg_mark
	expect_ok "a longer password" set_password '14 bytes, long'
	expect "is not complained of" 0 "$(refusals)"
	both_forms "a longer password" done_for
	kmsg_mark
	expect_ok "one byte less" set_password '13 bytes long'
	expect "is told" 1 "$(refusals)"
	both_forms "one byte less" dropped
}

# refused WHAT 4|6 OPTION...: a rule that the kernel refuses, and says why
refused()
{
	what=$1 f=$2
	shift 2
	kmsg_mark
	expect_fail "$what" ipt "$f" s -A INPUT -p udp -m pknock --knockports 4000 --name fips "$@"
	expect_match "$what: the log tells why" \
		'*xt_pknock: hmac(sha256) does not take a secret (in FIPS mode it needs 14 bytes)*' "$(kmsg_since_mark)"
}

pknock()
{
	load
	ns_pair
	echo 1 >$all_netns
	for f in 4 6; do
		refused "IPv$f: a short secret that opens" $f --opensecret 13-bytes-long --closesecret 14-bytes--long
		refused "IPv$f: a short secret that closes" $f --opensecret 14-bytes--long --closesecret 13-bytes-long
		refused "IPv$f: a short key" $f --key 1:14-bytes--long --key 2:13-bytes-long
		expect_ok "IPv$f: secrets that are long enough" ipt $f s -A INPUT -p udp -m pknock --knockports 4000 --name fips \
			--opensecret 14-bytes--long --closesecret 14-bytes--last --key 1:14-bytes-other
		calm
		knock 14-bytes--long $f 1 $min
		expect "IPv$f: let in" "ALLOWED 1" "$(state fips $f 1)"
	done
	echo 0 >$all_netns
}

openssl dgst -sha256 -hmac x </dev/null >/dev/null 2>&1 || test_skip "no openssl"
wait_for 20 mod_gone xt_SYSRQ
wait_for 20 mod_gone xt_pknock
modprobe xa_test_hmac 2>/dev/null || test_skip "the module xa_test_hmac of tests/kmod is not there"
XA_BACKENDS=${XA_BACKENDS:-nft}
XA_BACKENDS=${XA_BACKENDS%% *}
each_backend pknock
sysrq_allowed
each_backend sysrq
ns_del_all
expect_unload xt_SYSRQ xt_pknock xa_digest
expect_ok "the HMAC of this test goes" rmmod xa_test_hmac
finish
