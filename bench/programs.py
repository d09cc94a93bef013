"""Whom we measure: programs that do the same over different stacks."""

import sys

LINK = "tap:tap0,host=10.9.0.1/24"
IP4 = "10.9.0.2/24"


class Peer:
    """A program that is measured.

    name         in the table
    address      its own, for those who connect to it
    environment  what it needs
    """

    environment = {}

    def __init__(self, name, kernel=False):
        self.name = name
        self.host, self.address = ("127.0.0.1", "127.0.0.1") if kernel else ("10.9.0.1", "10.9.0.2")

    def command(self, bench, words):
        """The command line for (program, mode, count, size)."""
        raise NotImplementedError


class CProgram(Peer):
    """bench/c/PROGRAM.c on a stack: build/bench/PROGRAM-SUFFIX."""

    def __init__(self, name, suffix, kernel=False):
        super().__init__(name, kernel)
        self.suffix = suffix

    def command(self, bench, words):
        return [bench.programs / f"{words[0]}-{self.suffix}", LINK, self.host, *map(str, words[1:])]


class Raw(Peer):
    """bench/peers/raw.c."""

    def command(self, bench, words):
        return [bench.programs / "raw", LINK, self.host, *map(str, words[1:])]


class Script(Peer):
    """bench/py/PROGRAM.py."""

    def __init__(self, name, interpreter, kernel=False, environment=None):
        super().__init__(name, kernel)
        self.interpreter = interpreter
        self.environment = environment or {}

    def command(self, bench, words):
        return [*self.interpreter(bench), f"{words[0]}.py", self.host, *map(str, words[1:])]


BARESOCK = CProgram("baresock", "baresock")
SOCKETS = CProgram("lwIP sockets", "sockets")
RAW = Raw("lwIP raw")
KERNEL = CProgram("kernel", "kernel", kernel=True)

BARESOCK_ENVIRONMENT = {"BARESOCK_LINK": LINK, "BARESOCK_IP4": IP4, "BARESOCK_IP6": "off"}
MODLWIP_ENVIRONMENT = {"BENCH_LINK": LINK, "BENCH_IP4": IP4}

MP = Script("baresock", lambda bench: [bench.build / "mp"], environment=BARESOCK_ENVIRONMENT)
MODLWIP = Script("modlwip", lambda bench: [bench.programs / "mp-modlwip"], environment=MODLWIP_ENVIRONMENT)
CPYTHON = Script(
    "CPython, kernel", lambda bench: [sys.executable], kernel=True, environment={"PYTHONDONTWRITEBYTECODE": "1"}
)
# With a heap so small that a run of some seconds includes many collections, and it does not matter where one falls.
MP_COLLECTING = Script(
    "baresock", lambda bench: [bench.build / "mp", "-X", "heapsize=1m"], environment=BARESOCK_ENVIRONMENT
)
