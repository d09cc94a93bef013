"""The kit for scripts on the wire: the stack in a driver whose clock stands still, and a peer that a script plays.

A script says what the peer sends, what the stack must send back, and how much time passes:

    class Close(WireTest):
        def test_rfc9293_3_6_peer_closes_first(self):
            peer, fd = self.accepted()
            peer.send("F.")
            peer.expect(".", ack=1)
            ...

Sequence numbers count from the initial ones of each side, as in tcpdump: the SYN is 0, the first byte 1. What is not
expected is a failure: after each test nothing may be left unread.
"""

import ipaddress
import os
import pathlib
import socket
import subprocess
import sys
import unittest
from select import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP

from packet import *

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = pathlib.Path(os.environ.get("BARESOCK_BUILD", ROOT / "build")) / "tests/wire/driver"

OUR_MAC, PEER_MAC = bytes.fromhex("525400000001"), bytes.fromhex("525400000009")

# By version of IP: the address of the stack, of the peer, and of a router.
OURS = {4: ipaddress.ip_address("192.0.2.1"), 6: ipaddress.ip_address("fd00::1")}
PEERS = {4: ipaddress.ip_address("192.0.2.9"), 6: ipaddress.ip_address("fd00::9")}
ROUTERS = {4: ipaddress.ip_address("192.0.2.254"), 6: ipaddress.ip_address("fd00::254")}

FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}

# Far beyond what any command takes: only a driver that hangs is ended by it.
DEADLINE_S = 120


# A folder for what is sent both ways, a file for each test, or nothing.
CAPTURE = os.environ.get("BARESOCK_TEST_CAPTURE")


def link(name):
    """The driver's link, with a capture of it if wanted."""
    return f"pipe+capture:{CAPTURE}/{name}.pcapng" if CAPTURE else "pipe"


class CallError(OSError):
    """A call failed; its name attribute is the errno's."""

    def __init__(self, call, name):
        super().__init__(f"{call}: {name}")
        self.name = name


class Machine:
    """The stack in its driver. Calls are methods: machine.socket(2, 1), machine.bind(fd, "0.0.0.0", 80)."""

    def __init__(self, name="test"):
        self.process = subprocess.Popen([DRIVER, link(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.packets = []
        self.neighbours = True
        self.command("ip4", f"{OURS[4]}/24")
        self.command("ip6", f"{OURS[6]}/64")
        # Duplicate address detection, and the stack's own announcements.
        self.advance(10)
        self.packets.clear()

    def close(self):
        _, errors = self.process.communicate(timeout=DEADLINE_S)
        if self.process.returncode != 0:
            raise AssertionError(f"the driver ended with status {self.process.returncode}: {errors}")

    def command(self, *words):
        """Give the driver a command; take in the frames that it sends meanwhile; return the words of its answer."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        questions = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(f"the driver ended in {words}: {self.process.stderr.read()}")
            kind, *rest = line.split()
            if kind != ">":
                break
            self.take(bytes.fromhex(rest[1]), int(rest[0]) / 1e6, questions)
        for answer in questions:
            self.command("frame", answer.hex())
        if kind == "!":
            raise CallError(words[0], rest[0])
        return rest

    def take(self, frame, time, questions):
        """Sort a frame of the stack's: questions for neighbours are answered, packets are kept."""
        kind = int.from_bytes(frame[12:14], "big")
        if kind == ARP:
            if self.neighbours and frame[20:22] == b"\0\1" and frame[38:42] != OURS[4].packed:
                answer = frame[14:20] + b"\0\2" + PEER_MAC + frame[38:42] + OUR_MAC + frame[28:32]
                questions.append(OUR_MAC + PEER_MAC + frame[12:14] + answer)
            return
        packet = read_ip(frame[14:], time)
        if packet.protocol == ICMP6 and packet.payload[0] == 135:
            target = packet.payload[8:24]
            if self.neighbours and packet.source in OURS.values() and target != OURS[6].packed:
                questions.append(self.neighbour_advertisement(target))
        elif packet.protocol == ICMP6 and packet.payload[0] in (133, 136, 143) or packet.protocol == 0:
            pass
        else:
            self.packets.append(packet)

    def neighbour_advertisement(self, target):
        source = ipaddress.ip_address(target)
        icmp = write_icmp(136, 0, 0x60000000, target + b"\2\1" + PEER_MAC, source, OURS[6])
        return OUR_MAC + PEER_MAC + struct.pack(">H", IP6) + write_ip(source, OURS[6], ICMP6, icmp, 255)

    def put(self, source, destination, protocol, payload, ttl=64):
        """Let an IP packet arrive."""
        kind = IP4 if source.version == 4 else IP6
        frame = OUR_MAC + PEER_MAC + struct.pack(">H", kind) + write_ip(source, destination, protocol, payload, ttl)
        self.command("frame", frame.hex())

    def icmp_error(self, kind, code, about, rest=0, source=None):
        """Let a router (or who source is) say that it could not deliver the IP packet about."""
        version = about[0] >> 4
        source, protocol = source or ROUTERS[version], ICMP if version == 4 else ICMP6
        body = about[:28] if version == 4 else about[:1000]
        self.put(source, OURS[version], protocol, write_icmp(kind, code, rest, body, source, OURS[version]))

    def advance(self, seconds):
        """Let time pass. The driver stops at each frame that it sends, so that questions are answered in time."""
        left = round(seconds * 1e6)
        while left > 0:
            left = int(self.command("advance", left)[0])

    @property
    def now(self):
        """The time on the stopped clock, in seconds."""
        return int(self.command("now")[0]) / 1e6

    def __getattr__(self, call):
        def run(*words):
            answer = self.command(call, *words)
            return int(answer[0]) if len(answer) == 1 and answer[0].lstrip("-").isdigit() else answer

        return run

    # --- calls whose arguments or results are more than numbers ---

    def send(self, fd, data, flags=0):
        return int(self.command("send", fd, data.hex() or "-", flags)[0])

    def sendto(self, fd, data, host, port, flags=0):
        return int(self.command("sendto", fd, data.hex() or "-", flags, host, port)[0])

    def recv(self, fd, size=65536, flags=0):
        return self.recvfrom(fd, size, flags)[0]

    def recvfrom(self, fd, size=65536, flags=0):
        data, host, port = self.command("recvfrom", fd, size, flags)
        return b"" if data == "-" else bytes.fromhex(data), (host, int(port))

    def accept(self, fd):
        accepted, host, port = self.command("accept", fd)
        return int(accepted), (host, int(port))

    def close_fd(self, fd):
        self.command("close", fd)

    def state(self, fd):
        return self.command("state", fd)[0]


class Peer:
    """One end of a TCP connection, played by a script."""

    def __init__(self, machine, version=4, port=4000, our_port=80, first=1000):
        self.machine = machine
        self.version = version
        self.port = port
        self.our_port = our_port
        self.first = first  # our initial sequence number
        self.theirs = None  # the stack's
        self.sent = 0  # what comes next, counted from the SYN
        self.seen = 0  # what comes next from the stack
        self.window = 65535

    def write(self, flags, seq=None, ack=None, data=b"", window=None, options=None, urgent=0):
        """The bytes of a segment. What is not said goes on where it stood."""
        segment = Segment(flags, 0, 0, self.window if window is None else window, data, options or {}, urgent, self.port, self.our_port)
        self.window = segment.window
        at = self.sent if seq is None else seq
        segment.seq = self.first + at
        if "." in flags or ack is not None:
            segment.ack = (self.theirs or 0) + (self.seen if ack is None else ack)
        if seq is None:
            self.sent += segment.length
        return write_tcp(segment, PEERS[self.version], OURS[self.version])

    def put(self, tcp):
        """Let the bytes of a segment arrive."""
        self.machine.put(PEERS[self.version], OURS[self.version], TCP, tcp)

    def send(self, flags, **fields):
        """Let a segment arrive: see write()."""
        self.put(self.write(flags, **fields))

    def next(self):
        """The next segment of the stack's to this connection, or None. Numbers are counted from the initial ones."""
        for i, packet in enumerate(self.machine.packets):
            if packet.protocol != TCP or packet.source != OURS[self.version]:
                continue
            segment = read_tcp(packet.payload)
            if segment.destination_port != self.port or (self.our_port and segment.source_port != self.our_port):
                continue
            del self.machine.packets[i]
            segment.time, segment.packet = packet.time, packet.raw
            self.our_port = segment.source_port
            if "S" in segment.flags:
                self.theirs = segment.seq
            segment.seq = (segment.seq - (self.theirs or 0)) & 0xFFFFFFFF
            segment.ack = (segment.ack - self.first) & 0xFFFFFFFF if "." in segment.flags else 0
            return segment
        return None

    def expect(self, flags, **wanted):
        """The next segment must have these flags (a P may be there or not) and what else is named. Returns it."""
        segment = self.next()
        if segment is None:
            raise AssertionError(f"nothing was sent instead of {flags} {wanted or ''}")
        got = segment.flags if "P" in flags else segment.flags.replace("P", "")
        if sorted(got) != sorted(flags):
            raise AssertionError(f"sent was {segment} instead of {flags} {wanted or ''}")
        for name, value in wanted.items():
            if getattr(segment, name) != value:
                raise AssertionError(f"sent was {segment}, whose {name} is {getattr(segment, name)!r} instead of {value!r}")
        self.seen = max(self.seen, segment.seq + segment.length) if "R" not in flags else self.seen
        return segment

    def expect_nothing(self):
        segment = self.next()
        if segment is not None:
            raise AssertionError(f"sent was {segment} instead of nothing")

    def drain(self):
        """All that was sent: a list."""
        segments = []
        while (segment := self.next()) is not None:
            self.seen = max(self.seen, segment.seq + segment.length) if "R" not in segment.flags else self.seen
            segments.append(segment)
        return segments


class WireTest(unittest.TestCase):
    """A test with a stack of its own."""

    def setUp(self):
        self.machine = Machine(self.id().replace("__main__", pathlib.Path(sys.argv[0]).stem))

    def tearDown(self):
        try:
            if self._outcome.success:
                self.assertEqual([read_tcp(p.payload) if p.protocol == TCP else p for p in self.machine.packets], [], "was sent, and not expected")
        finally:
            self.machine.close()

    def assert_errno(self, name, call, *args):
        with self.assertRaises(CallError) as caught:
            call(*args)
        self.assertEqual(caught.exception.name, name)

    def listening(self, version=4, port=80, backlog=4):
        fd = self.machine.socket(FAMILY[version], socket.SOCK_STREAM)
        self.machine.setsockopt(fd, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.machine.bind(fd, "0.0.0.0" if version == 4 else "::", port)
        self.machine.listen(fd, backlog)
        return fd

    def accepted(self, version=4, options=None, window=65535, **peer_options):
        """A connection that the peer opened. Returns peer and descriptor; the listener is closed."""
        listener = self.listening(version)
        peer = Peer(self.machine, version, **peer_options)
        peer.send("S", options={MAX_SEGMENT: 1460} if options is None else options, window=window)
        peer.expect("S.", ack=1)
        peer.send(".")
        fd, _ = self.machine.accept(listener)
        self.machine.close_fd(listener)
        return peer, fd

    def connected(self, version=4, options=None, window=65535):
        """A connection that the stack opened. Returns peer and descriptor."""
        fd, peer, _ = self.connecting(version)
        peer.send("S.", options={MAX_SEGMENT: 1460} if options is None else options, window=window)
        peer.expect(".", ack=1)
        return peer, fd

    def connecting(self, version=4, port=80):
        """The stack has sent its SYN. Returns descriptor, peer, the SYN."""
        fd = self.machine.socket(FAMILY[version], socket.SOCK_STREAM)
        peer = Peer(self.machine, version, port=port, our_port=0)
        self.assert_errno("EINPROGRESS", self.machine.connect, fd, PEERS[version], port)
        return fd, peer, peer.expect("S")

    def poll(self, fd):
        """The whole poll mask."""
        return self.machine.poll(fd, POLLIN | POLLOUT | POLLRDHUP)

    def so_error(self, fd):
        return self.machine.getsockopt(fd, socket.SOL_SOCKET, socket.SO_ERROR)


def main():
    unittest.main(verbosity=2)
