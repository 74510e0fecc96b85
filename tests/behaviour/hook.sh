#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xa_hook: rules of x_tables at hooks of their own. hookctl (tests/pkt) sends the raw
# verbs; the rules here are what no tool would refuse to send.
. "${0%/*}/../lib.sh"
. "${0%/*}/../links.sh"

exts='ext=4:mark:1 ext=4:MARK:2 ext=6:mark:1 ext=6:MARK:2 ext=4:quota2:4 ext=6:quota2:4
	ext=4:ACCOUNT:2 ext=6:ACCOUNT:2'

# hook NS WORD...: the words of hookctl from a socket of their own; the answers in one line
hook()
{
	xa_n=$1
	shift
	# shellcheck disable=SC2086 # a list
	oneline "$(in_ns "$xa_n" hookctl $exts "$@" 2>&1)"
}

# rules NS WORD...: begins, and commits what WORD... adds
rules()
{
	xa_n=$1
	shift
	hook "$xa_n" begin "$@" commit >/dev/null
}

# counters NS: of all rules, in order
counters()
{
	in_ns "$1" hookctl get | sed -n 's/^rule [0-9]* \([0-9]* [0-9]*\).*/\1/p' | xargs
}

udp()
{
	in_ns c pkt send --dev c0 "$@" >/dev/null
}

added='begin 0 found=11111111 | add 0 | add 0 | commit 0'

# A mark set at one hook is matched at another: one before, at, and one after.
marks()
{
	ns_pair
	for f in 4 6; do
		case $f in
		4)	ip=ip src=10.0.0.1 ;;
		6)	ip=ip6 src=fd00::1 ;;
		esac
		expect "IPv$f: a ruleset is committed" "$added" "$(hook s begin \
			chain=$f:prerouting:-310 "rule=src=$src,proto=17,MARK:2:5/0xff" add \
			chain=$f:input:10 rule=mark:1:4/0xff rule=mark:1:5/0xff,drop rule=proto=17 add commit)"
		udp --count 3 "$ip src=$src / udp dport=7 / data zero=10"
		bytes=$((f == 4 ? 3 * 38 : 3 * 58))
		expect "IPv$f: what is marked is dropped" "3 $bytes 0 0 3 $bytes 0 0" "$(counters s)"
		udp "$ip src=${src}9 / udp dport=7 / data zero=10"
		expect "IPv$f: another address is not marked" "3 $bytes 0 0 3 $bytes 1 $((bytes / 3))" \
			"$(counters s)"
		expect "IPv$f: no rules" "begin 0 found=11111111 | commit 0" "$(hook s begin commit)"
		expect "IPv$f: none is listed" "" "$(counters s)"
	done
}

# base WHAT PACKETS WORDS PACKET: how many of one packet a rule at prerouting matches
base()
{
	in_ns s hookctl begin chain=4:prerouting:0 "rule=$3" add commit >/dev/null
	udp "$4"
	expect "$1" "$2" "$(counters s | cut -d' ' -f1)"
}

bases()
{
	udp4='ip src=10.0.0.1 dst=10.0.0.2 / udp dport=7'
	base "an empty rule" 1 '' "$udp4"
	base "a network, its first address" 1 src=10.0.0.0/31 "$udp4"
	base "and the one behind it" 0 src=10.0.0.2/31 "$udp4"
	base "not in it" 1 'src=10.0.0.2/31,!src' "$udp4"
	base "destination" 1 dst=10.0.0.2 "$udp4"
	base "another" 0 dst=10.0.0.3 "$udp4"
	base "the device" 1 in=s0 "$udp4"
	base "another device" 0 in=s1 "$udp4"
	base "a longer name" 0 in=s "$udp4"
	base "a prefix of it" 1 in=s+ "$udp4"
	base "not a prefix of it" 0 'in=s+,!in' "$udp4"
	base "protocol" 0 proto=6 "$udp4"
	base "not the protocol" 1 'proto=6,!proto' "$udp4"
	base "a fragment" 0 frag "$udp4"
	base "no fragment" 1 'frag,!frag' "$udp4"
}

# refuses WHAT ERROR RULE [CHAIN]
refuses()
{
	expect_match "refused: $1" "begin 0 found=11111111 | add $2*" \
		"$(hook s begin "chain=${4:-4:prerouting:0}" rule=proto=17 "rule=$3" add)"
}

wrong()
{
	rules s chain=4:prerouting:0 rule=note=old add
	refuses "an extension that BEGIN did not name" 'ENOENT rule=1 this kernel has no such extension' statistic:0:00
	refuses "a revision that is not there" 'ENOENT rule=1 ' mark:9:1/1
	refuses "no data" 'EINVAL rule=1 the data have another size' MARK:2
	refuses "no data for another" 'EINVAL rule=1 the data have another size' quota2:4
	refuses "what the extension refuses" 'EINVAL rule=1 the extension refuses it' "ACCOUNT:2:$(printf 'a\001')"
	refuses "bits outside of the mask" 'EINVAL rule=1 an address has bits' src=10.0.0.1/8
	refuses "IPv6 in IPv4" 'EINVAL rule=1 an address has bits' src=fd00::1
	refuses "an inversion of nothing" 'EINVAL rule=1 an inversion' '!src'
	refuses "unknown flags" 'EINVAL rule=1 unknown flags' flags=2
	refuses "a protocol that is none" 'EINVAL rule=1 protocols are' proto=256
	refuses "where it goes out, too early" 'EINVAL rule=1 where a packet goes out' out=s0
	refuses "where it came in, at output" 'EINVAL rule=1 packets at output' in=s0 4:output:0
	refuses "two verdicts" 'EINVAL rule=1 this is said twice' accept,drop
	refuses "a target and a verdict" 'EINVAL rule=1 a target and a verdict' MARK:2:1/1,drop
	refuses "a rule to keep, of no generation" 'EINVAL rule=1 of which generation' keep=0
	refuses "fragments in IPv6" 'EINVAL rule=1 fragments are' frag 6:prerouting:0
	refuses "no hook" ERANGE '' 4:6:0
	refuses "ingress without a device" 'EINVAL ingress has' '' 4:ingress:0
	refuses "a device elsewhere" 'EINVAL ingress has' '' 4:input:0:s0
	refuses "a family that is none" 'EAFNOSUPPORT the family' '' 3:input:0
	refuses "a device's name that is none" 'EINVAL this is no name' '' 4:ingress:0:a/b
	in_ns s ip link property add dev s0 altname another
	refuses "an alternative name" 'EINVAL this is an alternative name' '' 4:ingress:0:another
	expect_match "two chains at a place" "*add 0 | add 0 | add EEXIST*" "$(hook s begin \
		chain=4:input:0 rule= add chain=4:output:0 add chain=4:input:0 rule= add)"
	expect "a socket of another protocol that closes takes nothing with it" \
		"begin 0 found=11111111 | add 0" "$(hook s begin route chain=4:input:0 rule= add)"
	expect_match "another socket's" "add ESRCH*" "$(hook s token=1 chain=4:input:0 add)"
	expect_match "another generation's" "begin 0 found=11111111 | commit ESTALE* | commit 0" \
		"$(hook s begin generation=999 commit commit)"
	expect_match "a rule that was taken back with its ADD is not counted" "*commit 0 | generation * rules 1 |*" \
		"$(hook s begin chain=4:input:0 rule= add rule= rule=flags=2 add commit get)"
	rules s chain=4:prerouting:0 rule=note=old add
	expect_match "nothing has changed by all that" "*rule 0 * note=old" "$(hook s begin rule=flags=2 \
		chain=4:input:0 add get)"
}

# Each verb from a socket of its own, so that a refused begin cannot hide what follows
verbs='begin add commit abort get zero'

# may_not WHO CMD...: CMD runs hookctl as WHO
may_not()
{
	who=$1
	shift
	for verb in $verbs; do
		expect "$who: $verb" "$verb EPERM" "$("$@" hookctl "$verb")"
	done
}

rights()
{
	may_not "no capability" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all
	may_not "root of a user namespace" unshare -r
	expect "root of a user and a network namespace" \
		"begin 0 | add 0 | commit 0 | zero 0 | generation 2 rules 1 | chain 4:input:0 | rule 0 0 0 drop" \
		"$(oneline "$(unshare -rn hookctl begin chain=4:input:0 rule=drop add commit zero get)")"
}

# What is kept goes on with its counters and the state of its extensions.
keep()
{
	rules s chain=4:prerouting:0 rule=quota2:4:kept,count=100/1000 add
	udp --count 2 'ip / udp dport=7'
	gen=$(in_ns s hookctl get | sed -n 's/^generation \([0-9]*\) .*/\1/p')
	expect "a rule is kept" "begin 0 found=11111111 | add 0 | commit 0" "$(hook s begin "generation=$gen" \
		chain=4:prerouting:0 rule=note=new rule=keep=0 add commit)"
	expect "with its counters" "0 0 102 1056" "$(counters s)"
	udp 'ip / udp dport=7'
	expect "and its state" "84" "$(in_ns s cat /proc/net/xt_quota/kept)"
	expect "and goes on" "1 28 103 1084" "$(counters s)"
	expect_match "not of a ruleset that was replaced" "*add ESTALE*" "$(hook s begin "generation=$gen" \
		chain=4:prerouting:0 rule=keep=0 add)"
	expect_match "nor at another place" "*add ENOENT*" "$(hook s begin "generation=$((gen + 1))" \
		chain=4:prerouting:1 rule=keep=0 add)"
	expect_match "nor behind the last" "*add ENOENT*" "$(hook s begin "generation=$((gen + 1))" \
		chain=4:prerouting:0 rule=keep=2 add)"
	expect_match "the counters of a ruleset that was replaced are not zeroed" "zero ESTALE*" \
		"$(in_ns s hookctl "generation=$gen" zero)"
	expect "they stay" "1 28 103 1084" "$(counters s)"
	expect "counters are zeroed" "zero 0" "$(in_ns s hookctl "generation=$((gen + 1))" zero)"
	udp 'ip / udp dport=7'
	expect "and count from there" "1 28 1 28" "$(counters s)"
	rules s
	expect_files "names go with their rules" s /proc/net/xt_quota ''
	hook s begin chain=4:input:0 rule=quota2:4:staged add >/dev/null
	expect_files "and with the socket that began them" s /proc/net/xt_quota ''
}

# received WHAT PACKETS BYTES: what quota2, ACCOUNT and the rule at ingress of t1 have seen
received()
{
	expect "$1: quota2" "$3" "$(in_ns s cat /proc/net/xt_quota/in)"
	expect "$1: ACCOUNT" "$2;$3" "$(in_ns s iptaccount -s -f -l in | sed -n 's/^[0.:]*;\([0-9]*;[0-9]*\);.*/\1/p')"
	in_ns s sh -c 'echo 0 >/proc/net/xt_quota/in'
}

# As virtual machines and GRO hand packets over: before anything has cut them up
ingress()
{
	expect "ingress of a device that is not there yet" "begin 0 found=11111111 | add 0 | add 0 | commit 0" \
		"$(hook s begin chain=4:ingress:-10:t1 rule=quota2:4:in,ACCOUNT:2:in add \
			chain=4:ingress:-10:s0 rule= add commit)"
	expect_match "it is listed so" "*chain 4:ingress:-10:t1 absent*chain 4:ingress:-10:s0 |*" "$(hook s get)"
	n=0
	for data in 1000 1001 5000 9999; do
		n=$(((data + 999) / 1000))
		in_ns s pkt send --tun t1 --gso 1000 "ip src=10.9.0.1 dst=10.0.0.2 / tcp flags=A / data zero=$data" >/dev/null
		received "GSO, $data bytes" $n $((data + n * 40))
	done
	in_ns s pkt send --tun t1 'ip src=10.9.0.1 dst=10.0.0.2 len=99 / udp / data zero=1' >/dev/null
	in_ns s pkt send --tun t1 'ip src=10.9.0.1 dst=10.0.0.2 ihl=15 / udp / data zero=1' >/dev/null
	in_ns s pkt send --tun t1 'ip src=10.9.0.1 dst=10.0.0.2 / udp / data zero=1' >/dev/null
	received "what is no packet is not counted" 1 29
	udp --paged 'ip / udp dport=7 / data zero=3'
	udp 'eth dst=02:00:00:00:00:02 / vlan id=5 / ip / udp dport=7 / data zero=5'
	udp 'eth dst=02:00:00:00:00:02 / vlan id=5 / vlan id=6 / ip / udp dport=7 / data zero=6'
	udp 'eth dst=02:00:00:00:00:02 / ip len=30 / udp dport=7 len=10 / data zero=18'
	expect "not linear, tagged (but not twice), padded" "3 94" "$(counters s | cut -d' ' -f3-)"
}

devices()
{
	in_ns s ip link add d1 type veth peer name d9
	rules s chain=4:ingress:0:d1 rule=drop add chain=6:ingress:0:d1 rule=drop add chain=4:ingress:0:d2 rule= add
	attached='chain 4:ingress:0:d1 | rule 0 0 0 drop | chain 6:ingress:0:d1 | rule 1 0 0 drop'
	expect_match "a device is there" "generation * | $attached | chain 4:ingress:0:d2 absent*" "$(hook s get)"
	in_ns s ip link set d1 name d2
	expect_match "it has another name" "*d1 absent*d1 absent*4:ingress:0:d2 |*" "$(hook s get)"
	in_ns s ip link set d2 name d1
	in_ns s ip link set d1 netns "$(ns_name c)"
	expect_match "it moves to another namespace" "*d1 absent*d1 absent*d2 absent*" "$(hook s get)"
	in_ns c ip link set d1 netns "$(ns_name s)"
	expect_match "and back" "generation * | $attached | chain 4:ingress:0:d2 absent*" "$(hook s get)"
	in_ns s ip link del d1
	expect_match "it goes" "*d1 absent*d1 absent*d2 absent*" "$(hook s get)"
}

# What a bridge forwards comes in by a port of it
bridged()
{
	ns_bridge
	rules b chain=4:ingress:0:bc rule=src=10.0.0.1,proto=17 rule=src=10.0.0.9,drop add \
		chain=6:ingress:0:bc rule=proto=17 add
	before=$(datagrams s)
	udp 'ip src=10.0.0.1 dst=10.0.0.2 / udp dport=9' 'ip src=10.0.0.9 dst=10.0.0.2 / udp dport=9' \
		'ip6 src=fd00::1 dst=fd00::2 / udp dport=9'
	expect "what a bridge forwards is seen at ingress of its port" "1 28 1 28 1 48" "$(counters b)"
	expect "and dropped there" $((before + 1)) "$(datagrams s)"
	ns_del c b s
}

# A mark that is set at output decides about the route.
output()
{
	rules s chain=4:prerouting:0 rule=proto=17 add chain=6:prerouting:0 rule=proto=17 add
	for f in 4 6; do
		in_ns c ip -$f rule add fwmark 5 table 100
		in_ns c ip -$f route add blackhole default table 100
	done
	rules c chain=4:output:-150 rule=proto=17,MARK:2:5/0xff add chain=6:output:-150 rule=proto=17,MARK:2:5/0xff add
	in_ns c pkt send --local 'ip src=10.0.0.1 dst=10.0.0.2 / udp dport=7' >/dev/null 2>&1
	in_ns c pkt send --local 'ip6 src=fd00::1 dst=fd00::2 / udp dport=7' >/dev/null 2>&1
	expect "both are marked" "1 28 1 48" "$(counters c)"
	expect "and go nowhere" "0 0 0 0" "$(counters s)"
	rules c
	in_ns c pkt send --local 'ip src=10.0.0.1 dst=10.0.0.2 / udp dport=7' >/dev/null 2>&1
	in_ns c pkt send --local 'ip6 src=fd00::1 dst=fd00::2 / udp dport=7' >/dev/null 2>&1
	expect "without the mark they go" "1 28 1 48" "$(counters s)"
}

# datagrams NS: that have come through to UDP, whether or not anybody listens
datagrams()
{
	# shellcheck disable=SC2016 # of awk
	in_ns "$1" awk '/^Udp: [0-9]/ { print $2 + $3 }' /proc/net/snmp
}

# commits NS: the rulesets that it has had
commits()
{
	in_ns "$1" hookctl get | sed -n 's/^generation \([0-9]*\) .*/\1/p'
}

# commits_are NS MORE
commits_are()
{
	[ "$(commits "$1")" -gt "$2" ]
}

# Two namespaces replace their rulesets ten times a second. Each of their rulesets drops
# all datagrams, so none may come through.
replace()
{
	rules s
	before=$(datagrams s)
	udp 'ip / udp dport=9'
	expect "without rules a datagram comes through" $((before + 1)) "$(datagrams s)"
	rm -f "$XA_TMP/end"
	changers=
	for n in c s; do
		commits $n >"$XA_TMP/was.$n"
		# shellcheck disable=SC2086 # a list
		bg $n hookctl $exts chain=4:prerouting:0 rule=mark:1:1 rule=quota2:4:x rule=proto=17,drop \
			"every=100:$XA_TMP/end" >/dev/null
		changers="$changers $!"
	done
	for n in c s; do
		wait_for 30 commits_are $n "$(cat "$XA_TMP/was.$n")" || not_ok "the rules are there" "$(hook $n get)"
		datagrams $n >"$XA_TMP/before.$n"
	done
	bg c pkt send --dev c0 --seconds 2 --rate 5000 'ip / udp dport=9 / data zero=1' >"$XA_TMP/sent.c"
	sender=$!
	in_ns s pkt send --dev s0 --seconds 2 --rate 5000 'ip src=10.0.0.2 dst=10.0.0.1 / udp dport=9 / data zero=1' \
		>"$XA_TMP/sent.s"
	wait "$sender"
	for n in c s; do
		wait_for 60 commits_are $n $(($(cat "$XA_TMP/was.$n") + 5)) ||
			not_ok "$n replaces its rules" "$(commits $n)"
		expect "$n: no verdict is lost" "$(cat "$XA_TMP/before.$n")" "$(datagrams $n)"
		expect_match "traffic has come from $n" "packets=[1-9]*" "$(cat "$XA_TMP/sent.$n")"
	done
	: >"$XA_TMP/end"
	# shellcheck disable=SC2086 # a list
	wait $changers
}

# for_many WHAT: many rules at a time are not for User-Mode Linux. Their counters fill areas of
# per-CPU memory, at the end of the address space; when one of these and one at its beginning are
# freed together, its KASAN clears the shadow of all between them, until the host has no memory left.
for_many()
{
	case $(uname -r) in
	*-uml)	skip_part "$1: KASAN of User-Mode Linux cannot free so much per-CPU memory"
		return 1 ;;
	esac
}

# through: packets of two hosts in turn; the rules of s must let one of them through
through()
{
	in_ns s pkt flood --tun "t$((devices += 1))" --count 1000 --src-range 10.9.0.1-10.9.0.2 --dst 10.0.0.2 \
		--dport 9 >"$XA_TMP/sent"
	expect "1000 packets are sent" packets=1000 "$(tr ' ' '\n' <"$XA_TMP/sent" | grep packets=)"
	sent=$((sent + 500))
}

# Two programs replace all rules by others, again and again. All of them drop what one host
# sends, as the first rules or behind others that match nothing, and nothing else.
steady()
{
	rules s
	for_many "a thousand rules" && half=500 || half=100
	devices=0 sent=0 was=$(commits s)
	rm -f "$XA_TMP/end"
	none=rule=mark:1:1 drop=rule=src=10.9.0.1,proto=17,drop
	changers=
	for order in "$none $drop" "$drop $none"; do
		# shellcheck disable=SC2086 # a list
		bg s hookctl ext=4:mark:1 chain=4:prerouting:0 copies=$((half / 4)) adds=4 $order "every=20:$XA_TMP/end" >/dev/null
		changers="$changers $!"
	done
	wait_for 60 commits_are s "$was" || not_ok "the rules are there" "$(hook s get)"
	before=$(datagrams s) rounds=0
	while [ $rounds -lt 3 ] || ! commits_are s $((was + 20)) && [ $rounds -lt 5000 ]; do
		through
		rounds=$((rounds + 1))
	done >"$XA_TMP/rounds"
	expect "all packets are sent" '' "$(grep '^not ok ' "$XA_TMP/rounds")"
	expect "$((2 * half)) rules are replaced while packets pass: no verdict is wrong" "$sent" $(($(datagrams s) - before))
	expect_range "twenty times" $((was + 20)) 100000 "$(commits s)"
	: >"$XA_TMP/end"
	# shellcheck disable=SC2086 # a list
	wait $changers
	expect_match "they are all there" "*rules $((2 * half)) *" "$(hook s get | head -c 200)"
	rules s
}

# What is too much is refused, and says so
bounds()
{
	chains=$(seq -f 'chain=4:input:%g add' 256 | xargs)
	# shellcheck disable=SC2086 # a list
	expect "256 chains" "256" "$(in_ns s hookctl begin $chains commit | grep -c '^add 0')"
	# shellcheck disable=SC2086 # a list
	expect_match "one more" "*| add E2BIG too many chains" "$(hook s begin $chains chain=4:input:999 add)"
	names=$(yes ext=4:mark:1 | head -n 256 | xargs)
	# shellcheck disable=SC2086 # a list
	expect_match "256 extensions" "begin 0 found=1*" "$(in_ns s hookctl $names begin)"
	# shellcheck disable=SC2086 # a list
	expect_match "one more" "begin E2BIG too many extensions" "$(in_ns s hookctl $names ext=4:mark:1 begin)"
	for_many "65536 rules" || return
	expect "65536 rules, and one more" \
		"begin 0 found=11111111 | add 0 | add E2BIG rule=0 too many rules | commit 0" \
		"$(hook s patient begin chain=4:input:0 copies=8192 adds=8 rule= add copies=1 adds=1 rule= add commit)"
	expect_match "the others are there" 'generation * rules 65536' "$(in_ns s hookctl get | head -n 1)"
	for i in 1 2 3 4 5 6 7; do
		hook s patient begin chain=4:input:0 copies=8192 adds=8 rule= add commit
		echo
	done >"$XA_TMP/full"
	expect "seven times replaced at once" "7 begin 0 found=11111111 | add 0 | commit 0" \
		"$(grep . "$XA_TMP/full" | uniq -c | xargs)"
	rules s
	# 13 times 256 bytes, which are taken from 17 rules of each message
	rule=$(seq 13 | sed "s/.*/comment:0:$(printf '%0512d' 0)/" | paste -sd, -)
	big=$(in_ns s hookctl patient ext=4:comment:0 begin chain=4:input:0 copies=16 adds=2000 "rule=$rule" add adds=1 copies=1 \
		rule= add commit)
	case $big in
	*found=0*)
		skip_part "this kernel has no comment" ;;
	*)
		expect_match "64 MiB of rules are too many" "begin 0 found=1 | add E2BIG rule=* too many bytes of rules | add 0 | commit 0" \
			"$(oneline "$big")"
		expect_range "and the others are there" 15000 20000 "$(in_ns s hookctl get | head -n 1 | sed 's/.* rules //')" ;;
	esac
	rules s
}

# of_group GROUP: bytes that it has
of_group()
{
	cat "$1/memory.current"
}

has_less()
{
	[ "$(of_group "$1")" -lt "$2" ]
}

# Whoever makes the rules pays for them, until they go
payer()
{
	for_many "32768 rules of a cgroup" || return
	mkdir -p "$XA_TMP/cg"
	mount -t cgroup2 none "$XA_TMP/cg" 2>/dev/null
	if ! grep -qw memory "$XA_TMP/cg/cgroup.controllers" 2>/dev/null; then
		skip_part "this kernel has no memory controller (cgroup2)"
		umount "$XA_TMP/cg" 2>/dev/null
		return
	fi
	echo +memory >"$XA_TMP/cg/cgroup.subtree_control"
	group=$XA_TMP/cg/$(ns_name s)
	mkdir "$group"
	# shellcheck disable=SC2016 # that shell expands it
	in_ns s sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec hookctl "$@"' sh "$group" \
		begin chain=4:input:0 copies=8192 adds=4 rule= add commit >"$XA_TMP/out"
	expect "32768 rules" "begin 0 | add 0 | commit 0" "$(oneline "$(cat "$XA_TMP/out")")"
	expect_range "are charged to the cgroup of who made them" $((32768 * 240)) $((1 << 30)) "$(of_group "$group")"
	rules s
	expect_ok "and given back" wait_for 60 has_less "$group" $((32768 * 240))
	wait_for 30 rmdir "$group"
	umount "$XA_TMP/cg"
}

# A 32-bit program says and hears the same, but for extensions with data of another layout
compat32()
{
	if ! in_ns s hookctl32 get >/dev/null 2>&1; then
		skip_part "no 32-bit program was built, or the kernel does not run it"
		return
	fi
	all='chain=4:prerouting:-310 rule=src=10.0.0.1,note=x,count=7/5000000000,quota2:4:q32,MARK:2:5/0xff add
		chain=6:ingress:9:s0 rule=mark:1:4/0xff,drop add commit get'
	# shellcheck disable=SC2086 # a list
	for tool in hookctl hookctl32; do
		in_ns s $tool $exts begin $all | sed 's/^generation [0-9]*/generation/' >"$XA_TMP/$tool"
	done
	expect "of 32 bits: the same rules" "$(cat "$XA_TMP/hookctl")" "$(cat "$XA_TMP/hookctl32")"
	expect_match "and they are there" '*rule 0 7 5000000000 note=x quota2:4:*' "$(oneline "$(cat "$XA_TMP/hookctl32")")"
	# without CONFIG_NETFILTER_XTABLES_COMPAT no kernel part knows of another layout
	if grep -q xt_compat_lock /proc/kallsyms; then
		expect_match "of 32 bits: data of another layout" \
			"begin 0 found=1 | add EOPNOTSUPP rule=0 a program of 32 bits cannot use this extension" \
			"$(oneline "$(in_ns s hookctl32 ext=4:limit:0 begin chain=4:input:0 "rule=limit:0:$(printf '%080d' 0)" add)")"
	else
		skip_part "of 32 bits: this kernel's xtables know no other layout"
	fi
	if narrow; then
		skip_part "of 64 bits: this machine runs no such program"
		rules s
		return
	fi
	expect_match "which one of 64 can say" "begin 0 found=1 | add 0 | commit 0" \
		"$(oneline "$(in_ns s hookctl ext=4:limit:0 begin chain=4:input:0 \
			"rule=limit:0:0100000001000000$(printf '%064d' 0)" add commit)")"
	expect_match "it is listed as the kernel has it" "* limit:0:0100000001000000*" "$(oneline "$(in_ns s hookctl32 get)")"
	expect "of 32 bits: the same" "$(in_ns s hookctl get)" "$(in_ns s hookctl32 get)"
	rules s
}

many()
{
	saved=$exts
	exts='ext=4:mark:1'
	expect "601 rules in three messages" "begin 0 found=1 | add 0 | add 0 | add 0 | commit 0" \
		"$(hook s begin chain=4:prerouting:0 copies=200 rule=mark:1:1 rule=mark:1:2 add rule=mark:1:3 add \
			copies=1 rule=note=last add commit)"
	udp 'ip / udp dport=7'
	expect "all are listed" "$(seq -s' ' 600 | sed 's/[0-9][0-9]*/0 0/g') 1 28" "$(counters s)"
	exts=$saved
}

# The ruleset is replaced while it is listed, in many answers.
replaced()
{
	rules s chain=4:input:0 copies=4000 rule= add
	bg s hookctl halt="$XA_TMP/halt" get >"$XA_TMP/list"
	wait_for 20 test -e "$XA_TMP/halt" || not_ok "a listing begins" "$(cat "$XA_TMP/list")"
	rules s chain=4:input:0 rule=drop add
	rm -f "$XA_TMP/halt"
	wait "$bg_pid"
	expect "a listing of two rulesets says so" 1 "$(grep -c '^interrupted' "$XA_TMP/list")"
	expect "others do not" 0 "$(in_ns s hookctl get | grep -c '^interrupted')"
}

# without_memory VERB WORD...: each allocation of VERB, the last word, fails once
without_memory()
{
	verb=$1 n=0 refused=0
	shift
	while [ $((n += 1)) -le 300 ]; do
		did=$(hook s begin "$@" "fail=$n" "$verb")
		case $did in
		*unharmed)		break ;;
		*"$verb ENOMEM"*|*"$verb ENOBUFS"*)	refused=$((refused + 1)) ;;
		*"$verb 0")		;;	# it can do without
		*)			not_ok "$verb without memory says so" "allocation $n: $did" ;;
		esac
	done
	expect_range "$verb was refused for memory, and then was not" 3 299 $refused
}

memory()
{
	echo N 2>/dev/null >/sys/kernel/debug/failslab/ignore-gfp-wait && [ -w /proc/self/fail-nth ] ||
		{ skip_part "this kernel injects no faults"; return; }
	for quiet in /sys/kernel/debug/fail*/verbose; do
		echo 0 >"$quiet"
	done
	rules s
	without_memory add chain=4:prerouting:0 rule=mark:1:1 rule=quota2:4:m,MARK:2:1/1
	expect "nothing is left of that" "" "$(counters s)"
	without_memory commit chain=4:ingress:0:s0 rule=quota2:4:m add
	expect_match "the last one is there" "*chain 4:ingress:0:s0 | rule 0 *" "$(hook s get)"
}

unload()
{
	rules s chain=4:prerouting:0 rule=quota2:4:last add chain=4:ingress:0:s0 rule=drop add
	hook c begin chain=6:input:0 rule=quota2:4:last add commit >/dev/null
	expect_ok "the module goes with rules in place" wait_for 10 mod_gone xa_hook
	expect_ok "and leaves no users behind" wait_for 10 mod_gone xt_quota2
	rules s chain=4:prerouting:0 rule=quota2:4:last add chain=4:ingress:0:s0 rule=drop add
	expect_unload xa_hook xt_quota2 xt_ACCOUNT
}

bridged
marks
bases
wrong
rights
keep
ingress
devices
output
racing replace
racing steady
many
replaced
bounds
payer
compat32
memory
unload
finish
