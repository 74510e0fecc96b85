# SPDX-License-Identifier: GPL-2.0-only
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
*mangle
-j IPMARK --addr src;=;OK
-j IPMARK --addr dst;=;OK
-j IPMARK --addr dst --and-mask 0xffff --or-mask 0x10000;=;OK
-j IPMARK --addr src --shift 8 --and-mask 0xffff --or-mask 0x10000;=;OK
-j IPMARK --addr src --shift 0;-j IPMARK --addr src;OK
-j IPMARK --addr src --shift 1;=;OK
-j IPMARK --addr src --shift 128;=;OK
-j IPMARK --addr src --shift 129;;FAIL
-j IPMARK --addr src --shift -1;;FAIL
-j IPMARK --addr src --and-mask 0;-j IPMARK --addr src --and-mask 0x0;OK
-j IPMARK --addr src --and-mask 255;-j IPMARK --addr src --and-mask 0xff;OK
-j IPMARK --addr src --and-mask 0xffffffff;-j IPMARK --addr src;OK
-j IPMARK --addr src --and-mask 0x100000000;;FAIL
-j IPMARK --addr src --or-mask 0;-j IPMARK --addr src;OK
-j IPMARK --addr src --or-mask 0xffffffff;=;OK
-j IPMARK --addr src --or-mask 4294967296;;FAIL
-j IPMARK --addr source;;FAIL
-j IPMARK --addr;;FAIL
-j IPMARK --addr src --addr dst;;FAIL
-j IPMARK --addr src --shift 1 --shift 2;;FAIL
-j IPMARK ! --addr src;;FAIL
-j IPMARK --and-mask 0xffff;;FAIL
-j IPMARK;;FAIL
*filter
:INPUT
-j IPMARK --addr src;;FAIL;KERNEL
