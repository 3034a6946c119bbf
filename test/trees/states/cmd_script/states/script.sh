#!/bin/sh
echo "$# $2" >> @SANDBOX@/log
