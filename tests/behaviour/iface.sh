#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# iface: states of real devices, in both senses, while they come, go and change
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"

states='up broadcast loopback pointopoint running noarp promisc multicast dynamic lower-up dormant'

# watch 4|6 NS DEV: for each state a rule and one for its opposite, on pings to oneself
watch()
{
	case $1 in
	4)	icmp="-p icmp --icmp-type echo-request" ;;
	6)	icmp="-p icmpv6 --icmpv6-type echo-request" ;;
	esac
	{
		echo '*filter'
		for state in $states; do
			echo "-A INPUT $icmp -m iface --iface $3 --$state"
			echo "-A INPUT $icmp -m iface --iface $3 ! --$state"
		done
		echo COMMIT
	} | ipt_restore "$1" "$2"
}

# now 4|6 NS: which of the states are on; "none" without a device
now()
{
	ipt "$1" "$2" -Z INPUT
	if [ "$1" = 4 ]; then
		in_ns "$2" ping -q -c 1 -W 1 127.0.0.1 >/dev/null
	else
		in_ns "$2" ping -q -c 1 -W 1 ::1 >/dev/null
	fi
	ipt "$1" "$2" -nvxL INPUT | awk -v names="$states" '
		NR > 2 { n[NR - 2] = $1 }
		END {
			k = split(names, name, " ")
			for (i = 1; i <= k; i++) {
				yes = n[2 * i - 1]
				no = n[2 * i]
				if (yes == 1 && no == 0)
					on = on (on == "" ? "" : " ") name[i]
				else if (yes == 0 && no == 0)
					none++
				else if (yes != 0 || no != 1)
					on = on " broken:" name[i]
			}
			print none == k ? "none" : none ? "broken" : on
		}'
}

# becomes WHAT NS STATES: within ten seconds (the kernel tells of carriers late)
becomes()
{
	tries=40
	for f in 4 6; do
		got=$(now $f "$2")
		while [ "$got" != "$3" ] && [ $((tries -= 1)) -gt 0 ]; do
			sleep 0.25
			got=$(now $f "$2")
		done
		expect "IPv$f: $1" "$3" "$got"
	done
}

# dev NS: ip -batch of one line
dev()
{
	echo "$2" | ns_ip "$1"
}

both()
{
	watch 4 "$1" "$2"
	watch 6 "$1" "$2"
}

loopback()
{
	ns_new a
	both a lo
	becomes "lo" a "up loopback running lower-up"
}

# Every flag that can be switched
dummy()
{
	ns_new a
	both a d0
	becomes "no device yet" a none
	dev a "link add d0 type dummy"
	becomes "a new dummy" a "broadcast noarp"
	dev a "link set d0 up"
	becomes "up" a "up broadcast running noarp lower-up"
	dev a "link set d0 arp on"
	becomes "arp on" a "up broadcast running lower-up"
	dev a "link set d0 multicast on"
	becomes "multicast on" a "up broadcast running multicast lower-up"
	dev a "link set d0 promisc on"
	becomes "promisc on" a "up broadcast running promisc multicast lower-up"
	dev a "link set d0 dynamic on"
	becomes "dynamic on" a "up broadcast running promisc multicast dynamic lower-up"
	dev a "link set d0 promisc off"
	dev a "link set d0 dynamic off"
	dev a "link set d0 multicast off"
	becomes "all off again" a "up broadcast running lower-up"
	dev a "link set d0 carrier off"
	becomes "without a carrier" a "up broadcast"
	dev a "link set d0 carrier on"
	becomes "with a carrier" a "up broadcast running lower-up"
	dev a "link set d0 down"
	becomes "down" a "broadcast"
}

# Into dormant by what a supplicant does, and handed on to a VLAN above
dormant()
{
	ns_new a
	dev a "link add d0 type dummy"
	dev a "link set d0 up"
	both a d0
	dev a "link set d0 mode dormant"
	dev a "link set d0 state dormant"
	becomes "dormant" a "up broadcast noarp lower-up dormant"
	dev a "link set d0 mode default"
	dev a "link set d0 state up"
	becomes "awake" a "up broadcast running noarp lower-up"
	ipt 4 a -F
	ipt 6 a -F
	dev a "link add link d0 name d0.5 type vlan id 5"
	dev a "link set d0.5 up"
	both a d0.5
	becomes "VLAN" a "up broadcast running noarp lower-up"
	dev a "link set d0 mode dormant"
	dev a "link set d0 state dormant"
	becomes "VLAN on what is dormant" a "up broadcast noarp lower-up dormant"
	dev a "link set d0 down"
	becomes "VLAN on what is down" a "broadcast noarp"
	dev a "link del d0"
	becomes "VLAN gone with its device" a none
}

# veth: the carrier is the peer's being up
pair()
{
	ns_new a
	dev a "link add v0 type veth peer name v1"
	both a v0
	becomes "veth, down" a "broadcast multicast"
	dev a "link set v0 up"
	becomes "veth, peer down" a "up broadcast multicast"
	dev a "link set v1 up"
	becomes "veth, peer up" a "up broadcast running multicast lower-up"
	dev a "link add br0 type bridge"
	dev a "link add d1 type dummy"
	dev a "link set d1 up"
	dev a "link set v0 master br0"
	dev a "link set d1 master br0"
	dev a "link set br0 up"
	becomes "port of a bridge" a "up broadcast running promisc multicast lower-up"
	ipt 4 a -F
	ipt 6 a -F
	both a br0
	becomes "bridge" a "up broadcast running multicast lower-up"
	dev a "link set v0 nomaster"
	dev a "link set d1 nomaster"
	becomes "bridge without ports" a "up broadcast multicast"
}

tunnel()
{
	ns_new a
	modprobe tun 2>/dev/null
	if ! in_ns a ip tuntap add t0 mode tun 2>/dev/null; then
		skip_part "this kernel has no tun devices"
		return
	fi
	both a t0
	becomes "tun, down" a "pointopoint noarp multicast"
	dev a "link set t0 up"
	becomes "tun, nobody reads" a "up pointopoint noarp multicast"
}

# The rule is for a name, whatever has it
names()
{
	ns_new a b
	dev a "link add d0 type dummy"
	dev a "link set d0 up"
	both a d0
	on="up broadcast running noarp lower-up" off="broadcast noarp"
	becomes "there before the rule" a "$on"
	dev a "link set d0 down"
	dev a "link set d0 name other"
	becomes "renamed away" a none
	dev a "link add d0 type dummy"
	becomes "another with the name" a "$off"
	dev a "link del other"
	becomes "the one of old removed" a "$off"
	dev a "link del d0"
	becomes "removed" a none
	dev a "link add x type dummy"
	dev a "link set x name d0"
	becomes "renamed to the name" a "$off"
	dev a "link set d0 netns $(ns_name b)"
	becomes "moved to another namespace" a none
	both b d0
	becomes "seen by that namespace's rules" b "$off"
	dev b "link set d0 up"
	becomes "nothing of it here" a none
	dev b "link set d0 down"
	dev b "link set d0 netns $(ns_name a)"
	becomes "moved back" a "$off"
	becomes "gone there" b none
}

# An alternative name is none, whatever comes first
altnames()
{
	ns_new a
	dev a "link add d0 type dummy"
	dev a "link set d0 up"
	both a other
	dev a "link property add dev d0 altname other"
	becomes "the rule, then the alternative name" a none
	ipt 4 a -F
	ipt 6 a -F
	both a other
	becomes "the alternative name, then the rule" a none
	dev a "link set d0 down"
	dev a "link set d0 name d1"
	becomes "its device is renamed" a none
	dev a "link property del dev d1 altname other"
	becomes "the alternative name is gone" a none
	dev a "link set d1 name other"
	becomes "now it is the name" a "broadcast noarp"
	dev a "link property add dev other altname another"
	becomes "and has an alternative" a "broadcast noarp"
	dev a "link property del dev other altname another"
	becomes "no more" a "broadcast noarp"
}

# Many names, of which some are those of devices
many()
{
	ns_new a
	seq -f '-A INPUT -p icmp --icmp-type echo-request -m iface --iface n%g --up' 0 299 |
		{ echo '*filter'; cat; echo COMMIT; } | ipt_restore 4 a
	seq -f 'link add n%g type dummy' 0 7 299 | ns_ip a
	seq -f 'link set n%g up' 0 7 299 | ns_ip a
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect "every seventh name" "$(seq 0 7 299 | xargs)" \
		"$(ipt 4 a -nvxL INPUT | awk 'NR > 2 && $1 { print NR - 3 }' | xargs)"
	seq -f 'link set n%g down' 0 7 299 | ns_ip a
	seq 0 7 299 | sed 's/.*/link set n& name x&/' | ns_ip a
	seq 0 7 292 | while read -r n; do echo "link set x$n name n$((n + 1))"; done | ns_ip a
	seq 1 7 293 | sed 's/.*/link set n& up/' | ns_ip a
	ipt 4 a -Z
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect "each renamed to the next" "$(seq 1 7 293 | xargs)" \
		"$(ipt 4 a -nvxL INPUT | awk 'NR > 2 && $1 { print NR - 3 }' | xargs)"
}

# Rules deleted one by one leave the others what they need
shared()
{
	ns_new a
	dev a "link add d0 type dummy"
	ipt 4 a -A INPUT -m iface --iface d0 ! --up
	ipt 4 a -A INPUT -m iface --iface d0 ! --up
	ipt 6 a -A INPUT -m iface --iface d0 ! --up
	ipt 4 a -D INPUT 1
	in_ns a ping -q -c 1 127.0.0.1 >/dev/null
	expect_count "one of two rules deleted" 2 4 a filter INPUT 1
	ipt 4 a -F
	in_ns a ping -q -c 1 ::1 >/dev/null
	expect_count "all of IPv4 deleted" 2 6 a filter INPUT 1
}

# The packet's own devices
packets()
{
	ns_triple
	dev_runs r r0 r1
	for f in 4 6; do
		ipt_restore $f r <<-END
			*filter
			-A FORWARD -m iface --dev-in --up
			-A FORWARD -m iface --dev-out --up
			-A FORWARD -m iface --dev-in --running ! --loopback
			-A FORWARD -m iface --dev-out --loopback
			-A FORWARD -m iface --dev-in --up -m iface --dev-out ! --up
			COMMIT
		END
		to=$([ $f = 4 ] && echo 10.0.1.1 || echo fd01::1)
		ipt_restore $f s <<-END
			*filter
			-A INPUT -m iface --dev-in --up
			-A INPUT -m iface --dev-out --up
			-A INPUT -m iface --dev-out ! --up
			-A OUTPUT -d $to -m iface --dev-out --up
			-A OUTPUT -d $to -m iface --dev-in --up
			-A OUTPUT -d $to -m iface --dev-in ! --up
			COMMIT
		END
	done
	in_ns c ping -q -c 1 -W 10 10.0.2.2 >/dev/null
	in_ns c ping -q -c 1 -W 10 fd02::2 >/dev/null
	for f in 4 6; do
		expect "IPv$f: FORWARD has both" "2 2 2 0 0" \
			"$(ipt $f r -nvxL FORWARD | awk 'NR > 2 { print $1 }' | xargs)"
		expect "IPv$f: INPUT has no device to leave by" "1 0 0" \
			"$(ipt $f s -nvxL INPUT | awk 'NR > 2 { print $1 }' | xargs)"
		expect "IPv$f: OUTPUT has none to come from" "1 0 0" \
			"$(ipt $f s -nvxL OUTPUT | awk 'NR > 2 { print $1 }' | xargs)"
	done
}

# Devices come and go, and so do rules, while packets flow
races()
{
	ns_new a
	touch "$XA_TMP/storm"
	bg a sh -c 'while [ -e "$1" ]; do ping -q -f -c 500 127.0.0.1; done >/dev/null 2>&1' \
		sh "$XA_TMP/storm"
	traffic=$bg_pid
	bg a sh -c 'while [ -e "$1" ]; do
		ip link add d0 type dummy && ip link set d0 name d1 && ip link set d1 name d0
		ip link del d0
	done >/dev/null 2>&1' sh "$XA_TMP/storm"
	devices=$bg_pid
	n=0
	while [ $n -lt 25 ]; do
		ipt 4 a -A INPUT -m iface --iface d0 --up
		ipt 4 a -A INPUT -m iface --iface d1 ! --up
		[ $((n % 5)) -ne 4 ] || ipt 4 a -F INPUT
		n=$((n + 1))
	done
	rm "$XA_TMP/storm"
	wait "$devices" "$traffic"
	dev a "link add d0 type dummy"
	both a d0
	becomes "all is right after the storm" a "broadcast noarp"
}

# oper_up NS DEV: the kernel tells of a carrier when it gets to it
oper_up()
{
	ip -n "$(ns_name "$1")" -o link show "$2" | grep -Eq ' state (UP|UNKNOWN) '
}

manual()
{
	ns_triple
	dev r "link add ppp0 type dummy"
	dev r "link set ppp0 up"
	dev r "link set ppp0 carrier off"
	wait_for 20 is_not oper_up r ppp0
	dev r "route add 192.0.2.0/24 via 10.0.2.2"
	ipt 4 r -A FORWARD -d 192.0.2.0/24 -m iface --iface ppp0 ! --running -j REJECT
	in_ns c ping -q -c 1 -W 1 192.0.2.1 >/dev/null 2>&1
	expect_count "the manual's example: the line is down" 1 4 r filter FORWARD 1
	dev r "link set ppp0 carrier on"
	wait_for 20 oper_up r ppp0
	in_ns c ping -q -c 1 -W 1 192.0.2.1 >/dev/null 2>&1
	expect_count "the manual's example: the line is up" 1 4 r filter FORWARD 1
}

# Devices and rules are in place when the namespace goes
doomed()
{
	ns_new a
	dev a "link add d0 type dummy"
	both a d0
	both a lo
	both a nothing
}

each_backend loopback
each_backend dummy
each_backend dormant
each_backend pair
each_backend tunnel
each_backend names
each_backend altnames
each_backend many
each_backend shared
each_backend packets
racing each_backend races
each_backend manual
each_backend doomed
expect_unload xt_iface
finish
