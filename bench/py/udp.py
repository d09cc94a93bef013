"""udp.py HOST MODE COUNT SIZE: what bench/c/udp.c does, in Python: recv N SIZE, send N SIZE, echo N SIZE, burst N SIZE.

Prints the seconds that it took; burst the datagrams that could be read. Where one is lost otherwise, it waits for ever.
"""

import socket
import time

from common import COUNT, DISCARD, ECHO, HOST, SIZE, SOURCE, now, run, word

# As many as the stacks queue, and the kernel's smallest buffer; but modlwip, which has no recv_into, keeps one.
BATCH = 64 if hasattr(socket.socket, "recv_into") else 1

# Datagrams that are sent before the host must say that it has them.
SENT = 64

# Datagrams on the way to arrive at last.
BURST_S = 0.1

# A question to host.c's discard.
ASK = b"?"


def socket_to(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((HOST, port))
    return s


def order(s, count):
    s.send(word(count, 4) + word(SIZE, 4))


def recv():
    s = socket_to(SOURCE)
    left = COUNT
    began = now()
    while left > 0:
        n = min(left, BATCH)
        order(s, n)
        for _ in range(n):
            s.recv(SIZE)
        left -= n
    return now() - began


def send():
    s = socket_to(DISCARD)
    data = bytes(SIZE)
    left = COUNT
    # A neighbour that is not known yet would lose some.
    s.send(ASK)
    s.recv(4)
    began = now()
    while left > 0:
        n = min(left, SENT)
        for _ in range(n):
            s.send(data)
        s.send(ASK)
        if s.recv(4) != word(n, 4):
            raise OSError("not all were sent")
        left -= n
    return now() - began


def echo():
    s = socket_to(ECHO)
    data = bytes(SIZE)
    began = now()
    for _ in range(COUNT):
        s.send(data)
        s.recv(SIZE)
    return now() - began


def burst():
    s = socket_to(SOURCE)
    order(s, COUNT)
    time.sleep(BURST_S)
    s.setblocking(False)
    got = 0
    try:
        while True:
            s.recv(SIZE)
            got += 1
    except OSError:
        return got


run({"recv": recv, "send": send, "echo": echo, "burst": burst})
