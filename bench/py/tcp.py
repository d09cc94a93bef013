"""tcp.py HOST MODE COUNT [SIZE]: what bench/c/tcp.c does, in Python.

recv N SIZE, recv_into N SIZE, send N SIZE, sendall N SIZE, echo N SIZE, connect N, accept N, early N, idle. Prints the
seconds that it took, without the time to connect; early the longest that a first byte took.
"""

import socket
import time

from common import ACCEPT, COUNT, DISCARD, ECHO, HOST, SIZE, SOURCE, now, run, say, word

# How long early lets connections wait.
EARLY_S = 0.03


def connect_to(port):
    s = socket.socket()
    s.connect((HOST, port))
    return s


def recv():
    s = connect_to(SOURCE)
    left = COUNT
    began = now()
    s.send(word(COUNT, 8))
    while left > 0:
        left -= len(s.recv(SIZE))
    took = now() - began
    s.close()
    return took


def recv_into():
    s = connect_to(SOURCE)
    # modlwip only has the method of streams.
    into = s.recv_into if hasattr(s, "recv_into") else s.readinto
    buffer = bytearray(SIZE)
    left = COUNT
    began = now()
    s.send(word(COUNT, 8))
    # A stream would wait for a buffer that is not filled any more.
    while left >= SIZE:
        left -= into(buffer)
    while left > 0:
        left -= len(s.recv(left))
    took = now() - began
    s.close()
    return took


def send():
    s = connect_to(DISCARD)
    data = memoryview(bytes(SIZE))
    left = COUNT
    began = now()
    s.send(word(COUNT, 8))
    while left > 0:
        left -= s.send(data if left >= SIZE else data[:left])
    s.recv(1)
    took = now() - began
    s.close()
    return took


def sendall():
    s = connect_to(DISCARD)
    data = bytes(SIZE)
    left = COUNT
    began = now()
    s.send(word(COUNT, 8))
    while left > 0:
        s.sendall(data if left >= SIZE else data[:left])
        left -= SIZE
    s.recv(1)
    took = now() - began
    s.close()
    return took


def echo():
    s = connect_to(ECHO)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = bytes(SIZE)
    size = SIZE
    began = now()
    # So small an answer comes in one piece.
    for _ in range(COUNT):
        s.send(data)
        s.recv(size)
    took = now() - began
    s.close()
    return took


def connect():
    began = now()
    for _ in range(COUNT):
        s = connect_to(ECHO)
        s.send(b"b")
        s.recv(1)
        s.close()
    return now() - began


def listening():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", ACCEPT))
    s.listen(64)
    say("listening")
    return s


def serve_one(listener):
    """Take a connection. Returns the seconds that its first byte took."""
    s, _ = listener.accept()
    began = now()
    s.recv(1)
    took = now() - began
    s.send(b"b")
    s.close()
    return took


def accept():
    listener = listening()
    # The host's program has to start first.
    serve_one(listener)
    began = now()
    for _ in range(COUNT):
        serve_one(listener)
    return now() - began


def early():
    listener = listening()
    longest = 0
    for _ in range(COUNT):
        time.sleep(EARLY_S)
        longest = max(longest, serve_one(listener))
    return longest


def idle():
    s = connect_to(ECHO)
    say("idle")
    began = now()
    s.recv(1)
    return now() - began


run(
    {
        "recv": recv,
        "recv_into": recv_into,
        "send": send,
        "sendall": sendall,
        "echo": echo,
        "connect": connect,
        "accept": accept,
        "early": early,
        "idle": idle,
    }
)
