"""The bare x86 machine in QEMU: how large it is, what it needs, how soon and how fast it speaks."""

import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tools"), str(ROOT / "tests" / "host")]

import x86
from servers import pages

DEADLINE_S = 120

# Between 640 KB and 1 MB is no memory.
HOLE = 384 * 1024

# Of what malloc() has, Python's heap leaves so much (X86_HEAP_RESERVE).
RESERVE = 128 * 1024

MEMORY_STEP_KB = 32

PAGE = bytes(1 << 20)

HTTP_CLIENT = """
import socket, time
s = socket.socket()
s.connect(('10.0.2.2', {port}))
s.send(b'GET /{size} HTTP/1.0\\r\\n\\r\\n')
b = bytearray({chunk})
n = s.recv_into(b)
t = time.ticks_us()
m = 0
while True:
    k = s.recv_into(b)
    if not k: break
    m += k
print(n + m, m / time.ticks_diff(time.ticks_us(), t) if m else 0)
"""


def image(build):
    return build / "x86" / "mp.elf"


def run(build, words, card="e1000", memory="32", options=(), files=()):
    """Run a machine to its end. Returns (status, what it printed)."""
    command = x86.qemu(image(build), words, files, [(card, "user")], memory, ["-monitor", "none", *options])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as machine:
        try:
            out = machine.communicate(timeout=DEADLINE_S)[0]
        except subprocess.TimeoutExpired:
            machine.kill()
            return -1, ""
    return x86.status_of(machine.returncode), out.decode(errors="replace").replace("\r\n", "\n")


def image_size(bench):
    """Bytes that are loaded."""
    out = subprocess.run(["size", image(bench.build)], capture_output=True, text=True, check=True).stdout
    text, data = out.splitlines()[1].split()[:2]
    return int(text) + int(data)


def at_rest(bench):
    """Bytes of memory that are taken when Python runs and the card is up."""
    script = "import network, gc; network.LAN().active(True); gc.collect(); print(gc.mem_free())"
    status, out = run(bench.build, ["-c", script])
    if status != 0:
        raise RuntimeError(out)
    return (32 << 20) - HOLE - RESERVE - int(out)


def gets_page(build, port, kilobytes):
    """Whether a machine of that size gets a page."""
    script = HTTP_CLIENT.format(port=port, size=100000, chunk=1024)
    status, out = run(build, ["-c", script], memory=f"{kilobytes}K")
    return status == 0 and int(out.split()[0]) > 100000


def smallest(bench):
    """The fewest kilobytes with which an HTTP client does its work."""
    with pages(PAGE) as port:
        least, most = 1024 // MEMORY_STEP_KB, 4096 // MEMORY_STEP_KB
        while least < most:
            middle = (least + most) // 2
            if gets_page(bench.build, port, middle * MEMORY_STEP_KB):
                most = middle
            else:
                least = middle + 1
    return most * MEMORY_STEP_KB


def first_packet(bench):
    """Instructions from the machine's start to its first frame, the BIOS's included: with one instruction a nanosecond,
    the time that the frame has in a capture, which is told in microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        dump = f"{folder}/dump.pcap"
        # A capture counts from the date that the machine is started with.
        options = ["-cpu", "max", "-icount", "shift=0", "-rtc", "base=1970-01-02", "-object", f"filter-dump,id=dump,netdev=n0,file={dump}"]
        status, out = run(bench.build, ["-c", "import network; network.LAN().active(True)"], options=options)
        if status != 0:
            raise RuntimeError(out)
        seconds, microseconds = struct.unpack_from("<II", pathlib.Path(dump).read_bytes(), 24)
    return (seconds % 86400 * 1000000 + microseconds) * 1000


def rate(out):
    return float(re.search(r"^\d+ (\S+)$", out, re.MULTILINE)[1])


def throughput(card, rounds, size):
    """MB/s that the machine receives, and that mp does on this machine, with the same libslirp between."""

    def measure(bench):
        figures = {"baresock": [], "mp on Linux": []}
        with pages(PAGE) as port:
            script = HTTP_CLIENT.format(port=port, size=size, chunk=16384)
            for _ in range(rounds):
                figures["baresock"].append(rate(run(bench.build, ["-c", script], card)[1]))
                done = subprocess.run(
                    [bench.build / "mp", "--link", "slirp", "-c", script], capture_output=True, text=True, check=True, timeout=DEADLINE_S
                )
                figures["mp on Linux"].append(rate(done.stdout))
        return figures

    return measure


def alone(figure):
    """A measure of what has no peer."""
    return lambda bench: {"baresock": [figure(bench)]}
