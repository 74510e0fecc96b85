# SPDX-License-Identifier: GPL-2.0-only
# lib.sh - the verbs of the behaviour tests; POSIX sh, sourced as
#	. "${0%/*}/../lib.sh"
# tests/README.md tells how to write a test with it.
#
# What a test makes (namespaces, processes, files) carries a name of its own
# and goes away when the test ends, however it ends.
# shellcheck shell=sh

XA_TESTS=$(cd "${XA_TESTS:-${0%/*}/..}" && pwd) || exit 1
XA_EXTENSIONS=${XA_EXTENSIONS:-${XA_TESTS%/*}/extensions}
case ${XA_SPEC:-$0} in
*/self.sh)	XA_SPEC=self/$(basename "$(cd "${0%/*}" && pwd)") ;;
*.sh)		XA_SPEC=${0##*/} XA_SPEC=behaviour/${XA_SPEC%.sh} ;;
*)		XA_SPEC=${XA_SPEC:-fuzz/${0##*/}} ;;
esac
XA_BACKEND=${XA_BACKEND:-nft}
XA_TMP=$(mktemp -d "${TMPDIR:-/tmp}/xa.XXXXXX") || exit 1

xa_prefix=${XA_NSPREFIX:-xa$$}
xa_namespaces=
xa_pids=
xa_failed=0
xa_label=
xa_marks=0 xa_late=0 xa_alone=''
xa_newline='
'

# ---- verdicts

# xa_say VERDICT TEXT: one line, whatever the text
xa_say()
{
	case $2 in
	*"$xa_newline"*)	set -- "$1" "$(oneline "$2")" ;;
	esac
	echo "$1 $XA_SPEC: $xa_label$2"
}

# ok WHAT
ok()
{
	if [ -n "$xa_alone" ]; then
		xa_say skip "$1: on one CPU nothing races"
	else
		xa_say ok "$1"
	fi
}

# not_ok WHAT [DETAIL]
not_ok()
{
	xa_failed=$((xa_failed + 1))
	xa_say 'not ok' "$1${2:+ ($2)}"
	[ "${XA_STOP:-0}" -lt 2 ] || exit 1
}

# skip_part WHY: what follows in the test goes on
skip_part()
{
	xa_say skip "$1"
}

# test_skip WHY: the test ends here
test_skip()
{
	skip_part "$1"
	finish
}

# racing CMD...: for tests of what two CPUs do at the same time, with all that there are
# (tests/guest gives a test one). On one it runs as well, but shows nothing to be right.
racing()
{
	xa_mask=$(taskset -p $$ 2>/dev/null) && taskset -p ffffffff $$ >/dev/null
	[ "$(nproc)" -ge 2 ] || xa_alone=1
	"$@"
	xa_alone=
	[ -z "$xa_mask" ] || taskset -p "${xa_mask##* }" $$ >/dev/null
}

# oneline TEXT: prints it with ' | ' for each line end
oneline()
{
	printf '%s' "$1" | tr '\n' '|' | sed 's/|/ | /g'
}

# expect WHAT EXPECTED ACTUAL
expect()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected '$2', got '$3'"
	fi
}

# expect_match WHAT PATTERN ACTUAL: PATTERN is a shell pattern
expect_match()
{
	# shellcheck disable=SC2254 # a pattern is what is wanted
	case $3 in
	$2)	ok "$1" ;;
	*)	not_ok "$1" "expected '$2', got '$3'" ;;
	esac
}

# expect_range WHAT LOW HIGH ACTUAL: integers, ends included
expect_range()
{
	if [ "$4" -ge "$2" ] 2>/dev/null && [ "$4" -le "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected $2 to $3, got '$4'"
	fi
}

# expect_ok WHAT CMD...: CMD exits with 0
expect_ok()
{
	xa_what=$1
	shift
	if "$@" >"$XA_TMP/out" 2>&1; then
		ok "$xa_what"
	else
		not_ok "$xa_what" "expected status 0, got $?: $* -> $(tail -n 5 "$XA_TMP/out")"
	fi
}

# xa_quote TEXT: as a pattern that matches just that
xa_quote()
{
	printf '%s' "$1" | sed 's/[][*?\\]/\\&/g'
}

# expect_fail WHAT CMD...: CMD exits with 1 to 125, and its stderr contains $want if that is set
expect_fail()
{
	xa_what=$1
	shift
	"$@" >"$XA_TMP/out" 2>"$XA_TMP/err"
	xa_rc=$?
	xa_err=$(cat "$XA_TMP/err")
	xa_want=$want
	want=
	if [ $xa_rc -eq 0 ]; then
		not_ok "$xa_what" "expected a failure, got status 0: $*"
	elif [ $xa_rc -gt 125 ]; then
		not_ok "$xa_what" "expected a failure, got status $xa_rc: $* -> $xa_err"
	else
		expect_match "$xa_what" "*$(xa_quote "$xa_want")*" "$xa_err"
	fi
}

# ---- waiting

# wait_for SECONDS CMD...: until CMD succeeds; 1 when the time is over
wait_for()
{
	xa_tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $((xa_tries -= 1)) -ge 0 ] || return 1
		sleep 0.05
	done
}

# is_not CMD...: for wait_for
is_not()
{
	! "$@"
}

# xa_files_are NS DIR NAMES
xa_files_are()
{
	[ "$(in_ns "$1" ls "$2" | xargs)" = "$3" ]
}

# expect_files WHAT NS DIR NAMES: the folder has just these files, or soon will:
# those of names that no rule has any more are removed in the background
expect_files()
{
	wait_for 10 xa_files_are "$2" "$3" "$4"
	expect "$1" "$4" "$(in_ns "$2" ls "$3" | xargs)"
}

# ---- namespaces

# ns_name NAME: prints what `ip netns` calls it
ns_name()
{
	echo "$xa_prefix-$1"
}

# in_ns NAME CMD...: with the /sys of the machine (ip netns exec has one of the namespace)
in_ns()
{
	xa_ns=$xa_prefix-$1
	shift
	xa-ns "$xa_ns" "$@"
}

# Run by the shell of a new namespace: no duplicate address detection, no
# link-local addresses and no solicitations, multicast reports at once and not some
# time later, so that captures and counters hold what a test sent.
# A connection whose program is gone, and whose peer no longer answers, would hold
# the namespace, and with it the modules of its rules, for minutes.
# shellcheck disable=SC2016 # that shell expands it
xa_quiet='echo 3 >/proc/sys/net/ipv4/tcp_orphan_retries
cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0
for d in all default; do
	echo 0 >$d/accept_dad
	echo 0 >$d/router_solicitations
	echo 1 >$d/addr_gen_mode
	echo 1 >$d/mldv2_unsolicited_report_interval
done'

# ns_new NAME...
ns_new()
{
	for xa_name; do
		ip netns add "$xa_prefix-$xa_name" || xa_die "cannot make namespace $xa_name"
		xa_namespaces="$xa_namespaces $xa_name"
		in_ns "$xa_name" sh -c "$xa_quiet" 2>/dev/null
		xa-ns "$xa_prefix-$xa_name" ip link set lo up
	done
}

# ns_del NAME...: with all rules, devices and processes in it
ns_del()
{
	for xa_name; do
		xa_left=
		for xa_i in $xa_namespaces; do
			[ "$xa_i" = "$xa_name" ] || xa_left="$xa_left $xa_i"
		done
		xa_namespaces=$xa_left
		for xa_i in $(ip netns pids "$xa_prefix-$xa_name" 2>/dev/null); do
			kill -KILL "$xa_i" 2>/dev/null
		done
		ip netns del "$xa_prefix-$xa_name"
	done
}

# ns_del_all
ns_del_all()
{
	# shellcheck disable=SC2086 # a list
	ns_del $xa_namespaces
}

# ns_ip NAME: `ip -batch` lines from stdin
ns_ip()
{
	xa-ns "$xa_prefix-$1" ip -batch - || xa_die "ip -batch failed in namespace $1"
}

# ns_sysctl NAME KEY=VALUE...: KEY with dots, or with slashes (if a name has dots)
ns_sysctl()
{
	xa_name=$1
	shift
	for xa_i; do
		xa_key=${xa_i%%=*}
		case $xa_key in
		*/*)	;;
		*)	xa_key=$(echo "$xa_key" | tr . /) ;;
		esac
		in_ns "$xa_name" sh -c "echo \"\$1\" >/proc/sys/\$2" sh "${xa_i#*=}" "$xa_key" ||
			xa_die "cannot set $xa_i in namespace $xa_name"
	done
}

# ns_offload NAME on|off DEV...: checksum, segmentation and receive offloads
ns_offload()
{
	xa_name=$1
	shift
	in_ns "$xa_name" pkt offload "$@" || xa_die "pkt offload $* failed in namespace $xa_name"
}

# xa_veth NS DEV MAC NS DEV MAC: two devices joined by a wire, both up
xa_veth()
{
	ip link add "$2" address "$3" netns "$xa_prefix-$1" \
		type veth peer name "$5" address "$6" netns "$xa_prefix-$4" ||
		xa_die "cannot make the devices $2 and $5"
	xa-ns "$xa_prefix-$1" ip link set "$2" up
	xa-ns "$xa_prefix-$4" ip link set "$5" up
	ns_offload "$1" off "$2"
	ns_offload "$4" off "$5"
}

# xa_host NS DEV ADDR4/LEN ADDR6/LEN [PEER4 PEER6 PEERMAC]...
xa_host()
{
	xa_name=$1 xa_dev=$2
	{
		echo "addr add $3 dev $xa_dev"
		echo "addr add $4 dev $xa_dev nodad"
		shift 4
		while [ $# -ge 3 ]; do
			echo "neigh replace $1 lladdr $3 dev $xa_dev nud permanent"
			echo "neigh replace $2 lladdr $3 dev $xa_dev nud permanent"
			shift 3
		done
	} | ns_ip "$xa_name"
	[ -z "${XA_LATE:-}" ] || late_reports "$xa_name" "$xa_dev"
}

# late_reports NS DEV: multicast reports leave it as long as there is the namespace. So they do
# by themselves on a busy machine, where the kernel notices late that a device runs:
# with XA_LATE=1 a test that counts them with its own packets fails.
late_reports()
{
	( while sleep 0.7; do
		xa_late=$((xa_late + 1))
		in_ns "$1" ip -6 addr add "fd00::77:$xa_late/128" dev "$2" nodad preferred_lft 0 || break
	done ) >/dev/null 2>&1 &
	xa_pids="$xa_pids $!"
}

# ns_pair: c and s, joined by c0 and s0
ns_pair()
{
	ns_new c s
	xa_veth c c0 02:00:00:00:00:01 s s0 02:00:00:00:00:02
	xa_host c c0 10.0.0.1/24 fd00::1/64 10.0.0.2 fd00::2 02:00:00:00:00:02
	xa_host s s0 10.0.0.2/24 fd00::2/64 10.0.0.1 fd00::1 02:00:00:00:00:01
}

# ns_triple: c and s with the router r between them (c0-r0, r1-s0)
ns_triple()
{
	ns_new c r s
	xa_veth c c0 02:00:00:00:01:01 r r0 02:00:00:00:01:02
	xa_veth r r1 02:00:00:00:02:01 s s0 02:00:00:00:02:02
	xa_host c c0 10.0.1.1/24 fd01::1/64 10.0.1.2 fd01::2 02:00:00:00:01:02
	xa_host r r0 10.0.1.2/24 fd01::2/64 10.0.1.1 fd01::1 02:00:00:00:01:01
	xa_host r r1 10.0.2.1/24 fd02::1/64 10.0.2.2 fd02::2 02:00:00:00:02:02
	xa_host s s0 10.0.2.2/24 fd02::2/64 10.0.2.1 fd02::1 02:00:00:00:02:01
	printf 'route add default via %s\nroute add default via %s\n' 10.0.1.2 fd01::2 | ns_ip c
	printf 'route add default via %s\nroute add default via %s\n' 10.0.2.1 fd02::1 | ns_ip s
	ns_sysctl r net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# ---- rules

# xa_ipt 4|6 NS SUFFIX ARGS...: SUFFIX is empty, -save or -restore
xa_ipt()
{
	case $1 in
	4)	xa_cmd=iptables-$XA_BACKEND$3 ;;
	6)	xa_cmd=ip6tables-$XA_BACKEND$3 ;;
	*)	xa_die "ipt: family 4 or 6, not '$1'" ;;
	esac
	xa_ns=$2
	shift 3
	in_ns "$xa_ns" "$xa_cmd" "$@"
}

# ipt 4|6 NS ARGS...: iptables of the current back end
ipt()
{
	xa_f=$1 xa_n=$2
	shift 2
	xa_ipt "$xa_f" "$xa_n" '' -w "$@"
}

# ipt_save 4|6 NS ARGS...: without comments and packet counts
ipt_save()
{
	xa_f=$1 xa_n=$2
	shift 2
	xa_ipt "$xa_f" "$xa_n" -save "$@" | sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//'
}

# ipt_restore 4|6 NS ARGS...: rules from stdin
ipt_restore()
{
	xa_f=$1 xa_n=$2
	shift 2
	xa_ipt "$xa_f" "$xa_n" -restore "$@"
}

# rule_count 4|6 NS TABLE CHAIN RULENR: prints "packets bytes"
rule_count()
{
	# shellcheck disable=SC2046 # the words are wanted
	set -- $(ipt "$1" "$2" -t "$3" -L "$4" "$5" -v -n -x)
	echo "$1 $2"
}

# expect_count WHAT PACKETS 4|6 NS TABLE CHAIN RULENR: the rule has seen so many
expect_count()
{
	xa_what=$1 xa_packets=$2
	ipt "$3" "$4" -t "$5" -L "$6" "$7" -v -n -x >"$XA_TMP/count"
	read -r xa_count _ <"$XA_TMP/count"
	expect "$xa_what" "$xa_packets" "$xa_count"
}

# backend_works nft|legacy
backend_works()
{
	unshare -n "iptables-$1" -w -S >/dev/null 2>"$XA_TMP/backend"
}

# each_backend FUNC ARGS...: FUNC once for each back end of iptables that XA_BACKENDS names, or
# that the kernel has, with $XA_BACKEND set; its namespaces are deleted after it
each_backend()
{
	for XA_BACKEND in ${XA_BACKENDS:-nft legacy}; do
		if backend_works "$XA_BACKEND"; then
			xa_label="$XA_BACKEND: "
			xa_before=$xa_namespaces
			"$@"
			# shellcheck disable=SC2086 # a list
			ns_del ${xa_namespaces#"$xa_before"}
		elif [ "$XA_BACKEND${XA_BACKENDS:-}" = legacy ]; then
			skip_part "this kernel has no iptables-legacy"
		else
			not_ok "iptables-$XA_BACKEND works" "$(cat "$XA_TMP/backend")"
		fi
		xa_label=
	done
	XA_BACKEND=nft
}

# ---- processes

# bg NS CMD...: CMD in the background of a namespace; its id is in $bg_pid
bg()
{
	xa_ns=$xa_prefix-$1
	shift
	xa-ns "$xa_ns" "$@" &
	bg_pid=$!
	xa_pids="$xa_pids $bg_pid"
}

# bg_stop PID: asks it to end and waits; its exit status
bg_stop()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# listen NS tcp|udp PORT [ARGS...]: a server that echoes (see pkt listen --help),
# ready when this returns
listen()
{
	xa_file=$XA_TMP/listen.$1.$2.$3
	xa_ns=$1 xa_kind=$2 xa_port=$3
	shift 3
	rm -f "$xa_file.on"
	bg "$xa_ns" pkt listen --ready "$xa_file.on" "$@" "$xa_kind" "$xa_port" >"$xa_file"
	echo "$bg_pid" >"$xa_file.pid"
	wait_for 10 test -e "$xa_file.on" || xa_die "no server on $xa_kind port $xa_port"
}

# served NS tcp|udp PORT: ends the server and prints "connections=N bytes=N"
served()
{
	xa_file=$XA_TMP/listen.$1.$2.$3
	read -r xa_i <"$xa_file.pid"
	kill "$xa_i" 2>/dev/null
	wait_for 10 test -s "$xa_file" || xa_die "the server on $2 port $3 does not end"
	cat "$xa_file"
}

# capture NS DEV NAME [ARGS...]: packets from now on (see pkt capture --help), without
# the neighbour discovery and the multicast reports of the kernels themselves
capture()
{
	xa_ns=$1 xa_dev=$2 xa_file=$XA_TMP/capture.$3
	shift 3
	bg "$xa_ns" pkt capture --quiet --ready "$xa_file.on" --output "$xa_file" "$@" "$xa_dev"
	echo "$bg_pid" >"$xa_file.pid"
	wait_for 10 test -e "$xa_file.on" || xa_die "no capture on $xa_dev"
}

# captured NAME: ends the capture and prints its packets, one a line
captured()
{
	xa_file=$XA_TMP/capture.$1
	read -r xa_i <"$xa_file.pid"
	[ ! -e "$xa_file.on" ] || kill "$xa_i" 2>/dev/null
	wait_for 10 test ! -e "$xa_file.on" || xa_die "the capture $1 does not end"
	! grep -q '^lost=' "$xa_file" || xa_die "the capture $1 has lost packets"
	cat "$xa_file"
}

# ---- connection tracking

# ct_list NS [conntrack ARGS...]: entries, one a line
ct_list()
{
	xa_ns=$1
	shift
	in_ns "$xa_ns" conntrack -L "$@" 2>/dev/null
}

# ct_count NS: number of entries
ct_count()
{
	in_ns "$1" cat /proc/sys/net/netfilter/nf_conntrack_count
}

# ct_flush NS
ct_flush()
{
	in_ns "$1" conntrack -F >/dev/null 2>&1
}

# ---- kernel log and modules

# kmsg_mark: kmsg_since_mark counts from here
kmsg_mark()
{
	xa_marks=$((xa_marks + 1))
	echo "xa-mark $xa_prefix-$$ $xa_marks" >/dev/kmsg
}

# kmsg_since_mark: prints the kernel log
kmsg_since_mark()
{
	dmesg >"$XA_TMP/dmesg"
	if grep -q "xa-mark $xa_prefix-$$ $xa_marks\$" "$XA_TMP/dmesg"; then
		sed "1,/xa-mark $xa_prefix-$$ $xa_marks\$/d" "$XA_TMP/dmesg"
	else
		cat "$XA_TMP/dmesg"
	fi
}

# mod_loaded NAME
mod_loaded()
{
	grep -q "^$1 " /proc/modules 2>/dev/null
}

# mod_gone NAME: unloaded, or was not loaded
mod_gone()
{
	! mod_loaded "$1" || rmmod "$1"
}

# expect_unload MODULE...: deletes all namespaces, whatever rules are in them; then
# the modules can be unloaded (a namespace is taken apart in the background)
expect_unload()
{
	ns_del_all
	for xa_i; do
		if ! mod_loaded "$xa_i"; then
			skip_part "unload $xa_i: not loaded as a module"
		elif wait_for 60 mod_gone "$xa_i"; then
			ok "$xa_i is unloaded after its namespaces went with rules in place"
		else
			not_ok "unload $xa_i" "$(rmmod "$xa_i" 2>&1; grep "^$xa_i " /proc/modules)"
		fi
	done
}

# narrow: this machine's pointers have 32 bits
narrow()
{
	uname -m | grep -qE '^(i.86|armv7)'
}

# ---- end

# xa_die WHAT: the test cannot go on; also from a subshell
xa_die()
{
	not_ok "the test could go on" "$1" >&9
	kill -TERM $$
	exit 1
}

xa_cleanup()
{
	trap '' EXIT HUP INT PIPE TERM
	for xa_i in $xa_pids; do
		kill "$xa_i" 2>/dev/null
	done
	ns_del_all 2>/dev/null
	rm -rf "$XA_TMP"
}

# finish: the last line of each test
finish()
{
	[ $xa_failed -eq 0 ]
	exit
}

exec 9>&1
trap xa_cleanup EXIT
trap 'exit 130' HUP INT PIPE TERM
