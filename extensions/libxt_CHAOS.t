# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-j CHAOS;=;OK
-j CHAOS --delude;=;OK
-j CHAOS --tarpit;=;OK
-p tcp -j CHAOS --delude;=;OK
-p udp -j CHAOS --tarpit;=;OK
-j CHAOS --delude --tarpit;;FAIL
-j CHAOS --delude --delude;;FAIL
-j CHAOS ! --delude;;FAIL
-j CHAOS --reset;;FAIL
*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-j CHAOS;;FAIL;KERNEL
