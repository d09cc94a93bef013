"""What the scripts share. They run on MicroPython with baresock, on MicroPython with modlwip, and on CPython."""

import sys
import time

# Ports of bench/host.c, and where accept and early listen.
ECHO, DISCARD, SOURCE, ACCEPT = 7, 9, 19, 80

HOST, MODE, COUNT, SIZE = sys.argv[1], sys.argv[2], int(sys.argv[3]), int((sys.argv + ["1"])[4])

if hasattr(time, "monotonic"):
    now = time.monotonic
else:

    def now():
        return time.ticks_us() / 1e6


def word(number, size):
    """A number in this machine's byte order, which is that of all that we measure on."""
    return number.to_bytes(size, "little")


def say(what):
    """Tell who started this."""
    print(what)
    # MicroPython's is not buffered.
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


def run(modes):
    """Do what the command line says, and print the seconds (or what else it returns)."""
    if MODE not in modes:
        sys.exit("no such mode: " + MODE)
    print("%.6f" % modes[MODE]())
