# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD
-p tcp -j DELUDE;=;OK
-p tcp -m tcp --dport 80 -j DELUDE;=;OK
-p tcp -j DELUDE --delude;;FAIL
-j DELUDE;;FAIL
! -p tcp -j DELUDE;;FAIL
-p udp -j DELUDE;;FAIL
:OUTPUT
-p tcp -j DELUDE;;FAIL
*mangle
:INPUT
-p tcp -j DELUDE;;FAIL
