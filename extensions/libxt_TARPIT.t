# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD
-p tcp -j TARPIT;-p tcp -j TARPIT --tarpit;OK
-p tcp -j TARPIT --tarpit;=;OK
-p tcp -j TARPIT --honeypot;=;OK
-p tcp -j TARPIT --reset;=;OK
-p tcp -m tcp --dport 80 -j TARPIT --tarpit;=;OK
-p tcp -j TARPIT --same-if;-p tcp -j TARPIT --tarpit --same-if;OK
-p tcp -j TARPIT --same-if --honeypot;-p tcp -j TARPIT --honeypot --same-if;OK
-p tcp -j TARPIT --reset --same-if;=;OK
-p tcp -m tcp --dport 80 -j TARPIT --same-if;-p tcp -m tcp --dport 80 -j TARPIT --tarpit --same-if;OK
-p tcp -j TARPIT --same-if --same-if;;FAIL
-p tcp -j TARPIT ! --same-if;;FAIL
-p tcp -j TARPIT --tarpit --honeypot;;FAIL
-p tcp -j TARPIT --tarpit --reset;;FAIL
-p tcp -j TARPIT --honeypot --reset;;FAIL
-p tcp -j TARPIT --tarpit --honeypot --reset;;FAIL
-p tcp -j TARPIT --tarpit --tarpit;;FAIL
-p tcp -j TARPIT ! --tarpit;;FAIL
-j TARPIT;;FAIL;KERNEL
! -p tcp -j TARPIT;;FAIL;KERNEL
-p udp -j TARPIT;;FAIL;KERNEL
:OUTPUT
-p tcp -j TARPIT;;FAIL;KERNEL
*mangle
:INPUT,FORWARD
-p tcp -j TARPIT --reset;=;OK
:PREROUTING,OUTPUT,POSTROUTING
-p tcp -j TARPIT --reset;;FAIL;KERNEL
*raw
:PREROUTING,OUTPUT
-p tcp -j TARPIT;;FAIL;KERNEL
