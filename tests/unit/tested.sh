#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tests/tested: what of logs becomes a line of the table, and what is refused.
set -u
. "$XA_TOP/tests/hostlib.sh"

mkdir -p "$XA_TMP/tree/tests" "$XA_TMP/tree/doc"
cp "$XA_TOP/tests/tested" "$XA_TMP/tree/tests/"
cd "$XA_TMP" || exit 1
tested() { tree/tests/tested "$@" 2>&1 | sed "s/$(date +%F)/today/"; }
# log COMMIT SHARE PASSED FAILED [LINE]
log() {
	[ -z "$1" ] || echo "# tree: $1"
	printf '# guest: 7.2.13-uml x86_64 %s nft v1.8.9\n%s passed, %s failed, 1 skipped\n' "$2" "$3" "$4"
	[ $# -lt 5 ] || echo "$5"
}
log abc1234 1/2 10 0 >one
log abc1234 2/2 5 0 >two
log abc1234 2/2 5 0 "not ok uml: the kernel's log is clean" >red
log abc1234-dirty 2/2 5 0 >dirty
log def5678 2/2 5 0 >other
log '' all 20 0 >silent
sed '$d' two >died
tab=$'\t'
cell="7.2 x86_64 uml nft"
row() { echo "$cell${tab}7.2.13-uml${tab}v1.8.9${tab}$1${tab}$2${tab}$3${tab}$4${tab}today"; }
expect "halves are added up" "$(row 15 0 2 abc1234)" "$(tested one two)"
cp tree/doc/tested.tsv before
expect "a complaint of the kernel behind the sum is a failure" "$(row 15 1 2 abc1234)" "$(tested one red)"
cp before tree/doc/tested.tsv
expect "one half alone" "tested: $cell: one part of 2 is missing, or has no sum" "$(tested one)"
expect "a half that died" "tested: $cell: one part of 2 is missing, or has no sum" "$(tested one died)"
expect "halves of two commits" "tested: $cell: of two commits: abc1234, def5678" "$(tested one other)"
expect "a tree that is no commit" "tested: $cell: of a tree that is no commit (abc1234-dirty)" "$(tested dirty | head -n 1)"
expect "a log that does not say its commit" "tested: $cell: of which commit? (--commit)" "$(tested silent)"
check "none of these changed the table" cmp before tree/doc/tested.tsv
expect "a log whose commit is given" "$(row 20 0 1 1234567)" "$(tested --commit 1234567 silent)"
check "which is in the page" grep -F "| $cell | 7.2.13-uml | v1.8.9 | 20 | 0 | 1 | 1234567 |" tree/doc/tested.md
