# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-p udp -j ECHO;=;OK
-p udp -m udp --dport 7 -j ECHO;=;OK
-p udp -j ECHO --echo;;FAIL
-j ECHO;;FAIL;KERNEL
! -p udp -j ECHO;;FAIL;KERNEL
-p tcp -j ECHO;;FAIL;KERNEL
*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-p udp -j ECHO;;FAIL;KERNEL
