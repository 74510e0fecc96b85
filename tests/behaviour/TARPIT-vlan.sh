#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TARPIT and ECHO on a bridge: answers have the VLAN, and the form of it, that the
# port has where the packet came in; or there are none
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"
. "${0%/*}/../reply.sh"

c_mac=02:00:00:00:00:01 s_mac=02:00:00:00:00:02

# vlans PORT VLAN...: of a port of br0; VLAN is a number and its flags, joined by commas
vlans()
{
	xa_port=$1
	shift
	for xa_i; do
		# shellcheck disable=SC2046 # words
		in_ns b bridge vlan add dev "$xa_port" vid $(echo "$xa_i" | tr , ' ') ||
			xa_die "bridge vlan add $xa_i"
	done
}

# bridge_new 0|1 PROTOCOL: c and s at br0, which filters VLANs of that protocol or does
# not; both have devices for tagged frames of the VLANs 10 and 20
bridge_new()
{
	modprobe br_netfilter 2>/dev/null
	ns_bridge
	ip -n "$(ns_name b)" link set br0 type bridge vlan_default_pvid 0 vlan_protocol "$2" \
		vlan_filtering "$1" || { skip_part "this kernel's bridges do not filter VLANs"; return 1; }
	in_ns b test -e /proc/sys/net/bridge/bridge-nf-call-iptables ||
		{ skip_part "this kernel has no br_netfilter"; return 1; }
	ns_sysctl b net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 \
		net.bridge.bridge-nf-filter-vlan-tagged=1
	for vid in 10 20; do
		printf '%s\n' "link add link c0 name v$vid type vlan proto $2 id $vid" \
			"link set v$vid up" | ns_ip c
	done
	for f in 4 6; do
		ipt $f b -A FORWARD -p tcp -j TARPIT
		ipt $f b -A FORWARD -p udp -j ECHO
	done
}

# expect_by WHAT DEV...: c sends by DEV; its answers are seen there, and nowhere else.
# Without DEV: it sends by c0 and has none.
expect_by()
{
	what=$1 from=${2:-c0} to=${3:-$from}
	[ $# -ge 2 ] || to=none
	for dev in c0 v10 v20; do
		capture c $dev "by.$dev" --in --link
	done
	link="eth src=$c_mac dst=$s_mac"
	in_ns c pkt send -d "$from" "$link / ip / tcp sport=999 dport=80 flags=S" \
		"$link / ip6 / tcp sport=999 dport=80 flags=S" \
		"$link / ip / udp sport=999 dport=80 / data text=x" \
		"$link / ip6 / udp sport=999 dport=80 / data text=x" >/dev/null
	# those of VLAN devices pass c0, too
	answers by.c0 "$([ "$to" = none ] && echo 0 || echo 4)" >"$XA_TMP/by.c0"
	seen=$(grep -c "^eth src=$s_mac dst=$c_mac / ip" "$XA_TMP/by.c0")
	expect "$what: frames without a tag" "$([ "$to" = c0 ] && echo 4 || echo 0)" "$seen"
	for dev in v10 v20; do
		expect "$what: with the tag ${dev#v}" "$([ "$to" = $dev ] && echo 4 || echo 0)" \
			"$(captured by.$dev | grep -c "^eth src=$s_mac dst=$c_mac / ip")"
	done
	expect "$what: frames at all" "$([ "$to" = none ] && echo 0 || echo 4)" \
		"$(wc -l <"$XA_TMP/by.c0")"
}

# again: all VLANs are taken away
again()
{
	for port in bc bs; do
		in_ns b bridge vlan del dev $port vid 1-4094
	done
	# what was found out about the ports is forgotten
	sleep 0.1
}

# Whether this kernel tells modules the VLANs of a port; 5.10 does not.
tells_vlans()
{
	grep -q ' br_vlan_get_info_rcu\>' /proc/kallsyms
}

# filtering PROTOCOL
filtering()
{
	bridge_new 1 "$1" || return
	vlans bc 10,pvid,untagged
	vlans bs 10
	if ! tells_vlans; then
		expect_by "$1: the VLANs of a port are not told"
		return
	fi
	expect_by "$1, access to trunk" c0
	again
	vlans bc 10
	vlans bs 10,pvid,untagged
	expect_by "$1, trunk to access" v10
	again
	vlans bc 10,pvid,untagged
	vlans bs 10,pvid,untagged
	expect_by "$1, access to access" c0
	again
	vlans bc 10 20
	vlans bs 10 20
	expect_by "$1, trunk to trunk" v10
	expect_by "$1, trunk to trunk, the other VLAN" v20
	again
	vlans bc 10,pvid,untagged 20
	vlans bs 10 20
	expect_by "$1, the native VLAN of a trunk" c0
	expect_by "$1, the other VLAN of such a trunk" v20
	again
	vlans bc 10,pvid
	vlans bs 10
	expect_by "$1, taken without a tag, sent with one" c0 v10
	again
	vlans bc 10,pvid,untagged 20
	vlans bs 10,untagged 20,pvid,untagged
	expect_by "$1, a port with two VLANs without tags"
	again
	vlans bc 10,pvid,untagged
	vlans bs 10,untagged 20,pvid,untagged
	expect_by "$1, of which the other has one" c0
}

# Tags are nothing to a bridge that does not filter.
plain()
{
	bridge_new 0 802.1Q || return
	expect_by "no filtering, no tag" c0
	expect_by "no filtering, a tag" v10
}

# What was found out for one pair of ports is not used for another one: more pairs than
# there are places to remember them, in each VLAN another port.
pairs()
{
	bridge_new 1 802.1Q || return
	tells_vlans || { skip_part "this kernel does not tell the VLANs of a port"; return; }
	vids='10 11 12 13 14 15 16 17 18' n=20
	for vid in $vids; do
		xa_veth b "b$vid" "02:00:00:00:05:$vid" s "s$vid" "02:00:00:00:06:$vid"
		printf '%s\n' "link set b$vid master br0" | ns_ip b
		vlans bc "$vid"
		vlans "b$vid" "$vid,pvid,untagged"
		in_ns b bridge fdb replace "02:00:00:00:06:$vid" dev "b$vid" vlan "$vid" master static
		set -- "$@" "eth src=$c_mac dst=02:00:00:00:06:$vid / vlan id=$vid / ip / tcp sport=10$vid dport=80 flags=S"
	done
	for vid in $vids; do
		dev_runs b "b$vid"
	done
	# a place is another pair's after a hundredth of a second: a busy machine may need that long
	for try in 1 2 3 4 5 6 7 8 9 10; do
		capture c c0 pairs --in --link -m tcp
		in_ns c pkt send -d c0 -n $((n * $#)) "$@" >/dev/null
		answers pairs $# >"$XA_TMP/got"
		sed -n 's/.* vlan id=\([0-9]*\).* dport=10\([0-9]*\) .*/\1 \2/p' "$XA_TMP/got" >"$XA_TMP/vlans"
		[ "$(wc -l <"$XA_TMP/vlans")" -eq $((n * $#)) ] || break
	done
	expect_range "many pairs of ports: some packets are answered" $# $((n * $#)) "$(wc -l <"$XA_TMP/vlans")"
	expect "all answers have a tag" "$(wc -l <"$XA_TMP/got")" "$(wc -l <"$XA_TMP/vlans")"
	expect "and are in the VLAN of the packet" 0 "$(awk '$1 != $2' "$XA_TMP/vlans" | wc -l)"
	[ "$(wc -l <"$XA_TMP/vlans")" -lt $((n * $#)) ] ||
		skip_part "$try times no two pairs met in a place: this machine is too slow"
}

doomed()
{
	bridge_new 1 802.1Q || return
	vlans bc 10,pvid,untagged
	vlans bs 10
	if tells_vlans; then
		expect_by "with rules in place" c0
	else
		expect_by "with rules in place"
	fi
}

for part in 'filtering 802.1Q' 'filtering 802.1ad' plain pairs doomed; do
	$part
	[ "$part" = doomed ] || ns_del_all
done
expect_unload xt_TARPIT xt_ECHO xa_reply
finish
