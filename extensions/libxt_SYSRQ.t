# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-p udp -j SYSRQ;=;OK
-p udplite -j SYSRQ;=;OK
-p 17 -j SYSRQ;-p udp -j SYSRQ;OK
-p udp -m udp --dport 9 -j SYSRQ;=;OK
-p udp -m udp --dport 9 -m limit --limit 5/min -j SYSRQ;=;OK
-p udp -j SYSRQ --password cookies;;FAIL
-p udp -j SYSRQ --sysrq;;FAIL
-j SYSRQ;;FAIL;KERNEL
-p all -j SYSRQ;;FAIL;KERNEL
! -p udp -j SYSRQ;;FAIL;KERNEL
! -p udplite -j SYSRQ;;FAIL;KERNEL
-p tcp -j SYSRQ;;FAIL;KERNEL
-p 16 -j SYSRQ;;FAIL;KERNEL
-p 18 -j SYSRQ;;FAIL;KERNEL
-p 135 -j SYSRQ;;FAIL;KERNEL
-p 137 -j SYSRQ;;FAIL;KERNEL
*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-p udp -j SYSRQ;=;OK
*raw
:PREROUTING,OUTPUT
-p udp -j SYSRQ;=;OK
