# SPDX-License-Identifier: GPL-2.0-only
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
*mangle
-j PROTO --proto-set 0;=;OK
-j PROTO --proto-set 17;=;OK
-j PROTO --proto-set 255;=;OK
-j PROTO --proto-set 17 --stop-at-frag;=;OK
-j PROTO --proto-set 17 --stop-at-auth;=;OK
-j PROTO --proto-set 17 --stop-at-frag --stop-at-auth;=;OK
-j PROTO --stop-at-auth --stop-at-frag --proto-set 17;-j PROTO --proto-set 17 --stop-at-frag --stop-at-auth;OK
-j PROTO --proto-set 0x11;-j PROTO --proto-set 17;OK
-j PROTO --proto-set 256;;FAIL
-j PROTO --proto-set -1;;FAIL
-j PROTO --proto-set udp;;FAIL
-j PROTO ! --proto-set 17;;FAIL
-j PROTO --proto-set 17 --proto-set 6;;FAIL
-j PROTO --proto-set 17 --stop-at-frag --stop-at-frag;;FAIL
-j PROTO --proto-set 17 --stop-at-auth --stop-at-auth;;FAIL
-j PROTO --proto-set 17 ! --stop-at-frag;;FAIL
-j PROTO --proto-set;;FAIL
-j PROTO --stop-at-frag;;FAIL
-j PROTO --stop-at-auth;;FAIL
-j PROTO;;FAIL
*filter
:INPUT
-j PROTO --proto-set 17;;FAIL;KERNEL
