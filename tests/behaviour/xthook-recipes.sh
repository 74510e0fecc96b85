#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xthook: the recipes of its manual page, on a machine that nft alone runs; and what
# others do to nft's rules leaves ours alone.
. "${0%/*}/../lib.sh"
. "${0%/*}/../xthook.sh"

# from_host ADDRESS PACKET...: of that host, through the router that c is to s
from_host()
{
	host=$1
	shift
	for p; do
		shift
		set -- "$@" "eth dst=02:00:00:00:00:02 / ip src=$host dst=10.0.0.2 / $p"
	done
	send "$@"
}

countries()
{
	mkdir -p "$XA_TMP/db"
	printf '20.0.0.0/24,CN\n20.0.1.0/24,DE\n2001:db8::/64,CN\n' |
		xt_geoip_build -q -F -f cidr -D "$XA_TMP/db" -i - && xt_geoip_load -q -D "$XA_TMP/db" ||
		not_ok "the database of countries"
	ns_pair
	printf '%s\n' 'define geo 0x1/0x1' \
		'add prerouting -m geoip --src-cc CN,RU -j MARK --set-xmark @geo' >"$XA_TMP/rules"
	hook s restore --nft-include "$XA_TMP/xthook.nft" "$XA_TMP/rules" 2>"$XA_TMP/err" ||
		not_ok "the recipe is restored" "$(cat "$XA_TMP/err")"
	nft_rules s <<-END
		include "$XA_TMP/xthook.nft"
		table inet t {
			counter dropped { }
			chain pre {
				type filter hook prerouting priority mangle
				meta mark & \$geo_mask == \$geo counter name dropped drop
			}
		}
	END
	hook s add input -4 -p udp --dport 9
	for a in 19.255.255.255 20.0.0.0 20.0.0.255 20.0.1.0; do
		from_host $a "udp dport=9"
	done
	expect "countries marked here are dropped by nft" 2 "$(nft_counter s dropped inet)"
	send 'eth dst=02:00:00:00:00:02 / ip6 src=2001:db8::1 dst=fd00::2 / udp dport=9'
	expect "of IPv6, too" 3 "$(nft_counter s dropped inet)"
	expect "the others are not" 2 "$(packets s 1 input -4)"
	expect_ok "nft lists what nft takes" \
		in_ns s sh -c 'nft list ruleset | nft -c -f -'
	ns_del c s
}

tarpit()
{
	ns_pair
	nft_rules s <<-END
		table ip t {
			chain input {
				type filter hook input priority filter
				tcp dport 23 meta mark set meta mark | 0x100 accept
			}
		}
	END
	hook s add input --priority filter+10 -4 -p tcp -m mark --mark 0x100/0x100 -j TARPIT
	capture c c0 answers --in -m 'tcp flags=SA'
	send 'ip / tcp sport=5 dport=22 flags=S' 'ip / tcp sport=6 dport=23 flags=S'
	wait_for 10 test -s "$XA_TMP/capture.answers"
	expect_match "the tarpit answers what nft chose" '*sport=23 dport=6*' "$(captured answers)"
	ns_del c s
}

# members NS: of the set of scanners
members()
{
	in_ns "$1" nft list set ip t scanners | grep -o '10\.0\.0\.[0-9]* timeout 1h' | xargs
}

scanners()
{
	ns_pair
	hook s add prerouting --priority -160 -4 -m psd -j MARK --set-xmark 0x200/0x200
	nft_rules s <<-END
		table ip t {
			counter refused { }
			set scanners {
				type ipv4_addr
				flags dynamic, timeout
				size 65536
			}
			chain pre {
				type filter hook prerouting priority mangle
				meta mark & 0x200 == 0x200 add @scanners { ip saddr timeout 1h }
				ct state != established ip saddr @scanners counter name refused drop
			}
		}
	END
	in_ns s pkt send --local --count 20 'ip src=10.0.0.2 dst=10.0.0.1 / udp sport=101..120 dport=53' >/dev/null ||
		not_ok "s asks a resolver"
	send --count 20 'ip / udp sport=53 dport=101..120'
	expect "answers of a resolver are no scan" '' "$(members s)"
	send --count 7 'ip src=10.0.0.8 / tcp dport=80 flags=S'
	send --count 6 'ip src=10.0.0.9 / tcp dport=1..6 flags=S'
	expect "six ports are no scan" '' "$(members s)"
	send 'ip src=10.0.0.9 / tcp dport=7 flags=S'
	expect "psd: a scanner is in nft's set for an hour" '10.0.0.9 timeout 1h' "$(members s)"
	was=$(nft_counter s refused)
	send 'ip src=10.0.0.9 / tcp dport=80 flags=S' 'ip src=10.0.0.8 / tcp dport=80 flags=S'
	expect "and refused, whatever it sends" $((was + 1)) "$(nft_counter s refused)"
	send --count 30 'ip / udp sport=54 dport=101..130'
	expect "but what nobody asked for is" '10.0.0.1 timeout 1h 10.0.0.9 timeout 1h' "$(members s | xargs -n 3 | sort | xargs)"
	ns_del c s
}

knocking()
{
	ns_pair
	hook s add prerouting -4 -p tcp -m pknock --knockports 4002,4001,4004 --strict --name ssh --time 3600 \
		--autoclose 60 -j MARK --set-xmark 0x400/0x400
	nft_rules s <<-END
		table ip t {
			counter opened { }
			counter closed { }
			chain input {
				type filter hook input priority filter
				tcp dport 22 meta mark & 0x400 == 0x400 counter name opened accept
				tcp dport { 22, 4001, 4002, 4004 } counter name closed drop
			}
		}
	END
	send 'ip / tcp dport=22 flags=S' 'ip / tcp dport=4002 flags=S' 'ip / tcp dport=4001 flags=S' \
		'ip / tcp dport=22 flags=S'
	expect "knocking in the wrong order opens nothing" '0 4' "$(nft_counter s opened) $(nft_counter s closed)"
	send 'ip / tcp dport=4002 flags=S' 'ip / tcp dport=4001 flags=S' 'ip / tcp dport=4004 flags=S' \
		'ip / tcp dport=22 flags=S' 'ip src=10.0.0.9 / tcp dport=22 flags=S'
	expect "the right order opens nft's rule, to one host" '1 8' "$(nft_counter s opened) $(nft_counter s closed)"
	ns_del c s
}

peers()
{
	ns_pair
	hook s add prerouting -4 -m ipp2p --bit -j MARK --set-xmark 0x800/0x800
	nft_rules s <<-END
		table ip t {
			counter p2p { }
			chain pre {
				type filter hook prerouting priority mangle
				meta mark & 0x800 == 0x800 ct mark set ct mark | 0x800
				ct mark & 0x800 == 0x800 counter name p2p
			}
		}
	END
	listen s tcp 7001
	listen s tcp 7002
	in_ns c pkt connect --bytes 3000 --echo 10.0.0.2 7002 >/dev/null
	expect "another connection has no mark" 0 "$(nft_counter s p2p)"
	in_ns c pkt connect --text "$(printf '\023BitTorrent protocol12345678901234567890123456789012345678901234567')" \
		10.0.0.2 7001 >/dev/null
	expect_match "P2P: nft marks the connection" '*dport=7001*mark=2048*' "$(ct_list s | grep dport=7001)"
	expect_range "and knows its other packets by that" 2 100 "$(nft_counter s p2p)"
	expect "but not the others" 0 "$(ct_list s | grep dport=7002 | grep -c mark=2048)"
	ns_del c s
}

# wire NS DEV: packets and bytes that it has sent, without Ethernet headers
wire()
{
	# shellcheck disable=SC2016 # that shell expands it
	ip netns exec "$(ns_name "$1")" sh -c 'cd "/sys/class/net/$1/statistics" && p=$(cat tx_packets) && b=$(cat tx_bytes) &&
		echo "$p $((b - 14 * p))"' sh "$2"
}

# on_wire: what both hosts have sent since the rules are there
on_wire()
{
	# shellcheck disable=SC2046 # words are wanted
	set -- $(wire c c0) $(wire s s0) $began
	echo "$(($1 - $5)) $(($2 - $6)) $(($3 - $7)) $(($4 - $8))"
}

by_quota2()
{
	for q in up.p up.b down.p down.b; do
		in_ns r cat /proc/net/xt_quota/$q
	done | xargs
}

by_account()
{
	in_ns r iptaccount -s -l lan | sed -n 's/^10\.0\.1\.1;//p' | tr ';' ' '
}

all_counted()
{
	[ "$(on_wire)" = "$(by_quota2)" ] && [ "$(on_wire)" = "$(by_account)" ]
}

flowtable()
{
	ns_triple
	hook r restore - <<-END
		add ingress --dev r0 -4 -m quota2 --name up.p --packets --grow
		add ingress --dev r0 -4 -m quota2 --name up.b --grow
		add ingress --dev r0 -j ACCOUNT --addr 10.0.1.0/24 --tname lan
		add ingress --dev r1 -4 -m quota2 --name down.p --packets --grow
		add ingress --dev r1 -4 -m quota2 --name down.b --grow
		add ingress --dev r1 -j ACCOUNT --addr 10.0.1.0/24 --tname lan
	END
	if ! in_ns r nft -f - 2>"$XA_TMP/nft" <<-'END'
		table ip t {
			counter forwarded { }
			flowtable ft { hook ingress priority filter; devices = { r0, r1 }; }
			chain forward {
				type filter hook forward priority filter
				counter name forwarded
				ct state established flow add @ft
			}
		}
	END
	then
		skip_part "accounting before a flowtable: this kernel has none"
		ns_del c r s
		return
	fi
	began="$(wire c c0) $(wire s s0)"
	listen s tcp 7001
	expect_ok "a connection through the flowtable" in_ns c pkt connect --bytes 1000000 --echo 10.0.2.2 7001
	wait_for 20 all_counted
	expect "quota2 at ingress: packets and bytes of both directions, all" "$(on_wire)" "$(by_quota2)"
	expect "ACCOUNT at ingress: the same" "$(on_wire)" "$(by_account)"
	sent=$(on_wire)
	expect_range "forward has seen few of them" 2 $((${sent%% *} / 4)) "$(nft_counter r forwarded)"
	ns_del c r s
}

# ---- beside others

# left_alone WHAT CMD...: in s, CMD does what it wants with nft's rules
left_alone()
{
	xa_what=$1
	shift
	in_ns s "$@" >"$XA_TMP/out" 2>&1 || not_ok "$xa_what works" "$(cat "$XA_TMP/out")"
	send 'ip / udp dport=9'
	sent=$((sent + 1))
	expect "$xa_what: the rules are what they were" "$(cat "$XA_TMP/before")" "$(hook s save)"
	expect "$xa_what: and count on" $sent "$(packets s 1 prerouting -4)"
}

# What a unit of systemd runs, with /etc/nftables.conf where it names it
unit_runs()
{
	sed -n "s/^$2=//p" "$1"
}

beside()
{
	ns_pair
	sent=0
	hook s restore - <<-END
		define p2p 0x800/0x800
		# a comment
		add prerouting -4 -p udp --dport 9 -j MARK --set-xmark @p2p
		add ingress --dev s0 -4 -m psd
		add input -6 -j DROP
	END
	hook s save >"$XA_TMP/before"
	nft_rules s <<-END
		table ip t {
			chain pre { type filter hook prerouting priority raw - 10; counter; }
		}
	END
	in_ns s nft list ruleset >"$XA_TMP/nft"
	expect "nft lists nothing of ours" 0 "$(grep -cE 'xt|compat|mark' "$XA_TMP/nft")"
	left_alone "nft list ruleset | nft -c -f -" sh -c 'nft list ruleset | nft -c -f -'
	left_alone "nft -f of what it listed" nft -f "$XA_TMP/nft"
	left_alone "nft flush ruleset" nft flush ruleset
	unit=/lib/systemd/system/nftables.service
	if [ -e $unit ] && [ -e /etc/nftables.conf ]; then
		for verb in ExecStart ExecReload ExecStop; do
			# shellcheck disable=SC2046 # words are wanted
			left_alone "nftables.service, $verb" $(unit_runs $unit $verb)
		done
	else
		skip_part "there is no nftables.service here"
	fi
	ns_del c s
}

# Root of a user namespace, with a network namespace of its own, as in a container
container()
{
	cat >"$XA_TMP/container" <<-'END'
		ip link set lo up
		xthook add input -4 -p udp --dport 9 -j MARK --set-xmark 0x1/0x1 || exit
		nft -f - <<-END2 || exit
			table ip t {
				counter marked { }
				chain input {
					type filter hook input priority filter + 20
					meta mark & 0x1 == 0x1 counter name marked
				}
			}
		END2
		pkt send --local 'ip src=127.0.0.1 dst=127.0.0.1 / udp dport=9' \
			'ip src=127.0.0.1 dst=127.0.0.1 / udp dport=10' >/dev/null || exit
		nft list counter ip t marked | grep -o 'packets [0-9]*'
		xthook save
	END
	unshare -rn true 2>/dev/null || { skip_part "no user namespaces"; return; }
	expect "in a container" "packets 1 | add input --priority filter+10 -4 -p udp -m udp --dport 9 -j MARK --set-xmark 0x1/0x1" \
		"$(oneline "$(unshare -rn sh "$XA_TMP/container" 2>&1 | grep .)")"
}

command -v nft >/dev/null || test_skip "there is no nft"
# the tests before may have left it
rmmod nft_compat 2>/dev/null
loaded=$(iptables_modules)

countries
tarpit
scanners
knocking
peers
flowtable
beside
container
expect "no module of iptables has been loaded" "$loaded" "$(iptables_modules)"
expect_unload xa_hook
finish
