#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lscan: connections made by hand, packet by packet, one before, at and after each limit
. "${0%/*}/../lib.sh"

# Hand-made connections through the router r, whose rules see both directions. A line is
# WHAT|SYNSCAN CNSCAN GRSCAN|STEP;STEP..., and STEP is SIDE FLAGS SEQ ACK [DATA [OPTIONS]]; the
# client's numbers begin with 1001 (1000 is its SYN), the server's with 5001.
stories()
{
	xa_open='c S 1000 0;s SA 5000 1001;c A 1001 5001'
	cat <<-END
		half open|1 0 0|c S 1000 0;c S 1000 0;s SA 5000 1001;c R 1001 0
		half open, with data in the SYN|1 0 0|c S 1000 0 20;s SA 5000 1001;c R 1001 0
		half open, RST with ACK and no number|1 0 0|c S 1000 0;s SA 5000 1001;c RA 1001 0
		given up before the answer|0 0 0|c S 1000 0;c R 1001 0
		closed port|0 0 0|c S 1000 0;s RA 0 1001
		open and closed by FIN|0 1 0|$xa_open;c FA 1001 5001;s FA 5001 1002;c A 1002 5002
		open and closed by RST|0 1 0|$xa_open;c RA 1001 5001
		open, and the handshake's ACK is lost|0 1 0|c S 1000 0;s SA 5000 1001;c FA 1001 5001
		a byte of the server, RST|0 0 1|$xa_open;s A 5001 1001 1;c A 1001 5002;c RA 1001 5002
		a byte of the server, FIN|0 0 1|$xa_open;s A 5001 1001 1;c A 1001 5002;c FA 1001 5002
		a text of the server that the FIN acknowledges|0 0 1|$xa_open;s A 5001 1001 9;c FA 1001 5010
		a text of the server that the RST acknowledges|0 0 1|$xa_open;s A 5001 1001 9;c RA 1001 5010
		a text of the server, RST without an ACK|0 1 0|$xa_open;s A 5001 1001 9;c R 1001 0
		a text of the server, RST with ACK and no number|0 1 0|$xa_open;s A 5001 1001 9;c RA 1001 0
		a text of the server that the FIN does not acknowledge|0 1 0|$xa_open;s A 5001 1001 9;c FA 1001 5001
		two texts of the server|0 0 1|$xa_open;s A 5001 1001 9;c A 1001 5010;s A 5010 1001 9;c A 1001 5019;c FA 1001 5019
		4096 bytes on the way|0 0 1|$xa_open;s A 5001 1001 1400;s A 6401 1001 1400;s A 7801 1001 1297;c A 1001 5002;c FA 1001 5002
		4097 bytes on the way|0 0 0|$xa_open;s A 5001 1001 1400;s A 6401 1001 1400;s A 7801 1001 1298;c A 1001 5002;c FA 1001 5002
		4096 bytes on the way, FIN|0 0 1|$xa_open;s A 5001 1001 1400;s A 6401 1001 1400;s A 7801 1001 1297;c FA 1001 5002
		4097 bytes on the way, FIN|0 0 0|$xa_open;s A 5001 1001 1400;s A 6401 1001 1400;s A 7801 1001 1298;c FA 1001 5002
		4097 bytes on the way, RST|0 0 0|$xa_open;s A 5001 1001 1400;s A 6401 1001 1400;s A 7801 1001 1298;c RA 1001 5002
		an old number, half open, RST|1 0 0|c S 1000 0;s SA 50000 1001;c RA 1001 45000
		an old number, half open, then RST|1 0 0|c S 1000 0;s SA 50000 1001;c A 1001 45000;c R 1001 0
		an old number, RST|0 1 0|c S 1000 0;s SA 50000 1001;c A 1001 50001;c RA 1001 45000
		an old number, FIN|0 1 0|c S 1000 0;s SA 50000 1001;c A 1001 50001;c FA 1001 45000
		an old number behind a banner|0 0 1|c S 1000 0;s SA 50000 1001;c A 1001 50001;s A 50001 1001 9;c A 1001 50010;c A 1001 45000;c RA 1001 45000
		a byte of the client|0 0 0|$xa_open;c A 1001 5001 1;c FA 1002 5001
		a byte of the client, late|0 0 0|$xa_open;s A 5001 1001 9;c A 1001 5010;c A 1001 5010 1;c RA 1002 5010
		a byte of the client, with the FIN|0 0 0|$xa_open;c FA 1001 5001 1
		the server closes first|0 0 0|$xa_open;s A 5001 1001 9;s FA 5010 1001;c A 1001 5011;c FA 1001 5011
		the server closes at once|0 0 0|$xa_open;s FA 5001 1001;c FA 1001 5002
		the server resets|0 0 0|$xa_open;s RA 5001 1001;c RA 1001 5001
		data in a Fast Open SYN|0 0 0|c S 1000 0 10 34:0102030405060708;s SA 5000 1011;c A 1011 5001;c FA 1011 5001
		Fast Open data that the server does not take, half open|1 0 0|c S 1000 0 1 34:0102030405060708;s SA 5000 1001;c R 1001 0
		Fast Open data that the server does not take|0 1 0|c S 1000 0 1 34:0102030405060708;s SA 5000 1001;c A 1001 5001;c FA 1001 5001
		Fast Open data that the server does not take, a banner|0 0 1|c S 1000 0 1 34:0102030405060708;s SA 5000 1001;c A 1001 5001;s A 5001 1001 9;c A 1001 5010;c FA 1001 5010
		data in a Fast Open SYN, RST|0 0 0|c S 1000 0 10 34:0102030405060708;s SA 5000 1011;c RA 1011 5001
		silent, kept alive by the client|0 1 0|$xa_open;c A 1000 5001;c A 1000 5001 1;c FA 1001 5001
		silent, kept alive by the server|0 1 0|$xa_open;s A 5000 1001;c A 1001 5001;s A 5000 1001;c A 1001 5001;c FA 1001 5001
		data that do not follow|0 1 0|$xa_open;c A 2000 5001 10;c FA 1001 5001
		data that do not follow, and then do|0 0 0|$xa_open;c A 1011 5001 10;c A 1001 5001 10;c FA 1021 5001
		asking for a Fast Open cookie|0 1 0|c S 1000 0 0 34:;s SA 5000 1001;c A 1001 5001;c FA 1001 5001
	END
}

# The packets of all stories, step by step: STEP SIDE PACKET
story_packets()
{
	stories | awk -F'|' -v six="$(($1 == 6))" '{
		port = 4000 + NR
		c = six ? "ip6 src=fd01::1 dst=fd02::2" : "ip src=10.0.1.1 dst=10.0.2.2"
		s = six ? "ip6 src=fd02::2 dst=fd01::1" : "ip src=10.0.2.2 dst=10.0.1.1"
		n = split($3, steps, ";")
		for (i = 1; i <= n; i++) {
			k = split(steps[i], w, " ")
			head = c " / tcp sport=" port " dport=80"
			if (w[1] == "s")
				head = s " / tcp sport=80 dport=" port
			opt = k > 5 ? " opt=" w[6] : ""
			data = k > 4 && w[5] ? " / data zero=" w[5] : ""
			print i, w[1], head " win=60000 flags=" w[2] " seq=" w[3] " ack=" w[4] opt data
		}
	}'
}

# story_rules: the first sees both directions and does the counting; the others ask what came out
story_rules()
{
	echo '*filter'
	echo '-A FORWARD -p tcp -m lscan --synscan'
	stories | awk '{ for (i = split("synscan cnscan grscan", o, " "); i; i--)
		print "-A FORWARD -p tcp -m tcp --sport " 4000 + NR " -m lscan --" o[4 - i] }'
	echo COMMIT
}

forwarded()
{
	ns_triple
	for f in 4 6; do
		for h in c s; do
			ipt $f $h -t raw -A PREROUTING -p tcp -j DROP
		done
		story_rules | ipt_restore $f r
		story_packets $f >"$XA_TMP/steps"
		for step in 1 2 3 4 5 6 7 8 9; do
			for h in c s; do
				sed -n "s/^$step $h //p" "$XA_TMP/steps" >"$XA_TMP/packets"
				[ ! -s "$XA_TMP/packets" ] ||
					in_ns $h pkt send -d ${h}0 -f "$XA_TMP/packets" >/dev/null ||
					not_ok "packets are sent"
			done
		done
		ipt $f r -nvxL FORWARD | awk 'NR > 3 { printf "%s%s", $1, (NR % 3 ? " " : "\n") }' >"$XA_TMP/counts"
		stories | cut -d'|' -f1,2 | paste -d'|' - "$XA_TMP/counts" >"$XA_TMP/both"
		while IFS='|' read -r what want got; do
			expect "IPv$f: $what" "$want" "$got"
		done <"$XA_TMP/both"
	done
}

# walk PORT SIDE FLAGS SEQ ACK [DATA]: one packet
walk()
{
	case $2 in
	c)	walk="ip src=10.0.1.1 dst=10.0.2.2 / tcp sport=$1 dport=80" ;;
	s)	walk="ip src=10.0.2.2 dst=10.0.1.1 / tcp sport=80 dport=$1" ;;
	esac
	in_ns "$2" pkt send -d "$2"0 "$walk win=60000 flags=$3 seq=$4 ack=$5${6:+ / data zero=$6}" >/dev/null || not_ok "a packet is sent"
}

handshake()
{
	walk "$1" c S 1000 0
	walk "$1" s SA 5000 1001
	walk "$1" c A 1001 5001
}

# A connection that began before the rule was there is not looked at.
older()
{
	ns_triple
	for h in c s; do
		ipt 4 $h -t raw -A PREROUTING -p tcp -j DROP
	done
	ipt 4 r -t mangle -A FORWARD -m conntrack --ctstate ESTABLISHED
	handshake 4000
	ipt 4 r -A FORWARD -p tcp -m lscan --cnscan
	walk 4000 c FA 1001 5001
	expect_count "a connection without data that the rule found" 0 4 r filter FORWARD 1
	expect_count "it was known" 3 4 r mangle FORWARD 1
	handshake 4001
	walk 4001 c FA 1001 5001
	expect_count "one that it saw begin" 1 4 r filter FORWARD 1
}

is_listening()
{
	in_ns r conntrack -I -s 10.9.9.9 -d 10.8.8.8 -p udp --sport 1 --dport 2 -t 60 >/dev/null 2>&1
	in_ns r conntrack -D -p udp --dport 2 >/dev/null 2>&1
	grep -q src=10.9.9.9 "$XA_TMP/events"
}

# Whoever listens hears of a mark that is all that has changed.
events()
{
	ns_triple
	for h in c s; do
		ipt 4 $h -t raw -A PREROUTING -p tcp -j DROP
	done
	ipt 4 r -A FORWARD -p tcp -m lscan --grscan
	bg r conntrack -E >"$XA_TMP/events" 2>/dev/null
	if wait_for 10 is_listening; then
		handshake 4000
		walk 4000 s A 5001 1001 9
		walk 4000 c A 1001 5010
		expect_ok "an event tells that the server has spoken" \
			wait_for 5 grep -q 'UPDATE.* tcp .* sport=4000 .* mark=5' "$XA_TMP/events"
	else
		skip_part "conntrack -E shows no events here"
	fi
	bg_stop "$bg_pid"
}

# A connection gets the memory of the one before, which wrote down what would be taken for an
# acknowledgment of Fast Open data.
left()
{
	ns_triple
	for h in c s; do
		ipt 4 $h -t raw -A PREROUTING -p tcp -j DROP
	done
	ipt 4 r -A FORWARD -p tcp -m lscan --synscan
	for p in 4000 4001 4002 4003 4004 4005 4006 4007; do
		in_ns c pkt send -d c0 "ip src=10.0.1.1 dst=10.0.2.2 / tcp sport=$p dport=79 win=60000 flags=S seq=1000 opt=34:0102030405060708 / data zero=20" >/dev/null
		in_ns s pkt send -d s0 "ip src=10.0.2.2 dst=10.0.1.1 / tcp sport=79 dport=$p flags=RA ack=1021" >/dev/null
		walk $p c S 1020 0
		walk $p s SA 5000 1021
		walk $p c R 1021 0
	done
	expect_count "what a connection before has left makes no session" 8 4 r filter FORWARD 1
}

# Without an option nothing is a scan, and whoever makes the rule is told.
none()
{
	ns_pair
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp -m lscan 2>"$XA_TMP/err"
		expect "IPv$f: one warning" 1 "$(grep -c 'lscan: warning: .*never matches' "$XA_TMP/err")"
		ipt $f s -A INPUT -p tcp
	done
	in_ns c pkt send -d c0 'ip / tcp dport=9 flags=F' 'ip / tcp dport=9 flags=S seq=0x0a000002' \
		'ip6 / tcp dport=9 flags=F' >/dev/null
	for f in 4:2 6:1; do
		expect_count "IPv${f%:*}: no packet matches" 0 ${f%:*} s filter INPUT 1
		expect_count "IPv${f%:*}: of those there were" ${f#*:} ${f%:*} s filter INPUT 2
	done
}

doomed()
{
	ns_pair
	ipt 4 s -A INPUT -p tcp -m lscan --grscan
	ipt 6 s -A INPUT -p tcp -m lscan --grscan
}

XA_BACKENDS=nft each_backend forwarded
XA_BACKENDS=nft each_backend older
XA_BACKENDS=nft each_backend events
XA_BACKENDS=nft each_backend left
each_backend none
each_backend doomed
expect_unload xt_lscan
finish
