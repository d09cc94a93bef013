#!/bin/sh
# The scripts of tests/diff print the same on the kernel's sockets and on ours.
exec "$(dirname "$0")/../diff/run"
