#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh itself, on a tree whose parts only pretend: the sums, a part that
# dies, a process that stays, and being interrupted.
set -u
. "$XA_TOP/tests/hostlib.sh"
tree=$XA_TMP/tree

program() {	# FILE, its text on stdin
	mkdir -p "$(dirname "$tree/$1")"
	{ echo '#!/bin/bash'; cat; } >"$tree/$1"
	chmod +x "$tree/$1"
}

make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/tests"
	cp "$XA_TOP/check.sh" "$tree/"
	program tests/deps.sh </dev/null
	program tests/vm/kernel <<<"NAMES='5.10 6.1 6.12 7.2'"
	program autogen.sh <<-'END'
	cat >configure <<'FILE'
	cp ../src/Makefile.in Makefile
	FILE
	chmod +x configure
	END
	printf 'all:\n\t@:\nlint check:\n\t@echo "10 passed, 0 failed, 1 skipped"\ndistcheck:\n\t@echo "11 passed, 0 failed, 1 skipped"\n' >"$tree/Makefile.in"
	program tests/vm/run <<-'END'
	echo "ok vm: ${XA_BACKENDS:-} ${XA_SHARE:-} $*"
	echo "# t/one took 7.50 s"
	case $*:${XA_SHARE:-} in
	*--selfcheck*) n=5 ;;
	*:1/2) n=60 ;;
	*:2/2) n=40 ;;
	*) n=50 ;;
	esac
	echo "$n passed, 0 failed, 0 skipped"
	END
	program tests/uml <<-'END'
	case ${XA_SHARE:-} in
	1/2) n=600 ;;
	2/2) n=400 ;;
	*) n=1000 ;;
	esac
	echo "ok uml: ${XA_BACKENDS:-}"
	echo "# behaviour/long took 12.25 s"
	echo "$n passed, 0 failed, 0 skipped"
	END
	program tests/mutate <<<'echo "70 passed, 0 failed, 0 skipped"'
	program tests/selftest/run <<<'echo "20 passed, 0 failed, 0 skipped"'
	program demo.sh </dev/null
	(cd "$tree" && find . -type f -printf '%P\n' >"$XA_TMP/files" && mv "$XA_TMP/files" MANIFEST)
}

# last LINE STATUS ARG...: what check.sh ends with
last() {
	local line=$1 status=$2 rc
	shift 2
	"$tree/check.sh" "$@" >"$XA_TMP/printed" 2>&1
	rc=$?
	cat "$XA_TMP/printed"
	[ "$(tail -n 1 "$XA_TMP/printed")" = "$line" ] && [ "$rc" -eq "$status" ]
}
printed() { grep -F -- "$1" "$XA_TMP/printed"; }

log_has() { grep -q -- "$2" "$tree/build/check/$1.log"; }
not_printed() { ! printed "$1"; }

make_tree
# build 1; lint, unit 10 each and 1 skipped; rules; guest fuzzers; 6.1 in two shares; demo; no driver: skipped
check "adds up all parts" last "2122 passed, 0 failed, 3 skipped" 0
check "all tests on a stock kernel" log_has vm-6.1-2 "ok vm: nft 2/2 .* 6.1"
check "names a bed that it did not run" printed "not run: vm-6.12: "
check "names each of them" [ "$(grep -c '^not run: ' "$XA_TMP/printed")" -eq 6 ]
check "tells the slowest test first" grep -A1 '^slowest' "$XA_TMP/printed"
check "in seconds" printed "12.25 behaviour/long (guests-fuzz)"
check "and CPU seconds of a part" grep -qE ' rules: 1000 passed, .* s, CPU [0-9]+ s\)' "$XA_TMP/printed"
check "without beds" last "21 passed, 0 failed, 3 skipped" 0 --no-vm --no-uml
check "names these as well" printed "not run: uml: "
check "the quick run" last "1021 passed, 0 failed, 2 skipped" 0 --quick
check "a kernel that runs anyway" last "2122 passed, 0 failed, 3 skipped" 0 --kernel 6.1
check "another one" last "2222 passed, 0 failed, 3 skipped" 0 --kernel 7.2
check "was that one" log_has vm-7.2-2 "ok vm: nft 2/2 .* 7.2"
check "a bed by its number" last "2222 passed, 0 failed, 3 skipped" 0 --bed 13
check "has its own back end" log_has vm-6.12-1 "ok vm: legacy 1/2 .* 6.12"
check "a bed by its name" last "3122 passed, 0 failed, 3 skipped" 0 --bed uml-legacy
check "with legacy tables" log_has uml-legacy-1 "ok uml: legacy"
check "the thorough bed" last "3148 passed, 0 failed, 3 skipped" 0 --bed thorough
check "all of it" last "5448 passed, 0 failed, 3 skipped" 0 --full
check "leaves nothing out" not_printed "not run:"
check "planted defects, and nothing else" last "140 passed, 0 failed, 0 skipped" 0 --mutate

program tests/vm/run <<<'[ ${!#} = 6.1 ] && exit 0; echo "not ok vm: it"; echo "100 passed, 1 failed, 0 skipped"; exit 1'
check "parts without a closing line, and one that fails" last "2222 passed, 4 failed, 3 skipped" 1 --kernel 6.1 --kernel 7.2
check "says which" printed "not ok vm-6.1-1: ends well"
check "shows what failed" printed "not ok vm: it"
program tests/vm/run <<<'echo "100 passed, 0 failed, 0 skipped"; exit 126'
check "a part that says well and ends badly" last "2222 passed, 2 failed, 3 skipped" 1
program tests/vm/run <<<'kill -KILL $$'
check "a part that is killed" last "2022 passed, 2 failed, 3 skipped" 1
program tests/vm/run <<<'echo "0 passed, 0 failed, 0 skipped"; exit 77'
check "a bed that cannot run is no success" last "2022 passed, 2 failed, 3 skipped" 1
program tests/deps.sh <<<'exit 1'
check "packages that are missing" last "0 passed, 1 failed, 0 skipped" 1

make_tree
program tests/vm/run <<-END
setsid sleep 6 </dev/null >/dev/null 2>&1 &
echo "100 passed, 0 failed, 0 skipped"
END
check "a process that is about to end is waited for" last "2222 passed, 0 failed, 3 skipped" 0

# The number of the process that stays is in a file; only that one is looked at.
make_tree
program tests/vm/run <<-END
setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo \$! >$XA_TMP/stayed
echo "100 passed, 0 failed, 0 skipped"
END
gone() { local i; for i in 1 2 3 4 5 6 7 8 9 10; do [ -e "/proc/$(cat "$1")" ] || return 0; sleep 1; done; return 1; }
export XA_STRAY_SECONDS=3
check "a process that stays" last "2222 passed, 1 failed, 3 skipped" 1
check "is named" printed "sleep 1000"
check "is ended" gone "$XA_TMP/stayed"

second_is_refused() {
	local rc
	rm -f "$XA_TMP/stayed"
	"$tree/check.sh" --no-uml >/dev/null 2>&1 &
	while [ ! -s "$XA_TMP/stayed" ]; do
		[ -e "/proc/$!" ] || return 1
		sleep 0.2
	done
	"$tree/check.sh" --no-vm --no-uml >"$XA_TMP/printed" 2>&1
	rc=$?
	kill -TERM "$!"
	wait "$!"
	[ "$rc" -eq 1 ] && printed "another run is under way"
}

interrupted() {
	rm -f "$XA_TMP/stayed"
	"$tree/check.sh" --no-uml >"$XA_TMP/printed" 2>&1 &
	local pid=$! i
	for i in {1..60}; do
		[ -s "$XA_TMP/stayed" ] && break
		sleep 1
	done
	kill -TERM "$pid"
	wait "$pid"
	[ $? -eq 143 ] && [ "$i" -lt 60 ]
}
program tests/vm/run <<-END
setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo \$! >$XA_TMP/stayed
sleep 1000
END
check "can be interrupted" interrupted
check "two runs in one tree" second_is_refused
check "and ends what it began" gone "$XA_TMP/stayed"
