"""DOS in DOSBox-X: how large MP.EXE is, what it takes, how soon it speaks, how many cycles a byte costs.

DOSBox-X does a fixed number of instructions in each millisecond of its clock, and calls them cycles. What the program
counts by that clock, times that number, are cycles, the same whatever this machine does meanwhile, as long as the
emulated processor is the slower one: it has few of them here.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / "dos")]

from rig import PKTDRV, Folder

from servers import pages, tcp_server

LINKS = {"pktdrv": PKTDRV, "ne2000": []}
STATIC = ["SET BARESOCK_IP4=10.0.2.15/24,10.0.2.2", "SET BARESOCK_IP6=off"]

# In a millisecond: a 386, and a 486 with 33 MHz.
I386 = 6000
I486 = 12000

TICK_MS = 54.9254

PAGE = bytes(1 << 20)

RECEIVE = """
import socket, time
s = socket.socket()
s.connect(('10.0.2.2', {port}))
s.send(b'GET /{size} HTTP/1.0\\r\\n\\r\\n')
b = bytearray(16384)
n = s.recv_into(b)
t = time.ticks_us()
m = 0
{open}
while True:
    k = s.recv_into(b)
    if not k: break
    m += k
    {then}
{close}
print(m, time.ticks_diff(time.ticks_us(), t))
"""

SEND = """
import socket, time
s = socket.socket()
s.connect(('10.0.2.2', {port}))
b = bytes(16384)
t = time.ticks_us()
m = 0
while m < {size}:
    s.sendall(b)
    m += len(b)
s.shutdown(socket.SHUT_WR)
s.recv(1)
print(m, time.ticks_diff(time.ticks_us(), t))
"""


def file_size(bench):
    """Bytes of MP.EXE."""
    return (bench.build / "dos" / "MP.EXE").stat().st_size


def conventional(bench):
    """Bytes below 640 KB that a program takes, the packet driver's ring included."""
    with Folder() as folder:
        folder.run(*PKTDRV, r"D:\tests\dos\boot.EXE pktdrv > OUT.TXT")
        return int(dict(line.split(" ", 1) for line in folder.text("OUT.TXT").splitlines())["conventional"])


def first_frame(link):
    """Milliseconds of a 486's time from DOS's prompt to the end of a program that sends one datagram."""

    def measure(bench):
        ticks = r"D:\tests\dos\ticks.com"
        with Folder() as folder:
            folder.put("A.PY", "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.sendto(b'x', ('10.0.2.2', 9))\n")
            folder.run(*LINKS[link], *STATIC, f"{ticks} > A.TXT", r"D:\MP.EXE A.PY", f"{ticks} > B.TXT", cpu="486", core="normal", cycles=I486)
            return (int(folder.text("B.TXT")) - int(folder.text("A.TXT"))) * TICK_MS

    return measure


def cycles_a_byte(script, link):
    """What a script says that its bytes took."""
    with Folder() as folder:
        _, out, err = folder.mp(script, "--link", link, before=[*STATIC, *LINKS[link]], cycles=I386, core="normal")
    try:
        amount, us = map(int, out.split())
    except ValueError:
        raise RuntimeError(out + err) from None
    return us / 1000 * I386 / amount


def sink(connection):
    """Take all, then say so."""
    while connection.recv(65536):
        pass
    connection.sendall(b".")


def receive(link, to_file=False, size=1_000_000):
    """Cycles for each byte that is received."""
    parts = {"open": "", "then": "", "close": ""}
    if to_file:
        parts = {"open": "f = open('GOT.BIN', 'wb')", "then": "f.write(memoryview(b)[:k])", "close": "f.close()"}

    def measure(bench):
        with pages(PAGE) as port:
            return {"baresock": [cycles_a_byte(RECEIVE.format(port=port, size=size, **parts), link)]}

    return measure


def send(link, size=1_000_000):
    """Cycles for each byte that is sent."""

    def measure(bench):
        with tcp_server(sink) as port:
            return {"baresock": [cycles_a_byte(SEND.format(port=port, size=size), link)]}

    return measure
