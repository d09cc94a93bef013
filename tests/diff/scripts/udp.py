"""Datagrams."""

import socket

from common import datagram, loopback, nobody, show, wait_readable


def echo():
    a, b = datagram(), datagram()
    show("sendto", a.sendto, b"hello", b.getsockname())
    data, source = b.recvfrom(100)
    show("data", lambda: data)
    show("source", lambda: source == a.getsockname())
    b.sendto(b"back", source)
    show("recvfrom", lambda: a.recvfrom(100)[0])


def each_is_received_alone():
    a, b = datagram(), datagram()
    for data in (b"one", b"", b"three"):
        a.sendto(data, b.getsockname())
    for _ in range(3):
        show("recv", b.recv, 100)


def what_does_not_fit_is_lost():
    a, b = datagram(), datagram()
    a.sendto(b"0123456789", b.getsockname())
    a.sendto(b"next", b.getsockname())
    show("recv", b.recv, 4)
    show("recv", b.recv, 100)


def connected_hears_only_its_peer():
    a, b, stranger = datagram(), datagram(), datagram()
    b.connect(a.getsockname())
    stranger.sendto(b"stranger", b.getsockname())
    a.sendto(b"peer", b.getsockname())
    show("recv", b.recv, 100)
    b.setblocking(False)
    show("nothing more", b.recv, 100)


def connected_send_and_sendto():
    a, b, c = datagram(), datagram(), datagram()
    a.connect(b.getsockname())
    show("send", a.send, b"to the peer")
    show("sendto", a.sendto, b"to another", c.getsockname())
    show("recv", b.recv, 100)
    show("recv", c.recv, 100)


def connect_again_to_another():
    a, b, c = datagram(), datagram(), datagram()
    a.connect(b.getsockname())
    a.connect(c.getsockname())
    a.send(b"x")
    show("recv", c.recv, 10)
    show("peer", lambda: a.getpeername() == c.getsockname())


def send_without_a_peer():
    a = datagram()
    show("send", a.send, b"x")
    show("getpeername", a.getpeername)


def unbound_gets_a_port():
    a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), datagram()
    show("before", a.getsockname)
    a.sendto(b"x", b.getsockname())
    show("host", lambda: a.getsockname()[0])
    show("port", lambda: a.getsockname()[1] == b.recvfrom(1)[1][1])


def connect_chooses_the_address():
    a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), datagram()
    a.connect(b.getsockname())
    show("host", lambda: a.getsockname()[0])


def refused_is_told_to_the_connected():
    a = datagram()
    a.connect(nobody(socket.SOCK_DGRAM))
    show("send", a.send, b"x")
    wait_readable(a)
    show("recv", a.recv, 10)
    show("send", a.send, b"x")


def refused_is_told_by_so_error():
    import errno

    a = datagram()
    a.connect(nobody(socket.SOCK_DGRAM))
    a.send(b"x")
    wait_readable(a)
    show("error", lambda: errno.errorcode[a.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)])
    show("error", a.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)


def refused_is_told_to_the_next_send():
    a = datagram()
    a.connect(nobody(socket.SOCK_DGRAM))
    a.send(b"x")
    wait_readable(a)
    show("send", a.send, b"x")


def refused_is_not_told_to_the_unconnected():
    a, b = datagram(), datagram()
    a.sendto(b"x", nobody(socket.SOCK_DGRAM))
    b.sendto(b"came", a.getsockname())
    show("recv", a.recv, 10)


def too_long():
    a, b = datagram(), datagram()
    show("65508", a.sendto, bytes(65508), b.getsockname())
    show("70000", a.sendto, bytes(70000), b.getsockname())


def longest():
    a, b = datagram(), datagram()
    b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 200000)
    show("sendto", a.sendto, bytes(65507), b.getsockname())
    show("recv", lambda: len(b.recv(70000)))


def one_of_many_fragments():
    a, b = datagram(), datagram()
    data = bytes(range(256)) * 16
    a.sendto(data, b.getsockname())
    show("same", lambda: b.recv(5000) == data)


def port_0_is_nobody():
    a = datagram()
    show("sendto", a.sendto, b"x", (loopback(), 0))


def shutdown_unconnected():
    a = datagram()
    show("shutdown", a.shutdown, socket.SHUT_RDWR)


def shutdown_write_of_the_connected():
    a, b = datagram(), datagram()
    a.connect(b.getsockname())
    show("shutdown", a.shutdown, socket.SHUT_WR)
    show("send", a.send, b"x")


def shutdown_read_of_the_connected():
    a, b = datagram(), datagram()
    a.connect(b.getsockname())
    show("shutdown", a.shutdown, socket.SHUT_RD)
    show("recv", a.recv, 10)


def listen_and_accept_are_not_for_datagrams():
    a = datagram()
    show("listen", a.listen, 1)
    show("accept", a.accept)


def two_on_a_port():
    a = datagram()
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    show("bind", b.bind, a.getsockname())


def two_on_a_port_with_reuseaddr():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    a.bind((loopback(), 0))
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    show("bind", b.bind, a.getsockname())


def wildcard_hears_the_loopback():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(("", 0))
    b = datagram()
    b.sendto(b"x", (loopback(), a.getsockname()[1]))
    show("recvfrom", lambda: a.recvfrom(10)[1] == b.getsockname())


def to_itself():
    a = datagram()
    a.sendto(b"me", a.getsockname())
    show("recvfrom", lambda: a.recvfrom(10)[1] == a.getsockname())


def queued_datagrams_outlive_the_sender():
    a, b = datagram(), datagram()
    a.sendto(b"left", b.getsockname())
    a.close()
    show("recv", b.recv, 10)


def recvfrom_into_a_buffer():
    a, b = datagram(), datagram()
    a.sendto(b"abcdef", b.getsockname())
    buf = bytearray(10)
    n, source = b.recvfrom_into(buf)
    show("length", lambda: n)
    show("source", lambda: source == a.getsockname())
    show("buffer", lambda: buf)


def recvfrom_into_part_of_a_buffer():
    a, b = datagram(), datagram()
    a.sendto(b"abcdef", b.getsockname())
    buf = bytearray(10)
    show("length", lambda: b.recvfrom_into(buf, 3)[0])
    show("buffer", lambda: buf)


def all_of_127_is_the_loopback():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(("127.0.0.1", 0))
    b = datagram()
    b.connect(a.getsockname())
    show("from", lambda: b.getsockname()[0])


def recv_of_zero_bytes_asks_nobody():
    a, b = datagram(), datagram()
    a.sendto(b"kept", b.getsockname())
    wait_readable(b)
    show("recv", b.recv, 0)
    show("recv", b.recv, 10)
