# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD
-p tcp -j DELUDE;=;OK
-p tcp -m tcp --dport 80 -j DELUDE;=;OK
-p tcp -j DELUDE --delude;;FAIL
-j DELUDE;;FAIL;KERNEL
! -p tcp -j DELUDE;;FAIL;KERNEL
-p udp -j DELUDE;;FAIL;KERNEL
:OUTPUT
-p tcp -j DELUDE;;FAIL;KERNEL
*mangle
:INPUT
-p tcp -j DELUDE;;FAIL;KERNEL
