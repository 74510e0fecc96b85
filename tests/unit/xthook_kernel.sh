#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xthook and what a kernel answers, which is in the program (fake_hook.h): dumps that are
# interrupted, answers that do not come, refusals, counters, and files that cannot be written.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need pkg-config pkg-config
need python3 python3

build() {
	# shellcheck disable=SC2046 # lists of flags
	gcc -g -O1 -Wall -Wextra -Wno-unused-parameter -Werror -D_GNU_SOURCE -fsanitize=address \
		-fsanitize=undefined -fno-sanitize-recover=all -I "$XA_BUILD" -I "$XA_TOP/include" \
		-o "$XA_TMP/xthook" "$XA_TOP"/xthook/*.c -x c "$XA_TOP/tests/unit/fake_hook.h" -x none \
		$(pkg-config --cflags --libs xtables libmnl)
}
check "xthook builds with a kernel in it" build
[ -x "$XA_TMP/xthook" ] || exit 0
# what libxtables keeps is no leak
export ASAN_OPTIONS=detect_leaks=0
xthook() { "$XA_TMP/xthook" "$@"; }

# fails WHAT XA_FAKE MESSAGE WORDS...: status 1, and the message
fails() {
	local what=$1
	shift
	check "$what" failed "$@"
}

failed() {
	local fake=$1 want=$2
	shift 2
	XA_FAKE=$fake xthook "$@" >"$XA_TMP/out" 2>"$XA_TMP/err"
	[ $? -eq 1 ] && grep -qF -- "$want" "$XA_TMP/err" && return
	cat "$XA_TMP/out" "$XA_TMP/err"
	return 1
}

# ---- reading

expect "a dump that was interrupted is read again" 'new new' \
	"$(XA_FAKE=interrupted xthook list | sed -n 's/.*--comment \([a-z]*\).*/\1/p' | xargs)"
expect "list -v: packets, then bytes" '1 3 99 -m' "$(xthook list -v input | awk '/DROP/ { print $1, $2, $3, $4 }')"
expect "save --counters: likewise" '-c 3 99' "$(xthook save --counters | grep -o -- '-c [0-9]* [0-9]*' | uniq)"
json() { python3 -c 'import json, sys; d = json.load(sys.stdin)["chains"]; print(eval(sys.argv[1]))' "$1"; }
expect "JSON: packets and bytes" '3 99' "$(xthook list --json | json '"%d %d" % tuple(d[1]["rules"][0][k] for k in ("packets", "bytes"))')"
expect "list: a device that is there" 'ingress ip dev eth7 priority filter-10' "$(xthook list | head -n 1)"
expect "list: one that is not" 'ingress ip dev eth7 (not there) priority filter-10' "$(XA_FAKE=detached xthook list | head -n 1)"
expect "JSON: attached, of ingress only" "[True, None]" "$(xthook list --json | json '[c.get("attached") for c in d]')"
expect "JSON: not attached" "[False, None]" "$(XA_FAKE=detached xthook list --json | json '[c.get("attached") for c in d]')"

# comment BYTES: of the rule, as JSON has it, in ASCII
comment() {
	XA_COMMENT=$(printf '%b' "$1") xthook list --json >"$XA_TMP/json" && python3 - "$XA_TMP/json" <<-'END'
		import json, sys
		text = json.load(open(sys.argv[1], encoding="utf-8"))["chains"][1]["rules"][0]["rule"]
		print(ascii(text.split("--comment ")[1].split(" -j")[0].strip('"')))
	END
}
expect "JSON: UTF-8 stays" "'\\xe4\\u20ac\\U0001f600'" "$(comment '\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80')"
expect "JSON: bytes of Latin-1" "'gr\\ufffd\\ufffde'" "$(comment 'gr\xfc\xdfe')"
expect "JSON: cut, overlong, surrogates, beyond the last" \
	"'\\ufffd \\ufffd\\ufffd \\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd\\ufffd \\ufffd \\ufffd\\ufffd'" \
	"$(comment '\xc3 \xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xff \xe2\x82')"

# what a container's root may have put there
strange() { XA_DEV=$'e\e' XA_COMMENT=$'a\e\nadd input\x7f\xc2\x9b' XA_NOTE=$'# b\e[2J\r\xc2\x9b\t\xc3\xa4\xe9\n#\n' xthook "$@" 2>"$XA_TMP/err"; }
expect "save: no control characters" "# b?[2J??"$'\t\xc3\xa4\xe9'"|#|add ingress --dev e? --priority filter-10 -4 -m comment --comment \"a??add input??\" -j DROP" \
	"$(strange save | head -n 3 | paste -sd'|')"
expect "save: it says so, once" "xthook: control characters of rules are printed as ?" "$(cat "$XA_TMP/err")"
expect "restore takes what save prints" "0 " "$(strange save | xthook check --offline 2>&1; echo "$? ")"
expect "list: no control characters" 'ingress ip dev e? priority filter-10|     1  -m comment --comment "a??add input??" -j DROP' \
	"$(strange list | head -n 2 | paste -sd'|')"

# ---- refusals

printf '%s\n' '# x' 'add input -4 -m comment --comment a -j DROP' >"$XA_TMP/rules"
printf '%s\n' '# x' 'add ingress --dev eth7 -4 -j DROP' >"$XA_TMP/ingress"
fails "BEGIN that is not answered" silent 'xthook: the kernel has not answered for 3 minutes' restore "$XA_TMP/rules"
fails "an extension that is missing" missing "xthook: $XA_TMP/rules:2: the kernel has no match comment (revision 0)" \
	restore "$XA_TMP/rules"
fails "an extension that does not find something" entry \
	"xthook: $XA_TMP/rules:2: the kernel refuses the rule: comment (No such file or directory)" restore "$XA_TMP/rules"
fails "a chain: line and device" chain \
	"xthook: $XA_TMP/ingress:2: the kernel refuses the chain at ingress of eth7: an alternative name (Invalid argument)" \
	restore "$XA_TMP/ingress"
fails "a chain of a command line" chain 'xthook: the kernel refuses the chain at ingress of eth0: an alternative name' \
	add ingress --dev eth0 -4 -j DROP
newline() {
	xthook add input -4 -m comment --comment "$(printf 'two\nlines')" >"$XA_TMP/out" 2>&1
	[ $? -eq 2 ] && grep -q 'word 6 has a control character' "$XA_TMP/out"
}
check "a newline in a word" newline

# ---- files

# nothing_done FILE: the names cannot be written, so the kernel is not asked to commit
nothing_done() {
	rm -f "$XA_TMP/log"
	XA_LOG=$XA_TMP/log xthook restore --nft-include "$1" "$XA_TMP/rules" >"$XA_TMP/out" 2>&1
	[ $? -eq 1 ] && grep -qF "xthook: $1: " "$XA_TMP/out" && ! grep -q commit "$XA_TMP/log"
}
mkdir "$XA_TMP/directory"
check "no folder for the names: nothing is replaced" nothing_done "$XA_TMP/no-such/names.nft"
check "a folder in their place: neither" nothing_done "$XA_TMP/directory"
if [ -w /dev/full ] && mkdir "$XA_TMP/disk" && mount -t tmpfs -o size=4k none "$XA_TMP/disk" 2>/dev/null; then
	head -c 4096 /dev/zero >"$XA_TMP/disk/full"
	check "a full disk: neither" nothing_done "$XA_TMP/disk/names.nft"
	expect "and nothing is left of it" full "$(ls "$XA_TMP/disk")"
	umount "$XA_TMP/disk"
else
	echo "skip $spec: a full disk: nothing can be mounted here"
fi

refused() {
	echo 'as it was' >"$XA_TMP/names.nft"
	XA_FAKE=chain xthook restore --nft-include "$XA_TMP/names.nft" "$XA_TMP/ingress" 2>/dev/null
	[ $? -eq 1 ] && [ "$(cat "$XA_TMP/names.nft")" = 'as it was' ] && [ "$(ls "$XA_TMP"/names.nft*)" = "$XA_TMP/names.nft" ]
}
check "what the kernel refuses leaves the names as they were" refused
written() {
	XA_LOG=$XA_TMP/log xthook restore --nft-include "$XA_TMP/names.nft" "$XA_TMP/rules" &&
		[ "$(cat "$XA_TMP/names.nft")" = '# written by xthook' ] && grep -q commit "$XA_TMP/log" &&
		[ "$(stat -c %a "$XA_TMP/names.nft")" = 644 ]
}
check "and what it takes replaces them" written

# ---- the unit

# unit KEY: its value in xthook.service
unit() { sed -n "s/^$1=//p" "$XA_BUILD/xthook/xthook.service"; }

starts() {
	local words
	make -s -C "$XA_BUILD/xthook" xthook.service || return
	read -ra words <<<"$(unit "$1")"
	[ "${words[0]##*/}" = xthook ] && [ "${words[*]: -1}" = "$(sed -n 's/^ConditionPathExists=//p' "$XA_BUILD/xthook/xthook.service")" ] || return
	words[${#words[@]}-1]=$XA_TMP/rules
	rm -f "$XA_TMP/log"
	XA_LOG=$XA_TMP/log xthook "${words[@]:1}" && [ "$(xargs <"$XA_TMP/log")" = 'begin add commit' ]
}
check "the unit's ExecStart replaces the rules" starts ExecStart
check "so does ExecReload" starts ExecReload
stops() {
	local words
	read -ra words <<<"$(unit ExecStop)"
	rm -f "$XA_TMP/log"
	XA_LOG=$XA_TMP/log xthook "${words[@]:1}" && [ "$(xargs <"$XA_TMP/log")" = 'begin commit' ]
}
check "ExecStop removes them" stops
expect "its start has a limit" 5min "$(unit TimeoutStartSec)"
