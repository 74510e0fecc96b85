#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What proves the project, on a fresh Debian 12 machine.
set -u
cd "$(dirname "$0")" || exit 1

top=$PWD
logs=$top/build/check
# the kernels that there are for tests
names=$(sed -n "s/^NAMES='\(.*\)'/\1/p" tests/vm/kernel)

# what a run may leave out: a name, and what is tested by it
beds=(uml vm-6.12 uml-legacy vm-5.10 thorough vm-7.2)
declare -A about=(
	[vm-5.10]="all tests on the stock kernel 5.10, nf_tables"
	[vm-6.12]="all tests on the stock kernel 6.12, legacy tables"
	[vm-7.2]="all tests on the stock kernel 7.2, nf_tables"
	[uml-legacy]="all tests on legacy tables in User-Mode Linux with sanitizers"
	[thorough]="the tarball (distcheck), long fuzzing, deliberate defects in the beds"
	[uml]="all tests on nf_tables in User-Mode Linux with sanitizers"
	[vm-6.1]="all tests on the stock kernel 6.1, nf_tables"
	[rules]="all lines of rules in User-Mode Linux with sanitizers, nf_tables"
	[demo]="the scenes of ./demo.sh"
	[fuzz]="short fuzzing"
)

usage() {
	cat <<-END
	usage: ./check.sh [--full | --bed NAME|N] [--kernel NAME]... [--quick] [--no-vm] [--no-uml]
	       ./check.sh --mutate

	Installs what it needs with apt (Debian 12, as root), builds with no warning,
	and runs lint, unit tests, all tests of the extensions on the stock kernel 6.1, and
	their rules and short fuzzing in User-Mode Linux with sanitizers. It says what it
	left out. The kernel and the firewall of this machine are not touched.

	  --full         everything
	  --bed NAME     one more bed: ${beds[*]};
	                 a number N takes the one whose turn it is
	  --kernel NAME  all tests on a stock kernel, too, one of $names;
	                 may be given several times
	  --no-vm        no stock kernels
	  --no-uml       no User-Mode Linux
	  --mutate       nothing but tests/mutate: do the tests see planted defects? (hours)
	  --quick        build, lint, unit tests and the rules in User-Mode Linux

	Logs are in build/check, the times of all tests in build/check/times. The last
	line is "N passed, N failed, N skipped"; exit status 1 if anything failed. Kernels
	stay in ${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}.
	END
}

bad_usage() { echo "check.sh: $*" >&2; exit 2; }

# add_bed NAME: one of beds
add_bed() {
	case $1 in
	vm-*) kernels+=("${1#vm-}") ;;
	uml) uml=1 ;;
	uml-legacy) legacy=1 ;;
	thorough) thorough=1 ;;
	esac
}

kernels=(6.1) quick='' no_vm='' no_uml='' uml='' legacy='' thorough='' mutate=''
options() {
	local bed
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel)
			[[ " $names " == *" ${2-none} "* ]] || bad_usage "--kernel takes one of $names"
			kernels+=("$2")
			shift ;;
		--bed)
			bed=${2-none}
			[[ ! $bed =~ ^[0-9]+$ ]] || bed=${beds[$((10#$bed % ${#beds[@]}))]}
			[[ " ${beds[*]} " == *" $bed "* ]] || bad_usage "--bed takes a number or one of ${beds[*]}"
			add_bed "$bed"
			shift ;;
		--full) for bed in "${beds[@]}"; do add_bed "$bed"; done ;;
		--mutate) mutate=1 no_vm=1 ;;
		--quick) quick=1 no_vm=1 ;;
		--no-vm) no_vm=1 ;;
		--no-uml) no_uml=1 ;;
		-h|--help) usage; exit 0 ;;
		*) usage >&2; exit 2 ;;
		esac
		shift
	done
	mapfile -t kernels < <(printf '%s\n' "${kernels[@]}" | sort -uV)
	[ -z "$no_vm" ] || kernels=()
}

# ---- the parts: each prints lines of tests and "N passed, N failed, N skipped"

# A copy of the sources: a build in the checkout, or an editor, disturbs nothing.
copy_tree() {
	rm -rf build/src build/tree
	mkdir -p build/src build/tree
	if [ -e .git ]; then
		git ls-files --cached --others --exclude-standard >build/src/files || return
		sort -u build/src/files | while read -r f; do
			[ ! -f "$f" ] || echo "$f"
		done >build/src/MANIFEST
		rm build/src/files
	else
		cp MANIFEST build/src/MANIFEST
	fi
	tar -cf - -T build/src/MANIFEST | tar -xf - -C build/src
}

part_build() {
	copy_tree &&
	(cd build/src && ./autogen.sh) &&
	cd build/tree &&
	../src/configure --enable-werror --without-kbuild &&
	make -j"$(nproc)" &&
	echo "ok build: configure and make, without a warning" &&
	echo "1 passed, 0 failed, 0 skipped"
}

part_lint() { make -s -C build/tree lint; }

part_unit() {
	export XA_JOBS=2
	if [ -n "$thorough" ]; then
		# make check of the tarball, which is all that others get
		make -C build/tree distcheck
	else
		make -s -C build/tree check
	fi
}

# part_vm KERNEL SHARE: emulated kernels are slow, so each has the tests on one back
# end: 6.12 on legacy tables, the others on nf_tables, which all kernels have.
part_vm() {
	local backend=nft
	[ "$1" != 6.12 ] || backend=legacy
	XA_BACKENDS=$backend XA_TIMEOUT=1500 XA_SHARE=$2 tests/vm/run --mem 2048 --timeout 4200 "$1"
}

# part_uml BACKEND SHARE. Enough packets for every order of readers and senders;
# sanitizers make packets slow.
part_uml() {
	XA_BACKENDS=$1 XA_PACKETS=${XA_PACKETS:-2000} XA_TIMEOUT=1500 XA_SHARE=$2 \
		tests/uml --mem 2G --timeout 4200
}

# Seconds for each fuzzer
fuzz_seconds() { echo "${XA_FUZZ_SECONDS:-$([ -n "$thorough" ] && echo 20 || echo 5)}"; }

# What inserts each rule, good and bad, and looks at what is left behind
part_rules() { XA_BACKENDS=nft XA_TIMEOUT=1500 tests/uml --mem 2G --timeout 4200 self/ t/ txlate/; }

# The same random numbers each time, so that what is red is so by a change.
part_guests_fuzz() {
	XA_FUZZ_SECONDS=$(fuzz_seconds) XA_FUZZ_SEED=${XA_FUZZ_SEED:-1} XA_TIMEOUT=1500 \
		tests/uml --mem 2G --timeout 2400 fuzz/blob fuzz/reply fuzz/sockopt
}

part_fuzz() {
	if ! compgen -G 'tests/fuzz/fuzz_*.c' >/dev/null; then
		echo "skip fuzz: there is no libFuzzer driver yet"
		echo "0 passed, 0 failed, 1 skipped"
		return
	fi
	make -s -C tests O="$top/build/fuzz" FUZZ_SECONDS="$(fuzz_seconds)" fuzz &&
	echo "ok fuzz: libFuzzer found nothing" &&
	echo "1 passed, 0 failed, 0 skipped"
}

part_demo() {
	./demo.sh && echo "ok demo: all scenes play" && echo "1 passed, 0 failed, 0 skipped"
}

part_mutate() { tests/mutate --share "$1"; }

# What counts packets, with the kernel's own in between
part_late() {
	XA_LATE=1 XA_BACKENDS=nft XA_TIMEOUT=1500 tests/uml --mem 2G --timeout 4200 \
		behaviour/{GEOMARK,LOGMARK,PROTO,asn,geoip,hook-packets,iface,ipp2p,psd}
}

part_selftest() { tests/selftest/run; }
part_selfcheck() { tests/vm/run --selfcheck 6.1; }

# ---- running them

total_passed=0 total_failed=0 total_skipped=0
declare -A running=() began=()
id=check-$$-$RANDOM
started=$SECONDS

say() { printf '[%3d:%02d] %s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$*"; }

# What carries our mark and is no longer wanted: ended by number.
strays() {
	local p
	for p in /proc/[0-9]*; do
		[ "${p#/proc/}" != "$$" ] && grep -qsz "^XA_CHECK_ID=$id\$" "$p/environ" && echo "${p#/proc/}"
	done
	return 0
}

# A part that has ended may still have a process that is about to: on a busy machine,
# half a minute later.
no_strays() {
	local left tries=${XA_STRAY_SECONDS:-30}
	while left=$(strays | paste -sd,); [ -n "$left" ]; do
		[ $((tries -= 1)) -ge 0 ] || break
		sleep 1
	done
	[ -n "$left" ] || return 0
	echo "not ok check: no process is left behind (expected none, got the following)"
	ps -o pid=,args= -p "$left"
	total_failed=$((total_failed + 1))
}

cleanup() {
	local p
	trap '' INT TERM
	for p in "${!running[@]}"; do
		kill -TERM -- "-$p" 2>/dev/null
	done
	[ ${#running[@]} -eq 0 ] || sleep 2
	for p in $(strays); do
		kill -KILL "$p" 2>/dev/null
	done
}
# begin NAME FUNC ARG...: in the background, in a session of its own
begin() {
	local name=$1
	shift
	say "$name ..."
	XA_CHECK_ID=$id setsid bash -c "$(declare -f "$1" copy_tree fuzz_seconds); $(declare -p top thorough)
		$*; rc=\$?; times >'$logs/$name.cpu'; exit \$rc" </dev/null >"$logs/$name.log" 2>&1 {lock}>&- &
	running[$!]=$name
	began[$!]=$SECONDS
}

# count NAME STATUS: the closing line; a part without one, or that ends badly
# and names no failure, has failed
count() {
	local name=$1 status=$2 line p=0 f=0 s=0
	line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$logs/$name.log" |
		awk '{ p += $1; f += $3; s += $5 } END { if (NR) print p, f, s }')
	[ -z "$line" ] || read -r p f s <<<"$line"
	if [ "$f" -eq 0 ] && { [ -z "$line" ] || [ "$status" -ne 0 ]; }; then
		f=1
		echo "not ok $name: ends well (expected status 0 and a closing line, got status $status)"
	fi
	total_passed=$((total_passed + p))
	total_failed=$((total_failed + f))
	total_skipped=$((total_skipped + s))
	result="$p passed, $f failed, $s skipped"
	[ "$f" -eq 0 ]
}

# What failed, with the lines that follow it, up to the next verdict
show_failures() {
	awk '/^(ok|skip) |^# / { show = 0 }
		/^not ok / { show = 16 }
		show-- > 0' "$1" | head -n 150 | cut -c1-400
}

# cpu NAME: seconds that the processes of a part have computed
cpu() {
	tr ' ms' '\n ' <"$logs/$1.cpu" 2>/dev/null |
		awk '{ s += 60 * $1 + $2 } END { printf "%.0f", s }'
}

# finish PID STATUS
finish() {
	local name=${running[$1]} took=$((SECONDS - began[$1])) log
	log=$logs/$name.log
	unset "running[$1]"
	if ! count "$name" "$2"; then
		if grep -qa '^not ok ' "$log"; then
			show_failures "$log"
		else
			tail -n 30 "$log"
		fi | sed 's/^/    /'
		echo "    (all of it: build/check/$name.log)"
	fi
	grep -a '^skip ' "$log" | sed 's/^/    /'
	say "$name: $result ($took s, CPU $(cpu "$name") s)"
	sed -n "s|^# \([a-z]*/[^ ]*\) took \([0-9.]*\) s\$|\2 \1 ($name)|p" "$log" >>"$logs/times"
}

# room N: wait until fewer than N parts run
room() {
	local pid status
	while [ ${#running[@]} -ge "$1" ]; do
		pid=
		wait -n -p pid "${!running[@]}"
		status=$?
		[ -n "$pid" ] || return
		finish "$pid" "$status"
	done
}

# part NAME FUNC ARG...: as soon as there is room. Guests sleep a third of their time,
# so that there is one part more than there are cores.
part() {
	room $(($(nproc) + 1))
	begin "$@"
}

# stock_kernels: what a stock kernel proves; in halves, which run side by side
stock_kernels() {
	local k half
	for k in "${kernels[@]}"; do
		for half in 1 2; do
			part "vm-$k-$half" part_vm "$k" $half/2
		done
		ran+=("vm-$k")
	done
	[ -z "$no_vm" ] || return
	part demo part_demo
	ran+=(demo)
}

fuzzers() {
	[ -n "$no_uml" ] || part guests-fuzz part_guests_fuzz
	part fuzz part_fuzz
	ran+=(fuzz)
}

# in_halves NAME BACKEND: all tests with sanitizers
in_halves() {
	local half
	for half in 1 2; do
		part "$1-$half" part_uml "$2" $half/2
	done
	ran+=("$1")
}

sanitizers() {
	[ -z "$uml" ] || in_halves uml nft
	[ -z "$legacy" ] || in_halves uml-legacy legacy
}

selftests() {
	[ -n "$no_uml" ] || { part selftest part_selftest; part late part_late; }
	[ -n "$no_vm" ] || part selfcheck part_selfcheck
	ran+=(thorough)
}

slowest() {
	[ -s "$logs/times" ] || return
	sort -rn -o "$logs/times" "$logs/times"
	echo "slowest tests, in seconds:"
	head -n 10 "$logs/times" | sed 's/^/    /'
}

left_out() {
	local part
	for part in vm-6.1 rules demo fuzz "${beds[@]}"; do
		[[ " ${ran[*]} " == *" $part "* ]] || echo "not run: $part: ${about[$part]}"
	done
}

main() {
	local lock sets=(build lint fuzz data) ran=()
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir -p "$logs"
	exec {lock}>"$logs/.lock"
	flock -n "$lock" || { echo "check.sh: another run is under way in this tree" >&2; exit 1; }
	rm -f "$logs"/*.log "$logs"/*.cpu "$logs/times"
	[ -n "$no_vm" ] || sets+=(vm)
	[ -n "$no_uml" ] || sets+=(uml)
	say "packages: ${sets[*]}"
	tests/deps.sh "${sets[@]}" || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

	export XA_KERNELS="${kernels[*]}"
	# the units that take longest are whole only there
	[ -z "$thorough" ] || export XA_THOROUGH=1
	if [ -n "$mutate" ]; then
		part mutate-1 part_mutate 1/2
		part mutate-2 part_mutate 2/2
		room 1
		finish_run
		return
	fi
	# The longest first: the sanitizer kernel is built while the rest is tested.
	[ -n "$no_uml" ] || { part rules part_rules; ran+=(rules); }
	begin build part_build
	while [[ " ${running[*]} " == *" build "* ]]; do
		room ${#running[@]}
	done
	part unit part_unit
	[ -n "$no_uml" ] || sanitizers
	stock_kernels
	[ -n "$quick" ] || fuzzers
	part lint part_lint
	[ -z "$thorough" ] || selftests
	room 1
	finish_run
}

finish_run() {
	no_strays
	say "done"
	slowest
	[ -n "$mutate" ] || left_out
	echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
	[ "$total_failed" -eq 0 ]
}

# Read whole before anything runs, so that the file can be edited meanwhile.
{ options "$@"; main; exit; }
