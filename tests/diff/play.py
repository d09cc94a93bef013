"""Run one script: play.py THEME NAME [HOST NAME=PORT...]. CPython and MicroPython both run it."""

import sys

here = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path.insert(0, here)
sys.path.insert(0, here + "/scripts")

import common

if len(sys.argv) > 3:
    common.peer["host"] = sys.argv[3]
    for word in sys.argv[4:]:
        name, port = word.split("=")
        common.peer[name] = int(port)
getattr(__import__(sys.argv[1]), sys.argv[2])()
