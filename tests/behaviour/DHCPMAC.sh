#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DHCPMAC, dhcpmac: the client's address in DHCP messages, matched and changed
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"

mac=00:50:56:12:34:56 macs=005056123456

# message ADDRESS [TAIL]: data layer of a BOOTP message: 28 bytes, the address,
# what is left of the 16 bytes for it, and TAIL
message()
{
	echo "data hex=01010600123456780000000000000000000000000000000000000000${1}00000000000000000000$2"
}

# hits WHAT COUNTS PACKET: which of the rules match
hits()
{
	ipt 4 s -t mangle -Z PREROUTING
	in_ns c pkt send -d c0 "$3" >/dev/null
	expect "$1" "$2" "$(ipt 4 s -t mangle -nvxL PREROUTING | awk 'NR > 2 { print $1 }' | xargs)"
}

matches()
{
	ns_pair
	{
		echo '*mangle'
		for rule in "--mac $mac" "--mac 00:50:56:12:34:57" "--mac 00:50:56:00:00:00/24" \
			"--mac 00:50:57:00:00:00/24" "--mac 00:50:57:00:00:00/23" "--mac 00:50:56:12:34:57/47" \
			"--mac 00:50:56:12:34:54/47" "--mac 80:00:00:00:00:00/1" "--mac ff:ff:ff:ff:ff:ff/0" \
			"! --mac $mac" "! --mac 00:50:57:00:00:00/24"; do
			echo "-A PREROUTING -p udp -m dhcpmac $rule"
		done
		echo COMMIT
	} | ipt_restore 4 s
	udp="ip dst=10.0.0.2 / udp sport=68 dport=67"
	hits "all bits and some" "1 0 1 0 1 1 0 0 1 0 1" "$udp / $(message $macs)"
	hits "another address" "0 0 0 0 0 0 0 1 1 1 1" "$udp / $(message ff5056123456)"
	hits "44 bytes are enough, 43 are not" "0 0 0 0 0 0 0 0 0 0 0" \
		"$udp / $(message $macs | sed 's/00$//')"
	hits "43 bytes of a longer message" "0 0 0 0 0 0 0 0 0 0 0" \
		"ip dst=10.0.0.2 / udp len=52 / $(message $macs | sed 's/00$//')"
	hits "a first fragment of 40 bytes" "0 0 0 0 0 0 0 0 0 0 0" \
		"ip dst=10.0.0.2 mf=1 / udp len=300 / $(message $macs | sed 's/00000000$//')"
	hits "length field too small" "0 0 0 0 0 0 0 0 0 0 0" \
		"ip dst=10.0.0.2 / udp len=51 / $(message $macs)"
	hits "length field 0" "0 0 0 0 0 0 0 0 0 0 0" "ip dst=10.0.0.2 / udp len=0 / $(message $macs)"
	hits "no payload" "0 0 0 0 0 0 0 0 0 0 0" "$udp"
	hits "IP options" "1 0 1 0 1 1 0 0 1 0 1" \
		"ip dst=10.0.0.2 opt=nop,nop,nop,nop / udp / $(message $macs)"
	hits "a later fragment" "0 0 0 0 0 0 0 0 0 0 0" \
		"ip dst=10.0.0.2 proto=17 off=1 / data hex=0044004300400000$(message $macs | cut -d= -f2)"
	in_ns c pkt send -d c0 --paged "$udp / $(message $macs)" >/dev/null
	expect_count "not linear in memory" 1 4 s mangle PREROUTING 1
}

# canonical PACKET: as a capture prints it
canonical()
{
	pkt print ip <<-END
		$(pkt build "$1")
	END
}

# changes WHAT OPTIONS BEFORE AFTER [UDP-FIELDS [SEND-OPTIONS]]: through a router
changes()
{
	what=$1 rule=$2 before=$3 after=$4 fields=$5
	shift 4
	[ $# -eq 0 ] || shift
	ipt 4 r -t mangle -F FORWARD
	ipt 4 r -t mangle -A FORWARD -p udp -j DHCPMAC --set-mac "$rule"
	ipt 4 r -t mangle -A FORWARD -p udp
	udp="udp sport=68 dport=67 $fields"
	capture s s0 got --quiet --in
	in_ns c pkt send -d c0 "$@" "ip src=10.0.1.1 dst=10.0.2.2 / $udp / $before" >/dev/null
	wait_for 3 test -s "$XA_TMP/capture.got"
	expect "$what" "$(canonical "ip src=10.0.1.1 dst=10.0.2.2 ttl=63 / $udp / $after")" "$(captured got)"
	expect_count "$what: the chain goes on" 1 4 r mangle FORWARD 2
}

targets()
{
	ns_triple
	changes "all bits" ab:cd:ef:01:02:03 "$(message $macs)" "$(message abcdef010203)"
	changes "24 bits" ab:cd:ef:00:00:00/24 "$(message $macs)" "$(message abcdef123456)"
	changes "1 bit" 80:00:00:00:00:00/1 "$(message $macs)" "$(message 805056123456)"
	changes "47 bits" 00:50:56:12:34:fe/47 "$(message 005056123457)" "$(message 0050561234ff)"
	changes "no bit" ff:ff:ff:ff:ff:ff/0 "$(message $macs)" "$(message $macs)"
	changes "what follows stays" ab:cd:ef:00:00:00/24 "$(message $macs 0102030405)" \
		"$(message abcdef123456 0102030405)"
	changes "no checksum stays none" ab:cd:ef:00:00:00/24 "$(message $macs)" \
		"$(message abcdef123456)" sum=0
	changes "too short stays, and goes on" ab:cd:ef:00:00:00/24 "data zero=43" "data zero=43"
	changes "not linear in memory" ab:cd:ef:00:00:00/24 "$(message $macs)" \
		"$(message abcdef123456)" '' --paged
	changes "checksum left to the device" ab:cd:ef:00:00:00/24 "$(message $macs)" \
		"$(message abcdef123456)" '' --partial
}

# The checksum, whatever it was before; 0 is sent as ffff
checksums()
{
	ns_triple
	ipt 4 r -t mangle -A FORWARD -p udp -j DHCPMAC --set-mac ab:cd:ef:00:00:00/24
	capture s s0 got --quiet --in --count 400 --full
	in_ns c pkt send -d c0 -n 400 \
		"ip src=10.0.1.1 dst=10.0.2.2 / udp sport=rand dport=rand / $(message $macs)" >/dev/null
	wait_for 5 test ! -e "$XA_TMP/capture.got.on"
	captured got >"$XA_TMP/got"
	expect "400 messages changed" 400 "$(grep -c abcdef123456 "$XA_TMP/got")"
	expect "none with a wrong checksum" 0 "$(grep -c 'sum=' "$XA_TMP/got")"
}

# A bridge between a client and a server; lease CLIENTMAC prints what the
# server leased to: the address in the message, as it saw it
dhcp_net()
{
	ns_bridge
	ip -n "$(ns_name c)" link set c0 address "$mac"
	ip -n "$(ns_name c)" addr flush dev c0
	in_ns b modprobe br_netfilter 2>/dev/null
	[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || return
	ns_sysctl b net.bridge.bridge-nf-call-iptables=1 2>/dev/null
	bg s dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=s0 \
		--bind-interfaces --dhcp-range=10.0.0.50,10.0.0.99,1h --user=root --no-ping \
		--dhcp-leasefile="$XA_TMP/leases" --pid-file="$XA_TMP/dnsmasq.pid" --log-facility="$XA_TMP/dnsmasq"
	wait_for 5 in_ns s sh -c "grep -q ':0043 ' /proc/net/udp"
	# shellcheck disable=SC2016 # that shell expands it
	printf '#!/bin/sh\necho "$1 $ip" >>%s/events\n' "$XA_TMP" >"$XA_TMP/script"
	chmod +x "$XA_TMP/script"
}

lease()
{
	: >"$XA_TMP/events"
	: >"$XA_TMP/leases"
	timeout 20 ip netns exec "$(ns_name c)" $udhcpc -i c0 -f -q -n -B -t 5 -T 1 \
		-s "$XA_TMP/script" >"$XA_TMP/udhcpc" 2>&1
}

udhcpc=
for program in udhcpc 'busybox udhcpc'; do
	# shellcheck disable=SC2086 # words
	if $program --help 2>&1 | grep -q -- -B; then
		udhcpc=$program
		break
	fi
done

# The manual's two rules: vendor bits away on the way out, and back on the way in
dhcp()
{
	if [ -z "$udhcpc" ] || ! command -v dnsmasq >/dev/null; then
		skip_part "no udhcpc or no dnsmasq"
		return
	fi
	dhcp_net || { skip_part "this kernel has no br_netfilter"; return; }
	lease
	expect_match "without rules there is a lease for the client's own address" \
		"* $mac 10.0.0.*" "$(cat "$XA_TMP/leases")"
	ipt 4 b -t mangle -A FORWARD -p udp --dport 67 -m physdev --physdev-in bc \
		-m dhcpmac --mac 00:50:56:00:00:00/24 -j DHCPMAC --set-mac ab:cd:ef:00:00:00/24
	ipt 4 b -t mangle -A FORWARD -p udp --dport 68 -m physdev --physdev-out bc \
		-m dhcpmac --mac ab:cd:ef:00:00:00/24 -j DHCPMAC --set-mac 00:50:56:00:00:00/24
	lease
	expect_match "the server sees the other address" "*ab:cd:ef:12:34:56*" \
		"$(grep -h 'DHCPREQUEST' "$XA_TMP/dnsmasq" | tail -n 1)"
	expect_match "the client gets its lease" "*bound 10.0.0.*" "$(cat "$XA_TMP/events")"
	set -- $(rule_count 4 b mangle FORWARD 1)
	expect_range "requests were changed" 2 9 "$1"
	set -- $(rule_count 4 b mangle FORWARD 2)
	expect_range "answers were changed back" 2 9 "$1"
	ipt 4 b -t mangle -F FORWARD
	ipt 4 b -t mangle -A FORWARD -p udp --dport 67 -m physdev --physdev-in bc \
		-m dhcpmac --mac 00:50:40:00:00:00/18 -j DHCPMAC --set-mac aa:bb:c0:00:00:00/18
	ipt 4 b -t mangle -A FORWARD -p udp --dport 68 -m physdev --physdev-out bc \
		-m dhcpmac --mac aa:bb:c0:00:00:00/18 -j DHCPMAC --set-mac 00:50:40:00:00:00/18
	lease
	expect_match "18 bits: the server sees them" "*aa:bb:d6:12:34:56*" \
		"$(grep -h 'DHCPREQUEST' "$XA_TMP/dnsmasq" | tail -n 1)"
	expect_match "18 bits: the client gets its lease" "*bound 10.0.0.*" "$(cat "$XA_TMP/events")"
	ipt 4 b -t mangle -F FORWARD
	ipt 4 b -t mangle -A FORWARD -p udp --dport 67 -m physdev --physdev-in bc \
		-j DHCPMAC --set-mac ab:cd:ef:00:00:00/24
	asked=$(grep -c DHCPDISCOVER "$XA_TMP/dnsmasq")
	lease
	expect_range "with only the first rule the server is asked" 1 99 \
		$(($(grep -c DHCPDISCOVER "$XA_TMP/dnsmasq") - asked))
	expect "with only the first rule the client hears nothing that is for it" "" \
		"$(grep bound "$XA_TMP/events")"
}

# Whoever has a network namespace is not whom the rest of the kernel trusts.
users()
{
	modprobe xt_DHCPMAC
	for rule in '-p udp -m dhcpmac --mac 00:50:56:00:00:00/24' \
		'-p udp -j DHCPMAC --set-mac 00:50:56:00:00:00/24'; do
		# shellcheck disable=SC2086 # words
		set -- setpriv --reuid 65534 --regid 65534 --clear-groups \
			unshare -Urn iptables-nft -t mangle -A PREROUTING $rule
		case $rule in
		*-j*)	expect_fail "a user changes nothing" "$@" ;;
		*)	expect_ok "a user can match" "$@" ;;
		esac
	done
}

doomed()
{
	ns_pair
	ipt 4 s -t mangle -A PREROUTING -p udp -m dhcpmac --mac $mac -j DHCPMAC --set-mac $mac
}

each_backend matches
each_backend targets
each_backend checksums
each_backend dhcp
users
each_backend doomed
expect_unload xt_DHCPMAC
finish
