#!/bin/sh
echo {{ word }} {{ sls }} >> log
