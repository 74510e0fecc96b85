#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The packet tool's own tests, with the sanitizers.
set -u
. "$XA_TOP/tests/hostlib.sh"
check "make -C tests check" make -s -C "$XA_TOP/tests" O="$XA_TMP/tools" check
