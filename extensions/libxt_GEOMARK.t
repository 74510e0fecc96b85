# SPDX-License-Identifier: GPL-2.0-only
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
*mangle
-j GEOMARK --addr src --nfmask 0x3ff;=;OK
-j GEOMARK --addr orig --nfmask 0x3ff --ctmask 0x3ff;=;OK
:PREROUTING
-j GEOMARK --addr dst --nfmask 0x3ff;=;OK
-j GEOMARK --addr orig --nfmask 0x3ff;=;OK
-j GEOMARK --addr src --nfmask 0xffc00000;=;OK
-j GEOMARK --addr src --nfmask 0xffffffff;=;OK
-j GEOMARK --addr src --nfmask 1023;-j GEOMARK --addr src --nfmask 0x3ff;OK
-j GEOMARK --addr src --ctmask 0x3ff000;=;OK
-j GEOMARK --ctmask 0x7ff --addr orig --nfmask 0x3ff0;-j GEOMARK --addr orig --nfmask 0x3ff0 --ctmask 0x7ff;OK
-j GEOMARK --addr src --asn --ctmask 0xffffffff;=;OK
-j GEOMARK --asn --nfmask 0xffff --addr dst;-j GEOMARK --addr dst --asn --nfmask 0xffff;OK
-j GEOMARK --addr orig --asn --nfmask 0xfffff000;=;OK
-j GEOMARK --addr src --nfmask 0x1ff;;FAIL
-j GEOMARK --addr src --nfmask 0xff800000;;FAIL
-j GEOMARK --addr src --nfmask 0;;FAIL
-j GEOMARK --addr src --nfmask 0x3ff --ctmask 0;;FAIL
-j GEOMARK --addr src --nfmask 0x7fd;;FAIL
-j GEOMARK --addr src --nfmask 0x800003ff;;FAIL
-j GEOMARK --addr src --nfmask 0x100000000;;FAIL
-j GEOMARK --addr src --nfmask -1;;FAIL
-j GEOMARK --addr src --nfmask 0x3ff/0x3ff;;FAIL
-j GEOMARK --addr src --asn --nfmask 0x7fff;;FAIL
-j GEOMARK --addr src --asn --ctmask 0xffff0000;=;OK
-j GEOMARK --addr src --ctmask 0x5ff;;FAIL
-j GEOMARK --addr source --nfmask 0x3ff;;FAIL
-j GEOMARK --addr "" --nfmask 0x3ff;;FAIL
-j GEOMARK --addr src --addr dst --nfmask 0x3ff;;FAIL
-j GEOMARK --addr src --nfmask 0x3ff --nfmask 0x3ff0;;FAIL
-j GEOMARK --addr src --asn --asn --nfmask 0xffff;;FAIL
-j GEOMARK ! --addr src --nfmask 0x3ff;;FAIL
-j GEOMARK --nfmask 0x3ff;;FAIL
-j GEOMARK --addr src;;FAIL
-j GEOMARK;;FAIL
*raw
:PREROUTING,OUTPUT
-j GEOMARK --addr src --nfmask 0x3ff;=;OK
*filter
:INPUT,OUTPUT
-j GEOMARK --addr dst --nfmask 0x3ff;=;OK
