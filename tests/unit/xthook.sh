#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xthook without a kernel, built with the sanitizers: every line of the .t files is
# printed as iptables saves it and read again as the same; what must fail fails.
# Then rules files: order, families, names, comments, and what is wrong in them.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need pkg-config pkg-config
ext=$XA_TOP/extensions

build() {
	# shellcheck disable=SC2046 # lists of flags
	gcc -g -O1 -Wall -Wextra -Wno-unused-parameter -Werror -D_GNU_SOURCE -fsanitize=address \
		-fsanitize=undefined -fno-sanitize-recover=all -I "$XA_BUILD" -I "$XA_TOP/include" \
		-o "$XA_TMP/xthook" "$XA_TOP"/xthook/*.c $(pkg-config --cflags --libs xtables libmnl)
}
check "xthook builds with sanitizers" build
xthook() { "$XA_TMP/xthook" "$@"; }

mkdir "$XA_TMP/plugins"
for e in $(extensions); do
	check "build the plugin of $e" make -s -C "$XA_BUILD/extensions" "libxt_$e.so"
	cp "$XA_BUILD/extensions/libxt_$e.so" "$XA_TMP/plugins/"
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		ln -sf "libxt_$e.so" "$XA_TMP/plugins/libxt_$also.so"
	done
done
# what libxtables keeps is no leak
XTABLES_LIBDIR=$XA_TMP/plugins:$(pkg-config --variable=xtlibdir xtables)
export XTABLES_LIBDIR ASAN_OPTIONS=detect_leaks=0

# ---- the lines of the .t files

# lines FAMILY FILE: to $XA_TMP/good, $XA_TMP/want and $XA_TMP/bad; a rule's priority is its line
lines() {
	awk -F';' -v f="$1" -v good="$XA_TMP/good" -v want="$XA_TMP/want" -v bad="$XA_TMP/bad" '
		BEGIN { printf "" >good; printf "" >want; printf "" >bad; hook = "forward" }
		/^:/ { split(tolower(substr($0, 2)), c, ","); hook = c[1]; next }
		/^[#*@%]/ || !NF || $4 != "" { next }
		{ at = "add " hook " --priority " 1000 + FNR " -" f; saved = $2 == "=" ? $1 : $2 }
		$3 == "OK" { print at " " $1 >good; print at (saved == "" ? "" : " " saved) >want }
		$3 == "FAIL" { print at " " $1 >bad }' "$2"
}

by_line() { sed 's/^add \([a-z]*\) --priority \([0-9]*\)/\2 &/' | sort -n | cut -d' ' -f2-; }

printed() {
	xthook check --offline -v "$XA_TMP/good" >"$XA_TMP/out" && by_line <"$XA_TMP/out" >"$XA_TMP/got" &&
		diff "$XA_TMP/want" "$XA_TMP/got"
}

again() { xthook check --offline -v "$XA_TMP/out" | diff "$XA_TMP/out" -; }

# each line is named once, with a sentence
refused() {
	xthook check --offline "$XA_TMP/bad" 2>"$XA_TMP/err" && return 1
	sed -n "s,^xthook: $XA_TMP/bad:\([0-9]*\): ..*,\1,p" "$XA_TMP/err" | sort -nu | xargs >"$XA_TMP/named"
	seq "$(wc -l <"$XA_TMP/bad")" | xargs | diff - "$XA_TMP/named"
}

rules=0
t_file() {	# FAMILY FILE [DIRECTORY]
	local dir=${3:-$ext}
	[ -f "$dir/$2" ] || return 0
	! grep -q "^# *family: *$((10 - $1)) *\$" "$dir/$2" || return 0
	lines "$1" "$dir/$2"
	rules=$((rules + $(wc -l <"$XA_TMP/good")))
	if [ -s "$XA_TMP/good" ]; then
		check "$2, IPv$1: printed as saved" printed
		check "$2, IPv$1: read again" again
	fi
	[ ! -s "$XA_TMP/bad" ] || check "$2, IPv$1: refused" refused
}

for e in $(extensions); do
	t_file 4 "libxt_$e.t"
	t_file 4 "libipt_$e.t"
	t_file 6 "libip6t_$e.t"
	[ -f "$ext/libip6t_$e.t" ] || [ -f "$ext/libipt_$e.t" ] || t_file 6 "libxt_$e.t"
done
t_file 4 xthook-iptables.t "$XA_TOP/tests/unit"
t_file 6 xthook-iptables.t "$XA_TOP/tests/unit"
check "many rules were tried ($rules)" test "$rules" -gt 500

# ---- rules files; what plugins of iptables are there is the machine's own

# gives WHAT INPUT OUTPUT: check prints it, and prints what it has printed as the same
gives() {
	printf '%s\n' "$2" >"$XA_TMP/in"
	printf '%s\n' "$3" >"$XA_TMP/want"
	check "$1" given
}

given() {
	xthook check --offline -v "$XA_TMP/in" >"$XA_TMP/out" && diff "$XA_TMP/want" "$XA_TMP/out" && again
}

# fails WHAT INPUT MESSAGE: status 2; the message with the line's number in front
fails() {
	printf '%s\n' "$2" >"$XA_TMP/in"
	check "$1" failed "xthook: $XA_TMP/in:$3"
}

failed() {	# MESSAGE
	xthook check --offline -v "$XA_TMP/in" >"$XA_TMP/out" 2>"$XA_TMP/err"
	[ $? -eq 2 ] && [ ! -s "$XA_TMP/out" ] && grep -qF -- "$1" "$XA_TMP/err" && return
	cat "$XA_TMP/out" "$XA_TMP/err"
	return 1
}

gives "sorted by hook, priority, device and family" \
'add postrouting -6 -j ACCEPT
add input --priority security -4 -j ACCEPT
add ingress --dev eth1 -4 -j DROP
add ingress --dev eth0 -4 -j DROP
add input --priority -200 -6 -j DROP
add input --priority -200 -4 -j DROP
add prerouting -4 -j DROP
add output -4 -j DROP' \
'add ingress --dev eth0 --priority filter-10 -4 -j DROP
add ingress --dev eth1 --priority filter-10 -4 -j DROP
add prerouting --priority raw-10 -4 -j DROP
add input --priority -200 -j DROP
add input --priority security -4 -j ACCEPT
add output --priority raw-10 -4 -j DROP
add postrouting --priority srcnat+10 -6 -j ACCEPT'
gives "priorities have names near them" \
"$(for p in -310 -300 -251 -250 mangle+1 dstnat-24 50 51 99 srcnat+49 150 2147483647 -2147483648; do
	echo "add forward --priority $p"; done)" \
"$(for p in -2147483648 raw-10 raw raw+49 -250 mangle+1 dstnat-24 security security+1 srcnat-1 srcnat+49 150 2147483647; do
	echo "add forward --priority $p"; done)"
gives "a rule for both families is one line, in the order of each" \
'add forward -m mark --mark 1 -j DROP
add forward -4 -m mark --mark 2 -j DROP
add forward -m mark --mark 3 -j DROP
add forward -6 -m mark --mark 4 -j DROP' \
'add forward --priority filter+10 -m mark --mark 0x1 -j DROP
add forward --priority filter+10 -4 -m mark --mark 0x2 -j DROP
add forward --priority filter+10 -m mark --mark 0x3 -j DROP
add forward --priority filter+10 -6 -m mark --mark 0x4 -j DROP'
gives "addresses tell the family" \
'add forward -s 10.1.2.3/8 -j DROP
add forward -d fd00::1/16 -j DROP
add forward ! -s 10.0.0.1 -d 10.0.0.0/255.0.255.0 -j DROP
add forward -s 0.0.0.0/0' \
'add forward --priority filter+10 -4 -s 10.0.0.0/8 -j DROP
add forward --priority filter+10 -4 ! -s 10.0.0.1/32 -d 10.0.0.0/255.0.255.0 -j DROP
add forward --priority filter+10 -4
add forward --priority filter+10 -6 -d fd00::/16 -j DROP'
gives "interfaces, protocols and fragments" \
'add forward -4 -i eth+ ! -o ppp0 ! -p tcp -f
add forward -4 -i abcdefghijklmno -p 17 ! -f
add forward -4 ! --fragments
add forward -4 -i + -p all' \
'add forward --priority filter+10 -4 -i eth+ ! -o ppp0 ! -p tcp -f
add forward --priority filter+10 -4 -i abcdefghijklmno -p udp ! -f
add forward --priority filter+10 -4 ! -f
add forward --priority filter+10 -4'
gives "the protocol brings its match" \
'add input -p tcp --dport 80 --syn -j DROP
add input -p 17 --sport 53' \
'add input --priority filter+10 -p tcp -m tcp --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP
add input --priority filter+10 -p udp -m udp --sport 53'
gives "names, and comments above a rule" \
'# not kept

define geo 0x1/0x1
define every 7
# two
# lines
add prerouting -m mark ! --mark @geo -j MARK --set-xmark @geo
add prerouting -m mark --mark @every -j MARK --set-xmark 0x1/0x1
add prerouting -m comment --comment "@@x \"y\" \\"' \
'define geo 0x1/0x1
define every 0x7

# two
# lines
add prerouting --priority raw-10 -m mark ! --mark @geo -j MARK --set-xmark @geo
add prerouting --priority raw-10 -m mark --mark @every -j MARK --set-xmark 0x1/0x1
add prerouting --priority raw-10 -m comment --comment "@@x \"y\" \\"'
gives "a name without a mask, in what prints one and in what prints none" \
'define m 0x1
add prerouting -j MARK --set-xmark @m
add prerouting -m mark ! --mark @m' \
'define m 0x1

add prerouting --priority raw-10 -j MARK --set-xmark @m
add prerouting --priority raw-10 -m mark ! --mark @m'
gives "a name whose value is not printed" \
'define m 0x1
define geo 0x1/0x1
add prerouting -m mark --mark 5 -j MARK --or-mark @m
add prerouting -m mark --mark @geo -m length --length @m
add prerouting --define other=7/7 -j MARK --and-mark @m
add prerouting -4 --define geo=1/1 -j MARK --set-xmark @geo' \
'define m 0x1
define geo 0x1/0x1
define other 0x7/0x7

add prerouting --priority raw-10 --define m=0x1 -m mark --mark 0x5 -j MARK --set-xmark 0x1/0x1
add prerouting --priority raw-10 --define m=0x1 -m mark --mark @geo -m length --length 1
add prerouting --priority raw-10 --define m=0x1 --define other=0x7/0x7 -j MARK --set-xmark 0x0/0xfffffffe
add prerouting --priority raw-10 -4 -j MARK --set-xmark @geo'
gives "a mask without a byte in front" \
'add forward ! -s ::1/::ffff:ffff:ffff:ffff
add forward ! -d 0.0.0.1/0.0.0.255' \
'add forward --priority filter+10 -4 ! -d 0.0.0.1/0.0.0.255
add forward --priority filter+10 -6 ! -s ::1/::ffff:ffff:ffff:ffff'
# matches N: so many in a rule
matches() { yes -- '-m mark --mark 0x1' | head -n "$1" | xargs; }
gives "32 matches" "add input -4 $(matches 32)" "add input --priority filter+10 -4 $(matches 32)"
gives "several of one match" \
'add input -m mark --mark 1/1 -m mark --mark 2/2 -m comment --comment a -m comment --comment b -j DROP' \
'add input --priority filter+10 -m mark --mark 0x1/0x1 -m mark --mark 0x2/0x2 -m comment --comment a -m comment --comment b -j DROP'

gives "lines that end as on other systems" "$(printf 'add input -4 -j DROP\r\n# x\r\nadd forward -4\r')" \
'add input --priority filter+10 -4 -j DROP
# x
add forward --priority filter+10 -4'

fails "a carriage return within a line" "# x
$(printf 'add input -4 -s 10.0.0.1\r -j DROP')" '2: the line has a carriage return before its end'
fails "a carriage return within a comment" "$(printf '# x\ry')" '1: the line has a carriage return before its end'
# What save would print of a rule must be that rule.
for rule in 'recent --set --name "a b"' 'recent --set --name "a --rdest"' 'recent --set --name "a\"b"' \
	'hashlimit --hashlimit-upto 1/s --hashlimit-name "a b"' 'physdev --physdev-in "a b"'; do
	fails "comes back as another rule: $rule" "# x
add input -4 -m $rule" '2: would be saved as another rule, from which it does not come back: -m '
done
fails "a control character" "$(printf 'add input -4 -m comment --comment "a\033b"')" '1: word 7 has a control character'
fails "one of UTF-8" "$(printf 'add input -4 -m comment --comment "a\302\233b"')" '1: word 7 has a control character'
gives "what is none" "$(printf '# \302\240\303\233\233\t\nadd input -4 -m comment --comment "\302\240\303\233\233"')" \
	"$(printf '# \302\240\303\233\233\t\nadd input --priority filter+10 -4 -m comment --comment "\302\240\303\233\233"')"
fails "a control character in a comment" "$(printf '# a\n#\033[2J\nadd input -4')" '3: the comment above has a control character'
gives "a control character in a comment that is not kept" "$(printf '#\014\n\nadd input -4')" 'add input --priority filter+10 -4'
gives "a tab between quotes" "$(printf 'add input\t-4 -m comment --comment "a\tb"')" \
	"$(printf 'add input --priority filter+10 -4 -m comment --comment "a\tb"')"
fails "no hook" 'add nowhere -j DROP' '1: a hook is needed: ingress, prerouting, input, forward, output or postrouting, not "nowhere"'
fails "another command" '# x
delete input 1' '2: a line begins with add, define or #, not with "delete"'
fails "an open quote" 'add input -m comment --comment "a' '1: a quote is not closed'
fails "ingress without a device" 'add ingress -j DROP' '1: ingress needs --dev DEVICE'
fails "a device elsewhere" 'add input --dev lo' '1: --dev is for ingress only'
fails "a priority" 'add input --priority rw-10' '1: --priority takes a number, or raw,'
fails "a priority out of range" 'add input --priority 2147483648' '1: --priority takes a number, or raw,'
for dev in eth0:1 . .. a/b 'a b' abcdefghijklmnop; do
	fails "no name of a device: $dev" "add ingress --dev \"$dev\" -j DROP" "1: --dev: \"$dev\" is no name of a device"
done
fails "two families" 'add input -4 -6' '1: one of -4 and -6 can be given, once'
fails "counters of both families" 'add input -c 1 2' '1: -c needs -4 or -6'
fails "an unknown match" 'add input -4 -m nosuch' "1: Couldn't load match \`nosuch'"
fails "an unknown target" 'add input -4 -j NOSUCH' '1: -j NOSUCH: there is no such target'
fails "a verdict of chains" 'add input -4 -j RETURN' '1: -j RETURN cannot be used here'
fails "two targets" 'add input -4 -j DROP -j DROP' '1: -j can be given once'
fails "two protocols" 'add input -4 -p tcp -p udp' '1: -p can be given once'
fails "an unknown option" 'add input -4 --nosuch' '1: unknown option "--nosuch"'
fails "a word that is no option" 'add input -4 x' '1: "x" is no option'
fails "no argument" 'add input -4 -m' '1: option "-m" requires an argument'
fails "! at the end" 'add input -4 !' '1: nothing follows !'
fails "! in front of -j" 'add input -4 ! -j DROP' '1: ! cannot be used with -j'
fails "no IPv4 address" 'add input -4 -s fd00::1' '1: -s takes an IPv4 address'
fails "a host's name" 'add input -4 -s localhost' '1: -s takes an IPv4 address'
fails "a long prefix" 'add input -s 10.0.0.0/33' '1: -s "10.0.0.0/33": the length is 0 to 32'
fails "what never matches" 'add input ! -s 10.0.0.0/0' '1: ! -s 10.0.0.0/0 would never match'
fails "-i where packets have none" 'add output -4 -i lo' '1: -i cannot be used at output'
fails "-o where packets have none" 'add ingress --dev lo -o lo' '1: -o cannot be used at ingress'
fails "a long name of an interface" 'add input -4 -i abcdefghijklmnop' '1: -i: "abcdefghijklmnop" is no name'
fails "-f for IPv6" 'add input -6 -f' '1: -f is for IPv4 only'
fails "what never matches, of IPv6" 'add input ! -s ::/::' '1: ! -s ::/:: would never match'
fails "33 matches" "add input -4 $(matches 33)" '1: a rule has at most 32 matches'
fails "and the one of the protocol" "add input -4 $(matches 32) -p tcp --dport 1" '1: a rule has at most 32 matches'
fails "1500 matches" "add input -4 $(matches 1500)" '1: a rule has at most 32 matches'
fails "words behind --" 'add input -4 -j DROP -- -p tcp' '1: "-p" stands behind --, where options end'
fails "a blank behind --" 'add input -4 -p tcp -- dport 80' '1: "dport" stands behind --'
fails "two devices" 'add ingress --dev a --dev b' '1: --dev can be given once'
fails "two priorities" 'add input --priority 1 --priority 1' '1: --priority can be given once'
fails "counters twice" 'add input -4 -c 1 2 --set-counters 3 4' '1: -c can be given once'
fails "a word of nft" 'define drop 1' '1: define drop 1: the name is a word of nft'
fails "the mask of a name" 'define geo 1
define geo_mask 1' '2: define geo_mask 1: nft has NAME_mask and NAME_rest beside each NAME, this is one of them'
fails "a name of a mask" 'define geo_rest 1
define geo 1' '2: define geo 1: nft has NAME_mask'
fails "an undefined name" 'add input -4 -m mark --mark @x' '1: no name "x" is defined'
fails "a name with a blank" 'define "a b" 1' '1: define a b 1: a name is a letter'
fails "a value outside of its mask" 'define a 3/1' '1: define a 3/1: the value has bits outside of the mask'
fails "a value of more than 32 bits" 'define a 0x100000000' '1: define a 0x100000000: takes VALUE or VALUE/MASK'
fails "a name for two values" 'define a 1
define a 2' '2: define a 2: the name has another value already'
fails "a comment that is too long" "# $(printf '%0254d' 0)
add input -4" '2: the comment above is longer than 255 bytes'
fails "a rule of neither family" 'add input -m length2 --length x' '1: '

every_line() {
	printf '%s\n' 'add input -4 -x' 'add input -4 -j DROP' 'add input -6 -j NOSUCH' 'add nowhere' 'define geo 0x3/0x1' \
		'add input --priority x' 'add ingress --dev a/b' '# "' 'add input -m comment --comment "a' 'define' 'drop' \
		'add ingress' 'add input -c 1 x' 'add input' 'add input -4 -y' >"$XA_TMP/in"
	printf 'add input\0\n' >>"$XA_TMP/in"
	xthook check --offline "$XA_TMP/in" >"$XA_TMP/err" 2>&1
	[ $? -eq 2 ] && grep -oE 'in:[0-9]+: ' "$XA_TMP/err" | xargs |
		diff - <(printf 'in:%s: ' 1 3 4 5 6 7 9 10 11 12 13 15 16 | sed 's/ $//'; echo)
}
check "each line that is wrong is named" every_line

one_family() {
	echo 'add input -p icmp --icmp-type 8' | xthook check --offline -v >"$XA_TMP/out" 2>"$XA_TMP/err" &&
		grep -qF 'xthook: <stdin>:1: for IPv4 only (unknown option "--icmp-type")' "$XA_TMP/err" &&
		grep -qx 'add input --priority filter+10 -4 -p icmp -m icmp --icmp-type 8' "$XA_TMP/out"
}
check "a rule that only one family can have" one_family

# tells WHAT "LINE:EXTENSION..." INPUT: the lines that a notice is about
tells() {
	printf '%s\n' "$3" >"$XA_TMP/in"
	expect "$1" "$2" "$(xthook check --offline "$XA_TMP/in" 2>&1 |
		sed -n "s,^xthook: $XA_TMP/in:\([0-9]*\): \([A-Za-z]*\) sees no connection here\, before connection tracking.*,\1:\2,p" | xargs)"
}
tells "rules before connection tracking" '1:conntrack 3:conntrack 5:connmark 8:CONNMARK 10:psd 13:geoip 16:conntrack' \
'add prerouting -m conntrack --ctstate INVALID -j DROP
add prerouting --priority -199 -m conntrack --ctstate INVALID -j DROP
add output --priority -200 -m conntrack --ctstate INVALID
add input --priority -300 -m conntrack --ctstate INVALID
add ingress --dev lo -m connmark --mark 1
add ingress --dev lo -m mark --mark 1
add postrouting --priority -300 -m connmark --mark 1
add output -j CONNMARK --set-mark 1
add output -j MARK --set-mark 1
add prerouting -4 -m psd
add prerouting --priority -160 -4 -m psd
add prerouting -4 -p tcp -m lscan --mirai
add prerouting -4 -m geoip --orig-cc DE
add prerouting -4 -m geoip --src-cc DE
add forward -4 -m geoip --orig-cc DE
add prerouting -4 -m state --state NEW'
fails "lscan there" 'add prerouting -4 -p tcp -m lscan --mirai
add prerouting --priority -199 -4 -p tcp -m lscan --stealth
add output --priority -200 -4 -p tcp -m lscan --stealth' \
	'3: lscan cannot be used here, before connection tracking; --priority -160 is behind it'
fails "lscan at ingress" 'add ingress --dev lo -4 -p tcp -m state --state NEW -m lscan --synscan' \
	'1: lscan cannot be used here, before connection tracking'
expect "what is behind it" 'xthook: <stdin>:1: conntrack sees no connection here, before connection tracking; --priority -160 is behind it' \
	"$(echo 'add prerouting -4 -m conntrack --ctstate NEW' | xthook check --offline 2>&1)"

# Each that the manual lists, as "WORD OF THE MANUAL;NAME IN THE NOTICE;RULE"
cat >"$XA_TMP/untracked" <<'END'
conntrack;conntrack;-m conntrack --ctstate NEW
state;conntrack;-m state --state NEW
connbytes;connbytes;-m connbytes --connbytes 1 --connbytes-dir both --connbytes-mode packets
connlabel;connlabel;-m connlabel --label 5
connlimit;connlimit;-m connlimit --connlimit-above 1
connmark;connmark;-m connmark --mark 1
cluster;cluster;-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1
helper;helper;-m helper --helper ftp
psd;psd;-m psd
CONNMARK;CONNMARK;-j CONNMARK --set-mark 1
CONNSECMARK;CONNSECMARK;-j CONNSECMARK --save
--orig-cc;geoip;-m geoip --orig-cc DE
--orig-asn;asn;-m asn --orig-asn 1
ipp2p --learn;ipp2p;-m ipp2p --bit --learn
orig;GEOMARK;-j GEOMARK --addr orig --nfmask 0x3ff
--ctmask;GEOMARK;-j GEOMARK --addr src --ctmask 0x3ff
END
manual=$(sed -n '/^\.SS Connection tracking/,/^\.SH/p' "$XA_TOP/xthook/xthook.8" | sed 's/\\f[A-Z]//g; s/\\-/-/g' | paste -sd' ')
listed=${manual#*rule, with } listed=${listed%%, is taken*}
while IFS=';' read -r _ name rule; do
	# not every machine has the file of connlabel's names
	out=$(echo "add prerouting --priority -160 -4 $rule" | xthook check --offline 2>&1 | grep -v 'connlabel\.conf:')
	case $out in
	*"Couldn't load"*|*'no such target'*)
		echo "skip $spec: before connection tracking: $rule: no plugin here"
		continue ;;
	esac
	expect "behind connection tracking: $rule" "" "$out"
	out=$(echo "add prerouting -4 $rule" | xthook check --offline 2>&1)
	expect "before connection tracking: $rule" "$name sees no connection here" "$(sed -n 's/^xthook: <stdin>:1: \(.* here\), before.*/\1/p' <<<"$out")"
done <"$XA_TMP/untracked"
check_none "all of them are in the manual" "$(cut -d';' -f1 "$XA_TMP/untracked" | while read -r word; do
	[[ $listed =~ (^|[ ,])"$word"($|[ ,]) ]] || echo "$word"; done)"
check_none "the manual lists no other" "$(grep -oE -e '(ipp2p )?--[a-z-]+|[A-Za-z0-9]+' <<<"$listed" | grep -vxE 'or|with|GEOMARK' |
	while read -r word; do cut -d';' -f1 "$XA_TMP/untracked" | grep -qxF -e "$word" || echo "$word"; done)"

# ---- what plugins say

loud() {
	# shellcheck disable=SC2046 # lists of flags
	gcc -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC -I "$XA_TOP/include" -o "$XA_TMP/plugins/libxt_loud.so" \
		"$XA_TOP/tests/data/libxt_loud.c" $(pkg-config --cflags --libs xtables)
}
check "tests/data/libxt_loud.c compiles" loud
export LOUD_CHECKS=$XA_TMP/checks

# says WHAT STATUS WANT INPUT: all that is on the standard error, without the file's name
says() {
	printf '%s\n' "$4" >"$XA_TMP/in"
	rm -f "$LOUD_CHECKS"
	xthook check --offline "$XA_TMP/in" >"$XA_TMP/out" 2>"$XA_TMP/err"
	expect "$1" "$2 $3" "$? $(sed "s,$XA_TMP/in,FILE," "$XA_TMP/err" | paste -sd'|')"
}
says "a warning of a plugin: once, with its line" 0 \
	'xthook: FILE:2: lscan: warning: the rule never matches: it has none of --stealth, --synscan, --cnscan, --grscan and --mirai' \
	'# x
add input -m lscan -p tcp -j DROP'
says "warnings, in the order of lines, with what differs between families" 0 \
	'xthook: FILE:1: b|xthook: FILE:2: family|xthook: FILE:2: 4|xthook: FILE:2: family|xthook: FILE:2: 6|xthook: FILE:3: b|xthook: FILE:4: c' \
	'add input -6 -m loud --say b
add input -m loud --say family
add input -m loud --say=b
add input -4 -m loud --say c'
expect "one question to the kernel for each family of a rule" 6 "$(wc -l <"$LOUD_CHECKS")"
says "a warning in front of an error" 2 'xthook: FILE:1: a b|xthook: FILE:1: would be saved as another rule, from which it does not come back: -m loud --say a b|xthook: FILE:2: c' \
	'add input -4 -m loud --say "a b"
add input -4 -m loud --say c'
# no memory is not an option that a family does not have
says "no memory for the rule of one family" 1 'xthook: FILE:2: loud: no memory' \
	'add input -4 -j DROP
add input -m loud --say a --short -j DROP
add input -4 -m nosuch'
expect "it is no rule then" "" "$(cat "$XA_TMP/out")"
printf 'add input -4 -m loud --say c --abort\n' >"$XA_TMP/in"
expect "what a plugin said that ended the program" 'c|xthook: a plugin of iptables ended the program (signal 6)' \
	"$(xthook check --offline "$XA_TMP/in" 2>&1 | grep -v '^ASAN' | paste -sd'|')"

nft_include() {
	printf 'define geo 0x1/0x3\ndefine every 7\n' | xthook check --offline --nft-include "$XA_TMP/x.nft" &&
		diff "$XA_TMP/x.nft" - <<-END
			# written by xthook
			define geo = 0x1
			define geo_mask = 0x3
			define geo_rest = 0xfffffffc
			define every = 0x7
			define every_mask = 0xffffffff
			define every_rest = 0x0
		END
}
check "names for nft" nft_include

# nft -c, where it may look at the kernel's tables
nft_reads() { unshare -rn nft -c -f "$1"; }

# refused_by_nft FILE: the words of it that are no names for nft; it stops after some errors
refused_by_nft() {
	local w
	while read -r w; do
		printf 'define %s = 1\n' "$w" >"$XA_TMP/word.nft"
		nft_reads "$XA_TMP/word.nft" >/dev/null 2>&1 || echo "$w"
	done <"$1"
}

# All words that nft's parser has a name for: what it refuses must not get into the file.
nft_words() {
	local lib
	lib=$(ldd "$(command -v nft)" | awk '/libnftables/ { print $3 }')
	grep -aoE '"[a-z][a-z0-9_]*"' "${lib:-$(command -v nft)}" | tr -d '"' | sort -u >"$XA_TMP/words"
	refused_by_nft "$XA_TMP/words" >"$XA_TMP/taken"
	[ "$(wc -l <"$XA_TMP/taken")" -gt 100 ] || { echo "no words in $lib"; return 1; }
	sed 's/.*/define & 1/' "$XA_TMP/taken" >"$XA_TMP/in"
	xthook check --offline "$XA_TMP/in" 2>&1 | grep -c 'the name is a word of nft$' | diff - <(wc -l <"$XA_TMP/taken")
}

nft_takes() {
	printf 'define %s 0x1/0x3\n' geo a x1 Drop drop_ tcp_ p2p scanner ssh web ns rest dead_beef e1 A \
		abcdefghijklmnopqrstuvwxyz01234 >"$XA_TMP/in"
	xthook check --offline --nft-include "$XA_TMP/x.nft" "$XA_TMP/in" && cat "$XA_TMP/x.nft" - <<-'END' >"$XA_TMP/y.nft"
		table ip t {
			chain c {
				type filter hook prerouting priority 0
				meta mark & $geo_mask == $geo ct mark set ct mark & $p2p_rest | $p2p
			}
		}
	END
	nft_reads "$XA_TMP/y.nft"
}

echo 'define x = 1' >"$XA_TMP/x.nft"
if nft_reads "$XA_TMP/x.nft" >/dev/null 2>&1; then
	check "words of nft are no names" nft_words
	check "nft reads the names" nft_takes
else
	skip "nft -c does not work here"
fi

usage() {	# MESSAGE WORDS...
	local want=$1
	shift
	xthook "$@" >"$XA_TMP/out" 2>&1
	[ $? -eq 2 ] && grep -qF -- "$want" "$XA_TMP/out"
}
check "no command" usage "Try 'xthook --help'."
check "an unknown command" usage 'unknown command x' x
check "an unknown option" usage 'unknown option "--json"' save --json
check "an include file twice" usage '--nft-include can be given once' check --nft-include a --nft-include b
check "one file" usage 'unexpected argument "b"' check a b
check "a name of a namespace" usage '--netns takes a name' --netns ../x list

fails_to() {	# MESSAGE WORDS...
	local want=$1
	shift
	xthook "$@" >"$XA_TMP/out" 2>&1
	[ $? -eq 1 ] && grep -qF -- "$want" "$XA_TMP/out"
}
check "a namespace that is not there" fails_to 'network namespace no-such: No such file' --netns no-such list
check "a file that is not there" fails_to '/no-such: No such file' check --offline /no-such
