# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# knock.sh - what the tests of pknock share; sourced behind lib.sh

dir=/proc/net/xt_pknock

# addr FAMILY HOST: address of a host that sends through c
addr()
{
	[ "$1" = 4 ] && echo "10.0.0.$2" || printf 'fd00::%x\n' "$2"
}

# header FAMILY HOST [FIELDS]: first layer of a packet from there to s
header()
{
	[ "$1" = 4 ] && echo "ip src=$(addr 4 "$2") $3" || echo "ip6 src=$(addr 6 "$2") $3"
}

# syn FAMILY HOST PORT...: knocks, one after the other
syn()
{
	from=$(header "$1" "$2")
	shift 2
	set -- $(printf 'dport=%s\n' "$@")
	for p; do
		set -- "$@" "$from / tcp $p"
		shift
	done
	in_ns c pkt send --dev c0 "$@" >/dev/null
}

# state NAME FAMILY HOST [NS]: status and count of knocks of a host, nothing if there is none
state()
{
	in_ns "${4:-s}" sed -n "s/^src=$(addr "$2" "$3") proto=[A-Z]* status=\([A-Z]*\) accepted_knock_count=\([0-9]*\) .*/\1 \2/p" \
		"$dir/$1"
}

is_state() { [ "$(state "$2" "$3" "$4" "${5:-}")" = "$1" ]; }

# becomes WHAT WANTED STATE-ARGS...: the state of a host; what it has sent may be on its way
becomes()
{
	xa_what=$1 xa_wanted=$2
	shift 2
	wait_for 5 is_state "$xa_wanted" "$@"
	expect "$xa_what" "$xa_wanted" "$(state "$@")"
}

# bytes HEX: those bytes
bytes()
{
	for b in $(echo "$1" | sed 's/../& /g'); do
		# shellcheck disable=SC2059 # that is what it is for
		printf "\\$(printf %03o "0x$b")"
	done
}

# digits SECRET FAMILY HOST MINUTE: the payload, by openssl alone
digits()
{
	[ "$2" = 4 ] && a=$(printf '0a0000%02x' "$3") || a=$(printf 'fd00%026d%02x' 0 "$3")
	m=$(printf %08x "$4" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')
	bytes "$a$m" | openssl dgst -sha256 -hmac "$1" | sed 's/.*= //'
}

# datagram FAMILY HOST TEXT [UDP]: to the knock port
datagram()
{
	in_ns c pkt send --dev c0 "$(header "$1" "$2") / udp dport=4000 $4 / data text=\"$3\"" >/dev/null
}

# knock SECRET FAMILY HOST MINUTE
knock()
{
	datagram "$2" "$3" "$(digits "$@")\n"
}

# calm: the clock is at the beginning of a minute, so that it stays that minute; in $min
calm()
{
	min=$(($(date +%s) / 60 + 1))
	date -s "@$((min * 60 + 2))" >/dev/null
}

# steady: the clock is where calm has set it, however long what came since has taken
steady()
{
	date -s "@$((min * 60 + 2))" >/dev/null
}

# ftp FAMILY: rules of s, as in the manual
ftp()
{
	ipt "$1" s -A INPUT -p udp -m pknock --knockports 4000 --name FTP --opensecret foo \
		--closesecret bar --autoclose 240 --dport 4000 -j DROP
	ipt "$1" s -A INPUT -p tcp -m pknock --checkip --name FTP --dport 21 -j ACCEPT
}

# tun NS PACKET...: received by a device of its own
tun()
{
	ns=$1
	shift
	in_ns "$ns" pkt send --tun "t$((tuns += 1))" "$@" >/dev/null
}
tuns=0

# early_knocks Y|N: whether knocks of the minutes in which the module was loaded are accepted
early_knocks()
{
	echo "$1" >/sys/module/xt_pknock/parameters/early_knocks
}

# load PARAMETER...: the module anew, with nobody using it; for tests that do not wait
load()
{
	wait_for 20 mod_gone xt_pknock || return
	modprobe xt_pknock "$@" || return
	early_before=$(cat /sys/module/xt_pknock/parameters/early_knocks)
	early_knocks Y
}

# once FUNC: on the first back end alone, for what has nothing to do with back ends
once()
{
	backends=$XA_BACKENDS
	XA_BACKENDS=${XA_BACKENDS:-nft}
	XA_BACKENDS=${XA_BACKENDS%% *}
	each_backend "$@"
	XA_BACKENDS=$backends
}
