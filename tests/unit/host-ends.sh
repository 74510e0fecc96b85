#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tests/host: a test that ends badly has failed, whatever it had printed.
set -u
. "$XA_TOP/tests/hostlib.sh"

mkdir -p "$XA_TMP/tree/tests/unit"
cp "$XA_TOP/tests/host" "$XA_TOP/tests/hostlib.sh" "$XA_TMP/tree/tests/"
# says what tests/host says of a test; its body comes on stdin
says() {
	{ echo 'echo "ok unit/one: so far"'; cat; } >"$XA_TMP/tree/tests/unit/one.sh"
	XA_KDIRS='' XA_RESULT='' "$XA_TMP/tree/tests/host" unit/one 2>/dev/null | grep -v '^#' | paste -sd'|'
}

so_far="ok unit/one: so far"
expect "one that ends well" "$so_far|1 passed, 0 failed, 0 skipped" "$(says </dev/null)"
expect "one that fails without a word" \
	"$so_far|not ok unit/one: exit status (expected 0, got 3)|1 passed, 1 failed, 0 skipped" "$(says <<<'exit 3')"
# perhaps before what it had printed has come through
died() { says | tr '|' '\n' | grep '^not ok'; }
lost="not ok unit/one: runs to its end (expected exit status 0, got 137)"
expect "one whose runner is killed" "$lost" "$(died <<<'kill -KILL $PPID; sleep 5')"
expect "one that is killed with all of its group" "$lost" "$(died <<<'kill -KILL 0')"
