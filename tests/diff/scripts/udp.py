"""Datagrams."""

import socket

from common import datagram, nobody, show, wait_readable


def one_there_one_back():
    a, b = datagram(), datagram()
    show("sendto", a.sendto, b"there", b.getsockname())
    data, source = b.recvfrom(100)
    print(data, source == a.getsockname())
    show("back", b.sendto, b"back", source)
    show("recv", a.recv, 100)


def boundaries_are_kept():
    a, b = datagram(), datagram()
    for data in (b"one", b"", b"three"):
        a.sendto(data, b.getsockname())
    for _ in range(3):
        show("recv", b.recv, 100)


def what_does_not_fit_is_lost():
    a, b = datagram(), datagram()
    a.sendto(b"abcdef", b.getsockname())
    a.sendto(b"next", b.getsockname())
    show("two", b.recv, 2)
    show("next", b.recv, 100)


def recv_of_no_bytes_takes_a_datagram():
    a, b = datagram(), datagram()
    a.sendto(b"gone", b.getsockname())
    a.sendto(b"next", b.getsockname())
    show("none", b.recv, 0)
    show("next", b.recv, 100)


def connected_hears_only_its_peer():
    a, b, c = datagram(), datagram(), datagram()
    b.connect(a.getsockname())
    c.sendto(b"stranger", b.getsockname())
    a.sendto(b"peer", b.getsockname())
    show("recv", b.recv, 100)
    b.setblocking(False)
    show("again", b.recv, 100)


def what_was_queued_before_connect_stays():
    a, b, c = datagram(), datagram(), datagram()
    c.sendto(b"stranger", b.getsockname())
    wait_readable(b)
    b.connect(a.getsockname())
    b.setblocking(False)
    show("recv", b.recv, 100)


def connect_again_changes_the_peer():
    a, b, c = datagram(), datagram(), datagram()
    c.connect(a.getsockname())
    c.send(b"to a")
    c.connect(b.getsockname())
    c.send(b"to b")
    show("a", a.recv, 100)
    show("b", b.recv, 100)
    print(c.getpeername() == b.getsockname())


def connected_sends_elsewhere():
    a, b, c = datagram(), datagram(), datagram()
    c.connect(a.getsockname())
    show("sendto", c.sendto, b"elsewhere", b.getsockname())
    show("b", b.recv, 100)


def send_without_a_peer():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    show("send", s.send, b"x")
    show("sendall", s.sendall, b"x")


def first_send_binds():
    a = datagram()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    print(s.getsockname())
    s.sendto(b"x", a.getsockname())
    print(s.getsockname()[0], s.getsockname()[1] != 0)
    print(a.recvfrom(10)[1][1] == s.getsockname()[1])


def connect_binds_to_the_address():
    a = datagram()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(a.getsockname())
    print(s.getsockname()[0], s.getsockname()[1] != 0)


def refused_is_told_to_the_connected():
    s = datagram()
    s.connect(nobody(socket.SOCK_DGRAM))
    show("send", s.send, b"x")
    wait_readable(s)
    show("recv", s.recv, 10)
    s.setblocking(False)
    show("again", s.recv, 10)


def refused_is_not_told_to_the_unconnected():
    s = datagram()
    show("sendto", s.sendto, b"x", nobody(socket.SOCK_DGRAM))
    s.setblocking(False)
    show("recv", s.recv, 10)


def largest_datagram():
    a, b = datagram(), datagram()
    show("65508", a.sendto, bytes(65508), b.getsockname())
    show("9000", a.sendto, bytes(9000), b.getsockname())
    print(len(b.recv(70000)))


def listen_and_accept_are_not_for_datagrams():
    s = datagram()
    show("listen", s.listen, 1)
    show("accept", s.accept)


def shutdown_without_a_peer():
    s = datagram()
    show("shutdown", s.shutdown, socket.SHUT_RDWR)


def shutdown_write_of_a_connected():
    a, b = datagram(), datagram()
    a.connect(b.getsockname())
    show("shutdown", a.shutdown, socket.SHUT_WR)
    show("send", a.send, b"x")


def two_on_one_port():
    a = datagram()
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    show("bind", b.bind, a.getsockname())


def two_on_one_port_with_reuseaddr():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for s in (a, b):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    a.bind(("127.0.0.1", 0))
    show("bind", b.bind, a.getsockname())


def broadcast_takes_permission():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    show("without", s.sendto, b"x", ("255.255.255.255", 9))


def to_port_zero():
    s = datagram()
    show("sendto", s.sendto, b"x", ("127.0.0.1", 0))


def over_ip6():
    a, b = datagram(socket.AF_INET6), datagram(socket.AF_INET6)
    a.sendto(b"six", b.getsockname())
    data, source = b.recvfrom(10)
    print(data, source[0], source[2:], source == a.getsockname())


def recvfrom_into_a_buffer():
    a, b = datagram(), datagram()
    a.sendto(b"abc", b.getsockname())
    into = bytearray(b"------")
    n, source = b.recvfrom_into(into)
    print(n, bytes(into), source == a.getsockname())


def sendto_with_flags_between():
    a, b = datagram(), datagram()
    show("sendto", a.sendto, b"abc", 0, b.getsockname())
    show("recv", b.recv, 10)


def to_oneself():
    s = datagram()
    s.sendto(b"me", s.getsockname())
    data, source = s.recvfrom(10)
    print(data, source == s.getsockname())
