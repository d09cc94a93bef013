# Groups, on the stack's loopback interface.

import errno
import socket
import struct
from harness import *

GROUP4 = "224.1.2.3"
GROUP6 = "ff02::1:3"
LOOPBACK4 = socket.inet_aton("127.0.0.1")
LOOPBACK6 = 1


def request(group=GROUP4):
    return socket.inet_aton(group) + LOOPBACK4


def request6(group=GROUP6):
    return socket.inet_pton(socket.AF_INET6, group) + struct.pack("I", LOOPBACK6)


def receiver(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(("", 0))
    s.settimeout(10)
    return s


def sender(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, LOOPBACK4)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, LOOPBACK6)
    return s


def test_lesson_07_member_receives_what_is_sent_to_the_group():
    with receiver() as r, sender() as s:
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())
        s.sendto(b"to all", (GROUP4, r.getsockname()[1]))
        assert_equal(r.recv(100), b"to all")


def test_lesson_07_member_receives_what_is_sent_to_the_group_over_ipv6():
    with receiver(socket.AF_INET6) as r, sender(socket.AF_INET6) as s:
        r.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request6())
        s.sendto(b"to all", (GROUP6, r.getsockname()[1], 0, LOOPBACK6))
        assert_equal(r.recv(100), b"to all")


def test_who_left_receives_no_more():
    with receiver() as r, sender() as s:
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())
        r.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, request())
        port = r.getsockname()[1]
        s.sendto(b"to all", (GROUP4, port))
        s.sendto(b"to one", ("127.0.0.1", port))
        assert_equal(r.recv(100), b"to one")


def test_closed_socket_leaves_its_groups():
    with receiver() as r:
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())
    with receiver() as r, sender() as s:
        port = r.getsockname()[1]
        s.sendto(b"to all", (GROUP4, port))
        s.sendto(b"to one", ("127.0.0.1", port))
        assert_equal(r.recv(100), b"to one")


def test_joining_twice_and_leaving_twice_are_errors():
    with receiver() as r:
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())
        assert_errno(errno.EADDRINUSE, r.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())
        r.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, request())
        assert_errno(errno.EADDRNOTAVAIL, r.setsockopt, socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, request())


def test_what_can_not_be_joined():
    with receiver() as r:
        join = lambda value: r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, value)
        assert_errno(errno.EINVAL, join, request("10.0.0.1"))
        assert_errno(errno.EINVAL, join, b"short")
        assert_errno(errno.ENODEV, join, socket.inet_aton(GROUP4) + socket.inet_aton("192.0.2.1"))
    with socket.socket() as stream:
        assert_errno(errno.ENOPROTOOPT, stream.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request())


def test_limit_of_memberships_is_told_and_lifts():
    groups = ["224.1.%d.%d" % (i // 200, i % 200) for i in range(1000)]
    with receiver() as r:
        joined = 0
        try:
            for joined, group in enumerate(groups):
                r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request(group))
        except OSError as e:
            assert_equal(e.errno, errno.ENOBUFS)
        assert_true(0 < joined < len(groups) - 1, "no limit")
        r.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, request(groups[0]))
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request(groups[joined]))


def test_ttl_and_own_copy_have_linuxs_defaults():
    with receiver() as r, sender() as s:
        assert_equal(s.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP), 1)
        assert_equal(s.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), 1)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 7)
        assert_equal(s.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), 7)
        assert_errno(errno.EINVAL, s.setsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 256)


run(globals())
