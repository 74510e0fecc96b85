# SPDX-License-Identifier: GPL-2.0-only
# family: 4
:POSTROUTING,OUTPUT,PREROUTING
*nat
-j DNETMAP;=;OK
-j DNETMAP --prefix 20.0.0.0/26;=;OK
-j DNETMAP --prefix 20.0.0.0/255.255.255.192;-j DNETMAP --prefix 20.0.0.0/26;OK
-j DNETMAP --prefix 20.0.0.0/255.255.255.64;;FAIL
-j DNETMAP --prefix 20.0.1.0/26 --reuse --static --persistent --ttl 200;=;OK
# as the existing implementation saves it
-j DNETMAP  --prefix 20.0.1.0/26  --reuse  --static  --persistent  --ttl 200 ;-j DNETMAP --prefix 20.0.1.0/26 --reuse --static --persistent --ttl 200;OK
-j DNETMAP --ttl 5 --persistent --static --reuse --prefix 20.0.1.0/26;-j DNETMAP --prefix 20.0.1.0/26 --reuse --static --persistent --ttl 5;OK
-j DNETMAP --prefix 20.0.0.0/7;;FAIL
-j DNETMAP --prefix 20.0.0.0/8;=;OK
-j DNETMAP --prefix 20.0.0.0/9;=;OK
-j DNETMAP --prefix 20.0.0.0/31;=;OK
-j DNETMAP --prefix 20.0.0.7/32;=;OK
-j DNETMAP --prefix 20.0.0.7;-j DNETMAP --prefix 20.0.0.7/32;OK
-j DNETMAP --prefix 20.0.0.0/33;;FAIL
-j DNETMAP --prefix 0.0.0.0/0;;FAIL
-j DNETMAP --prefix 20.0.0.1/26;;FAIL
-j DNETMAP --prefix 20.0.0.0/-1;;FAIL
-j DNETMAP --prefix 20.0.0.0/;;FAIL
-j DNETMAP --prefix /26;;FAIL
-j DNETMAP --prefix 20.0.0/24;;FAIL
-j DNETMAP --prefix 20.0.0.256/32;;FAIL
-j DNETMAP --prefix fd00::/64;;FAIL
-j DNETMAP --prefix public;;FAIL
-j DNETMAP --prefix "";;FAIL
-j DNETMAP --prefix;;FAIL
-j DNETMAP ! --prefix 20.0.0.0/26;;FAIL
-j DNETMAP --prefix 20.0.0.0/26 --prefix 20.0.0.64/26;;FAIL
-j DNETMAP --ttl 0;=;OK
-j DNETMAP --ttl 1;=;OK
-j DNETMAP --ttl -1;=;OK
-j DNETMAP --ttl 2147483647;=;OK
-j DNETMAP --ttl 2147483648;;FAIL
-j DNETMAP --ttl -2147483648;=;OK
-j DNETMAP --ttl -2147483649;;FAIL
-j DNETMAP --ttl 10s;;FAIL
-j DNETMAP --ttl "";;FAIL
-j DNETMAP --ttl;;FAIL
-j DNETMAP ! --ttl 5;;FAIL
-j DNETMAP --ttl 5 --ttl 5;;FAIL
-j DNETMAP --reuse;=;OK
-j DNETMAP --reuse --reuse;;FAIL
-j DNETMAP ! --reuse;;FAIL
-j DNETMAP --static;=;OK
-j DNETMAP --static --static;;FAIL
-j DNETMAP ! --static;;FAIL
-j DNETMAP --prefix 20.0.2.0/26 --persistent;=;OK
-j DNETMAP --persistent;;FAIL
-j DNETMAP --prefix 20.0.0.0/26 --persistent --persistent;;FAIL
-j DNETMAP --prefix 20.0.0.0/26 ! --persistent;;FAIL
:INPUT
-j DNETMAP;;FAIL;KERNEL
*filter
:OUTPUT
-j DNETMAP;;FAIL;KERNEL
*mangle
:POSTROUTING
-j DNETMAP;;FAIL;KERNEL
