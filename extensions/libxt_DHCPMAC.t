# SPDX-License-Identifier: GPL-2.0-only
# family: 4
:FORWARD,INPUT
*mangle
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff;-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/48;OK
-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/48;=;OK
-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/49;;FAIL
-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/-1;;FAIL
-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/x;;FAIL
-p udp -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/;;FAIL
-p udp -j DHCPMAC --set-mac AB:CD:EF:00:00:00/24;=;OK
-p udp -j DHCPMAC --set-mac AB:CD:EF:12:34:56/24;-p udp -j DHCPMAC --set-mac AB:CD:EF:00:00:00/24;OK
-p udp -j DHCPMAC --set-mac FF:FF:FF:FF:FF:FF/47;-p udp -j DHCPMAC --set-mac FF:FF:FF:FF:FF:FE/47;OK
-p udp -j DHCPMAC --set-mac FF:FF:FF:FF:FF:FF/1;-p udp -j DHCPMAC --set-mac 80:00:00:00:00:00/1;OK
-p udp -j DHCPMAC --set-mac FF:FF:FF:FF:FF:FF/0;-p udp -j DHCPMAC --set-mac 00:00:00:00:00:00/0;OK
-p udp -j DHCPMAC --set-mac 0:1:2:3:4:5;-p udp -j DHCPMAC --set-mac 00:01:02:03:04:05/48;OK
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee;;FAIL
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff:00;;FAIL
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:100;;FAIL
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:0x1;;FAIL
-p udp -j DHCPMAC --set-mac aa-bb-cc-dd-ee-ff;;FAIL
-p udp -j DHCPMAC ! --set-mac aa:bb:cc:dd:ee:ff;;FAIL
-p udp -j DHCPMAC --set-mac 0:1:2:3:4:5 --set-mac 0:1:2:3:4:6;;FAIL
-p udp -j DHCPMAC;;FAIL
-p tcp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff;;FAIL;KERNEL
-j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff;;FAIL;KERNEL
-p udp -m udp --dport 67 -m dhcpmac --mac 00:50:56:00:00:00/24 -j DHCPMAC --set-mac AB:CD:EF:00:00:00/24;=;OK
*filter
:FORWARD,INPUT,OUTPUT
-p udp -j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff;;FAIL;KERNEL
-p udp -m dhcpmac --mac aa:bb:cc:dd:ee:ff;-p udp -m dhcpmac --mac AA:BB:CC:DD:EE:FF/48;OK
-p udp -m dhcpmac --mac AA:BB:CC:00:00:00/48;=;OK
-p udp -m dhcpmac ! --mac AA:BB:CC:00:00:00/24;=;OK
-p udp -m dhcpmac --mac AA:BB:CC:DD:EE:FF/24;-p udp -m dhcpmac --mac AA:BB:CC:00:00:00/24;OK
-p udp -m dhcpmac --mac 00:00:00:00:00:00/0;=;OK
-p udp -m dhcpmac --mac 00:00:00:00:00:00/49;;FAIL
-p udp -m dhcpmac --mac AA:BB:CC;;FAIL
-p udp -m dhcpmac --mac AA:BB:CC:00:00:00 --mac AA:BB:CC:00:00:01;;FAIL
-p udp -m dhcpmac;;FAIL
-p tcp -m dhcpmac --mac AA:BB:CC:00:00:00;;FAIL;KERNEL
-m dhcpmac --mac AA:BB:CC:00:00:00;;FAIL;KERNEL
