#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# pknock: who hangs in the file of a name stops nobody else
. "${0%/*}/../lib.sh"
. "${0%/*}/../hang.sh"

module=xt_pknock file=/proc/net/xt_pknock/SSH verbs=read text=
rule='filter INPUT -p tcp -m pknock --knockports 2000 --time 60 --name SSH'

# A host that is in makes a line; without one a reader has nothing to hang on.
hang_rule()
{
	ipt 4 "$1" -A INPUT -p tcp -m pknock --knockports 2000 --time 60 --name SSH
	in_ns "$1" pkt send --local 'ip src=127.0.0.1 dst=127.0.0.1 / tcp dport=2000' >/dev/null
}

is_new()
{
	[ "$(in_ns "$1" grep -c ALLOWED $file)" = 1 ]
}
check=is_new
hang_tests 'returned *' ''
