#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xt_metrics, built with the sanitizers, on files instead of /proc/net; promtool reads what it
# prints; and the dashboard asks for nothing that it does not print.
# links: -lmnl
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"

build() {
	make -s -C "$XA_BUILD/addrdb" libaddrdb.a &&
	gcc -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -DHAVE_CONFIG_H -fsanitize=address -fsanitize=undefined \
		-fno-sanitize-recover=all -DPROC_NET='getenv("XA_PROC")' -DSYS_MODULE='getenv("XA_SYS")' \
		-I "$XA_BUILD" -I "$XA_TOP/include" -I "$XA_TOP/iptaccount" -I "$XA_TOP/addrdb" -I "$XA_TOP/metrics" \
		-o "$XA_TMP/xt_metrics" "$XA_TOP"/metrics/*.c \
		"$XA_TOP"/iptaccount/{metrics,output,table,top,libxt_ACCOUNT_cl}.c "$XA_BUILD/addrdb/libaddrdb.a" -lmnl
}
check "xt_metrics builds with sanitizers" build
cd "$XA_TMP" || exit 1
export XA_PROC=$XA_TMP/proc XA_SYS=$XA_TMP/sys
run() { "$XA_TMP/xt_metrics" "$@" >out 2>err; rc=$?; }

run
expect "no module is loaded" '0 xtables_names{folder="nf_condition"} 0 xtables_names{folder="xt_quota"} 0 xtables_names{folder="xt_pknock"} 0 xtables_names{folder="xt_DNETMAP"} 0 ' \
	"$rc $(grep -v '^#' out | tr '\n' ' ')"

mkdir -p proc/nf_condition proc/xt_quota proc/xt_DNETMAP proc/xt_pknock proc/xt_stat
printf 'tarpit_answers 7\ntarpit_data_bytes 18446744073709551615\n' >proc/xt_stat/TARPIT
echo 'matches 3' >proc/xt_stat/psd
echo 1 >proc/nf_condition/on
echo 0 >'proc/nf_condition/a "b\c'
echo 18446744073709551615 >proc/xt_quota/q
printf '7 2 64 600 persistent\n' >proc/xt_DNETMAP/20.0.0.0_26_stat
echo 'not to be read' >proc/xt_DNETMAP/20.0.0.0_26
printf '%s\n' 'src=192.0.2.7 proto=TCP status=MATCHING accepted_knock_count=2 expir_time=7 [secs] ' \
	'src=192.0.2.8 proto=UDP status=ALLOWED accepted_knock_count=1 autoclose_time=14399 [secs] ' \
	'src=2001:db8::8 proto=TCP status=ALLOWED accepted_knock_count=3 ' >proc/xt_pknock/SSH
cat >want <<'END'
xtables_names{folder="nf_condition"} 2
xtables_names{folder="xt_quota"} 1
xtables_names{folder="xt_pknock"} 1
xtables_names{folder="xt_DNETMAP"} 1
xtables_condition{name="a \"b\\c"} 0
xtables_condition{name="on"} 1
xtables_quota{name="q"} 18446744073709551615
xtables_pknock_hosts{name="SSH",status="allowed"} 2
xtables_pknock_hosts{name="SSH",status="matching"} 1
xtables_dnetmap_bindings{name="20.0.0.0_26",kind="dynamic"} 7
xtables_dnetmap_bindings{name="20.0.0.0_26",kind="static"} 2
xtables_dnetmap_addresses{name="20.0.0.0_26"} 64
xtables_actions_total{extension="TARPIT",counter="tarpit_answers"} 7
xtables_actions_total{extension="TARPIT",counter="tarpit_data_bytes"} 18446744073709551615
xtables_actions_total{extension="psd",counter="matches"} 3
END
run
expect "exit status, standard error" "0 " "$rc $(cat err)"
expect "samples" "" "$(grep -v '^#' out | diff want - 2>&1)"
expect "each metric has one TYPE" "$(grep -o '^xtables_[a-z_]*' out | uniq)" "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' out)"
expect "and one HELP, a sentence" "$(grep -o '^xtables_[a-z_]*' out | uniq)" "$(sed -n 's/^# HELP \([^ ]*\) [A-Z].*\.$/\1/p' out)"
if [ -n "$(command -v promtool)" ]; then
	expect "promtool has no complaint" "0 " "$(promtool check metrics <out 2>&1; echo "$? ")"
else
	echo "skip $spec: promtool is missing (Debian: prometheus)"
fi
cp out whole
run --max 1
expect "--max 1" '2 xtables_condition{name="a \"b\\c"} 0' \
	"$(sed -n 's/^xtables_names{folder="nf_condition"} //p' out) $(grep '^xtables_condition' out)"
run --max 0
expect "--max 0: names are counted only" 4 "$(grep -v 'xtables_actions' out | grep -vc '^#')"

# Names are any bytes; each has a series of its own
mkdir -p bytes/nf_condition
for n in 'caf\351' 'caf\350' 'caf\\xe9' 'caf\\x\351' 'caf\\xE9' 'caf\\xe' 'a\nb' 'a\tb' 'a\177b' 'a\\x5cx0ab' '\303\244\303'; do
	# shellcheck disable=SC2059 # as a shell reads it
	echo 1 >"bytes/nf_condition/$(printf "$n")"
done
XA_PROC=$PWD/bytes run
cat >want <<'END'
xtables_condition{name="a\\x09b"} 1
xtables_condition{name="a\\x0ab"} 1
xtables_condition{name="a\\x5cx5cx0ab"} 1
xtables_condition{name="a\\x7fb"} 1
xtables_condition{name="caf\\x5cxe9"} 1
xtables_condition{name="caf\\xE9"} 1
xtables_condition{name="caf\\x\\xe9"} 1
xtables_condition{name="caf\\xe"} 1
xtables_condition{name="caf\\xe8"} 1
xtables_condition{name="caf\\xe9"} 1
xtables_condition{name="ä\\xc3"} 1
END
expect "names that are no UTF-8, and those that look like them" "" \
	"$(grep ^xtables_condition out | LC_ALL=C sort | diff <(LC_ALL=C sort want) - 2>&1)"
if [ -n "$(command -v promtool)" ]; then
	expect "promtool has no complaint about them" "0 " "$(promtool check metrics <out 2>&1; echo "$? ")"
fi

# ---- a file
run --output file.prom
expect "--output" "0 644 " "$rc $(stat -c %a file.prom) $(cat out)"
expect "has the same" "" "$(diff whole file.prom 2>&1)"
(ulimit -f 1 && trap '' XFSZ && exec "$XA_TMP/xt_metrics" --output file.prom >out 2>err)
expect "a file that grows too large" "1 xt_metrics: file.prom: File too large" "$? $(cat err)"
expect "the old one stays, with none beside it" "file.prom" "$(diff whole file.prom 2>&1; echo file*)"
mkfifo pipe
timeout 10 cat pipe >piped &
run --output pipe
wait $!
expect "a pipe is written into" "0  fifo " "$rc $(cat err) $(stat -c %F pipe) $(diff whole piped 2>&1)"
if mknod null c 1 3 2>/dev/null && [ -w null ]; then
	run --output null
	expect "a device is written into" "0  character special file" "$rc $(cat err) $(stat -c %F null)"
else
	echo "skip $spec: no right to make a device"
fi
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	unshare -m sh -c 'mount -t tmpfs -o ro none /tmp && exec env XA_PROC=proc XA_SYS=sys ./xt_metrics' >out 2>err
	expect "no /tmp to write to" "0  " "$? $(cat err) $(diff whole out 2>&1)"
else
	echo "skip $spec: no right to make /tmp read-only"
fi
mkdir elsewhere
: >elsewhere/file
ln -s elsewhere/file link
run --output link
expect "a link is followed" "0  symbolic link " "$rc $(cat err) $(stat -c %F link) $(diff whole elsewhere/file 2>&1)"
echo x >proc/xt_quota/q
run --output file.prom
expect "what cannot be read" "1 xt_metrics: $XA_PROC/xt_quota/q: not understood" "$rc $(cat err)"
expect "leaves the old file" "" "$(diff whole file.prom 2>&1)"
expect "and none beside it" "file.prom" "$(echo file*)"
timeout 10 cat pipe >piped &
run --output pipe
wait $!
expect "nor is anything written into a pipe" "1 0" "$rc $(wc -c <piped)"
run
expect "and prints nothing" "1 0" "$rc $(wc -c <out)"
run --output no/such/file
expect "a folder that is not there" "1 xt_metrics: no/such/file: No such file or directory" "$rc $(cat err)"
echo 5 >proc/xt_quota/q
# the same without sanitizers, which want to be the first library
plain() {
	gcc -Wall -Wextra -Werror -D_GNU_SOURCE -DHAVE_CONFIG_H -DPROC_NET='getenv("XA_PROC")' -DSYS_MODULE='getenv("XA_SYS")' \
		-I "$XA_BUILD" -I "$XA_TOP/include" -I "$XA_TOP/iptaccount" -I "$XA_TOP/addrdb" -I "$XA_TOP/metrics" -o plain "$XA_TOP"/metrics/*.c \
		"$XA_TOP"/iptaccount/{metrics,output,table,top,libxt_ACCOUNT_cl}.c "$XA_BUILD/addrdb/libaddrdb.a" -lmnl
}
check "a program without sanitizers builds" plain
check "tests/data/vanish.c compiles" gcc -Wall -Wextra -Werror -shared -fPIC -o vanish.so "$XA_TOP/tests/data/vanish.c" -ldl
run
grep -v '^#' out >all
for file in nf_condition/on:'"on"' xt_quota/q:'"q"' xt_pknock/SSH:'"SSH"' 20.0.0.0_26_stat:'"20.0.0.0_26"'; do
	XA_VANISH=${file%%:*} LD_PRELOAD=$PWD/vanish.so ./plain >out 2>err
	expect "a file goes while it is read: ${file%%:*}" "0 " "$? $(cat err)"
	expect "only what it had is missing" "" "$(grep -v '^#' out | diff <(grep -v "${file#*:}" all) - 2>&1)"
done
XA_VANISH=xt_stat/psd LD_PRELOAD=$PWD/vanish.so ./plain >out 2>err
expect "a module goes" "0 " "$? $(cat err)"
echo 'matches many' >proc/xt_stat/psd
run
expect "a counter that is no number" "1 xt_metrics: $XA_PROC/xt_stat/psd: not understood 0" "$rc $(cat err) $(wc -c <out)"
echo 'matches 3' >proc/xt_stat/psd
if [ -w /dev/full ]; then
	"$XA_TMP/xt_metrics" >/dev/full 2>err
	expect "what cannot be written" "1 xt_metrics: standard output: No space left on device" "$? $(cat err)"
	run --output /dev/full
	expect "what cannot be written to a device" "1 xt_metrics: /dev/full: No space left on device" "$rc $(cat err)"
fi

# ---- the command line
for n in -1 x '' 5x 2147483648 99999999999999999999; do
	run --max "$n"
	expect "--max '$n'" "2 xt_metrics: --max takes a number from 0 on, not \"$n\"" "$rc $(cat err)"
	run --top "$n"
	expect "--top '$n'" "2 xt_metrics: --top takes a number from 0 on, not \"$n\"" "$rc $(cat err)"
done
run --sort-by size
expect "--sort-by size" '2 xt_metrics: --sort-by takes bytes or packets, not "size"' "$rc $(cat err)"

# ---- the dashboard
need python3 python3
cat >queries.py <<'END'
import json, re, sys
board = json.load(open(sys.argv[1]))
ids = [p["id"] for p in board["panels"]]
assert len(ids) == len(set(ids)) > 0
words = {"rate", "increase", "deriv", "topk", "sum", "by", "time", "name", "instance", "m", "h"}
for panel in board["panels"]:
    for target in panel["targets"]:
        text = re.sub(r'"[^"]*"', '', target["expr"])
        assert text.count("(") == text.count(")") and text.count("{") == text.count("}"), text
        assert 'instance="$instance"' in target["expr"], text
        for word in re.findall(r"[A-Za-z_]+", text):
            if word not in words:
                print(word)
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            print("{" + label + "}")
print("\n".join(re.findall(r"label_values\((\w+),", json.dumps(board["templating"]))))
END
check "the dashboard is JSON, its queries are well formed" python3 queries.py "$XA_TOP/metrics/xt_metrics.json"
python3 queries.py "$XA_TOP/metrics/xt_metrics.json" | sort -u >asked
# those of the manual page, which behaviour/metrics finds printed by real modules
manual() { sed -e 's/\\f[A-Z]//g' -e 's/\\-/-/g' "$XA_TOP/metrics/xt_metrics.8" | sed -n '/^.SH METRICS/,/^.SH EX/p'; }
check_none "it asks for metrics of the manual page only" "$(grep -v '^{' asked | grep . | while read -r m; do manual | grep -qw "$m" || echo "$m"; done)"
check_none "and for their labels" "$(grep '^{' asked | tr -d '{}' | while read -r l; do manual | grep -qE "[{,]${l}[,}]" || echo "$l"; done)"
check_none "every metric that was printed is in the manual page" "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' whole | while read -r m; do manual | grep -qw "$m" || echo "$m"; done)"
