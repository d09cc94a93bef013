"""Programs are ended anywhere, a hundred times in one machine: DOS is as it was before, and the next one does its work."""

import itertools
import socketserver
import threading
import unittest

import rig  # noqa: F401, which makes the next ones be found

from peers import DEADLINE_S
from rig import PKTDRV
from window import Window

ENDINGS = 100

# With MP.EXE's own driver: what is different there is the card's interrupt.
ENDINGS_OF_CARD = 30

STATE = r"D:\tests\dos\state.com"
TRAP = r"D:\tests\dos\trap.EXE"

PAGE = bytes(range(256)) * 100

KILL = """
import sys, socket, time
way, port, number = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def connect(word):
    s = socket.socket()
    s.connect(("10.0.2.2", port))
    s.send(word)
    return s

def download(enough):
    s = connect(b"d")
    while enough > 0:
        enough -= len(s.recv(10000))

def upload(enough):
    s = connect(b"u")
    while enough > 0:
        enough -= s.send(bytes(5000))

def wait():
    print("in", number)

if way == "exception":
    s = connect(b"q")
    1 / 0
elif way == "download":
    download(100000)
    sys.exit(7)
elif way == "upload":
    upload(100000)
    sys.exit(7)
elif way == "memory":
    s = connect(b"d")
    all = []
    while True:
        all.append(bytearray(50000))
elif way == "recursion":
    s = connect(b"d")
    def deeper():
        deeper()
    deeper()
elif way == "flood":
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.sendto(b"?", ("10.0.2.2", port))
    u.recv(2000)
    sys.exit(7)
elif way == "listen":
    s = socket.socket()
    s.bind(("", 80))
    s.listen(5)
    c = socket.socket()
    c.connect(("127.0.0.1", 80))
    sys.exit(7)
elif way == "loop":
    s = connect(b"d")
    wait()
    while True:
        pass
elif way == "sleep":
    wait()
    time.sleep(100000)
elif way == "recv":
    s = connect(b"q")
    wait()
    s.recv(1)
elif way == "accept":
    s = socket.socket()
    s.bind(("", 80))
    s.listen(5)
    wait()
    s.accept()
elif way == "downloading":
    wait()
    download(1e30)
elif way == "uploading":
    wait()
    upload(1e30)
elif way == "input":
    s = connect(b"d")
    input("in %s\\n" % number)
"""

CHECK = """
import sys, socket
s = socket.socket()
s.connect(("10.0.2.2", int(sys.argv[1])))
s.send(b"f")
page = b""
while True:
    data = s.recv(10000)
    if not data:
        break
    page += data
print(page == bytes(range(256)) * 100)
"""

# Endings by themselves: the script's ways, then the words of trap.c, without and with a link; each with the status, and
# an expression for what is printed.
SCRIPTS = [
    ("exception", 1, "ZeroDivisionError"),
    ("download", 7, ""),
    ("upload", 7, ""),
    ("memory", 1, "MemoryError"),
    ("recursion", 1, "RuntimeError"),
    ("flood", 7, ""),
    ("listen", 7, ""),
]
TRAPS = [
    ("divide", 126, r"baresock: division by zero at 0x0000[0-9a-f]{4} \(error 0\)"),
    ("instruction", 126, r"baresock: invalid instruction at 0x0000[0-9a-f]{4} \(error 0\)"),
    ("segment", 126, r"baresock: general protection fault at 0x0000[0-9a-f]{4} \(error 7ff0\)"),
    ("stack", 126, r"baresock: general protection fault at 0x0000[0-9a-f]{4} \(error 7ff0\)"),
    ("null", 5, ""),
    ("abort", 134, ""),
    ("exit", 5, ""),
]

# Endings by a key.
KEYED = ["loop", "sleep", "recv", "accept", "downloading", "uploading", "input"]
KEYS = ["ctrl+c", "ctrl+Pause"]


class Handler(socketserver.BaseRequestHandler):
    """What the client's first byte asks for. Clients may vanish without a word."""

    def handle(self):
        self.request.settimeout(DEADLINE_S)
        try:
            word = self.request.recv(1)
            if word == b"f":
                self.request.sendall(PAGE)
            while word == b"d":
                self.request.sendall(bytes(10000))
            while word in (b"q", b"u") and self.request.recv(10000):
                pass
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    """A thread for each client: one that is gone holds up none."""

    daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Ending:
    """One of the endings: the lines of the batch file that bring it about, and what it must come to."""

    def __init__(self, number, program, status, words, key=None):
        self.number, self.status, self.words, self.key = number, status, words, key
        # What a person is to see, and to stop, is on the screen.
        self.lines = [program if key else f"{program} > E{number}.TXT"]
        self.lines += [f"IF ERRORLEVEL {status} IF NOT ERRORLEVEL {status + 1} ECHO {number} >> GOOD.TXT"]
        self.name = f"{number}: {program}"


def endings(count, link, tcp, udp):
    """So many of them, of all kinds."""
    kinds = []
    for way, status, words in SCRIPTS:
        port = udp if way == "flood" else tcp
        kinds.append((rf"D:\MP.EXE --link {link} KILL.PY {way} {port}", status, words, None))
    for word, status, words in TRAPS:
        for of_link in ("", f" {link}"):
            kinds.append((f"{TRAP} {word}{of_link}", status, words, None))
    for way, key in zip(KEYED, itertools.cycle(KEYS)):
        kinds.append((rf"D:\MP.EXE --link {link} KILL.PY {way} {tcp}", 1, "", key))
    # One kind after the other, so that few of them show most.
    order = sorted(range(len(kinds)), key=lambda i: i * 11 % len(kinds))
    for number, i in zip(range(1, count + 1), itertools.cycle(order)):
        program, status, words, key = kinds[i]
        yield Ending(number, f"{program} {number}" if "KILL.PY" in program else program, status, words, key)


class Kill(unittest.TestCase):
    def check(self, mode, link, drivers, count):
        """End programs, and look after each."""
        with (
            Server(("127.0.0.1", 0), Handler) as server,
            socketserver.ThreadingUDPServer(("127.0.0.1", 0), Flood) as flood,
            Window() as window,
        ):
            threading.Thread(target=flood.serve_forever, daemon=True).start()
            self.addCleanup(flood.shutdown)
            tcp, udp = server.server_address[1], flood.server_address[1]
            window.put("KILL.PY", KILL)
            window.put("CHECK.PY", CHECK)
            check = rf"D:\MP.EXE --link {link} CHECK.PY {tcp}"
            some = list(endings(count, link, tcp, udp))
            lines = ["SET BARESOCK_STDERR=-", f"{STATE} > BEFORE.BIN", *drivers, f"{STATE} > S0.BIN", f"{check} > C0.TXT"]
            for ending in some:
                lines += [*ending.lines, f"{check} > C{ending.number}.TXT", f"{STATE} > S{ending.number}.BIN"]
            # It refuses when somebody has a handle.
            lines += [r"D:\NE2000.COM -u > UNLOADED.TXT"] if drivers else []
            window.start(*lines, f"{STATE} > AFTER.BIN", mode=mode)
            for ending in some:
                if ending.key:
                    window.wait_for_text(f"in {ending.number}")
                    window.key(ending.key)
            self.assertTrue(window.machine.wait(DEADLINE_S), window.rows())
            self.look(window, some)
            if drivers:
                self.assertIn("the driver was unloaded", window.text("UNLOADED.TXT"))
            self.assertEqual(state(window, "AFTER.BIN"), state(window, "BEFORE.BIN"))

    def look(self, window, some):
        """What came of each."""
        good = set(window.text("GOOD.TXT").split())
        self.assertEqual(window.text("C0.TXT"), "True\n")
        for ending in some:
            number = ending.number
            with self.subTest(ending.name):
                told = window.text(f"E{number}.TXT")
                self.assertIn(str(number), good, told)
                self.assertRegex(told, ending.words or "^")
                self.assertEqual(window.text(f"C{number}.TXT"), "True\n")
                self.assertEqual(state(window, f"S{number}.BIN"), state(window, "S0.BIN"))


def state(window, name):
    """What STATE.COM wrote, to be compared: the vectors by number, then the rest."""
    data = (window.path / name).read_bytes()
    words = {f"{i // 4:02x}": data[i : i + 4].hex() for i in range(0, 1024, 4)}
    return {**words, "rest": data[1024:].hex()}


class Flood(socketserver.BaseRequestHandler):
    """Many datagrams for one: more than the program waits for."""

    def handle(self):
        _, sock = self.request
        for _ in range(200):
            sock.sendto(bytes(1000), self.client_address)


def make_test(*args):
    return lambda self: self.check(*args)


for the_mode in ("raw", "vcpi", "dpmi"):
    setattr(Kill, f"test_packet_driver_{the_mode}", make_test(the_mode, "pktdrv", PKTDRV, ENDINGS))
    setattr(Kill, f"test_card_{the_mode}", make_test(the_mode, "ne2000", [], ENDINGS_OF_CARD))


if __name__ == "__main__":
    unittest.main()
