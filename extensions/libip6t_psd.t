# SPDX-License-Identifier: GPL-2.0-only
# What has no address in it is refused as in IPv4: libxt_psd.t.
:INPUT
-m psd;-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1;=;OK
-m psd --psd-weight-threshold 10000 --psd-delay-threshold 10000 --psd-lo-ports-weight 10000 --psd-hi-ports-weight 10000;=;OK
-m psd --psd-weight-threshold 1 --psd-delay-threshold 0 --psd-lo-ports-weight 0 --psd-hi-ports-weight 1;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-srcmask 1;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-srcmask 32;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-srcmask 64;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-srcmask 127;=;OK
-m psd --psd-srcmask 128;-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1;OK
-m psd --psd-srcmask 129;;FAIL
-m psd --psd-srcmask 0;;FAIL
-m psd ! --psd-srcmask 64;;FAIL
-m psd --psd-weight-threshold 10001;;FAIL
-m psd --psd-weight-threshold 0;;FAIL
-m psd --psd-delay-threshold 10001;;FAIL
-m psd --psd-lo-ports-weight 10001;;FAIL
-m psd --psd-hi-ports-weight 10001;;FAIL
-m psd --psd-lo-ports-weight 0 --psd-hi-ports-weight 0;;FAIL
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-dstmask 1;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-dstmask 64;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-dstmask 128;=;OK
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1 --psd-srcmask 24 --psd-dstmask 24;=;OK
-m psd --psd-dstmask 0;-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1;OK
-m psd --psd-dstmask 129;;FAIL
-m psd --psd-dstmask -1;;FAIL
-m psd --psd-dstmask 24 --psd-dstmask 24;;FAIL
-m psd ! --psd-dstmask 24;;FAIL
:FORWARD,OUTPUT
-m psd --psd-weight-threshold 21 --psd-delay-threshold 300 --psd-lo-ports-weight 3 --psd-hi-ports-weight 1;=;OK
