# Datagram sockets.

import errno
import select
import socket
import time

from harness import *
from pairs import *


def test_sendto_and_recvfrom():
    for family in HOSTS:
        a, b = datagram_socket(family), datagram_socket(family)
        assert_equal(a.sendto(b"ping", b.getsockname()), 4)
        data, addr = b.recvfrom(1500)
        assert_equal((data, addr), (b"ping", a.getsockname()))


def test_datagrams_stay_whole():
    a, b = datagram_socket(), datagram_socket()
    for data in (b"", b"abc", b"x" * 1400):
        a.sendto(data, b.getsockname())
    assert_equal(b.recv(100), b"")
    assert_equal(b.recv(2), b"ab")
    assert_equal(len(b.recv(4000)), 1400)


def test_recvmsg_tells_that_a_datagram_was_cut():
    a, b = datagram_socket(), datagram_socket()
    a.sendto(b"abcdef", b.getsockname())
    assert_equal(b.recvmsg(2), (b"ab", [], socket.MSG_TRUNC, a.getsockname()))


def test_recvfrom_into():
    a, b = datagram_socket(), datagram_socket()
    buf = bytearray(10)
    a.sendto(b"abc", b.getsockname())
    assert_equal(b.recvfrom_into(buf), (3, a.getsockname()))
    assert_equal(bytes(buf[:3]), b"abc")


def test_connected_datagram_socket():
    a, b, other = datagram_socket(), datagram_socket(), datagram_socket()
    a.connect(b.getsockname())
    a.send(b"from a")
    assert_equal(b.recv(10), b"from a")
    other.sendto(b"from elsewhere", a.getsockname())
    b.sendto(b"from b", a.getsockname())
    assert_equal(a.recv(20), b"from b")


def test_sendmsg_with_an_address():
    a, b = datagram_socket(), datagram_socket()
    assert_equal(a.sendmsg([b"a", b"b"], [], 0, b.getsockname()), 2)
    assert_equal(b.recv(10), b"ab")


def test_lesson_01_a_burst_is_not_lost():
    a, b = datagram_socket(), datagram_socket()
    for i in range(100):
        a.sendto(str(i).encode(), b.getsockname())
    time.sleep_ms(20)
    assert_equal([b.recv(10) for _ in range(100)], [str(i).encode() for i in range(100)])


def test_without_an_address_there_is_nowhere_to_send():
    assert_errno(errno.EDESTADDRREQ, datagram_socket().send, b"x")
    assert_errno(errno.EMSGSIZE, datagram_socket().sendto, b"x" * 70000, ("127.0.0.1", 9))


def test_readable_when_something_came():
    a, b = datagram_socket(), datagram_socket()
    assert_equal(select.select([b], [], [], 0)[0], [])
    a.sendto(b"", b.getsockname())
    assert_equal(select.select([b], [], [], 1)[0], [b])
    assert_equal(b.recv(10), b"")


run(globals())
