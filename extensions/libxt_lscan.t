# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-p tcp -m lscan;=;OK
-m lscan;;FAIL;KERNEL
-p tcp -m lscan --stealth;=;OK
-p tcp -m lscan --synscan;=;OK
-p tcp -m lscan --cnscan;=;OK
-p tcp -m lscan --grscan;=;OK
-p tcp -m lscan --mirai;=;OK
-p tcp -m tcp --dport 23 --tcp-flags FIN,SYN,RST,ACK SYN -m lscan --mirai;=;OK
-p tcp -m lscan --stealth --synscan --cnscan --grscan --mirai;=;OK
-p tcp -m lscan --mirai --grscan --cnscan --synscan --stealth;-p tcp -m lscan --stealth --synscan --cnscan --grscan --mirai;OK
-p tcp -m lscan --cnscan -m lscan --mirai;=;OK
-p tcp -m lscan --stealth --stealth;;FAIL
-p tcp -m lscan --synscan --synscan;;FAIL
-p tcp -m lscan --cnscan --cnscan;;FAIL
-p tcp -m lscan --grscan --grscan;;FAIL
-p tcp -m lscan --mirai --mirai;;FAIL
-p tcp -m lscan ! --stealth;;FAIL
-p tcp -m lscan ! --synscan;;FAIL
-p tcp -m lscan ! --cnscan;;FAIL
-p tcp -m lscan ! --grscan;;FAIL
-p tcp -m lscan ! --mirai;;FAIL
-p tcp -m lscan --stealth=1;;FAIL
-p tcp -m lscan --scan;;FAIL
-m lscan --stealth;;FAIL;KERNEL
-p udp -m lscan --stealth;;FAIL;KERNEL
! -p tcp -m lscan --stealth;;FAIL;KERNEL
*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-p tcp -m lscan --stealth --synscan --cnscan --grscan --mirai;=;OK
*raw
:PREROUTING,OUTPUT
-p tcp -m lscan --mirai;=;OK
-p tcp -m lscan --stealth;;FAIL;KERNEL
-p tcp -m lscan --synscan;;FAIL;KERNEL
-p tcp -m lscan --mirai --cnscan;;FAIL;KERNEL
-p tcp -m lscan --grscan;;FAIL;KERNEL
*nat
:PREROUTING,OUTPUT
-p tcp -m lscan --mirai;=;OK
-p tcp -m lscan --synscan;;FAIL;KERNEL
