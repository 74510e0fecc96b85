# SPDX-License-Identifier: GPL-2.0-only
# IPv6 rules are in libip6t_ACCOUNT.t.
:INPUT,FORWARD,OUTPUT
-j ACCOUNT --addr 192.168.1.0/24 --tname sales;=;OK
-j ACCOUNT --tname sales --addr 192.168.1.0/24;-j ACCOUNT --addr 192.168.1.0/24 --tname sales;OK
# as the existing implementation saves it: two blanks, name not quoted
-j ACCOUNT --addr 192.168.1.0/24  --tname sales;-j ACCOUNT --addr 192.168.1.0/24 --tname sales;OK
# the networks: limits, one past each limit
-j ACCOUNT --addr 10.0.0.0/8 --tname t8;=;OK
-j ACCOUNT --addr 10.0.0.0/9 --tname t9;=;OK
-j ACCOUNT --addr 10.1.0.0/15 --tname t15;-j ACCOUNT --addr 10.0.0.0/15 --tname t15;OK
-j ACCOUNT --addr 10.1.0.0/16 --tname t16;=;OK
-j ACCOUNT --addr 10.1.2.0/23 --tname t23;=;OK
-j ACCOUNT --addr 10.1.2.128/25 --tname t25;=;OK
-j ACCOUNT --addr 10.1.2.130/31 --tname t31;=;OK
-j ACCOUNT --addr 1.2.3.4/32 --tname one;-j ACCOUNT --addr 1.2.3.4 --tname one;OK
-j ACCOUNT --addr 1.2.3.4 --tname one;=;OK
-j ACCOUNT --addr 255.255.255.255 --tname last;=;OK
-j ACCOUNT --addr 0.0.0.0 --tname zero;=;OK
-j ACCOUNT --addr 0.0.0.0/0 --tname all_outgoing;=;OK
-j ACCOUNT --addr 0/0 --tname all;-j ACCOUNT --addr 0.0.0.0/0 --tname all;OK
-j ACCOUNT --addr 1.2.3.4/0 --tname all;-j ACCOUNT --addr 0.0.0.0/0 --tname all;OK
-j ACCOUNT --addr 0.0.0.0/1 --tname t;;FAIL
-j ACCOUNT --addr 128.0.0.0/1 --tname t;;FAIL
-j ACCOUNT --addr 64.0.0.0/2 --tname t;;FAIL
-j ACCOUNT --addr 32.0.0.0/3 --tname t;;FAIL
-j ACCOUNT --addr 16.0.0.0/4 --tname t;;FAIL
-j ACCOUNT --addr 8.0.0.0/5 --tname t;;FAIL
-j ACCOUNT --addr 8.0.0.0/6 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/7 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/33 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/-8 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/ --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/8x --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/8/8 --tname t;;FAIL
# host bits, short forms, masks
-j ACCOUNT --addr 192.168.1.77/24 --tname sales;-j ACCOUNT --addr 192.168.1.0/24 --tname sales;OK
-j ACCOUNT --addr 10/8 --tname short;-j ACCOUNT --addr 10.0.0.0/8 --tname short;OK
-j ACCOUNT --addr 172.16.3.4/255.240.0.0 --tname mask;-j ACCOUNT --addr 172.16.0.0/12 --tname mask;OK
-j ACCOUNT --addr 10.1.2.3/255.255.255.255 --tname mask2;-j ACCOUNT --addr 10.1.2.3 --tname mask2;OK
-j ACCOUNT --addr 10.1.2.3/0.0.0.0 --tname mask3;-j ACCOUNT --addr 0.0.0.0/0 --tname mask3;OK
-j ACCOUNT --addr 10.0.0.0/254.0.0.0 --tname mask;;FAIL
-j ACCOUNT --addr 10.0.0.0/255.0.255.0 --tname gap;;FAIL
-j ACCOUNT --addr 10.0.0.0/0.0.0.255 --tname gap;;FAIL
-j ACCOUNT --addr 10.0.0.0/255.255.255.253 --tname gap;;FAIL
# not a network, or more than one
-j ACCOUNT --addr localhost --tname lo;-j ACCOUNT --addr 127.0.0.1 --tname lo;OK
-j ACCOUNT --addr 256.0.0.0/24 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.1,10.0.0.2 --tname t;;FAIL
-j ACCOUNT --addr nohost.invalid --tname t;;FAIL
-j ACCOUNT --addr "" --tname t;;FAIL
-j ACCOUNT --addr fd00::/64 --tname t;;FAIL
# names: limits, one past each limit, bytes that need quotes
-j ACCOUNT --addr 10.0.0.0/24 --tname a;=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname 1234567890123456789012345678901;=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname 12345678901234567890123456789012;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname "";;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname "sales dept";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname " ";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "say \"hi\"";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "back\\slash";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "\\";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "it's";-j ACCOUNT --addr 10.0.0.0/24 --tname "it\'s";OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "10.0.0.0/24";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "100%s%n";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "!";=;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname "a-b_c";-j ACCOUNT --addr 10.0.0.0/24 --tname a-b_c;OK
-j ACCOUNT --addr 10.0.0.0/24 --tname -t;;FAIL
-j ACCOUNT --tname --addr 10.0.0.0/24;;FAIL
# repeats, inversion, what is missing or does not exist
-j ACCOUNT --addr 10.0.0.0/24 --addr 10.0.0.0/24 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname t --tname t;;FAIL
-j ACCOUNT ! --addr 10.0.0.0/24 --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 ! --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/24;;FAIL
-j ACCOUNT --tname t;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname;;FAIL
-j ACCOUNT --tname t --addr;;FAIL
-j ACCOUNT;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname t --per 32;;FAIL
-j ACCOUNT --addr 10.0.0.0/24 --tname t --nosuch;;FAIL
