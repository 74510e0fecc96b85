#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SYSRQ: parameters, messages, who may insert rules, the manual's script, the client
. "${0%/*}/../lib.sh"
. "${0%/*}/../sysrq.sh"

# written TEXT: to the password, with one write(); | is the end of a line
written()
{
	printf %s "$1" | tr '|' '\n' | dd of=$parameters/password bs=4096 2>"$XA_TMP/dd" && return
	cat "$XA_TMP/dd" >&2
	return 1
}

# is_password TEXT
is_password()
{
	password=$1
	request_for 4
	done_for "the password '$1'" 4 "$(to 4) / $(udp "$request")"
	expect "is read as it was written" "$1" "$(cat $parameters/password)"
}

# no_password: how often the log says so
no_password()
{
	dmesg | grep -c 'xt_SYSRQ: no password is set'
}

passwords()
{
	loaded
	ns_pair
	rules -p udp
	expect "at first there is no password" '' "$(cat $parameters/password)"
	echo 1 >$all_netns
	password='' said=$(no_password)
	for f in 4 6; do
		request_for $f
		judged "without one all is dropped" $f ' 0' 3 --count 3 "$(to $f) / $(udp "$request")"
	done
	set_password x
	written '|'
	expect "an empty line takes it away" '' "$(cat $parameters/password)"
	password=
	request_for 4
	dropped "and all is dropped" 4 "$(to 4) / $(udp "$request")"
	expect "with one line in the log each time" 2 "$(($(no_password) - said))"
	echo 0 >$all_netns
	longest=$(printf '%063d' 7)
	written "$longest|"
	is_password "$longest"
	for text in "0$longest" "0$longest|" 'two|lines' 'cookies||' '|cookies'; do
		want=Invalid
		expect_fail "'$text' is refused" written "$text"
		expect "'$text' changes nothing" "$longest" "$(cat $parameters/password)"
	done
	for text in x 'a,b' ' a  b ' '%s%n' 'grüße'; do
		written "$text"
		is_password "$text"
	done
}

# mode PARAMETER
mode()
{
	expect "mode of $1" "$2" "$(ls -l $parameters/$1 | cut -c 1-10)"
}

seqnos()
{
	loaded_alone
	now=$(date +%s)
	ns_pair
	set_password cookies
	rules -p udp
	last=9223372036854775807
	seq=999
	echo $seq >$parameters/seqno
	for try in '998 dropped' '999 dropped' '1000 done_for' '1000 dropped' '01001 done_for' \
		"$((now + 1000000)) dropped"; do
		judged_at "SEQ ${try% *}" "${try% *}" "${try#* }"
	done
	echo -1 >$parameters/slack
	for try in "$((now + 1000000)) done_for" \
		"$((last - 1)) done_for" "$last done_for" "$last dropped" "${last%7}8 dropped"; do
		request h "${try% *}" $full4
		"${try#* }" "SEQ ${try% *}" 4 "$(to 4) / $(udp "$request")"
	done
	expect "seqno at its end" $last "$(cat $parameters/seqno)"
	for text in -1 x '' 1x 0x10 "${last%7}8"; do
		not_taken "$text" seqno
	done
	expect "and nothing is changed" $last "$(cat $parameters/seqno)"
	echo 0 >$parameters/seqno
	request h 1 $full4
	done_for "seqno set back to 0" 4 "$(to 4) / $(udp "$request")"
	expect_ok "seqno when it is loaded" loaded_alone seqno=17
	expect "is what was given" 17 "$(cat $parameters/seqno)"
	echo "$((seq = now - 500000))" >$parameters/seqno
}

hashes()
{
	mkdir "$XA_TMP/modprobe.d"
	for hash in sha1 md5; do
		echo "options xt_SYSRQ password=cookies hash=$hash" >"$XA_TMP/modprobe.d/xt_SYSRQ.conf"
		if ! loaded -C "$XA_TMP/modprobe.d"; then
			skip_part "this kernel has no $hash"
			continue
		fi
		ns_pair
		password=cookies
		rules -p udp
		expect "hash is $hash" $hash "$(cat $parameters/hash)"
		for f in 4 6; do
			request_for $f
			done_for "$hash" $f "$(to $f) / $(udp "$request")"
		done
		hash=sha256
		request_for 4
		dropped "not sha256 then" 4 "$(to 4) / $(udp "$request")"
	done
	hash=sha256
	for name in crc32c 'hmac(sha256)' nosuch '' sha256sha256sha256; do
		kmsg_mark
		expect_fail "hash=$name is refused" loaded "hash=$name"
		expect_match "hash=$name: and told why" '*xt_SYSRQ: *hash*' "$(kmsg_since_mark)"
	done
	loaded || not_ok "without parameters" "$(dmesg | tail -n 3)"
	expect "hash is sha256" sha256 "$(cat $parameters/hash)"
	expect_fail "and stays so" sh -c "echo sha1 >$parameters/hash"
	mode password -rw-------
	mode hash -r--------
	mode seqno -rw-------
	mode slack -rw-------
	mode plain_digest -rw-------
	mode debug -rw-------
}

# explained WHAT PATTERN PACKET
explained()
{
	kmsg_mark
	in_ns c pkt send -d c0 "$3" >/dev/null
	wait_for 10 has_logged "$2"
	expect_match "$1" "$2" "$(kmsg_since_mark)"
}

debugging()
{
	ns_pair
	set_password cookies
	rules -p udp
	echo 1 >$all_netns
	request_for 4
	kmsg_mark
	dropped "a request with a mistake" 4 "$(to 4) / $(udp "i$request")"
	expect "is not talked about" 0 "$(kmsg_since_mark | grep -c xt_SYSRQ)"
	echo 1 >$parameters/debug
	explained "but with debug: the address, as it is digested" \
		'*xt_SYSRQ: to 10.0.0.2: the digest is not sha256 of "ih,*,salt,10.0.0.2,PASSWORD"*' \
		"$(to 4) / $(udp "i$request")"
	explained "IPv6 in full" "*xt_SYSRQ: to $full6: *,$full6,PASSWORD*" \
		"$(to 6) / $(udp "i$request")"
	explained "an old SEQ" '*xt_SYSRQ: to 10.0.0.2: SEQ 5 *' "$(to 4) / $(udp 'h,5,s,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff')"
	explained "one that is too far ahead" "*xt_SYSRQ: to 10.0.0.2: SEQ ${seq}000 is more than 60 seconds ahead *" \
		"$(to 4) / $(udp "h,${seq}000,s,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")"
	explained "an HMAC that is wrong" '*the digest is not hmac(sha256) of "hmac1,h,*,s,10.0.0.2"*' \
		"$(to 4) / $(udp "h,$((seq + 5)),s,hmac1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")"
	explained "no request" '*xt_SYSRQ: to 10.0.0.2: the digest is too short*' "$(to 4) / $(udp 'h,5,s,0')"
	explained "what could forge lines is escaped" '*not sha256 of "h,*,\\nxt_SYSRQ: SysRq b,10.0.0.2,PASSWORD"*' \
		"$(to 4) / $(udp "h,$((seq + 5)),\\nxt_SYSRQ: SysRq b,$digest")"
	echo 0 >$all_netns
	counted_4=$(counts 4)
	dropped "a namespace that may not log" 4 "$(to 4) / $(udp "i$request")"
	expect "is not talked about" 0 "$(kmsg_since_mark | grep -c xt_SYSRQ)"
	echo 0 >$parameters/debug
}

# ipt_program 4|6
ipt_program()
{
	case $1 in
	4)	echo "iptables-$XA_BACKEND" ;;
	6)	echo "ip6tables-$XA_BACKEND" ;;
	esac
}

# SysRq is the machine's: namespaces do not reach it by rules of their own.
containers()
{
	ns_new s
	for f in 4 6; do
		want=ermi
		expect_fail "IPv$f: not without CAP_SYS_ADMIN" in_ns s setpriv --bounding-set=-sys_admin \
			"$(ipt_program $f)" -w -A INPUT -p udp -j SYSRQ
		expect_ok "IPv$f: other rules do" in_ns s setpriv --bounding-set=-sys_admin \
			"$(ipt_program $f)" -w -A INPUT -p udp
		expect_ok "IPv$f: nor does it need anything else" in_ns s \
			setpriv --bounding-set=-all,+sys_admin,+net_admin,+net_raw \
			"$(ipt_program $f)" -w -A INPUT -p udp -j SYSRQ
		if unshare -rn true 2>/dev/null; then
			want=ermi
			expect_fail "IPv$f: not in a user namespace" unshare -rn \
				"$(ipt_program $f)" -w -A INPUT -p udp -j SYSRQ
			expect_ok "IPv$f: other rules do" unshare -rn "$(ipt_program $f)" -w -A INPUT -p udp
		else
			skip_part "no user namespaces"
		fi
	done
}

# In the initial network namespace CAP_NET_ADMIN is enough; in a chain that no packet sees.
initial()
{
	for f in 4 6; do
		iptables=$(ipt_program $f)
		expect_ok "IPv$f: the initial namespace" setpriv --bounding-set=-sys_admin sh -c "
			$iptables -w -N xa-sysrq && $iptables -w -A xa-sysrq -p udp -j SYSRQ
			rc=\$?
			$iptables -w -F xa-sysrq && $iptables -w -X xa-sysrq
			exit \$rc"
	done
}

# manual: what the section prints, without roff
manual()
{
	sed -e 's/\\-/-/g' "$XA_EXTENSIONS/libxt_SYSRQ.man"
}

# script SED: the manual's, with changes, in c
script()
{
	manual | sed -n '/^password=/,/^\.fi/p' | sed -e '/^\.fi/d' -e "$1" >"$XA_TMP/script"
	kmsg_mark
	in_ns c sh "$XA_TMP/script"
	wait_for 10 has_logged "*HELP :*"
	expect "$2" h "$(pressed)"
}

as_printed()
{
	ns_pair
	manual | grep '^iptables ' >"$XA_TMP/rules"
	expect "two rules for IPv4" 2 "$(wc -l <"$XA_TMP/rules")"
	while read -r _ words; do
		# shellcheck disable=SC2086 # words
		expect_ok "iptables $words" ipt 4 s $words
	done <"$XA_TMP/rules"
	# shellcheck disable=SC2046 # words
	expect_ok "and one for IPv6" ipt 6 s $(manual | sed -n 's/^ip6tables //p')
	command=$(manual | sed -n '/^echo .*parameters\/password$/p')
	expect_ok "$command" sh -c "$command"
	expect "sets the password" cookies "$(cat $parameters/password)"
	echo 0 >$parameters/seqno
	script '' "the script"
	expect_match "and its rule has counted it" '1 *' "$(rule_count 4 s filter INPUT 1)"
	echo 0 >$parameters/seqno
	script "s/^ipaddr=.*/ipaddr=$full6/; s/sendto:.ipaddr/sendto:[\$ipaddr]/" "the script, to an IPv6 address"
	echo "$seq" >$parameters/seqno
}

script_sha1()
{
	if ! loaded hash=sha1; then
		skip_part "this kernel has no sha1"
		loaded
		return
	fi
	ns_pair
	rules -p udp
	set_password cookies
	echo 0 >$parameters/seqno
	script "s/sha256sum | cut -c1-64/$(manual | sed -n 's/^With hash=sha1 it is \\fB\(.*\)\\fP; .*/\1/p')/" "the script, with sha1"
	loaded
}

# client NS KEYS ARGS...: xt_sysrq_send, and what was pressed
client()
{
	what=$1 want_keys=$2 ns=$3
	shift 3
	kmsg_mark
	echo "$password" >"$XA_TMP/password"
	fresh
	expect_ok "xt_sysrq_send $*" in_ns "$ns" xt_sysrq_send -f "$XA_TMP/password" -s "$seq" "$@"
	[ -z "$want_keys" ] || wait_for 10 has_logged "*SysRq ?$xa_newline*HELP :*"
	expect "$what" "$want_keys" "$(pressed)"
}

clients()
{
	ns_pair
	set_password 'pass word, and more'
	rules -p udp
	ipt 4 s -t mangle -A INPUT -p udplite -j SYSRQ
	client "a client, IPv4" hh c 10.0.0.2 hh
	client "IPv6" h c -p 99 fd00::2 h
	client "the IPv6 address in another form" h c -6 FD00:0::0:2 h
	client "copies" h c -n 3 10.0.0.2 h
	client "loopback" h s 127.0.0.1 h
	client "loopback, IPv6" h s ::1 h
	client "with an HMAC" h c -H 10.0.0.2 h
	client "with an HMAC, IPv6" h c -H fd00::2 h
	client "another digest" '' c -a sha1 10.0.0.2 h
	if in_ns c socat -h | grep -qi udplite; then
		client "UDP-Lite" h c -u 10.0.0.2 h
	else
		skip_part "this socat has no UDP-Lite"
	fi
	for hash in sha1 sha512; do
		form=hmac1
		request h "$seq" $full4 x
		sent=$(echo "$password" | xt_sysrq_send -H -a $hash -f - -s "$seq" -o 10.0.0.2 h)
		salt=${sent#h,*,}
		request h "$seq" $full4 "${salt%%,*}"
		expect "-H -a $hash, against openssl" "$request" "$sent"
		form=
	done
	hash=sha256
	fresh
	kmsg_mark
	expect_ok "the password in the environment" in_ns c env XT_SYSRQ_PASSWORD="$password" \
		xt_sysrq_send -s "$seq" 10.0.0.2 h
	wait_for 10 has_logged "*HELP :*"
	expect "is the same" h "$(pressed)"
	request h "$seq" $full4 x
	expect "-o prints what can be sent by other means" "h,$seq" \
		"$(echo "$password" | xt_sysrq_send -f - -s "$seq" -o 10.0.0.2 h | cut -d, -f 1,2)"
}

# usage TEXT ARGS...: refused with TEXT
usage()
{
	want=$1
	shift
	expect_fail "xt_sysrq_send $*" env XT_SYSRQ_PASSWORD=cookies xt_sysrq_send -o "$@"
}

usages()
{
	longest=$(printf '%032d' 8)
	usage 'HOST and KEYS' 10.0.0.2
	usage 'HOST and KEYS' 10.0.0.2 h h
	for port in 0 65536 x -1 ''; do
		usage "-p takes a port from 1 to 65535, not '$port'" -p "$port" 10.0.0.2 h
	done
	for n in 0 101 x; do
		usage "-n takes a number from 1 to 100, not '$n'" -n "$n" 10.0.0.2 h
	done
	for s in -1 9223372036854775808 1x; do
		usage "-s takes a number from 0 to 9223372036854775807, not '$s'" -s "$s" 10.0.0.2 h
	done
	usage "KEYS are printable" 10.0.0.2 h,b
	usage "KEYS are printable" 10.0.0.2 'h b'
	usage "KEYS are 1 to 32" 10.0.0.2 ''
	usage "KEYS are 1 to 32" 10.0.0.2 "8$longest"
	usage "no program here makes digests" -a nosuch 10.0.0.2 h
	usage "-H knows" -H -a sha3-256 10.0.0.2 h
	usage "cannot be read" -f "$XA_TMP/none" 10.0.0.2 h
	for address in 10.0.0.02 10.0.0 10.0.0.256 10.0.0.0.2 1::2::3 ::12345 1:2:3:4:5:6:7:8:9 :: ::g; do
		[ $address = :: ] || usage "$address is no address" $address h
	done
	usage "is no IPv6 address" -6 10.0.0.2 h
	usage "is no IPv4 address" -4 ::1 h
	expect_ok "limits" env XT_SYSRQ_PASSWORD=cookies xt_sysrq_send -o -p 65535 -n 100 \
		-s 9223372036854775807 ::1 "$longest"
	for length in 0 64; do
		want='1 to 63 bytes'
		expect_fail "a password of $length bytes" env XT_SYSRQ_PASSWORD= \
			sh -c 'printf %s "$1" | xt_sysrq_send -f - -o ::1 h' sh "$(printf "%.${length}s" "00$longest$longest")"
	done
	expect_match "-h" '*usage: xt_sysrq_send *' "$(xt_sysrq_send -h)"
}

# The log holds keys, and neither passwords nor digests.
secrets()
{
	dmesg >"$XA_TMP/dmesg"
	sort -u "$XA_TMP/secrets" >"$XA_TMP/digests"
	expect_range "digests were made" 10 100000 "$(wc -l <"$XA_TMP/digests")"
	expect "none of them is in the log" 0 "$(grep -cFf "$XA_TMP/digests" "$XA_TMP/dmesg")"
	expect "nor a password" 0 "$(grep -c cookies "$XA_TMP/dmesg")"
}

loaded
sysrq_allowed
each_backend containers
each_backend as_printed
for part in debugging clients usages initial passwords seqnos hashes script_sha1; do
	$part
	ns_del_all
done
secrets
finish
