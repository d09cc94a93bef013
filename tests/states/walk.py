"""Every call on every kind of socket in every state: prints `KIND STATE CALL: RESULT` for each, and the poll masks.

Run by CPython on the kernel's sockets, and by mp (on the link "loop") on ours. All within one program, over loopback.
Nothing here knows what is right: table.txt does.
"""

import errno
import select
import socket
import struct
import sys

DEADLINE_MS = 60000

# One that MicroPython's select has no name for.
POLLRDHUP = 0x2000
MASK_NAMES = ((1, "IN"), (2, "PRI"), (4, "OUT"), (8, "ERR"), (16, "HUP"), (32, "NVAL"), (POLLRDHUP, "RDHUP"))

# How many connections a listener with a backlog of 1 queues.
QUEUE = 2 if sys.implementation.name == "cpython" else 1


class Subject:
    """A socket to be brought into some state, and what belongs to it."""

    def __init__(self, kind):
        self.family = socket.AF_INET6 if kind.endswith("6") else socket.AF_INET
        self.host = "::1" if kind.endswith("6") else "127.0.0.1"
        self.type = socket.SOCK_STREAM if kind.startswith("tcp") else socket.SOCK_DGRAM
        self.others = []
        # A port on which nobody answers.
        self.nobody = self.open_bound(self.type)
        self.others.append(self.nobody)

    def open(self):
        s = socket.socket(self.family, self.type)
        s.setblocking(False)
        return s

    def open_bound(self, kind):
        s = socket.socket(self.family, kind)
        s.setblocking(False)
        s.bind((self.host, 0))
        return s

    def close(self):
        for s in [self.s] + self.others:
            s.close()

    def new(self):
        self.s = self.open()

    def bound(self):
        self.s = self.open_bound(self.type)

    def closed(self):
        self.new()
        self.s.close()


class Stream(Subject):
    def listening(self, backlog=4):
        self.bound()
        self.s.listen(backlog)

    def knock(self, listener):
        """Begin to connect."""
        s = self.open()
        begin(s, listener.getsockname())
        return s

    def connection_waiting(self):
        self.listening()
        self.others.append(self.knock(self.s))
        wait(self.s, select.POLLIN)

    def connecting(self):
        listener = self.open_bound(self.type)
        listener.listen(1)
        self.others.append(listener)
        for _ in range(QUEUE):
            self.others.append(self.knock(listener))
            wait(self.others[-1], select.POLLOUT)
        self.s = self.knock(listener)

    def refused(self):
        self.new()
        begin(self.s, self.nobody.getsockname())
        wait(self.s, select.POLLERR)

    def refused_and_told(self):
        self.refused()
        self.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def connected(self):
        listener = self.open_bound(self.type)
        listener.listen(1)
        self.s = self.knock(listener)
        wait(listener, select.POLLIN)
        self.peer, _ = listener.accept()
        self.peer.setblocking(False)
        wait(self.s, select.POLLOUT)
        self.others += [listener, self.peer]

    def data_waiting(self):
        self.connected()
        self.peer.send(b"data")
        wait(self.s, select.POLLIN)

    def peer_closed(self):
        self.connected()
        self.peer.shutdown(socket.SHUT_WR)
        wait(self.s, POLLRDHUP)

    def peer_closed_data_waiting(self):
        self.data_waiting()
        self.peer.shutdown(socket.SHUT_WR)
        wait(self.s, POLLRDHUP)

    def shut_for_writing(self):
        self.connected()
        self.s.shutdown(socket.SHUT_WR)
        wait(self.peer, POLLRDHUP)

    def shut_for_reading(self):
        self.connected()
        self.s.shutdown(socket.SHUT_RD)

    def shut_for_both(self):
        self.connected()
        self.s.shutdown(socket.SHUT_RDWR)
        wait(self.peer, POLLRDHUP)

    def closed_we_first(self):
        self.shut_for_writing()
        self.peer.shutdown(socket.SHUT_WR)
        wait(self.s, select.POLLHUP)

    def closed_peer_first(self):
        self.peer_closed()
        self.s.shutdown(socket.SHUT_WR)
        wait(self.s, select.POLLHUP)
        wait(self.peer, select.POLLHUP)

    def peer_resets(self):
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.peer.close()
        wait(self.s, select.POLLERR)

    def reset(self):
        self.connected()
        self.peer_resets()

    def reset_data_waiting(self):
        self.data_waiting()
        self.peer_resets()

    def reset_and_told(self):
        self.reset()
        self.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class Datagram(Subject):
    def say(self, data):
        """Let the socket get a datagram from a friend."""
        self.friend = self.open_bound(self.type)
        self.friend.sendto(data, self.s.getsockname())
        self.others.append(self.friend)
        wait(self.s, select.POLLIN)

    def data_waiting(self):
        self.bound()
        self.say(b"data")

    def empty_waiting(self):
        self.bound()
        self.say(b"")

    def connected(self):
        self.bound()
        self.friend = self.open_bound(self.type)
        self.others.append(self.friend)
        self.s.connect(self.friend.getsockname())

    def connected_data_waiting(self):
        self.data_waiting()
        self.s.connect(self.friend.getsockname())

    def refused(self):
        self.connected()
        self.friend.close()
        self.s.send(b"x")
        wait(self.s, select.POLLERR)

    def shut_for_reading(self):
        self.connected()
        self.s.shutdown(socket.SHUT_RD)

    def shut_for_writing(self):
        self.connected()
        self.s.shutdown(socket.SHUT_WR)

    def shut_for_both(self):
        self.connected()
        self.s.shutdown(socket.SHUT_RDWR)


BEFORE = "new bound listening connection_waiting connecting refused refused_and_told closed"
CONNECTED = "connected data_waiting peer_closed peer_closed_data_waiting shut_for_writing shut_for_reading shut_for_both"
AFTER = "closed_we_first closed_peer_first reset reset_data_waiting reset_and_told"
DATAGRAM = (
    "new bound data_waiting empty_waiting connected connected_data_waiting refused"
    " shut_for_reading shut_for_writing shut_for_both closed"
)
STATES = {Stream: " ".join((BEFORE, CONNECTED, AFTER)).split(), Datagram: DATAGRAM.split()}
KINDS = (("tcp4", Stream), ("tcp6", Stream), ("udp4", Datagram), ("udp6", Datagram))


def begin(s, address):
    try:
        s.connect(address)
    except OSError as error:
        if error.errno != errno.EINPROGRESS:
            raise


def wait(s, events):
    poll = select.poll()
    poll.register(s, events)
    if not poll.poll(DEADLINE_MS):
        raise AssertionError("what was waited for never came")


def option(level, name):
    """Set an option to 1, and read it back."""

    def call(u):
        u.s.setsockopt(level, name, 1)
        return u.s.getsockopt(level, name)

    return call


def error_of(u):
    number = u.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode[number] if number else 0


def read_into(u):
    buffer = bytearray(64)
    return bytes(buffer[: u.s.recv_into(buffer)])


CALLS = (
    ("bind", lambda u: u.s.bind((u.host, 0))),
    ("listen", lambda u: u.s.listen(4)),
    ("accept", lambda u: u.others.append(u.s.accept()[0])),
    ("connect", lambda u: u.s.connect(u.nobody.getsockname())),
    ("send", lambda u: u.s.send(b"hello")),
    ("send nothing", lambda u: u.s.send(b"")),
    ("sendall", lambda u: u.s.sendall(b"hello")),
    ("sendto", lambda u: u.s.sendto(b"hello", u.nobody.getsockname())),
    ("recv", lambda u: u.s.recv(64)),
    ("recv 2", lambda u: u.s.recv(2)),
    ("recv nothing", lambda u: u.s.recv(0)),
    ("recv MSG_PEEK", lambda u: u.s.recv(64, socket.MSG_PEEK)),
    ("recv MSG_WAITALL", lambda u: u.s.recv(64, socket.MSG_WAITALL)),
    ("recv MSG_DONTWAIT", lambda u: u.s.recv(64, socket.MSG_DONTWAIT)),
    ("recv_into", read_into),
    ("recvfrom", lambda u: u.s.recvfrom(64)[0]),
    ("shutdown SHUT_RD", lambda u: u.s.shutdown(socket.SHUT_RD)),
    ("shutdown SHUT_WR", lambda u: u.s.shutdown(socket.SHUT_WR)),
    ("shutdown SHUT_RDWR", lambda u: u.s.shutdown(socket.SHUT_RDWR)),
    ("getsockname", lambda u: u.s.getsockname()),
    ("getpeername", lambda u: u.s.getpeername()),
    ("SO_ERROR", error_of),
    ("SO_TYPE", lambda u: u.s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == u.type),
    ("SO_ACCEPTCONN", lambda u: u.s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)),
    ("SO_REUSEADDR", option(socket.SOL_SOCKET, socket.SO_REUSEADDR)),
    ("SO_KEEPALIVE", option(socket.SOL_SOCKET, socket.SO_KEEPALIVE)),
    ("SO_BROADCAST", option(socket.SOL_SOCKET, socket.SO_BROADCAST)),
    ("TCP_NODELAY", option(socket.IPPROTO_TCP, socket.TCP_NODELAY)),
    ("TCP_KEEPIDLE", option(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)),
    ("gettimeout", lambda u: u.s.gettimeout()),
    ("fileno", lambda u: u.s.fileno() >= 0),
    ("close", lambda u: u.s.close()),
)


def text(result):
    """What a call returned, without what is another each time: a name is `any` or `host`, then `:port` if it has one."""
    if isinstance(result, tuple):
        host = "any" if result[0] in ("0.0.0.0", "::") else "host"
        return host + (":port" if result[1] != 0 else "")
    if result is None:
        return "ok"
    if isinstance(result, bytes):
        return repr(result)[1:]
    return str(result)


def ask(call, subject):
    try:
        return text(call(subject))
    except OSError as error:
        name = errno.errorcode.get(error.errno, str(error.errno))
        # Two names of one number.
        return "EOPNOTSUPP" if name == "ENOTSUP" else name


def mask(subject):
    poll = select.poll()
    poll.register(subject.s, select.POLLIN | select.POLLOUT | 2 | POLLRDHUP)
    ready = poll.poll(0)
    bits = ready[0][1] if ready else 0
    return "|".join(name for bit, name in MASK_NAMES if bits & bit) or "0"


def try_mask(subject):
    # A closed socket can't be registered.
    try:
        return mask(subject)
    except (OSError, ValueError):
        return "NVAL"


def main():
    for kind, factory in KINDS:
        for state in STATES[factory]:
            for name, call in (("poll", None),) + CALLS:
                subject = factory(kind)
                getattr(subject, state)()
                result = try_mask(subject) if call is None else ask(call, subject)
                print("%s %s %s: %s" % (kind, state, name, result))
                subject.close()


main()
