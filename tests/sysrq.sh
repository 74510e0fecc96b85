# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the tests of SYSRQ share; sourced after lib.sh. The client c (10.0.0.1, fd00::1)
# sends requests, the server s (10.0.0.2, fd00::2) has the rules.

parameters=/sys/module/xt_SYSRQ/parameters
sysctl=/proc/sys/kernel/sysrq
all_netns=/proc/sys/net/netfilter/nf_log_all_netns
full4=10.0.0.2
full6=fd00:0000:0000:0000:0000:0000:0000:0002
password=cookies
hash=sha256
form=
# SEQ is a time, long past: the module is told that it begins there
seq=$(($(date +%s) - 1000000))

# ---- requests

# fresh: $seq is one that was not used
fresh()
{
	seq=$((seq + 1))
}

# request KEYS SEQ ADDRESS [SALT]: $request, with the password, the hash and the form of now
request()
{
	request=$1,$2,${4-salt}
	case $form in
	hmac1)	digest=$(printf %s "hmac1,$request,$3" | openssl dgst "-$hash" -hmac "$password" | sed 's/.*= //')
		request=$request,hmac1:$digest ;;
	*)	digest=$(printf %s "$request,$3,$password" | "${hash}sum" | cut -d' ' -f1)
		request=$request,$digest ;;
	esac
	echo "$digest" >>"$XA_TMP/secrets"
}

# request_for 4|6 [KEYS [SALT]]: a fresh one
request_for()
{
	fresh
	case $1 in
	4)	request "${2-h}" "$seq" $full4 "${3-salt}" ;;
	6)	request "${2-h}" "$seq" $full6 "${3-salt}" ;;
	esac
}

# to 4|6: the IP layer of a packet from c to s
to()
{
	case $1 in
	4)	echo 'ip src=10.0.0.1 dst=10.0.0.2' ;;
	6)	echo 'ip6 src=fd00::1 dst=fd00::2' ;;
	esac
}

# udp [FIELDS] TEXT: a datagram to port 9
udp()
{
	[ $# -eq 2 ] || set -- '' "$1"
	echo "udp dport=9 $1 / data text=\"$2\""
}

# ---- what comes of them

# rules [RULE...]: in mangle of s, before a rule that counts what was accepted
rules()
{
	for f in 4 6; do
		ipt $f s -t mangle -A INPUT "$@" -j SYSRQ
		ipt $f s -A INPUT
	done
	counted_4='0 0' counted_6='0 0'
}

# counts 4|6: packets that came to the first rule, and that were accepted
counts()
{
	xa_ipt "$1" s -save -c | awk '/^\*/ { table = $1 }
		/ -A INPUT/ && !(table in n) { n[table] = substr($1, 2) + 0 }
		END { print n["*mangle"] + 0, n["*filter"] + 0 }'
}

# have_come 4|6 CAME ACCEPTED: as many, at least, more than when they were last counted
have_come()
{
	counted=$(counts "$1")
	case $1 in
	4)	xa_last=$counted_4 ;;
	6)	xa_last=$counted_6 ;;
	esac
	accepted=$((${counted#* } - ${xa_last#* }))
	came=$((${counted% *} - ${xa_last% *}))
	[ $came -ge "$2" ] && [ $accepted -ge "$3" ]
}

# judged WHAT 4|6 "KEYS ACCEPTED" COUNT ARGS...: keys that COUNT packets (pkt send ARGS)
# pressed, and how many of them were accepted
judged()
{
	what="IPv$2: $1" f=$2 outcome=$3 count=$4
	shift 4
	kmsg_mark
	in_ns c pkt send -d c0 "$@" >"$XA_TMP/sent" 2>&1
	wait_for 10 have_come $f "$count" "${outcome##* }"
	eval "counted_$f=\$counted"
	expect "$what" "$outcome, $count packets" "$(pressed) $accepted, $came packets"
}

# done_for WHAT 4|6 ARGS...: a packet is accepted, and its key h pressed
done_for()
{
	what=$1 f=$2
	shift 2
	judged "$what" "$f" 'h 1' 1 "$@"
}

# dropped WHAT 4|6 PACKET...: all of them, and no key is pressed
dropped()
{
	what=$1 f=$2
	shift 2
	judged "$what" "$f" ' 0' $# "$@"
}

# judged_at WHAT SEQ done_for|dropped
judged_at()
{
	request h "$2" $full4
	"$3" "$1" 4 "$(to 4) / $(udp "$request")"
}

# pressed: the keys in the log since the mark
pressed()
{
	kmsg_since_mark | sed -n 's/.*xt_SYSRQ: SysRq \(.\)$/\1/p' | tr -d '\n'
}

has_logged()
{
	# shellcheck disable=SC2254 # a pattern
	case $(kmsg_since_mark) in
	$1)	;;
	*)	return 1 ;;
	esac
}

# ---- the module

# loaded_alone [PARAMETER...]: the module anew, told nothing else
loaded_alone()
{
	ns_del_all
	wait_for 20 mod_gone xt_SYSRQ && modprobe xt_SYSRQ "$@"
}

# loaded [PARAMETER...]: the module anew, for the numbers of these tests
loaded()
{
	loaded_alone "$@" && echo "$seq" >$parameters/seqno
}

# not_taken TEXT PARAMETER: a value that the parameter does not take
not_taken()
{
	want='write'
	expect_fail "$2: '$1' is refused" sh -c "printf '%s\n' '$1' >$parameters/$2 2>/dev/null ||
		{ echo write >&2; exit 1; }"
}

set_password()
{
	printf '%s' "$1" >$parameters/password && password=$1
}

# sysrq_allowed: what the machine allows is put back at the end
sysrq_allowed()
{
	[ -e $sysctl ] || test_skip "this kernel has no SysRq"
	sysrq_before=$(cat $sysctl) sysrq_loglevel=$(cut -f1 /proc/sys/kernel/printk)
	trap 'echo "$sysrq_before" >$sysctl; echo "$sysrq_loglevel" >/proc/sys/kernel/printk; xa_cleanup' EXIT
	echo 1 >$sysctl
}
