#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Wanted: 10 ns at most for packets without options, which nearly all are.
. "${0%/*}/lib.sh"

cost 'no options' 'src=10.0.0.0/24 dst=192.0.2.1' -m ipv4options --flags lsrr,ssrr --any
finish
