#!/bin/sh
. "${0%/*}/../lib.sh"
finish
