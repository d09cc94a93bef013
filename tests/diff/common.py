"""What the scripts share. CPython and MicroPython both run it."""

import errno
import select
import socket
import sys

# How long a script waits for what must come, in seconds.
DEADLINE_S = 30

# Where the peer outside the program is: the host, and the ports of its servers by name. Set by play.py.
peer = {}


def name_of(error):
    """An exception by its class, and by its errno where it has one. MicroPython has OSError for all that have."""
    if isinstance(error, socket.gaierror):
        return "gaierror %d" % error.args[0]
    if isinstance(error, OSError):
        number = error.errno
        if number is None and error.args and error.args[0] in ("timed out", "The read operation timed out"):
            number = errno.ETIMEDOUT
        if number is None and str(error).startswith(("illegal IP", "packed IP")):
            # CPython has no errno for these.
            number = errno.EINVAL
        if number == errno.EOPNOTSUPP:
            # Two names for one number.
            return "OSError EOPNOTSUPP"
        return "OSError " + errno.errorcode.get(number, str(number))
    return type(error).__name__


def text(value):
    """A result as both write it."""
    if isinstance(value, (bytearray, memoryview)):
        return "%s(%r)" % (type(value).__name__, bytes(value))
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(text(item) for item in value) + ")"
    if hasattr(value, "getsockname"):
        return "socket"
    return repr(value)


def show(what, call, *args, **kwargs):
    """Call something and print what it gives, or how it fails. Returns what it gave."""
    try:
        value = call(*args, **kwargs)
    except Exception as error:
        print("%s: %s" % (what, name_of(error)))
        return None
    print("%s: %s" % (what, text(value)))
    return value


def wait_readable(*sockets):
    ready = select.select(list(sockets), [], [], DEADLINE_S)[0]
    if len(ready) == 0:
        raise RuntimeError("nothing became readable")


def wait_writable(s):
    if not select.select([], [s], [], DEADLINE_S)[1]:
        raise RuntimeError("it did not become writable")


def loopback(family=socket.AF_INET):
    return "::1" if family == socket.AF_INET6 else "127.0.0.1"


def listener(family=socket.AF_INET, backlog=5):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((loopback(family), 0))
    s.listen(backlog)
    return s


def pair(family=socket.AF_INET):
    """A connection: the end that connected, and the one that was accepted. Both wait for ever, as the runner does not."""
    server = listener(family)
    client = socket.socket(family, socket.SOCK_STREAM)
    client.connect(server.getsockname())
    accepted = server.accept()[0]
    server.close()
    return client, accepted


def datagram(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((loopback(family), 0))
    return s


def recv_all(s):
    """All until the peer closes."""
    data = b""
    while True:
        got = s.recv(4096)
        if not got:
            return data
        data += got


def reset(s):
    """Close a connection with RST."""
    import struct

    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def nobody(kind=socket.SOCK_STREAM, family=socket.AF_INET):
    """An address where nobody is."""
    s = socket.socket(family, kind)
    s.bind((loopback(family), 0))
    address = s.getsockname()
    s.close()
    return address


def poll_names(mask):
    names = ((1, "IN"), (2, "PRI"), (4, "OUT"), (8, "ERR"), (16, "HUP"), (32, "NVAL"))
    return "|".join(name for bit, name in names if mask & bit) or "0"


def poll(s, mask, timeout_ms=0):
    """The events of one socket, by name."""
    poller = select.poll()
    poller.register(s, mask)
    events = poller.poll(timeout_ms)
    return poll_names(events[0][1]) if events else "nothing"
