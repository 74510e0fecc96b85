# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the tests of the answering targets share; sourced after lib.sh.
# The client c (10.0.0.1, fd00::1) sends, the server s answers or does not.

# ip_of 4|6 c|s: addresses of ns_pair
ip_of()
{
	case $1$2 in
	4c)	echo 10.0.0.1 ;;
	4s)	echo 10.0.0.2 ;;
	6c)	echo fd00::1 ;;
	6s)	echo fd00::2 ;;
	esac
}

# ip_head 4|6 FROM TO: the IP layer of a packet; IPv4 with ToS and identification,
# IPv6 with class and flow label
ip_head()
{
	case $1 in
	4)	echo "ip src=$(ip_of 4 "$2") dst=$(ip_of 4 "$3") tos=0x10 id=4096" ;;
	6)	echo "ip6 src=$(ip_of 6 "$2") dst=$(ip_of 6 "$3") tc=0x10 flow=0x12345" ;;
	esac
}

# send PACKET...: from c
send()
{
	in_ns c pkt send -d c0 "$@" >"$XA_TMP/sent" || not_ok "packets are sent" "$(cat "$XA_TMP/sent")"
}

# watch NAME [ARGS...]: what c receives
watch()
{
	xa_name=$1
	shift
	capture c c0 "$xa_name" --in "$@"
}

# came NAME N: so many packets have come in
came()
{
	[ "$(wc -l <"$XA_TMP/capture.$1")" -ge "$2" ]
}

# answers NAME [N]: what came in, N packets at least if they come within ten seconds, when
# nothing has come for a while
answers()
{
	wait_for 10 came "$1" "${2:-0}"
	xa_lines=-1
	while :; do
		sleep 0.3
		xa_seen=$(wc -l <"$XA_TMP/capture.$1")
		[ "$xa_seen" -ne "$xa_lines" ] || break
		xa_lines=$xa_seen
	done
	captured "$1"
}

# each_flag: all combinations of the flags that decide, one a line
each_flag()
{
	printf '%s\n' - F S FS R FR SR FSR A FA SA FSA RA FRA SRA FSRA
}

# What segments with seq 1000000000, ack 2000000000, 7 bytes of data and the window
# 4660 are answered by: incoming flags, then for each mode FLAGS:SEQ:ACK:WINDOW of the
# answer, or nothing (none). * is any number.
reply_table()
{
	cat <<-'END'
	mode tarpit honeypot reset delude
	- none none RA:0:1000000007:0 RA:0:1000000007:0
	F none R:2000000000:2000000000:0 RA:0:1000000008:0 RA:0:1000000008:0
	S SA:0:1000000001:5 SA:*:1000000001:* RA:0:1000000008:0 SA:*:1000000008:0
	FS none R:2000000000:2000000000:0 RA:0:1000000009:0 RA:0:1000000009:0
	A A:2000000000:1000000000:0 A:2000000000:1000000007:* R:2000000000:1000000000:0 R:2000000000:0:0
	FA none R:2000000000:2000000000:0 R:2000000000:1000000000:0 R:2000000000:0:0
	SA R:2000000000:0:0 RP:2000000000:4022250974:0 R:2000000000:1000000000:0 R:2000000000:0:0
	FSA none R:2000000000:2000000000:0 R:2000000000:1000000000:0 R:2000000000:0:0
	END
}

# golden_ip 4|6 MODE: the IP layer of an answer
golden_ip()
{
	if [ "$1" = 6 ]; then
		echo "ip6 src=fd00::2 dst=fd00::1 hlim=64"
		return
	fi
	case $2 in
	honeypot) echo "ip src=10.0.0.2 dst=10.0.0.1 ttl=64 tos=0x10 id=61440 df=1" ;;
	delude)	echo "ip src=10.0.0.2 dst=10.0.0.1 ttl=64 df=1" ;;
	*)	echo "ip src=10.0.0.2 dst=10.0.0.1 ttl=64 tos=0x10 df=1" ;;
	esac
}

# golden_of 4|6 MODE: all answers to the segments of golden_send, in their order
golden_of()
{
	reply_table | awk -v mode="$2" -v ip="$(golden_ip "$1" "$2")" '
		NR == 1 { for (i = 2; i <= NF; i++) if ($i == mode) col = i; next }
		{ want[$1] = $col }
		END {
			n = split("- F S FS R FR SR FSR A FA SA FSA RA FRA SRA FSRA", in_flags)
			for (i = 1; i <= n; i++) {
				w = want[in_flags[i]]
				if (w == "" || w == "none") continue
				split(w, f, ":")
				printf "%s / tcp sport=80 dport=%d flags=%s seq=%s ack=%s win=%s\n", \
					ip, 2000 + i, f[1], f[2], f[3], f[4]
			}
		}'
}

# golden_send 4|6: one segment for each combination, told apart by their ports
golden_send()
{
	xa_f=$1 xa_port=2000
	each_flag | while read -r xa_i; do
		xa_port=$((xa_port + 1))
		echo "$(ip_head "$xa_f" c s) / tcp sport=$xa_port dport=80 flags=$xa_i seq=1000000000 ack=2000000000 win=4660 / data text=\"payload\""
	done >"$XA_TMP/segments"
	in_ns c pkt send -d c0 -f "$XA_TMP/segments" >/dev/null
}

# golden 4|6 MODE: the answers to all combinations of flags are these
golden()
{
	watch golden -m tcp
	golden_send "$1"
	golden_of "$1" "$2" >"$XA_TMP/golden"
	answers golden "$(wc -l <"$XA_TMP/golden")" >"$XA_TMP/got"
	expect_ok "IPv$1 $2: each combination of flags has its answer" \
		in_ns c pkt match "$XA_TMP/golden" "$XA_TMP/got"
}

# hostile 4|6: IP layers that are never answered, one a line; %s is what follows
hostile()
{
	case $1 in
	4)	cat <<-'END'
		eth src=02:00:00:00:00:01 dst=02:00:00:00:00:77 / ip / %s
		eth src=02:00:00:00:00:01 dst=ff:ff:ff:ff:ff:ff / ip / %s
		eth src=02:00:00:00:00:01 dst=01:00:5e:00:00:01 / ip dst=224.0.0.1 / %s
		eth src=02:00:00:00:00:01 dst=ff:ff:ff:ff:ff:ff / ip dst=255.255.255.255 / %s
		eth src=02:00:00:00:00:01 dst=ff:ff:ff:ff:ff:ff / ip dst=10.0.0.255 / %s
		ip dst=10.0.0.255 / %s
		ip src=10.0.0.255 / %s
		ip src=255.255.255.255 / %s
		ip src=224.0.0.1 / %s
		ip src=0.0.0.0 / %s
		ip mf=1 id=7 / %s
		ip off=100 id=8 / %s
		ip sum=bad / %s
		END
		;;
	6)	cat <<-'END'
		eth src=02:00:00:00:00:01 dst=02:00:00:00:00:77 / ip6 / %s
		eth src=02:00:00:00:00:01 dst=33:33:00:00:00:01 / ip6 / %s
		eth src=02:00:00:00:00:01 dst=33:33:00:00:00:01 / ip6 dst=ff02::1 / %s
		ip6 src=ff02::1 / %s
		ip6 src=:: / %s
		ip6 / frag mf=1 id=7 / %s
		ip6 / frag off=100 id=8 / %s
		ip6 / frag id=9 / %s
		END
		;;
	esac
}

# silence 4|6 WHAT GOOD [LAYERS...]: to none of the hostile IP layers with GOOD, which is
# answered otherwise, nor to the packets that are LAYERS
silence()
{
	xa_f=$1 xa_what=$2 xa_good=$3 xa_head="ip src=10.0.0.1 dst=10.0.0.2"
	shift 3
	[ "$xa_f" = 4 ] || xa_head="ip6 src=fd00::1 dst=fd00::2"
	{
		hostile "$xa_f" | sed -e "s,%s,$xa_good,"
		for xa_i; do
			echo "$xa_head / $xa_i"
		done
	} >"$XA_TMP/hostile"
	echo "$xa_head / $xa_good" >>"$XA_TMP/hostile"
	watch silence -m "${xa_good%% *}"
	in_ns c pkt send -d c0 -f "$XA_TMP/hostile" >/dev/null
	expect "IPv$xa_f: nothing but the last of $(wc -l <"$XA_TMP/hostile") $xa_what is answered" \
		1 "$(answers silence 1 | tee "$XA_TMP/got" | wc -l)"
	[ "$(wc -l <"$XA_TMP/got")" = 1 ] || sed 's/^/# answer /' "$XA_TMP/got"
}

# counted 4|6 NS TABLE CHAIN RULENR: the rule has seen a packet
counted()
{
	[ "$(rule_count "$@" | cut -d' ' -f1)" -gt 0 ]
}

# both RULE...: in the INPUT chain of s, in both families
both()
{
	ipt 4 s -A INPUT "$@" && ipt 6 s -A INPUT "$@"
}

# into_vrf: s0 of ns_pair is put into vrf0 with the table 77; false: there is no such thing
into_vrf()
{
	ip -n "$(ns_name s)" link add vrf0 type vrf table 77 2>/dev/null || return
	printf '%s\n' 'link set vrf0 up' 'link set s0 master vrf0' \
		'addr replace fd00::2/64 dev s0 nodad' \
		'neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev s0 nud permanent' \
		'neigh replace fd00::1 lladdr 02:00:00:00:00:01 dev s0 nud permanent' | ns_ip s
}

# bounded WHAT PACKET: c and s answer each other; the one packet has few successors
bounded()
{
	capture c c0 bounded --totals -m "$3"
	in_ns c pkt send -d c0 "$2" >/dev/null
	sleep 1
	xa_n=$(captured bounded | sed -n 's/.*packets=\([0-9]*\).*/\1/p')
	expect_range "$1 ends" 1 130 "$xa_n"
}

# tracked 4|6 PORT: the state of connections to it in the table of s
tracked()
{
	ct_list s -f "ipv$1" -p tcp --orig-port-dst "$2" | awk '{ print $4 }' | sort -u | xargs
}

# tracked_is 4|6 PORT STATE
tracked_is()
{
	[ "$(tracked "$1" "$2")" = "$3" ]
}

# closed_by STATE RULE...: connections of c to a server, for which a rule of INPUT is made while
# they are open, end up in that state of connection tracking
closed_by()
{
	cut_state=$1 cut_port=9000
	shift
	ns_pair
	for cut_f in 4 6; do
		cut_port=$((cut_port + 1)) cut_to=$(ip_of $cut_f s)
		[ $cut_f = 4 ] || cut_to="[$cut_to]"
		ipt $cut_f s -A INPUT -m conntrack --ctstate ESTABLISHED
		listen s tcp $cut_port
		rm -f "$XA_TMP/go"
		bg c sh -c "(echo one; until [ -e $XA_TMP/go ]; do sleep 0.1; done; echo two; sleep 9) |
			socat -t 9 - TCP:$cut_to:$cut_port" >/dev/null 2>&1
		wait_for 5 tracked_is $cut_f $cut_port ESTABLISHED
		ipt $cut_f s -I INPUT -p tcp "$@"
		touch "$XA_TMP/go"
		wait_for 3 is_not tracked_is $cut_f $cut_port ESTABLISHED
		expect "IPv$cut_f, $*: an open connection is then $cut_state" \
			"$cut_state" "$(tracked $cut_f $cut_port)"
		expect_match "IPv$cut_f, $*: what it sent has met the rule" '[1-9]*' \
			"$(rule_count $cut_f s filter INPUT 1)"
		in_ns c pkill socat
	done
	ns_del_all
}
