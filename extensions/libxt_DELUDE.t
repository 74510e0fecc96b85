# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD
-p tcp -j DELUDE;=;OK
-p tcp -m tcp --dport 80 -j DELUDE;=;OK
-p tcp -j DELUDE --same-if;=;OK
-p tcp -m tcp --dport 80 -j DELUDE --same-if;=;OK
-p tcp -j DELUDE --same-if --same-if;;FAIL
-p tcp -j DELUDE ! --same-if;;FAIL
-p tcp -j DELUDE --delude;;FAIL
-j DELUDE;;FAIL;KERNEL
-j DELUDE --same-if;;FAIL;KERNEL
! -p tcp -j DELUDE;;FAIL;KERNEL
-p udp -j DELUDE;;FAIL;KERNEL
:OUTPUT
-p tcp -j DELUDE;;FAIL;KERNEL
*mangle
:INPUT
-p tcp -j DELUDE;;FAIL;KERNEL
