#!/bin/sh
echo done > /var/lib/first-steps
