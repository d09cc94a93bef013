# Stream sockets: connections, data, ends.

import errno
import gc
import socket
import struct
import time

from harness import *
from pairs import *


def test_connect_gives_both_ends_their_addresses():
    for family in HOSTS:
        c, s = stream_pair(family)
        assert_equal(c.getpeername(), s.getsockname())
        assert_equal(s.getpeername(), c.getsockname())
        assert_equal(len(c.getsockname()), 2 if family == socket.AF_INET else 4)
        assert_equal((c.family, c.type, c.proto), (family, socket.SOCK_STREAM, 0))
        c.close()
        s.close()


def test_accept_tells_the_peers_address():
    with listener() as l:
        c = socket.create_connection(l.getsockname())
        s, addr = l.accept()
        assert_equal(addr, c.getsockname())
        c.close()
        s.close()


def test_recv_returns_what_is_queued():
    c, s = stream_pair()
    c.send(b"one ")
    c.send(b"two")
    time.sleep_ms(20)
    assert_equal(s.recv(100), b"one two")
    c.sendall(b"x" * 5000)
    time.sleep_ms(50)
    assert_equal(len(s.recv(100000)), 5000)


def test_recv_with_waitall_returns_all():
    c, s = stream_pair()
    c.send(b"abc")
    c.send(b"def")
    assert_equal(s.recv(6, socket.MSG_WAITALL), b"abcdef")


def test_recv_with_peek_leaves_the_data():
    c, s = stream_pair()
    c.send(b"hello")
    assert_equal(s.recv(3, socket.MSG_PEEK), b"hel")
    assert_equal(s.recv(5000, socket.MSG_PEEK), b"hello")
    assert_equal(s.recv(10), b"hello")


def test_recv_of_nothing_returns_nothing():
    c, s = stream_pair()
    c.send(b"x")
    assert_equal(s.recv(0), b"")
    assert_raises(ValueError, s.recv, -1)
    assert_equal(s.recv(1), b"x")


def test_received_bytes_are_bytes_like_any_other():
    c, s = stream_pair()
    c.send(b"key")
    data = s.recv(2000)
    assert_equal({data: 1}[b"key"], 1)
    assert_equal(hash(data), hash(b"key"))
    assert_equal(data + b"!", b"key!")


def test_recv_into_fills_a_buffer():
    c, s = stream_pair()
    buf = bytearray(8)
    c.send(b"abcdef")
    assert_equal(s.recv_into(buf, 2), 2)
    assert_equal(s.recv_into(memoryview(buf)[2:]), 4)
    assert_equal(bytes(buf), b"abcdef\0\0")
    assert_raises(ValueError, s.recv_into, buf, 9)


def test_sendmsg_gathers_and_recvmsg_tells_the_flags():
    c, s = stream_pair()
    assert_equal(c.sendmsg([b"a", bytearray(b"b"), b"", b"cd"]), 4)
    data, ancillary, flags, addr = s.recvmsg(100)
    assert_equal((data, ancillary, flags), (b"abcd", [], 0))


def test_clean_end_gives_nothing_for_ever():
    c, s = stream_pair()
    c.send(b"bye")
    c.close()
    assert_equal([s.recv(10) for _ in range(3)], [b"bye", b"", b""])
    assert_equal(s.read(), b"")
    assert_equal(s.readline(), b"")


def test_half_close_lets_the_answer_through():
    c, s = stream_pair()
    c.send(b"question")
    c.shutdown(socket.SHUT_WR)
    assert_equal(s.read(), b"question")
    s.send(b"answer")
    s.close()
    assert_equal(c.read(), b"answer")
    assert_errno(errno.EPIPE, c.send, b"more")


def test_reset_is_told_once():
    c, s = stream_pair()
    c.send(b"last")
    time.sleep_ms(20)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
    time.sleep_ms(20)
    assert_equal(s.recv(10), b"last")
    assert_errno(errno.ECONNRESET, s.recv, 10)
    assert_equal(s.recv(10), b"")


def test_refused():
    c = socket.socket()
    assert_errno(errno.ECONNREFUSED, c.connect, ("127.0.0.1", closed_port()))
    assert_equal(socket.socket().connect_ex(("127.0.0.1", closed_port())), errno.ECONNREFUSED)


def test_lesson_09_wrong_state_is_an_errno():
    s = socket.socket()
    assert_errno(errno.ENOTCONN, s.recv, 1)
    assert_errno(errno.EPIPE, s.send, b"x")
    assert_errno(errno.ENOTCONN, s.getpeername)
    assert_errno(errno.ENOTCONN, s.shutdown, socket.SHUT_WR)
    assert_errno(errno.EINVAL, s.accept)
    with listener() as l:
        assert_errno(errno.ENOTCONN, l.recv, 1)
        assert_errno(errno.EPIPE, l.send, b"x")
    c, s = stream_pair()
    assert_errno(errno.EISCONN, c.connect, ("127.0.0.1", 1))
    assert_errno(errno.EINVAL, c.accept)


def test_address_in_use():
    with listener() as l:
        assert_errno(errno.EADDRINUSE, socket.socket().bind, l.getsockname())


def test_lesson_32_closed_is_ebadf_for_every_call():
    s = socket.socket()
    s.close()
    s.close()
    addr = ("127.0.0.1", 1)
    calls = (
        (s.accept,), (s.bind, addr), (s.connect, addr), (s.connect_ex, addr), (s.detach,), (s.getpeername,),
        (s.getsockname,), (s.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE), (s.listen,), (s.makefile,), (s.read,),
        (s.readinto, bytearray(1)), (s.readline,), (s.recv, 1), (s.recv_into, bytearray(1)), (s.recvfrom, 1),
        (s.recvfrom_into, bytearray(1)), (s.recvmsg, 1), (s.send, b"x"), (s.sendall, b"x"), (s.sendmsg, [b"x"]),
        (s.sendto, b"x", addr), (s.setblocking, True), (s.setsockopt, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),
        (s.settimeout, 1), (s.shutdown, socket.SHUT_RDWR), (s.write, b"x"),
    )
    for call in calls:
        assert_errno(errno.EBADF, *call)
    assert_equal(s.fileno(), -1)


def test_lesson_16_stale_object_leaves_the_descriptors_next_owner_alone():
    stale = socket.socket()
    fd = stale.detach()
    assert_errno(errno.EBADF, stale.recv, 1)
    stale.close()
    others = [socket.socket() for _ in range(10)]
    lost = socket.socket()
    number = lost.fileno()
    lost = None
    gc.collect()
    assert_equal([s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) for s in others], [socket.SOCK_STREAM] * 10)


def test_lost_sockets_are_found_again_when_all_are_taken():
    for _ in range(3000):
        socket.socket()


def test_with_closes():
    with socket.socket() as s:
        assert_true(s.fileno() >= 0)
    assert_equal(s.fileno(), -1)


def test_a_class_derived_from_socket():
    class Shouting(socket.socket):
        def shout(self, text):
            self.sendall(text.upper())

    with listener() as l:
        c = Shouting()
        c.connect(l.getsockname())
        s, _ = l.accept()
        c.shout(b"hello")
        assert_equal(s.recv(10), b"HELLO")
        c.close()
        assert_equal(s.recv(10), b"")


def test_repr_tells_state_and_addresses():
    c, s = stream_pair()
    assert_equal(repr(c), "<socket fd=%d family=AF_INET type=SOCK_STREAM state=connected laddr=%r raddr=%r>"
                 % (c.fileno(), c.getsockname(), s.getsockname()))
    c.close()
    assert_equal(repr(c), "<socket fd=-1 family=AF_INET type=SOCK_STREAM state=closed>")
    with listener(socket.AF_INET6) as l:
        assert_true("AF_INET6" in repr(l) and "state=listening" in repr(l))


def test_large_transfer_back_and_forth():
    c, s = stream_pair()
    c.setblocking(False)
    data = bytes(range(256)) * 4000
    sent = 0
    got = bytearray()
    while len(got) < len(data):
        try:
            sent += c.send(memoryview(data)[sent:])
        except OSError as e:
            assert_equal(e.errno, errno.EAGAIN)
        if sent > len(got):
            got.extend(s.recv(65536))
    assert_true(got == data, "the data differ")


def test_lesson_17_many_short_connections():
    with listener() as l:
        for i in range(1000):
            c = socket.create_connection(l.getsockname())
            s, _ = l.accept()
            s.close()
            assert_equal(c.recv(1), b"")
            c.close()


def test_lesson_31_listener_closed_with_a_connection_waiting():
    l = listener()
    c = socket.create_connection(l.getsockname())
    l.close()
    assert_errno(errno.ECONNRESET, c.recv, 1)


def test_socketpair():
    a, b = socket.socketpair()
    a.send(b"to b")
    b.send(b"to a")
    assert_equal((a.recv(10), b.recv(10)), (b"to a", b"to b"))


def test_create_server_and_connection():
    with socket.create_server(("127.0.0.1", 0), backlog=3) as l:
        c = socket.create_connection(l.getsockname(), 5, source_address=("127.0.0.1", 0))
        assert_equal(c.gettimeout(), 5.0)
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as l:
        port = l.getsockname()[1]
        for host in HOSTS.values():
            socket.create_connection((host, port)).close()
    with socket.create_server(("", 0), family=socket.AF_INET6) as l:
        assert_errno(errno.ECONNREFUSED, socket.create_connection, ("127.0.0.1", l.getsockname()[1]))
    assert_raises(ValueError, socket.create_server, ("", 0), dualstack_ipv6=True)


run(globals())
