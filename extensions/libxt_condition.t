# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-m condition --condition foo;-m condition --condition "foo";OK
-m condition ! --condition foo;-m condition ! --condition "foo";OK
# as the existing implementation saves it
-m condition --condition "foo" ;-m condition --condition "foo";OK
-m condition  ! --condition "foo" ;-m condition ! --condition "foo";OK
-m condition --condition "foo bar";=;OK
-m condition --condition foo-bar_12;-m condition --condition "foo-bar_12";OK
-m condition --condition v1.2;-m condition --condition "v1.2";OK
-m condition --condition 123456789012345678901234567890;-m condition --condition "123456789012345678901234567890";OK
-m condition --condition 1234567890123456789012345678901;;FAIL
-m condition --condition "";;FAIL
-m condition --condition .;;FAIL
-m condition --condition ..;;FAIL
-m condition --condition "...";=;OK
-m condition --condition a/b;;FAIL
-m condition --condition /;;FAIL
-m condition --condition foo --condition bar;;FAIL
-m condition --condition;;FAIL
-m condition;;FAIL
-m condition --condition foo -m condition ! --condition bar;-m condition --condition "foo" -m condition ! --condition "bar";OK
-m condition --condition foo -m condition ! --condition foo;-m condition --condition "foo" -m condition ! --condition "foo";OK
