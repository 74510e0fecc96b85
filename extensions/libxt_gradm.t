# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-m gradm --enabled;=;OK
-m gradm --disabled;=;OK
-m gradm ! --enabled;-m gradm --disabled;OK
-m gradm ! --disabled;-m gradm --enabled;OK
-m gradm --enabled --disabled;;FAIL
-m gradm --enabled ! --disabled;;FAIL
-m gradm --enabled --enabled;;FAIL
-m gradm --disabled --disabled;;FAIL
-m gradm;;FAIL
