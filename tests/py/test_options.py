# getsockopt and setsockopt.

import errno
import socket
import struct

from harness import *
from pairs import *


def check(s, level, name, value):
    s.setsockopt(level, name, value)
    assert_equal(s.getsockopt(level, name), value)


def test_flags_and_numbers_of_a_stream():
    s = socket.socket()
    for name in (socket.SO_REUSEADDR, socket.SO_BROADCAST, socket.SO_KEEPALIVE):
        check(s, socket.SOL_SOCKET, name, 1)
        check(s, socket.SOL_SOCKET, name, 0)
    check(s, socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
    check(s, socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
    check(s, socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    check(s, socket.IPPROTO_IP, socket.IP_TTL, 42)
    check(s, socket.IPPROTO_IP, socket.IP_TOS, 0x10)
    assert_equal(s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), socket.SOCK_STREAM)
    assert_equal(s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 0)
    with listener() as l:
        assert_equal(l.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1)


def test_lesson_05_nodelay_by_either_number():
    assert_equal(socket.TCP_NODELAY, 1)
    c, s = stream_pair()
    check(c, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    c.setsockopt(socket.IPPROTO_TCP, 0x40, 1)
    assert_equal(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1)
    assert_equal(c.getsockopt(socket.IPPROTO_TCP, 0x40), 1)
    with listener() as l:
        l.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def test_structures_are_bytes():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 7))
    assert_equal(struct.unpack("ii", s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)), (1, 7))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 2, 500000))
    assert_equal(struct.unpack("ll", s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.calcsize("ll"))), (2, 500000))


def test_so_rcvtimeo_does_not_touch_pythons_timeout():
    c, s = stream_pair()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 1000))
    c.send(b"x")
    assert_equal(s.recv(1), b"x")


def test_lesson_07_multicast_groups_by_bytes():
    u = datagram_socket()
    group = socket.inet_aton("224.1.2.3") + socket.inet_aton("127.0.0.1")
    u.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    u.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, group)
    check(u, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
    check(u, socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)


def test_ipv6_only():
    s = socket.socket(socket.AF_INET6)
    check(s, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    check(s, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 9)


def test_unknown_option():
    s = socket.socket()
    assert_errno(errno.ENOPROTOOPT, s.setsockopt, socket.SOL_SOCKET, 9999, 1)
    assert_errno(errno.ENOPROTOOPT, s.getsockopt, socket.IPPROTO_TCP, 9999)
    assert_raises(TypeError, s.setsockopt, socket.SOL_SOCKET, socket.SO_REUSEADDR, None)


run(globals())
