#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_bpf: what the databases say of an address, asked by BPF programs. The programs are
# the example of doc/examples and those of tests/bpf; bpftool runs them on packets.
. "${0%/*}/../lib.sh"

programs=${XA_TESTS%/*}/bpf
# not below /sys, which is another one in a namespace
pins=/run/xa-bpf

modinfo xa_bpf >/dev/null 2>&1 || test_skip "xa_bpf was left out: no BTF for it, or no kfuncs in this kernel"
command -v bpftool >/dev/null || test_skip "there is no bpftool"
[ -e "$programs/xdp-countries.o" ] || test_skip "the programs were left out: no clang, or no libbpf"

# bytes NUMBER...: as they are
bytes()
{
	# shellcheck disable=SC2046,SC2059 # a list; the format is the data
	printf "$(printf '\\%03o' "$@")"
}

# words HEX...: two bytes of each
words()
{
	for w; do
		bytes $((0x$w >> 8)) $((0x$w & 255))
	done
}

# frame TAGS 4|6 SOURCE...: an Ethernet frame with VLAN tags; SOURCE is bytes, or words
frame()
{
	tags=$1 f=$2
	shift 2
	bytes 2 0 0 0 0 2 2 0 0 0 0 1
	while [ "$tags" -gt 0 ]; do
		tags=$((tags - 1))
		bytes 129 0 0 "$tags"
	done
	if [ "$f" = 4 ]; then
		bytes 8 0 69 0 0 28 0 0 0 0 64 17 0 0 "$@" 10 0 0 2 0 1 0 2 0 8 0 0
	else
		bytes 134 221 96 0 0 0 0 8 17 64
		words "$@" fd00 0 0 0 0 0 0 2 0001 0002 8 0
	fi
}

# answer PROGRAM TAGS 4|6 SOURCE...: what a program returns for the packet
answer()
{
	p=$1
	shift
	frame "$@" >"$XA_TMP/packet"
	run "$p" 1
}

# run PROGRAM TIMES: on the packet; what it returns
run()
{
	bpftool -j prog run pinned "$pins/$1" data_in "$XA_TMP/packet" data_out "$XA_TMP/changed" repeat "$2" |
		sed -n 's/.*"retval":\([0-9]*\).*/\1/p'
}

# load FILE NAME: all programs of the file are $pins/NAME-PROGRAM
load()
{
	bpftool prog loadall "$programs/$1.o" "$pins/$2" pinmaps "$pins/$2_maps" || return 1
}

# entry NUMBER: as bpftool wants a key
entry()
{
	echo $(($1 & 255)) $(($1 >> 8)) 0 0
}

# drop NUMBER 0|1
drop()
{
	# shellcheck disable=SC2046 # a list
	bpftool map update pinned "$pins/xdp_maps/drop" key $(entry "$1") value "$2"
}

# counted 0|1: packets that the example has passed, or dropped, on all CPUs
counted()
{
	bpftool -j map lookup pinned "$pins/xdp_maps/counters" key "$1" 0 0 0 | tr '{}' '\n\n' |
		sed -n 's/.*"cpu":[0-9]*,"value":\([0-9]*\)$/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

# countries PROGRAM CA ZM NONE: what the program returns for addresses of these, at the
# borders of ranges
countries()
{
	expect "$1: IPv4, one before a range" "$4" "$(answer "$1" 0 4 20 0 0 255)"
	expect "$1: its first address" "$2" "$(answer "$1" 0 4 20 0 1 0)"
	expect "$1: its last" "$2" "$(answer "$1" 0 4 20 0 1 255)"
	expect "$1: the next range" "$3" "$(answer "$1" 0 4 20 0 2 0)"
	expect "$1: IPv6, one before a range" "$4" "$(answer "$1" 0 6 2001 db8 0 ffff ffff ffff ffff ffff)"
	expect "$1: its first address" "$2" "$(answer "$1" 0 6 2001 db8 1 0 0 0 0 0)"
	expect "$1: its last" "$2" "$(answer "$1" 0 6 2001 db8 1 ffff ffff ffff ffff ffff)"
	expect "$1: the next range" "$3" "$(answer "$1" 0 6 2001 db8 2 0 0 0 0 0)"
}

# The example: 1 is XDP_DROP, 2 is XDP_PASS
xdp()
{
	expect_ok "the kernel takes the example" load xdp-countries xdp
	expect "nothing is dropped at first" 2 "$(answer xdp/countries 0 4 20 0 1 7)"
	drop 124 1
	countries xdp/countries 1 2 2
	expect "dropped behind a VLAN tag" 1 "$(answer xdp/countries 1 4 20 0 1 7)"
	expect "and behind two, IPv6" 1 "$(answer xdp/countries 2 6 2001 db8 1 0 0 0 0 7)"
	drop 124 0
	expect "that country is let through again" 2 "$(answer xdp/countries 0 4 20 0 1 7)"
	drop 0 1
	expect "addresses of none are dropped" 1 "$(answer xdp/countries 0 4 20 0 9 7)"
	drop 0 0
	expect "the example counts what it drops and what it passes" "7 6" "$(counted 1) $(counted 0)"
	# ARP, and less than a header
	{ bytes 2 0 0 0 0 2 2 0 0 0 0 1 8 6; bytes 0 1 8 0 6 4 0 1; } >"$XA_TMP/packet"
	expect "what is no IP passes" 2 "$(run xdp/countries 1)"
	frame 0 4 20 0 1 7 | head -c 30 >"$XA_TMP/packet"
	expect "and what is cut short" 2 "$(run xdp/countries 1)"
	want="invalid access"
	expect_fail "no program reads an address behind the packet's end" load beyond beyond
}

# Programs of other types. 4294967295 is what a size has that is no address's, as -1
tc()
{
	expect_ok "the kernel takes programs of TC" load tc tc
	countries tc/country 124 894 0
	countries tc/asn 64500 4294967295 0
	frame 0 4 20 0 1 1 >"$XA_TMP/packet"
	expect "a size that no address has" 0 "$(run tc/sizes 1)"
}

# old_kernel: it has no programs of netfilter, and no kfuncs for socket filters; since 6.4
old_kernel()
{
	! grep -q ' bpf_nf_link_attach$' /proc/kallsyms
}

socket()
{
	if old_kernel; then
		want="not allowed" expect_fail "no kfuncs for socket filters: an old kernel" load socket socket
		skip_part "this kernel has no kfuncs for socket filters"
		return
	fi
	expect_ok "the kernel takes socket filters" load socket socket
	expect "a socket filter: country" 124 "$(answer socket/country 0 4 20 0 1 255)"
	expect "of IPv6" 894 "$(answer socket/country 0 6 2001 db8 2 0 0 0 0 0)"
	expect "AS number" 64500 "$(answer socket/asn 0 4 20 0 1 255)"
	expect "of IPv6" 4294967295 "$(answer socket/asn 0 6 2001 db8 2 0 0 0 0 0)"
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p udp -m bpf --object-pinned $pins/socket/country
	done
	in_ns c pkt send -d c0 "ip src=20.0.1.1 dst=10.0.0.2 / udp" "ip src=20.0.0.1 dst=10.0.0.2 / udp" \
		"ip6 src=2001:db8:2::1 dst=fd00::2 / udp" "ip6 src=2001:db8:2::2 dst=fd00::2 / udp" \
		"ip6 src=2001:db8:3::1 dst=fd00::2 / udp" >/dev/null
	expect_count "a rule with -m bpf asks for a country" 1 4 s filter INPUT 1
	expect_count "also of IPv6" 2 6 s filter INPUT 1
	ns_del_all
}

# attach NS PROGRAM 4|6: at prerouting, before iptables; ended by bg_stop $bg_pid
attach()
{
	: >"$XA_TMP/attached"
	bg "$1" nfattach "$programs/nf.o" "$2" "$3" 0 -500 >"$XA_TMP/attached" 2>"$XA_TMP/err"
	while [ ! -s "$XA_TMP/attached" ] && kill -0 "$bg_pid" 2>/dev/null; do
		sleep 0.1
	done
	[ -s "$XA_TMP/attached" ]
}

# five_sources: datagrams of both countries, from inside and outside of their ranges
five_sources()
{
	in_ns c pkt send -d c0 "ip src=20.0.1.0 dst=10.0.0.2 / udp" "ip src=20.0.1.255 dst=10.0.0.2 / udp" \
		"ip src=20.0.0.255 dst=10.0.0.2 / udp" "ip src=20.0.2.0 dst=10.0.0.2 / udp" \
		"ip src=20.0.3.0 dst=10.0.0.2 / udp" "ip6 src=2001:db8:1::1 dst=fd00::2 / udp" \
		"ip6 src=2001:db8:1:ffff::1 dst=fd00::2 / udp" "ip6 src=2001:db8::1 dst=fd00::2 / udp" \
		"ip6 src=2001:db8:2::1 dst=fd00::2 / udp" "ip6 src=2001:db8:3::1 dst=fd00::2 / udp" >/dev/null
}

# dropped WHAT PROGRAM PASS: of five sources of each family, PASS come through a program that drops
dropped()
{
	for f in 4 6; do
		if ! attach s "$2" $f; then
			not_ok "$1, IPv$f" "$(cat "$XA_TMP/err")"
			return
		fi
		ipt $f s -Z INPUT
		five_sources
		expect_count "$1, IPv$f" "$3" $f s filter INPUT 1
		bg_stop "$bg_pid"
	done
}

# Programs at the hooks of netfilter, without iptables or nft
netfilter()
{
	if ! command -v nfattach >/dev/null; then
		skip_part "programs of netfilter: nfattach was left out (no static libbpf)"
		return
	fi
	ns_pair
	if old_kernel; then
		expect_fail "no programs of netfilter: an old kernel" attach s country 4
		skip_part "this kernel has no programs of netfilter"
		ns_del_all
		return
	fi
	for f in 4 6; do
		ipt $f s -A INPUT -p udp
	done
	five_sources
	expect_count "no program of netfilter is there" 5 4 s filter INPUT 1
	dropped "a program of netfilter drops a country, two sources of five" country 3
	dropped "and one an AS number, one source of five" asn 4
	ipt 4 s -Z INPUT
	five_sources
	expect_count "it goes with the one who holds it" 5 4 s filter INPUT 1
	ns_del_all
}

# Databases are replaced while the program runs. In both the address has a country that
# is dropped, another one in each; the tables have different forms.
swap()
{
	drop 124 1
	drop 840 1
	passed=$(counted 0) dropped=$(counted 1) during=0
	frame 0 4 20 0 1 7 >"$XA_TMP/packet"
	for db in us cc us cc; do
		run xdp/countries 100000 >/dev/null &
		pid=$!
		xt_geoip_load -q -D "$XA_TMP/$db"
		kill -0 $pid 2>/dev/null && during=$((during + 1))
		wait $pid
	done
	expect "packets with the wrong answer, of 400000" 0 "$(($(counted 0) - passed))"
	expect "with the right one" 400000 "$(($(counted 1) - dropped))"
	[ $during -gt 0 ] || skip_part "no database was loaded while the program ran"
}

# Programs do not keep a database; they keep the module.
without()
{
	xt_geoip_load -q -D "$XA_TMP/us"
	expect "a new database is seen at once" 840 "$(answer tc/country 0 4 20 0 1 1)"
	expect_ok "a program does not keep a database" xt_geoip_load --unload
	expect "without one no address has a country" 0 "$(answer tc/country 0 4 20 0 1 1)"
	expect "of IPv6" 0 "$(answer tc/country 0 6 2001 db8 1 0 0 0 0 1)"
	expect "but an AS number" 64500 "$(answer tc/asn 0 4 20 0 1 1)"
	xt_geoip_load -q -D "$XA_TMP/cc"
	expect "until there is one" 124 "$(answer tc/country 0 4 20 0 1 1)"
	expect_fail "a program keeps the module" rmmod xa_bpf
	rm -r ${pins:?}/*
	expect_ok "which can go when no program is left" wait_for 60 rmmod xa_bpf
	want="xa_bpf"
	expect_fail "without it the kernel takes no such program" load tc tc
}

mkdir -p "$XA_TMP/cc" "$XA_TMP/us" "$XA_TMP/as"
{
	xt_geoip_build -q -F -f cidr -D "$XA_TMP/cc" -i - <<-END
		20.0.1.0/24,CA
		20.0.2.0/24,ZM
		2001:db8:1::/48,CA
		2001:db8:2::/48,ZM
	END
	{
		echo 20.0.1.0/24,US
		awk 'BEGIN { for (i = 0; i < 5000; i++) print "20." int(i / 250) + 1 "." i % 250 ".0/25," (i % 2 ? "DE" : "FR") }'
	} | xt_geoip_build -q -F -f cidr -D "$XA_TMP/us" -i -
	xt_asn_build -q -F -f cidr -D "$XA_TMP/as" -i - <<-END
		20.0.1.0/24,64500
		20.0.2.0/24,4294967295
		2001:db8:1::/48,64500
		2001:db8:2::/48,4294967295
	END
} 2>/dev/null || xa_die "databases"

expect_ok "the module is loaded" modprobe xa_bpf
xt_geoip_load -q -D "$XA_TMP/cc" && xt_asn_load -q -D "$XA_TMP/as" || xa_die "the databases are loaded"
mkdir -p $pins && mount -t bpf bpf $pins || xa_die "a file system for BPF programs"
xdp
tc
socket
netfilter
swap
without
umount $pins
finish
