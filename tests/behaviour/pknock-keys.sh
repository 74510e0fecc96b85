#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# pknock: authenticated knocks of the second form, keys with ids
. "${0%/*}/../lib.sh"
. "${0%/*}/../knock.sh"

# client FAMILY ARGS...: a knock at port 4000 of s
client()
{
	xa_f=$1
	shift
	in_ns c xt_pknock_knock "$@" "$(addr "$xa_f" 2)" 4000
}

# payload FAMILY HOST ARGS...: in hexadecimal digits, as that host makes it
payload()
{
	xa_f=$1 xa_as=$(addr "$1" "$2")
	shift 2
	client "$xa_f" --print --as "$xa_as" "$@"
}

# from FAMILY HOST HEX...: these payloads
from()
{
	xa_h=$(header "$1" "$2")
	shift 2
	set -- $(printf '%s\n' "$@")
	for xa_hex; do
		set -- "$@" "$xa_h / udp dport=4000 / data hex=$xa_hex"
		shift
	done
	in_ns c pkt send --dev c0 "$@" >/dev/null
}

# door FAMILY NAME OPTION...: a rule
door()
{
	xa_f=$1 name=$2
	shift 2
	ipt "$xa_f" s -A INPUT -p udp -m pknock --knockports 4000 --name "$name" "$@"
}

# flipped HEX: the payload with one bit wrong, in each of its bytes
flipped()
{
	echo "$1" | awk '{
		for (i = 1; i < length($0); i += 2) {
			c = index("0123456789abcdef", substr($0, i + 1, 1)) - 1
			c = c % 2 ? c - 1 : c + 1
			print substr($0, 1, i) substr("0123456789abcdef", c + 1, 1) substr($0, i + 2)
		}
	}'
}

ids()
{
	ns_pair
	for f in 4 6; do
		door $f K --key 1:foo --key 200:bar --opensecret os --closesecret cs
		expect_ok "IPv$f: a key" client $f --key 1 --secret foo
		becomes "IPv$f: let in" "ALLOWED 1" K $f 1
		client $f --key 200 --secret foo --close
		client $f --key 1 --secret bar --close
		client $f --key 2 --secret foo --close
		client $f --form 2 --secret foo --close
		client $f --form 2 --secret os --close
		client $f --form 2 --secret cs
		becomes "IPv$f: wrong keys do not shut out" "ALLOWED 1" K $f 1
		client $f --key 200 --secret bar --close
		expect "IPv$f: another key of the door does" "" "$(state K $f 1)"
		client $f --key 200 --secret foo
		client $f --key 2 --secret foo
		client $f --form 2 --secret cs
		client $f --secret foo
		expect "IPv$f: nor do they let in" "" "$(state K $f 1)"
		client $f --form 2 --secret os
		becomes "IPv$f: the secret that opens, in the second form" "ALLOWED 1" K $f 1
		client $f --form 2 --secret cs --close
		expect "IPv$f: the one that closes" "" "$(state K $f 1)"
		calm
		client $f --secret os
		becomes "IPv$f: in the first form" "ALLOWED 1" K $f 1
		client $f --secret cs
		expect "IPv$f: out in the first form" "" "$(state K $f 1)"
		client $f --key 1 --secret foo
		ipt $f s -R INPUT 1 -p udp -m pknock --knockports 4000 --name K --key 200:bar
		becomes "IPv$f: a key is taken away; whom it has let in stays" "ALLOWED 1" K $f 1
		client $f --key 200 --secret bar --close
		client $f --key 1 --secret foo
		client $f --secret os
		client $f --form 2 --secret os
		expect "IPv$f: a key that was taken away" "" "$(state K $f 1)"
		client $f --key 200 --secret bar
		becomes "IPv$f: the one that is left" "ALLOWED 1" K $f 1
	done
	expect_match "-S has the keys" "*--key \"200:bar\"*" "$(ipt 4 s -S INPUT)"
	expect "-L has their ids, and nothing else of them" "pknock knockports 4000 name K keys 200" \
		"$(ipt 4 s -nL INPUT | sed -n 's/.* \(pknock .*[^ ]\) *$/\1/p')"
}

# mapped FAMILY HOST: 16 bytes, in hexadecimal digits
mapped()
{
	[ "$1" = 4 ] && printf '00000000000000000000ffff0a0000%02x' "$2" || printf 'fd00%026d%02x' 0 "$2"
}

# openssl_form FLAGS ID SECRET CLIENT SERVER: a payload of now, by openssl alone; the last
# two as 16 bytes
openssl_form()
{
	xa_head=504b4e32$1$(printf %02x%04x%016x "$2" 4000 "$(date +%s)")$(openssl rand -hex 8)
	xa_key=$(printf 'xt_pknock form 2 tag' | openssl dgst -sha256 -hmac "$3" | sed 's/.*= //' | cut -c 1-32)
	echo "$xa_head$(bytes "$xa_head" | openssl mac -macopt "hexkey:$xa_key" -macopt size:8 SIPHASH | tr A-F a-f)$(
		bytes "$xa_head$4$5" | openssl dgst -sha256 -hmac "$3" | sed 's/.*= //')"
}

# The bytes are as the manual says, and not only as the client and the kernel do.
layout()
{
	if ! printf '' | openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:8 SIPHASH >/dev/null 2>&1; then
		skip_part "this openssl has no SipHash"
		return
	fi
	ns_pair
	none=$(printf %032d 0)
	for f in 4 6; do
		door $f K --key 200:foo --opensecret os --closesecret cs --nat
		server=$(mapped $f 2)
		from $f 81 "$(openssl_form 00 200 foo "$(mapped $f 82)" "$server")" \
			"$(openssl_form 00 200 foo "$(mapped $f 81)" "$(mapped $f 3)")" \
			"$(openssl_form 00 200 foo "$none" "$server")" "$(openssl_form 02 200 foo "$(mapped $f 81)" "$server")"
		expect "IPv$f: other addresses" "" "$(state K $f 81)"
		from $f 81 "$(openssl_form 00 200 foo "$(mapped $f 81)" "$server")"
		becomes "IPv$f: a payload as the manual describes it" "ALLOWED 1" K $f 81
		from $f 81 "$(openssl_form 01 200 foo "$(mapped $f 81)" "$server")"
		expect "IPv$f: flag 1 shuts out" "" "$(state K $f 81)"
		from $f 81 "$(openssl_form 02 200 foo "$none" "$server")"
		becomes "IPv$f: flag 2 does not name the client" "ALLOWED 1" K $f 81
		from $f 81 "$(openssl_form 03 200 foo "$none" "$server")"
		expect "IPv$f: both flags" "" "$(state K $f 81)"
		from $f 81 "$(openssl_form 00 0 os "$(mapped $f 81)" "$server")"
		becomes "IPv$f: key 0" "ALLOWED 1" K $f 81
	done
}

# All of a payload is bound: its bytes, sender, address and port of the server.
bound()
{
	ns_pair
	for f in 4 6; do
		door $f K$f --key 1:foo
		p=$(payload $f 81 -k 1 -s foo)
		expect "IPv$f: a payload of 64 bytes" 128 ${#p}
		# shellcheck disable=SC2046 # a list
		from $f 81 $(flipped "$p") "${p%??}" "${p}00"
		from $f 82 "$p"
		from $f 81 "$(payload $f 81 -k 1 -s foo --server "$(addr $f 3)")" \
			"$(payload $f 81 -k 1 -s foo --server "$(addr $f 2),4001")" \
			"$(client $f --print -k 1 -s foo --nat)"
		expect "IPv$f: nobody is in" "" "$(in_ns s cat $dir/K$f)"
		from $f 81 "$p"
		becomes "IPv$f: the right one" "ALLOWED 1" K$f $f 81
		from $f 81 "$(payload $f 81 -k 1 -s foo -c)"
		expect "IPv$f: out" "" "$(state K$f $f 81)"
		from $f 81 "$p"
		expect "IPv$f: it is accepted once" "" "$(state K$f $f 81)"
		from $f 81 "$(payload $f 81 -k 1 -s foo)"
		becomes "IPv$f: a new one in the same minute" "ALLOWED 1" K$f $f 81
		now=$(date +%s)
		p=$(payload $f 83 -k 1 -s foo)
		for d in 100 -100; do
			date -s "@$((now + d))" >/dev/null
			from $f 83 "$p"
			expect "IPv$f: $d seconds off" "" "$(state K$f $f 83)"
		done
		date -s "@$((now + 20))" >/dev/null
		from $f 83 "$p"
		becomes "IPv$f: 20 seconds off" "ALLOWED 1" K$f $f 83
		early_knocks N
		from $f 84 "$(payload $f 84 -k 1 -s foo)"
		expect "IPv$f: just after loading" "" "$(state K$f $f 84)"
		early_knocks Y
		door $f TWO$f --key 1:foo
		from $f 85 "$(payload $f 85 -k 1 -s foo)"
		expect "IPv$f: one payload opens one door" "ALLOWED 1" "$(state K$f $f 85)$(state TWO$f $f 85)"
	done
}

# A payload without the client's address is for the first who sends it, if the rule says so.
nat()
{
	ns_pair
	for f in 4 6; do
		door $f K --key 1:foo --nat
		p=$(client $f --print -k 1 -s foo --nat)
		from $f 91 "$p"
		becomes "IPv$f: whoever sends it" "ALLOWED 1" K $f 91
		from $f 92 "$p"
		expect "IPv$f: once" "" "$(state K $f 92)"
		from $f 93 "$(payload $f 94 -k 1 -s foo)"
		expect "IPv$f: one with another address" "" "$(state K $f 93)"
		from $f 94 "$(payload $f 94 -k 1 -s foo)"
		becomes "IPv$f: one with the address" "ALLOWED 1" K $f 94
	done
}

usages()
{
	for words in '--key 1' '--form 2' --close --nat '--server 10.0.0.2'; do
		want='go with a secret'
		# shellcheck disable=SC2086 # words
		expect_fail "$words without a secret" xt_pknock_knock $words 10.0.0.2 1
	done
	want='are for form 2'
	expect_fail "--form 1 with a key" xt_pknock_knock -s foo --form 1 --key 1 10.0.0.2 1
	want='number from 1 to 255'
	expect_fail "key 0" xt_pknock_knock -s foo --key 0 10.0.0.2 1
	expect_fail "key 256" xt_pknock_knock -s foo --key 256 10.0.0.2 1
	want='number from 1 to 2'
	expect_fail "form 3" xt_pknock_knock -s foo --form 3 10.0.0.2 1
	want='no address for --as'
	expect_fail "--nat with --as" xt_pknock_knock -s foo --nat --as 10.0.0.1 10.0.0.2 1
}

command -v xt_pknock_knock >/dev/null || test_skip "there is no xt_pknock_knock (Debian: nettle-dev)"
load
each_backend ids
once layout
once bound
once nat
usages

# Rules with keys are in place when the namespace goes.
doomed()
{
	ns_pair
	door 4 K --key 1:foo --key 2:bar --opensecret a --closesecret b --nat
	door 6 K --key 1:foo
}
each_backend doomed
expect_unload xt_pknock
finish
