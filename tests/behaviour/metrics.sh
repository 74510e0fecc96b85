#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xt_metrics: prints every metric of its manual page about real modules, with the right values
. "${0%/*}/../lib.sh"

value()
{
	sed -n "s/^$1 //p" "$XA_TMP/metrics"
}

# database KIND LABEL: a small one in a folder of its own, of data that are old
database()
{
	mkdir "$XA_TMP/$1"
	printf '192.0.2.0,192.0.2.255,%s\n2001:db8::,2001:db8::ff,%s\n' "$2" "$2" >"$XA_TMP/$1.csv"
	touch -d @1706918400 "$XA_TMP/$1.csv"
	"xt_$1_build" -D "$XA_TMP/$1" "$XA_TMP/$1.csv" >"$XA_TMP/out" 2>&1 &&
		"xt_$1_load" -D "$XA_TMP/$1" >>"$XA_TMP/out" 2>&1 ||
		not_ok "$1: a database" "$(cat "$XA_TMP/out")"
}

all()
{
	ns_new s
	for f in 4 6; do
		ipt $f s -A INPUT -m condition --condition on
		ipt $f s -A INPUT -p udp -m quota2 --name q --quota 1000
		ipt $f s -A INPUT -p tcp -m pknock --knockports 7,8 --name SSH --time 60
	done
	# nothing answers, so what is counted is what is sent
	ipt 4 s -A INPUT -j DROP
	ipt 4 s -t nat -A POSTROUTING -s 10.1.0.0/16 -j DNETMAP --prefix 20.0.0.0/26
	ipt 4 s -t raw -A PREROUTING -j ACCOUNT --addr 127.0.0.0/24 --tname t
	in_ns s sh -c 'echo 1 >/proc/net/nf_condition/on; echo +10.1.0.5:20.0.0.5 >/proc/net/xt_DNETMAP/20.0.0.0_26'
	in_ns s pkt send --local 'ip src=127.0.0.1 dst=127.0.0.2 / udp dport=9 / data zero=72' \
		'ip src=127.0.0.3 dst=127.0.0.2 / tcp dport=7' 'ip src=127.0.0.3 dst=127.0.0.2 / tcp dport=8' \
		'ip src=127.0.0.4 dst=127.0.0.2 / tcp dport=7' >/dev/null
	in_ns s xt_metrics --top 1 >"$XA_TMP/metrics" 2>"$XA_TMP/err"
	expect "exit status, standard error" "0 " "$? $(cat "$XA_TMP/err")"
	expect "nothing was done but to let a host in" 'pknock let_in 1' "$(actions)"
	expect "condition" 1 "$(value 'xtables_condition{name="on"}')"
	expect "quota2" 900 "$(value 'xtables_quota{name="q"}')"
	expect "pknock" "1 1" "$(value 'xtables_pknock_hosts{name="SSH",status="allowed"}') $(value 'xtables_pknock_hosts{name="SSH",status="matching"}')"
	expect "DNETMAP" "0 1 64" "$(value 'xtables_dnetmap_bindings{name="20.0.0.0_26",kind="dynamic"}') $(value 'xtables_dnetmap_bindings{name="20.0.0.0_26",kind="static"}') $(value 'xtables_dnetmap_addresses{name="20.0.0.0_26"}')"
	expect "ACCOUNT" "4 4" "$(value 'iptaccount_packets_total{table="t",direction="src"}') $(value 'iptaccount_packets_total{table="t",direction="dst"}')"
	expect "ACCOUNT, the busiest host" 4 "$(value 'iptaccount_host_packets_total{table="t",address="127.0.0.2",direction="dst"}')"
	expect "geoip" "1 1" "$(value 'xtables_database_ranges{kind="geoip",family="ipv4"}') $(value 'xtables_database_ranges{kind="geoip",family="ipv6"}')"
	expect "asn" 1 "$(value 'xtables_database_labels{kind="asn"}')"
	now=$(date +%s)
	expect_range "when it was loaded" $((now - 600)) "$now" "$(value 'xtables_database_loaded_timestamp_seconds{kind="geoip"}')"
	expect "the date of its data" 1706918400 "$(value 'xtables_database_data_timestamp_seconds{kind="geoip"}')"
	want=$(sed -e 's/\\f[A-Z]//g' "$manual" | sed -n '/^.SH METRICS/,/^.SH EX/p' | grep -oE '(xtables|iptaccount)_[a-z_]+' | sort -u)
	expect "every metric of the manual page" "$want" "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$XA_TMP/metrics" | sort -u)"
	expect "the quota is not touched" 900 "$(in_ns s cat /proc/net/xt_quota/q)"
}

# actions: counters that are not 0
actions()
{
	in_ns s xt_metrics | sed -n 's/^xtables_actions_total{extension="\(.*\)",counter="\(.*\)"} \([1-9][0-9]*\)$/\1 \2 \3/p'
}

# What each extension does is counted, once, in its namespace and not in another; answers are
# sent to 127.0.0.9, where nothing but our rules listens
counters()
{
	ns_new s other
	ipt 4 s -A INPUT -d 127.0.0.9 -j DROP
	for f in 4 6; do
		ipt $f s -A INPUT -p tcp --dport 81 -j TARPIT
		ipt $f s -A INPUT -p tcp --dport 82 -j TARPIT --honeypot
		ipt $f s -A INPUT -p tcp --dport 83 -j TARPIT --reset
		ipt $f s -A INPUT -p tcp --dport 84 -j DELUDE
		ipt $f s -A INPUT -p udp --dport 85 -j ECHO
		ipt $f s -A INPUT -p tcp --dport 86 -j CHAOS
		ipt $f s -A INPUT -p tcp --dport 87 -m lscan --mirai
	done
	ipt 4 s -A INPUT -s 127.0.0.7 -m psd --psd-weight-threshold 3
	ipt 4 s -A INPUT -s 127.0.0.7 -j DROP
	ipt 4 other -A INPUT -p tcp -j TARPIT
	set --
	for port in 81 82 83 84; do
		set -- "$@" "ip src=127.0.0.9 dst=127.0.0.1 / tcp sport=1000 dport=$port flags=S" \
			"ip src=127.0.0.9 dst=127.0.0.1 / tcp sport=1000 dport=$port flags=PA seq=1 ack=1 / data zero=10"
	done
	echo 0 >/sys/module/xt_CHAOS/parameters/reject_percentage
	in_ns s pkt send --local "$@" 'ip src=127.0.0.9 dst=127.0.0.1 / udp sport=1000 dport=85 / data zero=30' \
		'ip src=127.0.0.9 dst=127.0.0.1 / tcp sport=1000 dport=86 flags=S' \
		'ip src=127.0.0.9 dst=127.0.0.1 / tcp sport=1000 dport=87 flags=S seq=2130706433' >/dev/null
	echo 4294967295 >/sys/module/xt_CHAOS/parameters/reject_percentage
	in_ns s pkt send --local 'ip src=127.0.0.9 dst=127.0.0.1 / tcp sport=1001 dport=86 flags=S' >/dev/null
	echo 42949672 >/sys/module/xt_CHAOS/parameters/reject_percentage
	in_ns s pkt send --local 'ip src=127.0.0.7 dst=127.0.0.1 / tcp dport=21' \
		'ip src=127.0.0.7 dst=127.0.0.1 / tcp dport=22' 'ip src=127.0.0.7 dst=127.0.0.1 / tcp dport=23' >/dev/null
	scans=$(ipt 4 s -nvxL INPUT | awk '/psd/ { print $1 }')
	expect_range "packets of a scan" 1 3 "$scans"
	expect "what was done" "CHAOS icmp_errors 1
CHAOS unanswered 1
DELUDE answers 2
DELUDE syns 1
DELUDE data_segments 1
DELUDE data_bytes 10
DELUDE resets 1
ECHO answers 1
ECHO data_bytes 30
TARPIT tarpit_answers 2
TARPIT tarpit_syns 1
TARPIT tarpit_data_segments 1
TARPIT tarpit_data_bytes 10
TARPIT honeypot_answers 2
TARPIT honeypot_syns 1
TARPIT honeypot_data_segments 1
TARPIT honeypot_data_bytes 10
TARPIT reset_answers 2
TARPIT reset_syns 1
TARPIT reset_data_segments 1
TARPIT reset_data_bytes 10
TARPIT reset_resets 2
lscan mirai_matches 1
psd matches $scans" "$(actions)"
	expect "everybody may read them" "444 444" "$(in_ns s stat -c %a /proc/net/xt_stat/TARPIT /proc/net/xt_stat/lscan | xargs)"
	expect "nothing in another namespace" "0" "$(in_ns other cat /proc/net/xt_stat/TARPIT | awk '{ n += $2 } END { print n }')"
	ns_del s
}

for manual in /usr/share/man/man8/xt_metrics.8 /usr/local/share/man/man8/xt_metrics.8; do
	[ ! -e "$manual" ] || break
done
database geoip DE
database asn 64500
all
ns_del s
counters
xt_geoip_load --unload
xt_asn_load --unload
finish
