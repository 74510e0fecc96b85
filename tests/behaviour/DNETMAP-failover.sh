#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DNETMAP: bindings that are taken back from entries of connection tracking, as on a
# router that takes over from another one whose entries conntrackd has put into the
# kernel, and after rules were loaded anew.
. "${0%/*}/../lib.sh"
# shellcheck source=tests/behaviour/DNETMAP.inc
. "${0%/*}/DNETMAP.inc"

# The router q, which takes over from r: s is behind it as well.
second_router()
{
	ns_new q
	xa_veth q q1 02:00:00:00:03:01 s s1 02:00:00:00:03:02
	printf '%s\n' 'addr add 10.0.2.1/24 dev q1' \
		'neigh replace 10.0.2.2 lladdr 02:00:00:00:03:02 dev q1 nud permanent' | ns_ip q
	ns_sysctl q net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0
	ipt 4 q -t nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	ipt 4 s -t raw -I PREROUTING -s 10.0.0.0/24
}

# handed_over: the entries of r, put into q as conntrackd does
handed_over()
{
	ct_list r -p udp | grep -c 'src=10\.0\.0\.[0-9]* dst=10\.0\.2\.2 .* dst=20\.' >"$XA_TMP/entries"
	ct_list r -p udp | sed -n 's/.* src=\(10\.0\.0\.[0-9]*\) dst=10\.0\.2\.2 sport=\([0-9]*\) dport=\([0-9]*\) .* dst=\(20\.[0-9.]*\) .*/\1 \2 \3 \4/p' |
		while read -r src sport dport nat; do
			in_ns q conntrack -I -p udp -s "$src" -d 10.0.2.2 --sport "$sport" \
				--dport "$dport" --src-nat "$nat" -t 600 -u SEEN_REPLY,ASSURED 2>/dev/null
		done
	expect "entries are handed over" "$(cat "$XA_TMP/entries")" \
		"$(ct_list q -p udp | grep -c ' dst=20\.')"
}

# three_hosts: that have an address of r, the last of them the first one
three_hosts()
{
	private_hosts
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	for a in 3 1 2; do
		flood 1 10.0.0.$a-10.0.0.$a
	done
	expect "three hosts have an address" "10.0.0.3>20.0.0.0 10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2" \
		"$(bound $p20)"
}

# sends HOST: a datagram of it comes to q. q_bound HOST: it is bound, for wait_for
sends()
{
	in_ns q pkt flood --tun t0 --count 1 --src-range "$1-$1" --dst 10.0.2.2 --dport 9 >/dev/null
}

q_bound()
{
	sends "$1"
	in_ns q grep -q "^$1 " $p20
}

bound_by_q()
{
	in_ns q cat $p20 | awk '$1 != "0.0.0.0" { print $1 ">" $3 }' | xargs
}

# others N: entries that are of no use, of hosts that the rule is not for
others()
{
	in_ns q pkt flood --tun t0 --count "$1" --src-range "10.9.0.1-10.9.0.$1" --dst 10.0.2.2 \
		--dport 9 >/dev/null
}

takes_over()
{
	three_hosts
	second_router
	expect "the second router has none" "" "$(bound_by_q)"
	handed_over
	others 100
	sends 10.0.0.4
	expect "with many entries, a new host waits" "" "$(bound_by_q | grep -o '10\.0\.0\.4')"
	expect_ok "a new host gets an address there, if not at once" wait_for 60 q_bound 10.0.0.4
	expect "and all others have theirs" \
		"10.0.0.3>20.0.0.0 10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2 10.0.0.4>20.0.0.3" "$(bound_by_q)"
	sends 10.0.0.1
	expect "nothing went out with a private source" 0 \
		"$(rule_count 4 s raw PREROUTING 1 | cut -d' ' -f1)"
}

# a few entries are those of a router that is spoken to
few_entries()
{
	three_hosts
	second_router
	handed_over
	sends 10.0.0.4
	expect_ok "with few entries, no host waits" in_ns q grep -q '^10.0.0.4 ' $p20
	expect_ok "others have theirs soon" wait_for 60 in_ns q grep -q '^10.0.0.1 ' $p20
	expect "but for the one whose address was taken" \
		"10.0.0.4>20.0.0.0 10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2" "$(bound_by_q)"
	in_ns q conntrack -I -p udp -s 10.0.0.7 -d 10.0.2.2 --sport 5000 --dport 9 \
		--src-nat 20.0.0.7 -t 600 >/dev/null 2>&1
	expect_ok "an entry that comes later is seen as well" wait_for 60 in_ns q grep -q '^10.0.0.7 -> 20.0.0.7 ' $p20
}

# arrives ADDR: a datagram to it comes to q. For wait_for: it was led in
arrives()
{
	in_ns q pkt flood --tun t0 --count 1 --src-range 10.0.9.9-10.0.9.9 --dst "$1" --dport 7 >/dev/null
	ct_list q -p udp --orig-dst "$1" | grep -q 'src=10\.0\.9\.9 .* src=10\.0\.0\.'
}

from_outside()
{
	three_hosts
	second_router
	ipt 4 q -t nat -A PREROUTING -j DNETMAP
	# behind the second router, too
	printf '%s\n' 'route add 10.0.0.0/24 via 10.0.2.2' 'route add 20.0.0.0/26 via 10.0.2.2' | ns_ip q
	handed_over
	expect_ok "a flow from outside is led in, if not at once" wait_for 60 arrives 20.0.0.1
	expect_match "to the host that has the address" "*src=10.0.9.9 dst=20.0.0.1 *src=10.0.0.1 dst=10.0.9.9 *" \
		"$(ct_list q -p udp --orig-dst 20.0.0.1)"
}

loaded_anew()
{
	three_hosts
	nat -F POSTROUTING
	expect_ok "the prefix goes with its rule" wait_for 20 in_ns r test ! -e $p20
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26 --ttl 5000
	expect "rules loaded anew: who has connections has his address" \
		"10.0.0.3>20.0.0.0 10.0.0.1>20.0.0.1 10.0.0.2>20.0.0.2" "$(bound $p20)"
	expect_range "for the default time, whatever the rule says" 300 600 "$(ttl $p20 20.0.0.1)"
	ct_flush r
	nat -F POSTROUTING
	expect_ok "the prefix goes again" wait_for 20 in_ns r test ! -e $p20
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect "without connections nobody has" "" "$(bound $p20)"
	# one that is bound to another, and one that is in no prefix
	tell $p20 +10.0.0.6:20.0.0.9 2>/dev/null
	flood 1 10.0.0.5-10.0.0.5
	for pair in 7:20.0.0.9 5:20.0.0.10 6:20.0.0.11 7:40.0.0.1 7:30.0.0.5; do
		in_ns r conntrack -I -p udp -s "10.0.0.${pair%:*}" -d 10.0.2.2 --sport 5000 \
			--dport "${pair##*.}" --src-nat "${pair#*:}" -t 600 >/dev/null 2>&1
	done
	nat -A POSTROUTING -s 10.0.9.0/24 -j DNETMAP --prefix 30.0.0.0/26
	expect_ok "a new prefix takes what is its own" wait_for 60 in_ns r grep -q '^10.0.0.7 ' $dir/30.0.0.0_26
	expect "and nothing else" "10.0.0.7>30.0.0.5" "$(bound $dir/30.0.0.0_26)"
	expect "what is bound stays" "10.0.0.5>20.0.0.0 10.0.0.6>20.0.0.9" "$(bound $p20)"
}

# What another namespace has is none of this one's business.
elsewhere()
{
	private_hosts
	ns_new x
	ipt 4 x -t nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 40.0.0.0/26
	in_ns x conntrack -I -p udp -s 10.0.0.7 -d 10.0.2.2 --sport 5000 --dport 9 --src-nat 20.0.0.7 -t 600 >/dev/null 2>&1
	expect "another namespace has an entry" 1 "$(ct_list x -p udp | grep -c ' dst=20\.0\.0\.7 ')"
	nat -A POSTROUTING -s 10.9.0.0/24 -j DNETMAP --prefix 30.0.0.0/26
	in_ns r conntrack -I -p udp -s 10.0.0.6 -d 10.0.2.2 --sport 5000 --dport 9 --src-nat 20.0.0.6 -t 600 >/dev/null 2>&1
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	expect_ok "a new prefix takes what this one has" wait_for 60 in_ns r grep -q '^10.0.0.6 ' $p20
	expect "and nothing of the other" "10.0.0.6>20.0.0.6" "$(bound $p20)"
}

# conntrackd_of NS OWN OTHER: it tells the other router what it has
conntrackd_of()
{
	cat >"$XA_TMP/conntrackd.$1" <<-END
		Sync {
			Mode NOTRACK {
			}
			UDP {
				IPv4_address $2
				IPv4_Destination_Address $3
				Port 3780
				Interface $1-sync
				Checksum on
			}
		}
		General {
			HashSize 1024
			HashLimit 4096
			LogFile $XA_TMP/conntrackd.$1.log
			LockFile $XA_TMP/conntrackd.$1.lock
			UNIX {
				Path $XA_TMP/conntrackd.$1.ctl
			}
			NetlinkBufferSize 262144
			NetlinkBufferSizeMaxGrowth 1048576
			Filter From Userspace {
				Protocol Accept {
					TCP
				}
			}
		}
	END
	bg "$1" conntrackd -C "$XA_TMP/conntrackd.$1" >/dev/null 2>&1
	wait_for 30 test -S "$XA_TMP/conntrackd.$1.ctl" ||
		not_ok "conntrackd runs in $1" "$(cat "$XA_TMP/conntrackd.$1.log" 2>&1)"
}

# of_others: entries that conntrackd of q has of the other router
of_others()
{
	[ "$(in_ns q conntrackd -C "$XA_TMP/conntrackd.q" -e 2>/dev/null | grep -c 'dport=80 ')" -ge 2 ]
}

with_conntrackd()
{
	if ! command -v conntrackd >/dev/null; then
		skip_part "conntrackd is not installed"
		return
	fi
	private_hosts
	second_router
	xa_veth r r-sync 02:00:00:00:09:01 q q-sync 02:00:00:00:09:02
	echo 'addr add 192.168.9.1/24 dev r-sync' | ns_ip r
	echo 'addr add 192.168.9.2/24 dev q-sync' | ns_ip q
	nat -A POSTROUTING -s 10.0.0.0/24 -j DNETMAP --prefix 20.0.0.0/26
	conntrackd_of r 192.168.9.1 192.168.9.2
	conntrackd_of q 192.168.9.2 192.168.9.1
	listen s tcp 80
	for a in 5 2; do
		bg c pkt connect --from 10.0.0.$a --text hello --hold 120 10.0.2.2 80 >/dev/null
		wait_for 30 sh -c "ip netns exec $(ns_name r) conntrack -L -p tcp --orig-src 10.0.0.$a 2>/dev/null | grep -q ESTABLISHED"
	done
	expect "two hosts have connections" "10.0.0.5>20.0.0.0 10.0.0.2>20.0.0.1" "$(bound $p20)"
	expect_ok "the other router's conntrackd knows them" wait_for 60 of_others
	in_ns q conntrackd -C "$XA_TMP/conntrackd.q" -c >/dev/null 2>&1
	expect_ok "it commits them" wait_for 60 sh -c \
		"ip netns exec $(ns_name q) conntrack -L -p tcp 2>/dev/null | grep -q dst=20.0.0.1"
	others 100
	expect_ok "a new host gets an address there" wait_for 60 q_bound 10.0.0.4
	expect "and the others have theirs" "10.0.0.5>20.0.0.0 10.0.0.2>20.0.0.1 10.0.0.4>20.0.0.2" "$(bound_by_q)"
	for i in q r; do
		in_ns $i conntrackd -C "$XA_TMP/conntrackd.$i" -k >/dev/null 2>&1
	done
}

backends=${XA_BACKENDS:-nft}
XA_BACKENDS=${backends%% *}
each_backend takes_over
each_backend few_entries
each_backend from_outside
each_backend loaded_anew
each_backend elsewhere
each_backend with_conntrackd
expect_unload xt_DNETMAP
finish
