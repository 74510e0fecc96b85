#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The planted defects of tests/mutants still fit the sources that they are for.
set -u
. "$XA_TOP/tests/hostlib.sh"

check_none "each planted defect fits its file, and its tests are there" "$("$XA_TOP/tests/mutate" --fit 2>&1)"
check_none "no two have one name" "$("$XA_TOP/tests/mutate" --list | cut -f1 | sort | uniq -d)"
check_none "each verdict of tests/mutants.tsv is of a defect that is there" \
	"$(grep -v '^#' "$XA_TOP/tests/mutants.tsv" | cut -f1 | grep -vxF -f <("$XA_TOP/tests/mutate" --list | cut -f1))"
