"""Network cards when things go wrong: the link is pulled, nobody answers, frames flood in, memory is short."""

import contextlib
import hashlib
import os
import pathlib
import socket
import struct
import time
import unittest

from machine import BUILD, Machine, run
from peers import wait_until
from servers import pages

CARDS = ("e1000", "ne2k_isa", "ne2k_pci")

# More than the buffers on the way hold, so that the machine decides how far it goes.
SIZE = 30_000_000
DATA = os.urandom(1 << 20)

GET = """
import socket, hashlib, time
s = socket.socket()
s.connect(('10.0.2.2', {port}))
s.send(b'GET /{size} HTTP/1.0\\r\\n\\r\\n')
f = s.makefile('rb')
while f.readline().strip(): pass
h = hashlib.sha256()
b = bytearray({buffer})
n = 0
while True:
    k = f.readinto(b)
    if not k: break
    n += k
    h.update(memoryview(b)[:k])
    {then}
print(n, h.digest().hex())
"""


def digest(size):
    sha = hashlib.sha256()
    for _ in range(size // len(DATA)):
        sha.update(DATA)
    sha.update(DATA[: size % len(DATA)])
    return f"{size} {sha.hexdigest()}"


class Link(unittest.TestCase):
    def pull_in_transfer(self, card):
        then = "if n // 1000000 != (n - k) // 1000000: print('at', n // 1000000); time.sleep(0.05)"
        with pages(DATA) as port:
            script = GET.format(port=port, size=SIZE, buffer=16384, then=then)
            with Machine("s.py", files=[("s.py", script)], nics=[(card, "user")]) as machine:
                machine.wait_for("at 3\n")
                machine.monitor("set_link n0 off")
                self.stands_still(machine)
                self.assertNotIn("at 29\n", machine.text)
                machine.monitor("set_link n0 on")
                self.assertEqual(machine.finish()[0], 0)
                self.assertTrue(machine.text.endswith(digest(SIZE) + "\n"), machine.text[-300:])

    def stands_still(self, machine):
        """Wait until the machine has printed nothing for longer than it takes for a megabyte."""
        before = None
        while before != machine.text:
            before = machine.text
            time.sleep(1)

    def test_link_pulled_and_put_back_in_transfer_loses_nothing_e1000(self):
        self.pull_in_transfer("e1000")

    def test_link_state_is_told_e1000(self):
        with Machine(nics=[("e1000", "user")]) as machine:
            machine.wait_for(">>> ")
            machine.ask("import network; lan = network.LAN(); lan.active(True)")
            self.up(machine, "True")
            machine.monitor("set_link n0 off")
            self.up(machine, "False")
            machine.monitor("set_link n0 on")
            self.up(machine, "True")

    def up(self, machine, wanted):
        wait_until(lambda: machine.ask("lan.isconnected()") == wanted + "\n", f"isconnected() {wanted}")

    def test_nobody_gives_an_address_connect_says_so(self):
        # In the stack's own time; a hang is seen by the machine's deadline.
        script = "import errno, socket\ntry: socket.socket().connect(('10.0.2.2', 80))\n"
        script += "except OSError as e: print(errno.errorcode[e.errno])\n"
        for card in ("e1000", "ne2k_isa"):
            with self.subTest(card=card), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
                silent.bind(("127.0.0.1", 0))
                netdev = f"dgram,remote.type=inet,remote.host=127.0.0.1,remote.port={silent.getsockname()[1]}"
                netdev += ",local.type=inet,local.host=127.0.0.1,local.port=0"
                status, text = run("s.py", files=[("s.py", script)], nics=[(card, netdev)])
                self.assertEqual((status, text), (0, "ENETUNREACH\n"))

    def test_no_card_says_so(self):
        status, text = run("-c", "import socket; socket.socket().connect(('10.0.2.2', 80))")
        self.assertEqual(status, 1)
        self.assertIn("no NE2000 network card was found", text)

    def test_wrong_card_strings_are_refused(self):
        for link, words in (
            ("ne2000:0x280,9", "there is no NE2000 network card at 0x280"),
            ("ne2000:0x301", "0x301 is no I/O address"),
            ("ne2000:0x300,16", "16 is no interrupt"),
            ("ne2000:0x300,5,1", "1 is not known"),
            ("e1000:1", "there is no further e1000 network card"),
            ("e1000:x", "x is not known"),
            ("e1000:mac=1", "mac=1"),
        ):
            with self.subTest(link=link):
                status, text = run("--link", link, "-c", "1", nics=[("ne2k_isa", "user"), ("e1000", "user")])
                self.assertEqual(status, 2)
                self.assertTrue(text.startswith("mp: --link: "), text)

    def test_interrupt_of_ne2000_on_isa_is_found_on_every_line(self):
        # The firmware has 10 and 11 sensed by their level, the others by their edge.
        script = "import network, time\na = network.LAN(link='ne2000:0x300'); a.active(True)\n"
        script += "while not a.isconnected(): time.sleep(0.01)\nprint(a.ifconfig()[0])\n"
        for irq in (3, 5, 7, 9, 10, 11, 12, 15):
            with self.subTest(irq=irq):
                options = ["-netdev", "user,id=n0", "-device", f"ne2k_isa,netdev=n0,iobase=0x300,irq={irq}"]
                self.assertEqual(run("s.py", files=[("s.py", script)], options=options), (0, "10.0.2.15\n"))

    def test_ne2000_without_interrupt_says_so(self):
        options = ["-netdev", "user,id=n0", "-device", "ne2k_isa,netdev=n0,iobase=0x300,irq=14"]
        status, text = run("--link", "ne2000:0x300", "-c", "1", options=options)
        self.assertEqual(status, 2)
        self.assertIn("the network card at 0x300 gives no interrupt: name the one it is set to", text)

    def test_two_cards_at_once(self):
        script = "import network\na = network.LAN(link='e1000'); b = network.LAN(link='ne2000')\na.active(True); b.active(True)\n"
        script += "import time\nwhile not (a.isconnected() and b.isconnected()): time.sleep(0.01)\nprint(a.ifconfig()[0], b.ifconfig()[0])\n"
        nics = [("e1000", "user"), ("ne2k_pci", "user,net=10.9.9.0/24")]
        self.assertEqual(run("s.py", files=[("s.py", script)], nics=nics), (0, "10.0.2.15 10.9.9.15\n"))


class Load(unittest.TestCase):
    def test_transfers_arrive_whole(self):
        for card in CARDS:
            for size in (0, 1, 1447, 1_000_003, SIZE):
                with self.subTest(card=card, size=size), pages(DATA) as port:
                    script = GET.format(port=port, size=size, buffer=16384, then="pass")
                    status, text = run("s.py", files=[("s.py", script)], nics=[(card, "user")])
                    self.assertEqual((status, text), (0, digest(size) + "\n"))

    def test_program_in_c_gets_page(self):
        image = BUILD / "x86" / "examples" / "c" / "http_get.elf"
        for card in CARDS:
            with self.subTest(card=card), pages(DATA) as port:
                status, text = run("10.0.2.2", port, "/9", image=image, nics=[(card, "user")])
                self.assertEqual(status, 0)
                self.assertTrue(text.startswith("HTTP/1.0 200 OK"), text)

    def test_page_in_two_megabytes_of_memory(self):
        for card in CARDS:
            with self.subTest(card=card), pages(DATA) as port:
                script = GET.format(port=port, size=1_000_000, buffer=4096, then="pass")
                status, text = run("s.py", files=[("s.py", script)], nics=[(card, "user")], memory=2)
                self.assertEqual((status, text), (0, digest(1_000_000) + "\n"))

    def test_ten_seconds_of_computing_lose_no_connection(self):
        busy = "if n > 2000000 and not done:\n        done = True; t = time.ticks_ms()\n        while time.ticks_diff(time.ticks_ms(), t) < 10000: pass"
        for card in ("e1000", "ne2k_isa"):
            with self.subTest(card=card), pages(DATA) as port:
                script = "done = False\n" + GET.format(port=port, size=SIZE, buffer=16384, then=busy)
                status, text = run("s.py", files=[("s.py", script)], nics=[(card, "user")])
                self.assertEqual((status, text), (0, digest(SIZE) + "\n"))


def arp_request(mac, sender, target):
    """Who has the target?"""
    sender, target = socket.inet_aton(sender), socket.inet_aton(target)
    return b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x806, 1, 0x800, 6, 4, 1) + mac + sender + bytes(6) + target


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def with_checksum(data, at):
    return data[:at] + struct.pack("!H", checksum(data)) + data[at + 2 :]


def ping(mac, to, sender, target):
    """An ICMP echo request (RFC 792)."""
    echo = with_checksum(struct.pack("!BBHHH", 8, 0, 0, 7, 1) + b"are you there?", 2)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(echo), 1, 0, 64, 1, 0) + socket.inet_aton(sender) + socket.inet_aton(target)
    return to + mac + b"\x08\x00" + with_checksum(header, 10) + echo


class Flood(unittest.TestCase):
    """More frames than any ring holds, as fast as they can be sent; afterwards the machine answers."""

    MAC = bytes.fromhex("525400aabbcc")
    FRAMES = 100_000

    def flood(self, card):
        with contextlib.ExitStack() as exits:
            host = exits.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            host.bind(("127.0.0.1", 0))
            host.settimeout(0.2)
            probe = exits.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            probe.close()
            netdev = f"dgram,remote.type=inet,remote.host=127.0.0.1,remote.port={host.getsockname()[1]}"
            netdev += f",local.type=inet,local.host=127.0.0.1,local.port={port}"
            words = ("BARESOCK_IP4=10.7.7.2/24", "BARESOCK_IP6=off", "-c", "import network, time; network.LAN().active(True); print('up'); time.sleep(1000)")
            machine = exits.enter_context(Machine(*words, nics=[(card, netdev)]))
            machine.wait_for("up\n")
            frames = [b"\xff" * 6 + self.MAC + b"\x08\x00" + bytes(size) for size in (46, 600, 1500)]
            for i in range(self.FRAMES):
                host.sendto(frames[i % 3], ("127.0.0.1", port))
            request = arp_request(self.MAC, "10.7.7.1", "10.7.7.2")
            answer = self.ask(host, port, request, lambda frame: frame[12:14] == b"\x08\x06" and frame[21] == 2)
            request = ping(self.MAC, answer[6:12], "10.7.7.1", "10.7.7.2")
            answer = self.ask(host, port, request, lambda frame: frame[12:14] == b"\x08\x00" and frame[23] == 1)
            self.assertEqual((answer[34], answer[42:56]), (0, b"are you there?"))

    def ask(self, host, port, request, is_answer):
        """Send a frame again and again until an answer comes, which is returned."""

        def answer():
            host.sendto(request, ("127.0.0.1", port))
            with contextlib.suppress(TimeoutError):
                while True:
                    frame = host.recv(2000)
                    if frame[:6] == self.MAC and is_answer(frame):
                        return frame
            return None

        return wait_until(answer, "an answer after the flood")

    def test_flood_does_not_wedge_e1000(self):
        self.flood("e1000")

    def test_flood_does_not_wedge_ne2000_on_isa(self):
        self.flood("ne2k_isa")

    def test_flood_does_not_wedge_ne2000_on_pci(self):
        self.flood("ne2k_pci")


if __name__ == "__main__":
    unittest.main()
