"""Options: what they are at first, what they take, and what they give back."""

import socket
import struct

from common import datagram, listener, loopback, pair, show

BOTH = ((socket.SOCK_STREAM, "stream"), (socket.SOCK_DGRAM, "datagram"))


def _each(level, option, *values):
    """At first, and after each value, on both types."""
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET, kind)
        show(name, s.getsockopt, level, option)
        for value in values:
            show("set %r" % value, s.setsockopt, level, option, value)
            show("get", s.getsockopt, level, option)


def reuseaddr():
    _each(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1, 0, 5, -1)


def keepalive():
    _each(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1, 0, 7)


def broadcast():
    _each(socket.SOL_SOCKET, socket.SO_BROADCAST, 1, 0, 3)


def nodelay():
    _each(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1, 0, 2)


def keepidle():
    _each(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1, 100, 32767, 0, -1, 32768)


def keepintvl():
    _each(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1, 30, 32767, 0, 32768)


def keepcnt():
    _each(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 1, 127, 0, 128)


def ttl():
    _each(socket.IPPROTO_IP, socket.IP_TTL, 1, 255, 0, 256, -1, -2)


def tos():
    _each(socket.IPPROTO_IP, socket.IP_TOS, 0x10, 0xFF, 0)


def type_and_protocol():
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET, kind)
        show(name, s.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE)
        show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_TYPE, 1)


def error_can_not_be_set():
    _each(socket.SOL_SOCKET, socket.SO_ERROR, 1)


def acceptconn():
    s = listener()
    show("listening", s.getsockopt, socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_ACCEPTCONN, 1)
    c, s = pair()
    show("connected", c.getsockopt, socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def linger():
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET, kind)
        show(name, s.getsockopt, socket.SOL_SOCKET, socket.SO_LINGER, 8)
        for onoff, seconds in ((1, 5), (0, 9), (1, 0)):
            show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", onoff, seconds))
            show("get", lambda: struct.unpack("ii", s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))


def linger_too_short():
    s = socket.socket()
    show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("i", 1))


def accepted_inherits():
    server = listener()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 77)
    server.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
    c = socket.socket()
    c.connect(server.getsockname())
    s = server.accept()[0]
    show("keepalive", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    show("nodelay", s.getsockopt, socket.IPPROTO_TCP, socket.TCP_NODELAY)
    show("idle", s.getsockopt, socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    show("ttl", s.getsockopt, socket.IPPROTO_IP, socket.IP_TTL)
    show("accepts", s.getsockopt, socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def as_bytes():
    s = socket.socket()
    show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, struct.pack("i", 1))
    show("get", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 4)
    show("get", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    show("two bytes", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 2)
    show("more room", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 16)


def too_short():
    s = socket.socket()
    show("keepalive", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, b"\x01")
    show("ttl", s.setsockopt, socket.IPPROTO_IP, socket.IP_TTL, b"\x07")
    show("get", s.getsockopt, socket.IPPROTO_IP, socket.IP_TTL)
    show("empty", s.setsockopt, socket.IPPROTO_IP, socket.IP_TTL, b"")


def unknown():
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET, kind)
        show(name, s.getsockopt, socket.SOL_SOCKET, 9999)
        show("set", s.setsockopt, socket.SOL_SOCKET, 9999, 1)
        show("ip", s.getsockopt, socket.IPPROTO_IP, 9999)
        show("set", s.setsockopt, socket.IPPROTO_IP, 9999, 1)


def unknown_level():
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET, kind)
        show(name, s.getsockopt, 77, 1)
        show("set", s.setsockopt, 77, 1, 1)


def ipv6_options_of_an_ipv4_socket():
    s = socket.socket()
    show("get", s.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    show("set", s.setsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def v6only():
    s = socket.socket(socket.AF_INET6)
    show("first", s.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    show("set", s.setsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    show("get", s.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    s.bind(("::1", 0))
    show("bound", s.setsockopt, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)


def unicast_hops():
    for kind, name in BOTH:
        s = socket.socket(socket.AF_INET6, kind)
        show(name, s.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)
        for value in (1, 255, -1, 0, 256):
            show("set %d" % value, s.setsockopt, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, value)
            show("get", s.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)


def multicast_ttl():
    s = datagram()
    show("first", s.getsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL)
    for value in (0, 7, 255, 256, -1):
        show("set %d" % value, s.setsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, value)
        show("get", s.getsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL)


def multicast_loop():
    s = datagram()
    show("first", s.getsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP)
    for value in (0, 1, 2):
        show("set %d" % value, s.setsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, value)
        show("get", s.getsockopt, socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP)


def multicast_membership_of_no_group():
    s = datagram()
    group = socket.inet_aton("192.0.2.1") + socket.inet_aton("127.0.0.1")
    show("join", s.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    group = socket.inet_aton("224.1.2.3") + socket.inet_aton("127.0.0.1")
    show("leave", s.setsockopt, socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, group)
    show("short", s.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, b"1234")


def of_a_closed_socket():
    s = socket.socket()
    s.close()
    show("get", s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
    show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def timeouts_as_options():
    s = socket.socket()
    zero = struct.pack("ll", 0, 0)
    show("first", lambda: s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16) == zero)
    half = struct.pack("ll", 3, 500000)
    show("set", s.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, half)
    show("get", lambda: s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16) == half)
    show("microseconds", s.setsockopt, socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 1000000))
    show("short", s.setsockopt, socket.SOL_SOCKET, socket.SO_SNDTIMEO, b"1234")


def rcvtimeo_of_a_blocking_socket():
    c, s = pair()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50000))
    show("recv", s.recv, 10)


def ttl_of_a_connection():
    c, s = pair()
    show("set", c.setsockopt, socket.IPPROTO_IP, socket.IP_TTL, 5)
    show("get", c.getsockopt, socket.IPPROTO_IP, socket.IP_TTL)
    c.send(b"x")
    show("recv", s.recv, 1)


def maxseg_before_connecting():
    s = socket.socket()
    show("positive", lambda: s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) > 0)
