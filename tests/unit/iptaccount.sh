#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# iptaccount: what it prints, to the byte, and its exit status; on a fake kernel
set -u
spec=unit/iptaccount
tool=$1
tmp=$XA_TMP/files
mkdir -p "$tmp"
banner=$'\nlibxt_ACCOUNT_cl userspace accounting tool v1.3\n\n'

check() {	# WHAT EXPECTED GOT
	if [ "$2" == "$3" ]; then
		echo "ok $spec: $1"
	else
		echo "not ok $spec: $1 (expected '$2', got '$3')"
	fi
}

# kernel: its facts are the standard input
kernel() { cat >"$tmp/kernel"; export XA_FAKE=$tmp/kernel; }

# ia ARG...: sets out, err and rc; a byte at the end keeps empty lines
ia() {
	"$tool" "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(cat "$tmp/out"; echo .)
	out=${out%.}
	err=$(cat "$tmp/err")
}

# prints WHAT RC OUT ERR ARG...: all three as expected
prints() {
	local what=$1 want="rc $2: $3|$4"
	shift 4
	ia "$@"
	check "$what" "$want" "rc $rc: $out|$err"
}

kernel <<-END
	table 4 192.168.1.0/24 32 0 0 sales
	record 192.168.1.1 1 84 2 168
	record 192.168.1.20 0 0 18446744073709551615 18446744073709551615
	table 4 10.0.0.0/8 32 0 0 one
	record 10.255.0.1 3 4 5 6
	table 4 0.0.0.0/0 0 0 0 all of it
	record 0.0.0.0 7 700 0 0
	table 4 10.0.0.0/8 32 0 0 empty
	table 6 fd00::/48 128 0 0 six
	record :: 9 90 8 80
	record fd00::1 1 2 3 4
	record fd00:0:0:1:2:3:4:5 5 6 7 8
	table 6 fd00::/48 64 0 0 per
	record :: 9 90 8 80
	record fd00:: 1 2 3 4
	record fd00:0:0:1:: 5 6 7 8
	table 6 ::/0 0 0 0 all6
	record :: 9 90 0 0
END

ia
usage=${out#"$banner"}
check "usage has a banner" "$banner" "${out%"$usage"}"
check "usage names each short option" "a c f h l s u" \
	"$(echo "$usage" | grep -o '^  -[a-z]' | tr -d ' -' | sort | xargs)"
check "usage names each long option" \
	"continuous csv flush free-handles handle-usage help json list prometheus sort-by tables top version watch" \
	"$(echo "$usage" | grep -o '^ *\(-[a-z],\)\? *--[a-z-]*' | sed 's/.*--//' | sort | xargs)"
check "no argument: exit status" 0 "$rc"
prints "--help" 0 "$banner$usage" "" --help
prints "unknown flag" 0 "$banner$usage" "$tool: invalid option -- 'x'" -x
prints "unknown flag among known ones" 0 "$banner$usage" "$tool: invalid option -- 'x'" -axl sales
prints "-l without a name" 0 "$banner$usage" "$tool: option requires an argument -- 'l'" -l
prints "unknown long option" 0 "$banner$usage" "$tool: unrecognized option '--nope'" --nope
prints "stray argument" 0 "$banner$usage" 'iptaccount: unexpected argument "sales"' -a sales
prints "--version" 0 $'iptaccount (xtables-anew) 1.2.3\n' "" --version

prints "-u" 0 "${banner}Current kernel handle usage: 0"$'\nFinished.\n' "" -u
prints "-h" 0 "${banner}Freed all handles in kernel space"$'\nFinished.\n' "" -h
names=$'Found table: sales\nFound table: one\nFound table: all of it\nFound table: empty\nFound table: six\nFound table: per\nFound table: all6\n'
prints "-a" 0 "$banner${names}Finished."$'\n' "" -a
sales=$'Showing table: sales\nRun #0 - 2 items found\nIP: 192.168.1.1 SRC packets: 1 bytes: 84 DST packets: 2 bytes: 168\nIP: 192.168.1.20 SRC packets: 0 bytes: 0 DST packets: 18446744073709551615 bytes: 18446744073709551615\n'
prints "-l" 0 "$banner${sales}Finished."$'\n' "" -l sales
prints "-l -f" 0 "$banner${sales}Finished."$'\n' "" -f -l sales
prints "--list --flush" 0 "$banner${sales}Finished."$'\n' "" --list sales --flush
prints "all at once, in their order" 0 \
	"${banner}Current kernel handle usage: 0"$'\n'"Freed all handles in kernel space"$'\n'"$names${sales}Finished."$'\n' \
	"" -l sales -ahu
prints "one item" 0 "$banner"$'Showing table: one\nRun #0 - 1 item found\nIP: 10.255.0.1 SRC packets: 3 bytes: 4 DST packets: 5 bytes: 6\nFinished.\n' "" -l one
prints "no items" 0 "$banner"$'Showing table: empty\nRun #0 - 0 items found\nFinished.\n' "" -l empty
prints "0.0.0.0/0" 0 "$banner"$'Showing table: all of it\nRun #0 - 1 item found\nIP: 0.0.0.0 SRC packets: 7 bytes: 700 DST packets: 0 bytes: 0\nFinished.\n' "" -l "all of it"
csv=$'IP;SRC packets;SRC bytes;DST packets;DST bytes\n'
prints "-s" 0 "$banner${csv}"$'192.168.1.1;1;84;2;168\n192.168.1.20;0;0;18446744073709551615;18446744073709551615\nFinished.\n' "" -sl sales
prints "--csv of nothing" 0 "$banner${csv}"$'Finished.\n' "" --csv --list=empty
prints "-f, -c and -s alone do nothing" 0 "$banner"$'Finished.\n' "" -fcs
prints "IPv6" 0 "$banner"$'Showing table: six\nRun #0 - 3 items found\nIP: :: SRC packets: 9 bytes: 90 DST packets: 8 bytes: 80\nIP: fd00::1 SRC packets: 1 bytes: 2 DST packets: 3 bytes: 4\nIP: fd00::1:2:3:4:5 SRC packets: 5 bytes: 6 DST packets: 7 bytes: 8\nFinished.\n' "" -l six
prints "IPv6 prefixes" 0 "$banner${csv}"$'::;9;90;8;80\nfd00::/64;1;2;3;4\nfd00:0:0:1::/64;5;6;7;8\nFinished.\n' "" -sl per
prints "::/0" 0 "$banner${csv}"$'::;9;90;0;0\nFinished.\n' "" -sl all6

prints "unknown table" 1 "$banner"$'Showing table: nope\nRead failed: No such table\n' "" -l nope
prints "long name" 1 "$banner${csv}Read failed: The table's name is longer than 31 bytes"$'\n' "" -sl 12345678901234567890123456789012
for args in "--top 0" "--top -1" "--top x" "--top 5x" "--top 4294967296" "--top 99999999999999999999" "--sort-by size" \
	    "--sort-by BYTES" "--csv --json"; do
	# shellcheck disable=SC2086 # words
	ia $args -l sales
	check "$args is refused" "rc 2:  1" "rc $rc: $out $(echo "$err" | grep -c '^iptaccount: --')"
done
for args in "--top 5" "--sort-by bytes" "--top 5 --json -a"; do
	# shellcheck disable=SC2086 # words
	ia $args
	check "$args without -l is refused" "rc 2:  1" "rc $rc: $out $(echo "$err" | grep -c '^iptaccount: --top and --sort-by need')"
done
prints "--json with nothing to do" 0 "$banner$usage" "" --json

# --- the largest ----------------------------------------------------------
kernel <<-END
	table 4 10.0.0.0/8 32 0 0 t
	record 10.0.0.1 1 100 9 0
	record 10.0.0.2 1 100 1 100
	record 10.0.0.3 0 0 3 18446744073709551615
	record 10.0.0.4 5 1 0 0
	record 10.0.0.5 1 0 1 200
	record 10.0.0.6 18446744073709551615 3 1 18446744073709551615
END
top() { ia -sl t "$@"; echo "$out" | sed -n 's/^10\.0\.0\.\([0-9]*\);.*/\1/p' | xargs; }
check "--top 1, sums do not wrap" "3" "$(top --top 1)"
check "--top 3" "3 6 2" "$(top --top 3)"
check "--top 4, equal ones by address" "3 6 2 5" "$(top --top 4)"
check "--top with more than there are" "3 6 2 5 1 4" "$(top --top 4294967295)"
check "--sort-by bytes" "3 6 2 5 1 4" "$(top --sort-by bytes)"
check "--sort-by packets" "6 1 4 3 2 5" "$(top --sort-by packets)"
check "--top 2 --sort-by packets" "6 1" "$(top --sort-by packets --top 2)"
ia --top 2 -l t
check "--top leaves the number of items" "Run #0 - 6 items found" "$(echo "$out" | grep Run)"
kernel <<-END
	table 4 10.0.0.0/8 32 0 0 t
	records 65537
END
ia -sl t
all=$(echo "$out" | grep '^10\.' | sort -t ';' -k3,3nr -k1,1V)
check "a /16 and one more" 65537 "$(echo "$all" | wc -l)"
ia -sl t --top 100
check "--top 100 of it is the same as sorting it" "$(echo "$all" | head -n 100)" "$(echo "$out" | grep '^10\.')"
ia -sl t --sort-by bytes
check "--sort-by of all of it, too" "$all" "$(echo "$out" | grep '^10\.')"

# --- JSON -----------------------------------------------------------------
kernel <<-END
	table 4 192.168.1.0/24 32 0 0 sales
	record 192.168.1.1 1 84 2 168
	record 192.168.1.20 0 0 3 4
	table 6 fd00::/48 64 12 3456 say "hi" \\ $(printf 'b\001\033\177 \303\244 \342\202\254 \360\237\220\247 x')
	record :: 9 90 8 80
	record fd00:0:0:1:: 5 6 7 8
END
printf 'table 4 10.0.0.0/8 32 0 0 bad\200\377\303(\340\200\200\355\240\200\360\200\200\200\364\220\200\200\302\n' >>"$XA_FAKE"
doc='{"table":"sales","family":"ipv4","network":"192.168.1.0/24","per":32,"rules":1,"memory":4096,"lost":{"packets":0,"bytes":0},"run":1,"flush":false,"items":2,"records":['
r1='{"address":"192.168.1.1","prefix":32,"src":{"packets":1,"bytes":84},"dst":{"packets":2,"bytes":168}}'
r2='{"address":"192.168.1.20","prefix":32,"src":{"packets":0,"bytes":0},"dst":{"packets":3,"bytes":4}}'
prints "--json -l" 0 "$doc$r1,$r2]}"$'\n' "" --json -l sales
prints "--json -f" 0 "${doc/'"flush":false'/'"flush":true'}$r1,$r2]}"$'\n' "" --json -fl sales
prints "--json --top 1" 0 "$doc$r1]}"$'\n' "" --json --top 1 -l sales
prints "--json -u" 0 $'{"handles":0}\n' "" --json -u
prints "--json -h" 0 $'{"freed":true}\n' "" --json -h
name=$(sed -n 's/^table 6.*3456 //p' "$XA_FAKE")
lost="iptaccount: table \"$name\": the kernel had no memory to count 12 packets (3456 bytes)"
prints "--json of IPv6 prefixes, name with all kinds of bytes" 0 \
	'{"table":"say \"hi\" \\ b\u0001\u001b\u007f ä € 🐧 x","family":"ipv6","network":"fd00::/48","per":64,"rules":1,"memory":4096,"lost":{"packets":12,"bytes":3456},"run":1,"flush":false,"items":2,"records":[{"address":"::","prefix":0,"src":{"packets":9,"bytes":90},"dst":{"packets":8,"bytes":80}},{"address":"fd00:0:0:1::","prefix":64,"src":{"packets":5,"bytes":6},"dst":{"packets":7,"bytes":8}}]}'$'\n' \
	"$lost" --json -l "$name"
ia --json -a
check "--json -a" 'rc 0: "sales" "ipv4" "192.168.1.0/24" 0|"say \"hi\" \\ b\u0001\u001b\u007f ä € 🐧 x" "ipv6" "fd00::/48" 12|"bad\ufffd\ufffd\ufffd(\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd" "ipv4" "10.0.0.0/8" 0' \
	"rc $rc: $(echo "$out" | sed 's/{"table":/\n&/g' | sed -n 's/^{"table":\(.*\),"family":\("[^"]*"\),"network":\("[^"]*"\).*"lost":{"packets":\([0-9]*\).*/\1 \2 \3 \4/p' | paste -sd'|')"
if command -v python3 >/dev/null; then
	for args in "-a" "-u" "-h" "-l sales" "-l sales --top 1 -f" "-u -h -a -l sales"; do
		# shellcheck disable=SC2086 # words
		ia --json $args
		check "--json $args is a JSON document a line" "" \
			"$(python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <"$tmp/out" 2>&1)"
	done
else
	echo "skip $spec: JSON by another reader (Debian: python3)"
fi
# Metrics: each with its samples together; of the busiest hosts, if asked for
kernel <<-'END'
	table 4 192.168.1.0/24 32 3 300 sales
	record 192.168.1.1 1 84 2 168
	record 192.168.1.20 5 500 0 0
	table 6 fd00::/48 64 0 0 a "b\c
	record :: 9 90 8 80
	record fd00:0:0:1:: 5 6 7 8
END
esc='a \"b\\c'
want="iptaccount_hosts{table=\"sales\"} 2
iptaccount_hosts{table=\"$esc\"} 2
iptaccount_packets_total{table=\"sales\",direction=\"src\"} 6
iptaccount_packets_total{table=\"sales\",direction=\"dst\"} 2
iptaccount_packets_total{table=\"$esc\",direction=\"src\"} 14
iptaccount_packets_total{table=\"$esc\",direction=\"dst\"} 15
iptaccount_bytes_total{table=\"sales\",direction=\"src\"} 584
iptaccount_bytes_total{table=\"sales\",direction=\"dst\"} 168
iptaccount_bytes_total{table=\"$esc\",direction=\"src\"} 96
iptaccount_bytes_total{table=\"$esc\",direction=\"dst\"} 88
iptaccount_lost_packets_total{table=\"sales\"} 3
iptaccount_lost_packets_total{table=\"$esc\"} 0
iptaccount_lost_bytes_total{table=\"sales\"} 300
iptaccount_lost_bytes_total{table=\"$esc\"} 0"
ia --prometheus
check "--prometheus: all tables" "rc 0: $want|" \
	"rc $rc: $(grep -v -e '^#' -e '^iptaccount_memory_bytes' "$tmp/out")|$err"
check "--prometheus: each metric has one HELP and one TYPE" \
	"$(grep -o '^iptaccount_[a-z_]*' "$tmp/out" | uniq)" \
	"$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$tmp/out")"
check "--prometheus: as many HELP" 6 "$(grep -c '^# HELP iptaccount_[a-z_]* [A-Z].*\.$' "$tmp/out")"
if [ -n "$(command -v promtool)" ]; then
	check "promtool has no complaint" "" "$(promtool check metrics <"$tmp/out" 2>&1)"
fi
ia --prometheus --top 1 --list sales
check "--prometheus --top 1 -l: one table, its busiest host" \
	"iptaccount_host_bytes_total{table=\"sales\",address=\"192.168.1.20\",direction=\"src\"} 500
iptaccount_host_bytes_total{table=\"sales\",address=\"192.168.1.20\",direction=\"dst\"} 0|0" \
	"$(grep '^iptaccount_host_bytes' "$tmp/out")|$(grep -c "$esc" "$tmp/out")"
prints "--prometheus, unknown table" 1 "" "iptaccount: Read failed: No such table" --prometheus -l nope
for args in "--prometheus -f -l sales" "--prometheus -a" "--prometheus --json" "--prometheus -c" \
	    "--prometheus --csv" "--prometheus -u" "--prometheus -h"; do
	# shellcheck disable=SC2086 # a list
	ia $args
	check "$args" 'rc 2: |iptaccount: --prometheus goes with --list, --top and --sort-by only' "rc $rc: $out|$err"
done
prints "--prometheus --sort-by" 2 "" "iptaccount: --prometheus with --sort-by needs --top" --prometheus --sort-by bytes
kernel </dev/null
ia --prometheus
check "--prometheus without tables" "rc 0: 0" "rc $rc: $(grep -vc '^#' "$tmp/out")"
kernel <<-END
	table 4 192.168.1.0/24 32 0 0 sales
	record 192.168.1.1 1 84 2 168
	record 192.168.1.20 0 0 18446744073709551615 18446744073709551615
END

prints "--json, unknown table" 1 "" "iptaccount: Read failed: No such table" --json -l nope

# --- kernels that are not as they should be -------------------------------
kernel <<-END
	theirs
	table 4 192.168.1.0/24 32 5 500 sales
	record 192.168.1.1 1 84 2 168
END
prints "another module: text" 0 "$banner"$'Showing table: sales\nRun #0 - 1 item found\nIP: 192.168.1.1 SRC packets: 1 bytes: 84 DST packets: 2 bytes: 168\nFinished.\n' "" -l sales
prints "another module: JSON" 0 '{"table":"sales","family":"ipv4","run":1,"flush":true,"items":1,"records":['"$r1]}"$'\n' "" --json -f -l sales
prints "another module: tables" 0 '{"tables":[{"table":"sales","family":"ipv4"}]}'$'\n' "" --json -a
for no in 1 92; do	# EPERM, ENOPROTOOPT
	for opt in 71 72 74 75 76 77 78 110 111 112; do echo "fail $opt $no"; done | kernel
	word=$([ $no = 1 ] && echo CAP_NET_ADMIN || echo "xt_ACCOUNT is not loaded")
	for args in -u:get_handle_usage -h:handle_free_all -a:get_table_names; do
		failed=${args#*:} args=${args%:*}
		ia $args
		check "errno $no: $args" "255 1 1" "$rc $(echo "$out" | grep -c "^$failed failed: .*$word") $(echo "$out" | grep -c libxt_ACCOUNT_cl)"
	done
	ia -l sales
	check "errno $no: -l" "1 1" "$rc $(echo "$out" | grep -c "^Read failed: .*$word")"
	ia --json -a
	check "errno $no: --json" "255 0 1" "$rc ${#out} $(echo "$err" | grep -c "$word")"
done
printf 'noraw\nfail 77 1\n' | kernel
ia -a
check "no capability at all" "255 1" "$rc $(echo "$out" | grep -c '^Init failed: .*CAP_NET_ADMIN')"
printf 'noraw\ntable 4 10.0.0.0/8 32 0 0 t\n' | kernel
prints "CAP_NET_ADMIN is enough" 0 "$banner"$'Found table: t\nFinished.\n' "" -a
for family in "4 10.0.0.0/8 32" "6 fd00::/64 128"; do
	printf 'table %s 0 0 t\nhandles 10\n' "$family" | kernel
	prints "handles used up, IPv${family%% *}" 1 "$banner"$'Showing table: t\nRead failed: All handles are in use\n' "" -l t
	prints "-u then" 0 "${banner}Current kernel handle usage: 10"$'\nFinished.\n' "" -u
	prints "-h helps" 0 "${banner}Freed all handles in kernel space"$'\nShowing table: t\nRun #0 - 0 items found\nFinished.\n' "" -h -l t
	printf 'table %s 0 0 t\nfail 74 22\n' "$family" | kernel
	ia -l t
	check "no memory to read, IPv${family%% *}" "1 1" "$rc $(echo "$out" | grep -c '^Read failed: .*out of memory')"
	printf 'table %s 0 0 t\nfail 74 28\n' "$family" | kernel
	prints "other reads have it, IPv${family%% *}" 1 "$banner"$'Showing table: t\nRead failed: Reads that are not finished take the memory there is for them\n' "" -l t
done
printf 'table 6 fd00::/64 128 0 0 t\nrecord fd00::1 1 1 1 1\nfail 111 1\n' | kernel
prints "records refused, IPv6" 1 "$banner"$'Showing table: t\nRead failed: Another program has freed the handle meanwhile\n' "" -l t
for records in '' 'record fd00::9 9 9 9 9\n' 'record fd00::9 9 9 9 9\nrecord fd00::a 9 9 9 9\nrecord fd00::b 9 9 9 9\n'; do
	# shellcheck disable=SC2059 # lines
	printf "table 6 fd00::/64 128 0 0 t\nrecord fd00::1 1 1 1 1\nrecord fd00::2 1 1 1 1\ntable 6 fd00::/64 128 0 0 other\n${records}reused\n" | kernel
	prints "a handle that was used again, IPv6, is left alone" 1 "$banner"$'Showing table: t\nRead failed: Another program has freed the handle meanwhile\n' "left behind: 1 handles, 0 sockets" -l t
done
if [ -w /dev/full ]; then
	kernel <<<"table 4 10.0.0.0/8 32 0 0 t"
	"$tool" -l t >/dev/full 2>"$tmp/err"
	check "output that cannot be written" "1 1" "$? $(grep -c 'cannot write' "$tmp/err")"
fi

# --- every second ---------------------------------------------------------
# until_lines N PATTERN FILE: N lines of it are there, in a file that was emptied before the program
# was started; a busy machine takes its time
until_lines() {
	local tries=150
	until [ "$(grep -c "$2" "$3" 2>/dev/null)" -ge "$1" ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.2
	done
}

# reap PID: its exit status; 137, if it had to be killed after a minute
reap() {
	local timer rc
	(sleep 60; kill -KILL "$1") >/dev/null 2>&1 &
	timer=$!
	wait "$1"
	rc=$?
	kill "$timer"
	return $rc
}

# passes N: what -c prints for table t in so many passes
passes() {
	local i
	printf '%sShowing table: t\n' "$banner"
	for ((i = 0; i < $1; ++i)); do
		printf 'Run #%d - 1 item found\nIP: 10.0.0.1 SRC packets: 1 bytes: 2 DST packets: 3 bytes: 4\n' "$i"
	done
	printf 'Finished.\n.'
}

kernel <<-END
	table 4 10.0.0.0/8 32 3 300 t
	growing
	record 10.0.0.1 1 2 3 4
END
for sig in INT TERM QUIT; do
	# a shell's background programs ignore INT and QUIT otherwise
	env --default-signal=INT,QUIT "$tool" -c -f -l t >"$tmp/out.$sig" 2>"$tmp/err.$sig" &
	eval "pid_$sig=$!"
done
for sig in INT TERM QUIT; do
	until_lines 3 '^Run' "$tmp/out.$sig"
	eval "pid=\$pid_$sig"
	# shellcheck disable=SC2154 # set by eval
	kill -$sig "$pid"
	reap "$pid"
	check "-c until SIG$sig: exit status" 0 $?
	n=$(grep -c '^Run' "$tmp/out.$sig")
	check "-c until SIG$sig: three passes or more" yes "$([ "$n" -ge 3 ] && echo yes)"
	check "-c until SIG$sig: text" "$(passes "$n")" "$(cat "$tmp/out.$sig"; echo .)"
	check "-c warns once of what was lost" 1 "$(grep -c '3 packets (300 bytes)' "$tmp/err.$sig")"
done
kernel <<-END
	table 4 10.0.0.0/8 32 3 300 t
	remade 2 200
END
: >"$tmp/out"
"$tool" -c -l t >"$tmp/out" 2>"$tmp/err" &
pid=$!
until_lines 3 '^Run' "$tmp/out"
kill -TERM $pid
reap $pid
check "-c warns of what a new table of the name has lost" "3 packets (300 bytes) 2 packets (200 bytes)" \
	"$(sed 's/.* to count //' "$tmp/err" | xargs)"
kernel <<-END
	table 4 10.0.0.0/8 32 3 300 t
	growing
	record 10.0.0.1 1 2 3 4
END
for family in "4 10.0.0.0/8 32 0 0 t" "6 fd00::/64 128 0 0 t"; do
	addr=10.0.0.
	[ "${family%% *}" = 4 ] || addr=fd00::
	kernel <<-END
		table $family
		shrinking
		$(for i in 1 2 3; do echo "record $addr$i 1 2 3 4"; done)
	END
	: >"$tmp/out"
	"$tool" -c --json -l t >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until_lines 4 '"run":' "$tmp/out"
	kill -TERM $pid
	reap $pid
	check "-c: fewer records each time, IPv${family%% *}" "0 3 2 1 1" \
		"$? $(sed 's/.*"items":\([0-9]*\).*/\1/' "$tmp/out" | head -n 4 | xargs)$(cat "$tmp/err")"
done
kernel <<-END
	table 4 10.0.0.0/8 32 3 300 t
	growing
	record 10.0.0.1 1 2 3 4
END
start=${EPOCHREALTIME/./}
: >"$tmp/out"
"$tool" -c --json -l t >"$tmp/out" 2>/dev/null &
pid=$!
until_lines 3 '"run":' "$tmp/out"
took=$((${EPOCHREALTIME/./} - start))
kill -TERM $pid
reap $pid
check "--json -c: exit status" 0 $?
check "--json -c: a document for each pass" "1 2 3" "$(sed 's/.*"run":\([0-9]*\).*/\1/' "$tmp/out" | head -n 3 | xargs)"
check "a second between passes" yes "$([ $took -ge 2000000 ] && echo yes)"
mkfifo "$tmp/fifo"
"$tool" -c -s -l t >"$tmp/fifo" 2>/dev/null &
pid=$!
exec 3<"$tmp/fifo"
line=
while [[ $line != 10.* ]] && read -r -t 20 line <&3; do :; done
check "a pipe has a pass while the next is to come" "10.0.0.1;1;2;3;4" "$line"
exec 3<&-
for _ in {1..60}; do sleep 0.5; kill -0 $pid 2>/dev/null || break; done
kill -9 $pid 2>/dev/null
wait $pid
check "ends by SIGPIPE when nobody reads any more" $((128 + 13)) $?
# A reader that does not read: the first signal lets the pass be written, any second one ends it
kernel <<-END
	table 4 10.0.0.0/8 32 0 0 t
	growing
	climbing
	$(for i in {1..2000}; do echo "record 10.0.$((i / 256)).$((i % 256)) 1 2 3 4"; done)
END
for sigs in "TERM INT 130 -c -f" "INT TERM 143 -c -f" "TERM TERM 143 -c -f" "QUIT INT 130 -c -f" "INT TERM 143 --watch --top 2000"; do
	read -r first second status args <<<"$sigs"
	# a new one: in the last one there may be data still
	rm -f "$tmp/fifo"
	mkfifo "$tmp/fifo"
	exec 3<>"$tmp/fifo"
	# shellcheck disable=SC2086 # a list
	env --default-signal=INT,QUIT "$tool" $args -l t >"$tmp/fifo" 2>/dev/null &
	pid=$!
	read -r -t 20 -u 3 _
	kill -"$first" $pid
	sleep 0.3
	check "$args, SIG$first: the pass is not given up" yes "$(kill -0 $pid && echo yes)"
	kill -"$second" $pid
	reap $pid
	check "$args, SIG$second behind SIG$first: the end, at once" "$status" $?
	exec 3<&-
done

# --- the busiest, every second --------------------------------------------
kernel <<-END
	table 4 10.0.0.0/8 32 0 0 busy
	climbing
	record 10.0.0.1 10 12500 0 0
	record 10.0.0.2 0 0 1 1000000000000
	record 10.0.0.3 1000000 1 0 0
	table 6 fd00::/48 64 0 0 six
	climbing
	record fd00:0:0:1:: 1 2 3 4
END
# watched N LINE-PATTERN ARG...: runs until so many such lines are there; in out, err and rc
watched() {
	local n=$1 pattern=$2
	shift 2
	: >"$tmp/out"
	env --default-signal=INT "$tool" --watch "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until_lines "$n" "$pattern" "$tmp/out"
	kill -INT $pid
	reap $pid
	rc=$?
	err=$(cat "$tmp/err")
}
# how long a pass took is a matter of the machine: numbers are not looked at
watched 2 '^HOST' -l busy
check "--watch: status, standard error" "0 " "$rc $err"
check "--watch: a head, the hosts by bytes, an empty line; no control characters, no banner" \
	"busy: 3 of 3 hosts active|HOST|10.0.0.2|10.0.0.1|10.0.0.3||busy: 3 of 3 hosts active" \
	"$(head -n 7 "$tmp/out" | sed 's/, sent.*//; s/ .*bit.*//; /^busy/!s/ .*//' | paste -sd '|')"
check "--watch: totals" "2.00 T 37.5 k 3" \
	"$(sed -n '3p' "$tmp/out" | awk '{ print $(NF-1), $NF }') $(sed -n '/^$/,$p' "$tmp/out" | sed -n 's/^10.0.0.1 .* \([0-9.]* k\)$/\1/p' | head -n 1) $(sed -n '/^$/,$p' "$tmp/out" | sed -n 's/^10.0.0.3 .* //p' | head -n 1)"
watched 1 '^10.0.0.3' -l busy --top 1 --sort-by packets
check "--watch --top 1 --sort-by packets" "0 10.0.0.3" "$rc $(sed -n '3,/^$/p' "$tmp/out" | grep . | cut -d' ' -f1)"
watched 1 '^fd00' -l six
check "--watch: prefixes" "fd00:0:0:1::/64" "$(sed -n '3p' "$tmp/out" | cut -d' ' -f1)"
prints "--watch, unknown table" 1 "" "iptaccount: Read failed: No such table" --watch -l nope
for args in "--watch" "--watch -a" "--watch -f -l busy" "--watch -c -l busy" "--watch --csv -l busy" "--watch --json -l busy" \
	    "--watch --prometheus -l busy" "--watch -u -l busy" "--watch -h -l busy"; do
	# shellcheck disable=SC2086 # a list
	ia $args
	check "$args" '2 iptaccount: --watch goes with --list NAME, --top and --sort-by only' "$rc $err"
done
# On a terminal: in a pseudoterminal of 4 lines and 30 columns, which then becomes larger
if [ -n "$(command -v python3)" ]; then
	cat >"$tmp/terminal.py" <<'END'
import fcntl, os, pty, select, signal, struct, sys, termios, time

def size(fd, lines, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

def until(fd, word, text=b""):
    end = time.monotonic() + 60
    while word not in text and time.monotonic() < end:
        if select.select([fd], [], [], 1)[0]:
            text += os.read(fd, 65536)
    return text

pid, fd = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    time.sleep(0.2)
    os.execv(sys.argv[1], [sys.argv[1], "--watch", "-l", "busy"])
size(fd, 4, 30)
small = until(fd, b"\033[J", until(fd, b"\033[H\033[J").split(b"\033[H\033[J")[-1])
small = small[small.rfind(b"\033[H", 0, small.rfind(b"\033[J")):]
size(fd, 24, 80)
large = until(fd, b"10.0.0.3")
os.write(fd, b"\003")
rest = until(fd, b"\033[?25h")
signal.alarm(60)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
lines = small.replace(b"\r", b"").replace(b"\033[K", b"").replace(b"\033[H", b"").split(b"\033[J")[0].split(b"\n")
print("small:", len(lines) - 1, max(len(line) for line in lines) < 30, b"10.0.0.2" in small, b"10.0.0.1" in small)
print("large:", all(a in large for a in (b"10.0.0.1", b"10.0.0.2", b"10.0.0.3")), b"ALL BYTE" in large)
print("end:", status, rest.endswith(b"\033[?25h") or b"\033[?25h" in rest)
END
	check "--watch on a terminal: its size, a new size, Ctrl-C" "small: 3 True True False|large: True True|end: 0 True" \
		"$(python3 "$tmp/terminal.py" "$tool" 2>&1 | paste -sd '|')"
else
	echo "skip $spec: --watch on a terminal (Debian: python3)"
fi
exit 0
