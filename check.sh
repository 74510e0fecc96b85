#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that proves the project, on a fresh Debian 12 machine.
set -u
cd "$(dirname "$0")" || exit 1

top=$PWD
logs=$top/build/check
# the kernels that there are for tests
names=$(sed -n "s/^NAMES='\(.*\)'/\1/p" tests/vm/kernel)

usage() {
	cat <<-END
	usage: ./check.sh [--kernel NAME]... [--all] [--quick] [--no-vm] [--no-uml]

	Installs what it needs with apt (Debian 12, as root), builds with no warning,
	and runs lint, unit tests, and the tests of the extensions in virtual machines
	with stock kernels and in User-Mode Linux with sanitizers. The kernel and the
	firewall of this machine are not touched.

	  --kernel NAME  stock kernel to test on, one of $names; may be
	                 given several times (default: 6.1 and 6.12)
	  --all          all of them
	  --no-vm        no stock kernels
	  --no-uml       no User-Mode Linux
	  --quick        build, lint, unit tests and User-Mode Linux without the fuzzers
	  --selftest     also: do the test beds see what they are there for?

	Logs are in build/check. The last line is "N passed, N failed, N skipped"; exit
	status 1 if anything failed. Kernels stay in
	${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}.
	END
}

kernels=() quick='' no_vm='' no_uml='' selftest=''
options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel)
			[[ " $names " == *" ${2-none} "* ]] ||
				{ echo "check.sh: --kernel takes one of $names" >&2; exit 2; }
			kernels+=("$2")
			shift ;;
		--all) read -ra kernels <<<"$names" ;;
		--quick) quick=1 no_vm=1 ;;
		--no-vm) no_vm=1 ;;
		--no-uml) no_uml=1 ;;
		--selftest) selftest=1 ;;
		-h|--help) usage; exit 0 ;;
		*) usage >&2; exit 2 ;;
		esac
		shift
	done
	[ ${#kernels[@]} -gt 0 ] || kernels=(6.1 6.12)
	[ -z "$no_vm" ] || kernels=()
}

# ---- the parts: each prints lines of tests and "N passed, N failed, N skipped"

# A copy of the sources: a build in the checkout, or an editor, disturbs nothing.
copy_tree() {
	rm -rf build/src build/tree
	mkdir -p build/src build/tree
	if [ -e .git ]; then
		git ls-files --cached --others --exclude-standard | sort -u | while read -r f; do
			[ ! -f "$f" ] || echo "$f"
		done >build/src/MANIFEST
	else
		cp MANIFEST build/src/MANIFEST
	fi
	tar -cf - -T build/src/MANIFEST | tar -xf - -C build/src
}

# Headers of a kernel of this machine, the newest; nothing has to run it.
host_headers() {
	local d newest=''
	for d in $(printf '%s\n' /lib/modules/*/build /usr/src/linux-headers-*-"$(dpkg --print-architecture)" | sort -V); do
		[ -f "$d/include/generated/utsrelease.h" ] && newest=$d
	done
	echo "$newest"
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
	if [ -n "$quick" ]; then
		make -s -C build/tree check
	else
		# make check of the tarball, which is all that others get
		make -C build/tree distcheck
	fi
}

# Emulated kernels are slow, so each has the tests on one back end: 6.12 on legacy
# tables, the others on nf_tables, which all kernels have.
part_vm() {
	local backend=nft
	[ "$1" != 6.12 ] || backend=legacy
	XA_BACKENDS=$backend XA_TIMEOUT=1500 tests/vm/run --mem 2048 --timeout 4200 "$1"
}

# part_uml SHARE: here are both back ends, unless 6.12 has the legacy tables.
part_uml() {
	[[ " ${kernels[*]} " != *" 6.12 "* ]] || export XA_BACKENDS=nft
	# enough for every order of readers and senders; sanitizers make packets dear
	XA_PACKETS=${XA_PACKETS:-2000} XA_TIMEOUT=1500 XA_SHARE=$1 tests/uml --mem 2G --timeout 4200
}

# The same random numbers each time, so that what is red is so by a change.
part_guests_fuzz() { XA_FUZZ_SEED=${XA_FUZZ_SEED:-1} tests/uml --timeout 1200 fuzz/blob fuzz/reply fuzz/sockopt; }

part_fuzz() {
	if ! compgen -G 'tests/fuzz/fuzz_*.c' >/dev/null; then
		echo "skip fuzz: there is no libFuzzer driver yet"
		echo "0 passed, 0 failed, 1 skipped"
		return
	fi
	make -s -C tests O="$top/build/fuzz" FUZZ_SECONDS="${XA_FUZZ_SECONDS:-20}" fuzz &&
	echo "ok fuzz: libFuzzer found nothing" &&
	echo "1 passed, 0 failed, 0 skipped"
}

part_demo() {
	./demo.sh && echo "ok demo: all scenes play" && echo "1 passed, 0 failed, 0 skipped"
}

part_selftest() {
	local rc=0
	tests/selftest/run || rc=1
	[ ${#kernels[@]} -eq 0 ] || tests/vm/run --selfcheck "${kernels[0]}" || rc=1
	return $rc
}

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

# A part that has ended may still have a process that is about to.
no_strays() {
	local left
	left=$(strays)
	[ -z "$left" ] || sleep 2
	left=$(strays | paste -sd,)
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
	XA_CHECK_ID=$id setsid bash -c "$(declare -f "$1" copy_tree); $(declare -p top quick kernels); $*" \
		</dev/null >"$logs/$name.log" 2>&1 {lock}>&- &
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
	say "$name: $result ($took s)"
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

main() {
	local k lock sets=(build lint fuzz data)
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir -p "$logs"
	exec {lock}>"$logs/.lock"
	flock -n "$lock" || { echo "check.sh: another run is under way in this tree" >&2; exit 1; }
	rm -f "$logs"/*.log
	[ ${#kernels[@]} -eq 0 ] || sets+=(vm)
	[ -n "$no_uml" ] || sets+=(uml)
	say "packages: ${sets[*]}"
	tests/deps.sh "${sets[@]}" || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

	XA_KERNELS="${kernels[*]}" XA_KDIRS=$(host_headers)
	export XA_KERNELS XA_KDIRS
	# The longest first: the sanitizer kernel is built while the rest is tested.
	[ -n "$no_uml" ] || part uml-1 part_uml 1/2
	begin build part_build
	while [[ " ${running[*]} " == *" build "* ]]; do
		room ${#running[@]}
	done
	for k in "${kernels[@]}"; do
		part "vm-$k" part_vm "$k"
	done
	[ -n "$no_uml" ] || part uml-2 part_uml 2/2
	part lint part_lint
	part unit part_unit
	[ ${#kernels[@]} -eq 0 ] || part demo part_demo
	[ -n "$quick" ] || part fuzz part_fuzz
	[ -n "$quick$no_uml" ] || part guests-fuzz part_guests_fuzz
	[ -z "$selftest" ] || part selftest part_selftest
	room 1

	no_strays
	say "done"
	echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
	[ "$total_failed" -eq 0 ]
}

# Read whole before anything runs, so that the file can be edited meanwhile.
{ options "$@"; main; exit; }
